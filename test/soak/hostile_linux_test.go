package soak

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// odd sends messages with unusual, invalid and hostile content.
func (s *soak) odd(ctx context.Context, kind string) error {
	// A message without a device name belongs to its sender.
	sender := map[string]string{"udp": udpSender, "unix": unnamed, "tcp": loopback, "tls": loopback, "proxy": proxyClient}[kind]
	stream := kind != "udp" && kind != "unix"
	var conn net.Conn
	var err error
	switch {
	case stream:
		conn, err = s.open(kind)
	case kind == "udp":
		conn, err = s.dialFrom(udpSender)
	default:
		conn, err = s.dial(kind)
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)) // Other series in each phase.
	return pace(ctx, 100, func(n int) error {
		f, text, messages := s.oddity(kind, sender, n, random)
		if stream {
			text = counted(text)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			return err
		}
		s.ledgers[kind].add(f, messages)
		return nil
	})
}

// oddity returns an unusual message, and the number of messages that it counts as.
func (s *soak) oddity(kind, sender string, n int, random *rand.Rand) (f fate, text string, messages int) {
	noTag, tooLong := fate{reason: "no_tag"}, fate{reason: "too_long"}
	from := func(name, text string) (fate, string, int) {
		device := kind + "-" + name
		return fate{device: device}, "<161>" + device + " : " + text, 1
	}
	if n%2 == 1 {
		unit := random.IntN(1e9)
		if n%32 == 1 { // As much memory as a label may take.
			return from("bomb", fmt.Sprintf("%%FTD-3-768002: QUOTA: %d%s quota exceeded: requested 1, current 15, limit 15", unit, strings.Repeat("x", 7000)))
		}
		if n%8 > 1 {
			return from("bomb", fmt.Sprintf("%%FTD-1-735002: Cooling Fan %d: Failure Detected", unit))
		}
		return from("bomb", fmt.Sprintf("%%FTD-1-735007: CPU %d: Temp: %d C, Critical", unit, unit))
	}
	n /= 2
	const kinds = 13
	round := n / kinds
	switch n % kinds {
	case 0:
		return noTag, "Interface inside, changed state to up", 1
	case 1: // Garbage.
		b := make([]byte, 1+random.IntN(200))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		b[0] = 'x'
		return noTag, string(b), 1
	case 2:
		return noTag, "<161>" + kind + "-cut : %FTD-1-7350", 1
	case 3:
		minimum := 1 // A length of 0 before a frame is invalid, and over a Unix socket Go does not wait for room for an empty datagram.
		if kind == "udp" {
			minimum = 0
		}
		return fate{reason: "empty"}, " \r\n\x00 "[:minimum+round%4], 1
	case 4:
		_, text, _ := from("long", "%FTD-6-302013: Built "+strings.Repeat("x", 9000))
		return tooLong, text, 1
	case 5: // The maximum length of a datagram.
		if round%4 > 0 {
			return noTag, "%FTD-9-302013: Built", 1
		}
		_, text, _ := from("long", "%FTD-6-302013: Built ")
		return tooLong, text + strings.Repeat("x", maxDatagram-len(text)), 1
	case 6: // The maximum length of a frame.
		f, text, _ := from("long", "%FTD-6-302013: Built ")
		return f, text + strings.Repeat("x", 8192-len(text)), 1
	case 7:
		return from("control", "%FTD-1-735002: Cooling Fan \x1b[2J\x00\n\xff\xfe\u2028\"\\{}: Failure Detected")
	case 8:
		return fate{device: sender}, "<161>\x1b[31m\xff\xfe : %FTD-1-735002: Cooling Fan 1: Failure Detected", 1
	case 9:
		return from("unmatched", "%FTD-1-735002: Cooling Fan 1 burns")
	case 10:
		device := kind + "-rfc5424"
		return fate{device: device}, "<165>1 2026-03-17T12:00:00.123456789+14:00 " + device + " app\x01 - - [x@1 y=\"\\\"]\"] %FTD-6-302013: Built", 1
	case 11:
		if kind == "udp" { // A lost datagram must be one missing message.
			return noTag, "message repeated 7 times: [ ", 1
		}
		f, text, _ = from("repeats", "%ASA-2-106006: message repeated 7 times: [ Deny inbound UDP]")
		return f, text, 7
	default:
		return from("control", "%FTD-4-733100: [ \x1b]0;"+strings.Repeat("\xc3\x28", 100)+"] drop rate-1 exceeded. Current burst rate is 99999999999999999999 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 1302")
	}
}

// badCounts sends frames with invalid lengths, and lines that are too long.
func (s *soak) badCounts(ctx context.Context, kind string) error {
	sender := loopback
	if kind == "proxy" {
		sender = proxyClient
	}
	conn, err := s.open(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	bad, tooLong := fate{reason: "bad_frame"}, fate{reason: "too_long"}
	return pace(ctx, 20, func(n int) error {
		switch n % 6 {
		case 0:
			return s.send(conn, kind, bad, "0 nothing\n")
		case 1:
			return s.send(conn, kind, bad, "0123 a leading zero\r\n")
		case 2:
			return s.send(conn, kind, bad, "1234567890 too many digits\x00")
		case 3: // The rest after the counted bytes is a line.
			if err := s.send(conn, kind, fate{reason: "no_tag"}, "9 <161>fw :"); err != nil {
				return err
			}
			return s.send(conn, kind, fate{device: sender}, " %FTD-6-302013: Built\n")
		case 4:
			return s.send(conn, kind, tooLong, strings.Repeat("x", 20_000)+"\n")
		default: // Lines of white space are not frames.
			_, err := io.WriteString(conn, "\n\r\n \t\r\n\x00\n")
			return err
		}
	})
}

// passBy opens short connections, which end in different ways.
func (s *soak) passBy(ctx context.Context, kind string) error {
	return pace(ctx, 10, func(n int) error {
		conn, err := s.open(kind)
		if err != nil {
			return err
		}
		defer conn.Close()
		text, device := s.lines[n%len(s.lines)].as(kind)
		half := text[:len(text)/2]
		switch n % 5 {
		case 0:
			return s.send(conn, kind, fate{device: device}, framed(n, text))
		case 1: // A last line without a newline is complete if the connection ends in order.
			return s.send(conn, kind, fate{device: device}, text)
		case 2: // A frame shorter than its length is not.
			return s.send(conn, kind, fate{reason: "bad_frame"}, "8000 "+text)
		case 3: // Half a message before a reset does not count.
			if _, err := io.WriteString(conn, half); err != nil {
				return err
			}
			if t, ok := conn.(*tls.Conn); ok {
				conn = t.NetConn()
			}
			// Closing resets the connection. Earlier data is still read.
			_ = conn.(*net.TCPConn).SetLinger(0)
			return conn.Close()
		default:
			return nil
		}
	})
}

// A crowd is a set of useless connections that stay open.
type crowd struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	opened int
	closed int // By the program.
	wait   sync.WaitGroup
}

func (c *crowd) add(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conns == nil {
		c.conns = map[net.Conn]bool{}
	}
	c.conns[conn] = true
	c.opened++
	c.wait.Go(func() {
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.conns[conn] {
			delete(c.conns, conn)
			c.closed++
		}
	})
}

// closedByProgram returns the number of connections that the program has closed.
func (c *crowd) closedByProgram() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// closeAll closes the connections that are still open.
func (c *crowd) closeAll() {
	c.mu.Lock()
	for conn := range c.conns {
		conn.Close()
	}
	clear(c.conns)
	c.mu.Unlock()
	c.wait.Wait()
}

// open opens connections that send a few bytes and stay until they are closed.
func (c *crowd) open(ctx context.Context, address string, perSecond int, text func(n int) string) error {
	return pace(ctx, perSecond, func(n int) error {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		// Close with a reset, so that an incomplete message stays incomplete.
		_ = conn.(*net.TCPConn).SetLinger(0)
		_, _ = io.WriteString(conn, text(n)) // The program may have closed it already.
		c.add(conn)
		return nil
	})
}

// crowdIn opens more connections than a listener may have, one of them from a
// firewall. That one has sent a valid message before the others open, so it is
// never closed to accept another.
func (s *soak) crowdIn(ctx context.Context) error {
	conn, err := s.open("crowd")
	if err != nil {
		return err
	}
	defer conn.Close()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r, err := s.tryRead()
		if err != nil {
			return err
		}
		if r.sum("ftd_exporter_syslog_frames_total", "listener", s.addresses["crowd"]) == s.ledgers["crowd"].frames {
			break
		}
		if time.Now().After(deadline) {
			return errors.New("the first message was not received within 30 s")
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.streamOver(ctx, conn, "crowd") })
	group.Go(func() error {
		return s.silent.open(ctx, strings.TrimPrefix(s.addresses["crowd"], "tcp://"), 100, func(n int) string {
			return "<161>crowd-half : %FTD-1-735002: Cooling Fan"[:n%2*20]
		})
	})
	return group.Wait()
}

// neverShake opens connections whose TLS handshake is invalid or incomplete.
func (s *soak) neverShake(ctx context.Context) error {
	return s.handshakes.open(ctx, strings.TrimPrefix(s.addresses["tls"], "tls://"), 5, func(n int) string {
		return [...]string{"\x16", "\x16\x03\x01\x02\x00\x01", "<161>fw1 : %FTD-6-302013: Built\n", "\x80\x2e\x01\x00\x02"}[n%4]
	})
}

// badHeaders opens connections whose PROXY header is invalid or incomplete.
func (s *soak) badHeaders(ctx context.Context) error {
	return s.headers.open(ctx, strings.TrimPrefix(s.addresses["proxy"], "tcp://"), 5, func(n int) string {
		return [...]string{"P", "PROXY TCP4 203.0.113.7 192", "\r\n\r\n\x00\r\nQUIT\n", "<161>fw1 : %FTD-6-302013: Built\n", "PROXY TCP4 nobody nowhere 1 2\r\n"}[n%5]
	})
}
