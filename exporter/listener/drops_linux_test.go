package listener

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// dropped returns how many datagrams the kernel has dropped for a listener.
func (f *fixture) dropped(listener string) int {
	f.t.Helper()
	n, ok := f.metric("ftd_exporter_syslog_dropped_total", listener)
	if !ok {
		f.t.Fatalf("%s does not count lost datagrams", listener)
	}
	return int(n)
}

// shrink gives a socket the smallest buffer that there is.
func shrink(t *testing.T, conn syscall.Conn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// Each datagram is received, or counted as dropped by the kernel: also those that
// were dropped since the last scrape, and those of sockets that are closed.
func TestKernelDropsAreCounted(t *testing.T) {
	const name = "udp://test"
	for way, run := range ways() {
		t.Run(way, func(t *testing.T) {
			f := newFixture(t)
			sent, dropped := 0, 0
			for range 3 { // As reloads close a listener and open it again.
				conn := listenUDP(t)
				sender := dialTo(t, "udp", conn.LocalAddr().String())
				r := f.receiverOn(conn)
				shrink(t, conn)
				for range 1000 { // Nothing reads.
					say(t, sender, fanFailed)
					sent++
				}
				if n := f.dropped(name); n <= dropped {
					t.Fatalf("%d dropped, %d before", n, dropped)
				}
				stop := serve(t, func(ctx context.Context) error { return run(r, ctx) })
				for range 1000 {
					say(t, sender, fanFailed)
					sent++
				}
				stop()
				dropped = f.dropped(name)
				if n := f.count(name); n == 0 || n+dropped != sent {
					t.Fatalf("%d sent, %d received, %d dropped", sent, n, dropped)
				}
			}
			logged := 0
			for line := range strings.Lines(f.log.String()) {
				var n int
				if i := strings.Index(line, "count="); i > 0 && strings.Contains(line, "The kernel dropped") {
					_, _ = fmt.Sscanf(line[i:], "count=%d", &n)
				}
				logged += n
			}
			if logged != dropped {
				t.Errorf("%d are in the log, %d were dropped", logged, dropped)
			}
		})
	}
}

// A socket that is open in another process too does not count its losses again
// when it comes back.
func TestInheritedSocketsCountOnce(t *testing.T) {
	const name = "udp://test"
	f := newFixture(t)
	kept := listenUDP(t)
	defer kept.Close()
	shrink(t, kept)
	sender := dialTo(t, "udp", kept.LocalAddr().String())
	overflow := func() {
		for range 100 {
			say(t, sender, fanFailed)
		}
	}
	sent := 0
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
		r := f.receiverOn(conn.(*net.UDPConn))
		r.leave = nil // It stays open elsewhere.
		serve(t, r.serve)()
		if got := f.count(name) + f.dropped(name); got != sent {
			t.Fatalf("%d sent, %d received, %d dropped", sent, f.count(name), f.dropped(name))
		}
		shrink(t, kept)
		overflow() // Until the next one begins.
	}
}

// The receive buffer is as large as the system allows, and never smaller than it
// was. The log has the remedy if that is too little.
func TestReceiveBuffer(t *testing.T) {
	limit, err := receiveBufferLimit(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	raw := func(conn *net.UDPConn) syscall.RawConn {
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Error(err)
		}
		return raw
	}
	inherited := listenUDP(t)
	defer inherited.Close()
	// By force where the test may do that, which is where it can go wrong.
	given, err := enlargeReceiveBuffer(raw(inherited), 2*limit)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	// Capabilities belong to a thread, which ends with this goroutine.
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
		if granted, err := enlargeReceiveBuffer(raw(inherited), 4*limit); err != nil || granted != given {
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
			if granted, err := enlargeReceiveBuffer(raw(conn), tc.want); err != nil || granted != tc.granted {
				t.Errorf("%d of %d granted to a buffer of %d, want %d: %v", granted, tc.want, tc.has, tc.granted, err)
			}
			conn.Close()
		}
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		r := f.receiverOn(conn)
		got := f.log.String()
		if warned := strings.Contains(got, "sysctl -w net.core.rmem_max=8388608"); warned != (limit < receiveBuffer) || strings.Count(got, "\n") > 1 {
			t.Errorf("of %d bytes %d are granted, the log is\n%s", receiveBuffer, limit, got)
		}
		r.finish()
	}()
	<-withoutPrivilege
}

// A small receive buffer is not left to fill while the listener pauses.
func TestSmallBuffersAreReadAtOnce(t *testing.T) {
	f := newFixture(t)
	r := f.receiver("udp://127.0.0.1:0")
	granted, err := r.enlargeReceiveBuffer(0)
	if err != nil {
		t.Fatal(err)
	}
	if pauses := r.maxPause > 0; pauses != (granted >= coalesceBuffer) {
		t.Errorf("pause of %v with a buffer of %d", r.maxPause, granted)
	}
	serve(t, r.serve)()

	u := f.receiver("unixgram://@" + t.Name())
	if u.maxPause > 0 {
		t.Error("a Unix socket holds ten datagrams, and the sender waits")
	}
	serve(t, u.serve)()
}

// A sender over a Unix socket waits until there is room; nothing is lost.
func TestUnixgramLosesNothing(t *testing.T) {
	f := newFixture(t)
	address := "unixgram://@" + t.Name()
	f.listen(address)
	conn := f.dial(address)
	for range 5000 {
		say(t, conn, fanFailed)
	}
	f.eventually(address, 5000)
}

// Descriptors that come along with a message are closed, not collected.
func TestUnixgramTakesNoDescriptors(t *testing.T) {
	f := newFixture(t)
	address := "unixgram://@" + t.Name()
	f.listen(address)
	conn, err := f.dial(address).(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	_ = conn.Control(func(fd uintptr) { err = unix.Sendmsg(int(fd), []byte(fanFailed), unix.UnixRights(pipe[1]), nil, 0) })
	unix.Close(pipe[1])
	if err != nil {
		t.Fatal(err)
	}
	f.eventually(address, 1)
	testutil.Eventually(t, "the end of the pipe", func() bool {
		n, err := unix.Read(pipe[0], make([]byte, 1))
		return n == 0 && err == nil // EAGAIN while anybody can still write.
	})
}
