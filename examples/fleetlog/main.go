// Command fleetlog prints one day of syslog of a simulated fleet of thirty
// firewalls: ordinary traffic, and faults that ftd_exporter reports. The output
// is always the same:
//
//	go run ./examples/fleetlog > examples/fleet.log
//
// With --until-now, the day has just ended:
//
//	go run ./examples/fleetlog --until-now
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

func main() {
	untilNow := flag.Bool("until-now", false, "print the 24 hours before the present minute")
	flag.Parse()
	day := sampleDay()
	if *untilNow {
		day = time.Now().UTC().Truncate(time.Minute).AddDate(0, 0, -1)
	}
	if _, err := os.Stdout.Write(fleetLog(day)); err != nil {
		fmt.Fprintln(os.Stderr, "fleetlog:", err)
		os.Exit(1)
	}
}

// sampleDay returns the day of examples/fleet.log.
func sampleDay() time.Time { return time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC) }

// fleetLog returns the log of the day that begins at start.
func fleetLog(start time.Time) []byte {
	g := newGenerator(start)
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

// A line is a line of the log and the time it was sent.
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

func newGenerator(start time.Time) *generator {
	rnd := rand.New(rand.NewPCG(2026, 317))
	g := &generator{
		rnd:    rnd,
		start:  start,
		fleet:  simulator.NewFleet(simulator.SampleSize, rnd),
		byName: map[string]*simulator.Device{},
	}
	for _, d := range g.fleet.Devices {
		g.byName[d.Name] = d
	}
	return g
}

// add adds a message of a device, unless it is after the end of the day.
func (g *generator) add(at time.Time, d *simulator.Device, m simulator.Message) {
	if at.Before(g.start.AddDate(0, 0, 1)) {
		g.lines = append(g.lines, line{at, d.Line(at, m)})
	}
}

// message adds a message of the device of that name at a time of day in UTC.
func (g *generator) message(clock, name string, severity, id int, format string, args ...any) {
	d, ok := g.byName[name]
	if !ok {
		panic("no such device: " + name)
	}
	g.add(g.clock(clock), d, simulator.NewMessage(severity, id, format, args...))
}

// clock returns a time of day, such as 14:03:00, on the day of the log.
func (g *generator) clock(hms string) time.Time {
	t, err := time.Parse(time.TimeOnly, hms)
	if err != nil {
		panic(err)
	}
	return g.start.Add(t.Sub(t.Truncate(24 * time.Hour)))
}
