package exporter

import (
	"bufio"
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// BackfillOptions sets how a [Backfill] works. Zero values stand for the
// defaults.
type BackfillOptions struct {
	// Interval is the time between two samples of what changes often, such as
	// counts of messages; a minute by default, and at most [MaxInterval].
	Interval time.Duration
	// Window is by how much a line may come too late to be put in order.
	Window time.Duration
	// Peer is the device that lines belong to which name no host.
	Peer string
	// CapacityExpiry is as in [collectors.Options].
	CapacityExpiry time.Duration
	// Dir is where the temporary file is made; the system's by default.
	Dir string
	// Now returns the present time, which bounds what a log can know of;
	// time.Now by default.
	Now func() time.Time
}

const (
	// MaxInterval is the longest interval of samples: Prometheus takes a
	// series for ended five minutes after its last one.
	MaxInterval = 4 * time.Minute
	// firstYear is the first in which a stamp is believed. Clocks that were
	// never set show 1970 or 1993.
	firstYear = 2000
	// maxClockLead is how far a stamp may be ahead of the present.
	maxClockLead = 24 * time.Hour
	// maxWindowBytes bounds the memory of the lines that wait to be put in
	// order, lineOverhead is what each costs besides its text.
	maxWindowBytes = 64 << 20
	lineOverhead   = 64
	// maxSpoolPoints bounds the samples that wait to be written.
	maxSpoolPoints = 1 << 20
	// sweepInterval is how often the table drops what has expired.
	sweepInterval = time.Hour
)

// BackfillSummary says what a [Backfill] met. The embedded Summary may be read
// while another goroutine fills it, the rest only afterwards.
type BackfillSummary struct {
	Summary
	// Late counts lines that came too late to be put in order, Undated those
	// before the first stamp. Both are dropped.
	Late, Undated int64
	// Misdated counts lines whose stamp cannot be right. They took the time of
	// the line before.
	Misdated int64
	// Crowded counts lines that left the window early because it was full.
	Crowded int64
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
// What a message says of hardware or capacity is sampled at the time of the
// message, so that nothing is lost between two intervals. What merely counts
// messages is sampled at full intervals. A sample that says what the one before
// it did is left out as long as Prometheus remembers that one. A counter begins
// with a sample of 0, so that its first event is visible as an increase.
//
// Two samples of a series at the same time are set a millisecond apart, in the
// order of the lines: most stamps are in full seconds.
type Backfill struct {
	Summary BackfillSummary

	opts    BackfillOptions
	catalog *catalog.Catalog
	state   *collectors.Table
	decoder *Decoder
	header  syslog.Header
	event   collectors.Observation

	window window
	latest time.Time // The latest stamp.
	before time.Time // The time of the line before.
	last   int64     // The time of the last applied line, in nanoseconds.
	next   int64     // The time of the next interval, in nanoseconds.
	sweep  int64     // When to sweep the table next, in nanoseconds.

	families []*family
	byName   map[string]*family
	// devices has the series by device and key, info those of ftd_message_info.
	devices map[string]map[string]*timeline
	info    map[uint32]*timeline
	// feeds has the ids of the messages that say something of hardware or
	// capacity.
	feeds map[uint32]bool
	// pending are series to look at in the next interval, written those that
	// live, from the one with the oldest sample on.
	pending []*timeline
	written list.List
	spool   spool
}

// A family is a metric with its series.
type family struct {
	collectors.MetricDoc
	series []*timeline
}

// accounting reports whether the metric only counts messages.
func (f *family) accounting() bool { return f.IDs == nil }

func (f *family) counter() bool { return f.Type == families.Counter.String() }

// A timeline is a series over time. Times are in milliseconds unless they say
// otherwise.
type timeline struct {
	family  *family
	labels  string // As written, with braces.
	value   float64
	set     int64 // When value was set, in nanoseconds.
	began   int64
	pending bool
	live    *list.Element // In Backfill.written, or nil if it has ended.

	shown    float64 // The value of the last sample.
	last     int64   // The time of the last sample.
	sampled  bool    // Whether there is a last sample.
	points   []point
	segments int64 // Where the last segment in the spool ends, or 0.
}

// A point is a sample of a known series.
type point struct {
	at    int64
	value float64
}

// NewBackfill returns an empty Backfill for the messages of c. It owns a
// temporary file until Close is called.
func NewBackfill(c *catalog.Catalog, opts BackfillOptions) (*Backfill, error) {
	if opts.Interval == 0 {
		opts.Interval = time.Minute
	}
	if opts.Interval < time.Second || opts.Interval > MaxInterval {
		return nil, fmt.Errorf("interval %s: must be from 1s to %s, because Prometheus takes a series for ended 5m after its last sample", opts.Interval, MaxInterval)
	}
	if opts.Window < 0 {
		return nil, fmt.Errorf("window %s: must not be negative", opts.Window)
	}
	if opts.CapacityExpiry == 0 {
		opts.CapacityExpiry = 15 * time.Minute
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	b := &Backfill{
		opts:    opts,
		catalog: c,
		decoder: NewDecoder(c),
		byName:  map[string]*family{},
		devices: map[string]map[string]*timeline{},
		info:    map[uint32]*timeline{},
		feeds:   map[uint32]bool{},
	}
	var err error
	b.state, err = collectors.New(c, families.All(), collectors.Options{
		CapacityExpiry: opts.CapacityExpiry,
		Persist:        true, // Only so does the table tell what has changed.
		Now:            func() time.Time { return time.Unix(0, b.last) },
	})
	if err != nil {
		return nil, err
	}
	for _, doc := range b.state.Docs() {
		f := &family{MetricDoc: doc}
		b.families = append(b.families, f)
		b.byName[f.Name] = f
		for _, id := range f.IDs {
			b.feeds[id] = true
		}
	}
	file, err := os.CreateTemp(opts.Dir, "ftd_exporter-backfill-*.tmp")
	if err != nil {
		return nil, err
	}
	b.spool = spool{file: file, limit: maxSpoolPoints}
	b.window.limit = maxWindowBytes
	return b, nil
}

// Close removes the temporary file.
func (b *Backfill) Close() error {
	return errors.Join(b.spool.file.Close(), os.Remove(b.spool.file.Name()))
}

// Read reads the lines of a log. Logs that are read one after the other are one
// stream. Modified is when the log was last written to: it tells the year if
// the first stamp of the stream does not, and its location is that of stamps
// without zone. Read ends early, with ctx's error, when ctx is done.
func (b *Backfill) Read(ctx context.Context, r io.Reader, modified time.Time) error {
	lines := syslog.NewLineReader(r, MaxFrame)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, reason, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		b.Summary.Lines.Add(1)
		if reason == syslog.OK {
			reason = syslog.Parse(line, &b.header)
		}
		if reason != syslog.OK {
			b.Summary.Rejected[reason].Add(1)
			continue
		}
		if err := b.order(ctx, line, modified); err != nil {
			return err
		}
	}
}

// order puts a line in the window, and applies what leaves it.
func (b *Backfill) order(ctx context.Context, line []byte, modified time.Time) error {
	at := b.stamp(modified)
	if at.IsZero() {
		b.Summary.Undated++
		return nil
	}
	if at.Before(b.latest.Add(-b.opts.Window)) || at.UnixNano() < b.last {
		b.Summary.Late++
		return nil
	}
	if at.After(b.latest) {
		b.latest = at
	}
	b.window.push(at.UnixNano(), line)
	for oldest := b.latest.Add(-b.opts.Window).UnixNano(); b.window.len() > 0 && b.window.first() < oldest; {
		if err := b.apply(ctx, b.window.pop()); err != nil {
			return err
		}
	}
	for b.window.bytes > b.window.limit {
		b.Summary.Crowded++
		if err := b.apply(ctx, b.window.pop()); err != nil {
			return err
		}
	}
	return nil
}

// stamp returns the time of the line whose header was read, or the zero time if
// there is none yet.
func (b *Backfill) stamp(modified time.Time) time.Time {
	ref := b.latest.In(modified.Location())
	if b.latest.IsZero() {
		ref = modified
	}
	at, _, ok := b.header.Time(ref)
	if limit := modified.Add(maxClockLead); ok && b.latest.IsZero() && at.After(limit) {
		// The log knows nothing that came after it; of a stamp without year,
		// the year before is meant.
		at, _, ok = b.header.Time(at.In(modified.Location()).AddDate(-1, 0, 0))
	}
	switch {
	case !ok:
	case at.Year() < firstYear || at.After(b.opts.Now().Add(maxClockLead)):
		b.Summary.Misdated++
	default:
		b.before = at
	}
	return b.before
}

// apply applies a line to the table, and takes the samples that are due before
// and after it.
func (b *Backfill) apply(ctx context.Context, l datedLine) error {
	if b.last == 0 {
		b.Summary.From = time.Unix(0, l.at)
		interval := int64(b.opts.Interval)
		b.next = (l.at + interval - 1) / interval * interval
		b.sweep = l.at + int64(sweepInterval)
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

	d := b.decoder
	d.Decode(l.text, []byte(b.opts.Peer))
	b.event = collectors.Observation{Device: d.Device, Severity: d.Header.Severity, Count: d.Header.Count, Time: time.Unix(0, l.at)}
	switch d.Outcome {
	case catalog.UnknownID:
		b.Summary.Uncatalogued.Add(1)
	case catalog.Unmatched:
		b.Summary.Unmatched.Add(1)
	case catalog.Matched:
		b.Summary.Matched.Add(1)
		b.event.Message = &d.Message
	}
	b.state.Update(&b.event)
	if d.Outcome == catalog.Matched && b.feeds[d.Message.Entry.ID] {
		return b.takeChanges(l.at)
	}
	return nil
}

// takeChanges takes over what has changed in the table up to the time at. It
// samples what a message said, and leaves what counts messages for the next
// interval.
func (b *Backfill) takeChanges(at int64) error {
	changes := b.state.TakeChanges()
	for _, dc := range changes.Devices {
		device := b.devices[dc.Device]
		if device == nil {
			device = map[string]*timeline{}
			b.devices[dc.Device] = device
		}
		for i := range dc.Records {
			r := &dc.Records[i]
			if r.Deleted {
				continue // Of the expired, b keeps account itself.
			}
			t := device[r.Key]
			if t == nil {
				t = b.byName[r.Metric()].add(r.Began, append([]string{dc.Device}, r.Values()...))
				device[r.Key] = t
			}
			t.value, t.set = r.Value, r.Set
			if !t.family.accounting() {
				if err := b.write(t, at); err != nil {
					return err
				}
			} else if !t.pending {
				t.pending = true
				b.pending = append(b.pending, t)
			}
		}
	}
	for _, id := range changes.Seen {
		if b.info[id] == nil {
			e := b.catalog.At(b.catalog.Index(id))
			t := b.byName["ftd_message_info"].add(at, []string{formatID(id), e.Family, strconv.Itoa(e.Severity), e.Summary})
			t.value, t.set, t.pending = 1, at, true
			b.info[id] = t
			b.pending = append(b.pending, t)
		}
	}
	return nil
}

// add adds a series to the family, whose values are in the order of the
// family's labels.
func (f *family) add(began int64, values []string) *timeline {
	labels := make([]string, len(values))
	for i, v := range values {
		labels[i] = f.Labels[i] + `="` + escape(v) + `"`
	}
	slices.Sort(labels)
	t := &timeline{family: f, labels: "{" + strings.Join(labels, ",") + "}", began: milliseconds(began)}
	f.series = append(f.series, t)
	return t
}

// sample takes the samples of an interval at the time at: of what has changed,
// and of what Prometheus would otherwise forget before the next one.
func (b *Backfill) sample(at int64) error {
	if err := b.takeChanges(at); err != nil {
		return err
	}
	for _, t := range b.pending {
		t.pending = false
		if err := b.write(t, at); err != nil {
			return err
		}
	}
	b.pending = b.pending[:0]
	if err := b.refresh(at, milliseconds(at+int64(b.opts.Interval-MaxInterval))); err != nil {
		return err
	}
	if at >= b.sweep {
		b.sweep = at + int64(sweepInterval)
		b.sweepTable()
	}
	return nil
}

// refresh samples again what has no sample since a time in milliseconds, unless
// it has expired.
func (b *Backfill) refresh(at, since int64) error {
	for e := b.written.Front(); e != nil && e.Value.(*timeline).last < since; e = b.written.Front() {
		t := e.Value.(*timeline)
		if t.family.Expires && t.set < at-int64(b.opts.CapacityExpiry) {
			b.written.Remove(e)
			t.live = nil
			continue
		}
		if err := b.point(t, max(milliseconds(at), t.last+1), t.value); err != nil {
			return err
		}
	}
	return nil
}

// sweepTable makes the table drop what has expired, which it does when it is
// shown.
func (b *Backfill) sweepTable() {
	ch := make(chan prometheus.Metric, 64)
	go func() {
		b.state.Collect(ch)
		close(ch)
	}()
	for range ch {
	}
}

// write samples a series if its value is not what was last shown.
func (b *Backfill) write(t *timeline, at int64) error {
	if t.live != nil && t.value == t.shown {
		return nil
	}
	if !t.sampled && t.family.counter() && t.value != 0 {
		if err := b.point(t, t.began, 0); err != nil {
			return err
		}
	}
	ms := milliseconds(at)
	if t.sampled {
		ms = max(ms, t.last+1)
	}
	return b.point(t, ms, t.value)
}

// point adds a sample, which must be later than the one before.
func (b *Backfill) point(t *timeline, ms int64, value float64) error {
	t.last, t.shown, t.sampled = ms, value, true
	if t.live == nil {
		t.live = b.written.PushBack(t)
	} else {
		b.written.MoveToBack(t.live)
	}
	b.Summary.Samples++
	return b.spool.add(t, point{ms, value})
}

// Finish ends the stream and writes all samples as OpenMetrics 1.0 text: one
// family after the other, in each one series after the other, in each one sample
// after the other. It returns how many bytes it wrote. It is an error if no line
// had a time. Finish ends early, with ctx's error, when ctx is done. It must be
// called only once.
func (b *Backfill) Finish(ctx context.Context, w io.Writer) (int64, error) {
	for b.window.len() > 0 {
		if err := b.apply(ctx, b.window.pop()); err != nil {
			return 0, err
		}
	}
	b.state.Rejected(func(_ string, n uint64) { b.Summary.Refused += n })
	if b.last == 0 && b.Summary.Misdated > 0 {
		return 0, fmt.Errorf("no line has a time that can be right: %d are from before %d or from the future; check the clocks of the devices and of this machine", b.Summary.Misdated, firstYear)
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

	counted := &countingWriter{w: w}
	out := bufio.NewWriterSize(counted, 256<<10)
	for _, f := range b.families {
		if len(f.series) == 0 {
			continue
		}
		if err := b.writeFamily(ctx, out, f); err != nil {
			return counted.n, err
		}
	}
	fmt.Fprintln(out, "# EOF")
	err := out.Flush()
	return counted.n, err
}

func (b *Backfill) writeFamily(ctx context.Context, out *bufio.Writer, f *family) error {
	name, typ := f.Name, families.Gauge
	if f.counter() {
		name, typ = strings.TrimSuffix(name, "_total"), families.Counter
	}
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, escape(f.Help), name, typ)
	slices.SortFunc(f.series, func(a, b *timeline) int { return strings.Compare(a.labels, b.labels) })
	var line []byte
	for _, t := range f.series {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Summary.Series++
		line = append(append(line[:0], f.Name...), t.labels...)
		line = append(line, ' ')
		start := len(line)
		err := b.spool.each(t, func(p point) error {
			line = appendValue(line[:start], p.value)
			line = append(line, ' ')
			line = appendTimestamp(line, p.at)
			line = append(line, '\n')
			_, err := out.Write(line)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// escape escapes the value of a label, or a help.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s)
}

func appendValue(b []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.AppendInt(b, int64(v), 10)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendTimestamp appends a time, given in milliseconds, in seconds.
func appendTimestamp(b []byte, ms int64) []byte {
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms%1000 == 0 {
		return b
	}
	b = append(b, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
	if int64(float64(ms)/1000*1000) != ms {
		// Prometheus multiplies by 1000 and cuts off the fraction, which would
		// be a millisecond less and could meet the sample before.
		b = append(b, "001"...)
	}
	return b
}

func milliseconds(nanoseconds int64) int64 { return nanoseconds / int64(time.Millisecond) }

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
