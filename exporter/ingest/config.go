package ingest

import (
	"net/netip"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// MaxCounted is how many ids [Config.Count] may have, because each is a series of
// each device.
const MaxCounted = 200

// A Config says how the pipeline treats frames: whose they are and what is not
// applied. It is plain data, which the pipeline does not modify. The zero Config
// lets everybody send, and names each sender by its host or address.
type Config struct {
	// Identity and Devices name the senders.
	Identity identity.Config
	Devices  []identity.Device
	// Allow has the networks that may send to a listener, by its name. To a
	// listener that it does not have, all may send. A sender without an address
	// is in no network.
	Allow map[string][]netip.Prefix
	// Ignore has the ids of messages to drop as if they had never come.
	Ignore []uint32
	// Count has ids beyond the catalog to count one by one, at most
	// [MaxCounted].
	Count []uint32
}
