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
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// Whatever comes, the connection stays, what is no message is counted once, and
// the next message is read.
func TestTCPAbuse(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		rejected   map[string]float64
		frames     float64 // Those that are counted besides.
	}{
		{"an endless line", strings.Repeat("x", 5<<20) + "\n", map[string]float64{"too_long": 1}, 0},
		{"an endless counted frame", "99999 " + strings.Repeat("x", 99999), map[string]float64{"too_long": 1}, 0},
		{"a count that cannot be", "9999999 " + strings.Repeat("x", 100) + "\n", map[string]float64{"bad_frame": 1}, 0},
		{"a count of zero", "0 x\n", map[string]float64{"bad_frame": 1}, 0},
		{"a million line ends", strings.Repeat("\r\n\x00", 1<<20), nil, 0},
		{"noise", strings.Repeat("\xff\xfe\x01\x80%", 1000) + "\n", map[string]float64{"no_tag": 1}, 0},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", map[string]float64{"no_tag": 2}, 0},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", map[string]float64{"no_tag": 3}, 0},
		{"all framings on one connection", failedFan + "47 " + failedFan + strings.TrimSpace(failedFan) + "\r\n" + strings.TrimSpace(failedFan) + "\x00", nil, 4},
	} {
		for _, way := range []string{"whole", "in pieces"} {
			t.Run(tc.name+" "+way, func(t *testing.T) {
				f := newFixture(t)
				l, _ := f.listen("tcp://127.0.0.1:0")
				conn := f.dial(l)
				if way == "whole" {
					io.WriteString(conn, tc.text)
				} else {
					for piece := range slices.Chunk([]byte(tc.text), max(1, len(tc.text)/777)) {
						conn.Write(piece)
					}
				}
				io.WriteString(conn, "last : "+failedFan)
				eventually(t, "the last message", func() bool { return strings.Contains(f.devices(), `ftd_component_ok{component="fan",device="last"`) })
				want := tc.frames + 1
				for _, reason := range []string{"no_tag", "too_long", "bad_frame", "not_allowed", "empty"} {
					if n := f.rejected(l.Name(), reason); n != tc.rejected[reason] {
						t.Errorf("%g frames rejected as %s, want %g", n, reason, tc.rejected[reason])
					}
					want += tc.rejected[reason]
				}
				eventually(t, "frames", func() bool { return f.frames(l.Name()) == want })
			})
		}
	}
}

// A message may take its time, octet by octet, and need not be the only one
// that does.
func TestTCPSlowSenders(t *testing.T) {
	f := newFixture(t)
	l, stop := f.listen("tcp://127.0.0.1:0")
	var conns []net.Conn
	for range 50 {
		conns = append(conns, f.dial(l))
	}
	for i := range failedFan {
		for _, c := range conns {
			io.WriteString(c, failedFan[i:i+1])
		}
	}
	eventually(t, "messages", func() bool { return f.frames(l.Name()) == 50 })
	if n := testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections); n != 50 {
		t.Errorf("%g connections", n)
	}
	stop() // None is waited for.
}

// A sizeRecorder notes how much room it was given.
type sizeRecorder struct {
	io.Reader
	last int
}

func (r *sizeRecorder) Read(b []byte) (int, error) {
	r.last = len(b)
	return r.Reader.Read(b)
}

// A connection is never closed for being quiet, but it keeps no large buffer.
func TestQuietConnectionsHaveSmallBuffers(t *testing.T) {
	p := newPKI(t)
	for _, scheme := range []string{"tcp", "tls"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFixture(t)
			f.apply(p.config(ClientAuthNone))
			l, _ := f.listen(scheme + "://127.0.0.1:0")
			tcp := l.(*tcpListener)
			client, now := p.client(), time.Now()
			client.Time = func() time.Time { return now } // It is another century in the bubble.
			synctest.Test(t, func(t *testing.T) {
				server, peer := tcp.pipe()
				var source io.Reader = server
				var sender io.WriteCloser = peer
				if scheme == "tls" {
					source = tls.Server(server, tcp.certificates.present.Load().config)
					sender = tls.Client(peer, client)
				}
				quiet := &stream{Reader: source, conn: server}
				room := &sizeRecorder{Reader: quiet}
				r := syslog.NewReader(room, MaxFrame)
				got := make(chan string, 100_000)
				done := make(chan error, 1)
				go func() {
					for {
						frame, _, err := r.Next()
						if quiet.isPause(err) {
							r.Shrink()
							continue
						}
						if err != nil {
							done <- err
							return
						}
						got <- string(frame)
					}
				}()
				say := func(text string) {
					t.Helper()
					if _, err := io.WriteString(sender, text); err != nil {
						t.Error(err)
					}
					synctest.Wait()
				}
				say("first\n")
				if room.last > syslog.IdleBuffer {
					t.Errorf("room for %d at first", room.last)
				}
				for range 3 {
					say(strings.Repeat(failedFan, 5000))
					if room.last < 16<<10 {
						t.Errorf("room for %d while much comes", room.last)
					}
					for range 10 { // It goes on by and by.
						time.Sleep(quietTime / 2)
						say(strings.Repeat(failedFan, 100))
					}
					if room.last < 16<<10 {
						t.Errorf("room for %d while something comes", room.last)
					}
					say("half a ")
					time.Sleep(30 * 24 * time.Hour)
					synctest.Wait()
					if room.last > syslog.IdleBuffer {
						t.Errorf("room for %d after a month of silence", room.last)
					}
					say("message\n")
				}
				want := 1 + 3*(5000+1000+1)
				if len(got) != want {
					t.Errorf("%d frames, want %d", len(got), want)
				}
				for range want - 1 {
					<-got
				}
				if last := <-got; last != "half a message" {
					t.Errorf("the last frame is %q", last)
				}
				sender.Close()
				<-done
				server.Close()
				peer.Close()
			})
		})
	}
}

// Nothing else keeps the large buffer.
func TestQuietConnectionsLetGoOfTheirBuffers(t *testing.T) {
	f := newFixture(t)
	l, _ := f.listen("tcp://127.0.0.1:0")
	synctest.Test(t, func(t *testing.T) {
		server, peer := l.(*tcpListener).pipe()
		var large weak.Pointer[byte]
		feed := f.newFeed(l.(*tcpListener).metrics)
		source := &stream{Reader: server, conn: server}
		r := syslog.NewReader(batches{readerFunc(func(b []byte) (int, error) {
			if len(b) == 64<<10 {
				large = weak.Make(unsafe.SliceData(b))
			}
			return source.Read(b)
		}), feed}, MaxFrame)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				frame, reason, err := r.Next()
				if source.isPause(err) {
					r.Shrink()
					feed.forget()
					continue
				}
				if err != nil {
					return
				}
				feed.next(frame, peerAddr, reason)
			}
		}()
		io.WriteString(peer, strings.Repeat(failedFan, 5000)) // The last one is matched.
		synctest.Wait()
		if large.Value() == nil {
			t.Fatal("the buffer did not grow")
		}
		time.Sleep(3 * quietTime)
		synctest.Wait()
		runtime.GC()
		if large.Value() != nil {
			t.Error("the buffer is still in use")
		}
		peer.Close()
		<-done
		server.Close()
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A listener that stops waits for nobody, though connections have deadlines of
// their own.
func TestStopIsNotHeldUpByQuietTime(t *testing.T) {
	f := newFixture(t)
	l, stop := f.listen("tcp://127.0.0.1:0")
	conn := f.dial(l)
	many := strings.Repeat(failedFan, 5000)
	io.WriteString(conn, many)
	eventually(t, "messages", func() bool { return f.frames(l.Name()) == 5000 })
	begin := time.Now()
	stop()
	if took := time.Since(begin); took > quietTime/2 {
		t.Errorf("stopping took %s", took)
	}
}

// A replay is a connection that brings the same again and again.
type replayConn struct {
	net.Conn
	text string
	at   int
}

func (c *replayConn) Read(b []byte) (int, error) {
	n := copy(b, c.text[c.at:])
	c.at = (c.at + n) % len(c.text)
	return n, nil
}

func (c *replayConn) SetDeadline(time.Time) error { return nil }

// The whole way of a frame, from the connection to the table, allocates nothing
// when the devices are known.
func TestTCPDoesNotAllocate(t *testing.T) {
	var lines bytes.Buffer
	for i := range 20 {
		for _, line := range paths {
			line = strings.Replace(line, "fw1", fmt.Sprintf("fw%d", i), 1)
			fmt.Fprintf(&lines, "%s\n%d %s", line, len(line), line)
		}
		fmt.Fprintf(&lines, "0 x\n%s\n", strings.Repeat("x", MaxFrame+1))
	}
	f := newFixture(t)
	l := &tcpListener{exporter: f.Exporter, metrics: f.metrics.listener("tcp://x", true)}
	conn := &tcpConn{Conn: &replayConn{text: lines.String()}, listener: l}
	feed := f.newFeed(l.metrics)
	r := syslog.NewReader(batches{&stream{Reader: conn, conn: conn}, feed}, MaxFrame)
	peer := netip.MustParseAddr("192.0.2.1")
	next := func() {
		frame, reason, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		feed.next(frame, peer, reason)
	}
	for range 2000 { // The buffer has grown, and all devices have spoken.
		next()
	}
	if n := testing.AllocsPerRun(10_000, next); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkTCP is the way of a usual line from a real connection to the table.
func BenchmarkTCP(b *testing.B) {
	line := paths["Miss"] + "\n"
	for _, scheme := range []string{"tcp", "tls"} {
		b.Run(scheme, func(b *testing.B) {
			f := newFixture(b)
			p := newPKI(b)
			f.apply(p.config(ClientAuthNone))
			l, _ := f.listen(scheme + "://127.0.0.1:0")
			conn := f.dial(l)
			if scheme == "tls" {
				conn = tls.Client(conn, p.client())
			}
			batch := strings.Repeat(line, 500)
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			sent := 0
			for b.Loop() {
				if sent%500 == 0 {
					if _, err := io.WriteString(conn, batch); err != nil {
						b.Fatal(err)
					}
				}
				sent++
			}
			eventually(b, "frames", func() bool { return f.frames(l.Name()) >= float64(sent) })
		})
	}
}

// A hungryListener has no descriptor for every second connection, until another
// one is closed.
type hungryListener struct {
	net.Listener
	calls int
	conns chan net.Conn
	done  chan struct{}
}

func (l *hungryListener) Accept() (net.Conn, error) {
	if l.calls++; l.calls%2 == 0 {
		return nil, syscall.EMFILE
	}
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *hungryListener) Close() error {
	close(l.done)
	return nil
}

// If there are no descriptors, whoever comes is let in at once all the same, and
// the log tells it once in a minute.
func TestAcceptingWithoutDescriptors(t *testing.T) {
	f := newFixture(t)
	var log syncBuffer
	metrics := f.metrics.listener("tcp://x", true)
	synctest.Test(t, func(t *testing.T) {
		inner := &hungryListener{conns: make(chan net.Conn), done: make(chan struct{})}
		l := &tcpListener{
			name: "tcp://x", exporter: f.Exporter, listener: inner, metrics: metrics,
			logger: slog.New(slog.NewTextHandler(&log, nil)), conns: map[*tcpConn]struct{}{},
		}
		l.metrics.losses = newLossLog(quiet)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.Serve(ctx) }()
		begin := time.Now()
		var peers []net.Conn
		for range 1000 {
			server, peer := net.Pipe()
			inner.conns <- server
			peers = append(peers, peer)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("1000 connections took %s", took)
		}
		if n := testutil.ToFloat64(metrics.tcpEvicted); n < 998 {
			t.Errorf("%g connections made room", n)
		}
		if n := strings.Count(log.String(), "Accepting a connection failed"); n != 1 {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, p := range peers {
			p.Close()
		}
	})
}
