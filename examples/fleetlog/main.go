// Command fleetlog prints one day of syslog of an invented fleet of thirty
// firewalls: ordinary traffic, and between it the faults that ftd_exporter is
// for. It prints the same day every time:
//
//	go run ./examples/fleetlog > examples/fleet.log
package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

func main() {
	if _, err := os.Stdout.Write(fleetLog()); err != nil {
		fmt.Fprintln(os.Stderr, "fleetlog:", err)
		os.Exit(1)
	}
}

// fleetLog returns the log of the whole day.
func fleetLog() []byte {
	g := newGenerator()
	g.traffic()
	g.incidents()

	slices.SortStableFunc(g.lines, func(a, b line) int { return a.at.Compare(b.at) })
	var out bytes.Buffer
	for _, l := range g.lines {
		out.WriteString(l.text)
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// A line is one line of the log and when it was sent.
type line struct {
	at   time.Time
	text string
}

// A generator collects the lines of the day.
type generator struct {
	rnd    *rand.Rand
	start  time.Time
	fleet  *simulator.Fleet
	byName map[string]*simulator.Device
	lines  []line
}

func newGenerator() *generator {
	rnd := rand.New(rand.NewPCG(2026, 317))
	g := &generator{
		rnd:    rnd,
		start:  time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC),
		fleet:  simulator.NewFleet(simulator.SampleSize, rnd),
		byName: map[string]*simulator.Device{},
	}
	for _, d := range g.fleet.Devices {
		g.byName[d.Name] = d
	}
	return g
}

// add lets a device send a message, unless the day is over.
func (g *generator) add(at time.Time, d *simulator.Device, m simulator.Message) {
	if at.Before(g.start.AddDate(0, 0, 1)) {
		g.lines = append(g.lines, line{at, d.Line(at, m)})
	}
}

// say lets the device of that name send a message at a time of day in UTC.
func (g *generator) say(clock, name string, severity, id int, format string, args ...any) {
	d, ok := g.byName[name]
	if !ok {
		panic("no such device: " + name)
	}
	g.add(g.clock(clock), d, simulator.NewMessage(severity, id, format, args...))
}

// clock returns the given time of day.
func (g *generator) clock(hms string) time.Time {
	t, err := time.Parse(time.TimeOnly, hms)
	if err != nil {
		panic(err)
	}
	return g.start.Add(t.Sub(t.Truncate(24 * time.Hour)))
}
