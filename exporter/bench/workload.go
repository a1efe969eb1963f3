// Package bench measures what the exporter costs. It generates the lines that
// firewalls send, sends them over loopback to an exporter that it starts as a
// process of its own, reads that process' CPU time and counters, and does the
// same with a sink that only receives and counts, as the floor.
//
// Measuring needs Linux, whose /proc tells what a process costs and what its
// sockets have lost; the lines are the same everywhere.
package bench

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/fleet"
)

// A Workload is what firewalls send. Equal values give equal lines.
type Workload struct {
	Lines   int
	Devices int
	Seed    uint64
}

// Validate returns an error for the user if w is too small or too large.
func (w Workload) Validate() error {
	switch {
	case w.Lines < 1 || w.Lines > 10_000_000:
		return fmt.Errorf("--lines=%d: must be 1 to 10000000", w.Lines)
	case w.Devices < 1 || w.Devices > 10_000:
		return fmt.Errorf("--devices=%d: must be 1 to 10000", w.Devices)
	}
	return nil
}

// Lines are generated lines, each with a newline at its end.
type Lines struct {
	data    []byte
	ends    []int    // Where each line ends in data, after its newline.
	devices []uint16 // Which device says it.
}

// Len returns the number of lines.
func (l *Lines) Len() int { return len(l.ends) }

// Line returns a line with its newline. It is part of l.
func (l *Lines) Line(i int) []byte {
	start := 0
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.data[start:l.ends[i]]
}

// WriteTo implements [io.WriterTo].
func (l *Lines) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(l.data)
	return int64(n), err
}

func (l *Lines) add(device int, line string) {
	l.data = append(append(l.data, line...), '\n')
	l.ends = append(l.ends, len(l.data))
	l.devices = append(l.devices, uint16(device))
}

const (
	// inScope is the share of messages that feed a metric of their own.
	inScope = 0.10
	// pace is how many messages a second the fleet sends by its own clocks.
	pace = 10_000
)

// start is when the fleet begins to speak.
var start = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

// Generate returns the lines of w: what a fleet says all day long, and among it
// the stories of incidents, as [fleet] invents both, mixed over all devices.
// Each line stands for one message, and the exporter can read each.
func (w Workload) Generate() *Lines {
	f := w.fleet()
	speakers := make([]speaker, w.Devices)
	lines := &Lines{
		data:    make([]byte, 0, w.Lines*210),
		ends:    make([]int, 0, w.Lines),
		devices: make([]uint16, 0, w.Lines),
	}
	for i := range w.Lines {
		n := f.Rand.IntN(w.Devices)
		d, s := f.Devices[n], &speakers[n]
		at := start.Add(time.Duration(i) * (time.Second / pace))
		var m fleet.Message
		if f.Rand.Float64() < inScope {
			m = s.incident(f, d)
		} else {
			m = s.ordinary(f, d, at)
		}
		lines.add(n, header(n, d, at, m)+m.Text)
	}
	return lines
}

// A filler makes lines that give devices more and more series.
type filler struct {
	fleet *fleet.Fleet
	fan   int // How many have been reported, of all devices.
}

func newFiller(devices int, seed uint64) *filler {
	return &filler{fleet: Workload{Devices: devices, Seed: seed}.fleet()}
}

// boot returns what the devices say when they start.
func (f *filler) boot() *Lines {
	lines := &Lines{}
	for n, d := range f.fleet.Devices {
		for _, m := range keep(f.fleet.Boot(d), feedsMetric) {
			lines.add(n, header(n, d, start, m)+m.Text)
		}
	}
	return lines
}

// fans returns reports of n more fans, spread over the devices. Each gives its
// device as many series.
func (f *filler) fans(n int) *Lines {
	const others = 100 // Their numbers are lower.
	lines := &Lines{}
	for range n {
		number := f.fan % len(f.fleet.Devices)
		d := f.fleet.Devices[number]
		m := fleet.Say(1, 735001, "Cooling Fan %d: OK", others+f.fan/len(f.fleet.Devices))
		lines.add(number, header(number, d, start, m)+m.Text)
		f.fan++
	}
	return lines
}

// fleet returns FTD firewalls and a few ASA. Because of the long connection
// events of FTD, the average line has 205 bytes.
func (w Workload) fleet() *fleet.Fleet {
	// More than half of any fleet are FTD.
	f := fleet.New(max(2*w.Devices, fleet.Size), rand.New(rand.NewPCG(w.Seed, 0)))
	f.Devices = slices.DeleteFunc(f.Devices, func(d *fleet.Device) bool {
		return d.Product != "FTD" && !strings.Contains(d.Name, "-vpn-")
	})[:w.Devices]
	return f
}

// header is the one that most devices print by default or, of every fifth
// device, the one that README recommends.
func header(n int, d *fleet.Device, at time.Time, m fleet.Message) string {
	stamp := at.Format("Jan _2 2006 15:04:05")
	if n%5 == 4 {
		stamp = at.Format(time.RFC3339)
	}
	return fmt.Sprintf("<%d>%s %s : %%%s-%d-%06d: ", 20*8+m.Severity, stamp, d.Name, d.Product, m.Severity, m.ID)
}

// A speaker is what a device still has to say.
type speaker struct {
	booted           bool
	stories, routine []fleet.Message
}

// incident returns the next message of an incident. The device begins with the
// report that its parts work.
func (s *speaker) incident(f *fleet.Fleet, d *fleet.Device) fleet.Message {
	for len(s.stories) == 0 {
		story := f.Boot(d)
		if s.booted {
			incidents := fleet.Incidents()
			story = incidents[f.Rand.IntN(len(incidents))].Story(f, d)
		}
		s.booted = true
		s.stories = keep(story, feedsMetric)
	}
	return pop(&s.stories)
}

// ordinary returns the next message that is no incident.
func (s *speaker) ordinary(f *fleet.Fleet, d *fleet.Device, at time.Time) fleet.Message {
	for len(s.routine) == 0 {
		s.routine = keep(f.Ordinary(d, at), func(m fleet.Message) bool {
			// A repeated message would stand for several.
			return !feedsMetric(m) && !strings.HasPrefix(m.Text, "message repeated ")
		})
	}
	return pop(&s.routine)
}

// feedsMetric reports whether a message is of the hardware, quotas, threat
// rates, cluster load or self-tests.
func feedsMetric(m fleet.Message) bool {
	switch m.ID / 1000 {
	case 733, 735, 743, 748, 768, 774:
		return true
	}
	return false
}

func keep(steps []fleet.Step, wanted func(fleet.Message) bool) (kept []fleet.Message) {
	for _, s := range steps {
		if wanted(s.Message) {
			kept = append(kept, s.Message)
		}
	}
	return kept
}

func pop(messages *[]fleet.Message) fleet.Message {
	m := (*messages)[0]
	*messages = (*messages)[1:]
	return m
}
