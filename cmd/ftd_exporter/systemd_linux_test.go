package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A notifySocket receives the notifications of services to systemd.
type notifySocket struct {
	t    *testing.T
	path string
	conn *net.UnixConn
}

func newNotifySocket(t *testing.T) *notifySocket {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // The path of t.TempDir may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	n := &notifySocket{t: t, path: filepath.Join(dir, "s")}
	if n.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: n.path, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.conn.Close() })
	return n
}

// next returns the next message other than a watchdog ping.
func (n *notifySocket) next() string {
	n.t.Helper()
	for {
		if s := n.any(); s != "WATCHDOG=1" {
			return s
		}
	}
}

func (n *notifySocket) any() string {
	n.t.Helper()
	n.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, 4096)
	k, err := n.conn.Read(b)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b[:k])
}

func monotonic() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return now.Nano() / 1000
}

// The service notifies systemd when it is ready, reloads, stops, and while it is
// alive.
func TestNotify(t *testing.T) {
	n := newNotifySocket(t)
	t.Setenv("NOTIFY_SOCKET", n.path)
	t.Setenv("WATCHDOG_USEC", "100000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	config := filepath.Join(t.TempDir(), "c.yml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	s := newServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file="+config)
	receiving := "\nSTATUS=Receiving syslog on udp://" + s.udp + ", tcp://" + s.tcp
	if got := n.next(); got != "READY=1"+receiving {
		t.Fatalf("first: %q", got)
	}
	// The service is ready when it reports so.
	if status, _, body := s.get("/-/ready", nil); status != http.StatusOK {
		t.Errorf("not ready: %d %s", status, body)
	}
	for got := n.any(); got != "WATCHDOG=1"; got = n.any() {
		t.Errorf("instead of a watchdog ping: %q", got)
	}

	reload := func() {
		t.Helper()
		asked := monotonic()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		timestamp, ok := strings.CutPrefix(n.next(), "RELOADING=1\nMONOTONIC_USEC=")
		if at, err := strconv.ParseInt(timestamp, 10, 64); !ok || err != nil || at < asked || at > monotonic() {
			t.Errorf("at %d: RELOADING with %q", asked, timestamp)
		}
	}
	write("limits: {devices: 100}\n")
	reload()
	if got := n.next(); got != "READY=1"+receiving {
		t.Errorf("after a reload: %q", got)
	}
	write("limit: {}\n")
	reload()
	if got, want := n.next(), "READY=1\nSTATUS=The configuration was not loaded, the last good one stays: "+config+`:1: key "limit" is unknown; did you mean limits?`; got != want {
		t.Errorf("after a failed reload:\n%q, want\n%q", got, want)
	}
	go s.stop()
	if got := n.next(); got != "STOPPING=1\nSTATUS=Stopping" {
		t.Errorf("last: %q", got)
	}
}

// A program that hangs sends no watchdog pings.
func TestWatchdogOnlyIfAlive(t *testing.T) {
	n := newNotifySocket(t)
	t.Setenv("NOTIFY_SOCKET", n.path)
	t.Setenv("WATCHDOG_USEC", "2000")
	ctx, cancel := context.WithCancel(t.Context())
	asked, stuck := 0, make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		n := newNotifier(slog.New(slog.DiscardHandler))
		n.Watch(ctx, func() {
			if asked++; asked == 4 {
				stuck <- struct{}{}
				<-ctx.Done()
			}
		})
		n.close(time.Minute)
	}()
	<-stuck
	cancel()
	<-done
	n.conn.SetReadDeadline(time.Now())
	pings := 0
	for b := make([]byte, 64); ; pings++ {
		// Read the buffered messages directly, because Go returns an error
		// after the deadline.
		raw, err := n.conn.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var k int
		if err := raw.Control(func(fd uintptr) { k, _, _ = unix.Recvfrom(int(fd), b, unix.MSG_DONTWAIT) }); err != nil {
			t.Fatal(err)
		}
		if k <= 0 {
			break
		}
		if string(b[:k]) != "WATCHDOG=1" {
			t.Errorf("got %q", b[:k])
		}
	}
	if pings != 3 {
		t.Errorf("%d watchdog pings, want 3", pings)
	}
}

// A unit is a service with its sockets, which systemd keeps open whether the
// service runs or not.
type unit struct {
	t      *testing.T
	binary string
	args   []string
	names  []string
	files  []*os.File
	notify *notifySocket
	cmd    *exec.Cmd
	log    bytes.Buffer
	client http.Client
	web    string
}

type boundSocket interface {
	File() (*os.File, error)
	io.Closer
}

// socket adds a socket that is bound already, and closes it: the copy stays.
func (u *unit) socket(name string, conn boundSocket) {
	u.t.Helper()
	file, err := conn.File()
	if err != nil {
		u.t.Fatal(err)
	}
	conn.Close()
	u.t.Cleanup(func() { file.Close() })
	u.names, u.files = append(u.names, name), append(u.files, file)
}

func (u *unit) start() {
	u.t.Helper()
	// LISTEN_PID must be the program's process id; exec keeps the shell's id.
	u.cmd = exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, u.binary}, u.args...)...)
	u.cmd.ExtraFiles = u.files
	u.cmd.Env = append(os.Environ(), "LISTEN_FDS="+strconv.Itoa(len(u.files)), "LISTEN_FDNAMES="+strings.Join(u.names, ":"), "NOTIFY_SOCKET="+u.notify.path)
	u.cmd.Stderr = &u.log
	if err := u.cmd.Start(); err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { _ = u.cmd.Process.Kill() }) // If the test has failed.
}

// stop ends the service by a signal.
func (u *unit) stop(signal os.Signal) {
	u.t.Helper()
	if err := u.cmd.Process.Signal(signal); err != nil {
		u.t.Error(err)
	}
	if err := u.cmd.Wait(); signal == syscall.SIGTERM && err != nil {
		u.t.Fatalf("%v\n%s", err, u.log.String())
	}
}

// await waits for a notification that begins with prefix.
func (u *unit) await(prefix string) {
	u.t.Helper()
	for got := ""; !strings.HasPrefix(got, prefix); {
		got = u.notify.next()
	}
}

// messages returns how many messages of a device the service counts.
func (u *unit) messages(device string) (n int) {
	u.t.Helper()
	resp, err := u.client.Get("http://" + u.web + "/metrics")
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^ftd_syslog_messages_total\{device="`+device+`",severity="\d"\} (\d+)$`).FindAllSubmatch(body, -1) {
		k, err := strconv.Atoi(string(m[1]))
		if err != nil {
			u.t.Fatal(err)
		}
		n += k
	}
	return n
}

func (u *unit) eventually(device string, want int) {
	u.t.Helper()
	testutil.Eventually(u.t, device, func() error {
		n := u.messages(device)
		if n > want {
			u.t.Fatalf("%s: %d messages, want %d\n%s", device, n, want, u.log.String())
		}
		if n < want {
			return fmt.Errorf("%d messages, want %d", n, want)
		}
		return nil
	})
}

// newUnit opens the sockets of a service: UDP, TCP, Unix datagrams and the web.
func newUnit(t *testing.T) *unit {
	t.Helper()
	dir, err := os.MkdirTemp("", "unit")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	u := &unit{t: t, binary: testutil.Program(t), notify: newNotifySocket(t), client: http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	u.web = web.Addr().String()
	u.args = []string{
		"serve", "--web.systemd-socket", "--storage.path=" + filepath.Join(dir, "data"),
		"--syslog.listen-address=udp://" + packets.LocalAddr().String(),
		"--syslog.listen-address=tcp://" + stream.Addr().String(),
		"--syslog.listen-address=unixgram://" + local.LocalAddr().String(),
	}
	u.socket("ftd_exporter.socket", packets.(*net.UDPConn))
	u.socket("ftd_exporter.socket", stream.(*net.TCPListener))
	u.socket("web", web.(*net.TCPListener))
	u.socket("ftd_exporter.socket", local)
	return u
}

func (u *unit) dial(scheme string) net.Conn {
	u.t.Helper()
	i := slices.IndexFunc(u.args, func(a string) bool { return strings.Contains(a, "="+scheme+"://") })
	_, address, _ := strings.Cut(u.args[i], "://")
	conn, err := net.Dial(scheme, address)
	if err != nil {
		u.t.Fatal(err)
	}
	return conn
}

func sendReport(w io.Writer, device string) error {
	_, err := fmt.Fprintf(w, "<161>%s : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", device)
	return err
}

// While the service restarts, again and again, senders go on as if nothing
// happened, and every message is counted once.
func TestRestartLosesNothing(t *testing.T) {
	u := newUnit(t)
	stop := make(chan struct{})
	sent := map[string]int{}
	var mu sync.Mutex
	var senders sync.WaitGroup
	for _, scheme := range []string{"udp", "unixgram"} {
		conn := u.dial(scheme) // Before the first start.
		if err := sendReport(conn, scheme); err != nil {
			t.Fatal(err)
		}
		senders.Go(func() {
			defer conn.Close()
			ticker := time.NewTicker(5 * time.Millisecond) // The kernel buffers some hundred messages.
			defer ticker.Stop()
			for n := 1; ; n++ {
				select {
				case <-stop:
					mu.Lock()
					sent[scheme] = n
					mu.Unlock()
					return
				case <-ticker.C:
				}
				if err := sendReport(conn, scheme); err != nil {
					t.Error(err) // A closed port would cause an error.
				}
			}
		})
	}
	const restarts = 3
	for range restarts {
		// The connection stays in the backlog until the service starts.
		conn := u.dial("tcp")
		if err := sendReport(conn, "tcp"); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		u.start()
		u.await("READY=1")
		before := u.messages("udp")
		testutil.Eventually(t, "more messages", func() bool { return u.messages("udp") >= before+20 })
		u.stop(syscall.SIGTERM)
		u.await("STOPPING=1")
	}
	u.start()
	close(stop)
	senders.Wait()
	for device, n := range sent {
		u.eventually(device, n)
	}
	u.eventually("tcp", restarts)
	t.Logf("%v sent, %d restarts, none lost", sent, restarts)
	u.stop(syscall.SIGTERM)
}

// Messages that arrive after a crash are read at the next start.
func TestCrashKeepsMessagesInTheKernel(t *testing.T) {
	u := newUnit(t)
	for round := range 3 {
		u.start()
		u.await("READY=1")
		u.stop(syscall.SIGKILL)
		device := fmt.Sprintf("fw%d", round)
		for _, scheme := range []string{"udp", "unixgram"} {
			conn := u.dial(scheme)
			for range 8 { // A Unix socket may buffer at most ten.
				if err := sendReport(conn, device); err != nil {
					t.Fatal(err)
				}
			}
			conn.Close()
		}
		for range 8 {
			conn := u.dial("tcp")
			if err := sendReport(conn, device); err != nil {
				t.Fatal(err)
			}
			conn.Close()
		}
		u.start()
		u.eventually(device, 24)
		u.stop(syscall.SIGTERM)
	}
}

// An inherited socket without a listener is refused.
func TestStartRefusesSocketsWithoutListener(t *testing.T) {
	u := newUnit(t)
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := other.LocalAddr().String()
	u.socket("other", other.(*net.UDPConn))
	u.start()
	err = u.cmd.Wait()
	want := "systemd passes the socket udp " + address + " (FileDescriptorName=other), which does not have a listener, so that its data would be lost; receive on udp://" + address
	if err == nil || !strings.Contains(u.log.String(), want) {
		t.Errorf("%v: %s", err, u.log.String())
	}
}
