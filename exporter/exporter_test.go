package exporter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	fanOK     = "%FTD-1-735001: Cooling Fan 1: OK"
	fanFailed = "%FTD-1-735002: Cooling Fan 1: Failure Detected"
	quotaHigh = "%FTD-3-768001: QUOTA: management session utilization is high: requested 1, current 13, warning level 13"
)

// An instance is an Exporter of this process, with its sockets on free ports of
// 127.0.0.1.
type instance struct {
	*exporter.Exporter
	testing.TB

	options       exporter.Options
	web, udp, tcp string // Addresses as host:port.
	log           *logWatcher
	supervisor    *supervisor
	client        *http.Client

	cancel context.CancelFunc
	done   chan struct{} // Closed when Run has returned err.
	err    error
	want   error // What Run must return at the end of the test, if not nil.
}

// create makes an Exporter that receives over UDP and TCP and keeps its state in
// memory. Each change may change its options.
func create(t testing.TB, change ...func(*exporter.Options)) *instance {
	t.Helper()
	i := &instance{
		TB: t, web: testutil.FreeAddr(t), udp: testutil.FreeAddr(t), tcp: testutil.FreeAddr(t),
		log: &logWatcher{}, supervisor: &supervisor{}, done: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute},
	}
	o := exporter.Options{
		ListenAddresses: []string{"udp://" + i.udp, "tcp://" + i.tcp},
		Entries:         catalog.Messages(),
		Collectors:      collectors.All(),
		Web:             &toolkit.FlagConfig{WebListenAddresses: &[]string{i.web}, WebSystemdSocket: new(false), WebConfigFile: new("")},
		Lifecycle:       true,
		Supervisor:      i.supervisor,
		Logger:          slog.New(slog.NewTextHandler(i.log, nil)),
	}
	for _, f := range change {
		f(&o)
	}
	i.options = o
	var err error
	if i.Exporter, err = exporter.New(o); err != nil {
		t.Fatal(err)
	}
	return i
}

// run calls Run until the test ends.
func (i *instance) run() {
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	go func() {
		defer close(i.done)
		i.err = i.Run(ctx)
	}()
	i.Cleanup(func() {
		i.Helper()
		if err := i.wait(); !errors.Is(err, i.want) && !i.Failed() {
			i.Errorf("Run: %v, want %v", err, i.want)
		}
		if i.Failed() {
			i.Logf("the log:\n%s", i.log)
		}
	})
}

// start makes an Exporter and runs it until the test ends. It returns when it is
// ready.
func start(t testing.TB, change ...func(*exporter.Options)) *instance {
	t.Helper()
	i := create(t, change...)
	i.run()
	i.waitReady()
	return i
}

func (i *instance) waitReady() {
	i.Helper()
	testutil.Eventually(i, "ready", func() error {
		select {
		case <-i.done:
			i.Fatalf("Run has returned: %v", i.err)
		default:
		}
		_, err := testutil.Get(i.client, i.url("/-/ready"))
		return err
	})
}

// wait makes Run return and returns its error, which is then no longer one of the
// test.
func (i *instance) wait() error {
	i.cancel()
	<-i.done
	err := i.err
	i.err = nil
	return err
}

// stop makes Run return, and fails the test if it returns an error.
func (i *instance) stop() {
	i.Helper()
	if err := i.wait(); err != nil {
		i.Fatalf("Run: %v", err)
	}
}

func (i *instance) url(path string) string { return "http://" + i.web + path }

// get returns what the web server has at a path.
func (i *instance) get(path string) string {
	i.Helper()
	body, err := testutil.Get(i.client, i.url(path))
	if err != nil {
		i.Fatal(err)
	}
	return body
}

// post sends an empty POST request.
func (i *instance) post(path string) (status int, body string) {
	i.Helper()
	resp, err := i.client.Post(i.url(path), "", nil)
	if err != nil {
		i.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		i.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// shows waits until the metrics have all of the lines.
func (i *instance) shows(lines ...string) {
	i.Helper()
	for _, line := range lines {
		testutil.Eventually(i, line, func() error { return testutil.Shows(i.client, i.url("/metrics"), line) })
	}
}

// value returns the value of a series, given as the metrics spell it.
func (i *instance) value(series string) float64 {
	i.Helper()
	for line := range strings.Lines(i.get("/metrics")) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				i.Fatal(err)
			}
			return v
		}
	}
	i.Fatalf("/metrics does not have %s", series)
	return 0
}

// frames returns how many frames a listener has received.
func (i *instance) frames(listener string) int {
	i.Helper()
	families, err := i.Metrics().Gather()
	if err != nil {
		i.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "ftd_exporter_syslog_frames_total" && m.GetLabel()[0].GetValue() == listener {
				return int(m.GetCounter().GetValue())
			}
		}
	}
	return 0
}

// waitFrames waits until a listener has received so many frames.
func (i *instance) waitFrames(listener string, n int) {
	i.Helper()
	testutil.Eventually(i, "frames", func() error {
		if got := i.frames(listener); got != n {
			return fmt.Errorf("%s has received %d frames, want %d", listener, got, n)
		}
		return nil
	})
}

// dial connects to an address until the test ends.
func dial(t testing.TB, network, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send writes messages to a connection.
func send(t testing.TB, conn net.Conn, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if _, err := io.WriteString(conn, m+"\n"); err != nil {
			t.Fatal(err)
		}
	}
}

// write writes a file and returns its name.
func write(t testing.TB, name, content string) string {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// configured is a change of the options: a configuration file.
func configured(file string) func(*exporter.Options) {
	return func(o *exporter.Options) { o.ConfigFile = file }
}

// stored is a change of the options: a state file.
func stored(dir string) func(*exporter.Options) {
	return func(o *exporter.Options) { o.StoragePath = dir }
}

// replayed is a change of the options: lines that are read at the start.
func replayed(log io.Reader) func(*exporter.Options) {
	return func(o *exporter.Options) { o.ReplayFiles, o.Stdin = []string{"-"}, log }
}

// A logWatcher keeps the log, and calls a function for each line.
type logWatcher struct {
	testutil.Buffer
	line func(line string) // Nil for none; set before the log begins.
}

func (w *logWatcher) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if w.line != nil {
		w.line(string(p))
	}
	return n, err
}

// order returns an error unless the log has lines with these parts in this order.
func (w *logWatcher) order(parts ...string) error {
	rest := w.String()
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			return fmt.Errorf("the log does not have %q in the order of %q", part, parts)
		}
		rest = after
	}
	return nil
}

// A supervisor notes how it is called.
type supervisor struct {
	ready func() // Called by Ready, if it is not nil.
	alive atomic.Bool

	mu    sync.Mutex
	calls []string
}

func (s *supervisor) note(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// noted returns the calls so far.
func (s *supervisor) noted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *supervisor) Ready(status string) {
	s.note("ready: " + status)
	if s.ready != nil {
		s.ready()
	}
}

func (s *supervisor) Reloading() { s.note("reloading") }

func (s *supervisor) Stopping() { s.note("stopping") }

func (s *supervisor) Watch(ctx context.Context, alive func()) {
	alive()
	s.alive.Store(true)
	<-ctx.Done()
}

// contains returns an error unless text has all of the parts.
func contains(text string, parts ...string) error {
	var errs []error
	for _, part := range parts {
		if !strings.Contains(text, part) {
			errs = append(errs, fmt.Errorf("no %q in\n%s", part, text))
		}
	}
	return errors.Join(errs...)
}
