package exporter

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// statusFixture is an exporter with pages and a clock that can be set.
type statusFixture struct {
	*fixture
	http.Handler
	now   time.Time
	ready atomic.Bool
}

func newStatusFixture(t testing.TB, store *Store) *statusFixture {
	t.Helper()
	f := &statusFixture{now: epoch}
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return f.now }
	state, err := collectors.New(c, families.All(), collectors.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	f.fixture = &fixture{t, New(c, state, clock)}
	f.Reloaded(nil)
	f.ready.Store(true)
	if f.Handler, err = NewHandler(HandlerOptions{
		Gatherer: prometheus.NewRegistry(), TelemetryPath: "/metrics", Ready: &f.ready, Logger: quiet,
		State: state, Exporter: f.Exporter, Store: store,
	}); err != nil {
		t.Fatal(err)
	}
	return f
}

// get returns the answer to a request.
func (f *statusFixture) get(method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// text returns what a reader sees of a page, with single blanks.
func (f *statusFixture) text(target string) string {
	f.t.Helper()
	w := f.get("GET", target)
	if w.Code != http.StatusOK {
		f.t.Errorf("%s: status %d", target, w.Code)
	}
	_, body, _ := strings.Cut(w.Body.String(), "<main>")
	body = regexp.MustCompile(`</?(a|b|i|bdi|q|span|small|time|code|svg|rect)\b[^>]*>`).ReplaceAllString(body, "")
	body = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")
	return strings.Join(strings.Fields(body), " ")
}

// wantInOrder checks that a text has the parts, one after the other.
func wantInOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Fatalf("%q is not there, or too early, in:\n%s", part, text)
		}
		rest = after
	}
}

func TestStatusPage(t *testing.T) {
	const (
		fan    = "fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected"
		fanOK  = "fw1 : %FTD-1-735001: Cooling Fan 2: OK"
		supply = "fw1 : %FTD-1-735004: Power Supply 1: Failure Detected"
		hot    = "fw2 : %FTD-1-735007: CPU 1: Temp: 93 C, Critical"
		warm   = "fw3 : %FTD-4-735016: Chassis 1: Temp: 48 C, Warm"
		talk   = "fw4 : %FTD-6-302013: Built inbound TCP connection"
		well   = "fw5 : %FTD-1-735001: Cooling Fan 1: OK"
	)
	for _, tc := range []struct {
		name  string
		lines []string
		later time.Duration // How long after the lines the page is read.
		want  []string
	}{
		{"no device", nil, 0, []string{"0failed 0critical 0warm 0silent 0unknown 0ok", "No device has been heard yet", "None since the exporter started"}},
		{"nothing wrong", []string{well}, 0, []string{"0failed 0critical 0warm 0silent 0unknown 1ok", "Devices 1", "No failed part and no warm sensor is known.", "ok fw5"}},
		{"every state, the worst first", []string{well, talk, warm, hot, fan}, 0, []string{
			"1failed 1critical 1warm 0silent 1unknown 1ok", "Devices 5",
			"failed fw1", "failed fan 2", "critical fw2", "critical cpu 1, 93 °C,", "warm fw3", "warm chassis 1, 48 °C,", "unknown fw4", "ok fw5",
		}},
		{"since when and why", []string{fan}, 3*time.Hour + 12*time.Minute, []string{
			"failed fw1 silent, last heard 3 h 12 min ago",
			"failed fan 2 since 2026-03-17 12:00:00 UTC (3 h 12 min ago) Cooling Fan 2: Failure Detected 735002",
		}},
		{"the names in order within a state", []string{strings.Replace(fan, "fw1", "b", 1), strings.Replace(fan, "fw1", "a", 1)}, 0, []string{"failed a", "failed b"}},
		{"a repaired part is gone, another is not", []string{fan, supply, fanOK}, 0, []string{"failed power supply 1", "Last events", "fan 2 failed → ok Cooling fan works again"}},
		{"silent comes before ok", []string{well, talk}, time.Hour + time.Second, []string{"0failed 0critical 0warm 2silent 0unknown 0ok", "silent fw4 1 h ago silent fw5 1 h ago"}},
		{"an hour is not silent yet", []string{well}, time.Hour, []string{"0silent 0unknown 1ok"}},
		{"the hottest sensor first", []string{warm, hot, "fw6 : %FTD-1-735020: CPU 0: Temp: 52 C, OK"}, 0, []string{"Hottest sensors", "93 °C critical fw2 cpu 1", "52 °C ok fw6 cpu 0", "48 °C warm fw3 chassis 1"}},
		{"events, the newest first", []string{warm, hot}, 0, []string{
			"Last events", "2026-03-17 12:00:00 UTC just now fw2 cpu 1 unknown → critical CPU temperature critical: CPU 1: Temp: 93 C, Critical 735007", "fw3 chassis 1",
		}},
		{"an alarm that nothing withdraws", []string{"fw1 : %FTD-3-735010: Environment Monitoring has failed to update one or more of its records."}, 0, []string{"Last events", "fw1 reported Environment"}},
		{"cluster load, quota and threat rate against their marks", []string{
			"fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 18 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 2345",
			"fw1 : %FTD-4-748008: CPU load 92% of module 1 in chassis 1 (unit-1-1) exceeds overflow protection threshold 80%. System may be oversubscribed on member failure.",
			"fw1 : %FTD-4-768002: QUOTA: management session quota exceeded: requested 1 , current 15 , limit 15",
		}, time.Minute, []string{"Cluster load", "92 %, threshold 80 %: 115 %, over reported 1 min ago", "Quota", "15, limit 15: 100 %, reached", "Threat rate", "18/s, threshold 10/s: 180 %, over"}},
		{"expired capacity is gone", []string{
			"fw1 : %FTD-4-748008: CPU load 92% of module 1 in chassis 1 (unit-1-1) exceeds overflow protection threshold 80%. System may be oversubscribed on member failure.",
		}, time.Hour, []string{"unknown fw1 Device Show Silent:"}},
		{"rejected frames and unknown wordings", []string{"hello", "fw1 : %FTD-1-735002: Something else"}, 0, []string{"warning Wordings: messages with a known id and an unknown wording: 1.", "x 2 1 (1 no tag) – – –"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newStatusFixture(t, nil)
			f.say("192.0.2.1", tc.lines...)
			f.now = epoch.Add(tc.later)
			wantInOrder(t, f.text("/"), tc.want...)
		})
	}
}

func TestDevicePage(t *testing.T) {
	f := newStatusFixture(t, nil)
	config := DefaultConfig()
	config.Devices = []DeviceConfig{{Name: "fw1", Labels: map[string]string{"site": "Paris"}}, {Name: "fw9"}}
	if err := f.Configure(config); err != nil {
		t.Fatal(err)
	}
	f.ExpectDevices()
	f.say("192.0.2.1",
		"fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected",
		"fw1 : %FTD-1-735001: Cooling Fan 1: OK",
		"fw1 : %FTD-4-735016: Chassis 1: Temp: 48 C, Warm",
		"fw1 : %FTD-3-735010: Environment Monitoring has failed to update one or more of its records.",
		"fw2 : %FTD-1-735004: Power Supply 1: Failure Detected",
	)
	page := f.text("/device?name=fw1")
	wantInOrder(t, page, "failed fw1", "Last heard 2026-03-17 12:00:00 UTC (just now)", "1 2 3 1 4 1", "site Paris",
		"Components", "ok fan 1", "Cooling Fan 1: OK 735001", "failed fan 2 since", "reported failed: 1 Cooling Fan 2: Failure Detected 735002",
		"Temperatures", "warm chassis 1, 48 °C,", "1 ftd_environment_monitoring_failures_total stage update", "8 are 0",
		"Last events", "Environment", "chassis 1", "fan 2")
	if strings.Contains(page, "ower supply") {
		t.Error("the page shows another device's events")
	}
	wantInOrder(t, f.text("/device?name=fw9"), "silent fw9", "Never heard: silent.", "It has reported none. Unknown is not OK.")

	for _, name := range []string{"", "fw8", "%3Cscript%3E"} {
		w := f.get("GET", "/device?name="+name)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is no device called") {
			t.Errorf("%q: status %d, %s", name, w.Code, w.Body)
		}
	}
}

func TestMessagesPage(t *testing.T) {
	f := newStatusFixture(t, nil)
	all := f.get("GET", "/messages").Body.String()
	for _, e := range catalog.Messages() {
		if anchor := fmt.Sprintf(`<article class="message" id="%d">`, e.ID); strings.Count(all, anchor) != 1 {
			t.Errorf("not one %s", anchor)
		}
	}
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"735004", []string{"735004 Power supply failed", "family environment severity 1", "Power Supply {unit}: Failure Detected", "To do:", "Metrics: ftd_component_ok ftd_component_failures_total"}},
		{"FAN+failed", []string{"735002 Cooling fan failed"}},
		{"ftd_component_ok", []string{"735001", "735006", "743002"}},
		{"no-such-word", []string{"0 of the", "No message has all these words."}},
		{"722001", []string{"722001", "Metrics: ftd_messages_total only"}},
	} {
		wantInOrder(t, f.text("/messages?q="+tc.query), tc.want...)
	}
}

// Whatever a sender or a link says, it is text.
func TestPagesEscape(t *testing.T) {
	for _, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `{{.Total}}`, `</title><script>`,
		`javascript:alert(1)`, `a&b?c#d`, `--><script>`, "\u202eevil",
	} {
		f := newStatusFixture(t, nil)
		send := func(id uint32, text string) {
			var m catalog.Message
			if f.catalog.Match(id, []byte(text), &m) != catalog.Matched {
				t.Fatalf("%d: %s does not match", id, text)
			}
			f.state.Update(&collectors.Observation{Device: []byte(name), Severity: 1, Time: epoch, Message: &m, Text: []byte(name + text)})
		}
		send(735002, "Cooling Fan 1: Failure Detected")
		send(735007, "CPU 1: Temp: 93 C, Critical")
		send(768002, "QUOTA: management session quota exceeded: requested 1 , current 15 , limit 15")
		query := "?name=" + strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B", " ", "%20", ";", "%3B", `"`, "%22", "<", "%3C", ">", "%3E", "\u202e", "%E2%80%AE").Replace(name)
		known := f.get("GET", "/device"+query)
		if known.Code != http.StatusOK {
			t.Errorf("%s: status %d", name, known.Code)
		}
		for _, page := range []string{
			f.get("GET", "/").Body.String(), known.Body.String(),
			f.get("GET", "/device"+query+"x").Body.String(), f.get("GET", "/messages?q"+strings.TrimPrefix(query, "?name")).Body.String(),
		} {
			if !strings.HasSuffix(page, "</html>\n") {
				t.Errorf("%s: the page is cut: %s", name, page)
			}
			for _, wrong := range []string{"<script", "<img", "' onmouseover='", `href="javascript:`, "ZgotmplZ", "</title></title>"} {
				if strings.Contains(page, wrong) {
					t.Errorf("%s: the page has %s", name, wrong)
				}
			}
		}
		if !strings.Contains(f.get("GET", "/").Body.String(), `<a href="device?name=`) {
			t.Errorf("%s: no link to the device", name)
		}
	}
}

// The worst 200 of many are shown, and the page says how many are not.
func TestStatusPageIsBounded(t *testing.T) {
	f := newStatusFixture(t, nil)
	for i := range 1300 {
		f.say("192.0.2.1", fmt.Sprintf("ok%04d : %%FTD-1-735020: CPU 0: Temp: 52 C, OK", i))
	}
	for i := range 150 {
		f.say("192.0.2.1", fmt.Sprintf("bad%04d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
	}
	for i := range 20 {
		f.say("192.0.2.1", fmt.Sprintf("bad0000 : %%FTD-1-735004: Power Supply %d: Failure Detected", i))
	}
	page := f.text("/")
	wantInOrder(t, page, "150failed", "1300ok", "Devices 1,450", "bad0000", "and 13 more", "bad0149", "ok0000", "ok0049", "1,250 more devices are not shown", "1290 cooler ones are not shown")
	if strings.Contains(page, "ok0050") {
		t.Error("a device beyond the limit is shown")
	}
	if n := strings.Count(f.get("GET", "/").Body.String(), "<li>"); n > 400 {
		t.Errorf("the page has %d items", n)
	}
}

func TestPagesTakeOneMethod(t *testing.T) {
	f := newStatusFixture(t, nil)
	f.say("192.0.2.1", "fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	for path, contentType := range map[string]string{
		"/": "text/html; charset=utf-8", "/device?name=fw1": "text/html; charset=utf-8", "/device?name=fw2": "text/html; charset=utf-8",
		"/messages": "text/html; charset=utf-8", "/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml",
	} {
		get := f.get("GET", path)
		if got := get.Header().Get("Content-Type"); got != contentType {
			t.Errorf("%s: Content-Type %q", path, got)
		}
		if got := get.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; style-src 'self';") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, got)
		}
		if get.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", path)
		}
		for _, wrong := range []string{"<script", " style=", " onload=", "://"} {
			if strings.Contains(strings.ReplaceAll(get.Body.String(), "http://www.w3.org/2000/svg", ""), wrong) {
				t.Errorf("%s has %s", path, wrong)
			}
		}
		if head := f.get("HEAD", path); head.Code != get.Code {
			t.Errorf("HEAD %s: %d", path, head.Code)
		}
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			if w := f.get(method, path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/devices", "/web/page.html", "/page.html", "/style.css/"} {
		if w := f.get("GET", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if !strings.Contains(f.get("GET", "/").Body.String(), `<meta http-equiv="refresh" content="30">`) {
		t.Error("the page does not refresh itself")
	}
}

func TestStatusPageLinks(t *testing.T) {
	f := newStatusFixture(t, nil)
	page := f.get("GET", "/").Body.String()
	for _, link := range []string{"metrics", "-/healthy", "-/ready", "api/v1/devices", "api/v1/events", "messages"} {
		if !strings.Contains(page, `href="`+link+`"`) {
			t.Errorf("no link to %s", link)
		}
		if w := f.get("GET", "/"+link); w.Code != http.StatusOK {
			t.Errorf("%s: %d", link, w.Code)
		}
	}
}

// The pages tell about the exporter itself.
func TestStatusPageHealth(t *testing.T) {
	t.Run("listeners", func(t *testing.T) {
		f := newStatusFixture(t, nil)
		f.ready.Store(false)
		f.Reloaded(io.ErrUnexpectedEOF)
		udp, stopUDP := f.listen("udp://127.0.0.1:0")
		tcp, stopTCP := f.listen("tcp://127.0.0.1:0")
		defer stopUDP()
		defer stopTCP()
		var conns []net.Conn
		for _, l := range []Listener{udp, tcp} {
			conn := f.dial(l)
			conns = append(conns, conn)
			fmt.Fprint(conn, "hello\n")
		}
		want := regexp.MustCompile(`tcp://127\.0\.0\.1:0 1 1 \(1 no tag\) – 1 0 udp://127\.0\.0\.1:0 1 1 \(1 no tag\) (0|–) – –`)
		for end := time.Now().Add(10 * time.Second); !want.MatchString(f.text("/")); {
			if time.Now().After(end) {
				t.Fatalf("%s does not match:\n%s", want, f.text("/"))
			}
		}
		wantInOrder(t, f.text("/"), "failed Listeners: not open.", "off State file: a restart forgets everything.", "failed Configuration: could not be loaded")
		for _, conn := range conns {
			conn.Close()
		}
	})
	t.Run("limits", func(t *testing.T) {
		f := newStatusFixture(t, nil)
		config := DefaultConfig()
		config.Limits.Devices = 1
		if err := f.Configure(config); err != nil {
			t.Fatal(err)
		}
		f.say("192.0.2.1", "fw1 : %FTD-6-302013: Built", "fw2 : %FTD-6-302013: Built")
		wantInOrder(t, f.text("/"), "ok Listeners: open.", "ok Configuration: loaded.", "warning Table: devices: 1, series:", "Refused by the limit of devices: 1.")
	})
	for _, tc := range []struct {
		name string
		dir  func(string) string
		open bool
		want string
	}{
		{"state file", func(dir string) string { return dir }, true, "ok State file: 0 series restored, 0 writes, 0 failed writes."},
		{"state file that cannot be opened", func(string) string { return "/dev/null" }, true, "failed State file: cannot be written"},
		{"state file that was not read", func(dir string) string { return dir }, false, "warning State file: could not be read at the start"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			state := newStatusFixture(t, nil).state
			store := NewStore(filepath.Join(tc.dir(t.TempDir())), state, quiet)
			if tc.open {
				_ = store.Open()
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				defer store.Run(ctx) // Closes it.
			}
			wantInOrder(t, newStatusFixture(t, store).text("/"), tc.want)
		})
	}
}

func TestTelemetryPath(t *testing.T) {
	for _, tc := range []struct{ path, want string }{
		{"/metrics", ""},
		{"/ftd/metrics", ""},
		{"/metrics/", ""},
		{"/apiary", ""},
		{"/healthy", ""},
		{"", "must begin with /"},
		{"metrics", "must begin with /"},
		{"GET /metrics", "must begin with /"},
		{"/", "must not be the status page"},
		{"/{x}", "letters, digits and /-._~ only"},
		{"/metrics/{$}", "letters, digits and /-._~ only"},
		{"/metrics x", "letters, digits and /-._~ only"},
		{"/metrics?x", "letters, digits and /-._~ only"},
		{"/%2e", "letters, digits and /-._~ only"},
		{"//metrics", "must not have empty, . or .. parts"},
		{"/a/../metrics", "must not have empty, . or .. parts"},
		{"/metrics//", "must not have empty, . or .. parts"},
		{"/-/healthy", "what begins with /-/ or /api/ is in use"},
		{"/-/reload", "what begins with /-/ or /api/ is in use"},
		{"/-", "what begins with /-/ or /api/ is in use"},
		{"/api", "what begins with /-/ or /api/ is in use"},
		{"/api/", "what begins with /-/ or /api/ is in use"},
		{"/api/v1/devices", "what begins with /-/ or /api/ is in use"},
		{"/device", "is a page of the exporter"},
		{"/messages/", "is a page of the exporter"},
		{"/style.css", "is a page of the exporter"},
		{"/icon.svg", "is a page of the exporter"},
	} {
		f := newFixture(t)
		h, err := NewHandler(HandlerOptions{
			Gatherer: prometheus.NewRegistry(), TelemetryPath: tc.path, Ready: new(atomic.Bool), Logger: quiet,
			State: f.state, Exporter: f.Exporter,
		})
		switch {
		case tc.want != "":
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q: error %v", tc.path, err)
			}
		case err != nil:
			t.Errorf("%q: %v", tc.path, err)
		default:
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", tc.path, nil))
			if w.Code != http.StatusOK {
				t.Errorf("%q: status %d", tc.path, w.Code)
			}
		}
	}
}

func TestNumbersForReaders(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 1: "1", 0.5: "0.5", 92.25: "92.25", 1e3: "1,000", 1234567.891: "1,234,567.89", -1234: "-1,234", 999: "999"} {
		if got := count(f); got != want {
			t.Errorf("count(%v) = %q, want %q", f, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		5 * time.Second: "5 s", time.Minute: "1 min", 65 * time.Second: "1 min 5 s", 3*time.Hour + 12*time.Minute: "3 h 12 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := ago(d); got != want {
			t.Errorf("ago(%v) = %q, want %q", d, got, want)
		}
	}
}

func BenchmarkStatusPage(b *testing.B) {
	f := newStatusFixture(b, nil)
	for i := range 10_000 {
		f.say("192.0.2.1", fmt.Sprintf("fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
	}
	for b.Loop() {
		f.get("GET", "/")
	}
}
