package state

import (
	"math"
	"strconv"

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
}

// update is Update for a device, whose lock the caller holds.
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
		d.key = endKeyValue(strconv.AppendUint(d.key, uint64(o.CountID), 10))
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

// apply runs the rules for a message. The caller holds d's lock.
func (t *Table) apply(d *device, o *Observation, count float64, now int64) {
	m := o.Message
	printed := m.Index
	if m.TextOf != 0 {
		printed = t.catalog.Index(m.ID)
	}
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
	if t.programs[m.Index] == nil {
		return
	}
	var (
		changed *metric
		said    outcome
	)
	p := &t.programs[m.Index][m.Variant]
	b := t.bindingFor(d, p, m)
	program := p.instructions
	for i := range program {
		in := &program[i]
		switch in.op {
		case collectors.OpSet, collectors.OpField, collectors.OpChange:
			value := in.number
			if in.op == collectors.OpField {
				value = m.Number(in.field)
			} else if in.op == collectors.OpChange {
				if changed != in.of {
					continue
				}
				value = seconds(now)
			}
			s := t.seriesFor(d, b, in, m, now)
			if s == nil {
				continue
			}
			from := s.value
			if s.unset {
				from = math.NaN()
			}
			if t.set(d, s, value, now) {
				changed = in.metric
			}
			if in.metric == t.components.ok {
				said.state, said.from, said.to = s, okState(from), okState(value)
			}
		case collectors.OpAdd:
			if s := t.seriesFor(d, b, in, m, now); s != nil {
				t.add(d, s, count, now)
				if in.metric.hardware && in.metric != t.components.failures {
					said.alarm = s
				}
			}
		case collectors.OpCreate:
			t.seriesFor(d, b, in, m, now)
		case collectors.OpState:
			from := stateUnknown
			states := in.metric.states()
			for i, s := range t.statesFor(d, b, in, m, now) {
				value := 0.0
				if states[i] == in.state {
					value = 1
				}
				if s.value == 1 {
					from = states[i]
				}
				if t.set(d, s, value, now) {
					changed = in.metric
				}
				if states[i] == in.state && in.metric == t.components.temperature {
					said.state, said.to = s, states[i]
				}
			}
			if in.metric == t.components.temperature {
				said.from = from
			}
		}
	}
	t.record(d, o, &said, b)
}

// buildKey puts the key of the series that an instruction touches in d.key:
// the number of the metric and the label values.
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
