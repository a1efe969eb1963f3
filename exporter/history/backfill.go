package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// BackfillOptions sets how a [Backfill] works. Zero values stand for the
// defaults.
type BackfillOptions struct {
	// Config names the devices, as it does for live messages.
	Config ingest.Config
	// DefaultDevice is the device of lines that do not name one.
	DefaultDevice string
	// Interval is the time between two samples of what changes often, such as
	// counts of messages; a minute by default, and at most [MaxInterval].
	Interval time.Duration
	// Refresh is the time after which a series whose value has not changed is
	// sampled again; [MaxInterval] by default, at most that, and at least Interval.
	Refresh time.Duration
	// Labels are added to every series, such as those that Prometheus adds to what
	// it scrapes. Their names must not be those of the table's metrics.
	Labels []samples.Label
	// Window is by how much a line may come too late to be put in order.
	Window time.Duration
	// MaxGap is how far ahead of all lines before it a timestamp is believed at
	// once; see the type jump. After a silence that is longer, series begin anew.
	// Without it, every timestamp is believed, and silence of any length is filled
	// with samples.
	MaxGap time.Duration
	// MaxLineBytes limits the memory of the lines that wait to be put in order,
	// 64 MiB by default.
	MaxLineBytes int
	// Now returns the present time, beyond which no timestamp is believed;
	// time.Now by default.
	Now func() time.Time
}

const (
	// MaxInterval is the longest interval of samples: Prometheus considers a
	// series ended five minutes after its last one.
	MaxInterval = 4 * time.Minute
	// firstYear is the first in which a timestamp is believed. Clocks that were
	// never set show 1970 or 1993.
	firstYear = 2000
	// expireInterval is how often the table drops what has expired.
	expireInterval = time.Hour
)

func (o *BackfillOptions) setDefaults() error {
	o.Interval = cmp.Or(o.Interval, time.Minute)
	o.MaxLineBytes = cmp.Or(o.MaxLineBytes, 64<<20)
	o.Refresh = cmp.Or(o.Refresh, MaxInterval)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Interval < time.Second || o.Interval > MaxInterval {
		return fmt.Errorf("interval %s: must be from 1s to %s, because Prometheus considers a series ended 5m after its last sample", o.Interval, MaxInterval)
	}
	if o.Refresh < o.Interval || o.Refresh > MaxInterval {
		return fmt.Errorf("refresh %s: must be from %s, the interval, to %s, because Prometheus considers a series ended 5m after its last sample", o.Refresh, o.Interval, MaxInterval)
	}
	if o.Window < 0 {
		return fmt.Errorf("window %s: must not be negative", o.Window)
	}
	if o.MaxGap < 0 {
		return fmt.Errorf("max gap %s: must not be negative", o.MaxGap)
	}
	return nil
}

// A BackfillSummary counts what a [Backfill] has read and written. The embedded
// Summary may be read while another goroutine fills it, the rest only afterward.
type BackfillSummary struct {
	Summary
	// Late counts lines that came too late to be put in order, NoTime lines
	// before the first timestamp. Both are dropped.
	Late, NoTime int64
	// BadTime counts lines whose timestamp cannot be right, or is too far ahead of
	// those before it. They took the time of
	// the line before.
	BadTime int64
	// Gaps counts silences that are longer than MaxGap.
	Gaps int64
	// Evicted counts lines that were applied before the window had passed, because
	// the memory for waiting lines was full.
	Evicted int64
	// Refused counts series and devices that a limit of the table refused, once
	// for each message that needed them.
	Refused uint64
	// Samples and Series are what the Sink has taken.
	Samples, Series int64
	// From and To are the times of the first and the last line.
	From, To time.Time
}

// A Backfill turns logs into samples with the times at which the devices wrote
// the lines, as if Prometheus had scraped the exporter then. Its methods must
// not be called by two goroutines at a time.
//
//	Read ──► reorderBuffer ──► ingest.Feed ──► state.Table ──► recorder ──► Sink
//	         lines by time                                     samples by time
type Backfill struct {
	Lines
	Summary BackfillSummary

	opts   BackfillOptions
	buffer reorderBuffer
	latest time.Time // The latest timestamp.
	before time.Time // The time of the line before.
	jump   jump

	table   *state.Table
	feed    *ingest.Feed
	applied position // Of the last applied line.
	due     bool     // A message of that line is sampled at once.
	last    int64    // The time of the last applied line, in nanoseconds.
	next    int64    // The time of the next interval, in nanoseconds.
	expire  int64    // When the table is to drop next what has expired, in nanoseconds.
	history *recorder
}

// NewBackfill returns an empty Backfill for the messages of c. It calls newTable
// once for an empty table for these messages, with the limits and expiries that
// the live table has, and with the given Persist and Now. The samples go to sink,
// which the caller closes.
func NewBackfill(c *catalog.Catalog, newTable func(state.Options) (*state.Table, error), sink Sink, opts BackfillOptions) (*Backfill, error) {
	if err := opts.setDefaults(); err != nil {
		return nil, err
	}
	b := &Backfill{opts: opts}
	var err error
	b.table, err = newTable(state.Options{
		Persist: true, // Otherwise the table does not report what has changed.
		Now:     func() time.Time { return time.Unix(0, b.last) },
	})
	if err != nil {
		return nil, err
	}
	pipeline, err := ingest.New(c, b.table, ingest.Options{})
	if err != nil {
		return nil, err
	}
	pipeline.Configure(opts.Config)
	b.feed = pipeline.NewFeed(ingest.Source{Name: "backfill", Default: opts.DefaultDevice, Clock: lineClock{b}, Each: b.each})
	for _, doc := range b.table.Docs() {
		for _, l := range opts.Labels {
			if slices.Contains(doc.Labels, l.Name) {
				return nil, fmt.Errorf("label %s: %s has a label of this name", l.Name, doc.Name)
			}
		}
	}
	b.history = newRecorder(c, b.table, sink, &b.opts)
	return b, nil
}

// Table returns the table, which belongs to the Backfill.
func (b *Backfill) Table() *state.Table { return b.table }

// lineClock makes the time of the line that is applied the time of its receipt.
type lineClock struct{ *Backfill }

func (c lineClock) Receipt([]byte, *syslog.Parser, *syslog.Header) (time.Time, ingest.Relation) {
	return time.Unix(0, c.last), ingest.Later
}

// Read reads the lines of a log. Logs that are read one after the other are one
// stream. Modified is when the log was last written to: it gives the year if the
// first timestamp of the stream does not, and its location is that of timestamps
// without a time zone. Read ends early, with ctx's error, when ctx is done.
func (b *Backfill) Read(ctx context.Context, log io.Reader, modified time.Time) error {
	return b.read(ctx, log, func(text []byte, bad syslog.Reason) error {
		parser, header, reason := b.feed.Peek(text)
		if bad != syslog.OK {
			reason = bad
		}
		if reason != syslog.OK {
			b.count(&b.at, &ingest.Result{Bytes: text, Reason: reason})
			return nil
		}
		at, ok := b.timestamp(parser, header, modified)
		return b.order(ctx, text, at, ok)
	}, func() { b.counts.addTo(&b.Summary.Summary) })
}

// order puts a line in order by its timestamp, if that is ok.
func (b *Backfill) order(ctx context.Context, text []byte, at time.Time, ok bool) error {
	switch {
	case !ok && b.before.IsZero():
		b.Summary.NoTime++
		b.skip(b.at, unreadNoTime, text)
		return nil
	case !ok: // It has the time of the line before.
	case b.isJump(at):
		return b.hold(ctx, at, text)
	case !b.isLate(at):
		if err := b.endJump(ctx, false); err != nil {
			return err
		}
		b.before = at
	default:
		b.before = at
	}
	return b.push(ctx, b.before, text, b.at)
}

// isLate reports whether a time has passed too long ago for a line to be put in
// order.
func (b *Backfill) isLate(at time.Time) bool {
	return at.Before(b.latest.Add(-b.opts.Window)) || at.UnixNano() < b.last
}

// push puts a line in the buffer, and applies the lines that leave it.
func (b *Backfill) push(ctx context.Context, at time.Time, text []byte, from position) error {
	if b.isLate(at) {
		b.Summary.Late++
		b.skip(from, unreadLate, text)
		return nil
	}
	if at.After(b.latest) {
		b.latest = at
	}
	b.buffer.push(at.UnixNano(), text, from)
	for oldest := b.latest.Add(-b.opts.Window).UnixNano(); b.buffer.len() > 0 && b.buffer.first() < oldest; {
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return err
		}
	}
	for b.buffer.bytes > b.opts.MaxLineBytes {
		b.Summary.Evicted++
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return err
		}
	}
	return nil
}

// timestamp returns the time in a header that p has parsed, and whether there is one
// that can be right.
func (b *Backfill) timestamp(p *syslog.Parser, h *syslog.Header, modified time.Time) (at time.Time, ok bool) {
	if b.latest.IsZero() {
		// A log has nothing that was written after it.
		at, ok = ingest.TimestampBefore(p, h, modified, modified.Add(ingest.MaxClockLead))
	} else {
		at, _, ok = p.Time(h, b.latest.In(modified.Location()))
	}
	if ok && (at.Year() < firstYear || at.After(b.opts.Now().Add(ingest.MaxClockLead))) {
		b.Summary.BadTime++
		return time.Time{}, false
	}
	return at, ok
}

// apply applies a line to the table, and takes the samples that are due before
// and after it.
func (b *Backfill) apply(ctx context.Context, l *line) error {
	if b.last == 0 {
		b.Summary.From = time.Unix(0, l.at)
		b.next = b.interval(l.at)
		b.expire = l.at + int64(expireInterval)
	}
	silent := b.last != 0 && b.opts.MaxGap > 0 && l.at-b.last > int64(b.opts.MaxGap)
	if silent {
		b.Summary.Gaps++
	}
	for b.next < l.at {
		if err := ctx.Err(); err != nil {
			return err // Without MaxGap, a log may be silent for years.
		}
		if err := b.sample(b.next); err != nil {
			return err
		}
		b.next += int64(b.opts.Interval)
		if silent {
			b.next = max(b.next, b.interval(l.at))
		}
	}
	b.last, b.applied = l.at, l.from
	b.due = false
	b.feed.Begin(time.Unix(0, l.at))
	b.feed.Frame(l.text, len(l.text), netip.Addr{}, syslog.OK)
	b.feed.End()
	b.counts.addTo(&b.Summary.Summary)
	if b.due {
		return b.history.take(l.at)
	}
	return nil
}

// each counts a message that was applied, and decides whether samples are due after
// its line.
func (b *Backfill) each(r *ingest.Result) {
	b.count(&b.applied, r)
	if r.Reason == syslog.OK && r.Outcome == catalog.Matched && b.history.sampledAtOnce(r.Message.Entry.ID) {
		b.due = true
	}
}

// interval returns the time of the first interval that is not before a time, in
// nanoseconds.
func (b *Backfill) interval(at int64) int64 {
	interval := int64(b.opts.Interval)
	return (at + interval - 1) / interval * interval
}

// sample takes the samples of an interval at the time at, in nanoseconds.
func (b *Backfill) sample(at int64) error {
	if err := b.history.sample(at); err != nil {
		return err
	}
	if at >= b.expire {
		b.expire = at + int64(expireInterval)
		b.expireAll()
	}
	return nil
}

// expireAll makes the table drop what has expired, which it does when it is
// shown.
func (b *Backfill) expireAll() { b.table.Expose(false).Release() }

// Finish ends the stream and gives the last samples to the Sink. It is an error if
// no line had a time. Finish ends early, with ctx's error, when ctx is done. It
// must be called only once.
func (b *Backfill) Finish(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.endJump(ctx, false); err != nil {
		return err
	}
	for b.buffer.len() > 0 {
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return err
		}
	}
	b.table.Rejected(func(_ string, n uint64) { b.Summary.Refused += n })
	if b.last == 0 && b.Summary.BadTime > 0 {
		return fmt.Errorf("no line has a time that can be right: %d are from before %d or from the future; check the clocks of the devices and of this machine", b.Summary.BadTime, firstYear)
	}
	if b.last == 0 {
		return errors.New("no line has both a time and the tag of a message; try explain with some of the lines")
	}
	b.Summary.To = time.Unix(0, b.last)
	if err := b.sample(b.last); err != nil {
		return err
	}
	if err := b.history.resample(b.last, milliseconds(b.last)); err != nil {
		return err
	}
	b.Summary.Samples, b.Summary.Series = b.history.samples, int64(b.history.series)
	return nil
}
