package state_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// nobody is the address of a message that does not have one.
var nobody netip.Addr

// say applies a message of a sender.
func (f *fixture) say(sender netip.Addr, device string, id catalog.ID, text string) {
	f.t.Helper()
	var m catalog.Message
	if f.cat.Match(id, []byte(text), &m) != catalog.Matched {
		f.t.Fatalf("%s does not match %q", id, text)
	}
	f.state.Update(&state.Observation{Device: []byte(device), Severity: 1, Message: &m, Text: []byte(text), Time: f.now, Sender: sender})
}

// hostile states what takes as many bytes as anything.
func (f *fixture) hostile(sender netip.Addr, device string, i int) {
	f.t.Helper()
	unit := fmt.Sprintf("%d%s", i, strings.Repeat("x", 200))
	f.say(sender, device, 735002, "Cooling Fan "+unit+": Failure Detected")
}

// Names and labels are bounded in bytes, in all and for each device, and what is
// gone gives its bytes back.
func TestLabelBytesAreBounded(t *testing.T) {
	t.Run("all devices", func(t *testing.T) {
		f := newFixture(t, state.Options{Limits: state.Limits{LabelBytes: 100_000}})
		for i := range 500 {
			f.hostile(nobody, fmt.Sprintf("%04d%s", i, strings.Repeat("n", 251)), i)
		}
		if got := f.state.Stats().LabelBytes; got > 100_000 || got < 99_000 {
			t.Errorf("%d bytes", got)
		}
		if f.rejected()["label_bytes"] == 0 {
			t.Errorf("not counted: %v", f.rejected())
		}
		// A restore does not bring more back than there is room for.
		f.opts.Limits.LabelBytes = 50_000
		f.store()
		f.newState()
		for name, records := range f.disk {
			f.state.Restore(name, slices.Collect(maps.Values(records)))
		}
		if got := f.state.Stats().LabelBytes; got > 50_000 || got < 49_000 {
			t.Errorf("%d bytes restored", got)
		}
		for name := range f.disk {
			f.state.Forget(name)
		}
		if got := f.state.Stats(); got != (state.Stats{}) {
			t.Errorf("%+v left", got)
		}
	})
	t.Run("one device", func(t *testing.T) {
		f := newFixture(t, state.Options{Limits: state.Limits{LabelBytesPerDevice: 5_000}})
		for i := range 100 {
			f.hostile(nobody, "fw1", i)
		}
		f.feed("fw2 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
		if got := f.state.Stats().LabelBytes; got > 6_200 || got < 4_900 {
			t.Errorf("%d bytes", got)
		}
		if f.rejected()["device_label_bytes"] == 0 || f.values()[`ftd_component_ok{component="fan",device="fw2",unit="1"}`] != "0" {
			t.Errorf("%v", f.rejected())
		}
	})
	t.Run("expired", func(t *testing.T) {
		f := newFixture(t, state.Options{CapacityExpiry: time.Minute})
		f.feed("fw1 : %FTD-3-768002: QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
		before := f.state.Stats().LabelBytes
		f.now = f.now.Add(time.Hour)
		f.exposition()
		// Until it is stored, what is gone must be remembered.
		if got := f.state.Stats().LabelBytes; got < before {
			t.Errorf("%d bytes of %d left before they were stored", got, before)
		}
		f.store()
		if got := f.state.Stats().LabelBytes; got >= before {
			t.Errorf("%d bytes of %d left", got, before)
		}
		f.state.Forget("fw1")
		if got := f.state.Stats(); got != (state.Stats{}) {
			t.Errorf("%+v left", got)
		}
	})
}

// The text of the last report counts, and is cut off when there is no room.
func TestReportTextsAreBounded(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.say(nobody, "fw1", 735002, "Cooling Fan 1: Failure Detected")
	f.state.SetLimits(state.Limits{LabelBytes: f.state.Stats().LabelBytes})
	long := "Cooling Fan 1" + strings.Repeat(" ", 100) + ": Failure Detected"
	var m catalog.Message
	if f.cat.Match(735002, []byte("Cooling Fan 1: Failure Detected"), &m) != catalog.Matched {
		t.Fatal("no match")
	}
	f.state.Update(&state.Observation{Device: []byte("fw1"), Severity: 1, Message: &m, Text: []byte(long), Time: f.now})
	d, _ := f.state.Snapshot("fw1")
	if got := d.Components[0].Text; got != long[:64] {
		t.Errorf("%q", got)
	}
}

// One sender gets half of what there is, two a third each, and all the others
// have something left.
func TestOneSenderCannotTakeAll(t *testing.T) {
	greedy, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for _, tc := range []struct {
		name   string
		limits state.Limits
		size   func(state.Stats) int
		most   int
	}{
		{"devices", state.Limits{Devices: 100}, func(s state.Stats) int { return s.Devices }, 100},
		{"series", state.Limits{Series: 3_000}, func(s state.Stats) int { return s.Series }, 3_000},
		{"bytes", state.Limits{LabelBytes: 60_000}, func(s state.Stats) int { return s.LabelBytes }, 60_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, state.Options{Limits: tc.limits})
			expect := func(what string, part float64) {
				t.Helper()
				got := float64(tc.size(f.state.Stats())) / float64(tc.most)
				if got < part-0.02 || got > part+0.02 {
					t.Errorf("%s: %.2f of all, want %.2f", what, got, part)
				}
			}
			flood := func(sender netip.Addr, name string) {
				for i := range 200 {
					f.say(sender, fmt.Sprintf("%s%d", name, i), 735002, "Cooling Fan 1: Failure Detected")
				}
			}
			flood(greedy, "a")
			expect("one", 0.5)
			if f.rejected()["sender_share"] == 0 {
				t.Error("not counted")
			}
			flood(other, "b")
			expect("two", 0.75)
			flood(greedy, "c")
			expect("again", 0.75)
			// Nobody is charged for what no address is known of.
			flood(nobody, "d")
			expect("relay", 1)
			for i := range 200 {
				f.state.Forget(fmt.Sprintf("a%d", i))
			}
			flood(greedy, "e")
			if got := tc.size(f.state.Stats()); got < tc.most*3/5 {
				t.Errorf("%d after the devices were forgotten", got)
			}
			for i := range 200 {
				for _, name := range []string{"b", "c", "d", "e"} {
					f.state.Forget(fmt.Sprintf("%s%d", name, i))
				}
			}
			if got := f.state.Stats(); got != (state.Stats{}) {
				t.Errorf("%+v left", got)
			}
			flood(greedy, "a")
			expect("anew", 0.5)
		})
	}
}

// The addresses of one IPv6 network are one sender.
func TestIPv6NetworkIsOneSender(t *testing.T) {
	f := newFixture(t, state.Options{Limits: state.Limits{Devices: 100}})
	addr := netip.MustParseAddr("2001:db8::1")
	for i := range 200 {
		f.say(addr, fmt.Sprint("fw", i), 735002, "Cooling Fan 1: Failure Detected")
		addr = addr.Next()
	}
	if got := f.state.Stats().Devices; got != 50 {
		t.Errorf("%d devices", got)
	}
}

// A device of the inventory finds a place in a table that invented names have
// filled: of the one that was silent longest. Hardware states stay.
func TestInventoryHasItsPlace(t *testing.T) {
	f := newFixture(t, state.Options{Limits: state.Limits{Devices: 4}})
	f.feed("failed : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	for _, name := range []string{"oldest", "old", "new"} {
		f.feed(name + " : %FTD-6-302013: Built")
		f.now = f.now.Add(time.Minute)
	}
	f.store()
	for i, gone := range []string{"oldest", "old", "new"} {
		if !f.state.Ensure(fmt.Sprint("inventory", i)) {
			t.Fatalf("no room for device %d", i)
		}
		if _, ok := f.state.Snapshot(gone); ok {
			t.Errorf("%s is still there", gone)
		}
	}
	if f.state.Ensure("inventory4") || f.state.Evicted() != 3 {
		t.Errorf("%d evicted", f.state.Evicted())
	}
	f.restart()
	if _, ok := f.state.Snapshot("failed"); !ok || f.state.Stats().Devices != 4 {
		t.Errorf("%+v after a restart", f.state.Stats())
	}
	// Whoever has left the inventory does not have a right to its place any more.
	for i := range 3 {
		f.state.Ensure(fmt.Sprint("inventory", i))
	}
	f.now = f.now.Add(time.Minute)
	f.state.ReleaseExcept(func(name string) bool { return name != "inventory1" })
	if !f.state.Ensure("inventory4") {
		t.Error("no room after the release")
	}
	if _, ok := f.state.Snapshot("inventory1"); ok {
		t.Error("inventory1 is still there")
	}
}

// A part of series and bytes is for the inventory alone.
func TestInventoryHasSeriesLeft(t *testing.T) {
	f := newFixture(t, state.Options{Limits: state.Limits{Series: 300}})
	f.state.Ensure("fw1")
	for i := range 100 {
		f.feed(fmt.Sprintf("x%d : %%FTD-1-735002: Cooling Fan %d: Failure Detected", i, i))
	}
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	if got := f.values()[`ftd_component_ok{component="fan",device="fw1",unit="1"}`]; got != "0" {
		t.Errorf("%q, %+v", got, f.state.Stats())
	}
}

// When the file has more devices than there is room for, those with states of
// hardware come first.
func TestPriority(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("failed : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("posted : %FTD-2-774001: POST: unspecified error")
	f.feed("quiet : %FTD-6-302013: Built")
	f.store()
	f.newState()
	f.state.Ensure("inventory")
	for name, want := range map[string]int{"failed": 1, "posted": 1, "quiet": 0, "inventory": 2} {
		if got := f.state.Priority(name, slices.Collect(maps.Values(f.disk[name]))); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// Also when the network was first, a stored device with states of hardware takes
// the place of one without.
func TestStoredHardwareHasItsPlace(t *testing.T) {
	old := newFixture(t, state.Options{})
	old.feed("failed : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	old.feed("quiet : %FTD-6-302013: Built")
	old.store()
	f := newFixture(t, state.Options{Limits: state.Limits{Devices: 2}})
	f.feed("x1 : %FTD-6-302013: Built")
	f.feed("x2 : %FTD-6-302013: Built")
	for _, name := range []string{"quiet", "failed"} {
		f.state.Restore(name, slices.Collect(maps.Values(old.disk[name])))
	}
	if got := f.values()[`ftd_component_ok{component="fan",device="failed",unit="1"}`]; got != "0" {
		t.Errorf("failed: %q", got)
	}
	if _, ok := f.state.Snapshot("quiet"); ok {
		t.Error("quiet has a place")
	}
}

// Names that no sender and no inventory has are refused.
func TestDeviceNames(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, name := range []string{"", "\xff", "a\x00", "a\x1b[31m", "a\u0085", strings.Repeat("x", 256)} {
		f.state.Update(&state.Observation{Device: []byte(name), Time: f.now})
	}
	f.state.Update(&state.Observation{Device: []byte(strings.Repeat("x", 255)), Time: f.now})
	if got := f.rejected()["device_name"]; got != 6 || f.state.Stats().Devices != 1 {
		t.Errorf("%d refused, %+v", got, f.state.Stats())
	}
}

// Whatever happens at the same time, nothing hangs, and what is taken of the limits
// is given back to the last byte.
func TestPlacesAtTheSameTime(t *testing.T) {
	f := newFixture(t, state.Options{CapacityExpiry: 1, Limits: state.Limits{Devices: 30, Series: 1_000, LabelBytes: 40_000}})
	f.opts.Now = func() time.Time { return epoch }
	f.newState()
	old := newFixture(t, state.Options{})
	for i := range 10 {
		old.feed(fmt.Sprintf("fw%d", i) + fanFailed)
	}
	old.store()
	records := map[string][]state.Record{}
	for name, all := range old.disk {
		records[name] = slices.Collect(maps.Values(all))
	}
	const rounds = 300
	var senders, others sync.WaitGroup
	for g := range 3 {
		senders.Go(func() {
			var m catalog.Message
			o := state.Observation{Message: &m, Sender: netip.AddrFrom4([4]byte{192, 0, 2, byte(g)})}
			for i := range 5 * rounds {
				o.Device, o.Time = fmt.Appendf(nil, "fw%d", (i*(g+1))%60), epoch.Add(-time.Duration(i%3))
				id, text := catalog.ID(735002), fmt.Appendf(nil, "Cooling Fan %d: Failure Detected", i%5)
				if i%2 == 0 {
					id, text = 768002, fmt.Appendf(nil, "QUOTA: q%d quota exceeded: requested 1, current 15, limit 15", i%7)
				}
				if f.cat.Match(id, text, &m) != catalog.Matched {
					t.Errorf("%q", text)
				}
				o.Text = text
				f.state.Update(&o)
			}
		})
	}
	for _, do := range []func(i int){
		func(i int) {
			f.state.Ensure(fmt.Sprint("fw", i%70))
			if i%5 == 0 {
				f.state.ReleaseExcept(func(name string) bool { return len(name) == 3 })
			}
		},
		func(i int) { f.state.Rename(fmt.Sprint("fw", i%60), fmt.Sprint("fw", i%50)) },
		func(i int) {
			changes := f.state.TakeSome(50)
			if i%3 == 0 {
				f.state.PutBack(changes)
			}
		},
		func(i int) {
			f.state.Forget(fmt.Sprint("fw", i%60))
			name := fmt.Sprint("fw", i%10)
			f.state.Restore(name, records[name])
		},
		func(int) { f.state.Expose(false).Release() },
	} {
		others.Go(func() {
			for i := range rounds {
				do(i)
			}
		})
	}
	senders.Wait()
	others.Wait()
	f.state.ReleaseExcept(func(string) bool { return false })
	for i := range 100 {
		f.state.Forget(fmt.Sprint("fw", i))
	}
	if got := f.state.Stats(); got != (state.Stats{}) {
		t.Errorf("%+v left", got)
	}
	// Each sender may have its half again.
	for g := range 3 {
		for i := range 100 {
			f.say(netip.AddrFrom4([4]byte{192, 0, 2, byte(g)}), fmt.Sprint("fw", i), 735002, "Cooling Fan 1: Failure Detected")
		}
		if got := f.state.Stats().Devices; got != 15 {
			t.Errorf("sender %d gets %d devices", g, got)
		}
		for i := range 100 {
			f.state.Forget(fmt.Sprint("fw", i))
		}
	}
}
