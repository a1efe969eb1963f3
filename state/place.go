package state

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Who has a place in the table when there is not enough room for all:
//
//   - Devices of the inventory, which [Table.Ensure] announces. Each has its place
//     from the start, and a tenth of the series and of the label bytes is theirs
//     alone.
//   - Devices that the file has with states of hardware; see [Table.Priority].
//   - All others, as they come.
//
// A device of the first two kinds that finds the table full takes the place of one
// of the third kind without states of hardware, of the one that has been silent
// longest. Only one without a place of its own can be lost like this, and nothing
// that a later message does not bring back.

// Ensure puts a device of the inventory into the table, which may never have sent
// anything: its counters start at 0, and the time of its last message is 0. If the
// table is full, another device that is not in the inventory, and does not have states of
// hardware, is forgotten for it. Ensure returns false if there is none. It is best
// called before [Table.Restore], which then leaves room for the series of the
// device.
func (t *Table) Ensure(name string) bool {
	d := t.lock([]byte(name), t.opts.Now(), &scratch{}, true)
	if d == nil {
		return false
	}
	defer d.mu.Unlock()
	t.expect(d, true)
	if d.last == nil {
		d.last = t.seriesOf(d, t.metrics[metricDeviceLast], "", t.opts.Now().UnixNano())
	}
	return d.last != nil
}

// ReleaseExcept takes the place that [Table.Ensure] has given from the devices that
// are no longer in the inventory: those for which keep returns false. Those that have
// sent something stay in the table, as any other device; the others are forgotten.
// It returns their names.
func (t *Table) ReleaseExcept(keep func(name string) bool) (forgotten []string) {
	for _, d := range t.appendDevices(nil) {
		if keep(d.name) {
			continue
		}
		t.settled(d)
		t.expect(d, false)
		empty := isEmpty(d)
		d.mu.Unlock()
		if empty && t.forget(d.name, isEmpty) {
			forgotten = append(forgotten, d.name)
		}
	}
	slices.Sort(forgotten)
	return forgotten
}

// isEmpty reports whether no message has set anything of a device. The caller holds
// its lock.
func isEmpty(d *device) bool {
	return !slices.ContainsFunc(d.list, func(s *series) bool {
		return s.value != 0 || !s.is(unset) && s.metric.Type != collectors.Counter && s.metric.index != metricDeviceLast
	})
}

// expect notes whether a device is in the inventory. The caller holds d's lock.
func (t *Table) expect(d *device, expected bool) {
	switch {
	case expected && !d.expected:
		t.nexpected.Add(1)
	case !expected && d.expected:
		t.nexpected.Add(-1)
	}
	d.expected = expected
}

// Evicted returns how many devices were forgotten because one of the inventory, or
// one with states of hardware in the file, needed the place.
func (t *Table) Evicted() uint64 { return t.evicted.Load() }

// Priority returns how much a stored device needs its place: 2 for a device of the
// inventory, 1 for one with states of hardware, 0 for others. If not all can have
// a place, [Table.Restore] should get those with the highest first.
func (t *Table) Priority(name string, records []Record) int {
	t.mu.RLock()
	d := t.devices[name]
	t.mu.RUnlock()
	if d != nil {
		t.settled(d)
		expected := d.expected
		d.mu.Unlock()
		if expected {
			return 2
		}
	}
	for i := range records {
		if m := t.byName[records[i].Metric()]; m != nil && m.keepsPlace(records[i].Value) {
			return 1
		}
	}
	return 0
}

// keepsPlace reports whether a series of the metric with this value is a state of
// hardware that would be lost with its device. A counter that is 0 would not.
func (m *metric) keepsPlace(value float64) bool {
	return m.hardware && (m.Type != collectors.Counter || value > 0)
}

// isVictim reports whether a device may go for one that needs its place more. The
// caller holds its lock.
func isVictim(d *device) bool {
	return !d.expected && !slices.ContainsFunc(d.list, func(s *series) bool {
		return !s.is(unset) && s.metric.keepsPlace(s.value)
	})
}

// findVictims looks for devices that may go if the table is full and none is known.
func (t *Table) findVictims() {
	now := t.opts.Now()
	t.mu.RLock()
	needed := len(t.devices) >= t.limits.Load().Devices && len(t.victims) == 0 && now.Sub(t.noVictims) >= time.Second
	t.mu.RUnlock()
	if !needed {
		return
	}
	type victim struct {
		*device
		last float64
	}
	var found []victim
	for _, d := range t.appendDevices(nil) {
		t.settled(d)
		if isVictim(d) {
			v := victim{d, 0}
			if s := t.lastOf(d); s != nil {
				v.last = s.value
			}
			found = append(found, v)
		}
		d.mu.Unlock()
	}
	// The last of the list goes first.
	slices.SortFunc(found, func(a, b victim) int { return cmp.Compare(b.last, a.last) })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.victims = t.victims[:0]
	for _, v := range found {
		t.victims = append(t.victims, v.device)
	}
	if len(found) == 0 {
		t.noVictims = now
	}
}

// evict forgets one of the devices that may go, or returns false. The caller holds
// t.mu.
func (t *Table) evict() bool {
	for n := len(t.victims); n > 0; n-- {
		d := t.victims[n-1]
		t.victims[n-1] = nil
		t.victims = t.victims[:n-1]
		if t.remove(d, isVictim) {
			t.evicted.Add(1)
			if t.opts.Persist {
				t.pending.forget(d.name)
			}
			return true
		}
	}
	return false
}

// lastOf returns the series with the time of the last message of a device, or nil.
// Its value survives a restart, the field of the device does not. The caller holds
// d's lock.
func (t *Table) lastOf(d *device) *series {
	return d.series[string(startKey(nil, t.metrics[metricDeviceLast]))]
}

// Heard returns the times of the first and the last message of a device, as far as
// the table remembers them, and false if there is none.
func (t *Table) Heard(name string) (first, last time.Time, ok bool) {
	d := t.find(name)
	if d == nil {
		return first, last, false
	}
	t.settled(d)
	defer d.mu.Unlock()
	s := t.lastOf(d)
	if s == nil || s.value == 0 {
		return first, last, false
	}
	// The series of a device in the inventory may be older than its first message,
	// but not its counts.
	began := s.set
	for _, s := range d.list {
		if s.metric.index == metricSyslogMessages {
			began = min(began, s.began)
		}
	}
	return time.Unix(0, began), time.Unix(0, s.set), true
}

// Forget removes a device and returns whether there was one. If the device
// sends again, it is new. A device of the inventory is back at once, as
// [Table.Ensure] makes it.
func (t *Table) Forget(name string) bool {
	expected := false
	found := t.forget(name, func(d *device) bool {
		expected = d.expected
		return true
	})
	if expected {
		t.Ensure(name)
	}
	return found
}

// forget removes a device on a condition, which it checks while nothing can
// change the device.
func (t *Table) forget(name string, condition func(*device) bool) bool {
	// While t.mu is held, the device cannot come back, so the store is told of
	// this one and not of its successor.
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.devices[name]
	if d == nil || !t.remove(d, condition) {
		return false
	}
	if t.opts.Persist {
		t.pending.forget(name)
	}
	return true
}

// A SeriesName names a series of a device.
type SeriesName struct {
	Metric string `json:"metric"`
	// Labels lacks the device and, of a state set, the state.
	Labels map[string]string `json:"labels"`
}

// ForgetPart removes the series of a part of a device, such as a fan that was
// replaced: all that have the given labels with these values, of metrics that rules
// feed. It returns their names, sorted, a state set once; they are none if there is
// no such part, and found is false if there is no such device. The counters that a
// device has from the start begin again at 0. It is an error if no metric has these
// labels.
func (t *Table) ForgetPart(name string, labels map[string]string) (removed []SeriesName, found bool, err error) {
	metrics, err := t.metricsWith(labels)
	if err != nil {
		return nil, false, err
	}
	d := t.find(name)
	if d == nil {
		return nil, false, nil
	}
	t.settled(d)
	defer d.mu.Unlock()
	if d.forgotten {
		return nil, false, nil
	}
	seen := map[string]bool{}
	kept := d.list[:0]
	for _, s := range d.list {
		if !metrics[s.metric] || !s.hasLabels(labels) {
			kept = append(kept, s)
			continue
		}
		x := SeriesName{s.metric.Name, s.metric.labelMap(s.key)}
		if key := fmt.Sprint(x); !seen[key] {
			seen[key] = true
			removed = append(removed, x)
		}
		t.drop(d, s)
	}
	clear(d.list[len(kept):])
	d.list = kept
	if len(removed) > 0 {
		d.scratch = &scratch{}
		t.createZeros(d, t.opts.Now())
	}
	slices.SortFunc(removed, func(a, b SeriesName) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return removed, true, nil
}

// metricsWith returns the metrics that rules feed and that have all of the labels.
func (t *Table) metricsWith(labels map[string]string) (map[*metric]bool, error) {
	found, known := map[*metric]bool{}, map[string]bool{}
	for _, m := range t.metrics[firstRuleMetric:] {
		n := 0
		for _, l := range m.ruleLabels() {
			known[l.Name] = true
			if _, ok := labels[l.Name]; ok {
				n++
			}
		}
		if n == len(labels) {
			found[m] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if !known[name] {
			return nil, fmt.Errorf("there is no label %q; use %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	if len(labels) == 0 || len(found) == 0 {
		return nil, fmt.Errorf("no metric has the labels %s together", strings.Join(slices.Sorted(maps.Keys(labels)), " and "))
	}
	return found, nil
}

// hasLabels reports whether a series has labels with these values.
func (s *series) hasLabels(labels map[string]string) bool {
	for i, l := range s.metric.ruleLabels() {
		if want, ok := labels[l.Name]; ok && keyValue(s.key, i) != want {
			return false
		}
	}
	return true
}

// ForgetSilent forgets the devices that have sent messages, but none since the
// given time, and those that others have reported on, but not since then, unless
// keep returns true. It returns their names.
func (t *Table) ForgetSilent(since time.Time, keep func(name string) bool) []string {
	silent := func(d *device) bool {
		if s := t.lastOf(d); s != nil {
			return s.value > 0 && s.value < seconds(since.UnixNano())
		}
		return !slices.ContainsFunc(d.list, func(s *series) bool { return s.set >= since.UnixNano() })
	}
	var names []string
	for _, d := range t.appendDevices(nil) {
		t.settled(d)
		candidate := silent(d)
		d.mu.Unlock()
		// It may send before it is forgotten, and must stay then.
		if candidate && !keep(d.name) && t.forget(d.name, silent) {
			names = append(names, d.name)
		}
	}
	return names
}

// Rename moves all that the table has of a device to another name, and returns
// whether there was such a device. If the other one exists as well, the two become
// one: counters are added, and of two gauges the one that was set later stays; a
// state that is the same in both has been so since the earlier change. Events move
// too.
//
// It is for a name that the configuration replaces by another: call it when
// messages are applied under the new name already. The store gets the records
// under the new name no later than it deletes the old ones.
func (t *Table) Rename(from, to string) bool {
	if from == to || !validDeviceName([]byte(to)) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.devices[from]
	if old == nil {
		return false
	}
	began := t.opts.Now().UnixNano()
	var all []storedSeries
	var addresses []senderAddress
	t.remove(old, func(d *device) bool {
		addresses = d.addresses
		all = make([]storedSeries, 0, len(d.list))
		for _, s := range d.list {
			began = min(began, s.began)
			if s.is(unset) && s.metric.Type != collectors.Counter {
				continue // It does not matter.
			}
			all = append(all, storedSeries{metric: s.metric, key: s.key, value: s.value, set: s.set, began: s.began, report: s.report})
		}
		return true
	})
	// The place of the old one is free, so there is no need for a limit.
	d := t.devices[to]
	if d == nil {
		d = t.newDevice([]byte(to), time.Unix(0, began), &scratch{}, nobody)
	}
	t.settled(d)
	defer d.mu.Unlock()
	d.scratch = &scratch{}
	d.mergeAddresses(addresses)
	t.merge(d, all, true)
	t.events.rename(from, to)
	if t.opts.Persist {
		for _, s := range d.list {
			s.flags |= dirty | urgent
		}
		t.pending.rename(from, d)
	}
	return true
}
