package state

import (
	"iter"
	"slices"
	"strconv"

	"github.com/ftd-exporter/ftd_exporter/collectors"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Describe implements [prometheus.Collector].
func (t *Table) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range t.metrics {
		ch <- m.desc
	}
}

// Collect implements [prometheus.Collector]. It holds the lock of one device at
// a time, and only to copy its values. [Table.Expose] shows the same as text,
// at a fraction of the cost.
func (t *Table) Collect(ch chan<- prometheus.Metric) {
	now := t.opts.Now().UnixNano()
	for _, d := range t.appendDevices(nil) {
		t.collectDevice(ch, d, now)
	}
	t.collectInfos(ch)
}

// CollectDevices sends what [Table.ExposeDevices] shows.
func (t *Table) CollectDevices(ch chan<- prometheus.Metric, names ...string) {
	now := t.opts.Now().UnixNano()
	for i, name := range names {
		if d := t.find(name); d != nil && !slices.Contains(names[:i], name) {
			t.collectDevice(ch, d, now)
		}
	}
	if slices.Contains(names, "") {
		t.collectInfos(ch)
	}
}

func (t *Table) collectDevice(ch chan<- prometheus.Metric, d *device, now int64) {
	samples := t.copySamples(d, now)
	addLabels(samples, d.name)
	for i := range samples {
		ch <- &samples[i]
	}
}

func (t *Table) collectInfos(ch chan<- prometheus.Metric) {
	info := t.metrics[metricMessageInfo].desc
	for i := range t.seen {
		if t.seen[i].Load() {
			ch <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, t.infoValues(i)...)
		}
	}
}

// infoValues returns the label values of ftd_message_info for an index in the
// catalog.
func (t *Table) infoValues(i int) []string {
	e := t.catalog.At(i)
	return []string{t.ids[i], e.Family, strconv.Itoa(e.Severity), e.Summary}
}

// shown yields the series of a device and drops those that have expired. The
// caller holds d's lock.
func (t *Table) shown(d *device, now int64) iter.Seq[*series] {
	return func(yield func(*series) bool) {
		t.countAddresses(d, now)
		for i := len(d.list) - 1; i >= 0; i-- {
			s := d.list[i]
			if t.expired(s, now) {
				t.drop(d, s)
				last := len(d.list) - 1
				d.list[i], d.list[last] = d.list[last], nil
				d.list = d.list[:last]
			} else if !yield(s) {
				return
			}
		}
	}
}

// copySamples copies the values of a device and drops what has expired.
func (t *Table) copySamples(d *device, now int64) []sample {
	t.settled(d)
	defer d.mu.Unlock()
	samples := make([]sample, 0, len(d.series))
	for s := range t.shown(d, now) {
		x := sample{metric: s.metric, key: s.key, value: s.value, began: s.began}
		if t.opts.Timestamps {
			x.timestamp = new(s.set / 1e6)
		}
		samples = append(samples, x)
	}
	return samples
}

// addLabels sets the labels of all samples of a device, in memory that they
// share.
func addLabels(samples []sample, device string) {
	n := 0
	for i := range samples {
		n += len(samples[i].metric.layout.names)
	}
	var (
		pairs  = make([]dto.LabelPair, n)
		list   = make([]*dto.LabelPair, n)
		values = make([]string, 0, n)
	)
	for i := range samples {
		x := &samples[i]
		l := &x.metric.layout
		first := len(values)
		values = appendKeyValues(values, x.key)
		x.labels, list = list[:len(l.names):len(l.names)], list[len(l.names):]
		for j, place := range l.places {
			pair := &pairs[j]
			if x.labels[j] = pair; place == ofDevice {
				pair.Name, pair.Value = &l.names[j], &device
			} else {
				pair.Name, pair.Value = &l.names[j], &values[first+place]
			}
		}
		pairs = pairs[len(l.names):]
	}
}

// A sample is the value of a series at one moment. It implements
// [prometheus.Metric].
type sample struct {
	metric    *metric
	key       string
	labels    []*dto.LabelPair // Sorted.
	value     float64
	began     int64
	timestamp *int64
}

func (x *sample) Desc() *prometheus.Desc { return x.metric.desc }

func (x *sample) Write(out *dto.Metric) error {
	out.Label, out.TimestampMs = x.labels, x.timestamp
	if x.metric.Type == collectors.Counter {
		out.Counter = &dto.Counter{
			Value:            &x.value,
			CreatedTimestamp: &timestamppb.Timestamp{Seconds: x.began / 1e9, Nanos: int32(x.began % 1e9)},
		}
	} else {
		out.Gauge = &dto.Gauge{Value: &x.value}
	}
	return nil
}
