// Package history reads logs of the past. [Replay] takes the lines of a log to
// the table as if they had just arrived. A [Backfill] turns them into samples with
// the times of the lines, for Prometheus.
//
// Both go through package ingest, so that the lines of a log belong to the same
// devices as the messages of a socket. [Open] opens a log, compressed or not.
//
// It imports ingest, syslog, state and catalog, and a library for zstd. The
// commands replay and backfill call it, and package exporter for the logs that it
// reads at its start.
package history

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// A Summary counts lines. Another goroutine may read it while it is filled.
type Summary struct {
	// Lines counts all lines. Each is one of the others.
	Lines, Matched, Unmatched, Uncatalogued atomic.Int64
	Rejected                                [syslog.NumReasons]atomic.Int64
}

// A Clock is the time within a log: the latest timestamp that a line has had, or
// the real time before the first. It implements [ingest.Clock]. Its zero value is
// ready for use. It must not be used by two goroutines at a time.
type Clock struct{ latest, limit time.Time }

// Now returns the time within the log.
func (c *Clock) Now() time.Time {
	if c.latest.IsZero() {
		return time.Now()
	}
	return c.latest
}

// Receipt returns the time of a line. Time within a log does not go back: a line
// that is out of order, or has no timestamp, has the latest time.
func (c *Clock) Receipt(p *syslog.Parser, h *syslog.Header) time.Time {
	if c.limit.IsZero() {
		c.limit = time.Now().Add(ingest.MaxClockLead)
	}
	now := c.Now()
	t, ok := ingest.TimestampBefore(p, h, now, c.limit)
	if !ok {
		return now
	}
	if t.After(c.latest) {
		c.latest = t
	}
	return c.latest
}

// batch is how many lines are counted at a time: often enough for a progress
// line.
const batch = 1024

// Replay reads the lines of r into feed, and adds to sum. It ends early, with an
// error, when ctx is done.
func Replay(ctx context.Context, r io.Reader, feed *ingest.Feed, sum *Summary) error {
	var outcomes [catalog.Matched + 1]int64
	flush := func() {
		feed.End()
		sum.Uncatalogued.Add(outcomes[catalog.UnknownID])
		sum.Unmatched.Add(outcomes[catalog.Unmatched])
		sum.Matched.Add(outcomes[catalog.Matched])
		sum.Lines.Add(outcomes[catalog.UnknownID] + outcomes[catalog.Unmatched] + outcomes[catalog.Matched])
		clear(outcomes[:])
	}
	defer flush()
	lines := syslog.NewLineReader(r, ingest.MaxFrame)
	for n := 0; ; n++ {
		if n%batch == 0 {
			flush()
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			feed.Begin(time.Now())
		}
		line, reason, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if reason = feed.Frame(line, len(line), netip.Addr{}, reason); reason != syslog.OK {
			sum.Lines.Add(1)
			sum.Rejected[reason].Add(1)
			continue
		}
		outcome, _ := feed.Outcome()
		outcomes[outcome]++
	}
}
