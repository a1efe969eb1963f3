package web

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// What a page shows at most, beginning with the worst.
const (
	maxDevices  = 200
	maxProblems = 8 // Of each device on the page of all.
	maxSensors  = 10
	maxGauges   = 5 // Of each metric on the page of all.
	maxEvents   = 20
)

// silentAfter is how long after its last message a device is shown as silent.
const silentAfter = time.Hour

// States of the pages; the last two are of the exporter only.
const (
	statusFailed   = "failed"
	statusCritical = "critical"
	statusWarm     = "warm"
	statusSilent   = "silent"
	statusUnknown  = "unknown"
	statusOK       = "ok"
	statusWarning  = "warning"
	statusOff      = "off"
)

// deviceStates returns the states that a device can have, the worst first. A
// silent device may have failed in the meantime, so it comes before the healthy
// ones.
func deviceStates() []string {
	return []string{statusFailed, statusCritical, statusWarm, statusSilent, statusUnknown, statusOK}
}

func compareStates(a, b string) int {
	states := deviceStates()
	return cmp.Compare(slices.Index(states, a), slices.Index(states, b))
}

// fleetPage is the page of all devices.
type fleetPage struct {
	page
	States                  []stateCount
	Total, NotShown, Limit  string // Total and NotShown are empty for 0.
	SilentAfter             string
	Trouble, Rest           []deviceRow
	Sensors                 []componentRow
	Gauges                  []gaugeRow
	MoreSensors, MoreGauges int
	Events                  []eventRow
	Health                  []healthRow
	Listeners               []listenerRow
}

// A stateCount is how many devices are in a state.
type stateCount struct {
	State string
	Count int
}

// A deviceRow is a device on the page of all, with what is wrong with it.
type deviceRow struct {
	Name   string
	State  string // One of deviceStates.
	Silent bool
	Last   *pageTime // When its last message was received; nil if none was.
	// Problems are its components that have failed and its sensors that are hot;
	// MoreProblems is how many are not shown.
	Problems     []componentRow
	MoreProblems int
}

// A componentRow is a component or a temperature.
type componentRow struct {
	Device    string
	Component string
	State     string
	Celsius   string // Empty if it is not a temperature.
	Failures  string // Empty for 0.
	Since     *pageTime
	Text, ID  string // Of the last message about it.
	celsius   float64
}

// An eventRow is a change of state.
type eventRow struct {
	Time              *pageTime
	Device, Component string
	From, To          string
	Summary, Text, ID string
}

func (p *pages) serveFleet(w http.ResponseWriter, _ *http.Request) {
	f, _, _ := p.fleets.Do("", func() (any, error) { return p.newFleetPage(), nil })
	p.write(w, http.StatusOK, "fleet.html", f)
}

func (p *pages) newFleetPage() *fleetPage {
	var (
		f       = fleetPage{page: p.newPage("Firewalls: status", refresh), Limit: formatNumber(maxDevices), SilentAfter: formatDuration(silentAfter)}
		now     = p.now()
		counts  = map[string]int{}
		devices []deviceRow
		sensors []componentRow
		gauges  []gaugeRow
	)
	for d := range p.table.Snapshots() {
		row := newDeviceRow(&d, now)
		devices = append(devices, row)
		counts[row.State]++
		for i := range d.Temperatures {
			if t := &d.Temperatures[i]; t.Celsius != nil {
				sensors = append(sensors, newTemperatureRow(d.Name, t, now))
			}
		}
		for _, g := range newGaugeRows(&d, now) {
			if g.Limit != "" {
				g.Device = d.Name
				gauges = append(gauges, g)
			}
		}
	}
	for _, state := range deviceStates() {
		f.States = append(f.States, stateCount{state, counts[state]})
	}
	if len(devices) > 0 {
		f.Total = formatNumber(len(devices))
	}
	devices, more := first(devices, maxDevices, compareDevices)
	if more > 0 {
		f.NotShown = formatNumber(more)
	}
	for _, row := range devices {
		if len(row.Problems) > 0 {
			f.Trouble = append(f.Trouble, row)
		} else {
			f.Rest = append(f.Rest, row)
		}
	}
	f.Sensors, f.MoreSensors = first(sensors, maxSensors, compareSensors)
	f.Gauges, f.MoreGauges = worstGauges(gauges)
	f.Events = p.newEventRows("", now)
	f.Listeners, f.Health = p.newHealth()
	return &f
}

func compareDevices(a, b deviceRow) int {
	return cmp.Or(compareStates(a.State, b.State), strings.Compare(a.Name, b.Name))
}

// compareSensors sorts the hottest sensor first.
func compareSensors(a, b componentRow) int {
	return cmp.Or(cmp.Compare(b.celsius, a.celsius), strings.Compare(a.Device, b.Device), strings.Compare(a.Component, b.Component))
}

func newDeviceRow(d *state.DeviceState, now time.Time) deviceRow {
	row := deviceRow{Name: d.Name, State: d.State, Last: newPageTime(d.LastMessage, now)}
	row.Silent = d.LastMessage == nil || now.Sub(*d.LastMessage) > silentAfter
	if row.Silent && (row.State == statusOK || row.State == statusUnknown) {
		row.State = statusSilent
	}
	var problems []componentRow
	for i := range d.Components {
		if c := &d.Components[i]; !c.OK {
			problems = append(problems, newComponentRow(d.Name, c, now))
		}
	}
	for i := range d.Temperatures {
		if t := &d.Temperatures[i]; t.State != statusOK {
			problems = append(problems, newTemperatureRow(d.Name, t, now))
		}
	}
	row.Problems, row.MoreProblems = first(problems, maxProblems, func(a, b componentRow) int { return compareStates(a.State, b.State) })
	return row
}

func newStateRow(device, component, unit, state string, r *state.LastReport, now time.Time) componentRow {
	return componentRow{Device: device, Component: formatUnit(component, unit), State: state, Since: newPageTime(r.Since, now), Text: r.Text, ID: r.MessageID}
}

func newComponentRow(device string, c *state.ComponentState, now time.Time) componentRow {
	status := statusFailed
	if c.OK {
		status = statusOK
	}
	row := newStateRow(device, c.Component, c.Unit, status, &c.LastReport, now)
	if c.Failures != nil && *c.Failures > 0 {
		row.Failures = formatNumber(*c.Failures)
	}
	return row
}

func newTemperatureRow(device string, t *state.TemperatureState, now time.Time) componentRow {
	row := newStateRow(device, t.Component, t.Unit, t.State, &t.LastReport, now)
	if t.Celsius != nil {
		row.celsius, row.Celsius = *t.Celsius, formatNumber(*t.Celsius)+" °C"
	}
	return row
}

// formatUnit returns the name of a component for a reader: power supply 1.
func formatUnit(component, unit string) string {
	return strings.TrimSpace(formatName(component) + " " + unit)
}

// newEventRows returns the last events of a device, or of all devices if device
// is empty, the newest first.
func (p *pages) newEventRows(device string, now time.Time) []eventRow {
	var rows []eventRow
	for _, e := range slices.Backward(p.table.Events(time.Time{}, math.MaxInt)) {
		if device != "" && e.Device != device {
			continue
		}
		if len(rows) == maxEvents {
			break
		}
		rows = append(rows, eventRow{
			Time: &pageTime{e.Time, now}, Device: e.Device, Component: formatUnit(e.Component, e.Unit),
			From: e.From, To: e.To, Summary: e.Summary, Text: e.Text, ID: e.MessageID,
		})
	}
	return rows
}
