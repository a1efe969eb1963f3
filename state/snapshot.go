package state

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A DeviceState is what is known about a device at one moment. It shares no
// memory with the table that changes. Lists are never nil.
type DeviceState struct {
	Name string `json:"name"`
	// LastMessage is the time of receipt, nil if the device never spoke.
	LastMessage *time.Time `json:"last_message"`
	// State is the worst state of the components and temperatures: failed,
	// critical, warm, ok, or unknown if there are none.
	State        string             `json:"state"`
	Components   []ComponentState   `json:"components"`
	Temperatures []TemperatureState `json:"temperatures"`
	// Capacity has the gauges that have not expired.
	Capacity []CapacityGauge `json:"capacity"`
	// Counters has those that no component shows.
	Counters           []CounterValue      `json:"counters"`
	MessagesBySeverity map[string]*float64 `json:"messages_by_severity"`
}

// A ComponentState is the state of a component that works or has failed.
type ComponentState struct {
	Component string `json:"component"`
	Unit      string `json:"unit"`
	OK        bool   `json:"ok"`
	// Failures counts the reports of failures.
	Failures *float64 `json:"failures"`
	LastReport
}

// A TemperatureState is the state of a temperature sensor.
type TemperatureState struct {
	Component string   `json:"component"`
	Unit      string   `json:"unit"`
	Celsius   *float64 `json:"celsius"`
	State     string   `json:"state"`
	LastReport
}

// A LastReport tells when a state began and what was last said about it.
type LastReport struct {
	// Since is nil if it is not known. For a state from before a restart it is
	// the value of ftd_component_state_changed_timestamp_seconds, which the
	// state and the temperature of a component share.
	Since *time.Time `json:"since"`
	// Text and MessageID are empty until the first report after a restart.
	Text      string `json:"text"`
	MessageID string `json:"message_id"`
}

// A CapacityGauge is a gauge that expires.
type CapacityGauge struct {
	Metric string `json:"metric"`
	// Labels lacks the device.
	Labels map[string]string `json:"labels"`
	Value  *float64          `json:"value"`
	// Updated is the time of the last report.
	Updated *time.Time `json:"updated"`
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
		t.mu.RLock()
		devices := make([]*device, 0, len(t.devices))
		for _, d := range t.devices {
			devices = append(devices, d)
		}
		t.mu.RUnlock()
		slices.SortFunc(devices, func(a, b *device) int { return strings.Compare(a.name, b.name) })
		for _, d := range devices {
			if x, ok := t.snapshot(d); ok && !yield(x) {
				return
			}
		}
	}
}

// Snapshot returns the state of the device called name, and whether there is
// one.
func (t *Table) Snapshot(name string) (DeviceState, bool) {
	t.mu.RLock()
	d := t.devices[name]
	t.mu.RUnlock()
	if d == nil {
		return DeviceState{}, false
	}
	return t.snapshot(d)
}

// A seriesCopy is what a series and its note were at one moment.
type seriesCopy struct {
	*series // Only what never changes is read.
	value   float64
	set     int64
	since   int64
	report  LastReport
}

// copySeries copies the series of a device, and returns nil and false if the
// device was forgotten.
func (t *Table) copySeries(d *device) ([]seriesCopy, bool) {
	now := t.opts.Now().UnixNano()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgotten {
		return nil, false
	}
	cells := make([]seriesCopy, 0, len(d.series))
	for _, c := range d.series {
		if t.expired(c, now) {
			continue
		}
		x := seriesCopy{series: c, value: c.value, set: c.set}
		if n := d.reports[c]; n != nil {
			x.since = n.since
			x.report.Text, x.report.MessageID = string(n.text), formatID(n.id)
		}
		cells = append(cells, x)
	}
	return cells, true
}

func (t *Table) snapshot(d *device) (DeviceState, bool) {
	cells, ok := t.copySeries(d)
	if !ok {
		return DeviceState{}, false
	}
	x := DeviceState{
		Name: d.name, Components: []ComponentState{}, Temperatures: []TemperatureState{},
		Capacity: []CapacityGauge{}, Counters: []CounterValue{}, MessagesBySeverity: map[string]*float64{},
	}

	// What belongs to a component is spread over several metrics.
	type id struct{ component, unit string }
	var (
		failures = map[id]*float64{}
		celsius  = map[id]*float64{}
		changed  = map[id]int64{}
	)
	for i := range cells {
		c := &cells[i]
		key := id{c.label("component"), c.label("unit")}
		switch c.metric {
		case t.components.failures:
			failures[key] = finite(c.value)
		case t.components.celsius:
			celsius[key] = finite(c.value)
		case t.components.changed:
			changed[key] = c.set
		case t.components.ok:
			x.Components = append(x.Components, ComponentState{
				Component: key.component, Unit: key.unit, OK: c.value != 0, LastReport: c.lastReport(),
			})
		case t.components.temperature:
			if c.value == 1 {
				x.Temperatures = append(x.Temperatures, TemperatureState{
					Component: key.component, Unit: key.unit, State: c.label("state"), LastReport: c.lastReport(),
				})
			}
		case t.metrics[metricDeviceLast]:
			if c.value != 0 {
				x.LastMessage = moment(c.set)
			}
		case t.metrics[metricSyslogMessages]:
			x.MessagesBySeverity[c.label("severity")] = finite(c.value)
		default:
			switch {
			case c.metric.index < firstRuleMetric:
			case c.metric.Expires:
				x.Capacity = append(x.Capacity, CapacityGauge{c.metric.Name, c.labelMap(), finite(c.value), moment(c.set)})
			case c.metric.Type == collectors.Counter:
				x.Counters = append(x.Counters, CounterValue{c.metric.Name, c.labelMap(), finite(c.value)})
			}
		}
	}
	// The time of the last change fills in for what a restart forgot.
	fill := func(since **time.Time, key id) {
		if at, ok := changed[key]; ok && *since == nil {
			*since = moment(at)
		}
	}
	for i := range x.Components {
		c := &x.Components[i]
		key := id{c.Component, c.Unit}
		c.Failures = failures[key]
		fill(&c.Since, key)
	}
	for i := range x.Temperatures {
		c := &x.Temperatures[i]
		key := id{c.Component, c.Unit}
		c.Celsius = celsius[key]
		fill(&c.Since, key)
	}
	x.sort()
	x.State = x.worst()
	return x, true
}

func (c *seriesCopy) lastReport() LastReport {
	if c.since != 0 {
		c.report.Since = moment(c.since)
	}
	return c.report
}

// labelMap returns the labels without the device.
func (c *seriesCopy) labelMap() map[string]string {
	labels := make(map[string]string, len(c.metric.Labels))
	for i, v := range appendKeyValues(nil, c.key) {
		labels[c.metric.Labels[i].Name] = v
	}
	return labels
}

// sort gives every list a fixed order: units by their numbers, series as in
// the documentation and then by their labels.
func (x *DeviceState) sort() {
	byUnit := func(component1, unit1, component2, unit2 string) int {
		return cmp.Or(strings.Compare(component1, component2), cmp.Compare(len(unit1), len(unit2)), strings.Compare(unit1, unit2))
	}
	slices.SortFunc(x.Components, func(a, b ComponentState) int { return byUnit(a.Component, a.Unit, b.Component, b.Unit) })
	slices.SortFunc(x.Temperatures, func(a, b TemperatureState) int { return byUnit(a.Component, a.Unit, b.Component, b.Unit) })
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

// worst returns the worst state of the components and temperatures.
func (x *DeviceState) worst() string {
	worstFirst := [...]string{stateFailed, "critical", "warm", stateOK}
	worst, rank := stateUnknown, len(worstFirst)
	see := func(state string) {
		if i := slices.Index(worstFirst[:], state); i >= 0 && i < rank {
			worst, rank = state, i
		}
	}
	for _, c := range x.Components {
		if c.OK {
			see(stateOK)
		} else {
			see(stateFailed)
		}
	}
	for _, t := range x.Temperatures {
		see(t.State)
	}
	return worst
}

// finite returns f, or nil if JSON cannot say it.
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
