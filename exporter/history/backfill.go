package history

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// BackfillOptions sets how a [Backfill] works. Zero values stand for the
// defaults.
type BackfillOptions struct {
	// Interval is the time between two samples of values that change often, such
	// as counts of messages; a minute by default, and at most [MaxInterval].
	Interval time.Duration
	// Window is by how much a line may come too late to be put in order.
	Window time.Duration
	// Default names the device of a line that does not name one.
	Default string
	// Ingest names the devices, and says what does not count.
	Ingest ingest.Config
	// Limits bound the table; [state.DefaultLimits] by default.
	Limits state.Limits
	// Expiry is how long the gauges of a collector are shown after their last
	// report; [state.DefaultExpiry] for those that it does not have.
	Expiry map[string]time.Duration
	// Dir is where the temporary file is made; the system's by default.
	Dir string
	// Now returns the present time, which no line of a log can be after;
	// [time.Now] by default.
	Now func() time.Time
}

const (
	// MaxInterval is the longest interval of samples: to Prometheus, a series has
	// ended five minutes after its last one.
	MaxInterval = 4 * time.Minute
	// firstYear is the first in which a timestamp is trusted. Clocks that were
	// never set show 1970 or 1993.
	firstYear = 2000
	// expiryInterval is how often the table drops what has expired.
	expiryInterval = time.Hour
)

func (o *BackfillOptions) setDefaults() error {
	o.Interval = cmp.Or(o.Interval, time.Minute)
	if o.Interval < time.Second || o.Interval > MaxInterval {
		return fmt.Errorf("interval %s: must be from 1s to %s, because to Prometheus a series has ended 5m after its last sample", o.Interval, MaxInterval)
	}
	if o.Window < 0 {
		return fmt.Errorf("window %s: must not be negative", o.Window)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// BackfillSummary counts what a [Backfill] has read and written. The embedded
// Summary may be read while another goroutine fills it, the rest only afterward.
type BackfillSummary struct {
	Summary
	// Late counts lines that came too late to be put in order, NoTime the lines
	// before the first timestamp. Both are dropped.
	Late, NoTime int64
	// BadTime counts lines whose timestamp cannot be right. They took the time of
	// the line before.
	BadTime int64
	// Evicted counts lines that were put in order within less than the window,
	// because too many waited.
	Evicted int64
	// Refused counts series and devices that a limit of the table refused, once
	// for each message that wanted them.
	Refused uint64
	// Samples and Series are what was written.
	Samples, Series int64
	// From and To are the times of the first and the last line.
	From, To time.Time
}

// A Backfill turns logs into samples with the times at which the devices wrote
// the lines, as if Prometheus had scraped the exporter then. Its methods must
// not be called by two goroutines at a time.
//
// What a message reports of hardware or capacity is sampled at the time of the
// message, so that nothing is lost between two intervals. Metrics that merely
// count messages are sampled at full intervals. A sample that equals the one
// before it is left out as long as Prometheus remembers that one. A counter begins
// with a sample of 0, so that its first event is visible as an increase.
//
// Two samples of a series at the same time are set a millisecond apart, in the
// order of the lines: most timestamps are in full seconds.
type Backfill struct {
	Summary BackfillSummary

	opts    BackfillOptions
	catalog *catalog.Catalog
	table   *state.Table
	feed    *ingest.Feed

	// Of the lines as they are read.
	parser syslog.Parser
	header syslog.Header
	buffer reorderBuffer
	latest time.Time // The latest timestamp.
	before time.Time // The time of the line before.

	// Of the lines as they are applied, in nanoseconds.
	last   int64 // The time of the last line.
	next   int64 // The time of the next interval.
	expire int64 // When the table next drops what has expired.

	families []*family
	byName   map[string]*family
	// devices has the series by device and key of the record, info has the
	// series of ftd_message_info.
	devices map[string]map[string]*series
	info    map[uint32]*series
	// feeds has the ids of the messages that report hardware or capacity.
	feeds map[uint32]bool
	// pending are series to look at in the next interval. Alive are those that
	// have not ended, the one with the oldest sample first.
	pending []*series
	alive   list.List
	samples sampleFile
}

// NewBackfill returns an empty Backfill for the messages of c. It owns a
// temporary file until Close is called.
func NewBackfill(c *catalog.Catalog, opts BackfillOptions) (*Backfill, error) {
	if err := opts.setDefaults(); err != nil {
		return nil, err
	}
	b := &Backfill{
		opts:    opts,
		catalog: c,
		byName:  map[string]*family{},
		devices: map[string]map[string]*series{},
		info:    map[uint32]*series{},
		feeds:   map[uint32]bool{},
	}
	var err error
	b.table, err = state.New(c, collectors.All(), state.Options{
		Limits:  opts.Limits,
		Persist: true, // Without it the table does not report changes.
		Now:     func() time.Time { return time.Unix(0, b.last) },
	})
	if err != nil {
		return nil, err
	}
	if err := b.table.SetExpiry(opts.Expiry); err != nil {
		return nil, err
	}
	pipeline, err := ingest.New(c, b.table, ingest.Options{})
	if err != nil {
		return nil, err
	}
	pipeline.Configure(opts.Ingest)
	b.feed = pipeline.NewFeed(ingest.Source{Name: "backfill", Default: opts.Default, Clock: appliedTime{b}})
	for _, doc := range b.table.Docs() {
		f := &family{MetricDoc: doc}
		b.families = append(b.families, f)
		b.byName[f.Name] = f
		for _, id := range f.IDs {
			b.feeds[id] = true
		}
	}
	b.samples.file, err = os.CreateTemp(opts.Dir, "ftd_exporter-backfill-*.tmp")
	return b, err
}

// appliedTime is the clock of the lines that are being applied.
type appliedTime struct{ *Backfill }

func (b appliedTime) Receipt(*syslog.Parser, *syslog.Header) time.Time { return time.Unix(0, b.last) }

// Close removes the temporary file.
func (b *Backfill) Close() error {
	return errors.Join(b.samples.file.Close(), os.Remove(b.samples.file.Name()))
}

// Read reads the lines of a log. Logs that are read one after the other are one
// stream. Modified is when the log was last written to: it tells the year if the
// first timestamp of the stream does not, and its location is the time zone of
// timestamps without one. Read ends early, with ctx's error, when ctx is done.
func (b *Backfill) Read(ctx context.Context, r io.Reader, modified time.Time) error {
	lines := syslog.NewLineReader(r, ingest.MaxFrame)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, reason, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		b.Summary.Lines.Add(1)
		if reason == syslog.OK {
			reason = b.parser.Parse(text, netip.Addr{}, &b.header)
		}
		if reason != syslog.OK {
			b.Summary.Rejected[reason].Add(1)
			continue
		}
		if err := b.order(ctx, text, modified); err != nil {
			return err
		}
	}
}

// order puts a line in order, and applies the lines that are due.
func (b *Backfill) order(ctx context.Context, text []byte, modified time.Time) error {
	at := b.timeOf(modified)
	if at.IsZero() {
		b.Summary.NoTime++
		return nil
	}
	if at.Before(b.latest.Add(-b.opts.Window)) || at.UnixNano() < b.last {
		b.Summary.Late++
		return nil
	}
	if at.After(b.latest) {
		b.latest = at
	}
	b.buffer.push(at.UnixNano(), text)
	for due := b.latest.Add(-b.opts.Window).UnixNano(); b.buffer.len() > 0 && b.buffer.oldest() < due; {
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return err
		}
	}
	for b.buffer.bytes > maxBufferBytes {
		b.Summary.Evicted++
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return err
		}
	}
	return nil
}

// timeOf returns the time of the line that was parsed last, or the zero time if
// there is none yet.
func (b *Backfill) timeOf(modified time.Time) time.Time {
	ref := b.latest.In(modified.Location())
	if b.latest.IsZero() {
		ref = modified
	}
	at, _, ok := b.parser.Time(&b.header, ref)
	if limit := modified.Add(ingest.MaxClockLead); ok && b.latest.IsZero() && at.After(limit) {
		// The log does not have anything that came after it: if the timestamp is
		// without a year, it is of the year before.
		at, _, ok = b.parser.Time(&b.header, at.In(modified.Location()).AddDate(-1, 0, 0))
	}
	switch {
	case !ok:
	case at.Year() < firstYear || at.After(b.opts.Now().Add(ingest.MaxClockLead)):
		b.Summary.BadTime++
	default:
		b.before = at
	}
	return b.before
}

// apply applies a line to the table, and takes the samples that are due before
// and after it.
func (b *Backfill) apply(ctx context.Context, l line) error {
	if b.last == 0 {
		b.Summary.From = time.Unix(0, l.at)
		interval := int64(b.opts.Interval)
		b.next = (l.at + interval - 1) / interval * interval
		b.expire = l.at + int64(expiryInterval)
	}
	for b.next < l.at {
		if err := ctx.Err(); err != nil {
			return err // A log may be silent for years.
		}
		if err := b.sample(b.next); err != nil {
			return err
		}
		b.next += int64(b.opts.Interval)
	}
	b.last = l.at

	b.feed.Begin(time.Unix(0, l.at))
	defer b.feed.End()
	if reason := b.feed.Frame(l.text, len(l.text), netip.Addr{}, syslog.OK); reason != syslog.OK {
		b.Summary.Rejected[reason].Add(1)
		return nil
	}
	outcome, message := b.feed.Outcome()
	switch outcome {
	case catalog.UnknownID:
		b.Summary.Uncatalogued.Add(1)
	case catalog.Unmatched:
		b.Summary.Unmatched.Add(1)
	case catalog.Matched:
		b.Summary.Matched.Add(1)
		if b.feeds[message.Entry.ID] {
			return b.takeChanges(l.at)
		}
	}
	return nil
}

// takeChanges takes over what has changed in the table up to the time at. It
// samples what a message reported, and leaves what counts messages for the next
// interval.
func (b *Backfill) takeChanges(at int64) error {
	changes := b.table.TakeChanges()
	for _, dc := range changes.Devices {
		for i := range dc.Records {
			if r := &dc.Records[i]; !r.Deleted { // The Backfill lets series expire itself.
				if err := b.update(dc.Device, r, at); err != nil {
					return err
				}
			}
		}
	}
	for _, id := range changes.Seen {
		if b.info[id] == nil {
			x := b.byName["ftd_message_info"].add("", at, state.InfoValues(b.catalog.At(b.catalog.Index(id))))
			x.value, x.set, x.pending = 1, at, true
			b.info[id] = x
			b.pending = append(b.pending, x)
		}
	}
	return nil
}

// update takes over a changed series.
func (b *Backfill) update(device string, r *state.Record, at int64) error {
	all := b.devices[device]
	if all == nil {
		all = map[string]*series{}
		b.devices[device] = all
	}
	x := all[r.Key]
	if x == nil {
		x = b.byName[r.Metric()].add(device, r.Began, r.Values())
		all[r.Key] = x
	}
	x.value, x.set = r.Value, r.Set
	switch {
	case !x.family.countsMessages():
		return b.write(x, at)
	case !x.pending:
		x.pending = true
		b.pending = append(b.pending, x)
	}
	return nil
}

// Finish ends the stream and writes all samples as OpenMetrics 1.0 text: one
// family after the other, in each one series after the other, in each one sample
// after the other. It returns how many bytes it wrote. It is an error if no line
// had a time. Finish ends early, with ctx's error, when ctx is done. It must be
// called only once.
func (b *Backfill) Finish(ctx context.Context, w io.Writer) (int64, error) {
	for b.buffer.len() > 0 {
		if err := b.apply(ctx, b.buffer.pop()); err != nil {
			return 0, err
		}
	}
	b.table.Rejected(func(_ string, n uint64) { b.Summary.Refused += n })
	if b.last == 0 && b.Summary.BadTime > 0 {
		return 0, fmt.Errorf("no line has a time that can be right: %d are from before %d or from the future; check the clocks of the devices and of this machine", b.Summary.BadTime, firstYear)
	}
	if b.last == 0 {
		return 0, errors.New("no line has both a time and the tag of a message; try explain with some of the lines")
	}
	b.Summary.To = time.Unix(0, b.last)
	if err := b.sample(b.last); err != nil {
		return 0, err
	}
	if err := b.refresh(b.last, milliseconds(b.last)); err != nil {
		return 0, err
	}
	return b.writeAll(ctx, w)
}
