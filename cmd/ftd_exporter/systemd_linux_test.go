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

// A notifySocket hears what services tell systemd.
type notifySocket struct {
	t    *testing.T
	path string
	conn *net.UnixConn
}

func newNotifySocket(t *testing.T) *notifySocket {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // The test's own may be too long.
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

// next returns the next message that is no sign of life.
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

// Systemd hears when the service is ready, reloads, stops, and that it lives.
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
	// It is no promise, but a fact.
	if status, _, body := s.get("/-/ready", nil); status != http.StatusOK {
		t.Errorf("not ready: %d %s", status, body)
	}
	for got := n.any(); got != "WATCHDOG=1"; got = n.any() {
		t.Errorf("instead of a sign of life: %q", got)
	}

	reload := func() {
		t.Helper()
		asked := monotonic()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		stamp, ok := strings.CutPrefix(n.next(), "RELOADING=1\nMONOTONIC_USEC=")
		if at, err := strconv.ParseInt(stamp, 10, 64); !ok || err != nil || at < asked || at > monotonic() {
			t.Errorf("at %d: RELOADING with %q", asked, stamp)
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

// A program that is stuck gives no sign of life.
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
	signs := 0
	for b := make([]byte, 64); ; signs++ {
		// What is there is read in spite of the deadline, but not by Go.
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
	if signs != 3 {
		t.Errorf("%d signs of life, want 3", signs)
	}
}

// A unit is a service with its sockets, as systemd keeps them: they are open
// whether the service runs or not.
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
	// LISTEN_PID must be that of the program, which the shell becomes.
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

// await waits until systemd is told what begins with a text.
func (u *unit) await(what string) {
	u.t.Helper()
	for got := ""; !strings.HasPrefix(got, what); {
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

func say(w io.Writer, device string) error {
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
		if err := say(conn, scheme); err != nil {
			t.Fatal(err)
		}
		senders.Go(func() {
			defer conn.Close()
			ticker := time.NewTicker(5 * time.Millisecond) // The kernel keeps some hundreds.
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
				if err := say(conn, scheme); err != nil {
					t.Error(err) // A closed port would be told here.
				}
			}
		})
	}
	const restarts = 3
	for range restarts {
		// What waits to be accepted keeps waiting.
		conn := u.dial("tcp")
		if err := say(conn, "tcp"); err != nil {
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

// What arrives after a crash waits for the next start.
func TestCrashKeepsWhatTheKernelHolds(t *testing.T) {
	u := newUnit(t)
	for round := range 3 {
		u.start()
		u.await("READY=1")
		u.stop(syscall.SIGKILL)
		device := fmt.Sprintf("fw%d", round)
		for _, scheme := range []string{"udp", "unixgram"} {
			conn := u.dial(scheme)
			for range 8 { // A Unix socket may hold no more than ten.
				if err := say(conn, device); err != nil {
					t.Fatal(err)
				}
			}
			conn.Close()
		}
		for range 8 {
			conn := u.dial("tcp")
			if err := say(conn, device); err != nil {
				t.Fatal(err)
			}
			conn.Close()
		}
		u.start()
		u.eventually(device, 24)
		u.stop(syscall.SIGTERM)
	}
}

// A socket that nobody would read is refused.
func TestStartRefusesSocketsOfNobody(t *testing.T) {
	u := newUnit(t)
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := other.LocalAddr().String()
	u.socket("other", other.(*net.UDPConn))
	u.start()
	err = u.cmd.Wait()
	want := "ftd_exporter serve: systemd passes the socket udp " + address + " (FileDescriptorName=other), which has no listener, so that its data would be lost; receive on udp://" + address
	if err == nil || !strings.Contains(u.log.String(), want) {
		t.Errorf("%v: %s", err, u.log.String())
	}
}
