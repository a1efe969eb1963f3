package exporter

import (
	"context"
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

	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// readers are the two ways in which a listener reads.
var readers = map[string]func(*datagramListener, context.Context) error{
	"batches":    (*datagramListener).receive,
	"one by one": (*datagramListener).receiveOneByOne,
}

// datagrams opens a listener that nobody serves yet.
func (f *fixture) datagrams(address string) *datagramListener {
	f.t.Helper()
	l, err := f.Listen(f.t.Context(), address, quiet)
	if err != nil {
		f.t.Fatal(err)
	}
	return l.(*datagramListener)
}

func (f *fixture) bytes(name string) float64 {
	return testutil.ToFloat64(f.metrics.bytes.WithLabelValues(name))
}

// A datagram counts with all its bytes, however many of them are read.
func TestDatagramLengths(t *testing.T) {
	for reader, serve := range readers {
		for _, tc := range []struct {
			size   int
			reason syslog.Reason
			read   int // What the portable reader sees of it.
		}{
			{0, syslog.Empty, 0},
			{1, syslog.NoTag, 1},
			{MaxFrame, syslog.OK, MaxFrame},
			{MaxFrame + 1, syslog.TooLong, MaxFrame + 1},
			{20_000, syslog.TooLong, MaxFrame + 1}, // Comes in fragments over most networks.
			{65_507, syslog.TooLong, MaxFrame + 1}, // The longest there is.
		} {
			t.Run(fmt.Sprintf("%s/%d", reader, tc.size), func(t *testing.T) {
				f := newFixture(t)
				l := f.datagrams("udp://127.0.0.1:0")
				f.serve(l, func(ctx context.Context) error { return serve(l, ctx) })
				conn := f.dial(l)
				text := fanFailed + strings.Repeat(" ", 65_507)
				if _, err := io.WriteString(conn, text[:tc.size]); err != nil {
					t.Fatal(err)
				}
				eventually(t, "datagram", func() bool { return f.frames(l.name) == 1 })
				want := tc.size
				if reader == "one by one" {
					want = tc.read
				}
				if n := f.bytes(l.name); n != float64(want) {
					t.Errorf("%g bytes, want %d", n, want)
				}
				for r := syslog.OK + 1; r < syslog.NumReasons; r++ {
					want := 0.0
					if r == tc.reason {
						want = 1
					}
					if n := f.rejected(l.name, r.String()); n != want {
						t.Errorf("%g rejected as %v, want %g", n, r, want)
					}
				}
				// The next one is read whole.
				io.WriteString(conn, fanFailed)
				eventually(t, "the next", func() bool { return strings.Contains(f.devices(), "ftd_component_ok") })
			})
		}
	}
}

// A batch may have long and short datagrams of several senders, over IPv4 and
// IPv6; each is read by itself, in the order of their arrival.
func TestBatchOfMany(t *testing.T) {
	f := newFixture(t)
	l := f.datagrams("udp://:0")
	port := l.addr.(*net.UDPAddr).Port
	four, six := f.dialTo("udp", fmt.Sprintf("127.0.0.1:%d", port)), f.dialTo("udp", fmt.Sprintf("[::1]:%d", port))
	for i := range 3 * batchSize {
		conn, unit := four, i%7
		if i%2 == 1 {
			conn = six
		}
		switch i % 10 {
		case 3:
			io.WriteString(conn, "")
		case 6:
			io.WriteString(conn, strings.Repeat("x", 30_000))
		default:
			fmt.Fprintf(conn, "%%FTD-1-735001: Cooling Fan %d: OK", unit)
		}
	}
	for _, conn := range []net.Conn{four, six} { // The last of both counts.
		io.WriteString(conn, "%FTD-1-735002: Cooling Fan 1: Failure Detected")
		io.WriteString(conn, "%FTD-1-735001: Cooling Fan 1: OK")
		io.WriteString(conn, "%FTD-1-735002: Cooling Fan 2: Failure Detected")
	}
	f.serve(l, l.Serve)
	eventually(t, "all", func() bool { return f.frames(l.name) == 3*batchSize+6 })
	for device := range map[string]bool{"127.0.0.1": true, "::1": true} {
		for unit, ok := range map[string]int{"1": 1, "2": 0} {
			want := fmt.Sprintf("ftd_component_ok{component=\"fan\",device=%q,unit=%q} %d\n", device, unit, ok)
			if !strings.Contains(f.devices(), want) {
				t.Errorf("no %s in\n%s", want, f.devices())
			}
		}
	}
	if f.rejected(l.name, "empty") != 19 || f.rejected(l.name, "too_long") != 19 {
		t.Errorf("%g empty, %g too long, want 19 of each", f.rejected(l.name, "empty"), f.rejected(l.name, "too_long"))
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

// From the kernel to the table nothing is allocated.
func TestDatagramsDoNotAllocate(t *testing.T) {
	f := newFixture(t)
	l := f.datagrams("udp://:0")
	defer l.finish()
	r, err := newBatchReader(l.conn, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	l.sockets.replace(l.socket, descriptor(r.fd))
	port := l.addr.(*net.UDPAddr).Port
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		conn := f.dialTo("udp", fmt.Sprintf("%s:%d", host, port))
		for name, line := range paths {
			frame := []byte(line)
			n := testing.AllocsPerRun(100, func() {
				for range 5 {
					conn.Write(frame)
				}
				for read := 0; read < 5; {
					if ready, errno := r.wait(10 * time.Second); !ready || errno != 0 {
						t.Fatal("nothing arrives", errno)
					}
					n, errno := l.readBatch(r)
					if errno != 0 {
						t.Fatal(errno)
					}
					read += n
				}
			})
			if n != 0 {
				t.Errorf("%s: %s: %v allocations", host, name, n)
			}
		}
	}
}

// recvCalls counts the system calls of a listener's reader.
func (f *fixture) serveCounting(l *datagramListener) (calls *atomic.Int64) {
	f.t.Helper()
	r, err := newBatchReader(l.conn, true)
	if err != nil {
		f.t.Fatal(err)
	}
	calls = new(atomic.Int64)
	r.recvmmsg = func(fd int, messages []unix.Mmsghdr) (int, syscall.Errno) {
		calls.Add(1)
		return recvmmsg(fd, messages)
	}
	f.serve(l, func(ctx context.Context) error { return l.receiveBatches(ctx, r) })
	return calls
}

// While datagrams come one upon the other, they are read about once for each
// pause, not one by one.
func TestDenseDatagramsGather(t *testing.T) {
	f := newFixture(t)
	l := f.datagrams("udp://127.0.0.1:0")
	if l.pause == 0 {
		l.pause = coalescePause // The system grants too little; these few fit in.
	}
	calls := f.serveCounting(l)
	conn := f.dial(l)
	const count = 2000
	start := time.Now()
	for i := range count {
		io.WriteString(conn, fanFailed)
		for time.Since(start) < time.Duration(i)*50*time.Microsecond { // 20,000 a second.
			runtime.Gosched()
		}
	}
	eventually(t, "datagrams", func() bool { return f.frames(l.name) == count })
	// One read that finds something and one that finds nothing for each pause.
	if most := 2*int64(time.Since(start)/coalescePause) + count/batchSize + 10; calls.Load() > most {
		t.Errorf("%d system calls for %d datagrams, want at most %d", calls.Load(), count, most)
	}
}

// A listener that hears nothing does nothing, and takes no processor from
// others, not even from a process that has only one.
func TestIdleListenersSleep(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := newFixture(t)
	l := f.datagrams("udp://127.0.0.1:0")
	calls := f.serveCounting(l)
	for range 3 {
		f.listen("udp://127.0.0.1:0")
	}
	io.WriteString(f.dial(l), fanFailed)
	eventually(t, "datagram", func() bool { return f.frames(l.name) == 1 })
	for end := time.Now().Add(dropsInterval + 200*time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if n := calls.Load(); n > 10 {
			t.Fatalf("%d system calls for one datagram", n)
		}
	}
}

// Where the system does not allow batches, datagrams are read one by one.
func TestBatchesAreNotNeeded(t *testing.T) {
	f := newFixture(t)
	var log logged
	opened, err := f.Listen(t.Context(), "udp://127.0.0.1:0", log.logger())
	if err != nil {
		t.Fatal(err)
	}
	l := opened.(*datagramListener)
	conn := f.dial(l)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	f.serve(l, l.Serve)
	eventually(t, "warning", func() bool {
		return strings.Contains(log.lines(), "Cannot read datagrams in batches; this costs more CPU")
	})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, fanFailed)
	eventually(t, "message", func() bool { return f.frames(l.name) == 1 })
}

// Who is told to stop stops, even if the kernel always has more.
func TestStopUnderFlood(t *testing.T) {
	readers := maps.Clone(readers)
	readers["batches without end"] = func(l *datagramListener, ctx context.Context) error {
		r, err := newBatchReader(l.conn, true)
		if err != nil {
			return err
		}
		r.recvmmsg = func(_ int, messages []unix.Mmsghdr) (int, syscall.Errno) { return len(messages), 0 }
		return l.receiveBatches(ctx, r)
	}
	for reader, serve := range readers {
		t.Run(reader, func(t *testing.T) {
			f := newFixture(t)
			l := f.datagrams("udp://127.0.0.1:0")
			stop := f.serve(l, func(ctx context.Context) error { return serve(l, ctx) })
			var flood sync.WaitGroup
			var over atomic.Bool
			for range 2 {
				conn := f.dial(l)
				flood.Go(func() {
					for !over.Load() {
						io.WriteString(conn, fanFailed)
					}
				})
			}
			eventually(t, "flood", func() bool { return f.frames(l.name) > 1000 })
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

// shrink gives a socket the smallest buffer that there is.
func shrink(t *testing.T, conn syscall.Conn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// Each datagram is received, or counted as dropped by the kernel: also those
// that were dropped since the last scrape, and those of sockets that are closed.
func TestKernelDropsAreCounted(t *testing.T) {
	for reader, serve := range readers {
		t.Run(reader, func(t *testing.T) {
			f := newFixture(t)
			var log logged
			sent, dropped := 0, 0.0
			for range 3 { // As reloads close a listener and open it again.
				conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
				if err != nil {
					t.Fatal(err)
				}
				l := f.newUDP("udp://test", conn, log.logger())
				shrink(t, conn)
				sender := f.dial(l)
				for range 1000 { // Nobody reads.
					io.WriteString(sender, fanFailed)
					sent++
				}
				if n := f.dropped(l.name); n <= dropped {
					t.Fatalf("%g dropped, %g before", n, dropped)
				}
				stop := f.serve(l, func(ctx context.Context) error { return serve(l, ctx) })
				for range 1000 {
					io.WriteString(sender, fanFailed)
					sent++
				}
				stop()
				dropped = f.dropped(l.name)
				if n := f.frames(l.name); n == 0 || n+dropped != float64(sent) {
					t.Fatalf("%d sent, %g received, %g dropped", sent, n, dropped)
				}
			}
			var told float64
			for line := range strings.Lines(log.lines()) {
				var n float64
				if i := strings.Index(line, "count="); i > 0 && strings.Contains(line, "The kernel dropped") {
					fmt.Sscanf(line[i:], "count=%g", &n)
				}
				told += n
			}
			if told != dropped {
				t.Errorf("the log tells of %g, %g were dropped", told, dropped)
			}
		})
	}
}

// A socket that is open in another process too does not count its losses again
// when it comes back.
func TestInheritedSocketsCountOnce(t *testing.T) {
	f := newFixture(t)
	kept, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	shrink(t, kept)
	sender := f.dialTo("udp", kept.LocalAddr().String())
	overflow := func() {
		for range 100 {
			io.WriteString(sender, fanFailed)
		}
	}
	sent := 0.0
	overflow() // Before we began.
	for range 3 {
		sent += 100
		file, err := kept.File()
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.FilePacketConn(file)
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		l := f.newUDP("udp://test", conn.(*net.UDPConn), quiet)
		stop := f.serve(l, l.Serve)
		stop()
		if got := f.frames(l.Name()) + f.dropped(l.Name()); got != sent {
			t.Fatalf("%g sent, %g received, %g dropped", sent, f.frames(l.Name()), f.dropped(l.Name()))
		}
		shrink(t, kept)
		overflow() // Until the next one begins.
	}
}

// An ICMP message about a datagram that the socket sent is no reason to stop.
func TestICMPErrorsAreHarmless(t *testing.T) {
	for reader, serve := range readers {
		t.Run(reader, func(t *testing.T) {
			f := newFixture(t)
			closed, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			peer := closed.LocalAddr().(*net.UDPAddr)
			closed.Close()
			conn, err := net.DialUDP("udp", nil, peer)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, "Is anybody there?") // No, says ICMP.
			l := f.newUDP("udp://test", conn, quiet)
			f.serve(l, func(ctx context.Context) error { return serve(l, ctx) })
			back, err := net.DialUDP("udp", peer, l.addr.(*net.UDPAddr))
			if err != nil {
				t.Fatal(err)
			}
			defer back.Close()
			io.WriteString(back, fanFailed)
			eventually(t, "message", func() bool { return f.frames(l.name) == 1 })
		})
	}
}

// While the kernel lacks memory the listener waits, and says so once.
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
			var log logged
			opened, err := f.Listen(t.Context(), "udp://127.0.0.1:0", log.logger())
			if err != nil {
				t.Fatal(err)
			}
			log.lines()
			l := opened.(*datagramListener)
			r, err := newBatchReader(l.conn, true)
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			r.recvmmsg = func(fd int, messages []unix.Mmsghdr) (int, syscall.Errno) {
				if calls++; calls <= 3 {
					return 0, tc.errno
				}
				return recvmmsg(fd, messages)
			}
			conn := f.dial(l)
			io.WriteString(conn, fanFailed)
			if tc.lost {
				if err := l.receiveBatches(t.Context(), r); err == nil {
					t.Error("no error, though the socket is lost")
				}
				return
			}
			stop := f.serve(l, func(ctx context.Context) error { return l.receiveBatches(ctx, r) })
			eventually(t, "message", func() bool { return f.frames(l.name) == 1 })
			got := log.lines()
			if want := fmt.Sprintf("err=%q", tc.log); tc.log != "" && (strings.Count(got, "\n") != 1 || !strings.Contains(got, want)) {
				t.Errorf("want one line with %s, got\n%s", want, got)
			} else if tc.log == "" && got != "" {
				t.Errorf("want no line, got\n%s", got)
			}
			stop()
		})
	}
}

// The receive buffer is as large as the system allows, and never smaller than it
// was. The user learns what to do if that is too little.
func TestReceiveBuffer(t *testing.T) {
	limit, err := receiveBufferLimit(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	control := func(conn *net.UDPConn) syscall.RawConn {
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Error(err)
		}
		return raw
	}
	inherited, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer inherited.Close()
	// By force where the test may do that, which is where it can go wrong.
	given, err := enlargeReceiveBuffer(control(inherited), 2*limit)
	if err != nil {
		t.Fatal(err)
	}
	// Capabilities are those of a thread, which ends with this goroutine.
	withoutPrivilege := make(chan struct{})
	go func() {
		defer close(withoutPrivilege)
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		if err := unix.Capget(&header, &data[0]); err != nil {
			t.Error(err)
			return
		}
		data[0].Effective &^= 1 << unix.CAP_NET_ADMIN
		if err := unix.Capset(&header, &data[0]); err != nil {
			t.Error(err)
			return
		}
		if granted, err := enlargeReceiveBuffer(control(inherited), 4*limit); err != nil || granted != given {
			t.Errorf("%d bytes were given, now they are %d: %v", given, granted, err)
		}
		for _, tc := range []struct{ has, want, granted int }{
			{0, limit / 2, limit / 2},
			{0, limit, limit},
			{0, 2 * limit, limit},
			{limit, limit / 2, limit},
		} {
			conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Error(err)
				return
			}
			if err := conn.SetReadBuffer(tc.has); err != nil {
				t.Error(err)
			}
			if granted, err := enlargeReceiveBuffer(control(conn), tc.want); err != nil || granted != tc.granted {
				t.Errorf("%d of %d granted to a buffer of %d, want %d: %v", granted, tc.want, tc.has, tc.granted, err)
			}
			conn.Close()
		}
		f := newFixture(t)
		var log logged
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Error(err)
			return
		}
		l := f.newUDP("udp://test", conn, log.logger())
		defer l.conn.Close()
		got := log.lines()
		if warned := strings.Contains(got, "sysctl -w net.core.rmem_max=8388608"); warned != (limit < receiveBuffer) || strings.Count(got, "\n") > 1 {
			t.Errorf("of %d bytes %d are granted, the log says\n%s", receiveBuffer, limit, got)
		}
	}()
	<-withoutPrivilege
}

// A small receive buffer is not left to fill while the listener pauses.
func TestSmallBuffersAreReadAtOnce(t *testing.T) {
	f := newFixture(t)
	l := f.datagrams("udp://127.0.0.1:0")
	raw, err := l.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	granted, err := enlargeReceiveBuffer(raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	if pauses := l.pause > 0; pauses != (granted >= coalesceBuffer) {
		t.Errorf("pause of %v with a buffer of %d", l.pause, granted)
	}
	f.serve(l, l.Serve)()

	u := f.datagrams("unixgram://@" + t.Name())
	if u.pause > 0 {
		t.Error("a Unix socket holds ten datagrams, and the sender waits")
	}
	f.serve(u, u.Serve)()
}

// Who sends over a Unix socket waits until there is room; nothing is lost.
func TestUnixgramLosesNothing(t *testing.T) {
	f := newFixture(t)
	l, _ := f.listen("unixgram://@" + t.Name())
	conn := f.dial(l)
	for range 5000 {
		if _, err := io.WriteString(conn, fanFailed); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all", func() bool { return f.frames(l.Name()) == 5000 })
}

// Descriptors that come along with a message are closed, not collected.
func TestUnixgramTakesNoDescriptors(t *testing.T) {
	f := newFixture(t)
	l, _ := f.listen("unixgram://@" + t.Name())
	conn, err := f.dial(l).(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	conn.Control(func(fd uintptr) { err = unix.Sendmsg(int(fd), []byte(fanFailed), unix.UnixRights(pipe[1]), nil, 0) })
	unix.Close(pipe[1])
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "message", func() bool { return f.frames(l.Name()) == 1 })
	eventually(t, "the end of the pipe", func() bool {
		n, err := unix.Read(pipe[0], make([]byte, 1))
		return n == 0 && err == nil // EAGAIN while somebody can still write.
	})
}
