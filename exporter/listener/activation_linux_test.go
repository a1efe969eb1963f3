package listener

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A manager opens sockets as systemd does, and passes copies of them.
type manager struct {
	t     *testing.T
	files []*os.File
}

type fileConn interface {
	File() (*os.File, error)
	Close() error
}

// open opens a socket with the FileDescriptorName= name.
func (m *manager) open(name, network, address string) net.Addr {
	m.t.Helper()
	var conn fileConn
	var addr net.Addr
	var err error
	switch network {
	case "udp", "udp4", "udp6":
		var c net.PacketConn
		if c, err = net.ListenPacket(network, address); err == nil {
			conn, addr = c.(*net.UDPConn), c.LocalAddr()
		}
	case "unixgram":
		var c *net.UnixConn
		if c, err = net.ListenUnixgram(network, &net.UnixAddr{Name: address, Net: network}); err == nil {
			conn, addr = c, c.LocalAddr()
		}
	case "unix":
		var l *net.UnixListener
		if l, err = net.ListenUnix(network, &net.UnixAddr{Name: address, Net: network}); err == nil {
			l.SetUnlinkOnClose(false)
			conn, addr = l, l.Addr()
		}
	default:
		var l net.Listener
		if l, err = net.Listen(network, address); err == nil {
			conn, addr = l.(*net.TCPListener), l.Addr()
		}
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.pass(name, conn)
	return addr
}

// pass takes over a socket under a name.
func (m *manager) pass(name string, conn fileConn) {
	m.t.Helper()
	file, err := conn.File()
	if err != nil {
		m.t.Fatal(err)
	}
	conn.Close()
	// The copy that the process gets has the name.
	fd, err := dup(file)
	if err != nil {
		m.t.Fatal(err)
	}
	named := os.NewFile(fd, name)
	file.Close()
	m.t.Cleanup(func() { named.Close() })
	m.files = append(m.files, named)
}

func (m *manager) activation() *Activation {
	m.t.Helper()
	in, err := NewActivation(m.files)
	if err != nil {
		m.t.Fatal(err)
	}
	return in
}

// A socket of systemd is for the listener whose address it has.
func TestActivatedSocketsAreMatched(t *testing.T) {
	dir := t.TempDir()
	m := &manager{t: t}
	port := func(a net.Addr) string { _, p, _ := net.SplitHostPort(a.String()); return p }
	all4 := port(m.open("", "udp4", "0.0.0.0:0"))
	all6 := port(m.open("", "udp6", "[::]:0"))
	one := port(m.open("", "udp", "127.0.0.1:0"))
	six := port(m.open("", "udp", "[::1]:0"))
	tcp := port(m.open("", "tcp", "127.0.0.1:0"))
	m.open("", "unixgram", filepath.Join(dir, "s"))
	m.open("", "unixgram", "@ftd_exporter-test-"+filepath.Base(dir))
	in := m.activation()
	for address, want := range map[string]int{ // -1 is none.
		"udp://:" + all4: 0, "udp://0.0.0.0:" + all4: 0, "udp://127.0.0.1:" + all4: -1, "tcp://:" + all4: -1,
		"udp://:" + all6: 1, "udp://[::]:" + all6: 1, "udp://[::1]:" + all6: -1,
		"udp://127.0.0.1:" + one: 2, "udp://localhost:" + one: 2, "udp://[::ffff:127.0.0.1]:" + one: 2, "udp://:" + one: -1, "udp://127.0.0.2:" + one: -1,
		"udp://[::1]:" + six: 3, "udp://[0:0::1]:" + six: 3,
		"tcp://127.0.0.1:" + tcp: 4, "tls://127.0.0.1:" + tcp: 4, "udp://127.0.0.1:" + tcp: -1,
		"unixgram://" + dir + "/s": 5, "unixgram://" + dir + "/t": -1,
		"unixgram://@ftd_exporter-test-" + filepath.Base(dir): 6,
		"udp://:0": -1, "nonsense": -1,
	} {
		got := -1
		for i, s := range in.sockets {
			if in.match(t.Context(), []string{address})[address] == s {
				got = i
			}
		}
		if got != want {
			t.Errorf("%s is the socket %d, want %d", address, got, want)
		}
	}

	// Two sockets for one port are for two listeners, the plain one last.
	m = &manager{t: t}
	m.open("", "udp4", "0.0.0.0:0")
	p := port(m.activation().sockets[0].addr)
	m.open("", "udp6", "[::]:"+p)
	in = m.activation()
	got := in.match(t.Context(), []string{"udp://:" + p, "udp://0.0.0.0:" + p})
	if got["udp://:"+p] != in.sockets[1] || got["udp://0.0.0.0:"+p] != in.sockets[0] {
		t.Errorf("assigned %v", got)
	}
}

// Listeners receive on the sockets of systemd, which outlive them with what is
// in their buffers.
func TestActivatedSocketsOutliveListeners(t *testing.T) {
	dir := t.TempDir()
	m := &manager{t: t}
	udp := m.open("syslog", "udp", "127.0.0.1:0")
	tcp := m.open("syslog", "tcp", "127.0.0.1:0")
	relay := m.open("relay", "unixgram", filepath.Join(dir, "s"))
	configs := []Config{{Address: "udp://" + udp.String()}, {Address: "tcp://" + tcp.String()}, {Address: "unixgram://" + relay.String()}}
	a := m.activation()
	send := func() {
		t.Helper()
		for _, a := range []net.Addr{udp, tcp, relay} {
			conn, err := net.Dial(a.Network(), a.String())
			if err != nil {
				t.Fatal(err)
			}
			say(t, conn, fanFailedLine)
			conn.Close()
		}
	}
	send() // Before anything receives.
	for range 3 {
		f := newActivated(t, a)
		f.apply(configs...)
		send()
		for _, c := range configs {
			f.eventually(c.Address, 2)
		}
		f.Stop()
		send() // While nothing receives.
	}
	if _, err := os.Stat(relay.String()); err != nil {
		t.Errorf("the path of a socket of systemd: %v", err)
	}
}

// A reload does not touch the sockets of systemd, and may not leave one behind.
func TestActivationAndReloads(t *testing.T) {
	m := &manager{t: t}
	udp := m.open("syslog", "udp", "127.0.0.1:0")
	f := newActivated(t, m.activation())
	address, tcp := "udp://"+udp.String(), Config{Address: "tcp://127.0.0.1:0"}
	for range 3 {
		f.apply(Config{Address: address}, tcp)
	}
	err := f.try(tcp)
	want := fmt.Sprintf("systemd passes the socket udp %s (FileDescriptorName=syslog), which does not have a listener, so that its data would be lost; receive on %s, or remove it from the socket unit", udp, address)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	say(t, f.dial(address), fanFailed)
	f.eventually(address, 1)
}

// If something else fails, what waits in a socket of systemd stays there, and
// so it does if a change is aborted.
func TestActivatedDatagramsStayIfTheStartFails(t *testing.T) {
	m := &manager{t: t}
	udp := m.open("syslog", "udp", "127.0.0.1:0")
	config := Config{Address: "udp://" + udp.String()}
	taken := (&manager{t: t}).open("", "tcp", "127.0.0.1:0")
	f := newActivated(t, m.activation())
	say(t, dialTo(t, "udp", udp.String()), fanFailed)
	for _, configs := range [][]Config{{config, {Address: "tcp://" + taken.String()}}, {{Address: "tcp://" + taken.String()}, config}} {
		if err := f.try(configs...); err == nil {
			t.Fatal("no error")
		}
	}
	change, err := f.Prepare(t.Context(), []Config{config}, f.limits)
	if err != nil {
		t.Fatal(err)
	}
	change.Abort()
	if n := f.count(config.Address); n != 0 {
		t.Errorf("%d frames were read", n)
	}
	f.apply(config)
	f.eventually(config.Address, 1)
}

// Which sockets are the web server's, and which mistakes are reported with what
// to do.
func TestActivatedWebSockets(t *testing.T) {
	dir := t.TempDir()
	type socket struct{ name, network, address string }
	path := func(name string) string { return filepath.Join(dir, name) }
	syslogUDP, syslogTCP := socket{"syslog", "udp", "127.0.0.1:0"}, socket{"syslog", "tcp", "127.0.0.1:0"}
	for _, tc := range []struct {
		name    string
		sockets []socket
		listen  []int // The sockets that are listen addresses.
		web     bool  // The flag is set.
		want    []int
		errs    []string // Parts of the errors.
	}{
		{"by name", []socket{syslogUDP, syslogTCP, {"web", "tcp", "127.0.0.1:0"}}, []int{0, 1}, true, []int{2}, nil},
		{"by name, two", []socket{{"web", "tcp", "127.0.0.1:0"}, {"web", "unix", path("a")}, syslogUDP}, []int{2}, true, []int{0, 1}, nil},
		{"what is left", []socket{{"x.socket", "tcp", "127.0.0.1:0"}, syslogUDP}, []int{1}, true, []int{0}, nil},
		{"without the flag", []socket{syslogUDP, syslogTCP}, []int{0, 1}, false, nil, nil},
		{"a name, and what is left", []socket{{"web", "tcp", "127.0.0.1:0"}, {"other", "tcp", "127.0.0.1:0"}}, nil, true, []int{0}, []string{"FileDescriptorName=other", "receive on tcp://127.0.0.1:", " or tls://127.0.0.1:"}},
		{"no socket for the web", []socket{syslogUDP, syslogTCP}, []int{0, 1}, true, nil, []string{"no stream socket for the web server; add ListenStream= with FileDescriptorName=web"}},
		{"no socket at all", nil, nil, true, nil, []string{"--web.systemd-socket is set, but systemd passes no socket"}},
		{"a datagram socket for the web", []socket{{"web", "udp", "127.0.0.1:0"}}, nil, true, nil, []string{"is for the web server: ", "; use ListenStream="}},
		{"the flag is missing", []socket{{"web", "tcp", "127.0.0.1:0"}}, nil, false, nil, []string{"set --web.systemd-socket"}},
		{"the flag is missing, Unix", []socket{{"web", "unix", path("b")}}, nil, false, nil, []string{"set --web.systemd-socket"}},
		{"a datagram socket of nobody", []socket{syslogTCP, {"relay", "unixgram", path("c")}}, []int{0}, false, nil, []string{"receive on unixgram://" + path("c")}},
		{"all addresses of nobody", []socket{{"syslog", "udp6", "[::]:0"}}, nil, false, nil, []string{"receive on udp://:"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &manager{t: t}
			var addresses []string
			for _, s := range tc.sockets {
				m.open(s.name, s.network, s.address)
			}
			in := m.activation()
			for _, i := range tc.listen {
				addresses = append(addresses, in.sockets[i].addr.Network()+"://"+in.sockets[i].addr.String())
			}
			var err error
			if tc.web {
				var listeners []net.Listener
				listeners, err = in.Web(t.Context(), addresses)
				var got, want []string
				for _, l := range listeners {
					got = append(got, l.Addr().String())
					l.Close()
				}
				for _, i := range tc.want {
					want = append(want, in.sockets[i].addr.String())
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("web has %v, want %v", got, want)
				}
			}
			if err == nil {
				err = in.checkUsed(in.match(t.Context(), addresses))
			}
			if (err == nil) != (tc.errs == nil) {
				t.Fatalf("error %v", err)
			}
			for _, part := range tc.errs {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("no %q in %v", part, err)
				}
			}
		})
	}
}

func TestActivationRefusesWhatIsNotASocket(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	m := &manager{t: t, files: []*os.File{file}}
	m.pass("connection", conn.(*net.TCPConn))
	_, err = NewActivation(m.files)
	for _, want := range []string{
		"systemd passes /dev/null: it is not a socket that can be received on (", "; only ListenDatagram= and ListenStream=",
		"systemd passes connection: it is a connection, not a socket that accepts them; set Accept=no; correct the socket unit",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if in, err := NewActivation(nil); in != nil || err != nil {
		t.Errorf("nothing: %v, %v", in, err)
	}
}

// dup returns a copy of a file's descriptor.
func dup(file *os.File) (uintptr, error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var fd int
	var failed error
	if err := raw.Control(func(old uintptr) { fd, failed = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return 0, err
	}
	return uintptr(fd), failed
}
