package exporter_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// descriptorOf returns the file descriptor in this process of the UDP socket that
// is bound to an address.
func descriptorOf(t *testing.T, address string) int {
	t.Helper()
	want := netip.MustParseAddrPort(address)
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
		bound, err := syscall.Getsockname(fd)
		if in4, ok := bound.(*syscall.SockaddrInet4); err == nil && ok && kind == syscall.SOCK_DGRAM &&
			netip.AddrPortFrom(netip.AddrFrom4(in4.Addr), uint16(in4.Port)) == want {
			return fd
		}
	}
	t.Fatalf("no socket is bound to udp://%s", address)
	return -1
}

// An exporter that loses a socket does not go on as if nothing had happened: Run
// returns an error, so that the service manager starts it again, and keeps the
// state.
func TestALostSocketEndsTheExporter(t *testing.T) {
	dir := t.TempDir()
	i := start(t, stored(dir))
	send(t, dial(t, "tcp", i.tcp), "fw1 : "+fanFailed)
	i.shows(fan("fw1"))

	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	conn := dial(t, "udp", i.udp)
	if err := syscall.Dup3(int(null.Fd()), descriptorOf(t, i.udp), syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	// The listener may be waiting in the kernel, where it still has the socket.
	_, _ = conn.Write([]byte("fw1 : " + fanFailed))
	<-i.done
	want := fmt.Sprintf("listener udp://%s: receive datagrams: socket operation on non-socket", i.udp)
	if err := i.wait(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	i.checkClosed()
	if err := contains(storedState(t, dir), fan("fw1")); err != nil {
		t.Error(err)
	}
	if calls := i.supervisor.noted(); len(calls) != 2 || calls[1] != "stopping" {
		t.Errorf("the supervisor has been told %q", calls)
	}
}

// With sockets of systemd, those that no listener has are the web server's. They
// stay open, so that nothing is refused while the exporter restarts.
func TestSocketsOfSystemd(t *testing.T) {
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	syslog, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer syslog.Close()
	conn := dial(t, "udp", syslog.LocalAddr().String())
	for round := range 2 {
		send(t, conn, "fw1 : "+fanFailed) // Before anybody reads.
		i := create(t, func(o *exporter.Options) {
			*o.Web.WebSystemdSocket = true
			o.ListenAddresses[0] = "udp://" + syslog.LocalAddr().String()
			o.Inherited = []*os.File{descriptor(t, web.(*net.TCPListener)), descriptor(t, syslog.(*net.UDPConn))}
		})
		i.web = web.Addr().String()
		i.run()
		i.waitReady()
		i.shows(`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 1`)
		if n := strings.Count(i.log.String(), "inherited=true"); n != 1 {
			t.Errorf("round %d: %d listeners have inherited a socket", round, n)
		}
		i.stop()
	}

	t.Run("without one", func(t *testing.T) {
		i := create(t, func(o *exporter.Options) { *o.Web.WebSystemdSocket = true })
		if err := i.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "--web.systemd-socket is set, but systemd passes no socket") {
			t.Error(err)
		}
	})
	t.Run("for nobody", func(t *testing.T) {
		i := create(t, func(o *exporter.Options) { o.Inherited = []*os.File{descriptor(t, syslog.(*net.UDPConn))} })
		if err := i.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "which does not have a listener, so that its data would be lost") {
			t.Error(err)
		}
		i.checkClosed()
	})
}

// descriptor returns a copy of a socket as systemd would pass it.
func descriptor(t *testing.T, socket interface{ File() (*os.File, error) }) *os.File {
	t.Helper()
	f, err := socket.File()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// An address that no program can have is an error that names the flag.
func TestWebAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"vsock://:x":      `--web.listen-address=vsock://:x: "x" is not a port; write for example vsock://:10061`,
		"127.0.0.1:70000": "--web.listen-address=127.0.0.1:70000: ",
		"192.0.2.1:10061": "--web.listen-address=192.0.2.1:10061: ",
	} {
		i := create(t, func(o *exporter.Options) { *o.Web.WebListenAddresses = []string{testutil.FreeAddr(t), address} })
		if err := i.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if calls := i.supervisor.noted(); !slices.Equal(calls, nil) {
			t.Errorf("the supervisor has been told %q", calls)
		}
	}
}
