package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	quiet = slog.New(slog.DiscardHandler)
	epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
)

const (
	fanFailed = "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	fanWorks  = "fw1 : %FTD-1-735001: Cooling Fan 1: OK"
)

// A fixture is what a handler shows: a table, values, and a clock that stands
// still.
type fixture struct {
	testing.TB
	Options
	table    *state.Table
	registry *prometheus.Registry // Options.Registerer; not Options.Gatherer.
	limits   limits
	now      time.Time
	ready    bool
	status   Status
}

func newFixture(t testing.TB, more ...collectors.Collector) *fixture {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, registry: prometheus.NewRegistry(), limits: defaultLimits(), now: epoch, ready: true, status: Status{ConfigLoaded: true}}
	now := func() time.Time { return f.now }
	if f.table, err = state.New(c, append(collectors.All(), more...), state.Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	f.Options = Options{
		Table: f.table, Catalog: c, Gatherer: prometheus.NewRegistry(), Registerer: f.registry,
		TelemetryPath: "/metrics", Now: now, Logger: quiet, Version: "1.2.3",
		Ready: func() bool { return f.ready }, Status: func() Status { return f.status },
	}
	return f
}

// handler returns the handler of the fixture's options. It can be called once,
// because its metrics can be registered once.
func (f *fixture) handler() http.Handler {
	f.Helper()
	h, err := newHandler(f.Options, f.limits)
	if err != nil {
		f.Fatal(err)
	}
	return h
}

// server returns a server that is not started, with a handler.
func (f *fixture) server(h http.Handler) *httptest.Server {
	f.Helper()
	config, err := newServer(h, f.registry, quiet, f.limits)
	if err != nil {
		f.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Config = config
	return server
}

// serve serves a handler on a socket until the test ends, and returns its URL.
func (f *fixture) serve(h http.Handler) string {
	f.Helper()
	server := f.server(h)
	server.Start()
	f.Cleanup(server.Close)
	return server.URL
}

var lineForm = regexp.MustCompile(`^(.*) : %(?:FTD|ASA)-(\d)-(\d+): (.*)$`)

// say applies lines of the form DEVICE : %FTD-SEVERITY-ID: TEXT.
func (f *fixture) say(lines ...string) {
	f.Helper()
	for _, line := range lines {
		m := lineForm.FindStringSubmatch(line)
		if m == nil {
			f.Fatalf("%q is not a line", line)
		}
		id, err := strconv.ParseUint(m[3], 10, 32)
		if err != nil {
			f.Fatal(err)
		}
		f.apply(m[1], m[2][0]-'0', catalog.ID(id), m[4])
	}
}

// apply applies a message to the table, as if it had come just now. It reports
// whether the text matched.
func (f *fixture) apply(device string, severity uint8, id catalog.ID, text string) bool {
	var m catalog.Message
	o := state.Observation{Device: []byte(device), Severity: severity, Count: 1, Time: f.now}
	matched := f.Catalog.Match(id, []byte(text), &m) == catalog.Matched
	if matched {
		o.Message, o.Text = &m, []byte(text)
	}
	f.table.Update(&o)
	return matched
}

// alert applies a health alert of a management center, about itself if about is empty.
func (f *fixture) alert(device, about, text string) {
	f.Helper()
	var m catalog.Message
	o := state.Observation{Device: []byte(device), Severity: 6, Count: 1, Time: f.now, Message: &m, Text: []byte(text)}
	if about != "" {
		o.Subject = []byte(about)
	}
	if f.Catalog.Match(catalog.HealthAlert, o.Text, &m) != catalog.Matched {
		f.Fatalf("%q does not match", text)
	}
	f.table.Update(&o)
}

// everySample applies all sample texts of the catalog.
func (f *fixture) everySample() {
	f.Helper()
	for i := range f.Catalog.Len() {
		e := f.Catalog.At(i)
		for _, text := range e.Samples {
			if !f.apply(fmt.Sprintf("sample%d", i%20), uint8(e.Severity), e.ID, text) {
				f.Fatalf("%s: %q does not match", e.ID, text)
			}
		}
	}
}

// populate fills the table with devices of some 50 series each.
func (f *fixture) populate(devices int) {
	f.Helper()
	now := f.now
	defer func() { f.now = now }()
	for i := range devices {
		f.now = time.Now() // Times with all their digits, as in real life.
		device := fmt.Sprintf("fw%05d", i)
		for fan := range 5 {
			f.say(fmt.Sprintf("%s : %%FTD-1-735001: Cooling Fan %d: OK", device, fan))
		}
		f.say(
			device+" : %FTD-1-735003: Power Supply 1: OK",
			device+" : %FTD-1-735004: Power Supply 2: Failure Detected",
			device+" : %FTD-1-735020: CPU 1: Temp: 58 C OK",
			device+" : %FTD-1-735021: Chassis 1: Temp: 31 C OK",
		)
	}
}

// metric returns the value of one of this package's own metrics, whose only
// label, if it has one, has the given value.
func (f *fixture) metric(name string, label ...string) float64 {
	f.Helper()
	families, err := f.registry.Gather()
	if err != nil {
		f.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			if len(label) == 0 || slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetValue() == label[0] }) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() // One of them is nil.
			}
		}
	}
	f.Fatalf("there is no metric %s %q", name, label)
	return 0
}

func (f *fixture) scrapes(result string) float64 {
	return f.metric("ftd_exporter_scrapes_total", result)
}

func (f *fixture) connections() float64 { return f.metric("ftd_exporter_http_connections") }

func (f *fixture) evicted() float64 { return f.metric("ftd_exporter_http_connections_evicted_total") }

// A recorder is a ResponseRecorder that has deadlines, as the writers of servers
// have.
type recorder struct{ *httptest.ResponseRecorder }

func (recorder) SetWriteDeadline(time.Time) error { return nil }

// request returns the answer to a request without a socket. The headers are
// names and values.
func request(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := recorder{httptest.NewRecorder()}
	h.ServeHTTP(w, r)
	return w.ResponseRecorder
}

// splitHeader returns the name and the value of a header, nothing of none.
func splitHeader(header string) []string {
	if name, value, ok := strings.Cut(header, ": "); ok {
		return []string{name, value}
	}
	return nil
}

// sortSeries sorts the series of each metric of an exposition in text.
func sortSeries(text string) string {
	lines := strings.SplitAfter(text, "\n")
	start := 0
	for i, line := range lines {
		if strings.HasPrefix(line, "#") {
			slices.Sort(lines[start:i])
			start = i + 1
		}
	}
	slices.Sort(lines[start:])
	return strings.Join(lines, "")
}

// The table of package state is what this package needs.
var _ Table = (*state.Table)(nil)

func TestSortSeries(t *testing.T) {
	const text = "# HELP a\n# TYPE a\na 2\na 1\n# HELP b\nb 4\nb 3\n# EOF\n"
	if got, want := sortSeries(text), "# HELP a\n# TYPE a\na 1\na 2\n# HELP b\nb 3\nb 4\n# EOF\n"; got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}
