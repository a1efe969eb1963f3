package web

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// places bounds how many answers of a kind are made at a time. If all places are
// taken, a request waits for one, and takes it from the client that has kept its
// answer waiting longest: readers that are slow, on purpose or not, are not in
// the way of others.
type places struct {
	limits
	max int

	mu    sync.Mutex // May be held when a place's is locked, not the other way round.
	taken map[*place]struct{}
	freed chan struct{} // Closed and replaced when a place becomes free.
}

func newPlaces(n int, l limits) *places {
	return &places{limits: l, max: n, taken: map[*place]struct{}{}, freed: make(chan struct{})}
}

// take returns a place for the answer to a request. If none becomes free in time,
// it answers by itself, states when to come again, and returns nil. The caller frees
// the place.
func (p *places) take(w http.ResponseWriter, r *http.Request) *place {
	pl := &place{ResponseWriter: w, places: p, control: http.NewResponseController(w)}
	end := time.Now().Add(p.queue)
	for {
		freed, ok := p.try(pl)
		if ok {
			pl.end = time.Now().Add(p.write)
			return pl
		}
		left := time.Until(end)
		if left <= 0 {
			w.Header().Set("Retry-After", "1")
			return nil
		}
		timer := time.NewTimer(min(left, p.patience/8))
		select {
		case <-freed:
		case <-timer.C: // A client may have been slow for long enough meanwhile.
		case <-r.Context().Done():
			end = time.Time{} // Nobody reads the answer.
		}
		timer.Stop()
	}
}

// try takes a place, if need be that of the slowest client. Otherwise it returns
// what is closed when a place becomes free.
func (p *places) try(pl *place) (freed <-chan struct{}, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.taken) >= p.max {
		now := time.Now()
		var slowest *place
		longest := p.patience
		for other := range p.taken {
			if waited := other.waitedUntil(now); waited >= longest {
				slowest, longest = other, waited
			}
		}
		if slowest == nil {
			return p.freed, false
		}
		delete(p.taken, slowest)
		slowest.cut()
	}
	p.taken[pl] = struct{}{}
	return nil, true
}

// handle bounds the requests that h answers. An answer that the client does not
// read is ended so that it does not look complete.
func (p *places) handle(h http.HandlerFunc, refuse func(w http.ResponseWriter, status int, format string, args ...any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pl := p.take(w, r)
		if pl == nil {
			refuse(w, http.StatusServiceUnavailable, tooMany, p.max)
			return
		}
		defer pl.free()
		h(pl, r)
		if pl.failed {
			panic(http.ErrAbortHandler)
		}
	}
}

// tooMany is the answer to a request that gets no place.
const tooMany = "Limit of concurrent requests reached (%d), try again later."

func refuseText(w http.ResponseWriter, status int, format string, args ...any) {
	http.Error(w, fmt.Sprintf(format, args...), status)
}

// A place is the right to make an answer, and writes it. A write fails if the
// client does not read: if nothing can be written for the time stall, if the
// answer is not complete at its end, or if somebody else has the place.
type place struct {
	http.ResponseWriter
	places  *places
	control *http.ResponseController
	end     time.Time
	failed  bool  // A write has failed.
	written int64 // In bytes.

	mu     sync.Mutex
	lost   bool          // To another request, or free.
	since  time.Time     // When the write began that is waiting, if one is.
	waited time.Duration // For the client, in writes that have ended.
}

var errPlaceLost = errors.New("the client read too slowly, and another one needed its place")

// Write implements [http.ResponseWriter].
func (pl *place) Write(b []byte) (int, error) {
	if err := pl.begin(); err != nil {
		pl.failed = true
		return 0, err
	}
	n, err := pl.ResponseWriter.Write(b)
	pl.failed = pl.failed || err != nil
	pl.written += int64(n)
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.waited += time.Since(pl.since)
	pl.since = time.Time{}
	return n, err
}

// begin sets the deadline of a write.
func (pl *place) begin() error {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if pl.lost {
		return errPlaceLost
	}
	pl.since = time.Now()
	deadline := pl.since.Add(pl.places.stall)
	if deadline.After(pl.end) {
		deadline = pl.end
	}
	return pl.control.SetWriteDeadline(deadline)
}

// waitedUntil returns how long the answer has waited for its client.
func (pl *place) waitedUntil(now time.Time) time.Duration {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if pl.since.IsZero() {
		return pl.waited
	}
	return pl.waited + now.Sub(pl.since)
}

// cut ends the write that is waiting, and lets no other begin.
func (pl *place) cut() {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if !pl.lost { // Otherwise the connection may have another request already.
		pl.lost = true
		_ = pl.control.SetWriteDeadline(time.Now()) // It fails only if the client has gone.
	}
}

// free gives the place back. The place must not be written to any more.
func (pl *place) free() {
	pl.mu.Lock()
	pl.lost = true
	pl.mu.Unlock()
	p := pl.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.taken[pl]; ok {
		delete(p.taken, pl)
		close(p.freed)
		p.freed = make(chan struct{})
	}
}
