package main

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// events is the number of ordinary events in a day; most take several lines.
const events = 2840

// traffic adds the ordinary messages of the day.
func (g *generator) traffic() {
	for range events {
		d := g.fleet.Devices[g.rnd.IntN(len(g.fleet.Devices))]
		at := g.start.Add(time.Duration(g.rnd.Int64N(int64(24 * time.Hour)))).Truncate(time.Millisecond)
		// At night, move four of five events to another time.
		if h := at.In(d.Zone).Hour(); (h < 7 || h > 19) && g.rnd.IntN(5) > 0 {
			at = at.Add(10 * time.Hour)
			if !at.Before(g.start.AddDate(0, 0, 1)) {
				at = at.AddDate(0, 0, -1)
			}
		}
		for _, step := range g.fleet.Traffic(d, at) {
			at = at.Add(step.After)
			if !g.isOff(d, at) {
				g.add(at, d, step.Message)
			}
		}
	}
}

// isOff reports whether d is switched off at that time, because of the thermal
// shutdown in incidents.
func (g *generator) isOff(d *simulator.Device, at time.Time) bool {
	return d.Name == "mad-branch-fw1" && !at.Before(g.clock("11:52:12")) && at.Before(g.clock("13:31:00"))
}
