package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Set is a changing set of listeners. All methods may be called by any number
// of goroutines at a time.
type Set struct {
	options        Options
	metrics        *metrics
	maxConnections atomic.Int64 // Of each listener.
	failed         chan error

	mu      sync.Mutex
	running map[string]*running // By [Config.Address].
	pending *Change             // Has been prepared, and neither committed nor aborted.
	stopped bool
}

// A receiver reads from a socket.
type receiver interface {
	// serve reads until ctx is done, then reads what has already arrived,
	// closes the socket and returns nil. It returns an error only if the socket
	// is lost. It is called once.
	serve(ctx context.Context) error
	// configure applies a new configuration of the listener. Pair is nil unless
	// the listener needs one.
	configure(c Config, pair *keypair)
	// stats sets the receiver's part of s.
	stats(s *Stats)
	// probe wakes the loops that serve runs, and returns a function that reports
	// whether each has turned since.
	probe() (passed func() bool)
}

type running struct {
	receiver
	socket *socket
	stop   context.CancelFunc
	done   chan struct{}
}

// NewSet returns an empty set. It returns an error if o.Metrics refuses the
// metrics of the listeners.
func NewSet(o Options) (*Set, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Set{options: o, metrics: newMetrics(), failed: make(chan error, 1), running: map[string]*running{}}
	if err := s.metrics.register(o.Metrics); err != nil {
		return nil, fmt.Errorf("register the metrics of listeners: %w", err)
	}
	return s, nil
}

// start receives on a socket. The caller must hold s.mu.
func (s *Set) start(o *socket) {
	name := o.config.Address
	s.options.Logger.Info("Receiving syslog", "listener", name, "address", o.bound.String(), "inherited", o.inherited)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{receiver: s.newReceiver(o), socket: o, stop: cancel, done: make(chan struct{})}
	s.running[name] = r
	go func() {
		defer close(r.done)
		if err := r.serve(ctx); err != nil {
			select {
			case s.failed <- fmt.Errorf("listener %s: %w", name, err):
			default: // One is enough to end the process.
			}
		}
	}()
}

func (s *Set) newReceiver(o *socket) receiver {
	if o.stream != nil {
		return s.newStreamReceiver(o)
	}
	return s.newDatagramReceivers(o)
}

// logger returns the logger of a listener.
func (s *Set) logger(name string) *slog.Logger { return s.options.Logger.With("listener", name) }

// stopAll stops listeners at the same time and waits for all of them.
func stopAll(all map[string]*running) {
	for _, r := range all {
		r.stop()
	}
	for _, r := range all {
		<-r.done
	}
}

// Stats returns what is known about the listeners, sorted by name.
func (s *Set) Stats() []Stats {
	s.mu.Lock()
	present := maps.Clone(s.running)
	s.mu.Unlock()
	drops := map[string]dropReport{}
	for _, d := range s.metrics.drops.report() {
		drops[d.name] = d
	}
	all := make([]Stats, 0, len(present))
	for name, r := range present {
		stats := Stats{Name: name, Address: r.socket.bound.String(), Stream: r.socket.stream != nil}
		if d, ok := drops[name]; ok {
			stats.DropsKnown, stats.Dropped, stats.ReceiveBuffer = true, d.dropped, int(d.buffer)
		}
		r.stats(&stats)
		all = append(all, stats)
	}
	slices.SortFunc(all, func(a, b Stats) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// probePause is how often a probe looks whether a loop has turned.
const probePause = 5 * time.Millisecond

// Probe passes through the loops that receive: it wakes those that wait, and
// returns when each has turned. A connection, or a log, in the middle of
// something must get on. If one does not until ctx is done, the error states which.
func (s *Set) Probe(ctx context.Context) error {
	ticker := time.NewTicker(probePause)
	defer ticker.Stop()
	for !s.mu.TryLock() { // It is held while listeners are closed.
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.New("a change of the listeners does not end")
		}
	}
	present := maps.Clone(s.running)
	s.mu.Unlock()
	waiting := map[string]func() bool{}
	for name, r := range present {
		waiting[name] = r.probe()
	}
	for {
		for name, passed := range waiting {
			if present[name].ended() || passed() {
				delete(waiting, name)
			}
		}
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("listeners are stuck: %s", strings.Join(slices.Sorted(maps.Keys(waiting)), ", "))
		}
	}
}

// ended reports whether the listener is closed.
func (r *running) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Failed returns a channel that receives an error if a listener loses its
// socket.
func (s *Set) Failed() <-chan error { return s.failed }

// Stop reads what has arrived and closes all listeners, at the same time. The set
// cannot be used again.
func (s *Set) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.pending = true, nil
	stopAll(s.running)
	clear(s.running)
}

// A pulse shows from outside whether a loop still turns. The zero pulse is of a
// loop that has not begun.
type pulse struct {
	beats atomic.Uint64

	mu   sync.Mutex
	wake func() // Ends what the loop waits for; nil before it begins and after it ends.
}

// begin means that the loop begins, and how to wake it.
func (p *pulse) begin(wake func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake = wake
}

// end means that the loop ends. After it, nothing calls wake.
func (p *pulse) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake = nil
}

// beat is called by the loop each time that it turns.
func (p *pulse) beat() { p.beats.Add(1) }

// wakeUp wakes the loop if it waits.
func (p *pulse) wakeUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wake != nil {
		p.wake()
	}
}

// probe wakes the loop and returns a function that reports whether it has turned
// since.
func (p *pulse) probe() (passed func() bool) {
	before := p.beats.Load()
	p.wakeUp()
	return func() bool { return p.beats.Load() != before }
}

// allOf returns a function that reports whether all have once returned true.
func allOf(all []func() bool) func() bool {
	return func() bool {
		all = slices.DeleteFunc(all, func(passed func() bool) bool { return passed() })
		return len(all) == 0
	}
}
