package state

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// DefaultExpiry is how long a gauge that expires is shown after its last
// report, if nothing else is set.
const DefaultExpiry = 15 * time.Minute

// Limits bound what senders can make a table keep. Zero values leave no room at
// all.
type Limits struct {
	// Devices is the number of devices.
	Devices int
	// SeriesPerMetric is the number of series of one metric of one device, at
	// most 65,535.
	SeriesPerMetric int
	// Series is the number of series of all devices.
	Series int
}

// DefaultLimits returns the limits that hold if nothing else is set.
func DefaultLimits() Limits {
	return Limits{Devices: 10_000, SeriesPerMetric: 200, Series: 1_000_000}
}

// Reasons why the table refuses a device or a series; see [Table.Rejected].
const (
	rejectDevices = iota
	rejectDeviceName
	rejectPerMetric
	rejectSeries
)

var rejectReasons = [...]string{"devices", "device_name", "series_per_metric", "series"}

// Rejected calls f with each reason for which the table refuses a device or a
// series, and how often it did.
func (t *Table) Rejected(f func(reason string, n uint64)) {
	for i, reason := range rejectReasons {
		f(reason, t.rejected[i].Load())
	}
}

// SetLimits changes the limits. Devices and series that exist stay.
func (t *Table) SetLimits(l Limits) { t.limits.Store(&l) }

// reserve makes room for n more series of a metric. If the limits do not allow
// that, it counts a refusal and returns false.
func (t *Table) reserve(d *device, m *metric, n int) bool {
	limits := t.limits.Load()
	if m.index >= firstRuleMetric && int(d.perMetric[m.index])+n > limits.SeriesPerMetric {
		t.rejected[rejectPerMetric].Add(1)
		return false
	}
	if t.nseries.Add(int64(n)) > int64(limits.Series) {
		t.nseries.Add(-int64(n))
		t.rejected[rejectSeries].Add(1)
		return false
	}
	d.perMetric[m.index] += uint16(n)
	return true
}

// SetExpiry sets how long gauges are shown after their last report, by the name
// of their collector. Collectors that are not in the map return to
// [Options.CapacityExpiry]. It returns an error, and changes nothing, if a
// collector has no metric that expires; see [collectors.ExpiryNames].
func (t *Table) SetExpiry(expiry map[string]time.Duration) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(expiry)) {
		if !slices.ContainsFunc(t.metrics, func(m *metric) bool { return m.collector == name && m.Expires }) {
			errs = append(errs, fmt.Errorf("state: no metric of collector %q expires", name))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, m := range t.metrics {
		d, ok := expiry[m.collector]
		if !ok {
			d = t.opts.CapacityExpiry
		}
		m.expiry.Store(int64(d))
	}
	return nil
}

// expired reports whether a gauge has not been reported for too long to be
// shown.
func (t *Table) expired(s *series, now int64) bool {
	return s.flags&expiring != 0 && s.set < now-s.metric.expiry.Load()
}

// Ensure puts a device into the table that may never have sent anything: its
// counters start at 0, and the time of its last message is 0. It returns false
// if the limits leave no room.
func (t *Table) Ensure(name string) bool {
	d := t.lock([]byte(name), t.opts.Now(), &scratch{})
	if d == nil {
		return false
	}
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = t.seriesOf(d, t.metrics[metricDeviceLast], "", t.opts.Now().UnixNano())
	}
	return d.last != nil
}

// ForgetSilent forgets the devices that have sent messages, but none since the
// given time, unless keep returns true. It returns their names.
func (t *Table) ForgetSilent(since time.Time, keep func(name string) bool) []string {
	silent := func(d *device) bool {
		// The value of the series survives a restart, the field does not.
		s := d.series[string(startKey(nil, t.metrics[metricDeviceLast]))]
		return s != nil && s.value > 0 && s.value < seconds(since.UnixNano())
	}
	var names []string
	for _, d := range t.appendDevices(nil) {
		d.mu.Lock()
		candidate := silent(d)
		d.mu.Unlock()
		// It may send before it is forgotten, and must stay then.
		if candidate && !keep(d.name) && t.forget(d.name, silent) {
			names = append(names, d.name)
		}
	}
	return names
}

// CheckLocks takes each lock of the devices, so it returns only if none of them
// is held forever.
func (t *Table) CheckLocks() {
	for _, d := range t.appendDevices(nil) {
		d.mu.Lock()
		_ = d.forgotten
		d.mu.Unlock()
	}
}
