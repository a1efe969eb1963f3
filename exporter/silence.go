package exporter

import (
	"slices"
	"sync"
	"time"
)

// silenceSteps is how many moments a [silence] remembers of the time that it is
// asked for, more or less.
const silenceSteps = 64

// A silence computes since when a device must not have sent anything to be silent.
// What is known of a device is the time of its last message by the clock, and
// clocks jump. So this remembers what the clock showed at moments of which it
// has measured by another clock, which does not jump, how long ago they are: silence is
// time in which the exporter listened. The zero value has not listened yet. Any
// goroutine may call its methods.
type silence struct {
	mu      sync.Mutex
	moments []moment // In their order.
}

// A moment is a time by two clocks: since some beginning by the monotonic one,
// and as the other one showed it.
type moment struct {
	elapsed time.Duration
	wall    time.Time
}

// since returns the time by the clock since which a device must have been silent
// to have been silent for limit, and false if the exporter has not listened for
// so long. Now is the present, after which no other call gets an earlier one.
func (s *silence) since(now moment, limit time.Duration) (t time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The last moment that is long enough ago stays, those before it go.
	for len(s.moments) > 1 && now.elapsed-s.moments[1].elapsed >= limit {
		s.moments = s.moments[1:]
	}
	if n := len(s.moments); n == 0 || now.elapsed-s.moments[n-1].elapsed >= limit/silenceSteps {
		s.moments = append(slices.Clip(s.moments), now)
	}
	if now.elapsed-s.moments[0].elapsed < limit {
		return time.Time{}, false
	}
	// If the clock was set back meanwhile, a device may have sent something at an
	// earlier time than that of the first moment.
	t = now.wall
	for _, m := range s.moments {
		if m.wall.Before(t) {
			t = m.wall
		}
	}
	return t, true
}

// reset forgets that the exporter has listened.
func (s *silence) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moments = nil
}
