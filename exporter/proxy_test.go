package exporter

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// proxyV2 returns a header of version 2, written by hand.
func proxyV2(command, family byte, addresses ...byte) string {
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x20|command, family)
	b = binary.BigEndian.AppendUint16(b, uint16(len(addresses)))
	return string(append(b, addresses...))
}

// v4 has the addresses and ports of a client behind a proxy.
func v4() []byte { return []byte{203, 0, 113, 7, 192, 0, 2, 10, 0x30, 0x39, 0x15, 0x8a} }

// proxied is a listener that trusts the proxies of a network.
func (f *fixture) proxied(scheme, network, more string) (l Listener, stop func()) {
	f.t.Helper()
	f.configure(fmt.Sprintf("listeners: [{address: '%s://127.0.0.1:0', proxy_protocol: [%s]}]\n%s", scheme, network, more))
	return f.listen(scheme + "://127.0.0.1:0")
}

func (f *fixture) proxyFailures(l Listener) float64 {
	return testutil.ToFloat64(f.metrics.proxyFailures.WithLabelValues(l.Name()))
}

// oneByOne writes octet by octet.
func oneByOne(w io.Writer, text string) {
	for i := range len(text) {
		io.WriteString(w, text[i:i+1])
	}
}

// The header of a trusted proxy says where the messages are from, whichever way
// it arrives. What is no header ends the connection and is counted.
func TestProxyHeaders(t *testing.T) {
	v6 := append(bytes.Repeat([]byte{0x20, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 2), 0x30, 0x39, 0x15, 0x8a)
	mapped := append(bytes.Repeat([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 7}, 2), 0x30, 0x39, 0x15, 0x8a)
	tlv := func(n int) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0xea}, uint16(n))
		return append(b, make([]byte, n)...)
	}
	byLibrary := func(version byte) string {
		h := proxyproto.HeaderProxyFromAddrs(version, &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 1}, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 10), Port: 2})
		b, err := h.Format()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tc := range []struct{ name, header, device string }{ // Without a device it fails.
		{"v1", "PROXY TCP4 203.0.113.7 192.0.2.10 12345 5514\r\n", "203.0.113.7"},
		{"v1, IPv6", "PROXY TCP6 2001:db8::7 2001:db8::a 12345 5514\r\n", "2001:db8::7"},
		{"v1, IPv4 as IPv6", "PROXY TCP6 ::ffff:203.0.113.7 ::ffff:192.0.2.10 12345 5514\r\n", "203.0.113.7"},
		{"v1, unknown", "PROXY UNKNOWN\r\n", "127.0.0.1"},
		{"v1, unknown with addresses", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "127.0.0.1"},
		{"v1 of the library", byLibrary(1), "203.0.113.7"},
		{"v2 of the library", byLibrary(2), "203.0.113.7"},
		{"v2", proxyV2(1, 0x11, v4()...), "203.0.113.7"},
		{"v2, IPv6", proxyV2(1, 0x21, v6...), "2001:db8::7"},
		{"v2, IPv4 as IPv6", proxyV2(1, 0x21, mapped...), "203.0.113.7"},
		{"v2, a datagram's client", proxyV2(1, 0x12, v4()...), "203.0.113.7"},
		{"v2, a Unix socket's client", proxyV2(1, 0x31, make([]byte, 216)...), "127.0.0.1"},
		{"v2, local", proxyV2(0, 0), "127.0.0.1"},
		{"v2, local with addresses", proxyV2(0, 0x11, v4()...), "127.0.0.1"},
		{"v2 with 2 KiB of TLVs", proxyV2(1, 0x11, append(v4(), tlv(2048)...)...), "203.0.113.7"},
		{"v2 with TLVs that are none", proxyV2(1, 0x11, append(v4(), 1, 2, 3)...), "203.0.113.7"},

		{"none", "", ""},
		{"a message first", failedFan, ""},
		{"v1, cut short", "PROXY TCP4 203.0.113.7\r\n", ""},
		{"v1, no CR", "PROXY TCP4 203.0.113.7 192.0.2.10 12345 5514\n", ""},
		{"v1, no address", "PROXY TCP4 fw1 192.0.2.10 12345 5514\r\n", ""},
		{"v1, no port", "PROXY TCP4 203.0.113.7 192.0.2.10 -1 5514\r\n", ""},
		{"v1, another family", "PROXY UDP4 203.0.113.7 192.0.2.10 12345 5514\r\n", ""},
		{"v1, endless", "PROXY TCP4 " + strings.Repeat("1", 200), ""},
		{"v1, in lower case", "proxy TCP4 203.0.113.7 192.0.2.10 12345 5514\r\n", ""},
		{"v2, unknown family", proxyV2(1, 0x00), ""},
		{"v2, a family that does not exist", proxyV2(1, 0x41, v4()...), ""},
		{"v2, too short for its addresses", proxyV2(1, 0x11, v4()[:8]...), ""},
		{"v2, another command", proxyV2(2, 0x11, v4()...), ""},
		{"v2 with 60 KiB of TLVs", proxyV2(1, 0x11, append(v4(), tlv(60<<10)...)...), ""},
		{"v3", strings.Replace(proxyV2(1, 0x11, v4()...), "\x21\x11", "\x31\x11", 1), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			l, _ := f.proxied("tcp", "127.0.0.1", "")
			conn := f.dial(l)
			io.WriteString(conn, tc.header+failedFan)
			if tc.device == "" {
				eventually(t, "failure", func() bool { return f.proxyFailures(l) == 1 })
				if n := f.frames(l.Name()); n != 0 {
					t.Errorf("%g frames", n)
				}
			} else {
				eventually(t, "message", func() bool { return f.state.Stats().Devices == 1 })
				if want := fmt.Sprintf(`device=%q`, tc.device); !strings.Contains(f.devices(), want) {
					t.Errorf("no %s in\n%s", want, f.devices())
				}
				io.WriteString(conn, failedFan)
				eventually(t, "next message", func() bool { return f.frames(l.Name()) == 2 })
			}

			// A pipe brings each octet alone.
			server, peer := l.(*tcpListener).pipe()
			go func() {
				oneByOne(peer, tc.header+"x")
				peer.Close()
			}()
			client, err := server.readProxyHeader(netip.MustParseAddr("127.0.0.1"))
			if (err == nil) != (tc.device != "") || err == nil && client.String() != tc.device {
				t.Errorf("octet by octet: %s, %v", client, err)
			}
			if rest, _ := io.ReadAll(server); err == nil && string(rest) != "x" {
				t.Errorf("octet by octet: then %q", rest)
			}
			server.Close()
		})
	}
}

// From anybody else a header is what it is: no message. It moves nobody into
// another's place.
func TestProxyHeadersOfOthers(t *testing.T) {
	for name, header := range map[string]string{
		"v1": "PROXY TCP4 203.0.113.7 192.0.2.10 12345 5514\r\n",
		"v2": proxyV2(1, 0x11, v4()...) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			l, _ := f.proxied("tcp", "198.51.100.0/24", "")
			io.WriteString(f.dial(l), header+failedFan)
			eventually(t, "message", func() bool { return f.state.Stats().Devices == 1 })
			if !strings.Contains(f.devices(), `device="127.0.0.1"`) || strings.Contains(f.devices(), "203.0.113.7") {
				t.Errorf("devices:\n%s", f.devices())
			}
			if n := f.rejected(l.Name(), "no_tag"); n < 1 {
				t.Errorf("%g frames without a tag", n)
			}
			if n := f.proxyFailures(l); n != 0 {
				t.Errorf("%g failures", n)
			}
		})
	}
	t.Run("behind a proxy", func(t *testing.T) { // The second header is the client's own.
		f := newFixture(t)
		l, _ := f.proxied("tcp", "127.0.0.1", "")
		io.WriteString(f.dial(l), "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\nPROXY TCP4 203.0.113.8 192.0.2.10 1 2\r\n"+failedFan)
		eventually(t, "message", func() bool { return f.state.Stats().Devices == 1 })
		if !strings.Contains(f.devices(), `device="203.0.113.7"`) {
			t.Errorf("devices:\n%s", f.devices())
		}
	})
}

// Who may send, who is who and whom to believe depend on the client, not on the
// proxy.
func TestProxyClientsAreCheckedLikeOthers(t *testing.T) {
	const proxied = "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\n"
	f := newFixture(t)
	f.configure(`
listeners:
  - {address: 'tcp://127.0.0.1:0', proxy_protocol: [127.0.0.0/8], allow: [203.0.113.7]}
devices: [{name: edge, addresses: [203.0.113.7]}]
identity: {strict: true}
`)
	l, _ := f.listen("tcp://127.0.0.1:0")
	io.WriteString(f.dial(l), proxied+failedFan)
	eventually(t, "a client that may send", func() bool { return strings.Contains(f.devices(), `ftd_component_ok{component="fan",device="edge"`) })
	io.WriteString(f.dial(l), strings.Replace(proxied, "203.0.113.7", "203.0.113.8", 1)+failedFan)
	eventually(t, "a client that may not", func() bool { return f.rejected(l.Name(), "not_allowed") == 1 })
	io.WriteString(f.dial(l), "PROXY UNKNOWN\r\n"+failedFan)
	eventually(t, "the proxy itself, which may not either", func() bool { return f.rejected(l.Name(), "not_allowed") == 2 })
}

// The header comes before the handshake.
func TestProxyBeforeTLS(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	l, _ := f.proxied("tls", "127.0.0.1", fmt.Sprintf("tls: {cert_file: %s, key_file: %s}\n", p.settings.CertFile, p.settings.KeyFile))
	raw := f.dial(l)
	oneByOne(raw, "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\n")
	conn := tls.Client(raw, p.client())
	if _, err := io.WriteString(conn, failedFan); err != nil {
		t.Fatal(err)
	}
	eventually(t, "message", func() bool { return strings.Contains(f.devices(), `device="203.0.113.7"`) })

	// Header and hello in one packet.
	raw = f.dial(l)
	conn = tls.Client(&prefixed{Conn: raw, prefix: "PROXY TCP4 203.0.113.8 192.0.2.10 1 2\r\n"}, p.client())
	if _, err := io.WriteString(conn, failedFan); err != nil {
		t.Fatal(err)
	}
	eventually(t, "message", func() bool { return strings.Contains(f.devices(), `device="203.0.113.8"`) })

	// Without it there is no handshake to fail.
	if _, err := f.dialTLS(l, p.client()); err == nil {
		t.Error("a handshake without a header")
	}
	eventually(t, "failure", func() bool { return f.proxyFailures(l) == 1 })
	if n := f.handshakeFailures(l); n != 0 {
		t.Errorf("%g failures of TLS", n)
	}
}

// A prefixed connection puts something before what is written first.
type prefixed struct {
	net.Conn
	prefix string
}

func (c *prefixed) Write(b []byte) (int, error) {
	_, err := c.Conn.Write(append([]byte(c.prefix), b...))
	c.prefix = ""
	return len(b), err
}

func TestProxyHeaderTime(t *testing.T) {
	for name, first := range map[string]string{"silence": "", "half": "PROXY TCP4 203", "half of version 2": proxyV2(1, 0x11, v4()...)[:20]} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			l, _ := f.proxied("tcp", "192.0.2.0/24", "")
			synctest.Test(t, func(t *testing.T) {
				conn, peer := l.(*tcpListener).pipe()
				go io.WriteString(peer, first)
				begin := time.Now()
				_, err := conn.readProxyHeader(peerAddr)
				if took := time.Since(begin); took != proxyHeaderTime || err == nil || !strings.Contains(err.Error(), "none within 5s") {
					t.Errorf("given up after %s: %v", took, err)
				}
				peer.Close()
				conn.Close()
			})
		})
	}
}

// A proxy that looks whether the port is open is no failure, and a stop does
// not wait for headers.
func TestProxyHeadersThatNeverCome(t *testing.T) {
	f := newFixture(t)
	var log syncBuffer
	f.configure("listeners: [{address: 'tcp://127.0.0.1:0', proxy_protocol: [127.0.0.1]}]\n")
	l, stop := f.listenWith("tcp://127.0.0.1:0", slog.New(slog.NewTextHandler(&log, nil)))
	f.dial(l).Close()
	f.dial(l)
	io.WriteString(f.dial(l), "PROXY")
	io.WriteString(f.dial(l), "PROXY UNKNOWN\r\n"+failedFan)
	eventually(t, "a message", func() bool { return f.frames(l.Name()) == 1 })
	eventually(t, "three connections", func() bool { return testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections) == 3 })
	if n := f.proxyFailures(l); n != 0 {
		t.Errorf("%g failures", n)
	}
	for i := range 3 {
		io.WriteString(f.dial(l), failedFan)
		eventually(t, "failure", func() bool { return f.proxyFailures(l) == float64(i+1) })
	}
	begin := time.Now()
	stop()
	if took := time.Since(begin); took > proxyHeaderTime/2 {
		t.Errorf("stopping took %s", took)
	}
	if n := strings.Count(log.String(), "let the proxy send it"); n != 1 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}

// A onceConn is a connection that brings a text and ends.
type onceConn struct {
	net.Conn
	io.Reader
}

func (c onceConn) Read(b []byte) (int, error)  { return c.Reader.Read(b) }
func (c onceConn) SetDeadline(time.Time) error { return nil }

// FuzzProxyHeader checks that no header does harm: what is read after a good one
// is what was sent after it, and it does not depend on the pieces that it came
// in.
func FuzzProxyHeader(f *testing.F) {
	for _, header := range []string{
		"PROXY TCP4 203.0.113.7 192.0.2.10 12345 5514\r\n", "PROXY UNKNOWN\r\n", "PROXY", "\r\n",
		proxyV2(1, 0x11, v4()...), proxyV2(0, 0), proxyV2(1, 0x11, append(v4(), 1, 0, 1, 0)...), proxyV2(1, 0x31, make([]byte, 216)...),
	} {
		f.Add([]byte(header + failedFan))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		proxy := netip.MustParseAddr("192.0.2.250")
		read := func(r io.Reader) (netip.Addr, string, error) {
			c := &tcpConn{Conn: onceConn{nil, r}, listener: &tcpListener{}}
			client, err := c.readProxyHeader(proxy)
			rest, _ := io.ReadAll(c)
			return client, string(rest), err
		}
		client, rest, err := read(bytes.NewReader(sent))
		if err == nil && !strings.HasSuffix(string(sent), rest) || !client.IsValid() {
			t.Errorf("client %s, then %q", client, rest)
		}
		client2, rest2, err2 := read(iotest.OneByteReader(bytes.NewReader(sent)))
		if (err == nil) != (err2 == nil) || err == nil && (client != client2 || rest != rest2) {
			t.Errorf("%s, %q, %v; octet by octet %s, %q, %v", client, rest, err, client2, rest2, err2)
		}
	})
}
