package listener

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// proxyV2 returns a header of version 2, written by hand.
func proxyV2(command, family byte, addresses ...byte) string {
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x20|command, family)
	b = binary.BigEndian.AppendUint16(b, uint16(len(addresses)))
	return string(append(b, addresses...))
}

// v4 has the addresses and ports of a client behind a proxy.
func v4() []byte { return []byte{203, 0, 113, 7, 192, 0, 2, 10, 0x30, 0x39, 0x15, 0x8a} }

const proxiedAddress = "tcp://127.0.0.1:0"

// proxied receives on a listener that trusts the proxies of a network.
func (f *fixture) proxied(network string) {
	f.t.Helper()
	f.apply(Config{Address: proxiedAddress, ProxyProtocol: []netip.Prefix{netip.MustParsePrefix(network)}})
}

func (f *fixture) proxyFailures(address string) float64 {
	f.t.Helper()
	n, _ := f.metric("ftd_exporter_proxy_header_failures_total", address)
	return n
}

// oneByOne writes byte by byte.
func oneByOne(w io.Writer, text string) {
	for i := range len(text) {
		io.WriteString(w, text[i:i+1])
	}
}

// The header of a trusted proxy states where the messages are from, whichever way
// it arrives. What is not a header ends the connection and is counted.
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
	for _, tc := range []struct{ name, header, client string }{ // Without a client it fails.
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
		{"a message first", fanFailedLine, ""},
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
			f.proxied("127.0.0.1/32")
			for i, send := range []func(io.Writer, string){
				func(w io.Writer, text string) { _, _ = io.WriteString(w, text) }, oneByOne,
			} {
				conn := f.dial(proxiedAddress)
				send(conn, tc.header+fanFailedLine)
				if tc.client == "" {
					f.counts("ftd_exporter_proxy_header_failures_total", proxiedAddress, float64(i+1))
					if n := f.count(proxiedAddress); n != 0 {
						t.Errorf("%d frames", n)
					}
					continue
				}
				send(conn, fanFailedLine)
				f.eventually(proxiedAddress, 2*(i+1))
				if last := f.last(proxiedAddress); last.from.String() != tc.client || last.text != fanFailed {
					t.Errorf("%+v, want from %s", last, tc.client)
				}
			}
		})
	}
}

// From any other sender a header is not a message, and gives nobody another
// address.
func TestProxyHeadersOfOthers(t *testing.T) {
	for name, header := range map[string]string{
		"v1": "PROXY TCP4 203.0.113.7 192.0.2.10 12345 5514\r\n",
		"v2": proxyV2(1, 0x11, v4()...) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.proxied("198.51.100.0/24")
			say(t, f.dial(proxiedAddress), header+fanFailedLine)
			testutil.Eventually(t, "message", func() bool { return f.rejected(proxiedAddress, syslog.OK) == 1 })
			if last := f.last(proxiedAddress); last.from.String() != "127.0.0.1" {
				t.Errorf("%+v", last)
			}
			if n := f.rejected(proxiedAddress, syslog.NoTag); n < 1 {
				t.Errorf("%d frames without a tag", n)
			}
			if n := f.proxyFailures(proxiedAddress); n != 0 {
				t.Errorf("%g failures", n)
			}
		})
	}
	t.Run("behind a proxy", func(t *testing.T) { // The second header is the client's own.
		f := newFixture(t)
		f.proxied("127.0.0.1/32")
		say(t, f.dial(proxiedAddress), "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\nPROXY TCP4 203.0.113.8 192.0.2.10 1 2\r\n"+fanFailedLine)
		f.eventually(proxiedAddress, 2)
		if last := f.last(proxiedAddress); last.from.String() != "203.0.113.7" {
			t.Errorf("%+v", last)
		}
	})
}

// The newest configuration decides which proxies are trusted.
func TestTrustedProxiesChange(t *testing.T) {
	const header = "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\n"
	f := newFixture(t)
	f.listen(proxiedAddress)
	f.proxied("127.0.0.0/8")
	say(t, f.dial(proxiedAddress), header+fanFailedLine)
	f.eventually(proxiedAddress, 1)
	f.listen(proxiedAddress)
	say(t, f.dial(proxiedAddress), header+fanFailedLine)
	f.eventually(proxiedAddress, 3)
	if frames := f.of(proxiedAddress); frames[0].from.String() != "203.0.113.7" || frames[1].reason != syslog.NoTag || frames[2].from.String() != "127.0.0.1" {
		t.Errorf("%+v", frames)
	}
}

// The header comes before the handshake.
func TestProxyBeforeTLS(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	c := p.config(ClientAuthNone)
	c.ProxyProtocol = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	f.apply(c)
	raw := f.dial(tlsAddress)
	oneByOne(raw, "PROXY TCP4 203.0.113.7 192.0.2.10 1 2\r\n")
	say(t, tls.Client(raw, p.client()), fanFailedLine)
	f.eventually(tlsAddress, 1)
	if last := f.last(tlsAddress); last.from.String() != "203.0.113.7" {
		t.Errorf("%+v", last)
	}

	// Header and hello in one packet.
	say(t, tls.Client(&prefixed{Conn: f.dial(tlsAddress), prefix: "PROXY TCP4 203.0.113.8 192.0.2.10 1 2\r\n"}, p.client()), fanFailedLine)
	f.eventually(tlsAddress, 2)
	if last := f.last(tlsAddress); last.from.String() != "203.0.113.8" {
		t.Errorf("%+v", last)
	}

	// Without it there is no handshake that could fail.
	if _, err := f.dialTLS(p.client()); err == nil {
		t.Error("a handshake without a header")
	}
	f.counts("ftd_exporter_proxy_header_failures_total", tlsAddress, 1)
	if n := f.handshakeFailures(); n != 0 {
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
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				socket := l.socket("tcp://x", nil)
				socket.config.ProxyProtocol = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
				defer serve(t, f.newStreamReceiver(socket).serve)()
				conn := l.dial(netip.MustParseAddrPort("192.0.2.1:1"))
				go io.WriteString(conn, first)
				begin := time.Now()
				_, _ = io.Copy(io.Discard, conn) // Until the listener closes it.
				if took := time.Since(begin); took != proxyHeaderTime {
					t.Errorf("given up after %s", took)
				}
				conn.Close()
			})
			if n := f.proxyFailures("tcp://x"); n != 1 || f.log.count("not received within 5s") != 1 {
				t.Errorf("%g failures, in the log is\n%s", n, f.log)
			}
		})
	}
}

// A proxy that checks whether the port is open is not a failure, and a stop does
// not wait for headers.
func TestProxyHeadersThatNeverCome(t *testing.T) {
	f := newFixture(t)
	f.proxied("127.0.0.1/32")
	f.dial(proxiedAddress).Close()
	f.dial(proxiedAddress)
	say(t, f.dial(proxiedAddress), "PROXY")
	say(t, f.dial(proxiedAddress), "PROXY UNKNOWN\r\n"+fanFailedLine)
	f.eventually(proxiedAddress, 1)
	f.counts("ftd_exporter_tcp_connections", proxiedAddress, 3)
	if n := f.proxyFailures(proxiedAddress); n != 0 {
		t.Errorf("%g failures", n)
	}
	for i := range 3 {
		say(t, f.dial(proxiedAddress), fanFailedLine)
		f.counts("ftd_exporter_proxy_header_failures_total", proxiedAddress, float64(i+1))
	}
	begin := time.Now()
	f.Stop()
	if took := time.Since(begin); took > proxyHeaderTime/2 {
		t.Errorf("stopping took %s", took)
	}
	if n := f.log.count("let the proxy send it"); n != 1 {
		t.Errorf("%d lines:\n%s", n, f.log)
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
		f.Add([]byte(header + fanFailedLine))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		proxy := netip.MustParseAddr("192.0.2.250")
		read := func(r io.Reader) (netip.Addr, string, error) {
			c := &tcpConn{Conn: onceConn{nil, r}, receiver: &streamReceiver{}}
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
			t.Errorf("%s, %q, %v; byte by byte %s, %q, %v", client, rest, err, client2, rest2, err2)
		}
	})
}
