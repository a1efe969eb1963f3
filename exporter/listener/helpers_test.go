package listener

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestMain(m *testing.M) {
	if sendDatagrams() {
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	fanFailed     = "%FTD-1-735002: Cooling Fan 1: Failure Detected"
	fanFailedLine = fanFailed + "\n"
)

// A frame is what a feed was given, and what its connection had told it.
type frame struct {
	listener, client string
	stream           bool
	text             string
	size             int
	from             netip.Addr
	reason           syslog.Reason // What Frame returned.
	at               time.Time
}

// A recorder makes feeds that record what they get, and check that the listeners
// keep to the protocol of [Feed].
type recorder struct {
	t    testing.TB
	lock sync.Mutex
	// All that has been recorded, and how many batches there were.
	frames  []frame
	batches int
}

type recordingFeed struct {
	recorder *recorder
	about    frame // What is the same for all frames.
	open     bool  // Begin has been called, End has not.
	frames   []frame
}

func (r *recorder) newFeed(listener, clientName string, stream bool) Feed {
	return &recordingFeed{recorder: r, about: frame{listener: listener, client: clientName, stream: stream}}
}

func (f *recordingFeed) Begin(now time.Time) {
	if f.open {
		f.recorder.t.Error("Begin in a batch")
	}
	f.open, f.about.at = true, now
}

func (f *recordingFeed) Frame(b []byte, size int, from netip.Addr, bad syslog.Reason) syslog.Reason {
	if !f.open {
		f.recorder.t.Error("Frame outside of a batch")
	}
	if len(b) > syslog.MaxFrame || size < len(b) {
		f.recorder.t.Errorf("a frame of %d bytes, of which %d arrived", len(b), size)
	}
	got := f.about
	got.text, got.size, got.from, got.reason = string(b), size, from, verdict(b, bad)
	f.frames = append(f.frames, got)
	return got.reason
}

// verdict is why a frame is rejected, as far as listeners care.
func verdict(b []byte, bad syslog.Reason) syslog.Reason {
	switch {
	case bad != syslog.OK:
		return bad
	case len(bytes.TrimSpace(b)) == 0:
		return syslog.Empty
	case !bytes.Contains(b, []byte("%FTD-")):
		return syslog.NoTag
	}
	return syslog.OK
}

func (f *recordingFeed) End() {
	if !f.open {
		f.recorder.t.Error("End outside of a batch")
	}
	f.open = false
	r := f.recorder
	r.lock.Lock()
	defer r.lock.Unlock()
	r.frames = append(r.frames, f.frames...)
	r.batches++
	f.frames = nil
}

// of returns the frames of a listener so far.
func (r *recorder) of(listener string) []frame {
	r.lock.Lock()
	defer r.lock.Unlock()
	var frames []frame
	for _, f := range r.frames {
		if f.listener == listener {
			frames = append(frames, f)
		}
	}
	return frames
}

// count returns how many frames a listener has received.
func (r *recorder) count(listener string) int { return len(r.of(listener)) }

// rejected returns how many of them were rejected for a reason.
func (r *recorder) rejected(listener string, reason syslog.Reason) (n int) {
	for _, f := range r.of(listener) {
		if f.reason == reason {
			n++
		}
	}
	return n
}

// last returns the last frame of a listener.
func (r *recorder) last(listener string) frame {
	r.t.Helper()
	frames := r.of(listener)
	if len(frames) == 0 {
		r.t.Fatalf("%s has no frames", listener)
	}
	return frames[len(frames)-1]
}

// fixture is a set of listeners whose frames are recorded.
type fixture struct {
	t testing.TB
	*recorder
	*Set
	registry *prometheus.Registry
	log      *logged
	limits   Limits
}

func newFixture(t testing.TB) *fixture { return newActivated(t, nil) }

// newActivated is newFixture with sockets from systemd.
func newActivated(t testing.TB, a *Activation) *fixture {
	t.Helper()
	f := &fixture{t: t, recorder: &recorder{t: t}, registry: prometheus.NewPedanticRegistry(), log: &logged{}, limits: Limits{TCPConnections: 1000}}
	set, err := NewSet(Options{NewFeed: f.newFeed, Activation: a, Logger: f.log.logger(), Metrics: f.registry})
	if err != nil {
		t.Fatal(err)
	}
	f.Set = set
	f.maxConnections.Store(1000)
	t.Cleanup(set.Stop)
	return f
}

// try makes a change.
func (f *fixture) try(configs ...Config) error {
	change, err := f.Prepare(f.t.Context(), configs, f.limits)
	if err == nil {
		change.Commit()
	}
	return err
}

// apply makes a change that must succeed.
func (f *fixture) apply(configs ...Config) {
	f.t.Helper()
	if err := f.try(configs...); err != nil {
		f.t.Fatal(err)
	}
}

// listen receives on one address only.
func (f *fixture) listen(address string) {
	f.t.Helper()
	f.apply(Config{Address: address})
}

// dial returns a connection to a listener, closed when the test ends.
func (f *fixture) dial(address string) net.Conn {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.running[address]
	if r == nil {
		f.t.Fatalf("%s is not open", address)
	}
	return dialTo(f.t, r.socket.bound.Network(), r.socket.bound.String())
}

func dialTo(t testing.TB, network, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// say writes to a connection.
func say(t testing.TB, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a listener has received n frames.
func (f *fixture) eventually(address string, n int) {
	f.t.Helper()
	testutil.Eventually(f.t, "frames of "+address, func() bool { return f.count(address) == n })
}

// metric returns the value of a metric for a listener, and whether it has one.
func (f *fixture) metric(name, listener string) (value float64, ok bool) {
	f.t.Helper()
	families, err := f.registry.Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && m.GetLabel()[0].GetValue() == listener {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue(), true
			}
		}
	}
	return 0, false
}

// counts waits until a metric of a listener has a value.
func (f *fixture) counts(name, listener string, want float64) {
	f.t.Helper()
	testutil.Eventually(f.t, name, func() bool {
		got, _ := f.metric(name, listener)
		return got == want
	})
}

// logged is a log for tests.
type logged struct{ buf testutil.Buffer }

// String returns what has been logged, without times.
func (l *logged) String() string { return l.buf.String() }

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(&l.buf, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// count returns how many lines have a text in them.
func (l *logged) count(text string) int { return strings.Count(l.String(), text) }

// serve runs a receiver until the test ends or stop is called.
func serve(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}
