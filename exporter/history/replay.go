package history

import (
	"context"
	"io"
	"net/netip"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// A Clock is the time within a log: the latest timestamp that a line has had, or
// the present before the first. The zero Clock is ready for use. It belongs to
// one goroutine.
type Clock struct {
	latest time.Time
	limit  time.Time // What no timestamp can be beyond.
	table  Heard
}

// Heard is a [state.Table] as the memory of when devices sent messages.
type Heard interface {
	// Heard returns the times of the first and the last message that the table has
	// of a device, and false if it has none.
	Heard(device string) (first, last time.Time, ok bool)
}

// Now returns the time within the log.
func (c *Clock) Now() time.Time {
	if c.latest.IsZero() {
		return time.Now()
	}
	return c.latest
}

// Receipt implements [ingest.Clock]. The time of a device does not go back: a line
// that is older than another line of its device has the time of that. One without a
// timestamp has the latest time.
func (c *Clock) Receipt(device []byte, p *syslog.Parser, h *syslog.Header) (time.Time, ingest.Relation) {
	now := c.Now()
	t, ok := ingest.TimestampBefore(p, h, now, c.limit)
	switch {
	case !ok:
		return now, ingest.Later
	case !t.Before(c.latest):
		c.latest = t
	default: // The log of another device may begin earlier.
		if _, last, ok := c.table.Heard(string(device)); ok && last.After(t) {
			t = last
		}
	}
	return t, ingest.Later
}

// A Replay reads logs into a table as if the devices had sent the lines. Its
// methods must not be called by two goroutines at a time.
type Replay struct {
	Lines
	// Summary counts the lines of all logs.
	Summary Summary

	feed  *ingest.Feed
	clock *Clock
}

// NewReplay returns a Replay into the table of p, whose metrics count the lines
// under the listener "replay". Lines that do not name a device belong to
// defaultDevice. The timestamps of the lines are their times of receipt; clock must
// be the clock of the table.
func NewReplay(p *ingest.Pipeline, table Heard, defaultDevice string, clock *Clock) *Replay {
	clock.table = table
	r := &Replay{clock: clock}
	r.feed = p.NewFeed(ingest.Source{Name: "replay", Default: defaultDevice, Clock: clock, Each: func(result *ingest.Result) { r.count(&r.at, result) }})
	return r
}

// Read reads the lines of a log to its end. It ends early, with ctx's error, when
// ctx is done.
func (r *Replay) Read(ctx context.Context, log io.Reader) error {
	begin := func() {
		now := time.Now()
		r.clock.limit = now.Add(ingest.MaxClockLead)
		r.feed.Begin(now)
	}
	begin()
	return r.read(ctx, log, func(text []byte, bad syslog.Reason) error {
		r.feed.Frame(text, len(text), netip.Addr{}, bad)
		return nil
	}, func() {
		r.feed.End()
		r.counts.addTo(&r.Summary)
		begin()
	})
}
