package exporter

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// configure applies a configuration file with the given text.
func (f *fixture) configure(text string) {
	f.t.Helper()
	name := filepath.Join(f.t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	c, err := LoadConfig(name, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.Configure(c); err != nil {
		f.t.Fatal(err)
	}
	f.ExpectDevices()
}

func (f *fixture) shows(want ...string) {
	f.t.Helper()
	got := f.devices()
	for _, w := range want {
		if !strings.Contains(got, w) {
			f.t.Errorf("no %s in\n%s", w, got)
		}
	}
}

func TestConfigurationDecidesAboutMessages(t *testing.T) {
	f := newFixture(t)
	f.configure(`
listeners:
  - address: udp://192.0.2.254:5514
    allow: [192.0.2.0/24, 2001:db8::/32]
devices:
  - name: edge
    addresses: [192.0.2.1]
    labels: {site: ams, role: edge}
  - name: core
    hosts: [FW2.example.com]
    labels: {site: ams}
identity: {lower_case: true, strip_domain: true, unknown: bucket}
messages: {ignore: [302013], count: [106023]}
`[1:])
	feed := f.newFeed(f.metrics.listener("udp://192.0.2.254:5514", false))
	say := func(addr, line string) syslog.Reason {
		return feed.handle([]byte(line), netip.MustParseAddr(addr), syslog.OK)
	}
	const failed = "%FTD-1-735002: Cooling Fan 1: Failure Detected"
	for _, tc := range []struct {
		addr, line string
		want       syslog.Reason
	}{
		{"192.0.2.1", failed, syslog.OK},
		{"192.0.2.9", "fw2 : " + failed, syslog.OK},
		{"2001:db8::9", "stranger : " + failed, syslog.OK},
		{"198.51.100.1", "fw2 : " + failed, syslog.NotAllowed},
		{"192.0.2.1", "%FTD-6-302013: Built", syslog.OK},
		{"192.0.2.1", "%FTD-4-106023: Deny", syslog.OK},
		{"192.0.2.1", "%FTD-4-106024: Deny", syslog.OK},
	} {
		if got := say(tc.addr, tc.line); got != tc.want {
			t.Errorf("%s %q: %q, want %q", tc.addr, tc.line, got, tc.want)
		}
	}
	f.shows(
		`ftd_component_ok{component="fan",device="edge",unit="1"} 0`,
		`ftd_component_ok{component="fan",device="core",unit="1"} 0`,
		`ftd_component_ok{component="fan",device="unknown",unit="1"} 0`,
		`ftd_messages_total{device="edge",message_id="106023"} 1`,
		`ftd_syslog_messages_total{device="edge",severity="4"} 2`,
	)
	if got := f.devices(); strings.Contains(got, `severity="6"`) || strings.Contains(got, "106024") || strings.Contains(got, "stranger") {
		t.Errorf("what was ignored shows:\n%s", got)
	}
	if n := testutil.ToFloat64(f.metrics.ignored); n != 1 {
		t.Errorf("%g ignored, want 1", n)
	}
	if n := f.rejected("udp://192.0.2.254:5514", "not_allowed"); n != 1 {
		t.Errorf("%g not allowed, want 1", n)
	}
	reg := prometheus.NewRegistry()
	if err := f.Register(reg); err != nil {
		t.Fatal(err)
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader(`# HELP ftd_device_labels_info Labels that the inventory gives to a device; always 1.
# TYPE ftd_device_labels_info gauge
ftd_device_labels_info{device="core",site="ams"} 1
ftd_device_labels_info{device="edge",role="edge",site="ams"} 1
`), "ftd_device_labels_info"); err != nil {
		t.Error(err)
	}
}

func TestUnknownSendersCanBeRejected(t *testing.T) {
	f := newFixture(t)
	f.configure("devices: [{name: edge, addresses: [192.0.2.1]}]\nidentity: {unknown: reject}\n")
	feed := f.newFeed(f.metrics.listener("x", false))
	if r := feed.handle([]byte("fw9 : %FTD-6-302013: Built"), netip.MustParseAddr("192.0.2.9"), syslog.OK); r != syslog.NotAllowed {
		t.Errorf("%q", r)
	}
	if n := f.state.Stats().Devices; n != 1 {
		t.Errorf("%d devices, want that of the inventory", n)
	}
}

// A device that never speaks must be able to alert.
func TestInventoriedDevicesShowFromTheStart(t *testing.T) {
	f := newFixture(t)
	f.configure("devices: [{name: edge, addresses: [192.0.2.1]}]\n")
	f.shows(`ftd_device_last_message_timestamp_seconds{device="edge"} 0`, `ftd_thermal_shutdowns_total{component="cpu",device="edge"} 0`)
}

func TestInventoryWithoutRoomIsTold(t *testing.T) {
	f := newFixture(t)
	f.newFeed(f.metrics.listener("x", false)).handle([]byte("stranger : %FTD-6-302013: Built"), peerAddr, syslog.OK)
	f.configure("limits: {devices: 1}\ndevices: [{name: edge}]\n")
	if got := f.ExpectDevices(); len(got) != 1 || got[0] != "edge" {
		t.Errorf("%q", got)
	}
}

func TestSilentDevicesAreForgotten(t *testing.T) {
	f := newFixture(t)
	now := epoch
	f.now = func() time.Time { return now }
	f.configure("devices: [{name: edge, addresses: [192.0.2.77]}]\nexpiry: {devices: 24h}\n")
	feed := f.newFeed(f.metrics.listener("x", false))
	feed.handle([]byte("spare : %FTD-6-302013: Built"), peerAddr, syslog.OK)
	feed.handle([]byte("edge : %FTD-6-302013: Built"), peerAddr, syslog.OK)
	now = now.Add(24 * time.Hour)
	if got := f.ForgetSilentDevices(); len(got) != 0 {
		t.Errorf("after just a day: %q", got)
	}
	now = now.Add(time.Second)
	if got := f.ForgetSilentDevices(); len(got) != 1 || got[0] != "spare" {
		t.Errorf("after more: %q", got)
	}
	f.configure("{}")
	now = now.Add(1e6 * time.Hour)
	if got := f.ForgetSilentDevices(); got != nil {
		t.Errorf("by default: %q", got)
	}
}

// A flood of names that a sender invents stays within the limits, and does no
// harm to the devices that were there.
func TestFloodOfNames(t *testing.T) {
	f := newFixture(t)
	feed := f.newFeed(f.metrics.listener("x", false))
	feed.handle([]byte("real : %FTD-1-735001: Cooling Fan 1: OK"), peerAddr, syslog.OK)
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	var line []byte
	for i := range n {
		line = fmt.Appendf(line[:0], "name%d : %%FTD-1-735002: Cooling Fan %d: Failure Detected", i, i)
		feed.handle(line, peerAddr, syslog.OK)
		line = fmt.Appendf(line[:0], "real : %%FTD-1-735002: Cooling Fan x%d: Failure Detected", i)
		feed.handle(line, peerAddr, syslog.OK)
	}
	feed.handle([]byte("real : %FTD-1-735002: Cooling Fan 1: Failure Detected"), peerAddr, syslog.OK)
	f.shows(`ftd_component_ok{component="fan",device="real",unit="1"} 0`)
	if got := f.state.Stats(); got.Devices != 10_000 || got.Series > 200_000 {
		t.Errorf("%+v", got)
	}
	rejected := map[string]uint64{}
	f.state.Rejected(func(reason string, n uint64) { rejected[reason] = n })
	if want := uint64(n - 9_999); rejected["devices"] != want || rejected["series_per_metric"] == 0 {
		t.Errorf("%v, want %d devices", rejected, want)
	}
	t.Logf("%d names: %+v, rejected %v", n, f.state.Stats(), rejected)
}

// Listeners that do not change keep their sockets.
func TestListenersChange(t *testing.T) {
	f := newFixture(t)
	l := f.NewListeners(nil, quiet)
	t.Cleanup(l.Stop)
	port := func() string {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return "udp://" + c.LocalAddr().String()
	}
	a, b := port(), port()
	if err := l.Set(t.Context(), []string{a}, DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	kept := l.running[a].Listener
	send := func(address string) {
		t.Helper()
		conn, err := net.Dial("udp", strings.TrimPrefix(address, "udp://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		before := f.frames(address)
		io.WriteString(conn, "fw1 : %FTD-6-302013: Built")
		eventually(t, address, func() bool { return f.frames(address) == before+1 })
	}
	send(a)
	if err := l.Set(t.Context(), []string{b, a}, DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	send(a)
	send(b)
	if l.running[a].Listener != kept {
		t.Error("a listener that did not change was opened again")
	}

	// One that cannot be opened changes nothing.
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := port()
	if err := l.Set(t.Context(), []string{c, "tcp://" + taken.Addr().String()}, DefaultConfig()); err == nil || len(l.running) != 2 {
		t.Errorf("%v, %d listeners", err, len(l.running))
	}
	send(a)
	if err := l.Set(t.Context(), []string{c}, DefaultConfig()); err != nil || len(l.running) != 1 {
		t.Errorf("%v, %d listeners", err, len(l.running))
	}
	send(c)
	if conn, err := net.ListenPacket("udp", strings.TrimPrefix(a, "udp://")); err != nil {
		t.Errorf("a removed listener keeps its port: %v", err)
	} else {
		conn.Close()
	}
}

func TestConfiguredHandleDoesNotAllocate(t *testing.T) {
	f := newFixture(t)
	f.configure("listeners: [{address: 'udp://:5514', allow: [192.0.2.0/24]}]\ndevices: [{name: edge, addresses: [192.0.2.0/25], hosts: [FW1.example.com]}]\nidentity: {lower_case: true, strip_domain: true, strict: true}\nmessages: {ignore: [302014], count: [302013]}\n")
	feed := f.newFeed(f.metrics.listener("udp://:5514", false))
	for name, line := range paths {
		frame := []byte(line)
		if n := testing.AllocsPerRun(100, func() { feed.handle(frame, peerAddr, syslog.OK) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if got := f.state.Stats(); got != (collectors.Stats{Devices: 1, Series: got.Series}) {
		t.Errorf("%+v", got)
	}
}

// A lower limit of connections holds from the next connection on.
func TestConnectionLimitCanBeLowered(t *testing.T) {
	f := newFixture(t)
	l, _ := f.listen("tcp://127.0.0.1:0")
	open := func() float64 { return testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections) }
	for range 10 {
		f.dial(l)
	}
	eventually(t, "ten connections", func() bool { return open() == 10 })
	f.maxConnections.Store(3)
	f.dial(l)
	eventually(t, "three connections", func() bool { return open() == 3 })
}

// A message over a new listener meets the configuration that knows it, and one
// over a listener that goes meets the configuration that knew it.
func TestConfigurationChangesBetweenListeners(t *testing.T) {
	f := newFixture(t)
	l := f.NewListeners(nil, quiet)
	t.Cleanup(l.Stop)
	var during []string
	l.configure = func(c *Config) error {
		during = nil
		for name := range l.running {
			during = append(during, name)
		}
		return f.Configure(c)
	}
	set := func(addresses ...string) {
		t.Helper()
		if err := l.Set(t.Context(), addresses, DefaultConfig()); err != nil {
			t.Fatal(err)
		}
	}
	set("tcp://127.0.0.1:0")
	if len(during) != 0 {
		t.Errorf("%q received before it was configured", during)
	}
	set("udp://127.0.0.1:0")
	if len(during) != 0 {
		t.Errorf("%q received when it was no longer configured", during)
	}
	l.configure = func(*Config) error {
		t.Error("configured although a listener failed")
		return nil
	}
	if err := l.Set(t.Context(), []string{"udp://nowhere.invalid:5514"}, DefaultConfig()); err == nil {
		t.Error("opened a listener nowhere")
	}
}
