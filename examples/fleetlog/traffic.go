package main

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// stories is how many ordinary events happen in a day; most take several lines.
const stories = 2840

// traffic adds what firewalls say all day long.
func (g *generator) traffic() {
	for range stories {
		d := g.fleet.Devices[g.rnd.IntN(len(g.fleet.Devices))]
		at := g.start.Add(time.Duration(g.rnd.Int64N(int64(24 * time.Hour)))).Truncate(time.Millisecond)
		// Four of five events at night do not happen.
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

// isOff tells whether d sends nothing at that time: the thermal shutdown of
// incidents.
func (g *generator) isOff(d *simulator.Device, at time.Time) bool {
	return d.Name == "mad-branch-fw1" && !at.Before(g.clock("11:52:12")) && at.Before(g.clock("13:31:00"))
}
