package main

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// The clock of a process agrees with its resource usage.
func TestCPUTime(t *testing.T) {
	read := func() time.Duration {
		d, err := cpuTime(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for start, now := read(), read(); now-start < 20*time.Millisecond; {
		now = read()
	}
	var u unix.Rusage
	before := read()
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	after := read()
	const rounding = 10 * time.Millisecond
	if used := time.Duration(u.Utime.Nano() + u.Stime.Nano()); used < before-rounding || used > after+rounding {
		t.Errorf("the resource usage is %s, the clock has %s to %s", used, before, after)
	}
	if _, err := cpuTime(1 << 26); err == nil {
		t.Error("a process that does not exist has used CPU time")
	}
}

func TestPeakMemory(t *testing.T) {
	before, err := peakMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2*before)
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	after, err := peakMemory(os.Getpid())
	if err != nil || after < 2*before {
		t.Errorf("%d bytes, after another %d were used: %d, %v", before, 2*before, after, err)
	}
	runtime.KeepAlive(b)
}

// The state has the bytes waiting in a socket, and the datagrams dropped because
// its buffer is full.
func TestPortState(t *testing.T) {
	conn, to := listenUDP(t)
	if err := conn.SetReadBuffer(1); err != nil { // The kernel's minimum.
		t.Fatal(err)
	}
	state := func() socketState {
		s, err := portState("udp", to.Port())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := state(); s != (socketState{}) {
		t.Errorf("at first %+v", s)
	}
	const n = 100
	if _, err := sendUDP(t.Context(), to, simulator.Workload{Lines: n, Devices: 1}.Generate(), 0, n, 0); err != nil {
		t.Fatal(err)
	}
	full := state()
	received := uint64(0)
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 8<<10)
	for received+full.dropped < n {
		if _, err := conn.Read(buf); err != nil {
			t.Fatalf("%d received, %d dropped of %d: %v", received, full.dropped, n, err)
		}
		received++
	}
	if full.waiting == 0 || full.dropped == 0 || received == 0 {
		t.Errorf("%+v, then %d received", full, received)
	}
	if s := state(); s.waiting != 0 || s.dropped != full.dropped {
		t.Errorf("afterward %+v", s)
	}
	if _, err := portState("udp", 0); err == nil {
		t.Error("port 0 has a state")
	}
	if _, err := lostBeforeSockets(); err != nil {
		t.Error(err)
	}
}

func TestChildThatDoesNotStart(t *testing.T) {
	for _, command := range [][]string{
		{"/nonexistent/program"},
		{"/bin/sh", "-c", "echo out of order >&2; exit 1", "sh"},
	} {
		c, err := startChild(t.Context(), command, "udp")
		if err == nil {
			c.stop()
			t.Errorf("%v has started", command)
		}
	}
	_, err := startChild(t.Context(), []string{"/bin/sh", "-c", "echo out of order >&2; exit 1", "sh"})
	if err == nil || !strings.Contains(err.Error(), "the process has ended\nout of order") {
		t.Errorf("%v", err)
	}
}
