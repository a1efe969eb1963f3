package exporter

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// fleet is an inventory for tests: fw1 has an address, fw2 a network with fw3
// in it, fw4 nothing but its name.
func fleet() *Config {
	c := DefaultConfig()
	c.Devices = []DeviceConfig{
		{Name: "fw1", Addresses: prefixes("192.0.2.1/32", "2001:db8::1/128"), Hosts: []string{"edge-1"}},
		{Name: "fw2", Addresses: prefixes("198.51.100.0/24", "2001:db8:2::/48")},
		{Name: "fw3", Addresses: prefixes("198.51.100.128/25", "198.51.100.7/32")},
		{Name: "fw4", Hosts: []string{"fw4.example.com"}},
	}
	c.Identity.Aliases = map[string]string{"old-1": "fw1", "old-9": "new-9", "203.0.113.9": "fw4"}
	c.Identity.TrustedRelays = prefixes("192.0.2.250/32")
	return c
}

// newSender reads "device_id=fw1 address=192.0.2.1".
func newSender(t testing.TB, text string) *Sender {
	t.Helper()
	var s Sender
	for field := range strings.FieldsSeq(text) {
		source, value, _ := strings.Cut(field, "=")
		switch IdentitySource(source) {
		case SourceDeviceID:
			s.DeviceID = []byte(value)
		case SourceHost:
			s.Host = []byte(value)
		case SourceClientName:
			s.ClientName = []byte(value)
		case SourceAddress:
			s.Addr = netip.MustParseAddr(value)
		default:
			t.Fatalf("unknown source %q", source)
		}
	}
	return &s
}

const rejected = "(rejected)"

func TestIdentity(t *testing.T) {
	type cases map[string]string // Sender to name.
	for name, tc := range map[string]struct {
		config func(*Config)
		cases
	}{
		"without inventory": {
			func(c *Config) { *c = *DefaultConfig() },
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
			func(*Config) {},
			cases{
				"device_id=edge-1 address=203.0.113.1": "fw1",
				"device_id=fw4":                        "fw4",
				"client_name=fw4.example.com":          "fw4",
				"device_id=192.0.2.1":                  "fw1", // A device that sends its address as its host.
				"address=192.0.2.1":                    "fw1",
				"address=::ffff:192.0.2.1":             "fw1",
				"address=2001:db8::1":                  "fw1",
				"address=198.51.100.1":                 "fw2", // The smallest network decides.
				"address=198.51.100.129":               "fw3",
				"address=198.51.100.7":                 "fw3",
				"address=2001:db8:2::1":                "fw2",
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
			func(c *Config) { c.Identity.TrustedRelays = prefixes("198.51.100.250/32") },
			cases{
				"device_id=stranger address=198.51.100.250": "stranger",
				"device_id=fw4 address=198.51.100.250":      "fw4",
				"address=198.51.100.250":                    "fw3",
			},
		},
		"order": {
			func(c *Config) { c.Identity.Order = []IdentitySource{SourceAddress, SourceClientName} },
			cases{
				"device_id=fw4 client_name=fw4 address=192.0.2.1":   "fw1",
				"device_id=fw1 client_name=fw4 address=203.0.113.1": "fw4",
				"client_name=c address=203.0.113.1":                 "203.0.113.1",
				"device_id=fw1":                                     "unknown",
			},
		},
		"strict": {
			func(c *Config) { c.Identity.Strict = true },
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
			func(c *Config) { c.Identity.Strict, c.Identity.Order = true, []IdentitySource{SourceHost} },
			cases{
				"host=fw1 address=192.0.2.1":   "fw1",
				"host=fw4 address=192.0.2.1":   "unknown",
				"host=fw1 address=203.0.113.1": "unknown",
				"host=fw1 address=192.0.2.250": "fw1",
			},
		},
		"lower case": {
			func(c *Config) {
				c.Identity.LowerCase = true
				c.Devices = append(c.Devices, DeviceConfig{Name: "FW5"})
			},
			cases{
				"device_id=EDGE-1":   "fw1",
				"device_id=Stranger": "stranger",
				"device_id=fw5":      "FW5", // Inventoried names stay as they are.
				"device_id=OLD-9":    "new-9",
			},
		},
		"strip domain": {
			func(c *Config) { c.Identity.StripDomain = true },
			cases{
				"device_id=edge-1.example.com":  "fw1",
				"device_id=stranger.a.b":        "stranger",
				"device_id=stranger":            "stranger",
				"device_id=192.0.2.77":          "192.0.2.77",
				"device_id=2001:db8::1":         "fw1",
				"device_id=2001:db8::192.0.2.5": "2001:db8::192.0.2.5",
			},
		},
		"strip domains": {
			func(c *Config) {
				c.Identity.LowerCase = true
				c.Identity.StripDomains = []string{"Example.com", "ams.example.com"}
			},
			cases{
				"device_id=X.EXAMPLE.com":     "x",
				"device_id=x.ams.example.com": "x",
				"device_id=x.lon.example.com": "x.lon",
				"device_id=x.example.org":     "x.example.org",
				"device_id=example.com":       "example.com",
				"device_id=.example.com":      ".example.com",
			},
		},
		"bucket": {
			func(c *Config) { c.Identity.Unknown = UnknownBucket },
			cases{
				"device_id=stranger address=203.0.113.1": "unknown",
				"device_id=stranger address=192.0.2.1":   "fw1",
				"device_id=old-9":                        "new-9",
			},
		},
		"reject": {
			func(c *Config) { c.Identity.Unknown = UnknownReject },
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
			id := NewIdentifier(c)
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
	if got, want := NewIdentifier(fleet()).Devices(), []string{"fw1", "fw2", "fw3", "fw4"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// bigFleet has 10,000 devices with an address each, and some networks.
func bigFleet() *Config {
	c := DefaultConfig()
	for i := range 10_000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1})
		c.Devices = append(c.Devices, DeviceConfig{Name: fmt.Sprintf("fw%d", i), Addresses: []netip.Prefix{netip.PrefixFrom(a, 32)}})
	}
	for i, p := range prefixes("172.16.0.0/16", "172.16.0.0/22", "172.16.0.0/24", "172.16.0.128/25", "2001:db8::/48") {
		c.Devices[i].Addresses = append(c.Devices[i].Addresses, p)
	}
	c.Identity.LowerCase = true
	c.Identity.StripDomain = true
	c.Identity.Strict = true
	c.Identity.TrustedRelays = prefixes("192.0.2.250/32", "192.0.3.0/24")
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
	dst := make([]byte, 0, maxHostLength)
	for _, c := range []*Config{DefaultConfig(), bigFleet()} {
		id := NewIdentifier(c)
		for name, text := range someSenders() {
			s := newSender(t, text)
			if n := testing.AllocsPerRun(100, func() { id.Name(dst, s) }); n > 0 {
				t.Errorf("%s: %g allocations", name, n)
			}
		}
	}
}

func BenchmarkIdentity(b *testing.B) {
	dst := make([]byte, 0, maxHostLength)
	for name, c := range map[string]*Config{"default": DefaultConfig(), "10000 devices": bigFleet()} {
		id := NewIdentifier(c)
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

func BenchmarkListenerAllows(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		var l ListenerConfig
		for i := range n {
			l.Allow = append(l.Allow, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24))
		}
		last := l.Allow[n-1].Addr()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !l.Allows(last) {
					b.Fatal("not allowed")
				}
			}
		})
	}
}

func BenchmarkNewIdentifier(b *testing.B) {
	c := bigFleet()
	for b.Loop() {
		NewIdentifier(c)
	}
}
