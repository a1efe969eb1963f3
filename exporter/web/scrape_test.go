package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// reference returns the handler of promhttp for the same metrics.
func (f *fixture) reference() http.Handler {
	f.Helper()
	table := prometheus.NewPedanticRegistry()
	if err := table.Register(f.table); err != nil {
		f.Fatal(err)
	}
	// Unlike those of prometheus.Gatherers, the metrics keep their units.
	both := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := f.Gatherer.Gather()
		if err != nil {
			return nil, err
		}
		more, err := table.Gather()
		families = append(families, more...)
		slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
		return families, err
	})
	return promhttp.HandlerFor(both, promhttp.HandlerOpts{AcceptedFormats: acceptedFormats(), OfferedCompressions: offered()})
}

// readProtobuf returns metrics in protobuf as sorted text.
func readProtobuf(t testing.TB, body string) string {
	t.Helper()
	var families []string
	for r := bufio.NewReader(strings.NewReader(body)); ; {
		var family dto.MetricFamily
		err := protodelim.UnmarshalFrom(r, &family)
		if errors.Is(err, io.EOF) {
			return strings.Join(families, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		var series []string
		for _, m := range family.Metric {
			series = append(series, strings.ReplaceAll(m.String(), "  ", " ")+"\n") // Its spaces are random.
		}
		slices.Sort(series)
		family.Metric = nil
		families = append(families, strings.ReplaceAll(family.String(), "  ", " ")+"\n"+strings.Join(series, ""))
	}
}

// scrape returns the answer to a scrape without a socket.
func scrape(h http.Handler, accept, encoding string) *httptest.ResponseRecorder {
	return request(h, "GET", "/metrics", "Accept", accept, "Accept-Encoding", encoding)
}

// steadyMetrics returns metrics of all types that do not change, with names
// before, between and after those of the table, and some that need escapes.
func steadyMetrics(t testing.TB) *prometheus.Registry {
	t.Helper()
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ftd_durations", Help: "A \"histogram\".", Buckets: []float64{0.1, 1}})
	histogram.Observe(0.5)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "ftd_zz", Help: "A summary."})
	summary.Observe(1)
	strange := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ftd.dotted", Help: "A name\nwith \\ a dot."}, []string{"näme"})
	strange.WithLabelValues("a\"b\\c\nd").Set(1e6)
	seconds := prometheus.NewGauge(prometheus.GaugeOpts{Name: "ftd_exporter_delay_seconds", Help: "Has a unit.", Unit: "seconds"})
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "aaa_total", Help: "A counter."})
	counter.Add(3)
	reg := prometheus.NewPedanticRegistry()
	for _, c := range []prometheus.Collector{
		histogram, summary, strange, counter, seconds,
		prometheus.NewGauge(prometheus.GaugeOpts{Name: "zzz"}), //nolint:promlinter // There may be one without help.
		prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "ftd_m", Help: "Untyped."}, func() float64 { return 2 }),
	} {
		if err := reg.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	return reg
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

// What goes over the wire is what promhttp would send, whatever the client asks
// for; only the series of a metric may come in another order.
func TestScrapeIsThatOfPromhttp(t *testing.T) {
	f := newFixture(t)
	f.everySample()
	f.say(`fw"1\ : %FTD-1-735002: Cooling Fan "\1: Failure Detected`)
	f.Gatherer = steadyMetrics(t)
	got := f.serve(f.handler())
	server := httptest.NewServer(f.reference())
	defer server.Close()
	want := server.URL

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
		text = decode(t, resp.Header.Get("Content-Encoding"), body)
		switch contentType := resp.Header.Get("Content-Type"); {
		case strings.Contains(contentType, "encoding=delimited"):
			text = readProtobuf(t, text)
		case !strings.HasPrefix(contentType, "application/vnd.google.protobuf"):
			text = sortSeries(text)
		}
		return resp.StatusCode, resp.Header, text
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
			t.Errorf("%s: %s", what, testutil.FirstDifference(body, wantBody))
		}
		if method == http.MethodGet && query == "" && !strings.Contains(body, "ftd_component_ok") {
			t.Errorf("%s: no device in %d bytes", what, len(body))
		}
	}
	for _, accept := range accepts() {
		for _, encoding := range []string{"", "gzip", "zstd"} {
			compare("GET", "", accept, encoding)
		}
		compare("HEAD", "", accept, "gzip")
		compare("GET", "?name[]=zzz&name[]=ftd_component_ok&name[]=ftd_messages_total&name[]=ftd.dotted", accept, "")
		compare("GET", "?name[]=nothing", accept, "gzip")
	}
	for _, encoding := range encodings() {
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

func TestScrapeReportsErrors(t *testing.T) {
	f := newFixture(t)
	f.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return nil, errors.New("the registry is on fire")
	})
	h, reference := f.handler(), f.reference()
	for i, accept := range []string{"", openMetrics, "text/plain"} {
		got, want := scrape(h, accept, "gzip"), scrape(reference, accept, "gzip")
		if got.Code != 500 || got.Code != want.Code || got.Body.String() != want.Body.String() {
			t.Errorf("%q: status %d, %q\nwant %d, %q", accept, got.Code, got.Body, want.Code, want.Body)
		}
		if n := f.scrapes(scrapeFailed); n != float64(i+1) {
			t.Errorf("%g failures counted, want %d", n, i+1)
		}
	}
	if got := scrape(h, protobuf, ""); got.Code != 500 || !strings.Contains(got.Body.String(), "on fire") {
		t.Errorf("protobuf: status %d, %q", got.Code, got.Body)
	}
}

func TestScrapeTakesNoOtherMethods(t *testing.T) {
	if w := request(newFixture(t).handler(), "POST", "/metrics"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
}

// An answer waits until what it shows is on disk, for a second at most.
func TestScrapeWaitsForTheDisk(t *testing.T) {
	for _, accept := range []string{"text/plain", openMetrics, protobuf} {
		f := newFixture(t)
		f.say(fanFailed)
		waits := 0
		f.Stored = func(limit time.Duration) bool {
			waits++
			if limit != time.Second {
				t.Errorf("%s: limit %s", accept, limit)
			}
			f.say(strings.Replace(fanFailed, "fw1", "fw2", 1)) // What comes now is not shown: it may not be on disk.
			return false                                       // A scrape is answered in any case.
		}
		body := scrape(f.handler(), accept, "").Body.String()
		if waits != 1 || !strings.Contains(body, "fw1") || strings.Contains(body, "fw2") {
			t.Errorf("%s: %d waits, %.300q", accept, waits, body)
		}
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
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.say(fanFailed)
			own := &blockingGatherer{Gatherer: steadyMetrics(t), release: make(chan struct{})}
			f.Gatherer = own
			f.limits.scrapes = 5
			h := f.handler()
			var (
				wg     sync.WaitGroup
				bodies [5]string
			)
			for i := range bodies {
				wg.Go(func() { bodies[i] = scrape(h, accept, "").Body.String() })
			}
			synctest.Wait()
			// All five share one snapshot, a sixth is one too many.
			w := scrape(h, accept, "")
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
			// Later scrapes see later values.
			f.say(fanWorks)
			if body := scrape(h, accept, "").Body.String(); body == bodies[0] || own.calls.Load() != 2 {
				t.Errorf("a later scrape shows the earlier one; gathered %d times", own.calls.Load())
			}
			if complete, refused := f.scrapes(scrapeComplete), f.scrapes(scrapeRefused); complete != 6 || refused != 1 {
				t.Errorf("%g complete, %g refused", complete, refused)
			}
		})
	}
}

// A panic while a snapshot is taken ends the scrapes that wait for it, and no
// later ones.
func TestScrapeAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		var calm atomic.Bool
		release := make(chan struct{})
		f.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			if !calm.Load() {
				<-release
				panic("a bug")
			}
			return nil, nil
		})
		f.limits.scrapes = 2
		h := f.handler()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				defer func() {
					if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "a bug") {
						t.Errorf("the panic is lost: %v", p)
					}
				}()
				scrape(h, "", "")
			})
		}
		synctest.Wait()
		calm.Store(true)
		close(release)
		wg.Wait()
		if w := scrape(h, "", ""); w.Code != http.StatusOK {
			t.Errorf("afterward: status %d, %q", w.Code, w.Body)
		}
	})
}

// A heldWriter is a client that does not read until it is released.
type heldWriter struct {
	recorder
	held    chan struct{}
	release chan struct{}
	once    sync.Once
}

func (w *heldWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.held) })
	<-w.release
	return w.recorder.Write(p)
}

// While a client does not read, messages are taken, devices can be forgotten and
// other clients see all of it. The client gets the state of when it asked.
func TestAScrapeHoldsUpNobody(t *testing.T) {
	for _, accept := range []string{"text/plain", openMetrics, protobuf} {
		f := newFixture(t)
		f.populate(200) // More than is written at a time.
		h := f.handler()
		before := scrape(h, accept, "").Body.String()
		w := &heldWriter{recorder{httptest.NewRecorder()}, make(chan struct{}), make(chan struct{}), sync.Once{}}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.Header.Set("Accept", accept)
			h.ServeHTTP(w, r)
		}()
		<-w.held
		for i := range 100 {
			f.say(fmt.Sprintf("new%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i), fmt.Sprintf("fw%05d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
			f.table.Forget(fmt.Sprintf("fw%05d", 100+i))
		}
		after := scrape(h, accept, "").Body.String()
		if !strings.Contains(after, "new99") || strings.Contains(after, "fw00199") {
			t.Errorf("%s: another scrape does not see what has changed", accept)
		}
		close(w.release)
		<-done
		if got, want := sortSeries(w.Body.String()), sortSeries(before); got != want {
			t.Errorf("%s: %s", accept, testutil.FirstDifference(got, want))
		}
	}
}

// Scrapes in all formats, messages and the end of devices get along.
func TestScrapesWhileTheTableChanges(t *testing.T) {
	f := newFixture(t)
	f.everySample()
	h := f.handler()
	var (
		writers, readers sync.WaitGroup
		done             atomic.Bool
	)
	for g := range 2 {
		writers.Go(func() {
			for i := 0; !done.Load(); i++ {
				f.say(fmt.Sprintf("fw%d : %%FTD-1-735007: CPU %d: Temp: 93 C, Critical", i%20, g))
			}
		})
	}
	writers.Go(func() {
		for i := 0; !done.Load(); i++ {
			f.table.Forget(fmt.Sprintf("fw%d", i%20))
			runtime.Gosched()
		}
	})
	for i, accept := range []string{"text/plain", openMetrics, openMetrics, protobuf} {
		readers.Go(func() {
			for range 10 {
				w := scrape(h, accept, []string{"", "gzip", "zstd", ""}[i])
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
