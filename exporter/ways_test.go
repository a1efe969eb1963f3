package exporter_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// waysConfig is the configuration of all ways in; %s are the addresses of three
// listeners and the entry of the fourth, which not every system has.
//
// Lines of a log count as if a trusted relay had sent them, so 127.0.0.1 is one:
// then a host in a header decides over every socket, and the address over none.
// Two things are left out because an address decides about them: strict, under
// which a Unix socket, whose senders do not have an address, would reject all hosts; and
// lines without any host, which belong to 127.0.0.1, to the shared unknown device
// or to --default-device, depending on the way.
//
// The expiry is long, because the log is old, and in a replay the time is that of
// the lines.
const waysConfig = `
listeners:
  - {address: "udp://%s", allow: [127.0.0.1]}
  - {address: "tcp://%s", allow: [192.0.2.0/24, 127.0.0.0/8]}
  - {address: "tls://%s", allow: [127.0.0.1]}
  %s
devices:
  - {name: ams-core, hosts: [AMS-DC-FW2.example.com], labels: {site: ams}}
  - {name: far-away, hosts: [fw9], addresses: [192.0.2.9]}
identity:
  trusted_relays: [127.0.0.1]
  lower_case: true
  strip_domain: true
  aliases: {old-fw: core-fw, syd-edge-fw1: syd-core, ams-dc-fw1.example.com: ams-core}
expiry: {threat_detection: 100y, quota: 100y, cluster: 100y, capacity: 100y, attacks: 100y, health: 100y}
messages: {ignore: [302013, 302014, 302015, 302016], count: [106023, 106100]}
tls: {cert_file: cert.pem, key_file: key.pem}
`

// waysLines returns the sample log and lines whose device depends on the
// configuration.
func waysLines(t *testing.T) []string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(testutil.Root(t), "examples", "fleet.log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
	if len(lines) < 5000 {
		t.Fatalf("the sample log has only %d lines", len(lines))
	}
	// A fault that was cleared in the morning is not shown any more in the evening.
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "[cleared]") })
	return append(
		lines,
		"<161>Mar 18 2026 12:00:00 FW1.example.com : "+fanFailed,
		"<161>Mar 18 2026 12:00:00 old-fw : "+fanFailed,
		"<161>Mar 18 2026 12:00:01 fw1 : %FTD-1-735004: Power Supply 1: Failure Detected",
		"<161>Mar 18 2026 12:00:01 CORE-FW.example.net : %FTD-1-735004: Power Supply 1: Failure Detected",
		// A relay has put its header in front, and the device is the inner host.
		"<13>Mar 18 12:00:02 relay1 <161>Mar 18 2026 12:00:02 FW2.Example.COM : "+fanFailed,
		"<13>1 2026-03-18T12:00:02Z relay1.example.com ftd - - - <161>Mar 18 2026 12:00:02 OLD-FW.example.com : "+fanOK,
		// A relay that puts the device's name in its header, to lines without one.
		"<13>Mar 18 12:00:03 FW3.example.com <161>Mar 18 2026 12:00:03: "+fanFailed,
		"<161>1 2026-03-18T12:00:04Z 192.0.2.9 - - - - "+fanFailed,
		"<161>Mar 18 2026 12:00:05 fw1 : message repeated 3 times: [ %FTD-1-735002: Cooling Fan 2: Failure Detected]",
		"no message of a firewall",
		"<161>Mar 18 2026 12:00:06 Fw1 : %FTD-1-735002: Cooling Fan 1 burns",
		// What follows a text does not lose a failure.
		`<161>Mar 18 2026 12:00:07 fw1 : %FTD-1-735002: Cooling Fan 7: Failure Detected\0x0a`,
		`<161>Mar 18 2026 12:00:07 fw1 : %FTD-1-735002: Cooling Fan 8: Failure Detected","host":"192.0.2.11"}`,
		"<161>Mar 18 2026 12:00:07 fw1 : %FTD-1-735001: Cooling Fan 8: OKAY",
	)
}

// Whatever way a line comes in, the same device has the same series.
func TestEveryWayInIsTheSame(t *testing.T) {
	lines := waysLines(t)
	dir := t.TempDir()
	ca := testutil.NewCA(t, "syslog")
	ca.Issue(t).Write(t, dir)
	configWith := func(udp, tcp, tls, unixgram string) string {
		if unixgram != "" {
			unixgram = fmt.Sprintf("- {address: %q}", "unixgram://"+unixgram)
		}
		return write(t, filepath.Join(dir, "ftd_exporter.yml"), fmt.Sprintf(waysConfig, udp, tcp, tls, unixgram))
	}
	conf, err := config.Load(configWith("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", ""),
		config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())}))
	if err != nil {
		t.Fatal(err)
	}

	want := seriesOf(replayedByCommand(t, conf, lines)) // The reference.
	checkDevices(t, want)

	t.Run("explain", func(t *testing.T) {
		pipeline, _ := offline(t, conf, state.Options{})
		devices := map[string]bool{}
		for _, line := range lines {
			x := pipeline.Explain([]byte(line), ingest.Source{Name: "explain", Default: "replay"})
			if x.Outcome != "rejected" && !strings.HasPrefix(x.Reason, "the configuration ignores") {
				devices[x.Device] = true
			}
		}
		if got, want := slices.Sorted(maps.Keys(devices)), devicesOf(want); !slices.Equal(got, want) {
			t.Errorf("devices:\n got %q\nwant %q", got, want)
		}
	})
	t.Run("backfill", func(t *testing.T) {
		if got := seriesOf(backfilled(t, conf, lines)); !slices.Equal(namesOf(got), namesOf(want)) {
			t.Error(testutil.FirstDifference(strings.Join(namesOf(got), "\n"), strings.Join(namesOf(want), "\n")))
		}
	})

	// compare compares what a running exporter shows when it has all lines.
	compare := func(t *testing.T, i *instance, listener string) {
		t.Helper()
		i.waitFrames(listener, len(lines))
		if got := seriesOf(i.get("/metrics")); !slices.Equal(got, want) {
			t.Error(testutil.FirstDifference(strings.Join(got, "\n"), strings.Join(want, "\n")))
		}
	}
	t.Run("replay file", func(t *testing.T) {
		log := write(t, filepath.Join(t.TempDir(), "fleet.log"), strings.Join(lines, "\n"))
		i := start(t, configured(configWith(testutil.FreeAddr(t), testutil.FreeAddr(t), testutil.FreeAddr(t), "")),
			func(o *exporter.Options) { o.ReplayFiles = []string{log} })
		compare(t, i, "replay")
	})
	for _, way := range ways(ca) {
		t.Run(way.name, func(t *testing.T) {
			address := map[string]string{"udp": testutil.FreeAddr(t), "tcp": testutil.FreeAddr(t), "tls": testutil.FreeAddr(t)}
			if way.scheme == "unixgram" {
				if runtime.GOOS == "windows" {
					t.Skip("Windows does not have Unix datagram sockets")
				}
				address["unixgram"] = filepath.Join(t.TempDir(), "s")
			}
			i := start(t, configured(configWith(address["udp"], address["tcp"], address["tls"], address["unixgram"])))
			listener := way.scheme + "://" + address[way.scheme]
			conn, err := way.dial(address[way.scheme])
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for n, line := range lines {
				if _, err := io.WriteString(conn, way.frame(line)); err != nil {
					t.Fatal(err)
				}
				if way.scheme == "udp" && n%50 == 0 { // Never more than the smallest buffer holds.
					i.waitFrames(listener, n+1)
				}
			}
			compare(t, i, listener)
		})
	}
}

// A way is one of a socket.
type way struct {
	name, scheme string
	dial         func(address string) (net.Conn, error)
	frame        func(line string) string
}

func ways(ca *testutil.CA) []way {
	plain := func(network string) func(string) (net.Conn, error) {
		return func(address string) (net.Conn, error) { return net.Dial(network, address) }
	}
	secure := func(address string) (net.Conn, error) {
		return tls.Dial("tcp", address, &tls.Config{RootCAs: ca.Pool()})
	}
	alone := func(line string) string { return line }
	ended := func(line string) string { return line + "\n" }
	counted := func(line string) string { return fmt.Sprintf("%d %s", len(line), line) }
	return []way{
		{"udp", "udp", plain("udp"), alone},
		{"tcp", "tcp", plain("tcp"), ended},
		{"tcp with octet counts", "tcp", plain("tcp"), counted},
		{"tls", "tls", secure, counted},
		{"unixgram", "unixgram", plain("unixgram"), alone},
	}
}

// offline returns the way of the commands into an empty table, and the table.
func offline(t *testing.T, conf *config.Config, o state.Options) (*ingest.Pipeline, *state.Table) {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	table, err := configuredTable(c, conf, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ingest.New(c, table, ingest.Options{Now: o.Now})
	if err != nil {
		t.Fatal(err)
	}
	p.Configure(conf.Ingest())
	return p, table
}

func configuredTable(c *catalog.Catalog, conf *config.Config, o state.Options) (*state.Table, error) {
	table, err := state.New(c, collectors.All(), o)
	if err != nil {
		return nil, err
	}
	return table, table.SetExpiry(conf.Expiry.Collectors)
}

// replayedByCommand returns what the command replay prints for lines.
func replayedByCommand(t *testing.T, conf *config.Config, lines []string) string {
	t.Helper()
	var clock history.Clock
	pipeline, table := offline(t, conf, state.Options{Now: clock.Now})
	replay := history.NewReplay(pipeline, table, "replay", &clock)
	if err := replay.Read(t.Context(), strings.NewReader(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := table.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// backfilled returns the samples that the command backfill makes of lines.
func backfilled(t *testing.T, conf *config.Config, lines []string) string {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	log := write(t, filepath.Join(t.TempDir(), "fleet.log"), strings.Join(lines, "\n"))
	out, err := history.NewOpenMetrics(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	b, err := history.NewBackfill(c, func(o state.Options) (*state.Table, error) { return configuredTable(c, conf, o) }, out,
		history.BackfillOptions{Config: conf.Ingest(), DefaultDevice: "replay"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := history.Open(log, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := b.Read(t.Context(), l, l.Modified); err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := out.WriteTo(t.Context(), b.Table(), &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// seriesOf returns the samples of devices in an exposition, sorted, without the
// values that are times. The skew of a device's clock is left out: a log does not
// have a time of receipt to compare with.
func seriesOf(exposition string) []string {
	var series []string
	for line := range strings.Lines(exposition) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "ftd_") || strings.HasPrefix(line, "ftd_exporter_") || strings.HasPrefix(line, "ftd_device_labels_info") || strings.HasPrefix(line, "ftd_device_clock_skew") {
			continue
		}
		if strings.Contains(line, "_timestamp_seconds{") {
			line, _, _ = strings.Cut(line, "} ")
			line += "}"
		}
		series = append(series, line)
	}
	slices.Sort(series)
	return series
}

// namesOf returns series without their values.
func namesOf(series []string) []string {
	var names []string
	for _, s := range series {
		names = append(names, s[:strings.LastIndex(s, "}")+1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var deviceLabel = regexp.MustCompile(`[{,]device="([^"]*)"`)

func devicesOf(series []string) []string {
	devices := map[string]bool{}
	for _, s := range series {
		if m := deviceLabel.FindStringSubmatch(s); m != nil {
			devices[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(devices))
}

// checkDevices checks what the configuration makes of the lines: one device for
// each firewall, under the name that it should have.
func checkDevices(t *testing.T, series []string) {
	t.Helper()
	devices := devicesOf(series)
	for _, name := range []string{"fw1", "fw2", "fw3", "core-fw", "ams-core", "syd-core", "far-away"} {
		if !slices.Contains(devices, name) {
			t.Errorf("there is no device %s in %q", name, devices)
		}
	}
	for _, name := range devices {
		if name != strings.ToLower(name) || strings.Contains(name, ".") ||
			slices.Contains([]string{"old-fw", "relay1", "replay", "unknown", "syd-edge-fw1", "ams-dc-fw1", "ams-dc-fw2", "fw9"}, name) {
			t.Errorf("there is a device %s", name)
		}
	}
	for _, want := range []string{
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
		`ftd_component_ok{component="power_supply",device="fw1",unit="1"} 0`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="2"} 3`,
		`ftd_component_ok{component="fan",device="fw1",unit="7"} 0`,
		`ftd_component_ok{component="fan",device="fw1",unit="8"} 0`,
		`ftd_component_ok{component="fan",device="core-fw",unit="1"} 1`,
		`ftd_component_failures_total{component="fan",device="core-fw",unit="1"} 1`,
		`ftd_component_ok{component="power_supply",device="core-fw",unit="1"} 0`,
	} {
		if !slices.Contains(series, want) {
			t.Errorf("there is no %s", want)
		}
	}
	joined := strings.Join(series, "\n")
	if err := contains(joined, `message_id="106023"`, "ftd_quota_used{", "ftd_threat_detection_events_per_second{"); err != nil {
		t.Errorf("%.2000v", err)
	}
}
