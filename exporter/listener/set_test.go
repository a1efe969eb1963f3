package listener

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// free returns a listen address of UDP that was free a moment ago.
func free(t testing.TB) string { return "udp://" + testutil.FreeAddr(t) }

// sendOne sends a message to a UDP listener and waits until it is received.
func (f *fixture) sendOne(address string) {
	f.t.Helper()
	n := f.count(address)
	say(f.t, dialTo(f.t, "udp", strings.TrimPrefix(address, "udp://")), fanFailed)
	f.eventually(address, n+1)
}

// names returns the names of the open listeners.
func (f *fixture) names() string {
	var names []string
	for _, s := range f.Stats() {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

// Listeners that do not change keep their sockets, and what is in them.
func TestListenersChange(t *testing.T) {
	f := newFixture(t)
	a, b, c := Config{Address: free(t)}, Config{Address: free(t)}, Config{Address: free(t)}
	f.apply(a)
	kept := dialTo(t, "udp", strings.TrimPrefix(a.Address, "udp://"))
	say(t, kept, fanFailed)
	f.apply(b, a, b)
	f.sendOne(b.Address)
	say(t, kept, fanFailed) // It would fail if the port had been closed in between.
	f.eventually(a.Address, 2)
	for _, frame := range f.of(a.Address) {
		if frame.text != fanFailed || frame.stream || frame.from.String() != "127.0.0.1" || frame.size != len(fanFailed) || frame.at.IsZero() {
			t.Errorf("%+v", frame)
		}
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	before := f.names()
	if err := f.try(c, Config{Address: "tcp://" + taken.Addr().String()}); err == nil || f.names() != before {
		t.Errorf("%v, open are %s", err, f.names())
	}
	f.sendOne(a.Address)
	f.apply(c)
	if f.names() != c.Address {
		t.Errorf("open are %s", f.names())
	}
	f.sendOne(c.Address)
	isFree(t, a.Address)
}

// isFree fails the test if a UDP port is in use.
func isFree(t testing.TB, address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", strings.TrimPrefix(address, "udp://"))
	if err != nil {
		t.Errorf("a listener that is gone keeps its port: %v", err)
		return
	}
	conn.Close()
}

// Between Prepare and Commit the new listeners do not receive, and the old ones
// do; what arrives at the new ones is not lost.
func TestNothingReceivesBeforeTheCommit(t *testing.T) {
	f := newFixture(t)
	old, added := Config{Address: free(t)}, Config{Address: free(t)}
	f.apply(old)
	change, err := f.Prepare(t.Context(), []Config{added}, f.limits)
	if err != nil {
		t.Fatal(err)
	}
	say(t, dialTo(t, "udp", strings.TrimPrefix(added.Address, "udp://")), fanFailed)
	f.sendOne(old.Address)
	if n := f.count(added.Address); n != 0 || f.names() != old.Address {
		t.Errorf("%d frames, open are %s", n, f.names())
	}
	if _, ok := f.metric("ftd_exporter_syslog_dropped_total", added.Address); ok {
		t.Error("a listener that is not there yet has metrics")
	}
	if _, err := f.Prepare(t.Context(), []Config{old}, f.limits); err == nil {
		t.Error("two changes at a time")
	}
	change.Commit()
	change.Abort() // Too late.
	f.eventually(added.Address, 1)
	f.sendOne(added.Address)
	if f.names() != added.Address {
		t.Errorf("open are %s", f.names())
	}
}

// A change that is not made leaves nothing behind.
func TestAbort(t *testing.T) {
	f := newFixture(t)
	old, added := Config{Address: free(t)}, Config{Address: free(t)}
	f.apply(old)
	path := filepath.Join(t.TempDir(), "syslog")
	for range 2 {
		change, err := f.Prepare(t.Context(), []Config{added, {Address: strings.Replace(added.Address, "udp", "tcp", 1)}, {Address: "unixgram://" + path}}, Limits{TCPConnections: 1})
		if err != nil {
			t.Fatal(err)
		}
		change.Abort()
		change.Commit() // Too late.
	}
	isFree(t, added.Address)
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	f.sendOne(old.Address)
	if f.names() != old.Address {
		t.Errorf("open are %s", f.names())
	}
}

// After Stop nothing changes any more, not even what has been prepared.
func TestStop(t *testing.T) {
	f := newFixture(t)
	old, added := Config{Address: free(t)}, Config{Address: free(t)}
	f.apply(old)
	change, err := f.Prepare(t.Context(), []Config{added}, f.limits)
	if err != nil {
		t.Fatal(err)
	}
	f.Stop()
	change.Commit()
	f.Stop()
	if _, err := f.Prepare(t.Context(), []Config{added}, f.limits); err == nil {
		t.Error("a change after the end")
	}
	isFree(t, old.Address)
	isFree(t, added.Address)
	if f.names() != "" {
		t.Errorf("open are %s", f.names())
	}
}

// A listener that is told to stop reads what has already arrived.
func TestStopLosesNothingReceived(t *testing.T) {
	p := newPKI(t)
	p.settings.ClientCAFile = ""
	for _, scheme := range []string{"udp", "tcp", "tls", "unixgram"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFixture(t)
			address := scheme + "://127.0.0.1:0"
			if scheme == "unixgram" {
				address = scheme + "://" + filepath.Join(t.TempDir(), "syslog")
			}
			f.apply(Config{Address: address, TLS: p.settings})
			conn := f.dial(address)
			if scheme == "tls" {
				conn = tls.Client(conn, p.client())
			}
			for range 100 {
				say(t, conn, fanFailedLine)
			}
			if scheme == "tcp" || scheme == "tls" { // The connection must have been accepted.
				testutil.Eventually(t, "the first", func() bool { return f.count(address) > 0 })
			}
			f.Stop()
			if n := f.count(address); n != 100 {
				t.Errorf("%d frames, want 100", n)
			}
		})
	}
}

func TestListenErrorsSayWhatToDo(t *testing.T) {
	f := newFixture(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]string{
		"5514":                            `listen address "5514" lacks a scheme; write for example `,
		"tcp://" + taken.Addr().String():  "another syslog server uses the port",
		"udp://nowhere.invalid:5514":      "listen on udp://nowhere.invalid:5514: ",
		"unixgram:///nowhere/ftd/exports": "create the directory",
		"tls://127.0.0.1:0":               "listen on tls://127.0.0.1:0: tls.cert_file: is not set; ",
	} {
		if err := f.try(Config{Address: address}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	// All of them at once.
	err = f.try(Config{Address: "5514"}, Config{Address: "udp://fw"})
	var list interface{ Unwrap() []error }
	if !errors.As(err, &list) || len(list.Unwrap()) != 2 {
		t.Errorf("got %v, want two errors", err)
	}
}

func TestStats(t *testing.T) {
	f := newFixture(t)
	f.limits.TCPConnections = 2
	begin := time.Now()
	tcp, udp := "tcp://127.0.0.1:0", free(t)
	f.apply(Config{Address: udp}, Config{Address: tcp})
	for i := range 3 {
		say(t, f.dial(tcp), fanFailedLine)
		f.eventually(tcp, i+1)
	}
	testutil.Eventually(t, "statistics", func() error {
		all := f.Stats()
		if len(all) != 2 || all[0].Name != tcp || all[1].Name != udp || all[1].Address != strings.TrimPrefix(udp, "udp://") {
			return fmt.Errorf("%+v", all)
		}
		if all[0].LastFrame.Before(begin) || !all[1].LastFrame.IsZero() {
			return fmt.Errorf("%+v", all)
		}
		all[0].Address, all[1].Address, all[0].LastFrame = "", "", time.Time{}
		all[1].ReceiveBuffer, all[1].DropsKnown = 0, false // It depends on the system.
		if all[0] != (Stats{Name: tcp, Stream: true, Connections: 2, Evicted: 1}) || all[1] != (Stats{Name: udp}) {
			return fmt.Errorf("%+v", all)
		}
		return nil
	})
	select {
	case err := <-f.Failed():
		t.Error(err)
	default:
	}
}

func TestNewSetRefusesMetricsThatAreTaken(t *testing.T) {
	o := Options{Metrics: prometheus.NewRegistry()}
	if _, err := NewSet(o); err != nil {
		t.Error(err)
	}
	if _, err := NewSet(o); err == nil {
		t.Error("registered twice")
	}
}

// A lower limit of connections holds from the next connection on.
func TestConnectionLimitCanBeLowered(t *testing.T) {
	f := newFixture(t)
	const address = "tcp://127.0.0.1:0"
	f.listen(address)
	for range 10 {
		f.dial(address)
	}
	f.counts("ftd_exporter_tcp_connections", address, 10)
	f.limits.TCPConnections = 3
	f.listen(address)
	f.dial(address)
	f.counts("ftd_exporter_tcp_connections", address, 3)
	f.counts("ftd_exporter_tcp_connections_evicted_total", address, 8)
}

// The connection idle longest makes room, and the others are none the worse.
func TestConnectionsAreEvicted(t *testing.T) {
	f := newFixture(t)
	f.limits.TCPConnections = 2
	const address = "tcp://127.0.0.1:0"
	f.listen(address)
	first, second := f.dial(address), f.dial(address)
	tell := func(conn net.Conn) {
		t.Helper()
		n := f.count(address)
		say(t, conn, fanFailedLine)
		f.eventually(address, n+1)
	}
	tell(second)
	tell(first) // Now second is idle longest.
	tell(f.dial(address))
	if n, err := second.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes", n)
	} else if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	tell(first)
	f.counts("ftd_exporter_tcp_connections_evicted_total", address, 1)
	f.counts("ftd_exporter_tcp_connections", address, 2)
}
