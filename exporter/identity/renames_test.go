package identity_test

import (
	"maps"
	"net/netip"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// What a sender was called before is known, for all ways in which it gets another
// name.
func TestRenames(t *testing.T) {
	id := identity.New(&identity.Config{
		LowerCase: true,
		Aliases:   map[string]string{"OLD": "new", "older": "old", "branch": "core", "192.0.2.9": "nine", "same": "same"},
	}, []identity.Device{
		{Name: "Core", Hosts: []string{"fw1", "core"}, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("198.51.100.0/24")}},
		{Name: "edge"},
	}, nil)
	got := maps.Collect(id.Renames())
	want := map[string]string{
		"old": "new", "older": "new", "branch": "Core", "192.0.2.9": "nine",
		"fw1": "Core", "core": "Core", "192.0.2.7": "Core",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Nobody is called by a name that is replaced.
	for former, present := range got {
		who := identity.Sender{DeviceID: []byte(former)}
		if name, ok := id.Name(nil, &who); !ok || string(name) != present {
			t.Errorf("%s is %s, want %s", former, name, present)
		}
	}
	for range id.Renames() {
		break
	}
}
