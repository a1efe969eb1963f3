package state_test

import (
	"fmt"
	"maps"
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
		{"735020: CPU 1: Temp: N/A OK", "alarm", 4}, // Of 735010, for an hour.
	} {
		f.feed("fw1 : %FTD-1-" + step.line)
		if d, _ := f.state.Snapshot("fw1"); d.State != step.state || len(f.events()) != step.events {
			t.Errorf("%s: the device is %s, want %s; events %q", step.line, d.State, step.state, f.events())
		}
	}
	f.now = f.now.Add(time.Hour)
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
		}, []string{`fw1 cpu/ "">"alarm" 735022`, `fw1 / "">"alarm" 774001`, `fw1 / "">"alarm" 774001`, `fw1 / "">"alarm" 743010`}},
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
	if got, want := f.events(), []string{`fw1 cpu/1 "unknown">"warm" 735015`, `fw1 fan/1 "ok">"failed" 735002`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Events survive restarts, with the texts of the states that they began and with a
// changed name of their device; those that are no longer kept are no longer stored.
func TestEventsSurviveARestart(t *testing.T) {
	f := newFixture(t, state.Options{MaxEvents: 4})
	const shutdown = "735022: CPU 1 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU."
	for i, line := range []string{
		"735002: Cooling Fan 1: Failure Detected",
		"735001: Cooling Fan 1: OK",
		"735001: Cooling Fan 2: Failure Detected",
		"735007: CPU 1: Temp: 93 C, Critical",
		shutdown,
	} {
		f.feed("fw1 : %FTD-1-" + line)
		f.now = f.now.Add(time.Minute)
		if i == 3 {
			f.restart()
		}
	}
	if !f.state.Rename("fw1", "fw2") {
		t.Fatal("not renamed")
	}
	want := f.state.Events(time.Time{}, 10)
	snapshot, _ := f.state.Snapshot("fw2")
	f.restart()
	if got := f.state.Events(time.Time{}, 10); len(got) != 4 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(f.recorded) != 4 {
		t.Errorf("%d events are stored", len(f.recorded))
	}
	got, _ := f.state.Snapshot("fw2")
	for i, c := range got.Components {
		if want := snapshot.Components[i]; !reflect.DeepEqual(c, want) {
			t.Errorf("got  %+v\nwant %+v", c, want)
		}
	}
	if got.Components[1].TextOf != "735002" || got.Temperatures[0].Text != "CPU 1: Temp: 93 C, Critical" || got.States[1].MessageID != "735022" {
		t.Errorf("%+v", got)
	}
	f.restart() // What was restored is not stored again, and stays.
	if changes := f.state.TakeChanges(); len(changes.Events) != 0 || len(f.recorded) != 4 || len(f.events()) != 4 {
		t.Errorf("%d events to store, %d stored, %d kept", len(changes.Events), len(f.recorded), len(f.events()))
	}
}

// What came before the file could be read follows what it has.
func TestEventsRestoredLate(t *testing.T) {
	f := newFixture(t, state.Options{MaxEvents: 3})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	f.store()
	f.newState()
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 3: Failure Detected")
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected") // As it was.
	f.state.Restore("fw1", slices.Collect(maps.Values(f.disk["fw1"])))
	f.restoreEvents()
	want := []string{`fw1 fan/2 "unknown">"failed" 735002`, `fw1 fan/3 "unknown">"failed" 735002`}
	if got := f.events(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	f.restart()
	if got := f.events(); !slices.Equal(got, want) {
		t.Errorf("after a restart: got %q, want %q", got, want)
	}
}

// Events that could not be stored are taken again, and all of them for a new file.
func TestEventsArePutBack(t *testing.T) {
	f := newFixture(t, state.Options{})
	take := func(want int) state.Changes {
		t.Helper()
		changes := f.state.TakeChanges()
		if len(changes.Events) != want {
			t.Errorf("%d events are taken, want %d", len(changes.Events), want)
		}
		return changes
	}
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	take(1)
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	changes := take(1)
	take(0)
	f.state.PutBack(changes)
	take(1)
	f.state.MarkAll()
	take(2)
}

// A stored event may come from another version, or from a damaged file.
func TestStrangeEventsAreLeftOut(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	good := f.state.TakeChanges().Events[0]
	head, texts := string(good.Data[:9]), strings.Split(string(good.Data[9:]), "\xff")
	with := func(place int, text string) state.EventRecord {
		changed := slices.Clone(texts)
		changed[place] = text
		return state.EventRecord{Number: 1, Data: []byte(head + strings.Join(changed, "\xff"))}
	}
	for name, r := range map[string]state.EventRecord{
		"nothing": {}, "another form": {Data: append([]byte{2}, good.Data[1:]...)}, "too short": {Data: good.Data[:12]},
		"a number beyond all": {Number: 1 << 63, Data: good.Data}, "a state": with(2, "melted"), "an alert that is a state": with(2, ""), "an id": with(3, "x"), "an entry": with(4, "999999"),
		"a device": with(0, "fw\x1b1"), "a metric": with(6, "ftd_other"), "a label": with(7, "\x00"),
	} {
		f.newState()
		if n := f.state.RestoreEvents([]state.EventRecord{r}); n != 0 && len(f.events()) != 0 {
			t.Errorf("%s: %q", name, f.events())
		}
	}
	f.newState()
	if n := f.state.RestoreEvents([]state.EventRecord{{Number: 1 << 61, Data: good.Data}, {Number: 7, Data: good.Data}, with(1, "burnt")}); n != 3 || len(f.events()) != 1 {
		t.Errorf("%d: %q", n, f.events())
	}
}

// What no message withdraws is a state of the device, with what is known of it.
func TestAlarmIsAState(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.feed("fw1 : %FTD-2-774001: POST: unspecified error")
	f.now = f.now.Add(time.Hour)
	f.feed("fw1 : %FTD-2-774001: POST: unspecified error")
	said := f.now
	expect := func(when, want string) {
		t.Helper()
		d, _ := f.state.Snapshot("fw1")
		var alarms []string
		for _, s := range d.States {
			if s.State == "alarm" {
				alarms = append(alarms, fmt.Sprint(s.Metric, " ", s.Level, " ", s.Title, " ", *s.Reports, " ", s.Since.Equal(said), " ", s.Text, " ", s.MessageID))
			}
		}
		if got := d.State + " " + d.Level + " " + strings.Join(alarms, "|"); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	const alarm = "alarm critical ftd_post_failures_total critical Failure of the self-test 2 true POST: unspecified error 774001"
	expect("at once", alarm)
	f.restart()
	expect("after a restart", alarm)
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	expect("with a failure", "failed failed"+strings.TrimPrefix(alarm, "alarm critical"))
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.now = said.Add(30*24*time.Hour - time.Second)
	expect("nearly a month later", alarm)
	f.feed("fw1 : %FTD-6-199002: Startup completed. Beginning operation.")
	expect("after a boot without it", "ok ok ")
}

// How long an alarm lasts depends on its metric, and what its reports are on a label.
func TestAlarmsEnd(t *testing.T) {
	const boot = "6-199002: Startup completed. Beginning operation."
	for _, tc := range []struct {
		line, level string // A report, and the level of the device at once,
		after       time.Duration
		then, want  string // after a time and another line, if there is one.
	}{
		{"4-411005: Interface a experienced a hardware transmit hang.", "critical", 24*time.Hour - time.Second, "", "critical"},
		{"4-411005: Interface a experienced a hardware transmit hang.", "critical", 24 * time.Hour, "", "unknown"},
		{"4-411005: Interface a experienced a hardware transmit hang.", "critical", time.Hour, boot, "critical"},
		{"3-414003: TCP Syslog Server inside:192.0.2.10/5514 not responding", "critical", time.Hour - time.Second, "", "critical"},
		{"3-414003: TCP Syslog Server inside:192.0.2.10/5514 not responding", "critical", time.Hour, "", "unknown"},
		{"2-774001: POST: unspecified error", "critical", 30 * 24 * time.Hour, "", "unknown"},
		{"2-774001: POST: unspecified error", "critical", 15 * time.Minute, boot, "critical"},
		{"2-774001: POST: unspecified error", "critical", 16 * time.Minute, boot, "unknown"},
		{"5-199006: Orderly reload started at 02:14:16 UTC Tue Mar 5 2024 by admin. Reload reason:unspecified", "unknown", 0, "", "unknown"},
		{"2-199021: System memory utilization has reached the configured threshold of 95%. System will now reload.", "critical", time.Hour, boot, "critical"},
	} {
		f := newFixture(t, state.Options{})
		f.feed("fw1 : %FTD-" + tc.line)
		d, _ := f.state.Snapshot("fw1")
		if d.Level != tc.level {
			t.Errorf("%s: level %s, want %s", tc.line, d.Level, tc.level)
		}
		f.now = f.now.Add(tc.after)
		if tc.then != "" {
			f.feed("fw1 : %FTD-" + tc.then)
		}
		if d, _ = f.state.Snapshot("fw1"); d.Level != tc.want {
			t.Errorf("%s: level %s after %v and %q, want %s", tc.line, d.Level, tc.after, tc.then, tc.want)
		}
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
