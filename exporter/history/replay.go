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
	// located has the latest time of each device whose time zone is configured.
	located map[string]*time.Time
}

// Now returns the time within the log.
func (c *Clock) Now() time.Time {
	if c.latest.IsZero() {
		return time.Now()
	}
	return c.latest
}

// Receipt implements [ingest.Clock]. Time within a log does not go back: a line
// out of order has the latest time. Among lines of devices whose time zone is
// configured, those of one device are meant: the clocks of others may have been read
// in a wrong one.
func (c *Clock) Receipt(device []byte, p *syslog.Parser, h *syslog.Header) (time.Time, ingest.Relation) {
	now := c.Now()
	t, ok := ingest.TimestampBefore(p, h, now, c.limit)
	if !ok {
		return now, ingest.Later
	}
	latest := &c.latest
	if h.Location != nil && !h.Origin.Zoned {
		latest = c.ofDevice(device)
	}
	if t.After(*latest) {
		*latest = t
	}
	if t = *latest; t.After(c.latest) {
		c.latest = t
	}
	return t, ingest.Later
}

// ofDevice returns where the latest time of a device is kept.
func (c *Clock) ofDevice(device []byte) *time.Time {
	if t := c.located[string(device)]; t != nil {
		return t
	}
	if len(c.located) >= maxDevices {
		return &c.latest
	}
	if c.located == nil {
		c.located = map[string]*time.Time{}
	}
	t := new(time.Time)
	c.located[string(device)] = t
	return t
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
func NewReplay(p *ingest.Pipeline, defaultDevice string, clock *Clock) *Replay {
	r := &Replay{clock: clock}
	r.feed = p.NewFeed(ingest.Source{Name: "replay", Default: defaultDevice, Clock: clock, Each: func(result ingest.Result) { r.count(r.at, &result) }})
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
