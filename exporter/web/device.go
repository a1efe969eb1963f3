package web

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// devicePage is the page of one device; Device is nil if there is no device of
// this name.
type devicePage struct {
	page
	Name   string
	Device *deviceView
}

// A deviceView is everything that the table has of a device.
type deviceView struct {
	deviceRow
	Labels, Severities               []label
	Addresses                        []addressRow
	Components, Temperatures, States []componentRow
	Gauges                           []gaugeRow
	Counters                         []counterRow
	ZeroCounters                     int
	Events                           []eventRow
}

// A label is a name and a value.
type label struct{ Name, Value string }

// An addressRow is an address that messages of the device came from.
type addressRow struct {
	Address string
	Last    *pageTime
}

// A counterRow is a counter that is not 0.
type counterRow struct{ Title, Name, Labels, Value string }

func (p *pages) serveDevice(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	page := devicePage{page: p.newPage(name+": status", refresh), Name: name}
	d, ok := p.table.Snapshot(name)
	if !ok {
		p.write(w, http.StatusNotFound, "device.html", page)
		return
	}
	page.Device = p.newDeviceView(&d, p.now())
	p.write(w, http.StatusOK, "device.html", page)
}

func (p *pages) newDeviceView(d *state.DeviceState, now time.Time) *deviceView {
	v := &deviceView{deviceRow: newDeviceRow(d, now), Gauges: newGaugeRows(d, now), Events: p.newEventRows(d.Name, now)}
	labels := p.labels(d.Name)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		v.Labels = append(v.Labels, label{name, labels[name]})
	}
	for _, a := range d.Addresses {
		v.Addresses = append(v.Addresses, addressRow{a.Address.String(), &pageTime{a.LastMessage, now}})
	}
	for _, severity := range slices.Sorted(maps.Keys(d.MessagesBySeverity)) {
		if n := d.MessagesBySeverity[severity]; n != nil {
			v.Severities = append(v.Severities, label{severity, formatNumber(*n)})
		}
	}
	for i := range d.Components {
		v.Components = append(v.Components, newComponentRow(d.Name, &d.Components[i], now))
	}
	for i := range d.Temperatures {
		v.Temperatures = append(v.Temperatures, newTemperatureRow(d.Name, &d.Temperatures[i], now))
	}
	for i := range d.States {
		v.States = append(v.States, newStateRow(d.Name, &d.States[i], now))
	}
	// What is bad stands above what is not, which is otherwise in the order of names.
	for _, rows := range [][]componentRow{v.Components, v.Temperatures, v.States} {
		slices.SortStableFunc(rows, func(a, b componentRow) int { return compareLevels(a.State.Level, b.State.Level) })
	}
	for _, c := range d.Counters {
		if c.Value != nil && *c.Value > 0 {
			v.Counters = append(v.Counters, counterRow{formatTitle(c.Metric), c.Metric, formatLabels(c.Labels), formatNumber(*c.Value)})
		} else {
			v.ZeroCounters++
		}
	}
	return v
}
