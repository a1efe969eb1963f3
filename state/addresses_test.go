package state_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// receive updates the table with a message of a device from an address.
func (f *fixture) receive(device, from string) {
	f.t.Helper()
	f.state.Update(&state.Observation{Device: []byte(device), Severity: 6, Time: f.now, From: netip.MustParseAddr(from)})
}

// addressCount returns the number of addresses of a device as a scrape shows it.
func (f *fixture) addressCount(device string) string {
	f.t.Helper()
	var b strings.Builder
	if err := f.state.WriteText(&b); err != nil {
		f.t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if rest, ok := strings.CutPrefix(line, `ftd_device_sender_addresses{device="`+device+`"} `); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "-"
}

func (f *fixture) conflicts() []string {
	var all []string
	for {
		select {
		case c := <-f.state.NameConflicts():
			all = append(all, fmt.Sprintf("%s %s %s", c.Device, c.Address, c.Other))
		default:
			return all
		}
	}
}

// addresses returns the addresses of a device, and how long ago each last sent.
func (f *fixture) addresses(device string) string {
	f.t.Helper()
	d, ok := f.state.Snapshot(device)
	if !ok {
		return "-"
	}
	var all []string
	for _, a := range d.Addresses {
		all = append(all, fmt.Sprintf("%s %s", a.Address, f.now.Sub(a.LastMessage)))
	}
	return strings.Join(all, ", ")
}

func (f *fixture) checkAddresses(device, count, addresses string, conflicts ...string) {
	f.t.Helper()
	if got := f.addressCount(device); got != count {
		f.t.Errorf("%s addresses, want %s", got, count)
	}
	if got := f.addresses(device); got != addresses {
		f.t.Errorf("got %s, want %s", got, addresses)
	}
	if got := f.conflicts(); !slices.Equal(got, conflicts) {
		f.t.Errorf("conflicts %q, want %q", got, conflicts)
	}
}

func TestTwoAddressesUnderOneName(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.state.Update(&state.Observation{Device: []byte("fw1"), Time: f.now})
	f.checkAddresses("fw1", "-", "") // A line of a log, or one that a relay has sent.
	f.receive("fw1", "192.0.2.11")
	f.now = f.now.Add(time.Minute)
	f.receive("fw1", "192.0.2.11")
	f.receive("fw2", "192.0.2.11")
	f.checkAddresses("fw1", "1", "192.0.2.11 0s")
	f.now = f.now.Add(time.Minute)
	f.receive("fw1", "192.0.2.12")
	f.checkAddresses("fw1", "2", "192.0.2.12 0s, 192.0.2.11 1m0s", "fw1 192.0.2.12 192.0.2.11")
	for range 3 { // The same pair is not reported again.
		f.now = f.now.Add(time.Minute)
		f.receive("fw1", "192.0.2.11")
		f.receive("fw1", "192.0.2.12")
	}
	f.checkAddresses("fw1", "2", "192.0.2.12 0s, 192.0.2.11 0s")
	f.receive("fw1", "2001:db8::11")
	f.checkAddresses("fw1", "3", "2001:db8::11 0s, 192.0.2.12 0s, 192.0.2.11 0s", "fw1 2001:db8::11 192.0.2.12")
	// An address counts for an hour.
	f.now = f.now.Add(59 * time.Minute)
	f.receive("fw1", "192.0.2.11")
	f.now = f.now.Add(2 * time.Minute)
	f.checkAddresses("fw1", "1", "192.0.2.11 2m0s, 2001:db8::11 1h1m0s, 192.0.2.12 1h1m0s")
	f.checkAddresses("fw2", "0", "192.0.2.11 1h5m0s")
	f.receive("fw2", "192.0.2.11")
	f.checkAddresses("fw2", "1", "192.0.2.11 0s")
	// A device that has another address by now is not in conflict.
	f.now = f.now.Add(2 * time.Hour)
	f.receive("fw2", "192.0.2.22")
	f.checkAddresses("fw2", "1", "192.0.2.22 0s, 192.0.2.11 2h0m0s")
	f.state.Forget("fw2")
	f.receive("fw2", "192.0.2.23")
	f.checkAddresses("fw2", "1", "192.0.2.23 0s")
}

// Addresses that are known to be the device's count as one.
func TestOwnAddressesCountAsOne(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, from := range []string{"192.0.2.11", "192.0.2.12", "192.0.2.11", "192.0.2.12"} {
		f.state.Update(&state.Observation{Device: []byte("fw1"), Time: f.now, From: netip.MustParseAddr(from), Own: true})
	}
	f.checkAddresses("fw1", "1", "192.0.2.12 0s, 192.0.2.11 0s")
	f.receive("fw1", "192.0.2.13")
	f.checkAddresses("fw1", "2", "192.0.2.13 0s, 192.0.2.12 0s, 192.0.2.11 0s", "fw1 192.0.2.13 192.0.2.12")
}

// A sender of invented addresses costs a little memory and a few lines of log.
func TestAddressesAreBounded(t *testing.T) {
	f := newFixture(t, state.Options{})
	for i := range 100 {
		f.receive("fw1", fmt.Sprintf("192.0.2.%d", i))
	}
	if got := f.addressCount("fw1"); got != "8" {
		t.Errorf("%s addresses", got)
	}
	if got, want := f.addresses("fw1"), "192.0.2.99 0s, 192.0.2.98 0s, "; !strings.HasPrefix(got, want) || strings.Count(got, ",") != 7 {
		t.Errorf("got %s", got)
	}
	if n := len(f.conflicts()); n != 7 {
		t.Errorf("%d conflicts", n)
	}
}

// A restart keeps the number as long as there would have been no restart, and
// forgets the addresses.
func TestRestartForgetsAddresses(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.receive("fw1", "192.0.2.11")
	f.receive("fw1", "192.0.2.12")
	f.checkAddresses("fw1", "2", "192.0.2.12 0s, 192.0.2.11 0s", "fw1 192.0.2.12 192.0.2.11")
	f.restart()
	f.now = f.now.Add(59 * time.Minute)
	f.checkAddresses("fw1", "2", "")
	f.now = f.now.Add(2 * time.Minute)
	f.checkAddresses("fw1", "0", "")
	f.receive("fw1", "192.0.2.12")
	f.checkAddresses("fw1", "1", "192.0.2.12 0s")
}

// A device that gets another name takes its addresses along.
func TestRenameMovesAddresses(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.receive("old", "192.0.2.11")
	f.now = f.now.Add(time.Second)
	f.receive("new", "192.0.2.12")
	f.receive("new", "192.0.2.11")
	f.conflicts()
	f.state.Rename("old", "new")
	f.checkAddresses("new", "2", "192.0.2.11 0s, 192.0.2.12 0s")
	f.receive("other", "192.0.2.13")
	f.state.Rename("other", "newest")
	f.checkAddresses("newest", "1", "192.0.2.13 0s")
}

func TestAddressesDoNotAllocate(t *testing.T) {
	f := newFixture(t, state.Options{})
	a, b := netip.MustParseAddr("192.0.2.11"), netip.MustParseAddr("2001:db8::12")
	o := state.Observation{Device: []byte("fw1"), Time: f.now}
	update := func() {
		for _, from := range []netip.Addr{a, a, b} {
			o.From = from
			f.state.Update(&o)
		}
	}
	update()
	f.conflicts()
	if n := testing.AllocsPerRun(100, update); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
