package state

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Restore puts stored series of a device into the table, all that are stored of it
// in one call. It returns how many, and how many it skipped: those that are unknown
// or not as the table would make them, because another version wrote them or the
// file is damaged, and those for which there is no room. See [Table.Priority].
//
// What the table has already is newer: a gauge stays, and a counter continues from
// the stored value. If a state is still as it was stored, it keeps the time of its
// last change, and its first report is not an event.
//
// A record that the table spells differently, such as one under a former name of a
// metric, is stored anew with the next changes.
func (t *Table) Restore(name string, records []Record) (restored, skipped int) {
	return t.restore(name, records, false)
}

// Merge puts the series of a device that another table for the same rules has into
// this one: counters are added, and of two gauges the one that was set later stays.
// If a state is the same in both, and was set later here, it has been so since the
// earlier change. It returns how many series were merged, and for how many there is
// no room.
func (t *Table) Merge(name string, records []Record) (merged, skipped int) {
	return t.restore(name, records, true)
}

// restore is Restore, or Merge if the records are not in the store and may be newer
// than what the table has.
func (t *Table) restore(name string, records []Record, merge bool) (restored, skipped int) {
	if len(records) == 0 || !merge && t.pending.isForgotten(name) { // The file still has the device.
		return 0, 0
	}
	now := t.opts.Now().UnixNano()
	all := make([]storedSeries, 0, len(records))
	began := now
	for i := range records {
		if s, ok := t.parseRecord(&records[i], now); ok {
			all = append(all, s)
			began = min(began, s.began)
		}
	}
	if len(all) == 0 {
		return 0, len(records)
	}
	read := len(all)
	all = splitSeries(all)
	d := t.lock([]byte(name), time.Unix(0, began), &scratch{}, t.Priority(name, records) > 0)
	if d == nil {
		return 0, len(records)
	}
	defer d.mu.Unlock()
	restored = t.merge(d, all, merge) + read - len(all)
	return restored, len(records) - restored
}

// splitSeries gives the times of the last change of a state to the metric that has
// them now. In earlier versions two states of a part, such as a power supply and its
// temperature, shared a series with the time of the last change of either. Neither
// has changed after its last report.
func splitSeries(all []storedSeries) []storedSeries {
	if !slices.ContainsFunc(all, func(s storedSeries) bool { return s.metric.splitInto != nil }) {
		return all
	}
	reported := map[string]int64{} // When a series, or any state of a set, was last set.
	for i := range all {
		key := stateKey(all[i].metric, all[i].key)
		reported[key] = max(reported[key], all[i].set)
	}
	// lastReport returns the last report of the states that m has the changes of.
	lastReport := func(m *metric, values string) (at int64) {
		for _, of := range m.changeOf {
			at = max(at, reported[string(startKey(nil, of))+values])
		}
		return at
	}
	split := make([]storedSeries, 0, len(all))
	for _, s := range all {
		from, into := s.metric, s.metric.splitInto
		if into == nil {
			split = append(split, s)
			continue
		}
		values := s.key[1:]
		part := s
		part.metric, part.key = into, string(startKey(nil, into))+values
		own, other := lastReport(from, values), lastReport(into, values)
		if _, ok := reported[part.key]; ok || other == 0 {
			split = append(split, s) // Written by this version, or not shared.
			continue
		}
		part.value, part.moved = min(part.value, seconds(other)), true
		if own == 0 {
			part.obsolete = from.Name + separatorString + values
		} else {
			s.value, s.moved = min(s.value, seconds(own)), true
			split = append(split, s)
		}
		split = append(split, part)
	}
	return split
}

// RestoreSeen marks message ids as seen, except those that are no longer in the
// catalog.
func (t *Table) RestoreSeen(ids []catalog.ID) {
	for _, id := range ids {
		if i := t.catalog.Index(id); i >= 0 {
			t.seen[i].Store(true)
		}
	}
}

// A storedSeries is a series from outside that could be one of the table.
type storedSeries struct {
	metric     *metric
	key        string // Within the device.
	value      float64
	set, began int64
	report     *lastReport // Or nil.
	obsolete   string      // The key of its record if it is not that of the series, else empty.
	moved      bool        // Whether no record has it like this.
}

// parseRecord returns the series for a record, and false if no series of the table
// could be like that. A time ahead of now is now.
func (t *Table) parseRecord(r *Record, now int64) (storedSeries, bool) {
	key, m := t.parseRecordKey(r.Key)
	if m == nil || !m.canBe(r.Value) {
		return storedSeries{}, false
	}
	var b []byte
	values := appendKeyValues(nil, key)
	for i, v := range values {
		v, ok := liveValue(&m.Labels[i], v)
		if !ok || m.Type == collectors.StateSet && i == len(values)-1 && m.stateCalled(v) == noState {
			return storedSeries{}, false
		}
		if b == nil {
			b = startKey(make([]byte, 0, len(key)), m)
		}
		b = appendKeyValue(b, v)
	}
	if string(b) != key && len(values) > 0 {
		key = string(b)
	}
	s := storedSeries{metric: m, key: key, value: r.Value, set: min(r.Set, now), began: min(r.Began, now)}
	if m.isReceipt {
		s.value = min(s.value, seconds(now))
	}
	if m.Name+separatorString+key[1:] != r.Key {
		s.obsolete = r.Key
	}
	return s, true
}

// canBe reports whether a series of the metric can have a value.
func (m *metric) canBe(value float64) bool {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return false
	case m.Type == collectors.Counter:
		return value >= 0
	case m.Type == collectors.StateSet:
		return value == 0 || value == 1
	case m.Type == collectors.Info:
		return value == 1
	}
	return len(m.states) == 0 || m.stateOf(value) != noState
}

// stateCalled returns the index of the state with a name, or noState.
func (m *metric) stateCalled(name string) int {
	return slices.IndexFunc(m.states, func(s collectors.State) bool { return s.Name == name })
}

// liveValue returns a stored label value as a message would set it now, and false if
// none ever could.
func liveValue(l *collectors.Label, v string) (string, bool) {
	switch {
	case len(v) > maxStoredValue || !isHarmless([]byte(v)):
		return "", false
	case l.Append != nil && l.Appends != nil:
		return v, slices.Contains(l.Appends, v)
	case l.Append != nil:
		live := appendHarmless(nil, l.Append(nil, []byte(v)), MaxLabelValue)
		return string(live), bytes.Equal(l.Append(nil, live), live)
	case l.Append == nil && l.Values != nil:
		return v, v == collectors.Other || slices.Contains(l.Values, v)
	case len(v) > MaxLabelValue:
		return string(appendHarmless(nil, []byte(v), MaxLabelValue)), true
	}
	return v, true
}

// state returns the index of the state that the series stands for, or noState.
func (s *storedSeries) state() int {
	m := s.metric
	if m.Type == collectors.StateSet {
		return m.stateCalled(keyValue(s.key, len(m.Labels)-1))
	}
	return m.stateOf(s.value)
}

// A merger merges stored series into a device that may have some of them.
type merger struct {
	*Table
	device *device
	// newest means that of two gauges the one that was set later stays; otherwise
	// it is always that of the device.
	newest bool
	// states are the stored states, and kept those of them that the device has
	// reported since then and not changed. Their keys are made by stateKey.
	states map[string]*storedSeries
	kept   map[string]*series
}

// stateKey returns the key of a series of a state, for a state set without the
// state.
func stateKey(m *metric, key string) string {
	if m.Type != collectors.StateSet {
		return key
	}
	return key[:1+strings.LastIndexByte(key[:len(key)-1], separator)]
}

// merge puts stored series into a device, and returns how many of them it has now.
// The caller holds d's lock.
func (t *Table) merge(d *device, all []storedSeries, newest bool) (merged int) {
	x := merger{Table: t, device: d, newest: newest}
	reported := x.findStates(all)
	for i := range all {
		if x.merge(&all[i]) {
			merged++
		}
	}
	for _, s := range d.list {
		if s.metric.Grace != 0 {
			t.noteEnd(d, s)
		}
	}
	if reported {
		t.events.correct(d.name, x.states)
	}
	for key, s := range x.kept {
		s.report.since = 0 // It is in the metric of the last change,
		if r := x.states[key].report; r != nil {
			s.report.since = r.since // or is known.
		}
	}
	return merged
}

// findStates sets the maps of x. It returns whether messages have set any of the
// stored states.
func (x *merger) findStates(all []storedSeries) (reported bool) {
	for i := range all {
		s := &all[i]
		m := s.metric
		if len(m.states) == 0 || m.Type == collectors.StateSet && s.value == 0 {
			continue
		}
		if x.states == nil {
			x.states, x.kept = map[string]*storedSeries{}, map[string]*series{}
		}
		key := stateKey(m, s.key)
		// A damaged file may have two states of one sensor. The later one is right.
		if other := x.states[key]; other == nil || s.set > other.set {
			x.states[key] = s
		}
	}
	for key, s := range x.states {
		reported = reported || x.hasState(s.metric, key)
		live := x.device.series[s.key]
		if live == nil || live.is(unset) || live.value != s.value || live.report == nil {
			continue
		}
		if since := live.report.since; since != 0 && since == live.began {
			x.kept[key] = live
		}
	}
	return reported
}

// merge puts a stored series into the device, and returns whether it could.
func (x *merger) merge(r *storedSeries) bool {
	d, m := x.device, r.metric
	if m.Type == collectors.StateSet {
		present := x.states[stateKey(m, r.key)]
		if present == nil { // A state that this version lacks, most likely.
			return false
		}
		if present != r {
			r.value = 0
		}
	}
	if m.Type == collectors.Info && !x.mergesInfo(r) {
		if x.opts.Persist {
			x.deleteRecord(d, m.Name+separatorString+r.key[1:])
			x.pending.add(d)
		}
		return true
	}
	d.key = append(d.key[:0], r.key...)
	if m.Type == collectors.StateSet && d.series[r.key] == nil {
		x.createStateSet(d, m, r.began)
	} else {
		x.series(d, m, r.began)
	}
	s := d.series[r.key]
	if s == nil {
		return false
	}
	if m.index == metricSenderAddresses {
		d.addressCount = s
	}
	x.mergeInto(s, r)
	if r.moved || r.obsolete != "" {
		x.changed(d, s, false)
	}
	if x.opts.Persist && r.obsolete != "" {
		x.deleteRecord(d, r.obsolete)
	}
	return true
}

// mergesInfo reports whether a stored series of type Info is what the device would
// show. Of two, the later one replaces the other.
func (x *merger) mergesInfo(r *storedSeries) bool {
	for _, s := range x.device.list {
		if s.metric == r.metric && s.key != r.key {
			if s.set >= r.set {
				return false
			}
			x.drop(x.device, s)
			x.device.list = slices.DeleteFunc(x.device.list, func(other *series) bool { return other == s })
			return true
		}
	}
	return true
}

// mergeInto merges a stored series into one of the device.
func (x *merger) mergeInto(s *series, r *storedSeries) {
	take := s.is(unset) // No message has set it yet.
	switch {
	case take && x.newest:
		x.changed(x.device, s, true)
	case take:
		s.flags &^= dirty // As it is in the file; the caller decides.
	case s.metric.Type == collectors.Counter:
		if s.value+r.value < maxCounter {
			s.value, s.began = s.value+r.value, min(s.began, r.began)
		}
		s.set = max(s.set, r.set)
		x.changed(x.device, s, false)
		return
	case x.keepsChange(r):
		take = true
		x.changed(x.device, s, false)
	default:
		take = x.newest && r.set > s.set
		x.changed(x.device, s, false)
	}
	s.began = min(s.began, r.began)
	if !take {
		return
	}
	s.value, s.set = r.value, r.set
	s.flags &^= unset
	if r.report != nil {
		if s.report == nil {
			s.report = &lastReport{}
		}
		s.report.since, s.report.id, s.report.textOf = r.report.since, r.report.id, r.report.textOf
		x.setText(x.device, s, r.report.text)
	}
}

// keepsChange reports whether a stored series is the time of the last change of
// states that the device has reported since then, but none of them changed.
func (x *merger) keepsChange(r *storedSeries) bool {
	reported := false
	for _, of := range r.metric.changeOf {
		key := string(startKey(nil, of)) + r.key[1:]
		if x.kept[key] != nil {
			reported = true
		} else if x.hasState(of, key) {
			return false
		}
	}
	return reported
}

// hasState reports whether a message has set a state of the device.
func (x *merger) hasState(m *metric, key string) bool {
	if m.Type == collectors.StateSet {
		key += m.states[0].Name + separatorString
	}
	s := x.device.series[key]
	return s != nil && !s.is(unset)
}
