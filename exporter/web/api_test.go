package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// call returns the status and the body of an answer, which must be JSON.
func call(t testing.TB, h http.Handler, method, target string) (int, string) {
	t.Helper()
	w := request(h, method, target)
	body := w.Body.String()
	if got := w.Header().Get("Content-Type"); got != "application/json" || !json.Valid([]byte(body)) || !utf8.ValidString(body) {
		t.Errorf("%s %s: Content-Type %q, body %q", method, target, got, body)
	}
	return w.Code, strings.TrimSuffix(body, "\n")
}

// counters are those of a device, which package state tests.
var counters = regexp.MustCompile(`"counters":\[[^]]+\]`)

func TestAPI(t *testing.T) {
	const (
		fan  = "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
		fan1 = `{"name":"fw1","last_message":"2026-03-17T12:00:00Z","addresses":[],"state":"failed","level":"failed",` +
			`"components":[{"component":"fan","unit":"1","ok":false,"failures":1,"since":"2026-03-17T12:00:00Z","text":"Cooling Fan 1: Failure Detected","message_id":"735002","text_of":""}],` +
			`"temperatures":[],"states":[{"metric":"ftd_environment_monitoring_up","title":"Environment monitoring","labels":{},"state":"running","level":"ok","reading":null,"unit":"","reports":null,"since":"2026-03-17T12:00:00Z","text":"Cooling Fan 1: Failure Detected","message_id":"735002","text_of":""}],"capacity":[],"counters":[...],"messages_by_severity":{"1":1}}`
		cpu  = "fw2 : %FTD-1-735007: CPU 1: Temp: 93 C, Critical"
		cpu1 = `{"name":"fw2","last_message":"2026-03-17T12:00:00Z","addresses":[],"state":"critical","level":"critical","reports_health":false,"components":[],` +
			`"temperatures":[{"component":"cpu","unit":"1","celsius":93,"state":"critical","alarms":1,"since":"2026-03-17T12:00:00Z","text":"CPU 1: Temp: 93 C, Critical","message_id":"735007","text_of":""}],` +
			`"states":[{"metric":"ftd_environment_monitoring_up","title":"Environment monitoring","labels":{},"state":"running","level":"ok","reading":null,"unit":"","reports":null,"since":"2026-03-17T12:00:00Z","text":"CPU 1: Temp: 93 C, Critical","message_id":"735007","text_of":""}],"capacity":[],"counters":[...],"messages_by_severity":{"1":1}}`
		fanEvent = `{"time":"2026-03-17T12:00:00Z","device":"fw1","metric":"ftd_component_ok","labels":{"component":"fan","unit":"1"},"component":"fan","unit":"1","from":"unknown","to":"failed","level":"failed","message_id":"735002","text_of":"","summary":"Cooling fan failed","text":"Cooling Fan 1: Failure Detected"}`
		cpuEvent = `{"time":"2026-03-17T12:00:00Z","device":"fw2","metric":"ftd_temperature_state","labels":{"component":"cpu","unit":"1"},"component":"cpu","unit":"1","from":"unknown","to":"critical","level":"critical","message_id":"735007","text_of":"","summary":"CPU temperature critical","text":"CPU 1: Temp: 93 C, Critical"}`
	)
	for _, tc := range []struct {
		lines  []string
		target string
		status int
		want   string
	}{
		{nil, "/api/v1/devices", 200, `{"devices":[]}`},
		{nil, "/api/v1/devices?device=fw1", 404, `{"error":"there is no device \"fw1\""}`},
		{[]string{fan}, "/api/v1/devices?device=", 404, `{"error":"there is no device \"\""}`},
		{[]string{fan, cpu}, "/api/v1/devices?device=fw2", 200, `{"devices":[` + cpu1 + `]}`},
		{[]string{cpu, fan}, "/api/v1/devices", 200, `{"devices":[` + fan1 + "\n," + cpu1 + "\n]}"},

		{nil, "/api/v1/events", 200, `{"events":[]}`},
		{[]string{fan, cpu}, "/api/v1/events", 200, `{"events":[` + fanEvent + "," + cpuEvent + `]}`},
		{[]string{fan, cpu}, "/api/v1/events?limit=1", 200, `{"events":[` + cpuEvent + `]}`},
		{[]string{fan}, "/api/v1/events?limit=1000000&since=1773748800", 200, `{"events":[` + fanEvent + `]}`},
		{[]string{fan}, "/api/v1/events?since=1773748800.5", 200, `{"events":[]}`},
		{[]string{fan}, "/api/v1/events?since=2026-03-17T12:00:00Z", 200, `{"events":[` + fanEvent + `]}`},
		{[]string{fan}, "/api/v1/events?since=2026-03-17T12:00:00.000000001Z", 200, `{"events":[]}`},
		{[]string{fan}, "/api/v1/events?since=2026-03-17T13:00:00+01:00", 200, `{"events":[` + fanEvent + `]}`},
		{[]string{fan}, "/api/v1/events?since=-1", 200, `{"events":[` + fanEvent + `]}`},
		{nil, "/api/v1/events?since=yesterday", 400, `{"error":"since \"yesterday\" is not a time; write 2026-03-17T12:00:00Z or seconds since 1970"}`},
		{nil, "/api/v1/events?since=NaN", 400, `{"error":"since \"NaN\" is not a time; write 2026-03-17T12:00:00Z or seconds since 1970"}`},
		{nil, "/api/v1/events?since=1e300", 400, `{"error":"since \"1e300\" is not a time; write 2026-03-17T12:00:00Z or seconds since 1970"}`},
		{nil, "/api/v1/events?limit=0", 400, `{"error":"limit \"0\" is not a number of 1 or more"}`},
		{nil, "/api/v1/events?limit=all", 400, `{"error":"limit \"all\" is not a number of 1 or more"}`},

		{nil, "/api/v1/forget?device=fw1", 405, `{"error":"/api/v1/forget takes POST, not GET"}`},
		{nil, "/api/v2/devices", 404, `{"error":"there is no /api/v2/devices; try /api/v1/devices or /api/v1/events"}`},
	} {
		f := newFixture(t)
		f.AdminAPI = true
		f.say(tc.lines...)
		status, body := call(t, f.handler(), "GET", tc.target)
		if body = counters.ReplaceAllString(body, `"counters":[...]`); status != tc.status || body != tc.want {
			t.Errorf("%s:\n got %d %s\nwant %d %s", tc.target, status, body, tc.status, tc.want)
		}
	}
}

func TestAPITakesOneMethod(t *testing.T) {
	f := newFixture(t)
	f.AdminAPI = true
	h := f.handler()
	for path, allowed := range map[string]string{"/api/v1/devices": "GET", "/api/v1/events": "GET", "/api/v1/forget": "POST"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS"} {
			if method == allowed {
				continue
			}
			w := request(h, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allowed || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: %d, Allow %q, %s", method, path, w.Code, w.Header().Get("Allow"), w.Body)
			}
		}
	}
}

func TestForget(t *testing.T) {
	const notForPages = `{"error":"this call is not for web pages; use curl"}`
	for _, tc := range []struct {
		name   string
		admin  bool
		target string
		header string
		status int
		want   string
		left   int
	}{
		{"off", false, "/api/v1/forget?device=fw1", "", 403, `{"error":"this call is off; start ftd_exporter with --web.enable-admin-api to allow it"}`, 2},
		{"on", true, "/api/v1/forget?device=fw1", "", 200, `{"forgotten":"fw1"}`, 1},
		{"unknown", true, "/api/v1/forget?device=fw9", "", 404, `{"error":"there is no device \"fw9\""}`, 2},
		{"nameless", true, "/api/v1/forget", "", 400, `{"error":"no device is named; POST to /api/v1/forget?device=NAME"}`, 2},
		{"from another site", true, "/api/v1/forget?device=fw1", "Sec-Fetch-Site: cross-site", 403, notForPages, 2},
		{"from a rebound name", true, "/api/v1/forget?device=fw1", "Sec-Fetch-Site: same-origin", 403, notForPages, 2},
		{"from a rebound name, by HTTP", true, "/api/v1/forget?device=fw1", "Origin: http://example.com", 403, notForPages, 2},
		{"from nowhere", true, "/api/v1/forget?device=fw1", "Origin: null", 403, notForPages, 2},
		{"from the address bar", true, "/api/v1/forget?device=fw1", "Sec-Fetch-Site: none", 403, notForPages, 2},
	} {
		f := newFixture(t)
		f.say("fw1 : %FTD-6-302013: Built", "fw2 : %FTD-6-302013: Built")
		var log bytes.Buffer
		f.AdminAPI, f.Logger = tc.admin, slog.New(slog.NewTextHandler(&log, nil))
		waits := 0
		f.Stored = func(time.Duration) bool {
			waits++
			return true
		}
		w := request(f.handler(), "POST", tc.target, splitHeader(tc.header)...)
		if body := strings.TrimSpace(w.Body.String()); w.Code != tc.status || !json.Valid(w.Body.Bytes()) || body != tc.want {
			t.Errorf("%s: %d %s, want %d %s", tc.name, w.Code, body, tc.status, tc.want)
		}
		if got := f.table.Stats().Devices; got != tc.left {
			t.Errorf("%s: %d devices left, want %d", tc.name, got, tc.left)
		}
		forgotten := 0
		if w.Code == http.StatusOK {
			forgotten = 1
		}
		if got := strings.Count(log.String(), "\n"); got != forgotten || forgotten == 1 && !strings.Contains(log.String(), `level=INFO msg="Device forgotten" device=fw1 client=192.0.2.1`) {
			t.Errorf("%s: log %q", tc.name, log.String())
		}
		if waits != forgotten {
			t.Errorf("%s: waited for the disk %d times", tc.name, waits)
		}
	}
}

// A part of a device goes alone, and the answer has what was removed.
func TestForgetPart(t *testing.T) {
	f := newFixture(t)
	f.say("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected", "fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	var log bytes.Buffer
	f.AdminAPI, f.Logger = true, slog.New(slog.NewTextHandler(&log, nil))
	h := f.handler()
	for _, tc := range []struct {
		query  string
		status int
		want   string
	}{
		{"device=fw1&component=fan&unit=9", 404, `{"error":"device \"fw1\" does not have a part with these labels; /api/v1/devices?device=NAME lists what it has"}`},
		{"device=fw9&component=fan", 404, `{"error":"there is no device \"fw9\""}`},
		{"device=fw1&component=fan&unit=1&unit=2", 400, `{"error":"unit is given twice; forget one after the other"}`},
		{"device=fw1&unti=1", 400, `{"error":"there is no label \"unti\"; use `},
		{"device=fw1&component=fan&unit=2", 200, `{"forgotten":"fw1","labels":{"component":"fan","unit":"2"},"removed":[` +
			`{"metric":"ftd_component_failures_total","labels":{"component":"fan","unit":"2"}},` +
			`{"metric":"ftd_component_last_report_timestamp_seconds","labels":{"component":"fan","unit":"2"}},` +
			`{"metric":"ftd_component_ok","labels":{"component":"fan","unit":"2"}},`},
	} {
		if status, body := call(t, h, "POST", "/api/v1/forget?"+tc.query); status != tc.status || !strings.HasPrefix(body, tc.want) {
			t.Errorf("%s: %d %s", tc.query, status, body)
		}
	}
	d, _ := f.table.Snapshot("fw1")
	if len(d.Components) != 1 || d.Components[0].Unit != "1" {
		t.Errorf("%+v", d.Components)
	}
	if want := `level=INFO msg="Device forgotten" device=fw1 client=192.0.2.1`; strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), want) || !strings.Contains(log.String(), `part.component=fan part.unit=2`) {
		t.Error(log.String())
	}
}

// A device that is forgotten and may come back, since the file could not be
// written, is not called forgotten for good.
func TestForgetWithoutADisk(t *testing.T) {
	f := newFixture(t)
	f.say("fw1 : %FTD-6-302013: Built")
	var log bytes.Buffer
	f.AdminAPI, f.Logger = true, slog.New(slog.NewTextHandler(&log, nil))
	f.Stored = func(limit time.Duration) bool { return limit != time.Second }
	status, body := call(t, f.handler(), "POST", "/api/v1/forget?device=fw1")
	if status != http.StatusAccepted || body != `{"forgotten":"fw1","stored":false}` || f.table.Stats().Devices != 0 {
		t.Errorf("%d %s, %d devices", status, body, f.table.Stats().Devices)
	}
	if !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("log %q", log.String())
	}
}

// Whatever a sender calls itself and writes, the answers are JSON and give its
// name back unharmed.
func TestHostileSenders(t *testing.T) {
	names := []string{
		`"`, `\`, `a"},{"b`, "</script>", "\x00", "\x1b[31m", "\u2028", "\ufffd", "é", "a b", "%", "?device=x&y", "../..", strings.Repeat("x", 5000), "\U0001f525", "\xff", "a\xc3",
	}
	texts := []string{
		"Cooling Fan %s: Failure Detected", "Power Supply %s: OK", "CPU %s: Temp: 93 C, Critical", "CPU 1: Temp: %s C, Critical",
		"The PCI device with vendor ID: 0x8086 device ID: %s located at bus:device.function 3:0, 1 has a link width of 4 when it should have a link width of 8",
	}
	ids := []catalog.ID{735002, 735003, 735007, 735007, 743000}
	f := newFixture(t)
	f.AdminAPI = true
	known := map[string]bool{}
	for i, value := range append(names, "1e999", strings.Repeat("9", 400), "-0", "NaN") {
		name := names[i%len(names)]
		for j, text := range texts {
			f.apply(name, 1, ids[j], fmt.Sprintf(text, value))
		}
		// The table refuses names that no device has.
		if utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl) && len(name) <= 255 {
			known[name] = true
		}
	}
	h := f.handler()
	var devices struct{ Devices []state.DeviceState }
	_, body := call(t, h, "GET", "/api/v1/devices")
	if err := json.Unmarshal([]byte(body), &devices); err != nil {
		t.Fatal(err)
	}
	if len(devices.Devices) != len(known) {
		t.Errorf("%d devices, want %d", len(devices.Devices), len(known))
	}
	var events struct{ Events []state.Event }
	_, body = call(t, h, "GET", "/api/v1/events")
	if err := json.Unmarshal([]byte(body), &events); err != nil || len(events.Events) == 0 {
		t.Fatal(len(events.Events), err)
	}
	for _, e := range events.Events {
		if !known[e.Device] || len(e.Text) > 256 || strings.ContainsFunc(e.Text, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%+v", e)
		}
	}
	for _, d := range devices.Devices {
		if !known[d.Name] {
			t.Errorf("device %q", d.Name)
		}
		query := "?device=" + url.QueryEscape(d.Name)
		if status, _ := call(t, h, "GET", "/api/v1/devices"+query); status != 200 {
			t.Errorf("%q: %d", d.Name, status)
		}
		if status, _ := call(t, h, "POST", "/api/v1/forget"+query); status != 200 {
			t.Errorf("%q cannot be forgotten: %d", d.Name, status)
		}
	}
	for _, name := range names {
		call(t, h, "GET", "/api/v1/devices?device="+url.QueryEscape(name))
		call(t, h, "GET", "/api/v1/events?since="+url.QueryEscape(name)+"&limit="+url.QueryEscape(name))
		call(t, h, "POST", "/api/v1/forget?device="+url.QueryEscape(name))
	}
}

func TestAPIWhileMessagesArrive(t *testing.T) {
	f := newFixture(t)
	f.AdminAPI = true
	h := f.handler()
	var wg sync.WaitGroup
	for g := range 3 {
		wg.Go(func() {
			for i := range 300 {
				line := [...]string{"735001: Cooling Fan 1: OK", "735002: Cooling Fan 1: Failure Detected"}[i%2]
				f.say(fmt.Sprintf("fw%d : %%FTD-1-%s", (g+i)%4, line))
			}
		})
	}
	for _, c := range [][2]string{
		{"GET", "/api/v1/devices"},
		{"GET", "/api/v1/devices?device=fw1"},
		{"GET", "/api/v1/events"},
		{"POST", "/api/v1/forget?device=fw2"},
	} {
		wg.Go(func() {
			for range 30 {
				call(t, h, c[0], c[1])
			}
		})
	}
	wg.Wait()
}

// A client that goes away ends the answer, which does not look complete.
func TestDevicesToAClientThatGoesAway(t *testing.T) {
	f := newFixture(t)
	for i := range 200 {
		f.say(fmt.Sprintf("fw%d : %%FTD-6-302013: Built", i))
	}
	w := &failingWriter{header: http.Header{}}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler || w.writes != 1 { //nolint:errorlint // It is the value itself.
			t.Errorf("%v and %d writes, want an abortion after 1", p, w.writes)
		}
	}()
	f.handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/devices", nil))
}

type failingWriter struct {
	header http.Header
	writes int
}

func (w *failingWriter) Header() http.Header            { return w.header }
func (w *failingWriter) WriteHeader(int)                {}
func (*failingWriter) SetWriteDeadline(time.Time) error { return nil }
func (w *failingWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, http.ErrAbortHandler
}
