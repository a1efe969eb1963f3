package state_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// heap returns how much memory is in use.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkSeriesMemory measures what 100,000 series of ordinary devices take: at
// rest, with the memory of an exposition, and what is allocated for the first
// changes of all.
func BenchmarkSeriesMemory(b *testing.B) {
	for b.Loop() {
		f := newFixture(b, state.Options{})
		before := heap()
		fill(b, f, 2_100)
		series := float64(f.state.Stats().Series)
		filled := heap()
		b.ReportMetric(series, "series")
		b.ReportMetric((filled-before)/series, "bytes/series")
		b.ReportMetric(float64(f.state.Stats().LabelBytes)/series, "label_bytes/series")
		f.state.Expose(false).Release()
		exposed := heap()
		b.ReportMetric((exposed-before)/series, "exposed_bytes/series")
		changes := f.state.TakeChanges()
		b.ReportMetric((heap()-exposed)/series, "changes_bytes/series")
		runtime.KeepAlive(changes)
		runtime.KeepAlive(f)
	}
}

// The limit in bytes bounds the memory: hostile names and labels take less than
// four times as much, all copies included.
func TestMemoryIsBounded(t *testing.T) {
	const limit = 5_000_000
	f := newFixture(t, state.Options{Limits: state.Limits{LabelBytes: limit}})
	before := heap()
	long := strings.Repeat(`"`, 100)
	for i := range 600 {
		for unit := range 34 {
			f.say(nobody, fmt.Sprintf("%04d%s", i, strings.Repeat("x", 251)), 748008,
				fmt.Sprintf("CPU load 91%% of module %[1]d%[2]s in chassis %[1]d%[2]s (%[1]d%[2]s) exceeds overflow protection threshold CPU 50%%. System may be oversubscribed on member failure.", unit, long))
		}
	}
	f.state.Expose(false).Release()
	if got := heap() - before; got > 4*limit {
		t.Errorf("%.1f MB for %+v", got/1e6, f.state.Stats())
	}
	if f.rejected()["label_bytes"] == 0 {
		t.Error("the limit is not reached")
	}
	runtime.KeepAlive(f)
}

// What is remembered to save time is bounded, too, and a message for which there is
// no room to remember anything is applied all the same, without garbage.
func TestBindingsAreBounded(t *testing.T) {
	f := newFixture(t, state.Options{Limits: state.Limits{SeriesPerMetric: 1}})
	before := heap()
	var m catalog.Message
	o := state.Observation{Severity: 1, Message: &m, Time: epoch}
	say := func(device, fan int) {
		o.Device = fmt.Appendf(o.Device[:0], "fw%d", device)
		o.Text = fmt.Appendf(o.Text[:0], "Cooling Fan %d: OK", fan)
		if f.cat.Match(735001, o.Text, &m) != catalog.Matched {
			t.Fatal("no match")
		}
		f.state.Update(&o)
	}
	const devices = 3_000
	for device := range devices {
		for fan := range 100 {
			say(device, fan)
		}
	}
	series := f.state.Stats().Series
	if got := heap() - before; got > 50e6+float64(series)*300 {
		t.Errorf("%.1f MB for %d series", got/1e6, series)
	}
	if n := testing.AllocsPerRun(100, func() { f.state.Update(&o) }); n != 0 {
		t.Errorf("%v allocations for each message", n)
	}
	say(devices, 1)
	if got := f.values()[fmt.Sprintf(`ftd_component_ok{component="fan",device="fw%d",unit="1"}`, devices)]; got != "1" {
		t.Errorf("the last device shows %q", got)
	}
	for device := range devices + 1 {
		f.state.Forget(fmt.Sprint("fw", device))
	}
	if got := heap() - before; got > 15e6 {
		t.Errorf("%.1f MB for nothing", got/1e6)
	}
	runtime.KeepAlive(f)
}
