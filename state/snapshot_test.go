package state_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// snapshot returns the state of a device as indented JSON.
func (f *fixture) snapshot(name string) string {
	f.t.Helper()
	d, ok := f.state.Snapshot(name)
	if !ok {
		f.t.Fatalf("no device %q", name)
	}
	d.Counters = nil // Zero counters of every device; see TestSnapshotCounters.
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

func TestSnapshot(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, line := range []string{
		"735001: Cooling Fan 10: OK",
		"735002: Cooling Fan 2: Failure Detected",
		"735015: CPU 1: Temp: 78 C, Warm",
		"735002: Cooling Fan 2: Failure Detected ",
	} {
		f.feed("fw1 : %FTD-1-" + line)
		f.now = f.now.Add(time.Minute)
	}
	f.feed("fw1 : %FTD-3-768001: QUOTA: management session utilization is high: requested 1, current 13, warning level 12")
	want := `{
  "name": "fw1",
  "last_message": "2026-03-17T12:04:00Z",
  "addresses": [],
  "state": "failed",
  "level": "failed",
  "reports_health": false,
  "components": [
    {
      "component": "fan",
      "unit": "2",
      "ok": false,
      "failures": 2,
      "since": "2026-03-17T12:01:00Z",
      "text": "Cooling Fan 2: Failure Detected",
      "message_id": "735002",
      "text_of": ""
    },
    {
      "component": "fan",
      "unit": "10",
      "ok": true,
      "failures": 0,
      "since": "2026-03-17T12:00:00Z",
      "text": "Cooling Fan 10: OK",
      "message_id": "735001",
      "text_of": ""
    }
  ],
  "temperatures": [
    {
      "component": "cpu",
      "unit": "1",
      "celsius": 78,
      "state": "warm",
      "alarms": 1,
      "since": "2026-03-17T12:02:00Z",
      "text": "CPU 1: Temp: 78 C, Warm",
      "message_id": "735015",
      "text_of": ""
    }
  ],
  "states": [
    {
      "metric": "ftd_environment_monitoring_up",
      "title": "Environment monitoring",
      "labels": {},
      "state": "running",
      "level": "ok",
      "reading": null,
      "unit": "",
      "reports": null,
      "since": "2026-03-17T12:00:00Z",
      "text": "Cooling Fan 2: Failure Detected",
      "message_id": "735002",
      "text_of": ""
    }
  ],
  "capacity": [
    {
      "metric": "ftd_quota_used",
      "labels": {
        "resource": "management_session",
        "scope": "system"
      },
      "value": 13,
      "updated": "2026-03-17T12:04:00Z",
      "title": "Quota",
      "unit": "",
      "limit": null,
      "limit_name": "",
      "warning": 12,
      "warning_name": "warning level",
      "limit_of": ""
    },
    {
      "metric": "ftd_quota_warning_level",
      "labels": {
        "resource": "management_session",
        "scope": "system"
      },
      "value": 12,
      "updated": "2026-03-17T12:04:00Z",
      "title": "warning level",
      "unit": "",
      "limit": null,
      "limit_name": "",
      "warning": null,
      "warning_name": "",
      "limit_of": "ftd_quota_used"
    }
  ],
  "counters": null,
  "messages_by_severity": {
    "1": 4,
    "3": 1
  }
}`
	if got := f.snapshot("fw1"); got != want {
		t.Errorf("%s\n%s", testutil.FirstDifference(got, want), got)
	}
}

func TestSnapshotCounters(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw1 : %FTD-2-774001: POST: unspecified error")
	d, _ := f.state.Snapshot("fw1")
	var got []string
	for _, c := range d.Counters {
		if *c.Value > 0 || regexp.MustCompile("^ftd_(boots|environment|eobc|post|thermal)_").MatchString(c.Metric) { // Of many that start at 0.
			got = append(got, fmt.Sprint(c.Metric, c.Labels, " ", *c.Value))
		}
	}
	want := `ftd_boots_after_thermal_shutdown_totalmap[component:cpu] 0
ftd_boots_after_thermal_shutdown_totalmap[component:cpu_voltage_regulator] 0
ftd_environment_monitoring_failures_totalmap[stage:init] 0
ftd_environment_monitoring_failures_totalmap[stage:update] 0
ftd_eobc_rpc_failures_totalmap[stage:call] 0
ftd_eobc_rpc_failures_totalmap[stage:start] 0
ftd_post_failures_totalmap[algorithm:unspecified direction:unspecified engine:unspecified key_bits:unspecified mode:unspecified] 1
ftd_thermal_shutdowns_totalmap[component:cpu] 0
ftd_thermal_shutdowns_totalmap[component:cpu_voltage_regulator] 0
ftd_thermal_shutdowns_totalmap[component:io_hub] 0`
	if got := strings.Join(got, "\n"); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

func TestWorstState(t *testing.T) {
	messages := map[string]string{
		"traffic":    "6-302013: Built",
		"fan ok":     "1-735001: Cooling Fan 1: OK",
		"fan failed": "1-735002: Cooling Fan 1: Failure Detected",
		"ok":         "4-735020: CPU 1: Temp: 58 C, OK",
		"warm":       "4-735015: CPU 1: Temp: 78 C, Warm",
		"critical":   "1-735007: CPU 1: Temp: 93 C, Critical",
	}
	for lines, want := range map[string]string{
		"traffic":             "unknown",
		"fan ok":              "ok",
		"ok":                  "ok",
		"fan ok,warm":         "warm",
		"fan ok,critical":     "critical",
		"critical,fan failed": "failed",
		"fan failed,fan ok":   "ok",
		"critical,warm":       "warm",
	} {
		f := newFixture(t, state.Options{})
		for name := range strings.SplitSeq(lines, ",") {
			f.feed("fw1 : %FTD-" + messages[name])
		}
		if d, _ := f.state.Snapshot("fw1"); d.State != want {
			t.Errorf("%s: %s, want %s", lines, d.State, want)
		}
	}
}

// A management center has no need of a state of its own while it reports those of its
// sensors; one that it has counts. A sensor is not a management center.
func TestManagementCenter(t *testing.T) {
	const (
		about = "fmc1 : HMNOTIFY: Power Supply (Sensor fw1): Severity: critical: x"
		own   = "fmc1 : HMNOTIFY: Disk Usage: Severity: minor: x"
		week  = 7 * 24 * time.Hour
	)
	for _, tc := range []struct {
		name, device string
		lines        []string
		later        time.Duration
		state, level string
		reports      bool
	}{
		{"reports", "fmc1", []string{about}, 0, "ok", "ok", true},
		{"for a week", "fmc1", []string{about}, week - 1, "ok", "ok", true},
		{"no longer", "fmc1", []string{about}, week, "unknown", "unknown", false},
		{"a sensor", "fw1", []string{about}, 0, "critical", "critical", false},
		{"a state of its own", "fmc1", []string{about, own}, 0, "warning", "warning", true},
		{"which stays", "fmc1", []string{about, own}, week, "warning", "warning", false},
		{"what cannot be read", "fmc1", []string{"fmc1 : HMNOTIFY: Power Supply (Sensor fw1): Severity: purple: x"}, 0, "unknown", "unknown", false},
		{"a firewall", "fw2", []string{"fw2 : %FTD-6-302013: Built"}, 0, "unknown", "unknown", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t, state.Options{})
			for _, line := range tc.lines {
				f.feed(line)
			}
			f.now = f.now.Add(tc.later)
			check := func() {
				t.Helper()
				if d, _ := f.state.Snapshot(tc.device); d.State != tc.state || d.Level != tc.level || d.ReportsHealth != tc.reports {
					t.Errorf("%s %s, reports: %t", d.State, d.Level, d.ReportsHealth)
				}
			}
			check()
			f.restart()
			check()
		})
	}
}

// A restart keeps when a state began and its text, which is that of its event, and
// forgets the text if the event is no longer kept; a report of the same state brings
// the text back.
// What the configuration switches off is as it should be, until it is switched on.
func TestSwitchedOff(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, step := range []struct{ line, level, off string }{
		{"4-411002: Line protocol on Interface inside, changed state to down", "warning", "warning"},
		{"4-411003: Configuration status on interface inside, changed state to down", "ok", "ok"},
		{"4-411002: Line protocol on Interface outside, changed state to down", "warning", "ok"},
		{"4-411001: Line protocol on Interface outside, changed state to up", "ok", "ok"},
		{"4-411004: Configuration status on interface inside, changed state to up", "warning", "warning"},
	} {
		f.feed("fw1 : %FTD-" + step.line)
		d, _ := f.state.Snapshot("fw1")
		if d.Level != step.level {
			t.Errorf("%s: level %s, want %s", step.line, d.Level, step.level)
		}
		for _, s := range d.States {
			if s.Metric == "ftd_interface_up" && s.Labels["interface"] == "inside" && (s.State != "down" || s.Level != step.off) {
				t.Errorf("%s: inside is %s, level %s", step.line, s.State, s.Level)
			}
		}
	}
}

func TestSnapshotAfterARestart(t *testing.T) {
	f := newFixture(t, state.Options{})
	check := func(text, id string) {
		t.Helper()
		d, _ := f.state.Snapshot("fw1")
		c, temp := d.Components[0], d.Temperatures[0]
		if d.State != "failed" || c.OK || *c.Failures < 1 || *temp.Celsius != 78 || temp.State != "warm" {
			t.Errorf("%+v", d)
		}
		if !c.Since.Equal(epoch) || !temp.Since.Equal(epoch) || c.Text != text || c.MessageID != id {
			t.Errorf("since %s and %s, %q %q, want %s, %q %q", c.Since, temp.Since, c.Text, c.MessageID, epoch, text, id)
		}
	}
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm")
	check("Cooling Fan 1: Failure Detected", "735002")
	f.now = f.now.Add(time.Hour)
	f.restart()
	check("Cooling Fan 1: Failure Detected", "735002")
	clear(f.recorded)
	f.restart()
	check("", "")
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	check("Cooling Fan 1: Failure Detected", "735002")
}

func TestSnapshotLacksWhatExpired(t *testing.T) {
	f := newFixture(t, state.Options{CapacityExpiry: time.Minute})
	f.feed("fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13")
	for after, want := range map[time.Duration]int{time.Minute: 2, time.Minute + 1: 0} {
		f.now = epoch.Add(after)
		if d, _ := f.state.Snapshot("fw1"); len(d.Capacity) != want {
			t.Errorf("after %s: %d gauges, want %d", after, len(d.Capacity), want)
		}
	}
}

func TestSnapshotsAreSortedAndForget(t *testing.T) {
	f := newFixture(t, state.Options{})
	names := func() string {
		var names []string
		for d := range f.state.Snapshots() {
			names = append(names, d.Name)
		}
		return strings.Join(names, " ")
	}
	if got := names(); got != "" {
		t.Errorf("an empty table has %s", got)
	}
	for _, name := range []string{"fw2", "b", "fw10", "a", "fw1"} {
		f.feed(name + " : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	}
	if got, want := names(), "a b fw1 fw10 fw2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for d := range f.state.Snapshots() {
		if d.Name == "b" {
			break // Leaving early is allowed.
		}
		f.state.Forget("fw1") // And so is every method meanwhile.
	}
	if got, want := names(), "a b fw10 fw2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, ok := f.state.Snapshot("fw1"); ok {
		t.Error("fw1 is still there")
	}
	f.feed("fw1 : %FTD-6-302013: Built")
	if d, _ := f.state.Snapshot("fw1"); d.State != "unknown" || len(d.Components) != 0 {
		t.Errorf("fw1 remembers: %+v", d)
	}
}

// A damaged file may hold numbers that no message sets and that JSON cannot express.
func TestSnapshotOfImpossibleNumbers(t *testing.T) {
	f := newFixture(t, state.Options{})
	restored, skipped := f.state.Restore("fw1", []state.Record{
		{Key: state.RecordKey("ftd_component_ok", "fan", "1"), Value: math.NaN(), Set: math.MaxInt64, Began: math.MinInt64},
		{Key: state.RecordKey("ftd_component_failures_total", "fan", "1"), Value: math.Inf(1), Set: math.MaxInt64},
		{Key: state.RecordKey("ftd_temperature_celsius", "cpu", "1"), Value: math.NaN()},
		{Key: state.RecordKey("ftd_temperature_state", "cpu", "1", "warm"), Value: 1},
		{Key: state.RecordKey("ftd_quota_used", "x", "system"), Value: math.Inf(-1), Set: math.MaxInt64},
		{Key: state.RecordKey("ftd_syslog_messages_total", "1"), Value: math.NaN()},
		{Key: state.RecordKey("ftd_device_last_message_timestamp_seconds"), Value: math.NaN(), Set: math.MinInt64},
	})
	if restored != 1 || skipped != 6 {
		t.Errorf("%d restored, %d skipped", restored, skipped)
	}
	got := f.snapshot("fw1")
	for _, want := range []string{`"components": []`, `"celsius": null`, `"capacity": []`, `"state": "warm"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestSnapshotsWhileMessagesArrive(t *testing.T) {
	f := newFixture(t, state.Options{MaxEvents: 20})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var m catalog.Message
			for i := range 500 {
				text := fmt.Appendf(nil, "Cooling Fan %d: Failure Detected", i%7)
				id := catalog.ID(735002)
				if i%3 == 0 {
					text, id = fmt.Appendf(nil, "CPU %d: Temp: %d C, Warm", i%7, i), 735015
				}
				f.cat.Match(id, text, &m)
				f.state.Update(&state.Observation{Device: fmt.Appendf(nil, "fw%d", (g+i)%5), Message: &m, Text: text, Time: epoch})
				clear(text) // Nothing may keep it.
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			for d := range f.state.Snapshots() {
				for _, c := range d.Components {
					if want := "Cooling Fan " + c.Unit + ": Failure Detected"; c.Text != want {
						t.Errorf("%q, want %q", c.Text, want)
					}
				}
			}
			if got := f.state.Events(time.Time{}, 100); len(got) > 20 {
				t.Errorf("%d events", len(got))
			}
			f.state.Forget(fmt.Sprintf("fw%d", i%5))
		}
	})
	wg.Wait()
}

// BenchmarkSnapshots is an answer about 10,000 devices, without encoding.
func BenchmarkSnapshots(b *testing.B) {
	f := newFixture(b, state.Options{})
	fill(b, f, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		for range f.state.Snapshots() {
		}
	}
}
