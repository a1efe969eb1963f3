package exporter

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

func TestMain(m *testing.M) {
	if sendDatagrams() {
		return
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// fixture is an exporter with a clock that stands still.
type fixture struct {
	t testing.TB
	*Exporter
}

var peerAddr = netip.MustParseAddr("192.0.2.1")

var epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func newFixture(t testing.TB) *fixture {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return epoch }
	state, err := collectors.New(c, families.All(), collectors.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{t, New(c, state, now)}
}

// devices returns the exposition of the table.
func (f *fixture) devices() string {
	f.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(f.state); err != nil {
		f.t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			f.t.Fatal(err)
		}
	}
	return b.String()
}

// listen opens and serves a listener until the test ends or stop is called.
func (f *fixture) listen(address string) (l Listener, stop func()) {
	f.t.Helper()
	return f.listenWith(address, quiet)
}

func (f *fixture) listenWith(address string, logger *slog.Logger) (l Listener, stop func()) {
	f.t.Helper()
	l, err := f.Listen(f.t.Context(), address, logger)
	if err != nil {
		f.t.Fatal(err)
	}
	return l, f.serve(l, l.Serve)
}

func (f *fixture) dialTo(network, address string) net.Conn {
	f.t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return conn
}

// serve runs a listener until the test ends or stop is called.
func (f *fixture) serve(l Listener, serve func(context.Context) error) (stop func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("%s: %v", l.Name(), err)
		}
	}
	f.t.Cleanup(stop)
	return stop
}

func (f *fixture) dial(l Listener) net.Conn {
	f.t.Helper()
	conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	return conn
}

// eventually polls until condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}

// frames returns how many frames the listener called name has received.
func (f *fixture) frames(name string) float64 {
	return testutil.ToFloat64(f.metrics.frames.WithLabelValues(name))
}

func (f *fixture) rejected(name, reason string) float64 {
	return testutil.ToFloat64(f.metrics.rejected.WithLabelValues(name, reason))
}

// dropped returns how many datagrams the listener called name has lost.
func (f *fixture) dropped(name string) float64 {
	f.t.Helper()
	ch := make(chan prometheus.Metric, 100)
	f.metrics.sockets.Collect(ch)
	close(ch)
	for m := range ch {
		var d dto.Metric
		if err := m.Write(&d); err != nil {
			f.t.Fatal(err)
		}
		if d.Counter != nil && d.Label[0].GetValue() == name {
			return d.Counter.GetValue()
		}
	}
	f.t.Fatalf("%s counts no lost datagrams", name)
	return 0
}

// fleetLog returns the lines of the sample fleet log.
func fleetLog(t testing.TB) []string {
	t.Helper()
	log, err := os.ReadFile("../examples/fleet.log")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
}

// The same lines give the same devices, whichever way they come.
func TestEveryWayInIsTheSame(t *testing.T) {
	lines := fleetLog(t)
	want := newFixture(t)
	var sum Summary
	if err := want.Replay(strings.NewReader(strings.Join(lines, "\n")), "127.0.0.1", nil, &sum); err != nil {
		t.Fatal(err)
	}
	if n := sum.Lines.Load(); n != int64(len(lines)) {
		t.Fatalf("%d lines replayed, want %d", n, len(lines))
	}
	files := newPKI(t)
	send := map[string]func(conn io.Writer, line string, sent int) error{
		"udp": func(conn io.Writer, line string, _ int) error {
			_, err := io.WriteString(conn, line)
			return err
		},
		"tcp": func(conn io.Writer, line string, _ int) error {
			_, err := io.WriteString(conn, line+"\n")
			return err
		},
		"tcp with octet counts": func(conn io.Writer, line string, _ int) error {
			_, err := fmt.Fprintf(conn, "%d %s", len(line), line)
			return err
		},
		"tls": func(conn io.Writer, line string, _ int) error {
			_, err := fmt.Fprintf(conn, "%d %s", len(line), line)
			return err
		},
		"tcp with both": func(conn io.Writer, line string, sent int) error {
			if sent%2 == 0 {
				_, err := fmt.Fprintf(conn, "%d %s", len(line), line)
				return err
			}
			_, err := io.WriteString(conn, line+"\r\n")
			return err
		},
	}
	for name, send := range send {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.apply(files.config(ClientAuthNone))
			l, _ := f.listen(name[:3] + "://127.0.0.1:0")
			conn := f.dial(l)
			if name == "tls" {
				conn = tls.Client(conn, files.client())
			}
			for i, line := range lines {
				if err := send(conn, line, i); err != nil {
					t.Fatal(err)
				}
				if name == "udp" && i%50 == 0 { // Never more than the buffer holds.
					eventually(t, "datagrams", func() bool { return f.frames(l.Name()) == float64(i+1) })
				}
			}
			eventually(t, "frames", func() bool { return f.frames(l.Name()) == float64(len(lines)) })
			if got, want := f.devices(), want.devices(); got != want {
				t.Errorf("the devices differ from a replay:\n%s", firstDifference(got, want))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return fmt.Sprintf("%d lines against %d", len(g), len(w))
}

func TestDeviceIsHostOrPeer(t *testing.T) {
	for _, tc := range []struct{ address, line, device string }{
		{"udp://127.0.0.1:0", "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected", "fw1"},
		{"udp://127.0.0.1:0", "<161>%FTD-1-735002: Cooling Fan 1: Failure Detected", "127.0.0.1"},
		{"udp://[::1]:0", "<161>%FTD-1-735002: Cooling Fan 1: Failure Detected", "::1"},
		{"udp://:0", "<161>%FTD-1-735002: Cooling Fan 1: Failure Detected", "127.0.0.1"},
		{"tcp://[::1]:0", "<161>%FTD-1-735002: Cooling Fan 1: Failure Detected\n", "::1"},
		{"tcp://:0", "<161>%FTD-1-735002: Cooling Fan 1: Failure Detected\n", "127.0.0.1"},
	} {
		f := newFixture(t)
		l, _ := f.listen(tc.address)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		host := "127.0.0.1"
		if strings.Contains(tc.address, "[::1]") {
			host = "::1"
		}
		conn, err := net.Dial(l.Addr().Network(), net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, tc.line)
		eventually(t, tc.line, func() bool { return f.state.Stats().Devices == 1 })
		conn.Close()
		if want := fmt.Sprintf(`device=%q`, tc.device); !strings.Contains(f.devices(), want) {
			t.Errorf("%s: %q: no %s in\n%s", tc.address, tc.line, want, f.devices())
		}
	}
}

// What is not a message changes no device, is counted under its reason, and
// leaves the listener alive.
func TestRejectedFrames(t *testing.T) {
	for _, tc := range []struct{ name, frame, reason string }{
		{"id without a tag", "735002: Cooling Fan 1: Failure Detected", "no_tag"},
		{"another vendor's message", "<190>1: %LINK-3-UPDOWN: Interface up", "no_tag"},
		{"blank", " \r\n", "empty"},
		{"noise", "\x00\x01\xff\xfe%\x80\x81", "no_tag"},
		{"tag cut short", "<161>%FTD-1-7350", "no_tag"},
		{"too long", "<161>fw1 : %FTD-1-735002: " + strings.Repeat("x", 9000), "too_long"},
		{"as long as a datagram can be", "<161>fw1 : %FTD-1-735002: " + strings.Repeat("x", 65000), "too_long"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			l, _ := f.listen("udp://127.0.0.1:0")
			conn := f.dial(l)
			if _, err := io.WriteString(conn, tc.frame); err != nil {
				t.Fatal(err)
			}
			eventually(t, "frame", func() bool { return f.frames(l.Name()) == 1 })
			eventually(t, tc.reason, func() bool { return f.rejected(l.Name(), tc.reason) == 1 })
			if got := f.devices(); got != "" {
				t.Errorf("a device appears:\n%s", got)
			}
			io.WriteString(conn, "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
			eventually(t, "the next message", func() bool { return strings.Contains(f.devices(), "ftd_component_ok") })
		})
	}
}

// A text that fits no wording is counted as unmatched and changes no series of
// its own.
func TestUnmatchedMessages(t *testing.T) {
	for _, line := range []string{
		"fw1 : %FTD-1-735002: Cooling Fan 1 burns",
		"fw1 : %FTD-1-735002: Cooling Fan 1: Failure Dete",
		"fw1 : %FTD-1-735007: CPU 1: Temp: hot C, Critical",
		"fw1 : %FTD-1-735007: CPU 1: Temp: 63",
		"fw1 : %FTD-1-735007:",
		"fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 1",
	} {
		f := newFixture(t)
		f.newFeed(f.metrics.listener("x", false)).handle([]byte(line), peerAddr, syslog.OK)
		if n := testutil.CollectAndCount(f.metrics.unmatched); n != 1 {
			t.Errorf("%q: %d unmatched ids", line, n)
		}
		for l := range strings.Lines(f.devices()) {
			if !strings.HasPrefix(l, "#") && !strings.HasSuffix(l, "} 0\n") &&
				!strings.HasPrefix(l, "ftd_syslog_messages_total") && !strings.HasPrefix(l, "ftd_device_last") {
				t.Errorf("%q: %s", line, l)
			}
		}
	}
}

func TestContradictionsAreCounted(t *testing.T) {
	f := newFixture(t)
	feed := f.newFeed(f.metrics.listener("x", false))
	feed.handle([]byte("fw1 : %FTD-1-735001: Cooling Fan 1: Failure Detected"), peerAddr, syslog.OK)
	if err := testutil.CollectAndCompare(f.metrics.contradicted, strings.NewReader(`# HELP ftd_exporter_messages_contradicted_total Messages whose text is that of another id than the printed one; the text decided.
# TYPE ftd_exporter_messages_contradicted_total counter
ftd_exporter_messages_contradicted_total{message_id="735001"} 1
`)); err != nil {
		t.Error(err)
	}
}

func TestTCPKeepsNewConnectionsWhenFull(t *testing.T) {
	f := newFixture(t)
	f.maxConnections.Store(2)
	l, _ := f.listen("tcp://127.0.0.1:0")
	first, second := f.dial(l), f.dial(l)
	say := func(conn net.Conn, device string) {
		t.Helper()
		before := f.frames(l.Name())
		fmt.Fprintf(conn, "%s : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", device)
		eventually(t, device, func() bool { return f.frames(l.Name()) == before+1 })
	}
	say(second, "fw2")
	say(first, "fw1") // Now second is the idlest.
	say(f.dial(l), "fw3")
	second.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := second.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("the idlest connection is still open: %v", err)
	}
	say(first, "fw1")
	if n := testutil.ToFloat64(l.(*tcpListener).metrics.tcpEvicted); n != 1 {
		t.Errorf("%g connections evicted, want 1", n)
	}
	eventually(t, "two connections", func() bool { return testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections) == 2 })
}

// A listener that is told to stop reads what has already arrived.
func TestStopLosesNothingReceived(t *testing.T) {
	files := newPKI(t)
	for _, scheme := range []string{"udp", "tcp", "tls", "unixgram"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFixture(t)
			f.apply(files.config(ClientAuthNone))
			address := scheme + "://127.0.0.1:0"
			if scheme == "unixgram" {
				address = scheme + "://" + filepath.Join(t.TempDir(), "syslog")
			}
			l, stop := f.listen(address)
			conn := f.dial(l)
			if scheme == "tls" {
				conn = tls.Client(conn, files.client())
			}
			for range 100 {
				io.WriteString(conn, "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n")
			}
			if scheme == "tcp" || scheme == "tls" { // The connection must have been accepted.
				eventually(t, "the first", func() bool { return f.frames(l.Name()) > 0 })
			}
			stop()
			if n := f.frames(l.Name()); n != 100 {
				t.Errorf("%g frames, want 100", n)
			}
		})
	}
}

// In a replay, time is what the lines say, and does not go back.
func TestReplayTellsTheTimeByTheStamps(t *testing.T) {
	var clock LogClock
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	state, err := collectors.New(c, families.All(), collectors.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t, New(c, state, clock.Now)}
	var sum Summary
	if err := f.Replay(strings.NewReader(`2024-12-31T23:00:00Z fw1 : %FTD-3-768001: QUOTA: a utilization is high: requested 1, current 13, warning level 13
Dec 31 23:59:58 fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected
Jan  1 00:00:01 fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected
Dec 31 23:59:59 fw1 : %FTD-1-735002: Cooling Fan 3: Failure Detected
fw1 : %FTD-3-768001: QUOTA: b utilization is high: requested 1, current 13, warning level 13
`), "peer", &clock, &sum); err != nil {
		t.Fatal(err)
	}
	got := f.devices()
	for unit, at := range map[string]string{"1": "1.735689598e+09", "2": "1.735689601e+09", "3": "1.735689601e+09"} {
		want := fmt.Sprintf(`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit=%q} %s`, unit, at)
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, `ftd_quota_used{device="fw1",resource="a"`) || !strings.Contains(got, `ftd_quota_used{device="fw1",resource="b"`) {
		t.Errorf("gauges expire by another clock:\n%s", got)
	}
	if strings.Contains(got, "skew") {
		t.Error("a log has no time of receipt to be ahead of")
	}
}

// A log knows nothing that is yet to come.
func TestStampsWithoutYearAreOfThePast(t *testing.T) {
	f := newFixture(t) // It is 17 March 2026.
	for line, want := range map[string]string{
		"Feb 26 11:26:52 fw1 : %FTD-6-302013: Built":      "2026-02-26T11:26:52Z",
		"Mar 18 11:26:52 fw1 : %FTD-6-302013: Built":      "2026-03-18T11:26:52Z", // A clock may be ahead by hours.
		"Apr  1 11:26:52 fw1 : %FTD-6-302013: Built":      "2025-04-01T11:26:52Z",
		"Apr  1 2027 11:26:52 fw1 : %FTD-6-302013: Built": "2027-04-01T11:26:52Z",
	} {
		if x := f.Explain([]byte(line), "peer"); x.Timestamp != want {
			t.Errorf("%q: %s, want %s", line, x.Timestamp, want)
		}
	}
}

func TestListenErrorsSayWhatToDo(t *testing.T) {
	f := newFixture(t)
	taken, _ := f.listen("tcp://127.0.0.1:0")
	for address, want := range map[string]string{
		"5514":                       `listen address "5514" lacks a scheme; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`,
		"http://:80":                 `listen address "http://:80": scheme "http" is unknown; use udp, tcp, tls or unixgram`,
		"udp://fw":                   `listen address "udp://fw" has no HOST:PORT; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`,
		"udp://:99999":               `listen address "udp://:99999": port "99999" is not 0 to 65535`,
		"udp://\xff:5514":            `has a byte that is no text`,
		"tls://:syslog-over-pigeons": `port "syslog-over-pigeons" is not 0 to 65535`,
		"unixgram://":                `listen address "unixgram://" has no absolute path of a socket; write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket`,
		"unixgram://run/x":           `has no absolute path of a socket; write`,
		"unixgram:///run/":           `has no absolute path of a socket; write`,
		"unixgram://@":               `has no absolute path of a socket; write`,
		"unixgram:///" + strings.Repeat("x", 107): `the path has 108 bytes, and the system allows 107; choose a shorter one`,
		"tcp://" + taken.Addr().String():          "another syslog server uses the port",
	} {
		_, err := f.Listen(t.Context(), address, quiet)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSelfMetrics(t *testing.T) {
	f := newFixture(t)
	reg := prometheus.NewPedanticRegistry()
	if err := f.Register(reg); err != nil {
		t.Fatal(err)
	}
	f.listen("udp://127.0.0.1:0")
	tcp, _ := f.listen("tcp://127.0.0.1:0")
	io.WriteString(f.dial(tcp), "fw1 : %FTD-6-302013: Built\n")
	eventually(t, "message", func() bool { return f.frames(tcp.Name()) == 1 })

	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("lint: %s: %s", p.Metric, p.Text)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "ftd_exporter_") {
			continue
		}
		fmt.Fprintf(&list, "# HELP %s %s\n# TYPE %s %s\n\n", family.GetName(), family.GetHelp(), family.GetName(), strings.ToLower(family.GetType().String()))
		for _, m := range family.Metric {
			for _, l := range m.Label {
				if l.GetName() == "device" {
					t.Errorf("%s has a label device", family.GetName())
				}
			}
		}
	}
	for _, name := range []string{"dropped_total", "receive_buffer_bytes", "frames_total", "devices", "series", "build_info", "messages_uncatalogued_total"} {
		if !strings.Contains(list.String(), name) {
			t.Errorf("no metric %s in\n%s", name, list.String())
		}
	}
}

func TestHandleDoesNotAllocate(t *testing.T) {
	f := newFixture(t)
	feed := f.newFeed(f.metrics.listener("x", false))
	for name, line := range paths {
		frame := []byte(line)
		if n := testing.AllocsPerRun(100, func() { feed.handle(frame, peerAddr, syslog.OK) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// paths are the ways that a message can take.
var paths = map[string]string{
	"Hit":       "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected",
	"HitRate":   "<164>2026-03-17T12:00:00Z fw1 : %FTD-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 11 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 1302",
	"Miss":      "<166>2026-03-17T12:00:00Z fw1 : %FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)",
	"Mismatch":  "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1 burns",
	"Malformed": "<161>2026-03-17T12:00:00Z fw1 : nothing of Cisco's",
	"Peer":      "<166>%FTD-6-302013: Built inbound TCP connection",
}

// BenchmarkHandle is the whole way of a message from its bytes to the table.
func BenchmarkHandle(b *testing.B) {
	for name, line := range paths {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b)
			feed := f.newFeed(f.metrics.listener("x", false))
			frame := []byte(line)
			b.ReportAllocs()
			for b.Loop() {
				feed.handle(frame, peerAddr, syslog.OK)
			}
		})
	}
}
