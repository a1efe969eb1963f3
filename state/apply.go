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
	m := o.Message
	if programs := t.programs[m.Index]; programs != nil {
		p := &programs[m.TemplateIndex]
		t.run(d, o, p, t.bindingFor(d, p, m), o.count(), now)
	}
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
	t.count(d, o, now)
	if o.From.IsValid() {
		if a := d.addresses; len(a) > 0 && a[0].addr == o.From {
			a[0].last, a[0].own = now, o.Own
		} else {
			t.noteAddress(d, o, now)
		}
	}
	if o.CountID != 0 {
		d.key = startKey(d.key, t.metrics[metricMessages])
		d.key = endKeyValue(o.CountID.Append(d.key))
		if s := t.series(d, t.metrics[metricMessages], now); s != nil {
			t.add(d, s, o.count(), now)
		}
	}
	if o.Message != nil {
		t.apply(d, o, o.count(), now)
	}
}

// count returns how many messages o counts as.
func (o *Observation) count() float64 { return float64(max(o.Count, 1)) }

// A tally has what nine of ten messages change, which mean nothing else: how many
// messages of each severity there were, when the last one came, and by what clock.
// It is beside the lock of its device; the series, each elsewhere in memory, get it
// from [Table.settle] when the device is read. Without it, BenchmarkReplay takes 6
// percent longer; TestTallyIsSettled compares it with a table that is read after
// each message.
type tally struct {
	unsettled bool   // Whether there is anything that the series do not have.
	ready     uint16 // A bit for each severity, and skewReady, whose series exist.
	last      int64  // When the last message came.
	skewAt    int64  // When skew was set, or 0.
	skew      float64
	messages  [8]struct {
		n    uint64
		last int64
	}
}

const skewReady = 1 << 8

// count counts a message in the tally of its device.
func (t *Table) count(d *device, o *Observation, now int64) {
	x := &d.tally
	severity := o.Severity & 7
	if x.ready&(1<<severity) == 0 {
		t.prepare(d, severity, now)
	}
	m := &x.messages[severity]
	m.n += uint64(max(o.Count, 1))
	m.last, x.last = now, now
	if !o.DeviceTime.IsZero() {
		if x.ready&skewReady == 0 {
			t.prepareSkew(d, now)
		}
		x.skew, x.skewAt = o.DeviceTime.Sub(o.Time).Seconds(), now
	}
	if !x.unsettled {
		x.unsettled = true
		if t.opts.Persist {
			t.pending.add(d)
		}
	}
}

// prepare creates the series for messages of a severity. If a limit forbids it, the
// next message tries again.
func (t *Table) prepare(d *device, severity uint8, now int64) {
	if d.severity[severity] == nil {
		d.severity[severity] = t.seriesOf(d, t.metrics[metricSyslogMessages], severityNames[severity], now)
	}
	if d.last == nil {
		d.last = t.seriesOf(d, t.metrics[metricDeviceLast], "", now)
	}
	if d.severity[severity] != nil && d.last != nil {
		d.tally.ready |= 1 << severity
	}
}

// prepareSkew is prepare for the series of the clock skew.
func (t *Table) prepareSkew(d *device, now int64) {
	if d.skew = t.seriesOf(d, t.metrics[metricClockSkew], "", now); d.skew != nil {
		d.tally.ready |= skewReady
	}
}

// settle gives the series of a device what its tally has. The caller holds its
// lock.
func (t *Table) settle(d *device) {
	x := &d.tally
	if !x.unsettled {
		return
	}
	x.unsettled = false
	for i := range x.messages {
		m := &x.messages[i]
		if s := d.severity[i]; s != nil && m.n > 0 {
			t.add(d, s, float64(m.n), m.last)
		}
		m.n = 0
	}
	if d.last != nil {
		t.set(d, d.last, seconds(x.last), x.last)
	}
	if d.skew != nil && x.skewAt != 0 {
		t.set(d, d.skew, x.skew, x.skewAt)
	}
	x.skewAt = 0
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
	var p *program
	var b *binding
	var id idSeries
	if programs := t.programs[m.Index]; programs != nil && o.Subject == nil {
		p = &programs[m.TemplateIndex]
		if b = t.bindingFor(d, p, m); m.TextOf == 0 {
			id = b.id
		}
	}
	if printed >= 0 { // Unless the catalog does not have the id.
		if seen := &t.seen[printed]; !seen.Load() {
			seen.Store(true)
		}
		if id.messages == nil || id.last == nil {
			id = t.idSeriesFor(d, printed, now)
			if b != nil && m.TextOf == 0 {
				b.id = id
			}
		}
	}
	if id.messages != nil {
		t.add(d, id.messages, count, now)
	}
	if id.last != nil {
		t.set(d, id.last, seconds(now), now)
	}
	if p != nil {
		t.run(d, o, p, b, count, now)
	}
}

// run runs a program for a message. The caller holds d's lock.
func (t *Table) run(d *device, o *Observation, p *program, b *binding, count float64, now int64) {
	m := o.Message
	u := update{Table: t, device: d, o: o, binding: b, count: count, now: now}
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
				t.touch(d, s, now, u.changed != metricSet{})
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
				t.alerted(d, o, s)
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
