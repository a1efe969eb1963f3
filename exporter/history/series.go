package history

import (
	"container/list"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A family is a metric with its series.
type family struct {
	state.MetricDoc
	series []*series
}

// countsMessages reports whether every message feeds the metric.
func (f *family) countsMessages() bool { return f.IDs == nil }

func (f *family) counter() bool { return f.Type == collectors.Counter.String() }

// add adds a series to the family, whose values are in the order of the family's
// labels, without the device.
func (f *family) add(device string, began int64, values []string) *series {
	x := &series{family: f, labels: string(f.AppendLabels(nil, device, values)), began: milliseconds(began)}
	f.series = append(f.series, x)
	return x
}

// A series is a series over time. Times are in milliseconds since 1970 unless
// their comment says something else.
type series struct {
	family  *family
	labels  string // As they are written, with the space before the value.
	value   float64
	set     int64 // When value was set, in nanoseconds.
	began   int64
	pending bool
	alive   *list.Element // In Backfill.alive, or nil if it has ended.

	shown    float64 // The value of the last sample.
	last     int64   // The time of the last sample.
	sampled  bool    // Whether there is a last sample.
	points   []point
	segments int64 // Where the last segment in the file ends, or 0.
}

// A point is a sample of a known series.
type point struct {
	at    int64
	value float64
}

func milliseconds(nanoseconds int64) int64 { return nanoseconds / int64(time.Millisecond) }

// sample takes the samples of an interval at the time at: of what has changed,
// and of what Prometheus would otherwise forget before the next one.
func (b *Backfill) sample(at int64) error {
	if err := b.takeChanges(at); err != nil {
		return err
	}
	for _, x := range b.pending {
		x.pending = false
		if err := b.write(x, at); err != nil {
			return err
		}
	}
	b.pending = b.pending[:0]
	if err := b.refresh(at, milliseconds(at+int64(b.opts.Interval-MaxInterval))); err != nil {
		return err
	}
	if at >= b.expire {
		b.expire = at + int64(expiryInterval)
		b.table.Expose().Release() // The table drops what has expired when it is shown.
	}
	return nil
}

// refresh samples again what does not have a sample since a time in milliseconds,
// unless it has expired.
func (b *Backfill) refresh(at, since int64) error {
	for e := b.alive.Front(); e != nil && e.Value.(*series).last < since; e = b.alive.Front() {
		x := e.Value.(*series)
		if d := int64(x.family.Expiry); d > 0 && x.set < at-d {
			b.alive.Remove(e)
			x.alive = nil
			continue
		}
		if err := b.point(x, max(milliseconds(at), x.last+1), x.value); err != nil {
			return err
		}
	}
	return nil
}

// write samples a series if its value is not what was last shown.
func (b *Backfill) write(x *series, at int64) error {
	if x.alive != nil && x.value == x.shown {
		return nil
	}
	if !x.sampled && x.family.counter() && x.value != 0 {
		if err := b.point(x, x.began, 0); err != nil {
			return err
		}
	}
	ms := milliseconds(at)
	if x.sampled {
		ms = max(ms, x.last+1)
	}
	return b.point(x, ms, x.value)
}

// point adds a sample, which must be later than the one before.
func (b *Backfill) point(x *series, ms int64, value float64) error {
	x.last, x.shown, x.sampled = ms, value, true
	if x.alive == nil {
		x.alive = b.alive.PushBack(x)
	} else {
		b.alive.MoveToBack(x.alive)
	}
	b.Summary.Samples++
	return b.samples.add(x, point{ms, value})
}
