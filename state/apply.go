package state

import (
	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Update applies a message to the table. It allocates only for a new device or
// series, when an Observation is first used, and when the remembered text of a
// component outgrows its memory, which ends at 256 bytes.
func (t *Table) Update(o *Observation) {
	d := t.lockObserved(o)
	if d == nil {
		return
	}
	t.update(d, o)
	d.mu.Unlock() // Not deferred, which would cost as much as locking it.
	if o.Subject != nil && o.Message != nil {
		t.updateSubject(o)
	}
}

// updateSubject applies the rules for a message to the device that it is about, and
// notes who has sent it. Nothing else of that device changes: it may be dead.
func (t *Table) updateSubject(o *Observation) {
	d := t.lock(o.Subject, o.Time, o.scratch, false)
	if d == nil {
		return
	}
	defer d.mu.Unlock()
	now := o.Time.UnixNano()
	t.applyRules(d, o, float64(max(o.Count, 1)), now)
	d.key = startKey(d.key, t.metrics[metricHealthReporter])
	d.key = endKeyValue(append(d.key, o.Device...))
	if s := t.series(d, t.metrics[metricHealthReporter], now); s != nil {
		t.set(d, s, 1, now)
		t.replace(d, s)
	}
}

// update is Update for a device. The caller holds its lock.
func (t *Table) update(d *device, o *Observation) {
	now := o.Time.UnixNano()
	count := float64(max(o.Count, 1))
	severity := d.severity[o.Severity&7]
	if severity == nil {
		severity = t.seriesOf(d, t.metrics[metricSyslogMessages], severityNames[o.Severity&7], now)
		d.severity[o.Severity&7] = severity
	}
	if severity != nil {
		t.add(d, severity, count, now)
	}
	if d.last == nil {
		d.last = t.seriesOf(d, t.metrics[metricDeviceLast], "", now)
	}
	if d.last != nil {
		t.set(d, d.last, seconds(now), now)
	}
	if o.From.IsValid() {
		if a := d.addresses; len(a) > 0 && a[0].addr == o.From {
			a[0].last, a[0].own = now, o.Own
		} else {
			t.noteAddress(d, o, now)
		}
	}
	if !o.DeviceTime.IsZero() {
		if d.skew == nil {
			d.skew = t.seriesOf(d, t.metrics[metricClockSkew], "", now)
		}
		if d.skew != nil {
			t.set(d, d.skew, o.DeviceTime.Sub(o.Time).Seconds(), now)
		}
	}
	if o.CountID != 0 {
		d.key = startKey(d.key, t.metrics[metricMessages])
		d.key = endKeyValue(o.CountID.Append(d.key))
		if s := t.series(d, t.metrics[metricMessages], now); s != nil {
			t.add(d, s, count, now)
		}
	}
	if o.Message != nil {
		t.apply(d, o, count, now)
	}
}

// severityNames saves a conversion for each new series.
var severityNames = [8]string{"0", "1", "2", "3", "4", "5", "6", "7"}

// apply counts a message and runs the rules for it, unless it is about another
// device. The caller holds d's lock.
func (t *Table) apply(d *device, o *Observation, count float64, now int64) {
	m := o.Message
	printed := m.Index
	if m.TextOf != 0 {
		printed = t.catalog.Index(m.ID)
	}
	if printed >= 0 {
		t.account(d, printed, count, now)
	}
	if o.Subject == nil {
		t.applyRules(d, o, count, now)
	}
}

// account counts a message of the catalog, by its index there. The caller holds d's
// lock.
func (t *Table) account(d *device, printed int, count float64, now int64) {
	if seen := &t.seen[printed]; !seen.Load() {
		seen.Store(true)
	}
	id := d.id(printed)
	if id.messages == nil {
		id.messages = t.seriesOf(d, t.metrics[metricMessages], t.ids[printed], now)
	}
	if id.messages != nil {
		t.add(d, id.messages, count, now)
	}
	if t.programs[printed] != nil {
		if id.last == nil {
			id.last = t.seriesOf(d, t.metrics[metricLastReceived], t.ids[printed], now)
		}
		if id.last != nil {
			t.set(d, id.last, seconds(now), now)
		}
	}
}

// applyRules runs the rules for a message. The caller holds d's lock.
func (t *Table) applyRules(d *device, o *Observation, count float64, now int64) {
	m := o.Message
	if t.programs[m.Index] == nil {
		return
	}
	p := &t.programs[m.Index][m.TemplateIndex]
	if begun := p.optional &^ d.optional; begun != 0 {
		t.createOptional(d, begun, now)
	}
	u := update{Table: t, device: d, o: o, binding: t.bindingFor(d, p, m), count: count, now: now}
	for i := range p.instructions {
		in := &p.instructions[i]
		switch in.op {
		case collectors.OpSet:
			u.setGauge(in, in.number)
		case collectors.OpField:
			u.setGauge(in, m.Number(in.field))
		case collectors.OpQuotient:
			if value := m.Number(in.field) / m.Number(in.by); 0 <= value && value <= 1 {
				u.setGauge(in, value)
			}
		case collectors.OpChange:
			if u.changed.has(in.of) {
				u.setGauge(in, seconds(now))
			}
		case collectors.OpReceipt:
			if s := t.seriesFor(d, u.binding, in, m, now); s != nil {
				t.touch(d, s, now)
			}
		case collectors.OpDays:
			u.setGauge(in, in.daysAhead(m, now))
		case collectors.OpState:
			u.setState(in, in.state)
		case collectors.OpStateField:
			if state := in.stateOf(m.Field(in.field).Text); in.metric.Type == collectors.StateSet {
				u.setState(in, state)
			} else {
				u.setGauge(in, float64(state))
			}
		case collectors.OpAdd:
			if s := t.seriesFor(d, u.binding, in, m, now); s != nil {
				t.add(d, s, count, now)
				if in.metric.isAlert() {
					t.events.add(d, o, s, noState, noState)
				}
			}
		case collectors.OpCreate:
			t.seriesFor(d, u.binding, in, m, now)
		}
	}
	if u.graced != nil {
		t.noteEnd(d, u.graced)
	}
}

// An update is one message while the rules for it are applied to its device.
type update struct {
	*Table
	device  *device
	o       *Observation
	binding *binding
	count   float64
	now     int64
	changed metricSet // The metrics that the message has changed so far.
	graced  *series   // A series with a Grace that it has set, or nil.
}

// A metricSet is a set of metrics.
type metricSet [256 / 64]uint64

func (s *metricSet) add(m *metric)      { s[m.index/64] |= 1 << (m.index % 64) }
func (s *metricSet) has(m *metric) bool { return s[m.index/64]&(1<<(m.index%64)) != 0 }

// setGauge sets the gauge of an instruction.
func (u *update) setGauge(in *instruction, value float64) {
	s := u.seriesFor(u.device, u.binding, in, u.o.Message, u.now)
	if s == nil {
		return
	}
	from := noState
	if in.metric.isState() && !s.is(unset) {
		from = in.metric.stateOf(s.value)
	}
	if in.metric.Grace != 0 {
		if u.graced = s; value == 0 && from == 0 {
			return // It does not end later because of that.
		}
	}
	if u.set(u.device, s, value, u.now) {
		u.changed.add(in.metric)
	}
	if in.metric.Type == collectors.Info {
		u.replace(u.device, s)
	}
	if in.metric.isState() {
		u.reported(u.device, u.o, s, from, in.metric.stateOf(value))
	}
}

// daysAhead returns the time that the instruction sets, in seconds since 1970.
func (in *instruction) daysAhead(m *catalog.Message, now int64) float64 {
	const day = 24 * 60 * 60
	return seconds(now) + m.Number(in.field)*day
}

// setState sets the state set of an instruction to the state with an index.
func (u *update) setState(in *instruction, state int) {
	all := u.statesFor(u.device, u.binding, in, u.o.Message, u.now)
	from := noState
	for i, s := range all {
		value := 0.0
		if i == state {
			value = 1
		}
		if s.value == 1 {
			from = i
		}
		if u.set(u.device, s, value, u.now) {
			u.changed.add(in.metric)
		}
	}
	if all != nil && in.metric.isState() {
		u.reported(u.device, u.o, all[state], from, state)
	}
}

// buildKey puts the key of the series that an instruction touches in d.key; for
// a state set, without the state.
func (d *scratch) buildKey(in *instruction, m *catalog.Message) {
	d.key = startKey(d.key, in.metric)
	labels := in.metric.ruleLabels()
	for i := range in.labels {
		if src := &in.labels[i]; src.field < 0 {
			d.key = append(d.key, src.fixed...)
		} else {
			source := labelSource{src.field, &labels[i]}
			source.appendTo(d, m)
		}
		d.key = endKeyValue(d.key)
	}
}
