package config

import (
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
)

const exampleFile = "../../examples/ftd_exporter.yml"

// testDefaults are those of a program with three collectors that expire.
func testDefaults() *Config {
	return Default(Options{ExpiryNames: []string{"threat_detection", "quota", "cluster", "capacity", "attacks", "health"}})
}

func mustLoad(t *testing.T, name string) *Config {
	t.Helper()
	c, err := Load(name, testDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write returns the name of a file with the given text.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "c.yml")
	writeFile(t, name, []byte(text))
	return name
}

func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, s := range all {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

func TestFileMissing(t *testing.T) {
	_, err := Load("testdata/nofile.yml", nil)
	if want := "configuration: open testdata/nofile.yml: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValues(t *testing.T) {
	nets := prefixes("192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32")
	full := &Config{
		Listeners: []listener.Config{
			{Address: "udp://:514", Allow: nets, Sockets: 4},
			{Address: "tcp://[::1]:1470", Allow: nets},
			{Address: "tcp://:5514", ProxyProtocol: prefixes("192.0.2.240/32", "198.51.100.0/24")},
		},
		Devices: []identity.Device{
			{
				Name:       "ams-edge-1",
				Addresses:  prefixes("192.0.2.1/32", "192.0.2.128/25", "2001:db8::1/128"),
				Hosts:      []string{"fw1", "fw1.example.com"},
				Labels:     map[string]string{"site": "ams", "role": "edge"},
				Interfaces: []string{"outside", "GigabitEthernet0/1"},
			},
			{Name: "spare"},
		},
		Identity: identity.Config{
			Order:         []identity.Source{identity.SourceClientName, identity.SourceAddress},
			HeaderNames:   []identity.HeaderRule{{After: "from "}, {Word: -2}},
			TrustedRelays: prefixes("192.0.2.250/32"),
			Strict:        true,
			LowerCase:     true,
			StripDomain:   true,
			Aliases:       map[string]string{"old-1": "ams-edge-1"},
			Unknown:       identity.UnknownShared,
		},
		Expiry: Expiry{
			Collectors: map[string]time.Duration{"threat_detection": 5 * time.Minute, "quota": 90 * time.Second, "cluster": 90 * time.Minute, "capacity": 15 * time.Minute, "attacks": 15 * time.Minute, "health": 15 * time.Minute},
			Devices:    30 * 24 * time.Hour,
		},
		Limits:   Limits{Devices: 100, SeriesPerMetric: 50, Series: 5000, LabelBytes: 6000, LabelBytesPerDevice: 700, TCPConnections: 10},
		Messages: Messages{Ignore: []catalog.ID{302013, 302014, catalog.HealthAlert, catalog.Fault(461)}, Count: []catalog.ID{106023, catalog.Fault(9999)}},
		Health:   Health{Reporters: prefixes("192.0.2.240/32")},
		Web:      web.Config{GrafanaURL: "https://grafana.example.com/", RunbookURL: "https://wiki.example.com/firewalls/{message_id}"},
		TLS:      listener.TLSConfig{ClientCAFile: "testdata/pki/ca.pem", ClientAuth: listener.ClientAuthOptional, MinVersion: listener.TLS13},
	}
	domains := testDefaults()
	domains.Identity.StripDomains = []string{"example.com", "ams.example.com"}
	for name, want := range map[string]*Config{"valid_empty": testDefaults(), "valid_full": full, "valid_strip_domains": domains} {
		if got := mustLoad(t, "testdata/"+name+".yml"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, want)
		}
	}
}

// What the file does not set is as in the defaults, which stay as they are.
func TestDefaults(t *testing.T) {
	defaults := Default(Options{ExpiryNames: []string{"interfaces", "quota"}, Expiry: time.Hour})
	defaults.Limits.Devices = 7
	name := write(t, "expiry: {quota: 2m, devices: 1d}\n")
	got, err := Load(name, defaults)
	if err != nil {
		t.Fatal(err)
	}
	want := Default(Options{ExpiryNames: []string{"interfaces", "quota"}, Expiry: time.Hour})
	want.Limits.Devices = 7
	if !reflect.DeepEqual(defaults, want) {
		t.Errorf("the defaults became %+v", defaults)
	}
	want.Expiry = Expiry{Collectors: map[string]time.Duration{"interfaces": time.Hour, "quota": 2 * time.Minute}, Devices: 24 * time.Hour}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if _, err := Load(name, nil); err == nil || !strings.HasSuffix(err.Error(), `:1: expiry: key "quota" is unknown; use devices`) {
		t.Errorf("without options: %v", err)
	}
}

func TestListenerConfigs(t *testing.T) {
	line := []string{"udp://:5514", "tls://:6514", "nonsense"}
	c := testDefaults()
	c.TLS = listener.TLSConfig{CertFile: "c", KeyFile: "k", ClientCAFile: "ca", MinVersion: listener.TLS12}
	complete := c.TLS
	complete.ClientAuth = listener.ClientAuthRequire
	want := []listener.Config{{Address: "udp://:5514"}, {Address: "tls://:6514", TLS: complete}, {Address: "nonsense"}}
	if got := c.ListenerConfigs(line); !reflect.DeepEqual(got, want) {
		t.Errorf("of the command line: got\n%+v\nwant\n%+v", got, want)
	}

	nets := prefixes("192.0.2.0/24")
	c.Listeners = []listener.Config{
		{Address: "tcp://:5514", Allow: nets, ProxyProtocol: nets},
		{Address: "tls://:6514", Allow: nets, TLS: listener.TLSConfig{ClientAuth: listener.ClientAuthNone, MinVersion: listener.TLS13}},
	}
	complete.ClientAuth, complete.MinVersion = listener.ClientAuthNone, listener.TLS13
	before := slices.Clone(c.Listeners)
	want = []listener.Config{before[0], {Address: "tls://:6514", Allow: nets, TLS: complete}}
	if got := c.ListenerConfigs(line); !reflect.DeepEqual(got, want) {
		t.Errorf("of the file: got\n%+v\nwant\n%+v", got, want)
	}
	if !reflect.DeepEqual(c.Listeners, before) {
		t.Errorf("the configuration was changed: %+v", c.Listeners)
	}
}

func TestIngest(t *testing.T) {
	full := mustLoad(t, "testdata/valid_full.yml")
	nets := full.Listeners[0].Allow
	for name, tc := range map[string]struct {
		config *Config
		want   ingest.Config
	}{
		"default": {testDefaults(), ingest.Config{Identity: identity.DefaultConfig()}},
		"full": {full, ingest.Config{
			Identity:  full.Identity,
			Devices:   full.Devices,
			Allow:     map[string][]netip.Prefix{"udp://:514": nets, "tcp://[::1]:1470": nets},
			Ignore:    []catalog.ID{302013, 302014, catalog.HealthAlert, catalog.Fault(461)},
			Count:     []catalog.ID{106023, catalog.Fault(9999)},
			Reporters: full.Health.Reporters,
		}},
	} {
		if got := tc.config.Ingest(); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, tc.want)
		}
	}
}

// A file is complete: what is made of it names senders without more.
func TestFileNamesSenders(t *testing.T) {
	c, err := Load(write(t, `
listeners:
  - address: udp://192.0.2.254:5514
    allow: [192.0.2.0/24, 2001:db8::/32]
devices:
  - name: edge
    addresses: [192.0.2.1]
    labels: {site: ams, role: edge}
  - name: core
    hosts: [FW2.example.com]
identity: {lower_case: true, strip_domain: true, unknown: bucket}
`[1:]), nil)
	if err != nil {
		t.Fatal(err)
	}
	in := c.Ingest()
	id := identity.New(&in.Identity, in.Devices, nil)
	allow := identity.NewPrefixes(in.Allow["udp://192.0.2.254:5514"])
	for _, tc := range []struct {
		addr, host string
		allowed    bool
		want       string
	}{
		{"192.0.2.1", "", true, "edge"},
		{"192.0.2.9", "fw2", true, "core"},
		{"2001:db8::9", "stranger", true, identity.UnknownDevice},
		{"198.51.100.1", "fw2", false, "core"},
	} {
		s := identity.Sender{Addr: netip.MustParseAddr(tc.addr), DeviceID: []byte(tc.host)}
		if name, ok := id.Name(nil, &s); string(name) != tc.want || !ok || allow.Contains(s.Addr) != tc.allowed {
			t.Errorf("%s %s: %q, %t", tc.addr, tc.host, name, ok)
		}
	}
}
