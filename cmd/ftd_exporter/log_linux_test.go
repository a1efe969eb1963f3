package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A piped program writes its log to a pipe.
type piped struct {
	t           *testing.T
	cmd         *exec.Cmd
	read, write *os.File // The pipe; the program has a copy of write.
	ended       chan error
	web, syslog string
	client      http.Client
}

// startPiped starts the program, whose log is read until it is ready.
func startPiped(t *testing.T) *piped {
	t.Helper()
	p := &piped{
		t: t, web: testutil.FreeAddr(t), syslog: testutil.FreeAddr(t), ended: make(chan error, 1),
		client: http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second},
	}
	var err error
	if p.read, p.write, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(testutil.Program(t), "serve", "--web.listen-address="+p.web, "--storage.path="+t.TempDir(),
		"--syslog.listen-address=udp://"+p.syslog, "--syslog.listen-address=tcp://"+p.syslog)
	p.cmd.Stderr = p.write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		p.read.Close()
		p.write.Close()
	})
	testutil.Eventually(t, "ready", func() error {
		_, err := testutil.Get(&p.client, "http://"+p.web+"/-/ready")
		return err
	})
	return p
}

// fill fills the pipe to the last byte.
func (p *piped) fill() {
	p.t.Helper()
	raw, err := p.write.SyscallConn()
	if err != nil {
		p.t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		_ = unix.SetNonblock(int(fd), true)
		defer func() { _ = unix.SetNonblock(int(fd), false) }() // The program shares it.
		for size := 4096; size > 0; size /= 2 {
			for err = nil; err == nil; {
				_, err = unix.Write(int(fd), make([]byte, size))
			}
		}
	})
	if err != nil && !errors.Is(err, unix.EAGAIN) {
		p.t.Fatal(err)
	}
}

func (p *piped) send(network, lines string) {
	p.t.Helper()
	conn, err := net.Dial(network, p.syslog)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, lines); err != nil {
		p.t.Fatal(err)
	}
}

// shows waits for a line in the metrics.
func (p *piped) shows(line string) {
	p.t.Helper()
	testutil.Eventually(p.t, line, func() error { return testutil.Shows(&p.client, "http://"+p.web+"/metrics", line) })
}

// works sends what is logged, and what is not, and checks that all of it arrives.
func (p *piped) works() {
	p.t.Helper()
	p.send("udp", "no tag")
	p.send("udp", "<161>udp-fw : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	p.shows(`ftd_component_ok{component="fan",device="udp-fw",unit="1"} 0`)
	const lines = 100_000 // More than the buffers of the connection hold.
	p.send("tcp", "no tag\n"+strings.Repeat("<161>tcp-fw : %FTD-1-735002: Cooling Fan 1: Failure Detected\n", lines))
	p.shows(fmt.Sprintf(`ftd_component_failures_total{component="fan",device="tcp-fw",unit="1"} %d`, lines))
	p.shows(fmt.Sprintf(`ftd_exporter_syslog_rejected_total{listener="udp://%s",reason="no_tag"} 1`, p.syslog))
}

// stops sends SIGTERM, which ends the program in spite of its log.
func (p *piped) stops() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Error(err)
		}
	case <-time.After(30 * time.Second):
		p.t.Error("SIGTERM does nothing")
	}
}

// A log that nobody reads costs nothing but itself.
func TestLogThatNobodyReads(t *testing.T) {
	p := startPiped(t)
	p.fill()
	p.works()
	p.stops()
}

// A log whose reader has gone costs nothing but itself.
func TestLogWhoseReaderHasGone(t *testing.T) {
	p := startPiped(t)
	p.read.Close()
	p.works()
	testutil.Eventually(t, "dropped lines", func() bool {
		body, err := testutil.Get(&p.client, "http://"+p.web+"/metrics")
		return err == nil && strings.Contains(body, "\nftd_exporter_log_lines_dropped_total ") && !strings.Contains(body, "\nftd_exporter_log_lines_dropped_total 0\n")
	})
	p.stops()
}

// fill sends so much that nobody else can, without waiting.
func (n *notifySocket) fill() {
	n.t.Helper()
	conn, err := net.Dial("unixgram", n.path)
	if err != nil {
		n.t.Fatal(err)
	}
	defer conn.Close()
	for err == nil {
		conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = io.WriteString(conn, "STATUS=full")
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		n.t.Fatal(err)
	}
}

// If systemd does not read what it is told, the exporter goes on, and ends.
func TestNotificationsThatNobodyReads(t *testing.T) {
	n := newNotifySocket(t)
	t.Setenv("NOTIFY_SOCKET", n.path)
	t.Setenv("WATCHDOG_USEC", "100000")
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http")
	n.fill()
	if status, _, _ := s.get("/-/ready", nil); status != http.StatusOK {
		t.Errorf("not ready: %d", status)
	}
	stopped := make(chan int, 1)
	go func() {
		status, _ := s.stop()
		stopped <- status
	}()
	select {
	case status := <-stopped:
		if status != 0 {
			t.Errorf("status %d", status)
		}
	case <-time.After(30 * time.Second):
		t.Error("the stop waits for systemd")
		for { // Let it end.
			if n.any() == "STOPPING=1\nSTATUS=Stopping" {
				break
			}
		}
	}
}
