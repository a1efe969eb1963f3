package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A nullWriter is a client that reads without delay.
type nullWriter struct{ header http.Header }

func (w nullWriter) Header() http.Header              { return w.header }
func (w nullWriter) WriteHeader(int)                  {}
func (w nullWriter) Write(p []byte) (int, error)      { return len(p), nil }
func (w nullWriter) SetWriteDeadline(time.Time) error { return nil }

// The memory that a scrape allocates does not grow with the table.
func TestScrapeAllocatesLittle(t *testing.T) {
	if raceEnabled {
		return // The race detector throws pooled memory away at random.
	}
	// And so does the collector; each processor has its own pool.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := newFixture(t)
	f.populate(400)
	series := f.table.Stats().Series
	h := f.handler()
	for _, encoding := range []string{"", "gzip", "zstd"} {
		for _, accept := range []string{"text/plain", openMetrics, "application/openmetrics-text;version=2.0.0", protobuf} {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", accept)
			r.Header.Set("Accept-Encoding", encoding)
			once := func() {
				h.ServeHTTP(nullWriter{http.Header{}}, r)
			}
			once()
			// The compressors allocate a little for each block of theirs.
			if n := testing.AllocsPerRun(10, once); n > 100 && encoding == "" || n > float64(series)/20 {
				t.Errorf("%s %s: %v allocations for %d series", accept, encoding, n, series)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 10 {
				once()
			}
			runtime.ReadMemStats(&after)
			if n := float64(after.TotalAlloc-before.TotalAlloc) / 10 / float64(series); n > 2 {
				t.Errorf("%s %s: %.2f bytes for each of %d series", accept, encoding, n, series)
			}
		}
	}
}

// BenchmarkScrape is a scrape of 500,000 series. What matters is cpu-s/op; the
// time on the clock depends on who else uses the machine.
func BenchmarkScrape(b *testing.B) {
	f := newFixture(b)
	f.populate(9616) // Times 52.
	h := f.handler()
	for _, bc := range []struct{ name, accept, encoding string }{
		{"text", "text/plain", ""},
		{"openmetrics", openMetrics, ""},
		{"gzip", openMetrics, "gzip"},
		{"zstd", openMetrics, "zstd"},
		{"openmetrics2", "application/openmetrics-text;version=2.0.0", ""},
		{"protobuf", protobuf, ""},
	} {
		b.Run(bc.name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", bc.accept)
			r.Header.Set("Accept-Encoding", bc.encoding)
			w := nullWriter{http.Header{}}
			h.ServeHTTP(w, r) // The first one renders the series.
			b.ReportAllocs()
			before := processCPU(b)
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
			b.ReportMetric((processCPU(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(f.table.Stats().Series), "series")
		})
	}
}

// BenchmarkDevices is the answer about 10,000 devices.
func BenchmarkDevices(b *testing.B) {
	f := newFixture(b)
	for i := range 10_000 {
		for unit := range 5 {
			f.say(fmt.Sprintf("fw%d : %%FTD-1-735002: Cooling Fan %d: Failure Detected", i, unit))
		}
	}
	h := f.handler()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(nullWriter{http.Header{}}, httptest.NewRequest("GET", "/api/v1/devices", nil))
	}
}

func BenchmarkFleetPage(b *testing.B) {
	f := newFixture(b)
	for i := range 10_000 {
		f.say(fmt.Sprintf("fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
	}
	h := f.handler()
	b.ReportAllocs()
	for b.Loop() {
		request(h, "GET", "/")
	}
}
