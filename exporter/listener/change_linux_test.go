package listener

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// freePort returns a port that was free a moment ago.
func freePort(t testing.TB) string {
	_, port, err := net.SplitHostPort(testutil.FreeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// forms are pairs of addresses that cannot be open at the same time as a rule.
func forms(scheme string) [][2]string {
	return [][2]string{
		{scheme + "://127.0.0.1:P", scheme + "://:P"},
		{scheme + "://:P", scheme + "://127.0.0.1:P"},
		{scheme + "://127.0.0.1:P", scheme + "://localhost:P"},
		{scheme + "://0.0.0.0:P", scheme + "://:P"},
	}
}

// A reload from one form of an address to another works, back and forth, and no
// datagram is lost or disordered by it.
func TestDatagramAddressesChangeTheirForm(t *testing.T) {
	for _, pair := range forms("udp") {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			f := newFixture(t)
			port := freePort(t)
			var configs [2]Config
			for i := range pair {
				configs[i].Address = strings.ReplaceAll(pair[i], "P", port)
			}
			f.apply(configs[0])
			conn := dialTo(t, "udp", "127.0.0.1:"+port)
			var sent atomic.Int64
			var over atomic.Bool
			var flood sync.WaitGroup
			defer flood.Wait()
			defer over.Store(true)
			flood.Go(func() {
				for ; !over.Load(); sent.Add(1) {
					// A connected socket notices a closed port.
					if _, err := fmt.Fprintf(conn, "%s %d", fanFailed, sent.Load()); err != nil {
						t.Errorf("datagram %d: %v", sent.Load(), err)
						return
					}
					time.Sleep(20 * time.Microsecond)
				}
			})
			for i := range 10 {
				before := sent.Load()
				f.apply(configs[(i+1)%2])
				testutil.Eventually(t, "datagrams", func() bool { return sent.Load() > before+10 })
			}
			over.Store(true)
			flood.Wait()
			all := func() int { return f.count(configs[0].Address) + f.count(configs[1].Address) }
			testutil.Eventually(t, "all datagrams", func() error {
				if n := all() + f.dropped(configs[0].Address) + f.dropped(configs[1].Address); int64(n) != sent.Load() {
					return fmt.Errorf("%d of %d", n, sent.Load())
				}
				return nil
			})
			f.lock.Lock()
			defer f.lock.Unlock()
			for i, frame := range f.frames {
				if want := fmt.Sprintf("%s %d", fanFailed, i); frame.text != want && all() == int(sent.Load()) {
					t.Fatalf("got %q, want %q", frame.text, want)
				}
			}
		})
	}
}

// While the address of a TCP listener changes its form, or its port changes from
// TCP to TLS, nobody is refused.
func TestStreamAddressesChangeTheirForm(t *testing.T) {
	p := newPKI(t)
	pairs := append(forms("tcp"), [2]string{"tcp://127.0.0.1:P", "tls://127.0.0.1:P"}, [2]string{"tls://:P", "tcp://:P"},
		[2]string{"tcp://:P", "tls://127.0.0.1:P"})
	for _, pair := range pairs {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			f := newFixture(t)
			port := freePort(t)
			var configs [2]Config
			for i := range pair {
				configs[i] = Config{Address: strings.ReplaceAll(pair[i], "P", port), TLS: p.settings}
			}
			f.apply(configs[0])
			f.dialAt(port) // A connection that is open is not an obstacle.
			var over atomic.Bool
			var dials atomic.Int64
			var clients sync.WaitGroup
			defer clients.Wait()
			defer over.Store(true)
			clients.Go(func() {
				for ; !over.Load(); dials.Add(1) {
					conn, err := net.Dial("tcp", "127.0.0.1:"+port)
					if errors.Is(err, syscall.ECONNREFUSED) {
						t.Error(err)
						return
					}
					if err == nil {
						conn.Close()
					}
				}
			})
			for i := range 4 {
				before := dials.Load()
				f.apply(configs[(i+1)%2])
				testutil.Eventually(t, "connections", func() bool { return dials.Load() > before+3 })
				name := configs[(i+1)%2].Address
				if f.names() != name {
					t.Errorf("open are %s", f.names())
				}
				if strings.HasPrefix(name, "tcp") {
					n := f.count(name)
					say(t, f.dialAt(port), fanFailedLine)
					f.eventually(name, n+1)
				}
			}
		})
	}
}

func (f *fixture) dialAt(port string) net.Conn { return dialTo(f.t, "tcp", "127.0.0.1:"+port) }

// If something else fails, or the change is not made, the old form goes on, and
// what has arrived at the new one in between is not lost.
func TestChangeOfFormIsUndone(t *testing.T) {
	f := newFixture(t)
	port := freePort(t)
	old, changed := Config{Address: "udp://:" + port}, Config{Address: "udp://127.0.0.1:" + port}
	f.apply(old)
	conn := dialTo(t, "udp", "127.0.0.1:"+port)
	if err := f.try(changed, Config{Address: "udp://nowhere.invalid:5514"}); err == nil {
		t.Error("no error")
	}
	say(t, conn, fanFailed)
	f.eventually(old.Address, 1)

	for i := range 3 {
		change, err := f.Prepare(t.Context(), []Config{changed}, f.limits)
		if err != nil {
			t.Fatal(err)
		}
		say(t, conn, fanFailed)
		change.Abort()
		say(t, conn, fanFailed)
		f.eventually(old.Address, 2*i+3)
	}
	if n := f.count(changed.Address); n != 0 || f.names() != old.Address {
		t.Errorf("%d frames, open are %s", n, f.names())
	}
}

// Two listeners of one configuration cannot have one port, and another process
// that has it is another thing.
func TestListenersThatOverlap(t *testing.T) {
	port, otherPort := freePort(t), freePort(t)
	one, all := Config{Address: "udp://127.0.0.1:" + port}, Config{Address: "udp://:" + port}
	f := newFixture(t)
	want := "the listener udp://127.0.0.1:" + port + " has the port: remove one of them"
	if err := f.try(one, all); err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	f.apply(one)
	if err := f.try(one, all); err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	if err := f.try(all, Config{Address: "udp://localhost:" + port}); err == nil || !strings.Contains(err.Error(), "has the port") {
		t.Error(err)
	}
	taken, err := net.ListenPacket("udp", "127.0.0.1:"+otherPort)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := f.try(Config{Address: "udp://:" + otherPort}); err == nil || !strings.Contains(err.Error(), "another syslog server uses the port") {
		t.Error(err)
	}
	f.apply(one)
	f.sendOne(one.Address)
}

// A second exporter that is started by mistake meets an error, however many
// sockets it has.
func TestPortsAreNotSharedWithOthers(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		for _, sockets := range []int{1, 2} {
			if sockets > 1 && scheme == "tcp" {
				continue
			}
			c := Config{Address: scheme + "://127.0.0.1:" + freePort(t), Sockets: sockets}
			f, second := newFixture(t), newFixture(t)
			f.apply(c)
			if err := second.try(c); err == nil || !strings.Contains(err.Error(), "another syslog server uses the port") {
				t.Errorf("%s with %d sockets: %v", scheme, sockets, err)
			}
		}
	}
}

// Every datagram of a flood is received, is counted as dropped, or has met a
// closed port, when a listener is closed by a reload or with the whole set, or where
// the system has only what package net offers.
func TestClosingAccountsForEveryDatagram(t *testing.T) {
	if !alone(t, 65536) {
		return
	}
	for _, sockets := range []int{1, 3} {
		for name, close := range map[string]func(*fixture){"reload": func(f *fixture) { f.apply() }, "stop": func(f *fixture) { f.Stop() }} {
			t.Run(fmt.Sprintf("%s, %d sockets", name, sockets), func(t *testing.T) {
				for range 3 {
					c := Config{Address: "udp://:" + freePort(t), Sockets: sockets}
					f, feed := counting(t)
					f.apply(c)
					f.changeUnderFlood(feed, func() { close(f) }, c)
				}
			})
		}
	}
	t.Run("one by one", func(t *testing.T) {
		for range 3 {
			c := Config{Address: "udp://:" + freePort(t)}
			f, feed := counting(t)
			f.changeUnderFlood(feed, serve(t, f.receiver(c.Address).receiveOneByOne), c)
		}
	})
}

// changeUnderFlood makes a change while datagrams arrive at the port of the first of
// some listeners, which together must account for all of them.
func (f *fixture) changeUnderFlood(feed *countingFeed, change func(), listeners ...Config) {
	f.t.Helper()
	before := closedPorts(f.t)
	var sent atomic.Int64
	var over atomic.Bool
	var flood sync.WaitGroup
	defer flood.Wait()
	defer over.Store(true)
	_, port, _ := strings.Cut(strings.TrimPrefix(listeners[0].Address, "udp://"), ":")
	to, err := net.ResolveUDPAddr("udp", "127.0.0.1:"+port)
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0") // Not connected: it takes no notice of ICMP.
		if err != nil {
			f.t.Fatal(err)
		}
		defer conn.Close()
		flood.Go(func() {
			for !over.Load() {
				if _, err := conn.WriteTo([]byte(fanFailed), to); err == nil {
					sent.Add(1)
				}
			}
		})
	}
	testutil.Eventually(f.t, "flood", func() bool { return feed.frames.Load() > 10_000 })
	change()
	at := sent.Load()
	testutil.Eventually(f.t, "more of it", func() bool { return sent.Load() > at+1000 })
	over.Store(true)
	flood.Wait()
	f.Stop()
	received, dropped, refused := int(feed.frames.Load()), 0, closedPorts(f.t)-before
	for _, c := range listeners {
		dropped += f.dropped(c.Address)
	}
	if gap := int(sent.Load()) - received - dropped - refused; gap != 0 {
		f.t.Errorf("%d sent, %d received, %d dropped, %d met a closed port: %d are in no counter", sent.Load(), received, dropped, refused, gap)
	}
}

// succeed prepares a change of one listener to another as on a system where both
// cannot be open at a time.
func (f *fixture) succeed(next Config) (*Change, error) {
	f.t.Helper()
	change, err := f.Prepare(f.t.Context(), nil, f.limits)
	if err != nil {
		f.t.Fatal(err)
	}
	address, err := ParseAddress(next.Address)
	if err != nil {
		f.t.Fatal(err)
	}
	target, err := address.resolve()
	if err != nil {
		f.t.Fatal(err)
	}
	return change, change.openAfter(f.t.Context(), next, address, target)
}

// Where two sockets cannot share a port, a listener is closed before another is
// opened at its port. Datagrams meet a closed port in between, and are in no other
// way lost.
func TestListenerIsOpenedAfterAnother(t *testing.T) {
	if !alone(t, 65536) {
		return
	}
	for _, pair := range forms("udp") {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			port := freePort(t)
			former, next := Config{Address: strings.ReplaceAll(pair[0], "P", port)}, Config{Address: strings.ReplaceAll(pair[1], "P", port)}
			f, feed := counting(t)
			f.apply(former)
			f.changeUnderFlood(feed, func() {
				change, err := f.succeed(next)
				if err != nil {
					t.Fatal(err)
				}
				before := feed.frames.Load()
				change.Commit()
				if f.names() != next.Address {
					t.Errorf("open are %s", f.names())
				}
				testutil.Eventually(t, "datagrams", func() bool { return feed.frames.Load() > before })
			}, former, next)
		})
	}
	t.Run("tcp", func(t *testing.T) {
		f, port := newFixture(t), freePort(t)
		f.listen("tcp://127.0.0.1:" + port)
		next := Config{Address: "tcp://:" + port}
		change, err := f.succeed(next)
		if err != nil {
			t.Fatal(err)
		}
		change.Commit()
		say(t, f.dialAt(port), fanFailedLine)
		f.eventually(next.Address, 1)
	})
}

// What can be known before the former listener is closed is an error of Prepare.
func TestListenerThatCannotBeOpenedAfterAnother(t *testing.T) {
	f, port := newFixture(t), freePort(t)
	former := Config{Address: "udp://127.0.0.1:" + port}
	f.apply(former)
	change, err := f.succeed(Config{Address: "udp://192.0.2.1:" + port})
	if err == nil || !strings.Contains(err.Error(), "cannot assign requested address") {
		t.Error(err)
	}
	change.Abort()
	f.sendOne(former.Address)

	next := Config{Address: "udp://0.0.0.0:" + port}
	if change, err = f.succeed(next); err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenPacket("udp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	change.Commit()
	if f.names() != "" || !strings.Contains(f.log.String(), "Cannot open the listener after another was closed") {
		t.Errorf("open are %q, the log has\n%s", f.names(), f.log)
	}
	other.Close()
	f.apply(next)
	f.sendOne(next.Address)
}

// closedPorts returns how many datagrams have met a closed port in this network.
func closedPorts(t testing.TB) (n int) {
	t.Helper()
	counters, err := os.ReadFile("/proc/self/net/snmp")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(counters)) {
		words := strings.Fields(line)
		switch {
		case words[0] != "Udp:":
		case names == nil:
			names = words
		default:
			for i, name := range names {
				if name == "NoPorts" {
					fmt.Sscan(words[i], &n)
				}
			}
		}
	}
	return n
}

// A Unix socket that is closed refuses what it can no longer receive.
func TestClosingUnixgramLosesNothing(t *testing.T) {
	for range 20 {
		f, feed := counting(t)
		address := "unixgram://@" + t.Name()
		f.listen(address)
		conn := f.dial(address)
		sent := make(chan int64)
		go func() {
			var n int64
			for {
				if _, err := io.WriteString(conn, fanFailed); err != nil {
					sent <- n
					return
				}
				n++
			}
		}()
		testutil.Eventually(t, "datagrams", func() bool { return feed.frames.Load() > 100 })
		f.Stop()
		if n := <-sent; n != feed.frames.Load() {
			t.Fatalf("%d sent, %d received", n, feed.frames.Load())
		}
	}
}
