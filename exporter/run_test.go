package exporter_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// manyLines returns lines of so many devices with 20 fans each.
func manyLines(devices int) string {
	var b strings.Builder
	for d := range devices {
		for fan := range 20 {
			fmt.Fprintf(&b, "other%d : %%FTD-1-735001: Cooling Fan %d: OK\n", d, fan)
		}
	}
	return b.String()
}

// storedState returns the series of a state file that no exporter uses.
func storedState(t *testing.T, dir string) string {
	t.Helper()
	_, table := offline(t, config.Default(config.Options{}), state.Options{})
	if _, err := store.Load(dir, table); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A firewall that sends as soon as the sockets are open, before the exporter
// receives, loses nothing: what it reports joins what the file has. An early scrape
// waits, and gets the whole of it.
func TestMessagesDuringTheStartAreNotLost(t *testing.T) {
	dir := t.TempDir()
	const devices = 300
	first := start(t, stored(dir), replayed(strings.NewReader(manyLines(devices)+"fw1 : "+fanFailed+"\n")))
	first.stop()

	var udp, web net.Conn
	second := create(t, stored(dir))
	second.log.line = func(line string) {
		switch {
		case strings.Contains(line, "State restored"):
			udp = dial(t, "udp", second.udp)
			send(t, udp, "fw1 : "+fanFailed, "fw2 : "+fanFailed)
			web = dial(t, "tcp", second.web)
			fmt.Fprintf(web, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		case strings.Contains(line, "Receiving syslog"):
			if calls := second.supervisor.noted(); len(calls) > 0 {
				t.Errorf("before the exporter receives: %q", calls)
			}
		}
	}
	second.run()
	second.waitReady()
	if err := second.log.order("State restored", "Receiving syslog"); err != nil {
		t.Error(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(web), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	early, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := contains(string(early), fmt.Sprintf(`ftd_component_ok{component="fan",device="other%d",unit="19"} 1`, devices-1)); err != nil {
		t.Errorf("%.300v", err)
	}
	second.shows(
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
		`ftd_component_failures_total{component="fan",device="fw2",unit="1"} 1`,
		`ftd_syslog_messages_total{device="other7",severity="1"} 20`,
	)
}

// What has been received when the exporter stops is in the state file, also what
// no scrape has shown.
func TestStopKeepsWhatHasArrived(t *testing.T) {
	dir := t.TempDir()
	i := start(t, stored(dir))
	tcp := dial(t, "tcp", i.tcp)
	send(t, tcp, "fw1 : %FTD-6-302013: Built")
	i.waitFrames("tcp://"+i.tcp, 1) // The connection has been accepted.
	udp := dial(t, "udp", i.udp)
	for range 100 {
		send(t, udp, "fw2 : %FTD-6-302013: Built")
	}
	// So many that the listener is not done with them when the stop begins.
	const burst = 100_000
	send(t, tcp, strings.Repeat("fw1 : %FTD-6-302013: Built\n", burst-1)+"fw1 : %FTD-6-302013: Built")
	i.stop()
	received := i.frames("tcp://" + i.tcp) // A listener that stops reads on for a moment only.
	if err := contains(storedState(t, dir), fmt.Sprintf(`ftd_syslog_messages_total{device="fw1",severity="6"} %d`, received), `ftd_syslog_messages_total{device="fw2",severity="6"} 100`); err != nil {
		t.Error(err)
	}
	if err := i.log.order("Stopping", "Stopped"); err != nil {
		t.Error(err)
	}
}

// The supervisor is called in the order of what happens, and Ready only when
// everything is open.
func TestSupervisor(t *testing.T) {
	file := write(t, "ftd_exporter.yml", "")
	i := create(t, configured(file))
	i.supervisor.ready = func() {
		for _, address := range []string{i.tcp, i.web} {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Errorf("ready, and %v", err)
				continue
			}
			conn.Close()
		}
		if _, err := testutil.Get(i.client, i.url("/-/ready")); err != nil {
			t.Errorf("ready, and %v", err)
		}
	}
	i.run()
	i.waitReady()
	testutil.Eventually(t, "alive", i.supervisor.alive.Load)
	if err := i.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	write(t, file, "limits: {devices: 0}\n")
	if err := i.Reload(t.Context()); err == nil {
		t.Error("a bad configuration is accepted")
	}
	i.stop()
	receiving := "ready: Receiving syslog on udp://" + i.udp + ", tcp://" + i.tcp
	got, want := i.supervisor.noted(), []string{receiving, "reloading", receiving, "reloading", "ready: The configuration was not loaded, the last good one stays: " + file + ":1: limits.devices", "stopping"}
	if len(got) == len(want) {
		got[4], _, _ = strings.Cut(got[4], ": 0 is")
	}
	if !slices.Equal(got, want) {
		t.Errorf("calls:\n got %q\nwant %q", got, want)
	}
}

// A reload that is asked for before the start is done waits for it.
func TestReloadWaitsForTheStart(t *testing.T) {
	i := create(t, configured(write(t, "ftd_exporter.yml", "")))
	reloaded := make(chan error)
	go func() { reloaded <- i.Reload(t.Context()) }()
	log, writer := io.Pipe()
	more := create(t, configured(write(t, "ftd_exporter.yml", "")), replayed(log))
	more.log.line = func(line string) {
		if strings.Contains(line, "Receiving syslog") && strings.Contains(line, more.tcp) {
			go func() { reloaded <- more.Reload(t.Context()) }()
		}
	}
	more.run()
	if _, err := writer.Write([]byte("fw1 : " + fanFailed + "\n")); err != nil { // The replay has begun.
		t.Fatal(err)
	}
	writer.Close()
	i.run()
	for range 2 {
		if err := <-reloaded; err != nil {
			t.Error(err)
		}
	}
	for _, x := range []*instance{i, more} {
		x.waitReady()
		x.stop()
		if got := x.supervisor.noted(); len(got) != 4 || !strings.HasPrefix(got[0], "ready") || got[1] != "reloading" || !strings.HasPrefix(got[2], "ready") || got[3] != "stopping" {
			t.Errorf("calls: %q", got)
		}
	}
}

// A port that is taken is an error with a remedy, and then nothing is left open.
func TestPortsThatAreTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for _, tc := range []struct {
		name   string
		change func(*exporter.Options)
		want   string
	}{
		{"web", func(o *exporter.Options) {
			*o.Web.WebListenAddresses = append(*o.Web.WebListenAddresses, address)
		}, "--web.listen-address=" + address + ": listen tcp " + address + ": bind: address already in use; another program uses the port: stop it or choose another port"},
		{"syslog", func(o *exporter.Options) {
			o.ListenAddresses = append(o.ListenAddresses, "tcp://"+address)
		}, "--syslog.listen-address: listen on tcp://" + address + ": address already in use; another syslog server uses the port: stop it or choose another port"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			i := create(t, tc.change, stored(dir))
			if err := i.Run(t.Context()); err == nil || err.Error() != tc.want && runtime.GOOS != "windows" {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
			if err := i.Reload(t.Context()); err == nil {
				t.Error("a reload works though Run has returned")
			}
			i.checkClosed()
			if calls := i.supervisor.noted(); len(calls) > 0 {
				t.Errorf("the supervisor has been told %q", calls)
			}
			if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) > 0 {
				t.Errorf("%v, %v", names, err)
			}
		})
	}
}

// checkClosed checks that no socket is left open.
func (i *instance) checkClosed() {
	i.Helper()
	for _, address := range []string{i.web, i.tcp} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			i.Error(err)
			continue
		}
		l.Close()
	}
	p, err := net.ListenPacket("udp", i.udp)
	if err != nil {
		i.Error(err)
		return
	}
	p.Close()
}

// A log that cannot be replayed ends the start. What has been read is kept, and
// everything is closed.
func TestStartsThatFail(t *testing.T) {
	damaged := write(t, "damaged.gz", "\x1f\x8b\x08")
	for _, tc := range []struct {
		name   string
		change func(*exporter.Options)
		want   string
	}{
		{"replay file", func(o *exporter.Options) {
			o.ReplayFiles, o.Stdin = []string{"-", damaged}, strings.NewReader("fw1 : "+fanFailed+"\n")
		}, damaged},
		{"standard input", replayed(io.MultiReader(strings.NewReader("fw1 : "+fanFailed+"\n"), brokenReader{})), "-: broken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			i := create(t, tc.change, stored(dir))
			if err := i.Run(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			i.checkClosed()
			if err := contains(storedState(t, dir), `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`); err != nil {
				t.Error(err)
			}
			if calls := i.supervisor.noted(); len(calls) > 0 {
				t.Errorf("the supervisor has been told %q", calls)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

// Mistakes in what the command line names are reported before anything is open.
func TestNewReportsMistakes(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*exporter.Options)
		want   string
	}{
		{"configuration", func(o *exporter.Options) { o.ConfigFile = write(t, "c.yml", "limits: {devices: 0}\n") }, "c.yml:1: limits.devices"},
		{"web configuration", func(o *exporter.Options) { *o.Web.WebConfigFile = write(t, "web.yml", "tls: {}\n") }, "web.yml"},
		{"telemetry path", func(o *exporter.Options) { o.TelemetryPath = "/-/metrics" }, `--web.telemetry-path=/-/metrics: paths`},
		{"entries", func(o *exporter.Options) { o.Entries = o.Entries[:1] }, "state: "},
		{"missing replay file", func(o *exporter.Options) { o.ReplayFiles = []string{"-", filepath.Join(t.TempDir(), "none.log")} }, "--syslog.replay-file: stat "},
		{"directory as replay file", func(o *exporter.Options) { o.ReplayFiles = []string{t.TempDir()} }, "is a directory; name the files in it"},
		{"entry", func(o *exporter.Options) { o.Entries[0].Summary = "" }, "summary is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			valid := create(t)
			o := valid.options
			tc.change(&o)
			if _, err := exporter.New(o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// An exporter that is asked to stop while it reads a long log stops, keeps what it
// has read, and does not call that a failure.
func TestStopDuringAReplay(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	i := create(t, stored(dir), replayed(&endlessReader{after: 100, call: cancel}))
	if err := i.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
	i.checkClosed()
	if err := contains(storedState(t, dir), `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`); err != nil {
		t.Error(err)
	}
	if calls := i.supervisor.noted(); slices.ContainsFunc(calls, func(c string) bool { return c != "stopping" }) {
		t.Errorf("the supervisor has been told %q", calls)
	}
}

// An endlessReader is a log without an end. It calls a function after so many
// reads.
type endlessReader struct {
	after int
	call  func()
}

func (r *endlessReader) Read(b []byte) (int, error) {
	if r.after--; r.after == 0 {
		r.call()
	}
	return copy(b, "fw1 : "+fanFailed+"\n"), nil
}

// What is valid but harmful is in the log, at the start and after a reload.
func TestWarningsAreLogged(t *testing.T) {
	dir := t.TempDir()
	testutil.NewCA(t, "syslog").Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }).Write(t, dir)
	i := start(t, configured(write(t, filepath.Join(dir, "ftd_exporter.yml"), "tls: {cert_file: cert.pem, key_file: key.pem}\n")))
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(i.log.String(), `level=WARN msg="Configuration warning" warning="`+filepath.Join(dir, "ftd_exporter.yml")+":1: tls.cert_file: "); n != 2 {
		t.Errorf("%d warnings, want 2", n)
	}
}

// Without a state file that it can use, an exporter works in memory, and reports at
// the end what is lost. Nobody has to supervise it.
func TestUnusableStateFile(t *testing.T) {
	i := start(t, stored(write(t, "file", "not a directory")), func(o *exporter.Options) { o.Supervisor = nil })
	send(t, dial(t, "tcp", i.tcp), "fw1 : "+fanFailed)
	i.shows(fan("fw1"), "ftd_exporter_state_restore_successful 0")
	if err := i.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	if err := contains(i.get("/"), "State file</b>: "); err != nil {
		t.Errorf("%.300v", err)
	}
	if strings.Contains(i.log.String(), "State restored") {
		t.Error("a state was restored")
	}
	if err := i.wait(); !errors.Is(err, store.ErrUnwritten) || !strings.Contains(i.log.String(), "level=WARN msg=\"Stopping with state that is not in the file\"") {
		t.Errorf("Run: %v", err)
	}
}
