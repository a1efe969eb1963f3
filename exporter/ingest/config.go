package ingest

import (
	"net/netip"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// MaxCounted is how many ids [Config.Count] may have, because each is a series of
// each device.
const MaxCounted = 200

// A Config defines how the pipeline treats frames: which device they belong to,
// and which are not applied. It is plain data, which the pipeline does not modify.
// The zero Config accepts every sender, and names it by its host or address.
type Config struct {
	// Identity and Devices name the senders.
	Identity identity.Config
	Devices  []identity.Device
	// Timezones are the time zones of devices that have none in Devices.
	Timezones []identity.TimezoneRule
	// Sources are the names of the sources that there are. Their counters start
	// at 0, also if nothing comes from them.
	Sources []string
	// Allow has the networks that may send to a listener, by its name. Listeners
	// that are not in Allow accept every sender. A sender without an address is
	// not in any network.
	Allow map[string][]netip.Prefix
	// Reporters has the addresses that may report the health of other devices: of
	// management centers, or of relays in front of them. If it is empty, every
	// sender may, in the strict mode of Identity only trusted relays.
	Reporters []netip.Prefix
	// Ignore has the ids of messages to drop as if they had not been received.
	Ignore []catalog.ID
	// Count has ids outside the catalog to count one by one, at most
	// [MaxCounted].
	Count []catalog.ID
}
