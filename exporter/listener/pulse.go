package listener

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A pulse shows from outside whether a loop still turns. The zero pulse is of a
// loop that has not begun.
type pulse struct {
	beats atomic.Uint64

	mu   sync.Mutex
	wake func() // Ends what the loop waits for; nil before it begins and after it ends.
}

// begin says that the loop begins, and how to wake it.
func (p *pulse) begin(wake func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake = wake
}

// end says that the loop ends. After it, nothing calls wake.
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
