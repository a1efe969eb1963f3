package state

import (
	"iter"
	"strconv"

	"github.com/ftd-exporter/ftd_exporter/collectors"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Describe implements [prometheus.Collector].
func (s *Table) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range s.metrics {
		ch <- m.desc
	}
}

// Collect implements [prometheus.Collector]. It holds the lock of one device at
// a time, and only to copy its values. [Table.Expose] shows the same as text,
// at a fraction of the cost.
func (s *Table) Collect(ch chan<- prometheus.Metric) {
	now := s.opts.Now().UnixNano()
	for _, d := range s.appendDevices(nil) {
		samples := s.copySamples(d, now)
		addLabels(samples, d.name)
		for i := range samples {
			ch <- &samples[i]
		}
	}
	info := s.metrics[metricMessageInfo].desc
	for i := range s.seen {
		if s.seen[i].Load() {
			ch <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, s.infoValues(i)...)
		}
	}
}

// infoValues returns the label values of ftd_message_info for an index of the
// catalogue.
func (s *Table) infoValues(i int) []string {
	e := s.catalog.At(i)
	return []string{s.ids[i], e.Family, strconv.Itoa(e.Severity), e.Summary}
}

// appendDevices appends all devices in any order.
func (s *Table) appendDevices(dst []*device) []*device {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, d := range s.devices {
		dst = append(dst, d)
	}
	return dst
}

// shown yields the series of a device and drops those that have expired. The
// caller holds d's lock.
func (s *Table) shown(d *device, now int64) iter.Seq[*series] {
	return func(yield func(*series) bool) {
		for i := len(d.list) - 1; i >= 0; i-- {
			c := d.list[i]
			if s.expired(c, now) {
				s.drop(d, c)
				last := len(d.list) - 1
				d.list[i], d.list[last] = d.list[last], nil
				d.list = d.list[:last]
			} else if !yield(c) {
				return
			}
		}
	}
}

// drop deletes a series from the table. The caller holds d's lock.
func (s *Table) drop(d *device, c *series) {
	if s.opts.Persist {
		d.remove(c.recordKey())
		s.enqueue(d)
	}
	s.text.remove(func(yield func(*series) bool) { yield(c) })
	delete(d.series, c.key)
	d.bindings = nil
	d.perMetric[c.metric.index]--
	s.nseries.Add(-1)
}

// expired reports whether a gauge of capacity has not been reported for too
// long to be shown.
func (s *Table) expired(c *series, now int64) bool {
	return c.traits&expiring != 0 && c.set < now-c.metric.expiry.Load()
}

// copySamples copies the values of a device and drops what has expired.
func (s *Table) copySamples(d *device, now int64) []sample {
	d.mu.Lock()
	defer d.mu.Unlock()
	samples := make([]sample, 0, len(d.series))
	for c := range s.shown(d, now) {
		x := sample{metric: c.metric, key: c.key, value: c.value, began: c.began}
		if s.opts.Timestamps {
			x.timestamp = new(c.set / 1e6)
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

// Stats is the size of a State.
type Stats struct{ Devices, Series int }

// Stats returns the number of devices and series in the table.
func (s *Table) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return Stats{Devices: len(s.devices), Series: int(s.nseries.Load())}
}

// Rejected calls f with each reason for which the table refuses a device or a
// series, and how often it did.
func (s *Table) Rejected(f func(reason string, n uint64)) {
	for i, reason := range rejectReasons {
		f(reason, s.rejected[i].Load())
	}
}
