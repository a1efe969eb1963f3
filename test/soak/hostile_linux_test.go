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

// odd sends messages of strange, wrong and hostile content.
func (s *soak) odd(ctx context.Context, kind string) error {
	// What names nobody belongs to whoever has sent it.
	nobody := map[string]string{"udp": udpSender, "unix": unnamed, "tcp": loopback, "tls": loopback, "proxy": proxyClient}[kind]
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
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)) // In each phase another bomb.
	return pace(ctx, 100, func(n int) error {
		f, text, messages := s.oddity(kind, nobody, n, random)
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

// oddity returns a strange message, and for how many messages it stands.
func (s *soak) oddity(kind, nobody string, n int, random *rand.Rand) (f fate, text string, messages int) {
	noTag, tooLong := fate{reason: "no_tag"}, fate{reason: "too_long"}
	from := func(name, text string) (fate, string, int) {
		device := kind + "-" + name
		return fate{device: device}, "<161>" + device + " : " + text, 1
	}
	if n%2 == 1 {
		unit := random.IntN(1e9)
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
		least := 1 // A count of 0 is wrong, and over a Unix socket Go does not wait until there is room for nothing.
		if kind == "udp" {
			least = 0
		}
		return fate{reason: "empty"}, " \r\n\x00 "[:least+round%4], 1
	case 4:
		_, text, _ := from("long", "%FTD-6-302013: Built "+strings.Repeat("x", 9000))
		return tooLong, text, 1
	case 5: // The longest that a datagram can be.
		if round%4 > 0 {
			return noTag, "%FTD-9-302013: Built", 1
		}
		_, text, _ := from("long", "%FTD-6-302013: Built ")
		return tooLong, text + strings.Repeat("x", maxDatagram-len(text)), 1
	case 6: // The longest that is read.
		f, text, _ := from("long", "%FTD-6-302013: Built ")
		return f, text + strings.Repeat("x", 8192-len(text)), 1
	case 7:
		return from("control", "%FTD-1-735002: Cooling Fan \x1b[2J\x00\n\xff\xfe\u2028\"\\{}: Failure Detected")
	case 8:
		return fate{device: nobody}, "<161>\x1b[31m\xff\xfe : %FTD-1-735002: Cooling Fan 1: Failure Detected", 1
	case 9:
		return from("unmatched", "%FTD-1-735002: Cooling Fan 1 burns")
	case 10:
		device := kind + "-rfc5424"
		return fate{device: device}, "<165>1 2026-03-17T12:00:00.123456789+14:00 " + device + " app\x01 - - [x@1 y=\"\\\"]\"] %FTD-6-302013: Built", 1
	case 11:
		if kind == "udp" { // One that is lost must be one that is missing.
			return noTag, "message repeated 7 times: [ ", 1
		}
		f, text, _ = from("repeats", "%ASA-2-106006: message repeated 7 times: [ Deny inbound UDP]")
		return f, text, 7
	default:
		return from("control", "%FTD-4-733100: [ \x1b]0;"+strings.Repeat("\xc3\x28", 100)+"] drop rate-1 exceeded. Current burst rate is 99999999999999999999 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 1302")
	}
}

// badCounts sends frames whose octet counts are wrong, and lines that are too
// long.
func (s *soak) badCounts(ctx context.Context, kind string) error {
	nobody := loopback
	if kind == "proxy" {
		nobody = proxyClient
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
			return s.say(conn, kind, bad, "0 nothing\n")
		case 1:
			return s.say(conn, kind, bad, "0123 a leading zero\r\n")
		case 2:
			return s.say(conn, kind, bad, "1234567890 too many digits\x00")
		case 3: // What the count leaves over is a line.
			if err := s.say(conn, kind, fate{reason: "no_tag"}, "9 <161>fw :"); err != nil {
				return err
			}
			return s.say(conn, kind, fate{device: nobody}, " %FTD-6-302013: Built\n")
		case 4:
			return s.say(conn, kind, tooLong, strings.Repeat("x", 20_000)+"\n")
		default: // Blank lines are no frames.
			_, err := io.WriteString(conn, "\n\r\n \t\r\n\x00\n")
			return err
		}
	})
}

// passBy opens connections that end soon, in every way that a connection can
// end.
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
			return s.say(conn, kind, fate{device: device}, framed(n, text))
		case 1: // A last line without an end is whole if the connection ends in order,
			return s.say(conn, kind, fate{device: device}, text)
		case 2: // but not one that is shorter than it said.
			return s.say(conn, kind, fate{reason: "bad_frame"}, "8000 "+text)
		case 3: // Half a message of a sender that disappears is none.
			if _, err := io.WriteString(conn, half); err != nil {
				return err
			}
			if t, ok := conn.(*tls.Conn); ok {
				conn = t.NetConn()
			}
			// Closing resets it. What has arrived before is read all the same.
			_ = conn.(*net.TCPConn).SetLinger(0)
			return conn.Close()
		default:
			return nil
		}
	})
}

// A crowd is connections that are of no use and stay.
type crowd struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
	came  int
	ended int // By the program.
	wait  sync.WaitGroup
}

func (c *crowd) add(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conns == nil {
		c.conns = map[net.Conn]bool{}
	}
	c.conns[conn] = true
	c.came++
	c.wait.Go(func() {
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.conns[conn] {
			delete(c.conns, conn)
			c.ended++
		}
	})
}

// cut returns how many connections the program has closed.
func (c *crowd) cut() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// leave closes those connections that are still there.
func (c *crowd) leave() {
	c.mu.Lock()
	for conn := range c.conns {
		conn.Close()
	}
	clear(c.conns)
	c.mu.Unlock()
	c.wait.Wait()
}

// come opens connections that say a little and stay until they are closed.
func (c *crowd) come(ctx context.Context, address string, perSecond int, says func(n int) string) error {
	return pace(ctx, perSecond, func(n int) error {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		// A reset, so that half a message stays half a message.
		_ = conn.(*net.TCPConn).SetLinger(0)
		_, _ = io.WriteString(conn, says(n)) // It may be closed already, to make room.
		c.add(conn)
		return nil
	})
}

// crowdIn opens more connections than a listener may have, of which but one is
// that of a firewall. It is known for one before the others come, so it is never
// the one that makes room.
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
			return errors.New("the first message is not there within 30 s")
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.streamOver(ctx, conn, "crowd") })
	group.Go(func() error {
		return s.silent.come(ctx, strings.TrimPrefix(s.addresses["crowd"], "tcp://"), 100, func(n int) string {
			return "<161>crowd-half : %FTD-1-735002: Cooling Fan"[:n%2*20]
		})
	})
	return group.Wait()
}

// neverShake opens connections whose TLS handshake is not, or never, done.
func (s *soak) neverShake(ctx context.Context) error {
	return s.handshakes.come(ctx, strings.TrimPrefix(s.addresses["tls"], "tls://"), 5, func(n int) string {
		return [...]string{"\x16", "\x16\x03\x01\x02\x00\x01", "<161>fw1 : %FTD-6-302013: Built\n", "\x80\x2e\x01\x00\x02"}[n%4]
	})
}

// badHeaders opens connections whose PROXY header is bad or never whole.
func (s *soak) badHeaders(ctx context.Context) error {
	return s.talk.come(ctx, strings.TrimPrefix(s.addresses["proxy"], "tcp://"), 5, func(n int) string {
		return [...]string{"P", "PROXY TCP4 203.0.113.7 192", "\r\n\r\n\x00\r\nQUIT\n", "<161>fw1 : %FTD-6-302013: Built\n", "PROXY TCP4 nobody nowhere 1 2\r\n"}[n%5]
	})
}
