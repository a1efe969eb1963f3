package identity_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// A config is what an Identifier is made of.
type config struct {
	identity.Config
	Devices []identity.Device
}

func (c *config) identifier() *identity.Identifier { return identity.New(&c.Config, c.Devices, nil) }

func defaultConfig() *config { return &config{Config: identity.DefaultConfig()} }

// fleet is an inventory for tests: fw1 has an address, fw2 a network with fw3
// in it, fw4 nothing but its name.
func fleet() *config {
	c := defaultConfig()
	c.Devices = []identity.Device{
		{Name: "fw1", Addresses: prefixes("192.0.2.1/32", "2001:db8::1/128"), Hosts: []string{"edge-1"}},
		{Name: "fw2", Addresses: prefixes("198.51.100.0/24", "2001:db8:2::/48")},
		{Name: "fw3", Addresses: prefixes("198.51.100.128/25", "198.51.100.7/32")},
		{Name: "fw4", Hosts: []string{"fw4.example.com"}},
	}
	c.Aliases = map[string]string{"old-1": "fw1", "old-9": "new-9", "203.0.113.9": "fw4"}
	c.TrustedRelays = prefixes("192.0.2.250/32")
	return c
}

// newSender reads "device_id=fw1 address=192.0.2.1"; default= is for a line of a
// log.
func newSender(t testing.TB, text string) *identity.Sender {
	t.Helper()
	var s identity.Sender
	for field := range strings.FieldsSeq(text) {
		source, value, _ := strings.Cut(field, "=")
		switch identity.Source(source) {
		case identity.SourceDeviceID:
			s.DeviceID = []byte(value)
		case identity.SourceHost:
			s.Host = []byte(value)
		case identity.SourceClientName:
			s.ClientName = []byte(value)
		case identity.SourceAddress:
			s.Addr = netip.MustParseAddr(value)
		default:
			if source != "default" {
				t.Fatalf("unknown source %q", source)
			}
			s.Default = []byte(value)
		}
	}
	return &s
}

const rejected = "(rejected)"

func TestIdentity(t *testing.T) {
	type cases map[string]string // Sender to name.
	for name, tc := range map[string]struct {
		config func(*config)
		cases
	}{
		"without inventory": {
			func(c *config) { *c = *defaultConfig() },
			cases{
				"device_id=a host=b client_name=c address=192.0.2.9": "a",
				"host=b client_name=c address=192.0.2.9":             "b",
				"client_name=c address=192.0.2.9":                    "c",
				"address=192.0.2.9":                                  "192.0.2.9",
				"address=::ffff:192.0.2.9":                           "192.0.2.9",
				"device_id=FW1.example.com address=192.0.2.9":        "FW1.example.com",
				"":                                      "unknown",
				"device_id=" + strings.Repeat("x", 256): "unknown",
			},
		},
		"inventory": {
			func(*config) {},
			cases{
				"device_id=edge-1 address=203.0.113.1":       "fw1",
				"device_id=fw4":                              "fw4",
				"client_name=fw4.example.com":                "fw4",
				"device_id=192.0.2.1":                        "fw1", // A device that sends its address as its host.
				"address=192.0.2.1":                          "fw1",
				"address=::ffff:192.0.2.1":                   "fw1",
				"address=2001:db8::1":                        "fw1",
				"address=198.51.100.1":                       "fw2", // The smallest network decides.
				"address=198.51.100.129":                     "fw3",
				"address=198.51.100.7":                       "fw3",
				"device_id=198.51.100.1 address=192.0.2.250": "fw2", // As a relay has it.
				"host=198.51.100.129":                        "fw3",
				"host=2001:DB8:2:0::1":                       "fw2",
				"device_id=fw9 host=198.51.100.1":            "fw2",
				"address=2001:db8:2::1":                      "fw2",
				// What is known goes before what is not, whatever the order.
				"device_id=localhost address=192.0.2.1":        "fw1",
				"device_id=localhost host=fw4":                 "fw4",
				"device_id=fw4 address=192.0.2.1":              "fw4",
				"device_id=stranger address=203.0.113.1":       "stranger",
				"device_id=FW4 address=203.0.113.1":            "FW4",
				"device_id=old-1":                              "fw1",
				"device_id=old-9 address=192.0.2.1":            "new-9",
				"address=203.0.113.9":                          "fw4",
				"device_id=203.0.113.9":                        "fw4",
				"device_id=stranger address=203.0.113.9":       "fw4",
				"device_id=stranger address=192.0.2.250":       "stranger",
				"device_id=localhost host=b address=fe80::1%1": "localhost",
			},
		},
		"relay in an inventoried network": {
			func(c *config) { c.TrustedRelays = prefixes("198.51.100.250/32") },
			cases{
				"device_id=stranger address=198.51.100.250": "stranger",
				"device_id=fw4 address=198.51.100.250":      "fw4",
				"address=198.51.100.250":                    "fw3",
			},
		},
		"order": {
			func(c *config) { c.Order = []identity.Source{identity.SourceAddress, identity.SourceClientName} },
			cases{
				"device_id=fw4 client_name=fw4 address=192.0.2.1":   "fw1",
				"device_id=fw1 client_name=fw4 address=203.0.113.1": "fw4",
				"client_name=c address=203.0.113.1":                 "203.0.113.1",
				"device_id=fw1":                                     "unknown",
			},
		},
		"strict": {
			func(c *config) { c.Strict = true },
			cases{
				"device_id=fw1 address=192.0.2.250":               "fw1", // The relay.
				"device_id=stranger address=192.0.2.250":          "stranger",
				"device_id=old-9 address=192.0.2.250":             "new-9",
				"device_id=fw1 address=192.0.2.1":                 "fw1", // The device.
				"device_id=edge-1 address=192.0.2.1":              "fw1",
				"device_id=fw4 address=192.0.2.1":                 "fw1", // Another.
				"device_id=fw1 address=203.0.113.1":               "203.0.113.1",
				"device_id=old-9 address=203.0.113.1":             "203.0.113.1",
				"device_id=stranger host=fw1 address=203.0.113.1": "203.0.113.1",
				"device_id=fw1 client_name=fw4":                   "fw4", // A certificate proves it.
				"device_id=fw1":                                   "unknown",
			},
		},
		"strict without address in the order": {
			func(c *config) { c.Strict, c.Order = true, []identity.Source{identity.SourceHost} },
			cases{
				"host=fw1 address=192.0.2.1":   "fw1",
				"host=fw4 address=192.0.2.1":   "unknown",
				"host=fw1 address=203.0.113.1": "unknown",
				"host=fw1 address=192.0.2.250": "fw1",
			},
		},
		"lower case": {
			func(c *config) {
				c.LowerCase = true
				c.Devices = append(c.Devices, identity.Device{Name: "FW5"})
			},
			cases{
				"device_id=EDGE-1":   "fw1",
				"device_id=Stranger": "stranger",
				"device_id=fw5":      "FW5", // Inventoried names stay as they are.
				"device_id=OLD-9":    "new-9",
			},
		},
		"strip domain": {
			func(c *config) { c.StripDomain = true },
			cases{
				"device_id=edge-1.example.com":  "fw1",
				"device_id=stranger.a.b":        "stranger",
				"device_id=stranger":            "stranger",
				"device_id=192.0.2.77":          "192.0.2.77",
				"device_id=2001:db8::1":         "fw1",
				"device_id=2001:db8::192.0.2.5": "2001:db8::c000:205",
			},
		},
		"a dot at the end": {
			func(*config) {},
			cases{
				"device_id=fw1.":             "fw1",
				"device_id=fw4.example.com.": "fw4",
				"device_id=old-9.":           "new-9",
				"client_name=stranger.a.":    "stranger.a",
				"device_id=192.0.2.77.":      "192.0.2.77",
				"device_id=.":                ".",
			},
		},
		"strip domains": {
			func(c *config) {
				c.LowerCase = true
				c.StripDomains = []string{"Example.com", "ams.example.com", "example.net."}
			},
			cases{
				"device_id=edge1.example.com.": "edge1",
				"device_id=edge1.example.net":  "edge1",
				"device_id=edge1.example.net.": "edge1",
				"device_id=X.EXAMPLE.com":      "x",
				"device_id=x.ams.example.com":  "x",
				"device_id=x.lon.example.com":  "x.lon",
				"device_id=x.example.org":      "x.example.org",
				"device_id=example.com":        "example.com",
				"device_id=.example.com":       ".example.com",
			},
		},
		"shared": {
			func(c *config) { c.Unknown = identity.UnknownShared },
			cases{
				"device_id=stranger address=203.0.113.1": "unknown",
				"device_id=stranger address=192.0.2.1":   "fw1",
				"device_id=old-9":                        "new-9",
			},
		},
		"address first, behind a trusted relay": {
			func(c *config) {
				*c = *defaultConfig()
				c.Order = []identity.Source{identity.SourceAddress, identity.SourceDeviceID, identity.SourceHost}
				c.TrustedRelays = prefixes("192.0.2.250/32")
			},
			cases{
				"device_id=fw1 address=192.0.2.250": "fw1", // The relay's own address is nobody's name.
				"host=fw2 address=192.0.2.250":      "fw2",
				"address=192.0.2.250":               "192.0.2.250",
				"device_id=fw1 address=192.0.2.9":   "192.0.2.9",
			},
		},
		"reject": {
			func(c *config) { c.Unknown = identity.UnknownReject },
			cases{
				"device_id=stranger address=203.0.113.1": rejected,
				"device_id=stranger address=192.0.2.1":   "fw1",
				"device_id=old-9":                        "new-9",
				"":                                       rejected,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := fleet()
			tc.config(c)
			id := c.identifier()
			for text, want := range tc.cases {
				s := newSender(t, text)
				before := fmt.Sprint(s)
				dst := append(make([]byte, 0, 300), "kept"...)
				name, ok := id.Name(dst, s)
				got := string(name)
				if !ok {
					got = rejected
				}
				if got != want {
					t.Errorf("%s: %q, want %q", text, got, want)
				}
				if fmt.Sprint(s) != before || string(dst) != "kept" {
					t.Errorf("%s: input was changed", text)
				}
			}
		})
	}
}

func TestIdentifierDevices(t *testing.T) {
	id := fleet().identifier()
	if got, want := id.Devices(), []string{"fw1", "fw2", "fw3", "fw4"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, name := range []string{"edge-1", "new-9", "FW1", ""} {
		if id.Has(name) {
			t.Errorf("%q is in the inventory", name)
		}
	}
	if !id.Has("fw4") {
		t.Error("fw4 is not in the inventory")
	}
}

// The zero configuration is the default.
func TestIdentityWithoutConfiguration(t *testing.T) {
	id := identity.New(&identity.Config{}, nil, nil)
	for text, want := range map[string]string{
		"device_id=a host=b address=192.0.2.9": "a",
		"address=192.0.2.9":                    "192.0.2.9",
		"":                                     "unknown",
	} {
		if got, ok := id.Name(nil, newSender(t, text)); string(got) != want || !ok {
			t.Errorf("%s: %q, %t", text, got, ok)
		}
	}
}

// A name or address belongs to the first device that has it, and whoever wants
// to can report the others.
func TestConflicts(t *testing.T) {
	devices := []identity.Device{
		{Name: "fw1", Addresses: prefixes("192.0.2.1/32", "198.51.100.0/24", "192.0.2.1/32"), Hosts: []string{"edge", "fw1"}},
		{},
		{Name: "FW2", Addresses: prefixes("::ffff:192.0.2.1/128", "", "198.51.100.0/25"), Hosts: []string{"Edge", ""}},
		{Name: "fw3", Addresses: prefixes("198.51.100.0/24")},
	}
	c := identity.Config{LowerCase: true, Aliases: map[string]string{
		"fw1": "fw3", "192.0.2.1": "fw3", "old": "new", "OLD": "newer", "fw2-old": "fw2",
	}}
	var got []string
	id := identity.New(&c, devices, func(where any, name, owner string) {
		var what string
		switch where := where.(type) {
		case *string:
			what = *where
		case *netip.Prefix:
			what = where.String()
		case identity.AliasName:
			what = "alias " + string(where)
		}
		got = append(got, fmt.Sprintf("%s (%s) is %s's", what, name, owner))
	})
	want := []string{
		"Edge (edge) is fw1's",
		"::ffff:192.0.2.1/128 (192.0.2.1) is fw1's",
		"198.51.100.0/24 (198.51.100.0/24) is fw1's",
		"alias 192.0.2.1 (192.0.2.1) is fw1's",
		"alias 192.0.2.1 (192.0.2.1) is fw1's",
		"alias fw1 (fw1) is fw1's",
		"alias old (old) is newer's",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for text, want := range map[string]string{
		"device_id=EDGE": "fw1", "address=192.0.2.1": "fw1", "device_id=fw2-OLD": "FW2", "device_id=Old": "newer", "address=198.51.100.1": "FW2",
	} {
		if name, _ := id.Name(nil, newSender(t, text)); string(name) != want {
			t.Errorf("%s: %q, want %q", text, name, want)
		}
	}
}

// bigFleet has 10,000 devices with an address each, and some networks.
func bigFleet() *config {
	c := defaultConfig()
	for i := range 10_000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1})
		c.Devices = append(c.Devices, identity.Device{Name: fmt.Sprintf("fw%d", i), Addresses: []netip.Prefix{netip.PrefixFrom(a, 32)}})
	}
	for i, p := range prefixes("172.16.0.0/16", "172.16.0.0/22", "172.16.0.0/24", "172.16.0.128/25", "2001:db8::/48") {
		c.Devices[i].Addresses = append(c.Devices[i].Addresses, p)
	}
	c.LowerCase = true
	c.StripDomain = true
	c.Strict = true
	c.TrustedRelays = prefixes("192.0.2.250/32", "192.0.3.0/24")
	return c
}

// Senders that take every way through the rules.
func someSenders() map[string]string {
	return map[string]string{
		"known host from relay":   "device_id=FW77.example.com address=192.0.2.250",
		"known host from itself":  "device_id=fw0 address=10.0.0.1",
		"known address":           "device_id=firepower address=10.39.15.1",
		"known network":           "device_id=firepower address=172.16.0.99",
		"unknown host from relay": "device_id=STRANGER host=other address=192.0.3.7",
		"unknown address":         "device_id=stranger address=203.0.113.1",
		"unknown IPv6 address":    "device_id=stranger address=2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
		"client name":             "device_id=" + strings.Repeat("X", 255) + " client_name=" + strings.Repeat("Y", 255) + " address=192.0.3.7",
	}
}

func TestIdentityAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, identity.MaxHost)
	for _, c := range []*config{defaultConfig(), bigFleet()} {
		id := c.identifier()
		for name, text := range someSenders() {
			s := newSender(t, text)
			if n := testing.AllocsPerRun(100, func() { id.Name(dst, s) }); n > 0 {
				t.Errorf("%s: %g allocations", name, n)
			}
		}
	}
}

func BenchmarkIdentity(b *testing.B) {
	dst := make([]byte, 0, identity.MaxHost)
	for name, c := range map[string]*config{"default": defaultConfig(), "10000 devices": bigFleet()} {
		id := c.identifier()
		for kind, text := range someSenders() {
			s := newSender(b, text)
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					id.Name(dst, s)
				}
			})
		}
	}
}

func BenchmarkNew(b *testing.B) {
	c := bigFleet()
	for b.Loop() {
		c.identifier()
	}
}
