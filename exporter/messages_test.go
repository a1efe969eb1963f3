package exporter_test

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

const supplyFailed = "%ASA-1-735004: Power Supply 2: Failure Detected"

// fanOf and supplyOf are what a device shows after fanFailed and supplyFailed.
func fanOf(device string) string {
	return fmt.Sprintf(`ftd_component_ok{component="fan",device=%q,unit="1"} 0`, device)
}

func supplyOf(device string) string {
	return fmt.Sprintf(`ftd_component_ok{component="power_supply",device=%q,unit="2"} 0`, device)
}

// A mixture is what arrives together, and what it has.
type mixture struct {
	name, data       string
	frames, rejected int
	want             []string
}

func mixtures() []mixture {
	const fan, supply = "<161>fw1 : " + fanFailed, "<161>fw1 : " + supplyFailed
	count := func(s string) string { return fmt.Sprintf("%d %s", len(s), s) }
	both := []string{fanOf("fw1"), supplyOf("fw1")}
	return []mixture{
		{"a line end", fan + "\n" + supply, 2, 0, both},
		{"CR LF", fan + "\r\n" + supply + "\r\n", 2, 0, both},
		{"lengths", count(fan) + count(supply), 2, 0, both},
		{"lengths and line ends", count(fan) + "\n" + count(supply) + "\n", 2, 0, both},
		{"of rsyslog", fan + "#012" + supply, 2, 0, both},
		{"escaped", fan + `\r\n` + supply, 2, 0, both},
		{"of Kiwi", fan + "<013><010>" + supply, 2, 0, both},
		{"nothing in between", fan + supply, 2, 0, both},
		{"a tag follows", fan + "#012" + supplyFailed, 2, 0, both},
		{"a header follows", fan + "\nFeb 21 2026 09:15:22 fw2 : " + supplyFailed, 2, 0, []string{fanOf("fw1"), supplyOf("fw2")}},
		{"two devices", fan + "#012<161>fw2 : " + supplyFailed, 2, 0, []string{fanOf("fw1"), supplyOf("fw2")}},
		{"the relay names the first only", "<161>Feb 21 09:15:22 fw1 " + fanFailed + "#012<161>" + supplyFailed, 2, 0, both},
		{"another product in between", fan + "\n<13>nothing of ours\n" + supply, 3, 1, both},
		{"another product first", "<13>nothing of ours\n" + fan, 2, 1, both[:1]},
		{"after one that is not in the catalog", "<166>fw1 : %ASA-6-302013: Built\n" + fan + "\n" + supply, 3, 0, both},
		{
			"a line end in a message", "<161>fw1 : %ASA-4-733100: [   LOCAL\\x\n                      ] drop rate-1 exceeded. Current burst rate is 1 per second, max configured rate is 10; Current average rate is 245 per second, max configured rate is 5; Cumulative total count is 147409\n" + supply,
			2, 0,
			[]string{`ftd_threat_detection_exceeded_total{device="fw1",object="other",rate_id="1"} 1`, both[1]},
		},
		{"many", strings.Repeat(fan+"\n", 49) + supply, 50, 0, both},
		{"a name that ends in a message", "<161>fw1 : %ASA-6-113005: AAA user authentication Rejected : user = x<161>fw1 : " + fanFailed + "\n" + supply, 2, 0, both[1:]},
		{"another such name", supply + "\n<161>fw1 : %ASA-4-722051: Group <g> User <x<161>fw1 : " + fanFailed + "> x", 2, 0, both[1:]},
		{"a quotation", "<161>fw1 : %ASA-5-111008: User 'x' executed the 'test <161>fw1 : " + fanFailed + "' command.\n" + supply, 2, 0, both[1:]},
	}
}

// Several messages that arrive together are several messages, whatever way they come.
func TestMessagesTogether(t *testing.T) {
	dir := t.TempDir()
	udp, tcp := testutil.FreeAddr(t), testutil.FreeAddr(t)
	listeners := fmt.Sprintf("listeners: [{address: \"udp://%s\"}, {address: \"tcp://%s\"}", udp, tcp)
	sockets := []struct{ network, address, listener string }{{"udp", udp, "udp://" + udp}, {"tcp", tcp, "tcp://" + tcp}}
	if runtime.GOOS != "windows" {
		socket := filepath.Join(dir, "s")
		listeners += fmt.Sprintf(", {address: \"unixgram://%s\"}", socket)
		sockets = append(sockets, struct{ network, address, listener string }{"unixgram", socket, "unixgram://" + socket})
	}
	file := write(t, filepath.Join(dir, "ftd_exporter.yml"), listeners+"]\n")
	conf, err := config.Load(file, config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())}))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mixtures() {
		t.Run(m.name, func(t *testing.T) {
			if m.name != "a line end in a message" { // A line of a log ends there.
				checkHas(t, "replay", replayedByCommand(t, conf, []string{m.data}), m.want)
			}
			if !strings.Contains(strings.TrimRight(m.data, "\r\n"), "\n") {
				pipeline, _ := offline(t, conf, state.Options{})
				all := pipeline.ExplainAll([]byte(m.data), ingest.Source{Name: "explain", Default: "replay"})
				if len(all) != m.frames {
					t.Errorf("explain: %d messages, want %d", len(all), m.frames)
				}
			}
			i := start(t, configured(file), func(o *exporter.Options) { o.AdminAPI = true })
			for _, s := range sockets {
				conn := dial(t, s.network, s.address)
				if _, err := io.WriteString(conn, m.data); err != nil {
					t.Fatal(err)
				}
				if tcp, ok := conn.(*net.TCPConn); ok {
					tcp.CloseWrite()
				}
				i.waitFrames(s.listener, m.frames)
				checkHas(t, s.network, i.get("/metrics"), m.want)
				if n := i.value(fmt.Sprintf(`ftd_exporter_syslog_rejected_total{listener=%q,reason="no_tag"}`, s.listener)); n != float64(m.rejected) {
					t.Errorf("%s: %g rejected, want %d", s.network, n, m.rejected)
				}
				if n := i.value(fmt.Sprintf(`ftd_exporter_syslog_bytes_total{listener=%q}`, s.listener)); s.network != "tcp" && n != float64(len(m.data)) {
					t.Errorf("%s: %g bytes, want %d", s.network, n, len(m.data))
				}
				if status, body := i.post("/api/v1/forget?device=fw1"); status/100 != 2 {
					t.Fatal(status, body)
				}
			}
		})
	}
}

func checkHas(t *testing.T, way, text string, want []string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s: lacks %s", way, line)
		}
	}
}

// The host after a timestamp of any form is the device, whatever way it comes, and
// its time is that of the device's time zone.
func TestTimestampsAndTimezones(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	tokyo := time.FixedZone("", 9*3600)
	udp, tcp := testutil.FreeAddr(t), testutil.FreeAddr(t)
	file := write(t, filepath.Join(t.TempDir(), "ftd_exporter.yml"), fmt.Sprintf(`
listeners: [{address: "udp://%s"}, {address: "tcp://%s"}]
devices:
  - {name: ams-1, timezone: Europe/Amsterdam}
  - {name: lab-1, labels: {site: tyo}}
timezones:
  - {timezone: "+09:00", labels: {site: tyo}}
  - {timezone: "+09:00", devices: ["tyo-*"]}
`, udp, tcp))
	conf, err := config.Load(file, config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())}))
	if err != nil {
		t.Fatal(err)
	}
	const layouts = "Jan _2 15:04:05|Jan _2 2006 15:04:05|02 Jan 2006 15:04:05|01/02/2006 15:04:05|02.01.2006 15:04:05|2006/01/02 15:04:05|01-02-2006 15:04:05|01/02/2006 3:04:05 PM|Jan 2 2006 3:04:05 PM"
	i := start(t, configured(file))
	for layout := range strings.SplitSeq(layouts, "|") {
		for device, location := range map[string]*time.Location{"ams-1": ams, "lab-1": tokyo, "tyo-7": tokyo} {
			line := fmt.Sprintf("<161>%s %s : %s", now.In(location).Format(layout), device, fanFailed)
			pipeline, _ := offline(t, conf, state.Options{})
			x := pipeline.Explain([]byte(line), ingest.Source{Name: "explain", Default: "replay"})
			if at, err := time.Parse(time.RFC3339, x.Timestamp); err != nil || !at.Equal(now) || x.Device != device {
				t.Errorf("%s: device %q at %s, want %s", line, x.Device, x.Timestamp, now.In(location))
			}
			want := fmt.Sprintf(`ftd_device_last_message_timestamp_seconds{device=%q} %s`, device, floatOf(now))
			checkHas(t, "replay", replayedByCommand(t, conf, []string{line}), []string{want})
			if text := backfilled(t, conf, []string{line}); !strings.Contains(text, fmt.Sprintf(`ftd_component_ok{component="fan",device=%q,unit="1"} 0 %d`, device, now.Unix())) {
				t.Errorf("%s: not in the history at %d", line, now.Unix())
			}
			for _, s := range []struct{ network, address string }{{"udp", udp}, {"tcp", tcp}} {
				listener := s.network + "://" + s.address
				n := i.frames(listener)
				send(t, dial(t, s.network, s.address), line)
				i.waitFrames(listener, n+1)
				if skew := i.value(fmt.Sprintf(`ftd_device_clock_skew_seconds{device=%q}`, device)); skew > 1 || skew < -600 {
					t.Errorf("%s by %s: skew %g", line, s.network, skew)
				}
			}
		}
	}
}

func floatOf(t time.Time) string {
	return strconv.FormatFloat(float64(t.Unix()), 'g', -1, 64)
}
