package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// Levels say how bad a state is; each is a class of the style. The table has
// those from failed to ok, without silent; the pages call devices silent, and
// parts of the exporter off.
const (
	levelFailed   = "failed"
	levelCritical = "critical"
	levelWarning  = "warning"
	levelSilent   = "silent"
	levelUnknown  = "unknown"
	levelOK       = "ok"
	levelOff      = "off"
)

// deviceLevels returns the levels of devices, the worst first. A silent device may
// have failed in the meantime, so it comes before the healthy ones.
func deviceLevels() []string {
	return []string{levelFailed, levelCritical, levelWarning, levelSilent, levelUnknown, levelOK}
}

// compareLevels sorts the worst first.
func compareLevels(a, b string) int {
	levels := deviceLevels()
	return cmp.Compare(slices.Index(levels, a), slices.Index(levels, b))
}

// stateAlarm is the state of a report that no other message withdraws.
const stateAlarm = "alarm"

// A badge is a state as a page shows it: a word, and a level for its color and
// shape.
type badge struct{ Name, Level string }

// newBadge returns the badge of a state. If its level is not known, a state that
// is named like a class of the style, as most are, looks like it.
func newBadge(state, level string) badge { return badge{state, cmp.Or(level, state)} }

// levelBadge returns the badge of a state that has the name of its level.
func levelBadge(level string) badge { return badge{level, level} }

// A componentRow is a part of a device with its state: a component, a temperature
// or anything else that has one.
type componentRow struct {
	Device    string
	Component string
	State     badge
	Reading   string // What the state was derived from, or empty.
	Failures  string // How often it was reported as bad; empty for 0.
	Alarm     bool   // Whether it is a report that no other message withdraws.
	Since     *pageTime
	reportRow // The last report of it.
	celsius   float64
}

// A reportRow is a message: its text, the printed id and, if that is another, the
// id whose text it is.
type reportRow struct{ Text, ID, TextOf string }

// About is the id that decides what the message means.
func (r *reportRow) About() string { return cmp.Or(r.TextOf, r.ID) }

func newRow(device, component string, b badge, r *state.LastReport, now time.Time) componentRow {
	return componentRow{
		Device: device, Component: component, State: b, Since: newPageTime(r.Since, now),
		reportRow: reportRow{r.Text, r.MessageID, r.TextOf},
	}
}

// IsBad reports whether something should be done about it.
func (r *componentRow) IsBad() bool {
	return r.State.Level == levelFailed || r.State.Level == levelCritical
}

// compareRows sorts the worst first, and those that are equally bad by when they
// began, the newest first.
func compareRows(a, b componentRow) int {
	return cmp.Or(compareLevels(a.State.Level, b.State.Level), compareTimes(a.Since, b.Since))
}

// compareTimes sorts the newest first, and unknown times last.
func compareTimes(a, b *pageTime) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return b.time.Compare(a.time)
}

func newComponentRow(device string, c *state.ComponentState, now time.Time) componentRow {
	level := levelFailed
	if c.OK {
		level = levelOK
	}
	row := newRow(device, formatUnit(c.Component, c.Unit), levelBadge(level), &c.LastReport, now)
	row.Failures = formatReports(c.Failures)
	return row
}

// newTemperatureRow is for a sensor, whose states are ok, warm and critical.
func newTemperatureRow(device string, t *state.TemperatureState, now time.Time) componentRow {
	level := t.State
	if level == "warm" {
		level = levelWarning
	}
	row := newRow(device, formatUnit(t.Component, t.Unit), badge{t.State, level}, &t.LastReport, now)
	if t.Celsius != nil {
		row.celsius, row.Reading = *t.Celsius, formatValue(*t.Celsius, unitCelsius)
	}
	return row
}

func newStateRow(device string, s *state.MetricState, now time.Time) componentRow {
	row := newRow(device, strings.TrimSpace(formatTitle(s.Title)+" "+formatLabels(s.Labels)), newBadge(s.State, s.Level), &s.LastReport, now)
	row.Alarm = s.State == stateAlarm
	row.Failures = formatReports(s.Reports)
	if s.Reading != nil {
		row.Reading = formatValue(*s.Reading, string(s.Unit))
	}
	return row
}

// newProblems returns the parts of a device whose state is known and not ok.
func newProblems(d *state.DeviceState, now time.Time) []componentRow {
	var rows []componentRow
	for i := range d.Components {
		if c := &d.Components[i]; !c.OK {
			rows = append(rows, newComponentRow(d.Name, c, now))
		}
	}
	for i := range d.Temperatures {
		if t := &d.Temperatures[i]; t.State != levelOK {
			rows = append(rows, newTemperatureRow(d.Name, t, now))
		}
	}
	for i := range d.States {
		if s := &d.States[i]; s.Level != levelOK && s.Level != levelUnknown {
			rows = append(rows, newStateRow(d.Name, s, now))
		}
	}
	return rows
}

// formatUnit returns the name of a component for a reader: power supply 1.
func formatUnit(component, unit string) string {
	return strings.TrimSpace(formatName(component) + " " + unit)
}

// formatReports returns a number of reports, or nothing for none.
func formatReports(n *float64) string {
	if n == nil || !(*n > 0) {
		return ""
	}
	return formatNumber(*n)
}
