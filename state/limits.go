package state

import (
	"fmt"
	"time"
)

// Limits bound what senders can make a State keep. Zero values stand for no
// room at all.
type Limits struct {
	// Devices is the number of devices.
	Devices int
	// SeriesPerMetric is the number of series of one metric of one device, at
	// most 65,535.
	SeriesPerMetric int
	// Series is the number of series of all devices.
	Series int
}

// SetLimits changes the limits. What is already there stays.
func (s *Table) SetLimits(l Limits) { s.limits.Store(&l) }

// SetExpiry changes how long the gauges of one collector are shown after their
// last report. It returns an error if no such collector has gauges that expire.
func (s *Table) SetExpiry(collector string, d time.Duration) error {
	found := false
	for _, m := range s.metrics {
		if m.collector == collector && m.Expires {
			m.expiry.Store(int64(d))
			found = true
		}
	}
	if !found {
		return fmt.Errorf("state: nothing of %q expires", collector)
	}
	return nil
}

// Ensure puts a device into the table that may never have spoken: its counters
// start at 0, and the time of its last message is 0. It returns false if the
// limits leave no room.
func (s *Table) Ensure(name string) bool {
	d := s.lock([]byte(name), s.opts.Now(), &scratch{})
	if d == nil {
		return false
	}
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = s.seriesOf(d, s.metrics[metricDeviceLast], "", s.opts.Now().UnixNano())
	}
	return d.last != nil
}

// ForgetSilent forgets the devices that have spoken, but not since the given
// time, unless keep says that one is to stay. It returns their names.
func (s *Table) ForgetSilent(since time.Time, keep func(name string) bool) []string {
	silent := func(d *device) bool {
		// The value of the series outlives a restart, the field does not.
		c := d.series[string(startKey(nil, s.metrics[metricDeviceLast]))]
		return c != nil && c.value > 0 && c.value < seconds(since.UnixNano())
	}
	s.mu.RLock()
	var devices []*device
	for _, d := range s.devices {
		devices = append(devices, d)
	}
	s.mu.RUnlock()
	var names []string
	for _, d := range devices {
		d.mu.Lock()
		candidate := silent(d)
		d.mu.Unlock()
		// It may speak before it is forgotten, and then must not be.
		if candidate && !keep(d.name) && s.forget(d.name, silent) {
			names = append(names, d.name)
		}
	}
	return names
}

// CheckLocks takes each lock that [Table.Update] takes, and so returns only if none
// of them is held for ever.
func (s *Table) CheckLocks() {
	s.mu.RLock()
	devices := make([]*device, 0, len(s.devices))
	for _, d := range s.devices {
		devices = append(devices, d)
	}
	s.mu.RUnlock()
	for _, d := range devices {
		d.mu.Lock()
		_ = d.gone
		d.mu.Unlock()
	}
}
