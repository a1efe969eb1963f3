// Package simulator generates the syslog of a fleet of firewalls: ordinary
// traffic, and from time to time an incident from which a device recovers.
// Addresses are reserved for documentation, except for inside hosts, which are
// in 10.0.0.0/8.
//
// A [Fleet] has the devices and their messages. A [Simulation] orders them in
// real time or faster, a [Player] and its [Sender] send them to an exporter. A
// [Workload] is a fixed number of lines of such a fleet, for measurements.
//
// Its callers are the simulate command, the generator of the sample log, and
// bench. It imports the standard library only.
package simulator

import (
	"fmt"
	"math/rand/v2"
)

// A Fleet is a number of devices, and the random source of their messages: equal
// sources give equal fleets. It belongs to one goroutine.
type Fleet struct {
	Devices []*Device
	Rand    *rand.Rand
}

// SampleSize is the number of devices in the sample log. Their names and header
// formats are chosen by hand.
const SampleSize = 30

// networks is the number of devices with networks of their own.
const networks = 60

// NewFleet returns a fleet of n devices. After the first [SampleSize], the sites
// repeat with a number: ams2-edge-fw1.
func NewFleet(n int, rnd *rand.Rand) *Fleet {
	f := &Fleet{Rand: rnd}
	for i := range n {
		d := sites()[i%SampleSize]
		if round := i / SampleSize; round > 0 {
			d.Name = fmt.Sprintf("%s%d%s", d.Name[:3], round+1, d.Name[3:])
		}
		d.number = i%networks + 1
		d.connection = 100_000 + rnd.IntN(900_000_000)
		f.Devices = append(f.Devices, d)
	}
	return f
}
