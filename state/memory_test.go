package state_test

import (
	"runtime"
	"testing"

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
		f.state.Expose().Release()
		exposed := heap()
		b.ReportMetric((exposed-before)/series, "exposed_bytes/series")
		changes := f.state.TakeChanges()
		b.ReportMetric((heap()-exposed)/series, "changes_bytes/series")
		runtime.KeepAlive(changes)
		runtime.KeepAlive(f)
	}
}
