package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// The senders refuse any other machine, whoever calls them.
func TestLoopbackOnly(t *testing.T) {
	lines := simulator.Workload{Lines: 1, Devices: 1}.Generate()
	for _, tc := range []struct {
		to      string
		refused bool
	}{
		{"192.0.2.1:514", true},
		{"0.0.0.0:514", true},
		{"[2001:db8::1]:514", true},
		{"[::ffff:192.0.2.1]:514", true},
		{"127.0.0.1:9", false},
		{"127.1.2.3:9", false},
		{"[::ffff:127.0.0.1]:9", false},
	} {
		to := netip.MustParseAddrPort(tc.to)
		_, udp := sendUDP(t.Context(), to, lines, 0, 1, 0)
		_, tcp := sendTCP(t.Context(), to, lines, 1)
		for _, err := range []error{udp, tcp} {
			if refused := err != nil && strings.Contains(err.Error(), "sends to this machine only"); refused != tc.refused {
				t.Errorf("%s: %v", tc.to, err)
			}
		}
	}
}

func listenUDP(t *testing.T) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// Each line is one datagram, in order, and the first follows the last. A paced
// line is never early.
func TestSendUDP(t *testing.T) {
	lines := simulator.Workload{Lines: 150, Devices: 10}.Generate()
	conn, to := listenUDP(t)
	for _, rate := range []float64{0, 10_000} {
		const first, n = 130, 200
		took, err := sendUDP(t.Context(), to, lines, first, n, rate)
		if err != nil {
			t.Fatal(err)
		}
		if minimum := time.Duration(float64(n-1) / rate * float64(time.Second)); rate > 0 && took < minimum {
			t.Errorf("%d lines at %g/s took %s, want %s at least", n, rate, took, minimum)
		}
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 8<<10)
		for i := range n {
			size, err := conn.Read(buf)
			if err != nil {
				t.Fatalf("datagram %d at %g/s: %v", i, rate, err)
			}
			if want := lines.Line((first + i) % 150); string(buf[:size])+"\n" != string(want) {
				t.Fatalf("datagram %d at %g/s: %q, want %q", i, rate, buf[:size], want)
			}
		}
	}
}

func TestSendUDPEndsWithItsContext(t *testing.T) {
	lines := simulator.Workload{Lines: 1, Devices: 1}.Generate()
	_, to := listenUDP(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sendUDP(ctx, to, lines, 0, 1<<30, 1); err == nil {
		t.Error("no error")
	}
}

// All lines arrive, and the lines of a device arrive over one connection in
// order.
func TestSendTCP(t *testing.T) {
	lines := simulator.Workload{Lines: 5_000, Devices: 40}.Generate()
	byDevice := map[string][]byte{}
	for i := range lines.Len() {
		byDevice[deviceOf(lines.Line(i))] = append(byDevice[deviceOf(lines.Line(i))], lines.Line(i)...)
	}
	for _, connections := range []int{1, 16} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		received := make(chan []byte)
		go func() {
			for range connections {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					b, _ := io.ReadAll(conn) // Missing lines are found below.
					received <- b
				}()
			}
		}()
		if _, err := sendTCP(t.Context(), l.Addr().(*net.TCPAddr).AddrPort(), lines, connections); err != nil {
			t.Fatal(err)
		}
		devices := 0
		for range connections {
			got := map[string][]byte{}
			for line := range bytes.Lines(<-received) {
				got[deviceOf(line)] = append(got[deviceOf(line)], line...)
			}
			for device, b := range got {
				devices++
				if !bytes.Equal(b, byDevice[device]) {
					t.Errorf("%d connections: other lines of %s", connections, device)
				}
			}
		}
		if devices != 40 {
			t.Errorf("%d connections: %d devices, want 40, each over one connection", connections, devices)
		}
		l.Close()
	}
}

func deviceOf(line []byte) string {
	before, _, _ := bytes.Cut(line, []byte(" : "))
	return string(before[bytes.LastIndexByte(before, ' ')+1:])
}
