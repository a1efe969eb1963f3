package exporter

import (
	"context"
	"errors"
	"sync"
	"time"
)

var (
	// errStillRunning is for those who do not wait for a reload any longer.
	errStillRunning = errors.New("the configuration is still being loaded")
	errStopping     = errors.New("the exporter is stopping; the configuration is not loaded any more")
)

// A reloader runs reloads, one at a time, each in a goroutine of its own. Whoever
// asks for one while another runs gets the next, which all of them share: it
// begins after they have asked, so it has the file that they mean. All methods may
// be called from any goroutine, start and stop once.
type reloader struct {
	reload   func(context.Context, extent) error
	stopping chan struct{} // Closed when nobody waits any longer.
	endOnce  sync.Once

	mu            sync.Mutex
	ctx           context.Context // For reload; nil before start.
	running, next *attempt
}

// An extent is what a reload loads.
type extent int

const (
	onlyDevices extent = iota // The files with devices.
	everything                // The configuration file, and they.
)

// An attempt is a reload that runs, will run, or has run.
type attempt struct {
	extent extent        // The largest that was asked for.
	done   chan struct{} // Closed when it has ended, and err is set.
	err    error
}

// newReloader returns a reloader that does not run anything before start.
func newReloader(reload func(context.Context, extent) error) *reloader {
	return &reloader{reload: reload, stopping: make(chan struct{})}
}

// do runs a reload that begins after the call and loads what is asked for or more,
// and returns its error. It returns earlier if ctx is done, or the context of start;
// the reload goes on.
func (r *reloader) do(ctx context.Context, what extent) error {
	a := r.ask(what)
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return errStillRunning
	case <-r.stopping:
		return errStopping
	}
}

func (r *reloader) ask(what extent) *attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = &attempt{done: make(chan struct{})}
	}
	a := r.next
	a.extent = max(a.extent, what)
	r.begin()
	return a
}

// start lets reloads begin, until ctx is done.
func (r *reloader) start(ctx context.Context) {
	context.AfterFunc(ctx, r.end)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = ctx
	r.begin()
}

// begin begins the next reload, unless it has to wait. The caller holds the lock.
func (r *reloader) begin() {
	if r.next == nil || r.running != nil || r.ctx == nil || r.ctx.Err() != nil {
		return
	}
	ctx, a := r.ctx, r.next
	r.running, r.next = a, nil
	go func() {
		a.err = r.reload(ctx, a.extent)
		close(a.done)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running = nil
		r.begin()
	}()
}

// end lets nobody wait any longer.
func (r *reloader) end() { r.endOnce.Do(func() { close(r.stopping) }) }

// stop lets no more reloads begin, and waits for one that runs, but not longer than
// limit. The context of start is done, if it was called.
func (r *reloader) stop(limit time.Duration) {
	r.end()
	r.mu.Lock()
	a := r.running
	r.mu.Unlock()
	if a == nil {
		return
	}
	select {
	case <-a.done:
	case <-time.After(limit):
	}
}
