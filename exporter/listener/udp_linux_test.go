package listener

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// ways are the two ways in which a listener reads datagrams.
func ways() map[string]func(*datagramReceiver, context.Context) error {
	return map[string]func(*datagramReceiver, context.Context) error{
		"batches":    (*datagramReceiver).serve,
		"one by one": (*datagramReceiver).receiveOneByOne,
	}
}

// A countingKernel counts the system calls.
type countingKernel struct {
	linux
	calls *atomic.Int64
}

func (k countingKernel) recvmmsg(fd int, messages []unix.Mmsghdr) (int, syscall.Errno) {
	k.calls.Add(1)
	return k.linux.recvmmsg(fd, messages)
}

// An endlessKernel always has more.
type endlessKernel struct{}

func (endlessKernel) recvmmsg(_ int, messages []unix.Mmsghdr) (int, syscall.Errno) {
	return len(messages), 0
}

// A failingKernel fails a few times.
type failingKernel struct {
	linux
	errno syscall.Errno
	times int
}

func (k *failingKernel) recvmmsg(fd int, messages []unix.Mmsghdr) (int, syscall.Errno) {
	if k.times--; k.times >= 0 {
		return 0, k.errno
	}
	return k.linux.recvmmsg(fd, messages)
}

// receiver opens a socket that nothing reads from yet.
func (f *fixture) receiver(address string) *datagramReceiver {
	f.t.Helper()
	s, err := openSocket(f.t.Context(), Config{Address: address}, nil, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.newDatagramReceivers(s)[0]
}

// receiverOn is the receiver for a socket that is open, called udp://test.
func (f *fixture) receiverOn(conn *net.UDPConn) *datagramReceiver {
	s := &socket{config: Config{Address: "udp://test"}, address: Address{Scheme: UDP}, packets: []datagramConn{conn}}
	return f.newDatagramReceivers(s)[0]
}

func dialReceiver(t testing.TB, r *datagramReceiver) net.Conn {
	t.Helper()
	return dialTo(t, r.conn.LocalAddr().Network(), r.conn.LocalAddr().String())
}

func listenUDP(t testing.TB) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// A datagram counts with all its bytes, however many of them are read.
func TestDatagramLengths(t *testing.T) {
	const address = "udp://127.0.0.1:0"
	for way, run := range ways() {
		for _, tc := range []struct {
			size   int
			reason syslog.Reason
		}{
			{0, syslog.Empty},
			{1, syslog.NoTag},
			{syslog.MaxFrame, syslog.OK},
			{syslog.MaxFrame + 1, syslog.TooLong},
			{20_000, syslog.TooLong}, // Comes in fragments over most networks.
			{65_507, syslog.TooLong}, // The longest there is.
		} {
			t.Run(fmt.Sprintf("%s/%d", way, tc.size), func(t *testing.T) {
				f := newFixture(t)
				r := f.receiver(address)
				conn := dialReceiver(t, r)
				serve(t, func(ctx context.Context) error { return run(r, ctx) })
				text := (fanFailed + strings.Repeat(" ", 65_507))[:tc.size]
				say(t, conn, text)
				f.eventually(address, 1)
				if got := f.last(address); got.size != tc.size || got.text != text[:min(tc.size, syslog.MaxFrame)] || got.reason != tc.reason {
					t.Errorf("%d bytes, %v: %q, want %d, %v", got.size, got.reason, got.text, tc.size, tc.reason)
				}
				say(t, conn, fanFailed) // It is read whole.
				if f.eventually(address, 2); f.last(address).text != fanFailed {
					t.Errorf("the next is %+v", f.last(address))
				}
			})
		}
	}
}

// A batch may have long and short datagrams of several senders, over IPv4 and
// IPv6; each is read by itself, in the order of their arrival.
func TestBatchOfMany(t *testing.T) {
	f := newFixture(t)
	r := f.receiver("udp://:0")
	port := r.conn.LocalAddr().(*net.UDPAddr).Port
	senders := []net.Conn{dialTo(t, "udp", fmt.Sprintf("127.0.0.1:%d", port)), dialTo(t, "udp", fmt.Sprintf("[::1]:%d", port))}
	var want []frame
	for i := range 3 * batchSize {
		text := fmt.Sprintf("%%FTD-1-735001: Cooling Fan %d: OK", i)
		switch i % 10 {
		case 3:
			text = ""
		case 6:
			text = strings.Repeat("x", 30_000)
		}
		sender := senders[i%2]
		say(t, sender, text)
		expected := frame{text: text[:min(len(text), syslog.MaxFrame)], size: len(text), from: sender.LocalAddr().(*net.UDPAddr).AddrPort().Addr()}
		want = append(want, expected)
	}
	serve(t, r.serve)
	f.eventually("udp://:0", len(want))
	for i, got := range f.of("udp://:0") {
		if got.text != want[i].text || got.size != want[i].size || got.from != want[i].from {
			t.Fatalf("the frame %d is %+v, want %+v", i, got, want[i])
		}
	}
	if f.batches != 3 {
		t.Errorf("%d batches", f.batches)
	}
}

func TestSenderAddresses(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	r := &batchReader{}
	h := &r.messages[0].Hdr
	h.Name = (*byte)(unsafe.Pointer(&r.names[0]))
	addr := func(s string) unix.RawSockaddrInet6 {
		return unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: netip.MustParseAddr(s).As16()}
	}
	scoped := func(s string, scope int) unix.RawSockaddrInet6 {
		sa := addr(s)
		sa.Scope_id = uint32(scope)
		return sa
	}
	four := unix.RawSockaddrInet6{}
	*(*unix.RawSockaddrInet4)(unsafe.Pointer(&four)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte{192, 0, 2, 1}}
	for _, tc := range []struct {
		name   unix.RawSockaddrInet6
		length uint32
		want   string
	}{
		{four, unix.SizeofSockaddrInet4, "192.0.2.1"},
		{addr("2001:db8::1"), unix.SizeofSockaddrInet6, "2001:db8::1"},
		{addr("::ffff:192.0.2.1"), unix.SizeofSockaddrInet6, "192.0.2.1"},
		{scoped("fe80::1", lo.Index), unix.SizeofSockaddrInet6, "fe80::1%lo"},
		{scoped("fe80::1", 1<<30), unix.SizeofSockaddrInet6, "fe80::1%1073741824"},
		{unix.RawSockaddrInet6{Family: unix.AF_UNIX}, 2, "invalid IP"},
		{addr("2001:db8::1"), 0, "invalid IP"}, // Left from another datagram.
	} {
		r.names[0], h.Namelen = tc.name, tc.length
		if got := r.from(0).String(); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
		if n := testing.AllocsPerRun(10, func() { r.from(0) }); n != 0 {
			t.Errorf("%s: %v allocations", tc.want, n)
		}
	}
}

// From the kernel to the feed nothing is allocated.
func TestDatagramsDoNotAllocate(t *testing.T) {
	f, feed := counting(t)
	r := f.receiver("udp://:0")
	r.maxPause = 0
	port := r.conn.LocalAddr().(*net.UDPAddr).Port
	serve(t, r.serve)
	sent := int64(0)
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		conn := dialTo(t, "udp", fmt.Sprintf("%s:%d", host, port))
		for _, text := range []string{fanFailed, "", "nothing of Cisco's", strings.Repeat("x", syslog.MaxFrame+1)} {
			datagram := []byte(text)
			n := testing.AllocsPerRun(100, func() {
				for range 5 {
					conn.Write(datagram)
				}
				for sent += 5; feed.frames.Load() != sent; {
					time.Sleep(time.Microsecond)
				}
			})
			if n != 0 {
				t.Errorf("%s: %d bytes: %v allocations", host, len(text), n)
			}
		}
	}
}

// serveCounting counts the system calls of a receiver.
func serveCounting(t testing.TB, r *datagramReceiver) (calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	serve(t, func(ctx context.Context) error { return r.receive(ctx, countingKernel{calls: calls}) })
	return calls
}

// While datagrams arrive one upon the other, they are read about once for each
// pause, not one by one. The pause is longer if a batch takes longer to gather.
func TestDenseDatagramsGather(t *testing.T) {
	for _, tc := range []struct {
		every, pause time.Duration
	}{
		{50 * time.Microsecond, coalescePause},
		{200 * time.Microsecond, 3 * coalescePause},
	} {
		t.Run(tc.every.String(), func(t *testing.T) {
			f, feed := counting(t)
			r := f.receiver("udp://127.0.0.1:0")
			r.maxPause = 4 * coalescePause // Whatever the system grants; these few fit in.
			conn := dialReceiver(t, r)
			calls := serveCounting(t, r)
			const count = 2000
			start := time.Now()
			for i := range count {
				say(t, conn, fanFailed)
				for time.Since(start) < time.Duration(i)*tc.every {
					runtime.Gosched()
				}
			}
			testutil.Eventually(t, "datagrams", func() bool { return feed.frames.Load() == count })
			// One read for each pause, and one for each batch.
			if most := int64(time.Since(start)/tc.pause) + count/batchSize + 20; calls.Load() > most {
				t.Errorf("%d system calls for %d datagrams, want at most %d", calls.Load(), count, most)
			}
		})
	}
}

// A listener that receives nothing does nothing, and takes no processor from
// others, not even from a process that has only one.
func TestIdleListenersSleep(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f, feed := counting(t)
	r := f.receiver("udp://127.0.0.1:0")
	conn := dialReceiver(t, r)
	calls := serveCounting(t, r)
	f.apply(Config{Address: free(t)}, Config{Address: free(t)}, Config{Address: free(t)})
	say(t, conn, fanFailed)
	testutil.Eventually(t, "datagram", func() bool { return feed.frames.Load() == 1 })
	for end := time.Now().Add(dropsInterval + 200*time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if n := calls.Load(); n > 10 {
			t.Fatalf("%d system calls for one datagram", n)
		}
	}
}

// Where the system does not allow batches, datagrams are read one by one.
func TestBatchesAreNotNeeded(t *testing.T) {
	f := newFixture(t)
	r := f.receiver("udp://127.0.0.1:0")
	conn := dialReceiver(t, r)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	serve(t, r.serve)
	testutil.Eventually(t, "warning", func() bool {
		return f.log.count("Cannot read datagrams in batches; this costs more CPU") == 1
	})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	say(t, conn, fanFailed)
	f.eventually("udp://127.0.0.1:0", 1)
}

// A listener that is told to stop does so, even if the kernel always has more.
func TestStopUnderFlood(t *testing.T) {
	all := maps.Clone(ways())
	all["batches without end"] = func(r *datagramReceiver, ctx context.Context) error { return r.receive(ctx, endlessKernel{}) }
	for way, run := range all {
		t.Run(way, func(t *testing.T) {
			f, feed := counting(t)
			r := f.receiver("udp://127.0.0.1:0")
			senders := []net.Conn{dialReceiver(t, r), dialReceiver(t, r)}
			stop := serve(t, func(ctx context.Context) error { return run(r, ctx) })
			var flood sync.WaitGroup
			var over atomic.Bool
			for _, conn := range senders {
				flood.Go(func() {
					for !over.Load() {
						_, _ = io.WriteString(conn, fanFailed)
					}
				})
			}
			testutil.Eventually(t, "flood", func() bool { return feed.frames.Load() > 1000 })
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				stop()
			}()
			select {
			case <-stopped:
			case <-time.After(10 * time.Second):
				t.Error("still not stopped")
			}
			over.Store(true)
			flood.Wait()
		})
	}
}

// An ICMP message about a datagram that the socket sent is not a reason to stop.
func TestICMPErrorsAreHarmless(t *testing.T) {
	for way, run := range ways() {
		t.Run(way, func(t *testing.T) {
			f := newFixture(t)
			closed := listenUDP(t)
			peer := closed.LocalAddr().(*net.UDPAddr)
			closed.Close()
			conn, err := net.DialUDP("udp", nil, peer)
			if err != nil {
				t.Fatal(err)
			}
			say(t, conn, "Is anybody there?") // An ICMP message is the answer.
			r := f.receiverOn(conn)
			local := conn.LocalAddr().(*net.UDPAddr)
			serve(t, func(ctx context.Context) error { return run(r, ctx) })
			back, err := net.DialUDP("udp", peer, local)
			if err != nil {
				t.Fatal(err)
			}
			defer back.Close()
			say(t, back, fanFailed)
			f.eventually("udp://test", 1)
		})
	}
}

// While the kernel lacks memory the listener waits, and logs it once.
func TestKernelErrors(t *testing.T) {
	for _, tc := range []struct {
		errno syscall.Errno
		log   string
		lost  bool
	}{
		{unix.EINTR, "", false},
		{unix.ENOMEM, "cannot allocate memory", false},
		{unix.ENOBUFS, "no buffer space available", false},
		{unix.ECONNREFUSED, "", false},
		{unix.EBADF, "", true},
	} {
		t.Run(tc.errno.Error(), func(t *testing.T) {
			f := newFixture(t)
			r := f.receiver("udp://127.0.0.1:0")
			before := len(f.log.String())
			conn := dialReceiver(t, r)
			say(t, conn, fanFailed)
			k := &failingKernel{errno: tc.errno, times: 3}
			if tc.lost {
				if err := r.receive(t.Context(), k); !errors.Is(err, tc.errno) {
					t.Errorf("got error %v, though the socket is lost", err)
				}
				return
			}
			serve(t, func(ctx context.Context) error { return r.receive(ctx, k) })
			f.eventually("udp://127.0.0.1:0", 1)
			got := f.log.String()[before:]
			if want := fmt.Sprintf("err=%q", tc.log); tc.log != "" && (strings.Count(got, "\n") != 1 || !strings.Contains(got, want)) {
				t.Errorf("want one line with %s, got\n%s", want, got)
			} else if tc.log == "" && got != "" {
				t.Errorf("want no line, got\n%s", got)
			}
		})
	}
}
