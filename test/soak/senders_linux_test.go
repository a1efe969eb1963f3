package soak

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Senders of the soak test, besides the devices of each listener.
const (
	loopback    = "127.0.0.1" // The source of connections.
	udpSender   = "127.0.0.2"
	udpGuest    = "127.0.0.3"    // Allowed by one configuration only.
	proxyClient = "203.0.113.7"  // The client in PROXY headers.
	proxyGuest  = "198.51.100.7" // Allowed by one configuration only.
	unnamed     = "unknown"      // Messages without a device name over a Unix socket.
	talker      = "tcp-talker"   // Its messages are ignored by one configuration.
	victim      = "victim"       // Sends when the program is killed.
	forgotten   = "tcp-forgotten"
	spoofed     = "spoofed-" // A number follows.

	// spoofedInTable is the number of spoofed devices that the table accepts.
	spoofedInTable = 30
	maxDatagram    = 65_507
)

// senders returns everything that runs concurrently in a phase.
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
		"trouble":        s.trouble,
	}
	for _, kind := range []string{"tcp", "tls", "proxy"} {
		all[kind+" stream"] = func(ctx context.Context) error { return s.stream(ctx, kind) }
		all[kind+" oddities"] = func(ctx context.Context) error { return s.odd(ctx, kind) }
		all[kind+" bytes"] = func(ctx context.Context) error { return s.byteByByte(ctx, kind) }
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

// dial opens a connection to a listener. On a connection to the listener proxy,
// it also sends the PROXY header.
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

// open opens a connection to a stream listener, and sends a valid message.
func (s *soak) open(kind string) (net.Conn, error) {
	conn, err := s.dial(kind)
	if err != nil {
		return nil, err
	}
	return conn, s.send(conn, kind, fate{device: kind + "-proof"}, "<166>"+kind+"-proof : %FTD-6-302013: Built\n")
}

// send sends one message, given as a frame.
func (s *soak) send(conn net.Conn, kind string, f fate, frame string) error {
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

// datagrams sends the sample messages.
func (s *soak) datagrams(ctx context.Context, kind string, perSecond int) error {
	conn, err := s.dial(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, perSecond, func(n int) error {
		text, device := s.lines[n%len(s.lines)].as(kind)
		return s.send(conn, kind, fate{device: device}, text)
	})
}

// stream sends the sample messages over one connection, some messages at a time,
// in changing frames that do not begin or end with a packet.
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

// byteByByte sends messages one byte at a time.
func (s *soak) byteByByte(ctx context.Context, kind string) error {
	conn, err := s.open(kind)
	if err != nil {
		return err
	}
	defer conn.Close()
	var rest string
	message, f := 0, fate{}
	next := func(int) error {
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
	if err := pace(ctx, 500, next); err != nil {
		return err
	}
	for rest != "" {
		if err := next(0); err != nil {
			return err
		}
	}
	return nil
}

func (s *soak) udpGuest(ctx context.Context) error {
	conn, err := s.dialFrom(udpGuest)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(int) error {
		return s.send(conn, "udp", fate{device: "udp-guest", or: orNotAllowed}, "<161>udp-guest : %FTD-6-302013: Built")
	})
}

func (s *soak) proxyGuest(ctx context.Context) error {
	conn, err := s.proxied(proxyGuest)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(n int) error {
		return s.send(conn, "proxy", fate{device: "proxy-guest", or: orNotAllowed}, framed(n, "<161>proxy-guest : %FTD-6-302013: Built"))
	})
}

// spoof sends with the names of more devices than the table accepts.
func (s *soak) spoof(ctx context.Context) error {
	conn, err := s.dialFrom(udpSender)
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 200, func(n int) error {
		return s.send(conn, "udp", fate{device: spoofed, or: orRefused}, fmt.Sprintf("<161>%s%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", spoofed, n*7919%10_000))
	})
}

// talkative sends messages that one of the configurations ignores.
func (s *soak) talkative(ctx context.Context) error {
	conn, err := s.open("tcp")
	if err != nil {
		return err
	}
	defer conn.Close()
	return pace(ctx, 50, func(n int) error {
		return s.send(conn, "tcp", fate{device: talker, or: orIgnored}, framed(n, "<161>"+talker+" : %FTD-6-302020: Built"))
	})
}
