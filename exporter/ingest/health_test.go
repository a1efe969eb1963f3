package ingest_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// alert returns a health alert about a sensor.
func alert(host, sensor, severity string) string {
	return "<46>Jan 25 19:44:22 " + host + " : HMNOTIFY: Power Supply (Sensor " + sensor + "): Severity: " + severity + ": text"
}

// A management center reports on its sensors; nothing but their health changes.
func TestHealthBelongsToTheSensor(t *testing.T) {
	f := newFixture(t, ingest.Config{
		Devices:  []identity.Device{{Name: "ams-edge-1", Hosts: []string{"HQ Firewall (Unit 1)"}}},
		Identity: identity.Config{Aliases: map[string]string{"old name": "fw-new"}},
	})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	from := netip.MustParseAddr("192.0.2.10")
	for _, line := range []string{
		alert("fmc1", "HQ Firewall (Unit 1)", "critical"), alert("fmc1", "old name", "warning"), alert("fmc1", "fw-a", "normal"),
		alert("fmc1", "fmc1", "error"), alert("fmc2", "fw-a", "major"),
		"<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Power Supply: Severity: minor: about the sender", "fw-b : " + failed,
	} {
		if r := send(feed, from, line); r != syslog.OK {
			t.Errorf("%q: %s", line, r)
		}
	}
	const labels = `{component="power_supply",device="%s",module="power_supply",state="%s"} 1`
	for device, state := range map[string]string{"ams-edge-1": "critical", "fw-new": "warning", "fw-a": "critical", "fmc1": "warning"} {
		f.shows("ftd_health_module_state" + fmt.Sprintf(labels, device, state))
	}
	f.shows(
		`ftd_health_reporter_info{device="fw-a",reporter="fmc2"} 1`,
		`ftd_health_module_reports_total{component="power_supply",device="fmc1",module="power_supply",severity="error"} 1`,
		`ftd_messages_total{device="fmc1",message_id="HMNOTIFY"} 5`,
		`ftd_syslog_messages_total{device="fmc1",severity="6"} 5`,
	)
	devices := f.devices()
	for _, device := range []string{"ams-edge-1", "fw-new", "fw-a"} {
		for _, metric := range []string{"ftd_device_last_message_timestamp_seconds{", "ftd_syslog_messages_total{", "ftd_messages_total{", "ftd_message_last_received_timestamp_seconds{"} {
			if strings.Contains(devices, metric+`device="`+device+`"`) {
				t.Errorf("%s has %s", device, metric)
			}
		}
	}
	if strings.Contains(devices, `ftd_health_reporter_info{device="fmc1"`) {
		t.Error("a device that reports on itself has a reporter")
	}
	x := f.Explain([]byte(alert("fmc1", "old name", "warning")), ingest.Source{})
	if x.Device != "fmc1" || x.Subject != "fw-new" || x.Outcome != "matched" || len(x.Updates) == 0 || x.Updates[0].Labels["device"] != "fw-new" || !strings.Contains(x.Text(), "about      fw-new\n") {
		t.Errorf("%+v\n%s", x, x.Text())
	}
}

// Who may report on others.
func TestReportersOfHealth(t *testing.T) {
	nets := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	for _, tc := range []struct {
		name    string
		config  ingest.Config
		allowed string // Of the addresses below.
	}{
		{"anybody", ingest.Config{}, "192.0.2.10 192.0.2.250 198.51.100.1 none"},
		{"reporters", ingest.Config{Reporters: nets("192.0.2.10/32")}, "192.0.2.10 none"},
		{"reporters and relays", ingest.Config{Reporters: nets("192.0.2.10/32"), Identity: identity.Config{TrustedRelays: nets("192.0.2.250/32")}}, "192.0.2.10 192.0.2.250 none"},
		{"strict", ingest.Config{Identity: identity.Config{Strict: true, TrustedRelays: nets("192.0.2.250/32")}}, "192.0.2.250 none"},
		{"strict with reporters", ingest.Config{Reporters: nets("192.0.2.10/32"), Identity: identity.Config{Strict: true}}, "192.0.2.10 none"},
		{"unknown devices rejected", ingest.Config{Identity: identity.Config{Unknown: identity.UnknownReject, Aliases: map[string]string{"fmc1": "fmc1", "192.0.2.10": "fmc1"}}}, ""},
	} {
		f := newFixture(t, tc.config)
		feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
		var allowed []string
		for _, from := range []string{"192.0.2.10", "192.0.2.250", "198.51.100.1", "none"} {
			var addr netip.Addr
			if from != "none" {
				addr = netip.MustParseAddr(from)
			}
			switch r := send(feed, addr, alert("fmc1", "fw-z", "critical")); r {
			case syslog.OK:
				allowed = append(allowed, from)
			case syslog.NotAllowed:
			default:
				t.Errorf("%s: %s from %s", tc.name, r, from)
			}
			// About itself, everybody may speak.
			if r := send(feed, addr, "<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Disk Usage: Severity: minor: x"); r != syslog.OK && tc.config.Identity.Unknown != identity.UnknownReject {
				t.Errorf("%s: %s from %s about itself", tc.name, r, from)
			}
		}
		if got := strings.Join(allowed, " "); got != tc.allowed {
			t.Errorf("%s: %q may report, want %q", tc.name, got, tc.allowed)
		}
		if tc.allowed == "" && strings.Contains(f.devices(), "fw-z") {
			t.Errorf("%s: a rejected line has made a device", tc.name)
		}
	}
}

// What cannot be read is counted and changes nothing; a code that the catalog does
// not have is a fault all the same.
func TestDialectsAreCounted(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	for _, line := range []string{
		alert("fmc1", "fw-a", "critical"), alert("fmc1", "fw-a", "purple"), alert("fmc1", "", "critical"),
		"<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Test", "fp1 FPRM: [F0374][major][c][] no object",
		"fp1 FPRM: [F9999][major][c][sys/chassis-1/psu-1] x", "fp1 FPRM: [F9999][major][c][] no object",
		"fp1 FPRM: [F0374][major][c][sys/chassis-1/psu-1] x",
		"<189>Jan 25 2026 19:44:22 fw-a : %FTD-5-111008: User 'admin' executed the 'banner motd " + strings.ReplaceAll(alert("", "fw-z", "critical"), "<46>Jan 25 19:44:22  : ", "") + "' command.",
	} {
		if r := send(feed, netip.Addr{}, line); r != syslog.OK {
			t.Errorf("%q: %s", line, r)
		}
	}
	f.shows(
		`ftd_health_module_state{component="power_supply",device="fw-a",module="power_supply",state="critical"} 1`,
		`ftd_fxos_fault_severity{code="F9999",component="power_supply",device="fp1",object="chassis-1/psu-1"} 5`,
		`ftd_fxos_fault_severity{code="F0374",component="power_supply",device="fp1",object="chassis-1/psu-1"} 5`,
		`ftd_messages_total{device="fp1",message_id="F0374"} 1`,
	)
	counts := map[string]float64{}
	families, err := f.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			counts[name] = m.GetCounter().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"ftd_exporter_messages_unmatched_total F0374": 1, "ftd_exporter_messages_unmatched_total HMNOTIFY": 3,
		"ftd_exporter_messages_uncatalogued_total": 3, "ftd_exporter_messages_contradicted_total F9999": 0,
	} {
		if counts[name] != want {
			t.Errorf("%s is %v, want %v", name, counts[name], want)
		}
	}
	if devices := f.devices(); strings.Contains(devices, "fw-z") || strings.Contains(devices, "F9999\",device") || strings.Contains(devices, `message_id="F9999"`) || strings.Contains(devices, `message_id="Fnnnn"`) {
		t.Error(devices)
	}
	x := f.Explain([]byte("fp1 FPRM: [F9999][cleared][c][sys/chassis-1/psu-1] x"), ingest.Source{})
	if x.Outcome != "matched" || x.MessageID != "F9999" || x.ReadAs != "Fnnnn" || strings.Contains(x.Text(), "contradicts") {
		t.Errorf("%+v\n%s", x, x.Text())
	}
}

// Forged alerts and faults stay within the limits, whatever they name.
func TestForgedReportsStayWithinTheLimits(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	f.table.SetLimits(state.Limits{Devices: 100, SeriesPerMetric: 20, Series: 5_000})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	from := netip.MustParseAddr("198.51.100.1")
	for i := range 100_000 {
		send(feed, from, alert("fmc1", fmt.Sprintf("spoofed-%d", i), "critical"))
	}
	for i := range 10_000 {
		send(feed, from, fmt.Sprintf("<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Module %d (Sensor spoofed-1): Severity: critical: x", i))
		send(feed, from, fmt.Sprintf("fp1 : [F%04d][major][c][sys/chassis-%d/psu-1] x", i, i))
	}
	stats := f.table.Stats()
	if stats.Devices > 51 || stats.Series > 2_501 {
		t.Errorf("one sender has made %d devices and %d series", stats.Devices, stats.Series)
	}
	devices := f.devices()
	for metric, most := range map[string]int{"ftd_health_module_state{": 20, "ftd_fxos_fault_severity{": 20} {
		for _, device := range []string{"spoofed-1", "fp1"} {
			n := 0
			for line := range strings.Lines(devices) {
				if strings.HasPrefix(line, metric) && strings.Contains(line, `device="`+device+`"`) {
					n++
				}
			}
			if n > most {
				t.Errorf("%s has %d series of %s", device, n, metric)
			}
		}
	}
	// One datagram makes one state, whatever it holds, beside the counters that a
	// device has from the start.
	f.table.SetLimits(state.Limits{Devices: 1000})
	for _, device := range []string{"fmc1", "one"} {
		send(feed, netip.MustParseAddr("203.0.113.1"), "<166>"+device+" : %FTD-6-302013: Built")
	}
	before := f.table.Stats().Series
	line := alert("fmc1", "one", "critical") + strings.Repeat(" HMNOTIFY: X (Sensor y): Severity: critical: [F0374][major][c][d]", 100)
	send(feed, netip.MustParseAddr("203.0.113.1"), line)
	if n := f.table.Stats().Series - before; n > 30 {
		t.Errorf("one datagram has made %d series", n)
	}
}

// The way of the other dialects allocates nothing either.
func TestDialectsDoNotAllocate(t *testing.T) {
	f := newFixture(t, ingest.Config{Identity: identity.Config{LowerCase: true}})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	from := netip.MustParseAddr("192.0.2.10")
	for _, line := range []string{
		alert("fmc1", "FW-a.example.net", "critical"),
		"<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Memory Usage (Sensor fw-a.example.net): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)",
		"<187>Jul 16 12:23:19 fp1 FPRM: <<%FPRM-3-X>> [F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 inoperable",
		"<187>Jul 16 12:23:19 fp1 FPRM: <<%FPRM-3-X>> [F9999][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 inoperable",
		"<162>Jul 16 2026 12:23:20 fw1 : %FTD-2-199014: Jul 16 12:23:19 FPRM: <<%FPRM-2-X>> [F0411][critical][thermal-problem][sys/chassis-1] hot",
		"<165>Jul 16 2026 12:23:20 fw1 : %FTD-5-199017: Jul 16 12:23:19 sshd[1842]: Received signal 15; terminating.",
	} {
		frame := []byte(line)
		if n := testing.AllocsPerRun(100, func() {
			feed.Begin(epoch)
			if r := feed.Frame(frame, len(frame), from, syslog.OK); r != syslog.OK {
				t.Fatal(r)
			}
		}); n > 0 {
			t.Errorf("%q: %v allocations", line, n)
		}
	}
}
