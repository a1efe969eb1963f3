package state_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// events returns all events in one line each.
func (f *fixture) events() []string {
	var got []string
	for _, x := range f.state.Events(time.Time{}, math.MaxInt) {
		got = append(got, fmt.Sprintf("%s %s/%s %q>%q %s", x.Device, x.Component, x.Unit, x.From, x.To, x.MessageID))
	}
	return got
}

// That the environment monitor does not run is a state of the device, which any
// later report on a component or a temperature ends.
func TestEnvironmentMonitoringIsAState(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, step := range []struct {
		line, state string
		events      int // So far.
	}{
		{"735001: Cooling Fan 1: OK", "ok", 0},
		{"735009: Environment Monitoring has failed initialization and configuration. Environment Monitoring is not running.", "not running", 2},
		{"735010: Environment Monitoring has failed to update one or more of its records.", "not running", 3},
		{"743002: Backplane health monitoring detected link OK", "not running", 3},
		{"735020: CPU 1: Temp: N/A OK", "ok", 4},
	} {
		f.feed("fw1 : %FTD-1-" + step.line)
		if d, _ := f.state.Snapshot("fw1"); d.State != step.state || len(f.events()) != step.events {
			t.Errorf("%s: the device is %s, want %s; events %q", step.line, d.State, step.state, f.events())
		}
	}
	f.restart()
	if d, _ := f.state.Snapshot("fw1"); d.State != "ok" {
		t.Errorf("after a restart the device is %s", d.State)
	}
}

func TestEvents(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"a component first reported as working is not an event", []string{"FTD-1-735001: Cooling Fan 1: OK"}, nil},
		{"one first reported as failed is", []string{"FTD-1-735002: Cooling Fan 1: Failure Detected"}, []string{`fw1 fan/1 "unknown">"failed" 735002`}},
		{"repeats are none", []string{
			"FTD-1-735002: Cooling Fan 1: Failure Detected",
			"FTD-1-735002: Cooling Fan 1: Failure Detected",
			"FTD-1-735002: message repeated 3 times: [ Cooling Fan 1: Failure Detected]",
		}, []string{`fw1 fan/1 "unknown">"failed" 735002`}},
		{"there and back", []string{
			"FTD-1-735003: Power Supply 1: OK",
			"FTD-1-735004: Power Supply 1: Failure Detected",
			"FTD-1-735003: Power Supply 1: OK",
		}, []string{`fw1 power_supply/1 "ok">"failed" 735004`, `fw1 power_supply/1 "failed">"ok" 735003`}},
		{"units are apart", []string{
			"FTD-1-735001: Cooling Fan 1: OK",
			"FTD-1-735002: Cooling Fan 2: Failure Detected",
		}, []string{`fw1 fan/2 "unknown">"failed" 735002`}},
		{"a sensor first reported as ok is not an event, nor is another temperature", []string{
			"FTD-4-735020: CPU 1: Temp: 58 C, OK",
			"FTD-4-735020: CPU 1: Temp: 60 C, OK",
		}, nil},
		{"temperatures", []string{
			"FTD-4-735015: CPU 1: Temp: 78 C, Warm",
			"FTD-4-735015: CPU 1: Temp: 79 C, Warm",
			"FTD-1-735007: CPU 1: Temp: 93 C, Critical",
			"FTD-4-735020: CPU 1: Temp: 58 C, OK",
		}, []string{`fw1 cpu/1 "unknown">"warm" 735015`, `fw1 cpu/1 "warm">"critical" 735007`, `fw1 cpu/1 "critical">"ok" 735020`}},
		{"a supply and its temperature are apart", []string{
			"FTD-1-735003: Power Supply 1: OK",
			"FTD-4-735018: Power Supply 1: Temp: 90 C, Critical",
			"FTD-1-735004: Power Supply 1: Failure Detected",
		}, []string{`fw1 power_supply/1 "unknown">"critical" 735018`, `fw1 power_supply/1 "ok">"failed" 735004`}},
		{"alerts that no message withdraws, each time", []string{
			"FTD-1-735022: CPU 1 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU.",
			"FTD-2-774001: POST: unspecified error",
			"FTD-2-774001: POST: unspecified error",
			"FTD-3-743010: EOBC RPC server failed to start for client module x, client name y",
		}, []string{`fw1 cpu/ "">"reported" 735022`, `fw1 / "">"reported" 774001`, `fw1 / "">"reported" 774001`, `fw1 / "">"reported" 743010`}},
		{"the text decides, the printed id is shown", []string{
			"FTD-1-735001: Cooling Fan 1: Failure Detected",
		}, []string{`fw1 fan/1 "unknown">"failed" 735001`}},
		{"capacity and traffic are none", []string{
			"FTD-3-768002: QUOTA: x quota exceeded: requested 1, current 15, limit 15",
			"FTD-6-302013: Built",
			"FTD-1-735002: Cooling Fan 1 burns",
		}, nil},
	} {
		f := newFixture(t, state.Options{})
		for _, line := range tc.lines {
			f.feed("fw1 : %" + line)
		}
		if got := f.events(); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %q\nwant %q", tc.name, got, tc.want)
		}
	}
}

func TestEventHasTheMessage(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	want := state.Event{
		Time: epoch, Device: "fw1", Metric: "ftd_component_ok", Labels: map[string]string{"component": "fan", "unit": "1"},
		Component: "fan", Unit: "1", From: "unknown", To: "failed", Level: "failed", MessageID: "735002",
		Summary: f.cat.At(f.cat.Index(735002)).Summary, Text: "Cooling Fan 1: Failure Detected",
	}
	if got := f.state.Events(epoch, 1); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// After a restart, changes are still recognized.
func TestEventsGoOnAfterARestart(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.feed("fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm")
	f.restart()
	f.feed("fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm")
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	if got, want := f.events(), []string{`fw1 fan/1 "ok">"failed" 735002`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEventsAreBounded(t *testing.T) {
	f := newFixture(t, state.Options{MaxEvents: 3})
	for i := range 5 {
		f.feed(fmt.Sprintf("fw1 : %%FTD-1-735002: Cooling Fan %d: Failure Detected", i))
		f.now = f.now.Add(time.Minute)
	}
	for _, tc := range []struct {
		since time.Time
		limit int
		want  string
	}{
		{time.Time{}, math.MaxInt, "2 3 4"},
		{time.Time{}, 3, "2 3 4"},
		{time.Time{}, 2, "3 4"},
		{time.Time{}, 0, ""},
		{epoch.Add(3 * time.Minute), 10, "3 4"},
		{epoch.Add(3*time.Minute + 1), 10, "4"},
		{epoch.Add(time.Minute), 1, "4"},
		{epoch.Add(time.Hour), 10, ""},
	} {
		var units []string
		for _, x := range f.state.Events(tc.since, tc.limit) {
			units = append(units, x.Unit)
		}
		if got := strings.Join(units, " "); got != tc.want {
			t.Errorf("since %s, at most %d: fans %q, want %q", tc.since, tc.limit, got, tc.want)
		}
	}
}

func TestTextsAreMadeHarmless(t *testing.T) {
	f := newFixture(t, state.Options{})
	for text, want := range map[string]string{
		"":                                    "",
		" spaces around \r\n":                 "spaces around",
		"a\x1b[31mb\x00c\x7fd\te":             "a?[31mb?c?d?e",
		"a\u0085b\u009fc":                     "a?b?c",
		"a\xffb\xc3":                          "a?b?",
		"\"quotes\" <and> \\ & é":             "\"quotes\" <and> \\ & é",
		"\ufffd is a character":               "\ufffd is a character",
		strings.Repeat("x", 256):              strings.Repeat("x", 256),
		strings.Repeat("x", 257):              strings.Repeat("x", 256),
		strings.Repeat("é", 200):              strings.Repeat("é", 128),
		"x" + strings.Repeat("é", 200):        "x" + strings.Repeat("é", 127),
		strings.Repeat("\xf0\x9f\x98", 300):   strings.Repeat("?", 256),
		strings.Repeat("x", 255) + "\u0085yy": strings.Repeat("x", 255),
	} {
		var m catalog.Message
		f.cat.Match(774001, []byte("POST: unspecified error"), &m)
		f.state.Update(&state.Observation{Device: []byte("fw1"), Message: &m, Text: []byte(text), Time: epoch})
		got := f.state.Events(time.Time{}, 1)[0].Text
		if got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Cooling Fan 1: Failure Detected"))
	f.Add([]byte("\xff\x00\u0085" + strings.Repeat("\u20ac", 100)))
	fix := newFixture(f, state.Options{})
	f.Fuzz(func(t *testing.T, text []byte) {
		var m catalog.Message
		fix.cat.Match(735002, []byte("Cooling Fan 1: Failure Detected"), &m)
		fix.state.Update(&state.Observation{Device: []byte("fw1"), Message: &m, Text: text, Time: epoch})
		d, _ := fix.state.Snapshot("fw1")
		got := d.Components[0].Text
		if len(got) > 256 || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// Neither another template of the same state nor a state that flaps costs
// memory once the component and its text are known.
func TestReportsDoNotAllocate(t *testing.T) {
	for _, texts := range []map[string]catalog.ID{
		{"Cooling Fan 1: OK": 735001, "Cooling  Fan 1 : OK.": 735001},
		{"Cooling Fan 1: OK": 735001, "Cooling Fan 1: Failure Detected": 735002},
		{"CPU 1: Temp: 9 C, OK": 735020, "CPU 1: Temp: 119 C, OK": 735020},
		{"CPU 1: Temp: 90 C, Critical": 735007, "CPU 1: Temp: 70 C, Warm": 735015},
		{"POST: unspecified error": 774001},
	} {
		f := newFixture(t, state.Options{MaxEvents: 10})
		var events []*state.Observation
		for text, id := range texts {
			m := new(catalog.Message)
			if f.cat.Match(id, []byte(text), m) != catalog.Matched {
				t.Fatalf("%s does not match %q", id, text)
			}
			events = append(events, &state.Observation{Device: []byte("fw1"), Message: m, Text: []byte(text), Time: epoch})
		}
		update := func() {
			for _, e := range events {
				f.state.Update(e)
			}
		}
		if n := testing.AllocsPerRun(100, update); n != 0 {
			t.Errorf("%v: %v allocations", texts, n)
		}
	}
}
