package history

import (
	"cmp"
	"container/list"
	"slices"
	"strconv"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A Sink takes the samples of a [Backfill]: an [OpenMetrics], or a
// [samples.Writer]. It is used by one goroutine.
type Sink interface {
	// Series announces a series, whose number is the count of those before it. The
	// labels are sorted by name, and their slice is only valid during the call.
	Series(labels []samples.Label) error
	// Sample adds a sample of a series, later than the one before it of this
	// series. Samples of different series may be out of order by
	// [samples.Disorder]. The time is in milliseconds since 1970.
	Sample(series int, at int64, value float64) error
}

// A recorder takes the changes of a table over and over, and gives them to a Sink
// as samples. Times are in nanoseconds since 1970 unless they are called
// otherwise; the times of samples are in milliseconds.
//
// What a message reports of hardware or capacity is sampled at the time of the
// message, so that nothing is lost between two intervals. What merely counts
// messages is sampled at full intervals. A sample with the same value as the one
// before it is left out as long as Prometheus remembers that one. A counter begins
// with a sample of 0, so that its first event is visible as an increase, and is
// sampled an interval before it grows, so that the increase is visible to queries
// over a few intervals.
//
// Two samples of a series at the same time are set a millisecond apart, in the
// order of the lines: most timestamps are in full seconds.
type recorder struct {
	catalog           *catalog.Catalog
	table             *state.Table
	sink              Sink
	interval, refresh time.Duration
	labels            []samples.Label // Of every series.

	byName map[string]*family
	// devices has the series by device and key, info the series of
	// ftd_message_info.
	devices map[string]map[string]*series
	info    map[catalog.ID]*series
	// feeds has the ids of the messages that report something of hardware or
	// capacity.
	feeds map[catalog.ID]bool
	// pending are series to look at in the next interval, live those that have
	// not ended, from the one with the oldest sample on.
	pending []*series
	live    list.List
	samples int64 // How many were taken.
	series  int   // How many there are.
	buf     []samples.Label
}

// A family is a metric with its series.
type family struct {
	state.MetricDoc
}

// accounting reports whether the metric only counts messages.
func (f *family) accounting() bool { return f.IDs == nil }

func (f *family) counter() bool { return f.Type == "counter" }

// A series is the values of a series over time.
type series struct {
	family  *family
	number  int // In the Sink.
	value   float64
	ends    int64 // When it is no longer shown, or 0.
	began   int64 // In milliseconds.
	pending bool
	live    *list.Element // In recorder.live, or nil if it has ended.

	sampled bool    // Whether there is a last sample.
	last    int64   // The time of the last sample, in milliseconds.
	shown   float64 // The value of the last sample.
}

const messageInfo = "ftd_message_info"

// maxAhead is how far samples of a series may be set later than their lines,
// because there are that many at one time. Further ones wait for the next
// interval, where the last of them counts.
const maxAhead = int64(time.Minute / time.Millisecond)

func newRecorder(c *catalog.Catalog, table *state.Table, sink Sink, opts *BackfillOptions) *recorder {
	r := &recorder{
		catalog: c, table: table, sink: sink, interval: opts.Interval, refresh: opts.Refresh, labels: opts.Labels,
		byName:  map[string]*family{},
		devices: map[string]map[string]*series{},
		info:    map[catalog.ID]*series{},
		feeds:   map[catalog.ID]bool{},
	}
	for _, doc := range table.Docs() {
		f := &family{MetricDoc: doc}
		r.byName[f.Name] = f
		for _, id := range f.IDs {
			r.feeds[id] = true
		}
	}
	return r
}

// sampledAtOnce reports whether a message reports something that must be sampled
// at its time, by a call of take.
func (r *recorder) sampledAtOnce(id catalog.ID) bool { return r.feeds[id] }

// take takes over what has changed in the table up to the time at. It samples what
// a message reported, and leaves what counts messages for the next interval.
func (r *recorder) take(at int64) error {
	changes := r.table.TakeChanges()
	for _, dc := range changes.Devices {
		device := r.devices[dc.Device]
		if device == nil {
			device = map[string]*series{}
			r.devices[dc.Device] = device
		}
		for i := range dc.Records {
			record := &dc.Records[i]
			if record.Deleted {
				continue // Series end by resample.
			}
			s := device[record.Key]
			if s == nil {
				var err error
				if s, err = r.add(r.byName[record.Metric()], dc.Device, record.Values(), record.Began); err != nil {
					return err
				}
				device[record.Key] = s
			}
			s.value, s.ends = record.Value, record.Ends
			if s.family.accounting() || s.last > milliseconds(at)+maxAhead {
				r.postpone(s)
			} else if err := r.record(s, at); err != nil {
				return err
			}
		}
	}
	for _, id := range changes.Seen {
		if r.info[id] == nil {
			e := r.catalog.At(r.catalog.Index(id))
			s, err := r.add(r.byName[messageInfo], "", []string{id.String(), e.Family, strconv.Itoa(e.Severity), e.Summary}, at)
			if err != nil {
				return err
			}
			s.value = 1
			r.info[id] = s
			r.postpone(s)
		}
	}
	return nil
}

// postpone leaves a series to the next interval.
func (r *recorder) postpone(s *series) {
	if !s.pending {
		s.pending = true
		r.pending = append(r.pending, s)
	}
}

// add announces a series of a family, with its values in the order of the family's
// labels, but for the device.
func (r *recorder) add(f *family, device string, values []string, began int64) (*series, error) {
	names := f.Labels
	r.buf = append(append(r.buf[:0], samples.Label{Name: "__name__", Value: f.Name}), r.labels...)
	if len(names) > len(values) {
		r.buf = append(r.buf, samples.Label{Name: names[0], Value: device})
		names = names[1:]
	}
	for i, name := range names {
		r.buf = append(r.buf, samples.Label{Name: name, Value: values[i]})
	}
	slices.SortFunc(r.buf, func(a, b samples.Label) int { return cmp.Compare(a.Name, b.Name) })
	s := &series{family: f, number: r.series, began: milliseconds(began)}
	r.series++
	return s, r.sink.Series(r.buf)
}

// sample takes the samples of an interval at the time at: of what has changed,
// and of what Prometheus would otherwise forget before the next one.
func (r *recorder) sample(at int64) error {
	if err := r.take(at); err != nil {
		return err
	}
	for _, s := range r.pending {
		s.pending = false
		if err := r.record(s, at); err != nil {
			return err
		}
	}
	r.pending = r.pending[:0]
	return r.resample(at, milliseconds(at+int64(r.interval-r.refresh)))
}

// resample samples again the series that do not have a sample since a time in
// milliseconds, unless they have expired.
func (r *recorder) resample(at, since int64) error {
	for e := r.live.Front(); e != nil && e.Value.(*series).last < since; e = r.live.Front() {
		s := e.Value.(*series)
		if s.ends != 0 && s.ends < at {
			r.live.Remove(e)
			s.live = nil
			continue
		}
		if err := r.addSample(s, max(milliseconds(at), s.last+1), s.value); err != nil {
			return err
		}
	}
	return nil
}

// record samples a series if its value is not what was shown last.
func (r *recorder) record(s *series, at int64) error {
	if s.live != nil && s.value == s.shown {
		return nil
	}
	if !s.sampled && s.family.counter() && s.value != 0 {
		if err := r.addSample(s, s.began, 0); err != nil {
			return err
		}
	}
	ms := milliseconds(at)
	if before := ms - r.interval.Milliseconds(); s.live != nil && s.family.counter() && before > s.last {
		if err := r.addSample(s, before, s.shown); err != nil {
			return err
		}
	}
	if s.sampled {
		ms = max(ms, s.last+1)
	}
	return r.addSample(s, ms, s.value)
}

// addSample adds a sample at a time in milliseconds, which must be later than the
// sample before.
func (r *recorder) addSample(s *series, ms int64, value float64) error {
	s.last, s.shown, s.sampled = ms, value, true
	if s.live == nil {
		s.live = r.live.PushBack(s)
	} else {
		r.live.MoveToBack(s.live)
	}
	r.samples++
	return r.sink.Sample(s.number, ms, value)
}

func milliseconds(nanoseconds int64) int64 { return nanoseconds / int64(time.Millisecond) }
