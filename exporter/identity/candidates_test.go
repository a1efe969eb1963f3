package identity_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// Which of several names wins, and that Candidates agrees with Name.
func TestCandidates(t *testing.T) {
	for _, tc := range []struct {
		sender, want string
		config       func(*config)
	}{
		{"device_id=a host=b", "[device_id a] host b", nil},
		{"device_id=a host=a", "[device_id a]", nil},
		{"device_id=stranger host=edge-1", "device_id stranger [host fw1]", nil},
		{"device_id=stranger host=relay other=x,edge-1,fw4", "device_id stranger host relay other x [other fw1] other fw4", nil},
		{"device_id=stranger other=x", "[device_id stranger] other x", nil},
		{"other=x", "other x", nil},
		{"device_id=stranger host=198.51.100.9", "device_id stranger [host fw2]", nil},
		{"device_id=stranger host=198.51.100.9 address=198.51.100.9", "[device_id stranger] host 198.51.100.9 address fw2", func(c *config) { c.TrustedRelays = prefixes("198.51.100.9/32") }},
		{"other=old-1 default=log", "[other fw1] default_device log", nil},
		{"other=x default=log", "other x [default_device log]", nil},
		{"device_id=stranger address=192.0.2.1", "device_id stranger [address fw1]", nil},
		{"device_id=stranger address=192.0.2.250", "[device_id stranger] address 192.0.2.250", nil},
		// The address of a relay is not that of a firewall, as long as there is another.
		{"device_id=192.0.2.250 host=stranger address=192.0.2.250", "device_id 192.0.2.250 [host stranger] address 192.0.2.250", nil},
		{"device_id=192.0.2.250 address=192.0.2.250", "[device_id 192.0.2.250] address 192.0.2.250", nil},
		{"rule=a device_id=a host=b", "[header_names a] host b", nil},
		{"device_id=edge-1 address=203.0.113.1", "device_id fw1 [address 203.0.113.1]", func(c *config) { c.Strict = true }},
		{"other=edge-1 address=203.0.113.1", "[address 203.0.113.1] other fw1", func(c *config) { c.Strict = true }},
		{"other=edge-1 address=192.0.2.250", "address 192.0.2.250 [other fw1]", func(c *config) { c.Strict = true }},
		{"device_id=a host=b", "[host b] device_id a", func(c *config) { c.Order = []identity.Source{identity.SourceHost, identity.SourceDeviceID} }},
		{"other=edge-1 address=203.0.113.1", "[address 203.0.113.1] other fw1", func(c *config) { c.Order = []identity.Source{identity.SourceAddress} }},
	} {
		c := fleet()
		if tc.config != nil {
			tc.config(c)
		}
		var s identity.Sender
		var plain []string
		for field := range strings.FieldsSeq(tc.sender) {
			switch kind, value, _ := strings.Cut(field, "="); kind {
			case "other":
				for other := range strings.SplitSeq(value, ",") {
					s.Others = append(s.Others, []byte(other))
				}
			case "rule":
			default:
				plain = append(plain, field)
			}
		}
		others := s.Others
		s = *newSender(t, strings.Join(plain, " "))
		s.Others, s.Ruled = others, strings.HasPrefix(tc.sender, "rule=")
		id := c.identifier()
		name, _ := id.Name(nil, &s)
		var got []string
		chosen := ""
		for _, candidate := range id.Candidates(&s) {
			text := fmt.Sprintf("%s %s", candidate.Source, candidate.Device)
			if candidate.Chosen {
				text, chosen = "["+text+"]", candidate.Device
			}
			if candidate.Why == "" {
				t.Errorf("%s: %s without a reason", tc.sender, text)
			}
			got = append(got, text)
		}
		if got := strings.Join(got, " "); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.sender, got, tc.want)
		}
		if chosen != string(name) && (chosen != "" || string(name) != identity.UnknownDevice) {
			t.Errorf("%s: chosen %s, the name is %s", tc.sender, chosen, name)
		}
	}
}

// Addresses are compared as addresses, wherever they are written.
func TestNotationsOfAddresses(t *testing.T) {
	c := defaultConfig()
	c.Devices = []identity.Device{
		{Name: "v4", Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.11/32")}},
		{Name: "v6", Addresses: []netip.Prefix{netip.MustParsePrefix("2001:db8::11/128")}},
		{Name: "mapped", Addresses: []netip.Prefix{netip.MustParsePrefix("::ffff:192.0.2.12/128")}},
		{Name: "host4", Hosts: []string{"::ffff:192.0.2.13"}},
		{Name: "host6", Hosts: []string{"[2001:DB8:0::13]:514"}},
		{Name: "2001:DB8::14"},
		{Name: "dot", Hosts: []string{"fw5.example.com."}},
	}
	c.Aliases = map[string]string{"192.0.2.15:514": "alias4", "2001:0db8:0:0:0:0:0:15": "alias6", "fe80::15%eth0": "local", "old.example.com.": "v4"}
	id := c.identifier()
	for host, want := range map[string]string{
		"192.0.2.11": "v4", "::ffff:192.0.2.11": "v4", "::FFFF:c000:20b": "v4", "192.0.2.11:514": "v4", "[192.0.2.11]": "v4", "[::ffff:192.0.2.11]:6514": "v4",
		"192.000.002.011": "v4",
		"2001:db8::11":    "v6", "2001:DB8::11": "v6", "2001:db8:0:0:0:0:0:11": "v6", "[2001:db8::11]": "v6", "[2001:db8::11]:514": "v6", "2001:db8::11%eth0": "v6",
		"2001:0db8:0000:0000:0000:0000:0000:0011": "v6",
		"192.0.2.12":          "mapped",
		"192.0.2.13":          "host4",
		"2001:db8::13":        "host6",
		"2001:db8::14":        "2001:DB8::14",
		"192.0.2.15":          "alias4",
		"2001:DB8::15":        "alias6",
		"FE80::15":            "local",
		"fw5.example.com":     "dot",
		"fw5.example.com.":    "dot",
		"fw5.example.com:514": "dot",
		"old.example.com":     "v4",
		// Unknown, but in one form.
		"2001:DB8:0::99":     "2001:db8::99",
		"::ffff:192.0.2.99":  "192.0.2.99",
		"[2001:db8::99]:514": "2001:db8::99",
		"fe80::99%eth0":      "fe80::99",
		"fw9.example.com.":   "fw9.example.com",
		"fw9:514":            "fw9",
		"1.2.3":              "1.2.3",
		"1.2.3.4.5":          "1.2.3.4.5",
		"256.0.0.1":          "256.0.0.1",
		"fw9:1:2":            "fw9:1:2",
		"[fw9":               "[fw9",
	} {
		if name, ok := id.Name(nil, &identity.Sender{DeviceID: []byte(host)}); !ok || string(name) != want {
			t.Errorf("%s is %s, want %s", host, name, want)
		}
	}
	for addr, want := range map[string]string{
		"::ffff:192.0.2.11": "v4", "2001:db8::11%eth0": "v6", "192.0.2.15": "alias4", "fe80::15%eth1": "local", "fe80::99%eth0": "fe80::99",
	} {
		if name, ok := id.Name(nil, &identity.Sender{Addr: netip.MustParseAddr(addr)}); !ok || string(name) != want {
			t.Errorf("%s is %s, want %s", addr, name, want)
		}
	}
}

// FuzzHosts checks that a host has one form: that which it gets is its own.
func FuzzHosts(f *testing.F) {
	for _, s := range []string{"192.0.2.11:514", "[2001:DB8::11]:514", "fe80::1%eth0", "fw1.example.com.", "::ffff:192.0.2.11", "a:1", "[a]:1", "1.2.3.04", "::0."} {
		f.Add(s)
	}
	c := defaultConfig()
	c.LowerCase = true
	id := c.identifier()
	f.Fuzz(func(t *testing.T, host string) {
		name, ok := id.Name(make([]byte, 0, identity.MaxHost), &identity.Sender{DeviceID: []byte(host)})
		if !ok || string(name) == identity.UnknownDevice {
			return
		}
		again, _ := id.Name(nil, &identity.Sender{DeviceID: append([]byte(nil), name...)})
		if a, err := netip.ParseAddr(string(name)); err == nil && (string(again) != string(name) || a.Is4In6() || a.Zone() != "" || a.String() != string(name)) {
			t.Errorf("%q is %q, which is %q", host, name, again)
		}
	})
}

func TestHeaderRules(t *testing.T) {
	for text, want := range map[string]string{
		`after "Original Address="`: "{Original Address= 0}", `after "a \"b\""`: `{a "b" 0}`, "word 2": "{ 2}", " word  -1 ": "{ -1}", "word 20": "{ 20}",
		"": "error", "word": "error", "word 0": "error", "word 21": "error", "word x": "error", "after": "error", "after x": "error", `after ""`: "error", `after " "`: "error", "word2": "error",
		"Word 2": "error",
	} {
		rule, err := identity.ParseHeaderRule(text)
		got := fmt.Sprint(rule)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
