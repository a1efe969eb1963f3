package listener

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// Whatever arrives, the connection stays, what is not a message is rejected once,
// and the next message is read.
func TestTCPAbuse(t *testing.T) {
	const address = "tcp://127.0.0.1:0"
	for _, tc := range []struct {
		name, text string
		reason     syslog.Reason
		frames     int
	}{
		{"an endless line", strings.Repeat("x", 5<<20) + "\n", syslog.TooLong, 1},
		{"an endless counted frame", "99999 " + strings.Repeat("x", 99999), syslog.TooLong, 1},
		{"a length that cannot be", "9999999 " + strings.Repeat("x", 100) + "\n", syslog.BadFrame, 1},
		{"a length of zero", "0 x\n", syslog.BadFrame, 1},
		{"a million line ends", strings.Repeat("\r\n\x00", 1<<20), syslog.OK, 0},
		{"noise", strings.Repeat("\xff\xfe\x01\x80%", 1000) + "\n", syslog.NoTag, 1},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", syslog.NoTag, 2},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", syslog.NoTag, 3},
		{"all framings on one connection", fanFailedLine + "47 " + fanFailedLine + fanFailed + "\r\n" + fanFailed + "\x00", syslog.OK, 4},
	} {
		for _, way := range []string{"whole", "in pieces"} {
			t.Run(tc.name+" "+way, func(t *testing.T) {
				f := newFixture(t)
				f.listen(address)
				conn := f.dial(address)
				if way == "whole" {
					say(t, conn, tc.text)
				} else {
					for piece := range slices.Chunk([]byte(tc.text), max(1, len(tc.text)/777)) {
						say(t, conn, string(piece))
					}
				}
				say(t, conn, "last : "+fanFailedLine)
				f.eventually(address, tc.frames+1)
				if n := f.rejected(address, tc.reason); tc.reason != syslog.OK && n != tc.frames {
					t.Errorf("%d of %d frames rejected as %v", n, tc.frames, tc.reason)
				}
				if last := f.last(address); last.text != "last : "+fanFailed || last.reason != syslog.OK || !last.stream {
					t.Errorf("the last frame is %+v", last)
				}
			})
		}
	}
}

// A message may arrive slowly, byte by byte, on many connections at a time.
func TestTCPSlowSenders(t *testing.T) {
	const address = "tcp://127.0.0.1:0"
	f := newFixture(t)
	f.listen(address)
	var conns []net.Conn
	for range 50 {
		conns = append(conns, f.dial(address))
	}
	for i := range fanFailedLine {
		for _, c := range conns {
			say(t, c, fanFailedLine[i:i+1])
		}
	}
	f.eventually(address, 50)
	f.counts("ftd_exporter_tcp_connections", address, 50)
	f.Stop() // It waits for none of them.
}

// What does not have an end takes no memory, is one frame at most, and ends with the next
// line end.
func TestEndlessLines(t *testing.T) {
	const address, size = "tcp://127.0.0.1:0", 50_000_000
	for name, tc := range map[string]struct {
		piece   string
		tooLong int
	}{"letters": {"x", 1}, "digits": {"1", 1}, "a tag again and again": {fanFailed + " ", 1}, "noise": {"\x80\xff %", 1}, "spaces": {" ", 1}, "NULs": {"\x00", 0}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.listen(address)
			conn := f.dial(address)
			piece := []byte(strings.Repeat(tc.piece, 1<<20/len(tc.piece)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for sent := 0; sent < size; sent += len(piece) {
				if _, err := conn.Write(piece); err != nil {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
			say(t, conn, "\n"+fanFailedLine)
			f.eventually(address, tc.tooLong+1)
			if n := f.rejected(address, syslog.TooLong); n != tc.tooLong || f.last(address).text != fanFailed {
				t.Errorf("%d too long, then %+v", n, f.last(address))
			}
		})
	}
}

// A frame has the time at which its last byte arrived, and is handed over, with
// the batch ended, before the listener waits for more of the next one.
func TestBatchesOfAStream(t *testing.T) {
	f := newFixture(t)
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		defer serve(t, f.newStreamReceiver(l.socket("tcp://x", nil)).serve)()
		conn := l.dial(netip.AddrPort{})
		defer conn.Close()
		begin := time.Now()
		say(t, conn, fanFailedLine+fanFailedLine+"half ")
		synctest.Wait()
		if n := f.count("tcp://x"); n != 2 || f.batches != 1 {
			t.Errorf("%d frames in %d batches, want 2 in one", n, f.batches)
		}
		time.Sleep(time.Hour)
		say(t, conn, "a message\n")
		synctest.Wait()
		if last := f.last("tcp://x"); last.text != "half a message" || last.at.Sub(begin) != time.Hour {
			t.Errorf("%q after %s", last.text, last.at.Sub(begin))
		}
	})
}

// A bufferWatch is a feed that watches the memory of the frames.
type bufferWatch struct {
	frames atomic.Int64

	large atomic.Pointer[weak.Pointer[byte]]
	last  []byte
}

func (w *bufferWatch) Begin(time.Time) {}

func (w *bufferWatch) Frame(b []byte, _ int, _ netip.Addr, _ syslog.Reason) syslog.Reason {
	w.frames.Add(1)
	w.last = append(w.last[:0], b...)
	p := weak.Make(unsafe.SliceData(b))
	w.large.Store(&p)
	return syslog.OK
}

func (w *bufferWatch) End() {}

// gone reports whether the buffer of the last frame is no longer in memory.
func (w *bufferWatch) gone() bool {
	runtime.GC()
	return w.large.Load().Value() == nil
}

// A connection is never closed for being idle, but it keeps no large buffer.
func TestIdleConnectionsGiveBackTheirBuffers(t *testing.T) {
	p := newPKI(t)
	settings := p.settings
	settings.ClientAuth = ClientAuthNone
	for _, scheme := range []string{"tcp", "tls"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFixture(t)
			watch := &bufferWatch{}
			f.options.NewFeed = func(string, string, bool) Feed { return watch }
			var pair *keypair
			if scheme == "tls" {
				var err error
				if pair, err = settings.load(); err != nil {
					t.Fatal(err)
				}
			}
			now := time.Now()
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				defer serve(t, f.newStreamReceiver(l.socket(scheme+"://x", pair)).serve)()
				var conn io.WriteCloser = l.dial(netip.AddrPort{})
				if scheme == "tls" {
					client := p.client()
					client.Time = func() time.Time { return now } // It is another century in the bubble.
					conn = tls.Client(conn.(net.Conn), client)
				}
				defer conn.Close()
				send := func(text string) {
					t.Helper()
					say(t, conn, text)
					synctest.Wait()
				}
				frames := int64(0)
				for range 3 {
					send(strings.Repeat(fanFailedLine, 5000))
					frames += 5000
					for range 10 { // It goes on by and by.
						time.Sleep(idleAfter / 2)
						send(strings.Repeat(fanFailedLine, 100))
						frames += 100
					}
					if watch.gone() {
						t.Error("the buffer is replaced while frames arrive")
					}
					send("half a ")
					time.Sleep(time.Hour)
					synctest.Wait()
					if !watch.gone() {
						t.Error("the buffer is still there after an hour of silence")
					}
					send("message\n")
					frames++
					if string(watch.last) != "half a message" {
						t.Errorf("the last frame is %q", watch.last)
					}
				}
				if n := watch.frames.Load(); n != frames {
					t.Errorf("%d frames, want %d", n, frames)
				}
			})
		})
	}
}

// A listener that stops does not wait for the deadlines of its connections.
func TestStopIsNotHeldUpByIdleConnections(t *testing.T) {
	const address = "tcp://127.0.0.1:0"
	f := newFixture(t)
	f.listen(address)
	say(t, f.dial(address), strings.Repeat(fanFailedLine, 5000))
	f.eventually(address, 5000)
	begin := time.Now()
	f.Stop()
	if took := time.Since(begin); took > idleAfter/2 {
		t.Errorf("stopping took %s", took)
	}
}

// If there are no descriptors, whoever connects is accepted at once all the same,
// and the log has one line a minute about it.
func TestAcceptingWithoutDescriptors(t *testing.T) {
	f := newFixture(t)
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		calls := 0
		l.fail = func() error { // Until another connection is closed.
			if calls++; calls%2 == 0 {
				return syscall.EMFILE
			}
			return nil
		}
		stop := serve(t, f.newStreamReceiver(l.socket("tcp://x", nil)).serve)
		begin := time.Now()
		var conns []net.Conn
		for range 1000 {
			conns = append(conns, l.dial(netip.AddrPort{}))
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("1000 connections took %s", took)
		}
		if n, _ := f.metric("ftd_exporter_tcp_connections_evicted_total", "tcp://x"); n < 998 {
			t.Errorf("%g connections were evicted", n)
		}
		if n := f.log.count("Accepting a connection failed"); n != 1 {
			t.Errorf("%d lines:\n%s", n, f.log)
		}
		stop()
		for _, c := range conns {
			c.Close()
		}
	})
}

// A socket that is lost is reported.
func TestLostSocketsAreReported(t *testing.T) {
	f := newFixture(t)
	const address = "tcp://127.0.0.1:0"
	f.listen(address)
	f.running[address].socket.stream.Close()
	if err := <-f.Failed(); !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "listener "+address+": ") {
		t.Error(err)
	}
}

// A countingFeed counts frames and allocates nothing.
type countingFeed struct{ frames atomic.Int64 }

func (f *countingFeed) Begin(time.Time) {}

func (f *countingFeed) Frame(b []byte, _ int, _ netip.Addr, bad syslog.Reason) syslog.Reason {
	f.frames.Add(1)
	return verdict(b, bad)
}

func (f *countingFeed) End() {}

// counting is a fixture whose frames are counted only.
func counting(t testing.TB) (*fixture, *countingFeed) {
	f, feed := newFixture(t), &countingFeed{}
	f.options.NewFeed = func(string, string, bool) Feed { return feed }
	return f, feed
}

// From the kernel to the feed nothing is allocated, in any of the framings.
func TestConnectionsDoNotAllocate(t *testing.T) {
	const address = "tcp://127.0.0.1:0"
	f, feed := counting(t)
	f.listen(address)
	conn := f.dial(address)
	sent := int64(0)
	for framing, text := range map[string]string{
		"line": fanFailedLine, "NUL": fanFailed + "\x00", "message length": fmt.Sprintf("%d %s", len(fanFailed), fanFailed),
		"bad message length": "0 " + fanFailedLine, "too long": strings.Repeat("x", syslog.MaxFrame+1) + "\n",
	} {
		batch := []byte(strings.Repeat(text, 20))
		send := func() {
			conn.Write(batch)
			for sent += 20; feed.frames.Load() != sent; {
				time.Sleep(time.Microsecond)
			}
		}
		for range 20 { // The buffer grows.
			send()
		}
		if n := testing.AllocsPerRun(100, send); n != 0 {
			t.Errorf("%s: %v allocations", framing, n)
		}
	}
}

// BenchmarkTCP is the way of a usual line from a real connection to the feed.
func BenchmarkTCP(b *testing.B) {
	const line = "<166>2026-03-17T12:00:00Z fw1 : %FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)\n"
	p := newPKI(b)
	p.settings.ClientAuth = ClientAuthNone
	for _, scheme := range []string{"tcp", "tls"} {
		b.Run(scheme, func(b *testing.B) {
			address := scheme + "://127.0.0.1:0"
			f, feed := counting(b)
			f.apply(Config{Address: address, TLS: p.settings})
			conn := f.dial(address)
			if scheme == "tls" {
				conn = tls.Client(conn, p.client())
			}
			batch := strings.Repeat(line, 500)
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			sent := int64(0)
			for b.Loop() {
				if sent%500 == 0 {
					say(b, conn, batch)
				}
				sent++
			}
			testutil.Eventually(b, "frames", func() bool { return feed.frames.Load() >= sent })
		})
	}
}

// However a stream is cut into pieces and whatever is in it, the feed gets the
// same frames as over a connection that brings it whole.
func TestPiecesDoNotMatter(t *testing.T) {
	const address = "tcp://127.0.0.1:0"
	var text strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		message := fmt.Sprintf("fw%d : %s%s", i, fanFailed, strings.Repeat(" x", random.IntN(200)))
		switch i % 3 {
		case 0:
			text.WriteString(message + "\n")
		case 1:
			text.WriteString(message + "\x00")
		case 2:
			fmt.Fprintf(&text, "%d %s", len(message), message)
		}
	}
	receive := func(pieces func(send func(string))) []string {
		f := newFixture(t)
		f.listen(address)
		conn := f.dial(address)
		pieces(func(piece string) { say(t, conn, piece) })
		f.eventually(address, 300)
		var texts []string
		for _, frame := range f.of(address) {
			texts = append(texts, frame.text)
		}
		return texts
	}
	whole := receive(func(send func(string)) { send(text.String()) })
	pieces := receive(func(send func(string)) {
		for rest := text.String(); rest != ""; {
			n := min(len(rest), 1+random.IntN(3000))
			send(rest[:n])
			rest = rest[n:]
		}
	})
	if !slices.Equal(whole, pieces) {
		t.Error("the frames differ")
	}
}
