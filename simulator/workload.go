package simulator

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A Workload is a number of lines of a fleet, for measurements. Equal values
// give equal lines, also in later versions, so that results stay comparable.
type Workload struct {
	Lines   int
	Devices int // 1 to 10,000.
	Seed    uint64
}

const (
	// trackedShare is the share of messages that feed a metric of their own.
	trackedShare = 0.10
	// pace is the number of messages per second by the timestamps of the lines.
	pace = 10_000
)

// workloadStart is the time of the first line.
var workloadStart = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

// Generate returns the lines of w: ordinary traffic and the messages of
// incidents, mixed over all devices. An exporter reads each line as one message.
func (w Workload) Generate() *Lines {
	f := w.fleet()
	devices := make([]workloadDevice, w.Devices)
	lines := &Lines{
		data:    make([]byte, 0, w.Lines*210),
		ends:    make([]int, 0, w.Lines),
		devices: make([]uint16, 0, w.Lines),
	}
	for i := range w.Lines {
		n := f.Rand.IntN(w.Devices)
		d, unsent := f.Devices[n], &devices[n]
		at := workloadStart.Add(time.Duration(i) * (time.Second / pace))
		var m Message
		if f.Rand.Float64() < trackedShare {
			m = unsent.nextTracked(f, d)
		} else {
			m = unsent.nextTraffic(f, d, at)
		}
		lines.add(n, workloadLine(n, d, at, m))
	}
	return lines
}

// fleet returns FTD firewalls and a few ASA. Because of the long connection
// events of FTD, the average line has 205 bytes.
func (w Workload) fleet() *Fleet {
	// More than half of any fleet are FTD.
	f := NewFleet(max(2*w.Devices, SampleSize), rand.New(rand.NewPCG(w.Seed, 0)))
	f.Devices = slices.DeleteFunc(f.Devices, func(d *Device) bool {
		return d.Product != "FTD" && !strings.Contains(d.Name, "-vpn-")
	})[:w.Devices]
	return f
}

// workloadLine returns the line of device n of a workload. Every fifth device
// writes the recommended header, the others a common older header.
func workloadLine(n int, d *Device, at time.Time, m Message) string {
	timestamp := at.Format("Jan _2 2006 15:04:05")
	if n%5 == 4 {
		timestamp = at.Format(time.RFC3339)
	}
	return fmt.Sprintf("%s%s %s : %s", m.priority(), timestamp, d.Name, d.tagged(m))
}

// A workloadDevice has the messages of a device that have not been sent yet.
type workloadDevice struct {
	booted           bool
	tracked, traffic []Message
}

// nextTracked returns the next message of a boot or an incident that feeds a
// metric. The first messages of a device report that its parts work.
func (w *workloadDevice) nextTracked(f *Fleet, d *Device) Message {
	for len(w.tracked) == 0 {
		steps := f.Boot(d)
		if w.booted {
			incidents := Incidents()
			steps = incidents[f.Rand.IntN(len(incidents))].Steps(f, d)
		}
		w.booted = true
		w.tracked = keep(steps, isTracked)
	}
	return shift(&w.tracked)
}

// nextTraffic returns the next message of ordinary traffic.
func (w *workloadDevice) nextTraffic(f *Fleet, d *Device, at time.Time) Message {
	for len(w.traffic) == 0 {
		w.traffic = keep(f.Traffic(d, at), func(m Message) bool {
			// Such a line would count as several messages.
			return !isTracked(m) && !strings.HasPrefix(m.Text, "message repeated ")
		})
	}
	return shift(&w.traffic)
}

// isTracked reports whether a message is about hardware, quotas, threat rates,
// cluster load or self-tests, which feed metrics.
func isTracked(m Message) bool {
	switch m.ID / 1000 {
	case 733, 735, 743, 748, 768, 774:
		return true
	}
	return false
}

func keep(steps []Step, wanted func(Message) bool) (kept []Message) {
	for _, s := range steps {
		if wanted(s.Message) {
			kept = append(kept, s.Message)
		}
	}
	return kept
}

// shift removes the first message and returns it.
func shift(messages *[]Message) Message {
	m := (*messages)[0]
	*messages = (*messages)[1:]
	return m
}

// A SeriesFiller generates lines that give devices more and more series.
type SeriesFiller struct {
	fleet *Fleet
	fan   int // Number of fans reported so far, of all devices.
}

// NewSeriesFiller returns a filler for as many devices as a [Workload] has.
func NewSeriesFiller(devices int, seed uint64) *SeriesFiller {
	return &SeriesFiller{fleet: Workload{Devices: devices, Seed: seed}.fleet()}
}

// Boot returns reports that the parts of all devices work.
func (s *SeriesFiller) Boot() *Lines {
	lines := &Lines{}
	for n, d := range s.fleet.Devices {
		for _, m := range keep(s.fleet.Boot(d), isTracked) {
			lines.add(n, workloadLine(n, d, workloadStart, m))
		}
	}
	return lines
}

// Fans returns reports of n more fans, spread over the devices. Each gives its
// device the same number of series.
func (s *SeriesFiller) Fans(n int) *Lines {
	const first = 100 // Above the numbers of the fans of Boot.
	lines := &Lines{}
	for range n {
		number := s.fan % len(s.fleet.Devices)
		d := s.fleet.Devices[number]
		m := NewMessage(1, 735001, "Cooling Fan %d: OK", first+s.fan/len(s.fleet.Devices))
		lines.add(number, workloadLine(number, d, workloadStart, m))
		s.fan++
	}
	return lines
}

// Lines are generated lines in one contiguous slice. They are not modified, so
// several goroutines may read them.
type Lines struct {
	data    []byte
	ends    []int    // End of each line in data, after its newline.
	devices []uint16 // The device of each line.
}

// Len returns the number of lines.
func (l *Lines) Len() int { return len(l.ends) }

// Size returns the number of bytes of all lines, with their newlines.
func (l *Lines) Size() int { return len(l.data) }

// Line returns a line with its newline. It shares the memory of l.
func (l *Lines) Line(i int) []byte {
	start := 0
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.data[start:l.ends[i]]
}

// Device returns the number of the device that sends a line.
func (l *Lines) Device(i int) int { return int(l.devices[i]) }

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
