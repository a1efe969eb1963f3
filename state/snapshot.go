package state

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A DeviceState is the state of a device at one moment. It shares no
// memory with the table. Lists are never nil.
type DeviceState struct {
	Name string `json:"name"`
	// LastMessage is the time of receipt, nil if the device never sent any.
	LastMessage *time.Time `json:"last_message"`
	// Addresses are the last addresses that its messages came from since the start
	// of the process, without relays, the last one first.
	Addresses []Address `json:"addresses"`
	// State is the name of the worst state in Components, Temperatures and
	// States, such as failed, critical, warm or ok. If there is none, it is ok if
	// ReportsHealth, else unknown.
	State string `json:"state"`
	// Level is how bad State is: ok, warning, critical, failed, or unknown.
	Level string `json:"level"`
	// ReportsHealth is whether the device has sent a health alert, as management
	// centers do, within a week.
	ReportsHealth bool `json:"reports_health"`

	Components   []ComponentState   `json:"components"`
	Temperatures []TemperatureState `json:"temperatures"`
	// States are all other states, and the alarms.
	States []MetricState `json:"states"`
	// Capacity has the gauges that have not expired.
	Capacity []CapacityGauge `json:"capacity"`
	// Counters has those that are not shown with a state.
	Counters           []CounterValue      `json:"counters"`
	MessagesBySeverity map[string]*float64 `json:"messages_by_severity"`
}

// A ComponentState is the state of a component that works or has failed: of a
// gauge with States that has the labels component and unit.
type ComponentState struct {
	Component string `json:"component"`
	Unit      string `json:"unit"`
	OK        bool   `json:"ok"`
	// Failures counts the reports of failures.
	Failures *float64 `json:"failures"`
	LastReport
}

// A TemperatureState is the state of a temperature sensor: of a state set that
// has the labels component and unit, and a reading in degrees Celsius.
type TemperatureState struct {
	Component string   `json:"component"`
	Unit      string   `json:"unit"`
	Celsius   *float64 `json:"celsius"`
	State     string   `json:"state"`
	// Alarms counts the reports of a warm or critical sensor.
	Alarms *float64 `json:"alarms"`
	LastReport
}

// A MetricState is any other state, or an alarm: a report that no other message
// withdraws, which counts for some time; see [collectors.Alarm].
type MetricState struct {
	// Metric is the metric with the states, or the counter of the reports.
	Metric string `json:"metric"`
	// Title names the metric to a reader.
	Title string `json:"title"`
	// Labels lacks the device and the state.
	Labels map[string]string `json:"labels"`
	// State is the name of the state, alarm, or unknown; Level is how bad it is:
	// ok, warning, critical, failed, or unknown.
	State string `json:"state"`
	Level string `json:"level"`
	// Reading is what the state was derived from, in Unit, or nil.
	Reading *float64        `json:"reading"`
	Unit    collectors.Unit `json:"unit"`
	// Reports counts the reports of bad states, or those of the alarm, or is nil.
	Reports *float64 `json:"reports"`
	LastReport
}

// A LastReport has the time when a state began and the last report of it.
type LastReport struct {
	// Since is nil if it is not known. For a state from before a restart it is
	// the time in the metric of the last change, for an alarm the time of its last
	// report.
	Since *time.Time `json:"since"`
	// Text and MessageID, the printed id, are those of the event that began the
	// state until the first report after a restart, or empty if it is not known.
	Text      string `json:"text"`
	MessageID string `json:"message_id"`
	// TextOf is the id whose text it is if that is not MessageID, else empty. It
	// decides what the message means.
	TextOf string `json:"text_of"`
}

// A CapacityGauge is a gauge that expires.
type CapacityGauge struct {
	Metric string `json:"metric"`
	// Labels lacks the device.
	Labels map[string]string `json:"labels"`
	Value  *float64          `json:"value"`
	// Updated is the time of the last report.
	Updated *time.Time `json:"updated"`
	// Title names the metric to a reader.
	Title string `json:"title"`
	// Unit is the unit of Value, Limit and Warning; empty for a count.
	Unit collectors.Unit `json:"unit"`
	// Limit and Warning are the present values of the gauges that this one is
	// compared with, nil if there is none; the names are their titles.
	Limit       *float64 `json:"limit"`
	LimitName   string   `json:"limit_name"`
	Warning     *float64 `json:"warning"`
	WarningName string   `json:"warning_name"`
	// LimitOf is the metric of the gauge in the same list that has this one as
	// its limit or warning, or empty.
	LimitOf string `json:"limit_of"`
}

// A CounterValue is the value of a counter.
type CounterValue struct {
	Metric string `json:"metric"`
	// Labels lacks the device.
	Labels map[string]string `json:"labels"`
	Value  *float64          `json:"value"`
}

// Snapshots returns the states of all devices in the order of their names. It
// holds the lock of one device at a time, and none while the caller works.
func (t *Table) Snapshots() iter.Seq[DeviceState] {
	return func(yield func(DeviceState) bool) {
		devices := t.appendDevices(nil)
		slices.SortFunc(devices, func(a, b *device) int { return strings.Compare(a.name, b.name) })
		var space []seriesCopy
		for _, d := range devices {
			if x, ok := t.snapshot(d, &space); ok && !yield(x) {
				return
			}
		}
	}
}

// Snapshot returns the state of the device called name, and whether there is
// one.
func (t *Table) Snapshot(name string) (DeviceState, bool) {
	d := t.find(name)
	if d == nil {
		return DeviceState{}, false
	}
	return t.snapshot(d, new([]seriesCopy))
}

// A seriesCopy is what a series and those that belong to it were at one moment.
type seriesCopy struct {
	metric *metric
	key    string
	value  float64
	set    int64
	state  int  // Index of the state, or noState.
	alarm  bool // Whether it counts reports of an alarm that is a state.
	off    bool // Whether the configuration switches off what it is the state of.
	report LastReport

	reports, reading, limit, warning *float64
	isLimit                          bool // Whether the gauge that has it as limit or warning is there.
}

// isShown reports whether the series of the metric are in snapshots by
// themselves.
func (m *metric) isShown() bool {
	switch {
	case m.index < firstRuleMetric:
		return m.index == metricDeviceLast || m.index == metricSyslogMessages
	case len(m.states) > 0:
		return true
	default:
		return m.Of == nil && (m.Expires || m.Type == collectors.Counter)
	}
}

// copySeries copies the series of a device that are shown, to the memory of
// space, and its addresses and whether it reports health to x. It returns false if the device was forgotten.
func (t *Table) copySeries(d *device, x *DeviceState, space []seriesCopy) ([]seriesCopy, bool) {
	now := t.opts.Now().UnixNano()
	t.settled(d)
	defer d.mu.Unlock()
	if d.forgotten {
		return nil, false
	}
	x.Addresses = d.appendAddresses([]Address{})
	var key []byte
	// sibling returns the series of another metric that belongs to s, or nil.
	sibling := func(s *series, other *metric) *series {
		if other == nil {
			return nil
		}
		key = siblingKey(key, s.metric, other, s.key)
		if found := d.series[string(key)]; found != nil && !t.expired(found, now) {
			return found
		}
		return nil
	}
	value := func(s *series) *float64 {
		if s == nil {
			return nil
		}
		return finite(s.value)
	}
	var boot *series
	if t.boot != nil {
		key = startKey(key, t.boot)
		boot = d.series[string(key)]
	}
	key = endKeyValue(catalog.HealthAlert.Append(startKey(key, t.metrics[metricLastReceived])))
	if alert := d.series[string(key)]; alert != nil {
		x.ReportsHealth = now-alert.set < int64(reporterTime)
	}
	all := space[:0]
	for _, s := range d.list {
		m := s.metric
		if !m.isShown() || t.expired(s, now) || m.Type == collectors.StateSet && s.value != 1 {
			continue
		}
		x := seriesCopy{metric: m, key: s.key, value: s.value, set: s.set, state: noState}
		switch {
		case len(m.states) > 0:
			x.state = m.stateOf(s.value)
			if m.Type == collectors.StateSet {
				name := keyValue(s.key, len(m.Labels)-1)
				x.state = m.stateCalled(name)
			}
			x.reports, x.reading = value(sibling(s, m.reports)), value(sibling(s, m.reading))
			x.report = s.report.view()
			if enabled := sibling(s, m.enabled); enabled != nil {
				x.off = enabled.value == 0
			}
			if changed := sibling(s, m.changed); changed != nil && x.report.Since == nil {
				x.report.Since = moment(changed.set)
			}
		case m.Expires:
			x.limit, x.warning = value(sibling(s, m.limit)), value(sibling(s, m.warning))
			x.isLimit = sibling(s, m.limitOf) != nil
		case s.alarmed(boot, now):
			x.alarm, x.reports, x.report = true, value(s), s.report.view()
			x.report.Since = moment(s.set)
		}
		all = append(all, x)
	}
	return all, true
}

// snapshot returns the state of a device, and false if it was forgotten. It uses
// the memory of space.
func (t *Table) snapshot(d *device, space *[]seriesCopy) (DeviceState, bool) {
	x := DeviceState{
		Name: d.name, State: stateUnknown, Level: stateUnknown,
		Components: []ComponentState{}, Temperatures: []TemperatureState{}, States: []MetricState{},
		Capacity: []CapacityGauge{}, Counters: []CounterValue{}, MessagesBySeverity: map[string]*float64{},
	}
	all, ok := t.copySeries(d, &x, *space)
	if !ok {
		return DeviceState{}, false
	}
	*space = all
	var worst *seriesCopy
	for i := range all {
		s := &all[i]
		m := s.metric
		switch {
		case m.index == metricDeviceLast:
			if s.value != 0 {
				x.LastMessage = moment(s.set)
			}
		case m.index == metricSyslogMessages:
			x.MessagesBySeverity[keyValue(s.key, 0)] = finite(s.value)
		case len(m.states) > 0:
			x.addState(s)
		case m.Expires:
			x.Capacity = append(x.Capacity, s.capacity())
		default:
			x.Counters = append(x.Counters, CounterValue{m.Name, m.labelMap(s.key), finite(s.value)})
			if s.alarm {
				x.addState(s)
			}
		}
		if s.worseThan(worst) {
			worst = s
		}
	}
	if worst != nil {
		state, _ := worst.present()
		x.State, x.Level = state.Name, state.Level.String()
	} else if x.ReportsHealth {
		x.State, x.Level = collectors.OK.String(), collectors.OK.String()
	}
	x.sort()
	return x, true
}

// worseThan reports whether the state is worse than another, or known if that is
// nil. Among those that are equally bad, the first in the documentation wins.
func (s *seriesCopy) worseThan(other *seriesCopy) bool {
	state, known := s.present()
	if !known || other == nil {
		return known
	}
	before, _ := other.present()
	return cmp.Or(
		cmp.Compare(state.Level, before.Level),
		cmp.Compare(other.metric.index, s.metric.index),
		cmp.Compare(other.state, s.state),
	) > 0
}

// present returns the state that the series stands for, and whether it is known.
func (s *seriesCopy) present() (state collectors.State, known bool) {
	if s.alarm {
		return collectors.State{Name: stateAlarm, Level: s.metric.Alarm.Level}, true
	}
	state = s.metric.state(s.state)
	if s.off {
		state.Level = collectors.OK
	}
	return state, s.state != noState
}

// addState adds a state to the list where it belongs.
func (x *DeviceState) addState(s *seriesCopy) {
	m := s.metric
	labels := m.ruleLabels()
	ofUnit := len(labels) == 2 && labels[0].Name == "component" && labels[1].Name == "unit"
	level := stateUnknown
	state, known := s.present()
	if known {
		level = state.Level.String()
	}
	switch {
	case ofUnit && m.Type == collectors.Gauge:
		x.Components = append(x.Components, ComponentState{
			Component: keyValue(s.key, 0), Unit: keyValue(s.key, 1), OK: level == collectors.OK.String(), Failures: s.reports, LastReport: s.report,
		})
	case ofUnit && m.reading != nil && m.reading.Unit == collectors.Celsius:
		x.Temperatures = append(x.Temperatures, TemperatureState{
			Component: keyValue(s.key, 0), Unit: keyValue(s.key, 1), Celsius: s.reading, State: state.Name, Alarms: s.reports, LastReport: s.report,
		})
	default:
		v := MetricState{
			Metric: m.Name, Title: m.title(), Labels: m.labelMap(s.key), State: state.Name, Level: level,
			Reading: s.reading, Reports: s.reports, LastReport: s.report,
		}
		if m.reading != nil {
			v.Unit = m.reading.Unit
		}
		x.States = append(x.States, v)
	}
}

func (s *seriesCopy) capacity() CapacityGauge {
	m := s.metric
	g := CapacityGauge{
		Metric: m.Name, Labels: m.labelMap(s.key), Value: finite(s.value), Updated: moment(s.set),
		Title: m.title(), Unit: m.Unit, Limit: s.limit, Warning: s.warning,
	}
	if s.limit != nil {
		g.LimitName = m.limit.title()
	}
	if s.warning != nil {
		g.WarningName = m.warning.title()
	}
	if s.isLimit {
		g.LimitOf = m.limitOf.Name
	}
	return g
}

// title names the metric to a reader.
func (m *metric) title() string { return cmp.Or(m.Title, m.Name) }

// labelMap returns the labels in a key, without the device and the state.
func (m *metric) labelMap(key string) map[string]string {
	labels := make(map[string]string, len(m.Labels))
	for i, l := range m.ruleLabels() {
		labels[l.Name] = keyValue(key, i)
	}
	return labels
}

// sort gives every list a fixed order: units by their numbers, others by name of
// the metric and then by their labels.
func (x *DeviceState) sort() {
	byUnit := func(component1, unit1, component2, unit2 string) int {
		return cmp.Or(strings.Compare(component1, component2), cmp.Compare(len(unit1), len(unit2)), strings.Compare(unit1, unit2))
	}
	slices.SortFunc(x.Components, func(a, b ComponentState) int { return byUnit(a.Component, a.Unit, b.Component, b.Unit) })
	slices.SortFunc(x.Temperatures, func(a, b TemperatureState) int { return byUnit(a.Component, a.Unit, b.Component, b.Unit) })
	slices.SortFunc(x.States, func(a, b MetricState) int {
		return cmp.Or(strings.Compare(a.Metric, b.Metric), compareLabels(a.Labels, b.Labels))
	})
	slices.SortFunc(x.Capacity, func(a, b CapacityGauge) int {
		return cmp.Or(strings.Compare(a.Metric, b.Metric), compareLabels(a.Labels, b.Labels))
	})
	slices.SortFunc(x.Counters, func(a, b CounterValue) int {
		return cmp.Or(strings.Compare(a.Metric, b.Metric), compareLabels(a.Labels, b.Labels))
	})
}

func compareLabels(a, b map[string]string) int {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if c := strings.Compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return 0
}

// finite returns f, or nil if JSON does not have a notation for it.
func finite(f float64) *float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	return &f
}

func moment(nanoseconds int64) *time.Time {
	t := time.Unix(0, nanoseconds).UTC()
	return &t
}
