// Package fleet invents a fleet of firewalls and the syslog that they send all
// day long, for the sample log and for the simulator. Addresses are those
// reserved for documentation, and 10.0.0.0/8 for inside hosts.
package fleet

import (
	"fmt"
	"math/rand/v2"
)

// A Fleet is some devices, and the source of chance for what they say: equal
// sources give equal fleets.
type Fleet struct {
	Devices []*Device
	Rand    *rand.Rand
}

// Size is the number of devices whose names and forms are picked by hand.
const Size = 30

// networks is how many devices have networks of their own.
const networks = 60

// New returns a fleet of n devices. After the first thirty, the sites repeat
// with a number: ams2-edge-fw1.
func New(n int, rnd *rand.Rand) *Fleet {
	f := &Fleet{Rand: rnd}
	for i := range n {
		d := sites()[i%Size]
		if round := i / Size; round > 0 {
			d.Name = fmt.Sprintf("%s%d%s", d.Name[:3], round+1, d.Name[3:])
		}
		d.number = i%networks + 1
		d.connection = 100_000 + rnd.IntN(900_000_000)
		f.Devices = append(f.Devices, d)
	}
	return f
}
