package exporter

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // So that the reference offers it too.
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

const (
	openMetrics = "application/openmetrics-text;version=1.0.0"
	protobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scrapeHandler returns a handler for the table and the exporter's own metrics.
func (f *fixture) scrapeHandler(store *Store, limits webLimits) http.Handler {
	f.t.Helper()
	own := prometheus.NewRegistry()
	if err := f.Register(own); err != nil {
		f.t.Fatal(err)
	}
	return f.scrapeHandlerOf(own, store, limits)
}

func (f *fixture) scrapeHandlerOf(own prometheus.Gatherer, store *Store, limits webLimits) http.Handler {
	f.t.Helper()
	h, err := newHandler(HandlerOptions{
		Gatherer: own, State: f.state, Exporter: f.Exporter, Store: store,
		TelemetryPath: "/metrics", Ready: new(atomic.Bool), Logger: quiet,
	}, limits)
	if err != nil {
		f.t.Fatal(err)
	}
	return h
}

// reference returns the handler of promhttp for the same metrics.
func (f *fixture) reference(own prometheus.Gatherer) http.Handler {
	f.t.Helper()
	table := prometheus.NewPedanticRegistry()
	if err := table.Register(f.state); err != nil {
		f.t.Fatal(err)
	}
	return promhttp.HandlerFor(prometheus.Gatherers{own, table}, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// serveHTTP serves a handler on a real socket until the test ends, and returns its
// URL.
func (f *fixture) serveHTTP(h http.Handler, limits webLimits) string {
	f.t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config = f.newServer(h, limits)
	server.Start()
	f.t.Cleanup(server.Close)
	return server.URL
}

// scrape returns the answer to a request without a socket.
func scrape(h http.Handler, method, target, accept, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (f *fixture) scrapes(result string) float64 {
	return testutil.ToFloat64(f.metrics.scrapes.WithLabelValues(result))
}

// quietMetrics returns metrics of all types that do not change, with names
// before, between and after those of the table, and some that need escapes.
func quietMetrics(t testing.TB) *prometheus.Registry {
	t.Helper()
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ftd_durations", Help: "A \"histogram\".", Buckets: []float64{0.1, 1}})
	histogram.Observe(0.5)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "ftd_zz", Help: "A summary."})
	summary.Observe(1)
	strange := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ftd.dotted", Help: "A name\nwith \\ a dot."}, []string{"näme"})
	strange.WithLabelValues("a\"b\\c\nd").Set(1e6)
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "aaa_total", Help: "A counter."})
	counter.Add(3)
	reg := prometheus.NewPedanticRegistry()
	for _, c := range []prometheus.Collector{
		histogram, summary, strange, counter,
		prometheus.NewGauge(prometheus.GaugeOpts{Name: "zzz"}), //nolint:promlinter // There may be one without help.
		prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "ftd_m", Help: "Untyped."}, func() float64 { return 2 }),
	} {
		if err := reg.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return reg
}

// accepts are headers of clients, and of some that are none.
var accepts = []string{
	"", "*/*", "text/*", "text/plain", "text/plain;version=0.0.4", "text/plain;version=9", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
	openMetrics, "application/openmetrics-text", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
	openMetrics + ";escaping=allow-utf-8", openMetrics + ";escaping=underscores", openMetrics + ";escaping=dots", "text/plain;version=0.0.4;escaping=values", openMetrics + ";escaping=bogus",
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
	protobuf + ";escaping=allow-utf-8;q=0.7," + openMetrics + ";q=0.6,text/plain;q=0.3",
	protobuf, protobuf + ";escaping=dots", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
	openMetrics + ";q=0.1,text/plain;q=0.9", "nonsense", ";;;,,,", "text/plain;q=x", "\x80",
}

// encodings are headers of clients.
var encodings = []string{
	"", "gzip", "zstd", "identity", "*", "br", "gzip, zstd", "zstd, gzip", "gzip;q=0.5, zstd;q=0.7", "zstd ; q=0.2,gzip; q=0.1", "deflate, gzip, br, zstd",
	"gzip;q=0", "gzip;q=0, zstd;q=0", "identity;q=0", "identity;q=0, *;q=0", "*;q=0", "gzip;q=0.5, *;q=1", "GZIP", "gzip;level=1", "gzip;q=", "gzip;q=-1",
}

// decode undoes a content encoding.
func decode(t *testing.T, encoding string, body []byte) string {
	t.Helper()
	var (
		r   io.Reader = bytes.NewReader(body)
		err error
	)
	switch encoding {
	case "":
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1)); err == nil {
			defer z.Close()
			r = z
		}
	default:
		t.Fatalf("Content-Encoding %q", encoding)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", encoding, err)
	}
	return string(text)
}

// What goes over the wire is what promhttp would send, whatever the client
// asks for.
func TestScrapeIsThatOfPromhttp(t *testing.T) {
	f := newFixture(t)
	f.say("192.0.2.1", fleetLog(t)...)
	f.say("192.0.2.1", `fw"1\ : %FTD-1-735002: Cooling Fan "\1: Failure Detected`)
	own := quietMetrics(t)
	limits := defaultWebLimits()
	got, want := f.serveHTTP(f.scrapeHandlerOf(own, nil, limits), limits), f.serveHTTP(f.reference(own), limits)

	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	ask := func(method, url, accept, encoding string) (status int, h http.Header, text string) {
		r, err := http.NewRequest(method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Accept"], r.Header["Accept-Encoding"] = []string{accept}, []string{encoding}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodHead {
			return resp.StatusCode, resp.Header, string(body)
		}
		return resp.StatusCode, resp.Header, decode(t, resp.Header.Get("Content-Encoding"), body)
	}
	compare := func(method, query, accept, encoding string) {
		t.Helper()
		status, header, body := ask(method, got+"/metrics"+query, accept, encoding)
		wantStatus, wantHeader, wantBody := ask(method, want+"/metrics"+query, accept, encoding)
		what := fmt.Sprintf("%s %s, Accept %q, Accept-Encoding %q", method, query, accept, encoding)
		if status != wantStatus {
			t.Errorf("%s: status %d, want %d", what, status, wantStatus)
		}
		for _, name := range []string{"Content-Type", "Content-Encoding", "Vary"} {
			if !slices.Equal(header[name], wantHeader[name]) {
				t.Errorf("%s: %s %q, want %q", what, name, header[name], wantHeader[name])
			}
		}
		if body != wantBody {
			t.Errorf("%s: %s", what, firstDifference(body, wantBody))
		}
		if method == http.MethodGet && query == "" && !strings.Contains(body, "ftd_component_ok") {
			t.Errorf("%s: no device in %d bytes", what, len(body))
		}
	}
	for _, accept := range accepts {
		for _, encoding := range []string{"", "gzip", "zstd"} {
			compare("GET", "", accept, encoding)
		}
		compare("HEAD", "", accept, "gzip")
		compare("GET", "?name[]=zzz&name[]=ftd_component_ok&name[]=ftd_messages_total&name[]=ftd.dotted", accept, "")
		compare("GET", "?name[]=nothing", accept, "gzip")
	}
	for _, encoding := range encodings {
		compare("GET", "?name[]=ftd_component_ok", "", encoding)
		compare("HEAD", "", "", encoding)
	}
	if n := f.scrapes(scrapeAborted) + f.scrapes(scrapeFailed) + f.scrapes(scrapeRefused); n != 0 {
		t.Errorf("%g scrapes were not complete", n)
	}
	if n := f.scrapes(scrapeComplete); n == 0 {
		t.Error("no scrape is counted")
	}
}

// Any well-formed Accept-Encoding gives what it gives with promhttp.
func TestEncodingIsThatOfPromhttp(t *testing.T) {
	reference := promhttp.HandlerFor(prometheus.NewRegistry(), promhttp.HandlerOpts{})
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for range 5000 {
		h := http.Header{}
		for range random.IntN(3) {
			var parts []string
			for range 1 + random.IntN(4) {
				part := pick("gzip", "zstd", "identity", "*", "br", "deflate")
				if random.IntN(2) == 0 {
					part += pick(";", " ;", "; ", " ; ") + "q=" + pick("0", "1", "0.5", "0.25", "0.001", "1.0", "0.", "0.000")
				}
				parts = append(parts, part)
			}
			h.Add("Accept-Encoding", strings.Join(parts, pick(",", ", ")))
		}
		w := httptest.NewRecorder()
		reference.ServeHTTP(w, &http.Request{Header: h})
		if got, want := negotiateEncoding(h), w.Header().Get("Content-Encoding"); got != want {
			t.Fatalf("%q: %q, want %q", h["Accept-Encoding"], got, want)
		}
	}
}

func TestScrapeReportsErrors(t *testing.T) {
	f := newFixture(t)
	own := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return nil, errors.New("the registry is on fire")
	})
	h, reference := f.scrapeHandlerOf(own, nil, defaultWebLimits()), f.reference(own)
	for i, accept := range []string{"", openMetrics, "text/plain"} {
		got, want := scrape(h, "GET", "/metrics", accept, "gzip"), scrape(reference, "GET", "/metrics", accept, "gzip")
		// In the reference, the first of two gatherers has failed.
		wantBody := strings.Replace(want.Body.String(), "[from Gatherer #1] ", "", 1)
		if got.Code != 500 || got.Code != want.Code || got.Body.String() != wantBody {
			t.Errorf("%q: status %d, %q\nwant %d, %q", accept, got.Code, got.Body, want.Code, wantBody)
		}
		if n := f.scrapes(scrapeFailed); n != float64(i+1) {
			t.Errorf("%g failures counted, want %d", n, i+1)
		}
	}
	if got := scrape(h, "GET", "/metrics", protobuf, ""); got.Code != 500 || !strings.Contains(got.Body.String(), "on fire") {
		t.Errorf("protobuf: status %d, %q", got.Code, got.Body)
	}
}

func TestScrapeTakesNoOtherMethods(t *testing.T) {
	f := newFixture(t)
	if w := scrape(f.scrapeHandler(nil, defaultWebLimits()), "POST", "/metrics", "", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
}

// A blockingGatherer lets a test hold a scrape.
type blockingGatherer struct {
	prometheus.Gatherer
	calls   atomic.Int32
	release chan struct{}
}

func (g *blockingGatherer) Gather() ([]*dto.MetricFamily, error) {
	g.calls.Add(1)
	<-g.release
	return g.Gatherer.Gather()
}

func TestConcurrentScrapes(t *testing.T) {
	for _, accept := range []string{"text/plain", protobuf} {
		f := newFixture(t)
		f.say("192.0.2.1", fanFailed)
		own := &blockingGatherer{Gatherer: quietMetrics(t), release: make(chan struct{})}
		limits := defaultWebLimits()
		limits.scrapes = 5
		s, err := newScraper(HandlerOptions{Gatherer: own, State: f.state, Exporter: f.Exporter, Logger: quiet}, limits)
		if err != nil {
			t.Fatal(err)
		}
		var (
			wg     sync.WaitGroup
			bodies [5]string
		)
		for i := range bodies {
			wg.Go(func() { bodies[i] = scrape(s, "GET", "/metrics", accept, "").Body.String() })
		}
		// All five share one snapshot, a sixth is one too many.
		eventually(t, "five scrapes wait", func() bool {
			for _, flight := range []*flight{&s.text, &s.objects} {
				flight.mu.Lock()
				n := int32(0)
				if flight.taking != nil {
					n = flight.taking.readers.Load()
				}
				flight.mu.Unlock()
				if n == 5 {
					return true
				}
			}
			return false
		})
		w := scrape(s, "GET", "/metrics", accept, "")
		if w.Code != http.StatusServiceUnavailable || w.Body.String() != "Limit of concurrent requests reached (5), try again later.\n" {
			t.Errorf("status %d, %q", w.Code, w.Body)
		}
		close(own.release)
		wg.Wait()
		for _, body := range bodies {
			if body != bodies[0] || !strings.Contains(body, "ftd_component_ok") {
				t.Errorf("%q\nwant %q", body, bodies[0])
			}
		}
		if n := own.calls.Load(); n != 1 {
			t.Errorf("gathered %d times for scrapes at the same time", n)
		}
		// What comes later sees later values.
		f.say("192.0.2.1", fanWorks)
		if body := scrape(s, "GET", "/metrics", accept, "").Body.String(); body == bodies[0] || own.calls.Load() != 2 {
			t.Errorf("a later scrape shows the earlier one; gathered %d times", own.calls.Load())
		}
		if complete, refused := f.scrapes(scrapeComplete), f.scrapes(scrapeRefused); complete != 6 || refused != 1 {
			t.Errorf("%g complete, %g refused", complete, refused)
		}
	}
}

// A panic while a snapshot is taken ends no other scrape without an answer.
func TestScrapeAfterAPanic(t *testing.T) {
	f := newFixture(t)
	var calm atomic.Bool
	blocked, release := make(chan struct{}), make(chan struct{})
	own := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		if !calm.Load() {
			close(blocked)
			<-release
			panic("a bug")
		}
		return nil, nil
	})
	s, err := newScraper(HandlerOptions{Gatherer: own, State: f.state, Exporter: f.Exporter, Logger: quiet}, defaultWebLimits())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		scrape(s, "GET", "/metrics", "", "")
	})
	<-blocked
	wg.Go(func() {
		if w := scrape(s, "GET", "/metrics", "", ""); w.Code != http.StatusInternalServerError {
			t.Errorf("status %d, %q", w.Code, w.Body)
		}
	})
	eventually(t, "second scrape", func() bool {
		s.text.mu.Lock()
		defer s.text.mu.Unlock()
		return s.text.taking.readers.Load() == 2
	})
	calm.Store(true)
	close(release)
	wg.Wait()
	if w := scrape(s, "GET", "/metrics", "", ""); w.Code != http.StatusOK {
		t.Errorf("afterwards: status %d, %q", w.Code, w.Body)
	}
	if len(s.slots) != 0 {
		t.Errorf("%d scrapes are still being answered", len(s.slots))
	}
}

// A heldWriter is a client that does not read until it is released.
type heldWriter struct {
	*httptest.ResponseRecorder
	held    chan struct{}
	release chan struct{}
	once    sync.Once
}

func (w *heldWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.held) })
	<-w.release
	return w.ResponseRecorder.Write(p)
}

// While a client does not read, messages are taken, devices can be forgotten
// and others see all of it. The client gets what was so when it asked.
func TestAScrapeHoldsUpNobody(t *testing.T) {
	for _, accept := range []string{"text/plain", openMetrics, protobuf} {
		f := newFixture(t)
		f.populate(200) // More than is written at a time.
		h := f.scrapeHandlerOf(prometheus.NewRegistry(), nil, defaultWebLimits())
		before := scrape(h, "GET", "/metrics", accept, "").Body.String()
		w := &heldWriter{httptest.NewRecorder(), make(chan struct{}), make(chan struct{}), sync.Once{}}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", accept)
			h.ServeHTTP(w, r)
		}()
		<-w.held
		for i := range 100 {
			f.say("192.0.2.1", fmt.Sprintf("new%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i), fmt.Sprintf("fw%05d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
			f.state.Forget(fmt.Sprintf("fw%05d", 100+i))
		}
		after := scrape(h, "GET", "/metrics", accept, "").Body.String()
		if !strings.Contains(after, "new99") || strings.Contains(after, "fw00199") {
			t.Errorf("%s: another scrape does not see what has changed", accept)
		}
		close(w.release)
		<-done
		if got := w.Body.String(); got != before {
			t.Errorf("%s: %s", accept, firstDifference(got, before))
		}
	}
}

// Scrapes in all formats, messages and the end of devices get along.
func TestScrapesWhileTheTableChanges(t *testing.T) {
	f := newFixture(t)
	f.say("192.0.2.1", fleetLog(t)...)
	h := f.scrapeHandler(nil, defaultWebLimits())
	var (
		writers, readers sync.WaitGroup
		done             atomic.Bool
	)
	for g := range 2 {
		writers.Go(func() {
			for i := 0; !done.Load(); i++ {
				f.say("192.0.2.1", fmt.Sprintf("fw%d : %%FTD-1-735007: CPU %d: Temp: 93 C, Critical", i%20, g))
			}
		})
	}
	writers.Go(func() {
		for i := 0; !done.Load(); i++ {
			f.state.Forget(fmt.Sprintf("fw%d", i%20))
			runtime.Gosched()
		}
	})
	for i, accept := range []string{"text/plain", openMetrics, openMetrics, protobuf} {
		readers.Go(func() {
			for range 10 {
				w := scrape(h, "GET", "/metrics", accept, []string{"", "gzip", "zstd", ""}[i])
				body := decode(t, w.Header().Get("Content-Encoding"), w.Body.Bytes())
				if w.Code != http.StatusOK || !strings.Contains(body, "ftd_temperature_state") || accept == openMetrics && !strings.HasSuffix(body, "\n# EOF\n") {
					t.Errorf("%s: status %d, %d bytes", accept, w.Code, len(body))
				}
			}
		})
	}
	readers.Wait()
	done.Store(true)
	writers.Wait()
}

// A nullWriter is a client that reads without delay.
type nullWriter struct {
	header http.Header
	bytes  int64
}

func (w *nullWriter) Header() http.Header { return w.header }
func (w *nullWriter) WriteHeader(int)     {}
func (w *nullWriter) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	return len(p), nil
}

// populate fills the table with devices of 52 series each.
func (f *fixture) populate(devices int) {
	f.t.Helper()
	var m catalog.Message
	for i := range devices {
		e := collectors.Observation{Device: fmt.Appendf(nil, "fw%05d", i), Severity: 1, Count: 1, Message: &m}
		say := func(id uint32, format string, args ...any) {
			e.Text = fmt.Appendf(nil, format, args...)
			if f.catalog.Match(id, e.Text, &m) != catalog.Matched {
				f.t.Fatalf("%d does not match %q", id, e.Text)
			}
			e.Time = time.Now() // Times with all their digits, as there are in life.
			f.state.Update(&e)
		}
		for fan := range 5 {
			say(735001, "Cooling Fan %d: OK", fan)
		}
		say(735003, "Power Supply 1: OK")
		say(735004, "Power Supply 2: Failure Detected")
		say(735020, "CPU 1: Temp: 58 C OK")
		say(735021, "Chassis 1: Temp: 31 C OK")
	}
}

// The memory that a scrape allocates does not grow with the table.
func TestScrapeAllocatesLittle(t *testing.T) {
	if raceEnabled {
		return // The race detector throws pooled memory away at random.
	}
	// And so does the collector; each processor has its own.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := newFixture(t)
	f.populate(400)
	series := f.state.Stats().Series
	h := f.scrapeHandlerOf(prometheus.NewRegistry(), nil, defaultWebLimits())
	for _, encoding := range []string{"", "gzip", "zstd"} {
		for _, accept := range []string{"text/plain", openMetrics} {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", accept)
			r.Header.Set("Accept-Encoding", encoding)
			once := func() {
				h.ServeHTTP(&nullWriter{header: http.Header{}}, r)
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
	state, err := collectors.New(f.catalog, families.All(), collectors.Options{})
	if err != nil {
		b.Fatal(err)
	}
	f = &fixture{b, New(f.catalog, state, nil)}
	f.populate(9616) // Times 52.
	h := f.scrapeHandler(nil, defaultWebLimits())
	for _, bc := range []struct{ name, accept, encoding string }{
		{"text", "text/plain", ""},
		{"openmetrics", openMetrics, ""},
		{"gzip", openMetrics, "gzip"},
		{"zstd", openMetrics, "zstd"},
		{"protobuf", protobuf, ""},
	} {
		b.Run(bc.name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", bc.accept)
			r.Header.Set("Accept-Encoding", bc.encoding)
			w := &nullWriter{header: http.Header{}}
			h.ServeHTTP(w, r) // The first one sorts the series.
			b.ReportAllocs()
			before := processCPU(b)
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
			b.ReportMetric((processCPU(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(state.Stats().Series), "series")
		})
	}
}
