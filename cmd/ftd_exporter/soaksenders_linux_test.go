package main

import (
	"bytes"
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

// Who sends in the soak test, apart from the devices that each listener has.
const (
	loopback    = "127.0.0.1" // Where connections come from.
	udpSender   = "127.0.0.2"
	udpGuest    = "127.0.0.3"    // May send only sometimes.
	proxyClient = "203.0.113.7"  // For whom the proxy speaks.
	proxyGuest  = "198.51.100.7" // May send only sometimes.
	unnamed     = "unknown"      // A message over a Unix socket that names nobody.
	talker      = "tcp-talker"   // What it says is ignored sometimes.
	victim      = "victim"       // Sends when the program is killed.
	spoofed     = "spoofed-"     // A number follows.

	// spoofedInTable is how many of those the table has room for.
	spoofedInTable = 30
	maxDatagram    = 65_507
)

// senders returns all that happens in a phase at the same time.
func (s *soak) senders() map[string]func(context.Context) error {
	all := map[string]func(context.Context) error{
		"udp datagrams":  func(ctx context.Context) error { return s.datagrams(ctx, "udp", 800) },
		"unix datagrams": func(ctx context.Context) error { return s.datagrams(ctx, "unix", 300) },
		"udp oddities":   func(ctx context.Context) error { return s.odd(ctx, "udp") },
		"unix oddities":  func(ctx context.Context) error { return s.odd(ctx, "unix") },
		"udp guest":      s.udpGuest,
		"proxy guest":    s.proxyGuest,
		"spoofer":        s.spoof,
		"talker":         s.talkative,
		"crowd":          s.crowdIn,
		"handshakes":     s.neverShake,
		"headers":        s.badHeaders,
		"visitors":       s.linger,
		"scrapes":        s.scrape,
		"browser":        s.browse,
		"reloads":        s.reload,
	}
	for _, kind := range []string{"tcp", "tls", "proxy"} {
		all[kind+" stream"] = func(ctx context.Context) error { return s.stream(ctx, kind) }
		all[kind+" oddities"] = func(ctx context.Context) error { return s.odd(ctx, kind) }
		all[kind+" octets"] = func(ctx context.Context) error { return s.octets(ctx, kind) }
		all[kind+" counts"] = func(ctx context.Context) error { return s.badCounts(ctx, kind) }
		all[kind+" passers-by"] = func(ctx context.Context) error { return s.passBy(ctx, kind) }
	}
	return all
}

// pace calls do so many times a second until ctx is done or do fails.
func pace(ctx context.Context, perSecond int, do func(n int) error) error {
	const tick = 20 * time.Millisecond
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	due := 1.0
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for due += float64(perSecond) * tick.Seconds(); due >= 1; due-- {
			if err := do(n); err != nil {
				return err
			}
			n++
		}
	}
}

// dial opens a connection to a listener. That to a proxy has its header behind
// it.
func (s *soak) dial(kind string) (net.Conn, error) {
	network, address, _ := strings.Cut(s.addresses[kind], "://")
	switch kind {
	case "tls":
		return tls.Dial("tcp", address, s.tls)
	case "proxy":
		return s.proxied(proxyClient)
	}
	return net.Dial(network, address)
}

func (s *soak) proxied(client string) (net.Conn, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.addresses["proxy"], "tcp://"))
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conn, "PROXY TCP4 %s 192.0.2.1 12345 514\r\n", client)
	return conn, err
}

func (s *soak) dialFrom(ip string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(ip)}}
	return d.Dial("udp", strings.TrimPrefix(s.addresses["udp"], "udp://"))
}

// open opens a connection to a stream listener, and says something good first.
func (s *soak) open(kind string) (net.Conn, error) {
	conn, err := s.dial(kind)
	if err != nil {
		return nil, err
	}
	return conn, s.say(conn, kind, fate{device: kind + "-proof"}, "<166>"+kind+"-proof : %FTD-6-302013: Built\n")
}

// say sends what is one message, with its frame.
func (s *soak) say(conn net.Conn, kind string, f fate, frame string) error {
	if _, err := io.WriteString(conn, frame); err != nil {
		return err
	}
	s.ledgers[kind].add(f, 1)
	return nil
}

// counted returns a frame of a stream.
func counted(text string) string { return fmt.Sprintf("%d %s", len(text), text) }

// framed returns a frame of a stream, delimited in one of four ways.
func framed(n int, text string) string {
	switch n % 4 {
	case 0:
		return text + "\n"
	case 1:
		return text + "\r\n"
	case 2:
		return text + "\x00"
	}
	return counted(text)
}

// datagrams sends what firewalls say.
func (s *soak) datagrams(ctx context.Context, kind string, perSecond int) error {
	conn, err := s.dial(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, perSecond, func(n int) error {
		text, device := s.lines[n%len(s.lines)].as(kind)
		return s.say(conn, kind, fate{device: device}, text)
	})
}

// stream sends what firewalls say over one connection, some messages at a time,
// in changing frames that no packet begins or ends with.
func (s *soak) stream(ctx context.Context, kind string) error {
	conn, err := s.open(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	return s.streamOver(ctx, conn, kind)
}

func (s *soak) streamOver(ctx context.Context, conn net.Conn, kind string) error {
	const together = 5
	return pace(ctx, 60, func(n int) error {
		var b bytes.Buffer
		var fates [together]fate
		for i := range together {
			text, device := s.lines[(n*together+i)%len(s.lines)].as(kind)
			b.WriteString(framed(n+i, text))
			fates[i] = fate{device: device}
		}
		cut := n * 31 % b.Len()
		for _, part := range [][]byte{b.Bytes()[:cut], b.Bytes()[cut:]} {
			if _, err := conn.Write(part); err != nil {
				return err
			}
		}
		for _, f := range fates {
			s.ledgers[kind].add(f, 1)
		}
		return nil
	})
}

// octets sends messages octet by octet.
func (s *soak) octets(ctx context.Context, kind string) error {
	conn, err := s.open(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	var rest string
	message, f := 0, fate{}
	octet := func(int) error {
		if rest == "" {
			text, device := s.lines[message%len(s.lines)].as(kind)
			rest, f = framed(message, text), fate{device: device}
			message++
		}
		if _, err := io.WriteString(conn, rest[:1]); err != nil {
			return err
		}
		if rest = rest[1:]; rest == "" {
			s.ledgers[kind].add(f, 1)
		}
		return nil
	}
	if err := pace(ctx, 500, octet); err != nil {
		return err
	}
	for rest != "" {
		if err := octet(0); err != nil {
			return err
		}
	}
	return nil
}

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

func (s *soak) udpGuest(ctx context.Context) error {
	conn, err := s.dialFrom(udpGuest)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(int) error {
		return s.say(conn, "udp", fate{device: "udp-guest", or: orNotAllowed}, "<161>udp-guest : %FTD-6-302013: Built")
	})
}

func (s *soak) proxyGuest(ctx context.Context) error {
	conn, err := s.proxied(proxyGuest)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(n int) error {
		return s.say(conn, "proxy", fate{device: "proxy-guest", or: orNotAllowed}, framed(n, "<161>proxy-guest : %FTD-6-302013: Built"))
	})
}

// spoof sends in the names of more devices than there can be.
func (s *soak) spoof(ctx context.Context) error {
	conn, err := s.dialFrom(udpSender)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 200, func(n int) error {
		return s.say(conn, "udp", fate{device: spoofed, or: orRefused}, fmt.Sprintf("<161>%s%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", spoofed, n*7919%10_000))
	})
}

// talkative says what one of the configurations ignores.
func (s *soak) talkative(ctx context.Context) error {
	conn, err := s.open("tcp")
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(n int) error {
		return s.say(conn, "tcp", fate{device: talker, or: orIgnored}, framed(n, "<161>"+talker+" : %FTD-6-302020: Built"))
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

// linger opens connections to the web server that do not say what they want, or
// do not want to hear it.
func (s *soak) linger(ctx context.Context) error {
	return s.visitors.come(ctx, s.web, 1, func(n int) string {
		return [...]string{"", "GET /metrics HTTP/1.1\r\nHost: x\r\nX-", "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: " + strings.Repeat("text/plain;q=0.1,", 400) + "\r\n\r\n"}[n%3]
	})
}
