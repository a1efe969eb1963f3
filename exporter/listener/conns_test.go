package listener

import (
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// crowd is a listener that at most limit connections can be open to, and the
// time of which is that of a bubble.
type crowd struct {
	t *testing.T
	*fixture
	listener *pipeListener
	all      []net.Conn
}

// withCrowd runs a test in a bubble. The proxies are those that the listener
// trusts.
func withCrowd(t *testing.T, limit int64, proxies []netip.Prefix, test func(c *crowd)) {
	f := newFixture(t)
	f.maxConnections.Store(limit)
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{t: t, fixture: f, listener: newPipeListener()}
		s := c.listener.socket("tcp://x", nil)
		s.config.ProxyProtocol = proxies
		stop := serve(t, f.newStreamReceiver(s).serve)
		test(c)
		stop()
		for _, conn := range c.all {
			conn.Close()
		}
	})
}

// connect opens a connection from an address and sends a text.
func (c *crowd) connect(from, text string) net.Conn {
	c.t.Helper()
	conn := c.listener.dial(netip.AddrPortFrom(netip.MustParseAddr(from), 40000))
	c.all = append(c.all, conn)
	if text != "" {
		say(c.t, conn, text)
	}
	synctest.Wait()
	time.Sleep(time.Millisecond) // Each is active at another time.
	return conn
}

// open reports whether the listener still reads a connection, to which it
// sends a message.
func (c *crowd) open(conn net.Conn) bool {
	_, err := conn.Write([]byte(fanFailedLine))
	synctest.Wait()
	time.Sleep(time.Millisecond)
	return err == nil
}

// A firewall has one connection and is quiet for as long as it works.
func TestCrowdDoesNotPushOutAQuietFirewall(t *testing.T) {
	withCrowd(t, 1000, nil, func(c *crowd) {
		quiet := c.connect("192.0.2.1", fanFailedLine)
		silent := c.connect("192.0.2.2", "") // It has not had anything to report yet.
		for range 1050 {
			c.connect("::ffff:198.51.100.9", fanFailedLine)
		}
		if n, _ := c.metric("ftd_exporter_tcp_connections_evicted_total", "tcp://x"); n != 52 {
			t.Errorf("%g connections were evicted, want 52", n)
		}
		if !c.open(quiet) || !c.open(silent) {
			t.Error("a connection of another address made room")
		}
		if c.open(c.all[2]) || !c.open(c.all[len(c.all)-1]) {
			t.Error("not the connection idle longest made room")
		}
	})
}

// Which connection makes room for which.
func TestWhichConnectionMakesRoom(t *testing.T) {
	for _, tc := range []struct {
		name string
		// Addresses of connections in the order in which they are opened; with
		// ! they bring a message.
		conns []string
		gone  int
	}{
		{"idle longest, of one address", []string{"10.0.0.1!", "10.0.0.1!", "10.0.0.1!", "10.0.0.1!"}, 0},
		{"idle longest, of an address each", []string{"10.0.0.1!", "10.0.0.2!", "10.0.0.3!", "10.0.0.4!"}, 0},
		{"never brought a message", []string{"10.0.0.1!", "10.0.0.1", "10.0.0.1!", "10.0.0.1!"}, 1},
		{"never brought a message, of an address each", []string{"10.0.0.1!", "10.0.0.2!", "10.0.0.3", "10.0.0.4"}, 2},
		{"the address with the most", []string{"10.0.0.1", "10.0.0.2!", "10.0.0.2!", "10.0.0.3"}, 1},
		{"a newcomer counts for its address", []string{"10.0.0.1!", "10.0.0.2!", "10.0.0.3!", "10.0.0.3!"}, 2},
		{"IPv4 in IPv6 form", []string{"10.0.0.1!", "10.0.0.2!", "::ffff:10.0.0.2!", "10.0.0.3!"}, 1},
		{"two of two addresses", []string{"10.0.0.1!", "10.0.0.2!", "10.0.0.2!", "10.0.0.1!"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			withCrowd(t, int64(len(tc.conns)-1), nil, func(c *crowd) {
				for _, from := range tc.conns {
					text := ""
					if n := len(from) - 1; from[n] == '!' {
						from, text = from[:n], fanFailedLine
					}
					c.connect(from, text)
				}
				for i, conn := range c.all {
					if open := c.open(conn); open != (i != tc.gone) {
						t.Errorf("connection %d is open: %t", i, open)
					}
				}
			})
		})
	}
}

// A client behind a proxy counts with its own address, and other clients of the
// proxy do not suffer from it.
func TestProxyClientsAreCountedByTheirAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	withCrowd(t, 20, proxies, func(c *crowd) {
		header := func(client string) string {
			return fmt.Sprintf("PROXY TCP4 %s 192.0.2.10 12345 5514\r\n", client)
		}
		quiet := c.connect("10.0.0.1", header("203.0.113.7")+fanFailedLine)
		direct := c.connect("203.0.113.9", fanFailedLine)
		for i := range 100 {
			c.connect(fmt.Sprintf("10.0.0.%d", 1+i%2), header("203.0.113.8")+fanFailedLine)
		}
		if !c.open(quiet) || !c.open(direct) {
			t.Error("a connection of another client made room")
		}
	})
}

// What ends leaves nothing behind.
func TestAddressesOfConnectionsAreForgotten(t *testing.T) {
	s := newConnections()
	var conns []*tcpConn
	for i := range 300 {
		c := &tcpConn{}
		s.add(c, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
		s.move(c, netip.AddrFrom4([4]byte{10, 0, 1, byte(i / 2)}))
		conns = append(conns, c)
	}
	for range 100 {
		s.makeRoom(0, nil)
	}
	for _, c := range conns {
		s.remove(c)
		s.remove(c)
		s.move(c, netip.AddrFrom4([4]byte{10, 0, 2, 1}))
	}
	if len(s.open) != 0 || len(s.origins) != 0 {
		t.Errorf("%d connections, %d addresses", len(s.open), len(s.origins))
	}
}

// BenchmarkMakeRoom is the cost of a connection beyond the limit.
func BenchmarkMakeRoom(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		for name, addresses := range map[string]int{"one address": 1, "an address each": n} {
			b.Run(fmt.Sprintf("%d connections/%s", n, name), func(b *testing.B) {
				s := newConnections()
				var clock atomic.Int64
				next := func() *tcpConn {
					i := clock.Add(1)
					c := &tcpConn{}
					c.active.Store(i)
					s.add(c, netip.AddrFrom4([4]byte{10, byte(i % int64(addresses) >> 16), byte(i % int64(addresses) >> 8), byte(i % int64(addresses))}))
					return c
				}
				for range n {
					next()
				}
				for b.Loop() {
					s.makeRoom(int64(n), next())
				}
			})
		}
	}
}
