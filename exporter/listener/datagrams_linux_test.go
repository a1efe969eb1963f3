package listener

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A sequence is a feed of one socket that checks the order of each sender's
// messages, which end with a number.
type sequence struct {
	t     *testing.T
	last  *sync.Map // Number by sender, of all sockets.
	total *atomic.Int64

	mu      sync.Mutex
	senders map[netip.Addr]int // Of this socket, when all of them are open.
}

func (*sequence) Begin(time.Time) {}
func (*sequence) End()            {}

func (s *sequence) Frame(b []byte, _ int, from netip.Addr, _ syslog.Reason) syslog.Reason {
	var n int64
	fmt.Sscan(string(b[strings.LastIndexByte(string(b), ' ')+1:]), &n)
	if before, ok := s.last.Swap(from, n); ok && before.(int64) >= n {
		s.t.Errorf("%s: %d after %d", from, n, before)
	}
	if strings.Contains(string(b), " open ") {
		s.mu.Lock()
		s.senders[from]++
		s.mu.Unlock()
	}
	s.total.Add(1)
	return syslog.OK
}

// A listener can have several sockets. All of them are used, each sender stays on
// one as soon as they are open, whatever port it sends from, and its order holds
// from the first datagram on. The metrics are those of the listener.
func TestSockets(t *testing.T) {
	for _, host := range []string{"", "127.0.0.1"} {
		t.Run(host, func(t *testing.T) {
			f := newFixture(t)
			var last sync.Map
			var total atomic.Int64
			var feeds []*sequence
			f.options.NewFeed = func(string, string, bool) Feed {
				s := &sequence{t: t, last: &last, total: &total, senders: map[netip.Addr]int{}}
				feeds = append(feeds, s)
				return s
			}
			port := freePort(t)
			c := Config{Address: "udp://" + host + ":" + port, Sockets: 4}
			sent := sendFromMany(t, port, 32, func() { f.apply(c) })
			testutil.Eventually(t, "datagrams", func() error {
				if n := int(total.Load()) + f.dropped(c.Address); n < sent-32 { // Each may have one that was sent before and counted later.
					return fmt.Errorf("%d of %d", n, sent)
				}
				return nil
			})
			f.Stop()
			if len(feeds) != 4 {
				t.Fatalf("%d sockets", len(feeds))
			}
			seen := map[netip.Addr]bool{}
			for i, feed := range feeds {
				if len(feed.senders) == 0 {
					t.Errorf("socket %d is not used", i)
				}
				for from := range feed.senders {
					if seen[from] {
						t.Errorf("%s is on two sockets", from)
					}
					seen[from] = true
				}
			}
		})
	}
}

// sendFromMany sends from addresses of the loopback network, each from a new port
// from time to time, while open opens the listener and some time after that. Each
// message has the word open if it was sent after that. It
// returns how many datagrams did not meet a closed port.
func sendFromMany(t *testing.T, port string, senders int, open func()) int {
	t.Helper()
	var sent atomic.Int64
	var opened, over atomic.Bool
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			dialer := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 1, byte(i))}}
			for n := 0; !over.Load(); {
				conn, err := dialer.Dial("udp", "127.0.0.1:"+port)
				if err != nil {
					t.Error(err)
					return
				}
				phase := "opening"
				if opened.Load() {
					phase = "open"
				}
				for range 10 {
					if _, err := fmt.Fprintf(conn, "%s %s %d", fanFailed, phase, n); err == nil {
						sent.Add(1)
					}
					n++
				}
				conn.Close()
				time.Sleep(time.Millisecond)
			}
		})
	}
	open()
	opened.Store(true)
	before := sent.Load()
	testutil.Eventually(t, "more", func() bool { return sent.Load() > before+5000 })
	over.Store(true)
	all.Wait()
	return int(sent.Load() - before)
}

// IPv6 senders are spread, too.
func TestSocketsSpreadIPv6(t *testing.T) {
	f, feed := counting(t)
	port := freePort(t)
	c := Config{Address: "udp://[::1]:" + port, Sockets: 2}
	f.apply(c)
	for range 20 {
		say(t, dialTo(t, "udp", "[::1]:"+port), fanFailed)
	}
	testutil.Eventually(t, "datagrams", func() bool { return feed.frames.Load() == 20 })
	if _, ok := f.metric("ftd_exporter_listener_last_frame_timestamp_seconds", c.Address); !ok {
		t.Error("no time of the last frame")
	}
}

// Each loss is counted once for the listener, and its log has one line.
func TestSocketsShareTheirLog(t *testing.T) {
	f := newFixture(t)
	port := freePort(t)
	c := Config{Address: "udp://127.0.0.1:" + port, Sockets: 8}
	f.apply(c)
	for i := range 32 {
		conn, err := (&net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 1, byte(i))}}).Dial("udp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		say(t, conn, "nothing of Cisco's")
		conn.Close()
	}
	f.eventually(c.Address, 32)
	if n := f.log.count("Rejected messages"); n != 1 {
		t.Errorf("%d lines:\n%s", n, f.log)
	}
	f.Stop()
	if n := f.log.count("Rejected messages"); n != 2 || !strings.Contains(f.log.String(), "count=31") {
		t.Errorf("%d lines:\n%s", n, f.log)
	}
	if n := f.log.count("The receive buffer is smaller"); n > 1 {
		t.Errorf("%d lines about the buffer", n)
	}
}

// The number of sockets cannot change while a listener is open, and sockets of
// systemd are one each.
func TestSocketsStay(t *testing.T) {
	f := newFixture(t)
	c := Config{Address: "udp://127.0.0.1:" + freePort(t)}
	f.apply(c)
	c.Sockets = 1
	f.apply(c)
	if n := f.log.count("stays until a restart"); n != 0 {
		t.Errorf("%d warnings", n)
	}
	c.Sockets = 2
	f.apply(c)
	if n := f.log.count("stays until a restart"); n != 1 {
		t.Errorf("%d warnings", n)
	}
	f.sendOne(c.Address)

	m := &manager{t: t}
	udp := m.open("syslog", "udp", "127.0.0.1:0")
	f = newActivated(t, m.activation())
	c = Config{Address: "udp://" + udp.String(), Sockets: 2}
	const want = "sockets is 2, but systemd has opened the socket, of which there is one; leave sockets out"
	for range 2 {
		if err := f.try(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		f.apply(Config{Address: c.Address})
	}
}

// What a listener last received is exported while it is open.
func TestLastFrame(t *testing.T) {
	const name = "ftd_exporter_listener_last_frame_timestamp_seconds"
	f := newFixture(t)
	udp, tcp := free(t), "tcp://127.0.0.1:0"
	f.apply(Config{Address: udp}, Config{Address: tcp})
	for _, address := range []string{udp, tcp} {
		if n, ok := f.metric(name, address); ok {
			t.Errorf("%s: %g before the first frame", address, n)
		}
		begin := time.Now()
		conn := f.dial(address)
		for range 2 {
			say(t, conn, "nothing of Cisco's\n")
			testutil.Eventually(t, "time", func() bool {
				n, _ := f.metric(name, address)
				return n >= float64(begin.UnixNano())/1e9 && n <= float64(time.Now().UnixNano())/1e9
			})
			begin = time.Now()
		}
	}
	f.listen(tcp)
	if _, ok := f.metric(name, udp); ok {
		t.Error("a listener that is closed has a value")
	}
	if _, ok := f.metric(name, tcp); !ok {
		t.Error("a listener that stays has lost its value")
	}
}
