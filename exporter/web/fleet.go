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

// silentAfter is how long after its last message a device is shown as silent, unless it
// is a management center that reports health.
const silentAfter = time.Hour

// fleetPage is the page of all devices.
type fleetPage struct {
	page
	States                  []stateCount
	Total, NotShown, Limit  string // Total and NotShown are empty for 0.
	SilentAfter             string
	SomeSilent              bool        // Whether a device is silent.
	Exporter                []healthRow // What is wrong with the exporter itself.
	Trouble, Rest           []deviceRow
	Sensors                 []componentRow
	Gauges                  []gaugeRow
	MoreSensors, MoreGauges int
	Events                  []eventRow
	Unread                  []unreadRow
	Health                  []healthRow
	Listeners               []listenerRow
}

// A stateCount is how many devices are in a state of a level.
type stateCount struct {
	Level string
	Count int
}

// A deviceRow is a device on the page of all, with what is wrong with it.
type deviceRow struct {
	Name   string
	State  badge // The worst of its states, or silent.
	Silent bool
	Last   *pageTime // When its last message was received; nil if none was.
	// Problems are the parts whose state is not ok, the worst first; MoreProblems
	// is how many are not shown.
	Problems     []componentRow
	MoreProblems int
	changed      *pageTime // When its state began, or its last message came if it is silent.
}

// An eventRow is a change of state.
type eventRow struct {
	Time              *pageTime
	Device, Component string
	From, To          badge // From does not have a name if there was no state before.
	Summary           string
	reportRow
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
		counts[row.State.Level]++
		f.SomeSilent = f.SomeSilent || row.Silent
		for i := range d.Temperatures {
			// What a silent device reported as OK before is not OK now.
			if t := &d.Temperatures[i]; t.Celsius != nil && (!row.Silent || t.State != levelOK) {
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
	for _, level := range deviceLevels() {
		f.States = append(f.States, stateCount{level, counts[level]})
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
	status := p.status()
	f.Listeners, f.Health = p.newHealth(&status, now)
	for _, row := range f.Health {
		if level := row.State.Level; level != levelOK && level != levelOff {
			f.Exporter = append(f.Exporter, row)
		}
	}
	f.Unread = newUnreadRows(status.Unread, now)
	return &f
}

// compareDevices sorts the worst first, and among those that are equally bad the
// one whose state is newest.
func compareDevices(a, b deviceRow) int {
	return cmp.Or(compareLevels(a.State.Level, b.State.Level), compareTimes(a.changed, b.changed), strings.Compare(a.Name, b.Name))
}

// compareSensors sorts the sensor in the worst state first, then the hottest.
func compareSensors(a, b componentRow) int {
	return cmp.Or(compareLevels(a.State.Level, b.State.Level), cmp.Compare(b.celsius, a.celsius), strings.Compare(a.Device, b.Device), strings.Compare(a.Component, b.Component))
}

func newDeviceRow(d *state.DeviceState, now time.Time) deviceRow {
	row := deviceRow{Name: d.Name, State: newBadge(d.State, d.Level), Last: newPageTime(d.LastMessage, now)}
	row.Silent = d.LastMessage == nil || now.Sub(*d.LastMessage) > silentAfter && !d.ReportsHealth
	if level := row.State.Level; row.Silent && (level == levelOK || level == levelUnknown) {
		row.State, row.changed = levelBadge(levelSilent), row.Last
	}
	row.Problems, row.MoreProblems = first(newProblems(d, now), maxProblems, compareRows)
	if len(row.Problems) > 0 {
		row.changed = row.Problems[0].Since
	}
	return row
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
		component := formatUnit(e.Component, e.Unit)
		if component == "" {
			component = formatLabels(e.Labels)
		}
		rows = append(rows, eventRow{
			Time: &pageTime{e.Time, now}, Device: e.Device, Component: component,
			From: newBadge(e.From, ""), To: newBadge(e.To, e.Level), Summary: e.Summary,
			reportRow: reportRow{e.Text, e.MessageID, e.TextOf},
		})
	}
	return rows
}
