package exporter

import (
	"testing"
	"time"
)

// A clocks pair is what a machine shows: the one clock goes on, the other jumps.
type clocks struct{ now moment }

func (c *clocks) pass(d time.Duration) {
	c.now.elapsed += d
	c.now.wall = c.now.wall.Add(d)
}

func (c *clocks) jump(d time.Duration) { c.now.wall = c.now.wall.Add(d) }

const month = 720 * time.Hour

// run asks each minute for some time, and reports whether a device that was received
// at a time is ever silent for a month.
func (c *clocks) run(s *silence, d time.Duration, heard time.Time) (silent bool) {
	for range d / time.Minute {
		if since, ok := s.since(c.now, month); ok && heard.Before(since) {
			silent = true
		}
		c.pass(time.Minute)
	}
	return silent
}

func newClocks() *clocks { return &clocks{moment{0, time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)}} }

// What was not said while the exporter was off is not a silence.
func TestSilenceIsTimeInWhichTheExporterListened(t *testing.T) {
	c := newClocks()
	var s silence
	before := c.now.wall.Add(-2 * month)
	if c.run(&s, month, before) {
		t.Error("silent before the exporter has listened for so long")
	}
	if !c.run(&s, time.Hour, before) {
		t.Error("not silent after the exporter has listened for so long")
	}
	if c.run(&s, month/2, c.now.wall) {
		t.Error("silent after half of the time")
	}
	if n := len(s.moments); n > 2*silenceSteps {
		t.Errorf("%d moments are remembered", n)
	}
}

// Without jumps, silence begins when it should, a little late at most.
func TestSilenceIsExact(t *testing.T) {
	c := newClocks()
	var s silence
	c.run(&s, 2*month, c.now.wall)
	heard := c.now.wall
	if c.run(&s, month-time.Minute, heard) {
		t.Error("silent too early")
	}
	if !c.run(&s, month/30, heard) {
		t.Error("silent too late")
	}
}

// A jump of the clock, for a moment or for good, makes nobody silent.
func TestSilenceAndJumpsOfTheClock(t *testing.T) {
	for name, jumps := range map[string][]time.Duration{
		"ahead":               {40 * 24 * time.Hour},
		"ahead and back":      {40 * 24 * time.Hour, -40 * 24 * time.Hour},
		"back":                {-40 * 24 * time.Hour},
		"back and ahead":      {-40 * 24 * time.Hour, 40 * 24 * time.Hour},
		"from 1970 to today":  {-56 * 365 * 24 * time.Hour, 56 * 365 * 24 * time.Hour},
		"ahead by ten years":  {3650 * 24 * time.Hour},
		"ahead again, as far": {40 * 24 * time.Hour, 40 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClocks()
			var s silence
			c.run(&s, 2*month, c.now.wall)
			for _, jump := range jumps {
				heard := c.now.wall
				c.jump(jump)
				if c.run(&s, time.Minute, heard) {
					t.Fatal("a device that was heard a minute ago is silent")
				}
			}
			heard := c.now.wall // It sends again once, after all jumps.
			if c.run(&s, month-time.Hour, heard) {
				t.Error("silent too early")
			}
			if !c.run(&s, 2*month+80*24*time.Hour, heard) {
				t.Error("never silent again")
			}
		})
	}
}

// A limit that is changed by a reload holds from then on.
func TestSilenceOfAnotherLimit(t *testing.T) {
	c := newClocks()
	var s silence
	for range 100 {
		s.since(c.now, time.Hour)
		c.pass(time.Minute)
	}
	if _, ok := s.since(c.now, time.Hour); !ok {
		t.Error("has not listened for an hour")
	}
	if _, ok := s.since(c.now, month); ok {
		t.Error("has listened for a month")
	}
	if since, ok := s.since(c.now, time.Minute); !ok || since.After(c.now.wall.Add(-time.Minute)) {
		t.Errorf("has not listened for a minute: %v", since)
	}
}
