package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
	t.mu.RLock()
	d := t.devices[name]
	t.mu.RUnlock()
	if d == nil {
		return nil, false, nil
	}
	d.mu.Lock()
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
