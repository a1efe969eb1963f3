package ingest_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

var (
	firewall = netip.MustParseAddr("192.0.2.1")
	stranger = netip.MustParseAddr("198.51.100.1")
	neighbor = netip.MustParseAddr("198.51.100.2")
)

const failed = "%FTD-1-735002: Cooling Fan 1: Failure Detected"

// A fixture is a pipeline into an empty table, at a time that stands still.
type fixture struct {
	t testing.TB
	*ingest.Pipeline
	table    *state.Table
	registry *prometheus.Registry
}

func newFixture(t testing.TB, c ingest.Config) *fixture {
	t.Helper()
	messages, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return epoch }
	table, err := state.New(messages, collectors.All(), state.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, table: table, registry: prometheus.NewPedanticRegistry()}
	if f.Pipeline, err = ingest.New(messages, table, ingest.Options{Metrics: f.registry, Now: now}); err != nil {
		t.Fatal(err)
	}
	f.Configure(c)
	return f
}

// devices returns the exposition of the table.
func (f *fixture) devices() string {
	f.t.Helper()
	var b strings.Builder
	if err := f.table.WriteText(&b); err != nil {
		f.t.Fatal(err)
	}
	return b.String()
}

// shows checks that the table has these series.
func (f *fixture) shows(lines ...string) {
	f.t.Helper()
	devices := f.devices()
	for _, line := range lines {
		if !strings.Contains("\n"+devices, "\n"+line+"\n") {
			f.t.Errorf("no %s in\n%s", line, devices)
		}
	}
}

// send gives one line from an address to a feed, as a batch of its own.
func send(f *ingest.Feed, from netip.Addr, line string) syslog.Reason {
	f.Begin(epoch)
	defer f.End()
	return f.Frame([]byte(line), len(line), from, syslog.OK)
}

// The way of a message by the configuration: who it is from, whether it counts.
func TestConfigurationDecidesAboutMessages(t *testing.T) {
	f := newFixture(t, ingest.Config{
		Devices: []identity.Device{
			{Name: "edge", Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, Hosts: []string{"fw1"}},
			{Name: "core", Hosts: []string{"fw2"}},
		},
		Identity: identity.Config{LowerCase: true, StripDomain: true, Aliases: map[string]string{"old": "core"}, Unknown: identity.UnknownShared},
		Allow:    map[string][]netip.Prefix{"udp://:5514": {netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}},
		Ignore:   []catalog.ID{302013, 735004},
		Count:    []catalog.ID{106023},
	})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	for _, tc := range []struct {
		from, line string
		want       syslog.Reason
	}{
		{"192.0.2.1", failed, syslog.OK},                        // edge by its address.
		{"192.0.2.9", "FW2.example.com : " + failed, syslog.OK}, // core by its host.
		{"192.0.2.9", "old : " + failed, syslog.OK},             // core by an alias.
		{"2001:db8::9", "visitor : " + failed, syslog.OK},       // Unknown.
		{"198.51.100.1", "fw2 : " + failed, syslog.NotAllowed},
		{"192.0.2.1", "%FTD-6-302013: Built", syslog.OK},
		{"192.0.2.1", "%FTD-1-735004: Power Supply 1: Failure Detected", syslog.OK},
		{"192.0.2.1", "%FTD-4-106023: Deny", syslog.OK},
		{"192.0.2.1", "%FTD-4-106024: Deny", syslog.OK},
	} {
		if got := send(feed, netip.MustParseAddr(tc.from), tc.line); got != tc.want {
			t.Errorf("%s %q: %q, want %q", tc.from, tc.line, got, tc.want)
		}
	}
	f.shows(
		`ftd_component_ok{component="fan",device="edge",unit="1"} 0`,
		`ftd_component_failures_total{component="fan",device="core",unit="1"} 2`,
		`ftd_component_ok{component="fan",device="unknown",unit="1"} 0`,
		`ftd_messages_total{device="edge",message_id="106023"} 1`,
		`ftd_syslog_messages_total{device="edge",severity="4"} 2`,
	)
	for _, absent := range []string{`severity="6"`, "106024", "visitor", "power_supply"} {
		if got := f.devices(); strings.Contains(got, absent) {
			t.Errorf("%q shows:\n%s", absent, got)
		}
	}
	if err := testutil.GatherAndCompare(f.registry, strings.NewReader(`
		# HELP ftd_exporter_messages_ignored_total Messages whose id the configuration ignores.
		# TYPE ftd_exporter_messages_ignored_total counter
		ftd_exporter_messages_ignored_total 2
	`), "ftd_exporter_messages_ignored_total"); err != nil {
		t.Error(err)
	}
	if got := f.Stats()["udp://:5514"]; got.Frames != 9 || got.Rejected[syslog.NotAllowed] != 1 {
		t.Errorf("%+v", got)
	}
}

// A remembered sender obeys each new configuration, from the next message on.
func TestConfigurationCanChange(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	say := func(want syslog.Reason, device string) {
		t.Helper()
		if got := send(feed, firewall, "<161>2026-03-17T12:00:00Z fw1 : "+failed); got != want {
			t.Errorf("the reason is %q, not %q", got, want)
		}
		if device != "" && !f.table.Forget(device) {
			t.Errorf("there is no device %s", device)
		}
	}
	say(syslog.OK, "fw1")
	say(syslog.OK, "fw1") // The table has forgotten it, and it is new.
	f.Configure(ingest.Config{Identity: identity.Config{Unknown: identity.UnknownReject}})
	say(syslog.NotAllowed, "")
	say(syslog.NotAllowed, "") // It is remembered that it is unknown.
	f.Configure(ingest.Config{Identity: identity.Config{Aliases: map[string]string{"fw1": "edge"}}})
	say(syslog.OK, "edge")
	f.Configure(ingest.Config{Allow: map[string][]netip.Prefix{"udp://:5514": {netip.PrefixFrom(stranger, 32)}}})
	say(syslog.NotAllowed, "")
	f.Configure(ingest.Config{})
	say(syslog.OK, "fw1")
	if stats := f.table.Stats(); stats.Devices != 0 {
		t.Errorf("%+v", stats)
	}
}

// The counters of a source that has not brought anything are 0.
func TestSourcesCountFromTheStart(t *testing.T) {
	f := newFixture(t, ingest.Config{Sources: []string{"tcp://:5514"}})
	if err := testutil.GatherAndCompare(f.registry, strings.NewReader(`
		# HELP ftd_exporter_syslog_frames_total Messages received in datagrams and streams, whatever they contain. A datagram or line that has several messages counts as that many.
		# TYPE ftd_exporter_syslog_frames_total counter
		ftd_exporter_syslog_frames_total{listener="tcp://:5514"} 0
	`), "ftd_exporter_syslog_frames_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(f.registry, "ftd_exporter_syslog_rejected_total"); err != nil || n != int(syslog.NumReasons)-1 {
		t.Errorf("%d reasons, %v", n, err)
	}
}

// A client name of TLS names a device only if the identity asks for it.
func TestClientName(t *testing.T) {
	for _, tc := range []struct {
		order []identity.Source
		want  string
	}{
		{nil, "fw1"},
		{[]identity.Source{identity.SourceClientName}, "edge.example.com"},
	} {
		f := newFixture(t, ingest.Config{Identity: identity.Config{Order: tc.order}})
		send(f.NewFeed(ingest.Source{Name: "tls://:6514", ClientName: "edge.example.com", Stream: true}), firewall, "fw1 : "+failed)
		f.shows(fmt.Sprintf(`ftd_component_ok{component="fan",device=%q,unit="1"} 0`, tc.want))
	}
}

// A line of a log is named by the same rules, as if a trusted relay had sent it.
func TestLogsHaveTheSameNames(t *testing.T) {
	f := newFixture(t, ingest.Config{
		Devices:  []identity.Device{{Name: "core", Hosts: []string{"old-fw"}}},
		Identity: identity.Config{Strict: true, LowerCase: true, StripDomain: true, Unknown: identity.UnknownReject, Aliases: map[string]string{"fw1": "edge"}},
	})
	feed := f.NewFeed(ingest.Source{Name: "replay", Default: "Archive.1"})
	for line, want := range map[string]syslog.Reason{
		"FW1.example.com : " + failed:                                               syslog.OK,
		"OLD-FW : %FTD-1-735002: Cooling Fan 2: Failure Detected":                   syslog.OK,
		"fw9 : " + failed:                                                           syslog.NotAllowed,
		"<161>Mar 17 12:00:00 relay Mar 17 2026 12:00:00 fw1 : " + failed:           syslog.OK,
		"%FTD-1-735002: Cooling Fan 3: Failure Detected":                            syslog.OK,
		"<161>Mar 17 2026 12:00:00: %FTD-1-735002: Cooling Fan 4: Failure Detected": syslog.OK,
	} {
		if got := send(feed, netip.Addr{}, line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	f.shows(
		`ftd_component_failures_total{component="fan",device="edge",unit="1"} 2`,
		`ftd_component_ok{component="fan",device="core",unit="2"} 0`,
		`ftd_component_ok{component="fan",device="Archive.1",unit="3"} 0`,
		`ftd_component_ok{component="fan",device="Archive.1",unit="4"} 0`,
	)
	if n := f.table.Stats().Devices; n != 3 {
		t.Errorf("%d devices", n)
	}
}

// What is not a message changes no device and is counted under its reason.
func TestRejectedFrames(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	feed := f.NewFeed(ingest.Source{Name: "x"})
	var bytes uint64
	for i, tc := range []struct {
		frame string
		bad   syslog.Reason
		want  syslog.Reason
	}{
		{"735002: Cooling Fan 1: Failure Detected", syslog.OK, syslog.NoTag},
		{"<190>1: %LINK-3-UPDOWN: Interface up", syslog.OK, syslog.NoTag},
		{" \r\n", syslog.OK, syslog.Empty},
		{"\x00\x01\xff\xfe%\x80\x81", syslog.OK, syslog.NoTag},
		{"<161>%FTD-1-7350", syslog.OK, syslog.NoTag},
		{"<161>fw1 : %FTD-1-735002: " + strings.Repeat("x", 9000), syslog.OK, syslog.TooLong},
		{"fw1 : " + failed, syslog.TooLong, syslog.TooLong},
		{"fw1 : " + failed, syslog.BadFrame, syslog.BadFrame},
	} {
		before := f.Stats()["x"].Rejected[tc.want]
		feed.Begin(epoch)
		if got := feed.Frame([]byte(tc.frame), len(tc.frame)+5, firewall, tc.bad); got != tc.want {
			t.Errorf("%.60q: %q, want %q", tc.frame, got, tc.want)
		}
		feed.End()
		bytes += uint64(len(tc.frame) + 5)
		if s := f.Stats()["x"]; s.Frames != uint64(i+1) || s.Bytes != bytes || s.Rejected[tc.want] != before+1 {
			t.Errorf("%.60q: %+v", tc.frame, s)
		}
	}
	if got := f.devices(); got != "" {
		t.Errorf("a device appears:\n%s", got)
	}
}

// A text that does not match any template changes no series of its own.
func TestUnmatchedMessages(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	var last ingest.Result
	feed := f.NewFeed(ingest.Source{Name: "x", Each: func(r *ingest.Result) { last = *r }})
	lines := []string{
		"fw1 : %FTD-1-735002: Cooling Fan 1 burns",
		"fw1 : %FTD-1-735002: Cooling Fan 1: Failure Dete",
		"fw1 : %FTD-1-735007: CPU 1: Temp: hot C, Hot",
		"fw1 : %FTD-1-735007: CPU 1: Temp: 63",
		"fw1 : %FTD-1-735007:",
		"fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 1",
	}
	for _, line := range lines {
		send(feed, firewall, line)
		if last.Reason != syslog.OK || last.Outcome != catalog.Unmatched || string(last.Bytes) != line {
			t.Errorf("%q: %+v", line, last)
		}
	}
	if n := f.Unmatched(); n != uint64(len(lines)) {
		t.Errorf("%d unmatched", n)
	}
	for l := range strings.Lines(f.devices()) {
		if !strings.HasPrefix(l, "#") && !strings.HasSuffix(l, "} 0\n") &&
			!strings.HasPrefix(l, "ftd_syslog_messages_total") && !strings.HasPrefix(l, "ftd_device_") {
			t.Errorf("%s", l)
		}
	}
}

func TestContradictionsAreCounted(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	send(f.NewFeed(ingest.Source{Name: "x"}), firewall, "fw1 : %FTD-1-735001: Cooling Fan 1: Failure Detected")
	if err := testutil.GatherAndCompare(f.registry, strings.NewReader(`
		# HELP ftd_exporter_messages_contradicted_total Messages whose text belongs to another id than the printed one; the text decided.
		# TYPE ftd_exporter_messages_contradicted_total counter
		ftd_exporter_messages_contradicted_total{message_id="735001"} 1
	`), "ftd_exporter_messages_contradicted_total"); err != nil {
		t.Error(err)
	}
}

// Senders get the same names whether a feed remembers them or meets each for the
// first time.
func TestSendersAreTheSameWhetherRememberedOrNot(t *testing.T) {
	headers := []string{
		"<161>2026-03-17T12:00:%02dZ fw%d : ", "<161>Mar 17 2026 12:00:%02d fw%d : ", "<161>Mar 17 12:00:%02d fw%d: ",
		"<161>:Mar 17 12:00:%02d UTC: %.[2]s", "<161>:Mar 17 12:00:%02d CEST fw%d: ", "fw%[2]d : ", "%.[1]s%.[2]s",
		"<161>1 2026-03-17T12:00:%02d.25+02:00 fw%d asa - - - ", "<161>1 - fw%[2]d - - - - ",
		"<161>Mar 17 12:00:%02d relay%d Mar 17 2026 12:00:%[1]02d fw%[2]d : ", "<161>relay message repeated 2 times: [Mar 17 12:00:%02d fw%d ",
	}
	remembering, forgetful := newFixture(t, ingest.Config{}), newFixture(t, ingest.Config{})
	feed := remembering.NewFeed(ingest.Source{Name: "x"})
	for i := range 2000 {
		header := fmt.Sprintf(headers[i%len(headers)], i%60, i%7)
		header, _, _ = strings.Cut(header, "%!")
		line := fmt.Sprintf("%s%%FTD-1-73500%d: Cooling Fan %d: %s", header, 1+i%2, i%3, []string{"OK", "Failure Detected"}[i%2])
		from := netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 5)})
		send(feed, from, line)
		send(forgetful.NewFeed(ingest.Source{Name: "x"}), from, line)
	}
	if got, want := remembering.devices(), forgetful.devices(); got != want {
		t.Errorf("remembered\n%s\nread anew\n%s", got, want)
	}
}

// A flood of names that a sender invents stays within half of the limits, and does
// no harm to the devices that were there, or come later. A relay may fill them.
func TestFloodOfNames(t *testing.T) {
	t.Run("stranger", func(t *testing.T) {
		f := newFixture(t, ingest.Config{})
		// With what one has left, a half, the flood ends.
		floodWithNames(t, f, stranger, 5_001, "sender_share")
		send(f.NewFeed(ingest.Source{Name: "y"}), neighbor, "late : "+failed)
		f.shows(`ftd_component_ok{component="fan",device="late",unit="1"} 0`)
	})
	t.Run("relay", func(t *testing.T) {
		c := ingest.Config{}
		c.Identity.TrustedRelays = []netip.Prefix{netip.PrefixFrom(stranger, stranger.BitLen())}
		floodWithNames(t, newFixture(t, c), stranger, 10_000, "devices")
	})
	// A relay or a proxy on the same machine, which may be reached over IPv6.
	t.Run("loopback", func(t *testing.T) {
		floodWithNames(t, newFixture(t, ingest.Config{}), netip.MustParseAddr("::ffff:127.0.0.1"), 10_000, "devices")
	})
}

func floodWithNames(t *testing.T, f *fixture, sender netip.Addr, devices int, reason string) {
	t.Helper()
	feed := f.NewFeed(ingest.Source{Name: "x"})
	send(feed, firewall, "real : %FTD-1-735001: Cooling Fan 1: OK")
	const n = 50_000
	for i := range n {
		send(feed, sender, fmt.Sprintf("name%d : %%FTD-1-735002: Cooling Fan %d: Failure Detected", i, i))
		send(feed, sender, fmt.Sprintf("real : %%FTD-1-735002: Cooling Fan x%d: Failure Detected", i))
	}
	send(feed, firewall, "real : "+failed)
	f.shows(`ftd_component_ok{component="fan",device="real",unit="1"} 0`)
	if got := f.table.Stats(); got.Devices != devices || got.Series > 60*devices {
		t.Errorf("%+v", got)
	}
	rejected := map[string]uint64{}
	f.table.Rejected(func(reason string, n uint64) { rejected[reason] = n })
	if want := uint64(n - devices + 1); rejected[reason] != want || rejected["series_per_metric"] == 0 {
		t.Errorf("%v, want %d %s", rejected, want, reason)
	}
}
