package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A part that was replaced goes alone, from the file as well, and is new when it
// reports again. Counters that are there from the start begin again at 0.
func TestForgetPart(t *testing.T) {
	for _, tc := range []struct {
		labels map[string]string
		want   []string // Removed.
		gone   []string
		left   []string
	}{
		{
			map[string]string{"component": "fan", "unit": "2"},
			[]string{"ftd_component_failures_total", "ftd_component_last_report_timestamp_seconds", "ftd_component_ok", "ftd_component_state_changed_timestamp_seconds"},
			[]string{`component="fan",device="fw1",unit="2"`},
			[]string{`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`, `ftd_component_ok{component="fan",device="fw2",unit="2"} 0`, `ftd_temperature_state{component="cpu",device="fw1",state="warm",unit="2"} 1`},
		},
		{
			map[string]string{"component": "fan"}, // All of them.
			[]string{
				"ftd_component_failures_total", "ftd_component_failures_total",
				"ftd_component_last_report_timestamp_seconds", "ftd_component_last_report_timestamp_seconds", "ftd_component_ok", "ftd_component_ok",
				"ftd_component_state_changed_timestamp_seconds", "ftd_component_state_changed_timestamp_seconds",
			},
			[]string{`component="fan",device="fw1"`},
			[]string{`ftd_component_ok{component="fan",device="fw2",unit="2"} 0`},
		},
		{
			map[string]string{"component": "cpu"},
			[]string{
				"ftd_boots_after_thermal_shutdown_total", "ftd_temperature_alarms_total", "ftd_temperature_celsius", "ftd_temperature_state",
				"ftd_temperature_state_changed_timestamp_seconds", "ftd_thermal_shutdowns_total",
			},
			[]string{`ftd_temperature_state{component="cpu",device="fw1"`},
			[]string{`ftd_thermal_shutdowns_total{component="cpu",device="fw1"} 0`, `ftd_component_ok{component="fan",device="fw1",unit="2"} 0`},
		},
		{
			map[string]string{"resource": "management_session"},
			[]string{"ftd_quota_used", "ftd_quota_warning_level", "ftd_quota_warnings_total"},
			[]string{"ftd_quota_used{", "ftd_quota_warnings_total{"},
			[]string{`ftd_component_ok{component="fan",device="fw1",unit="2"} 0`},
		},
		{map[string]string{"component": "fan", "unit": "9"}, nil, nil, []string{`ftd_component_ok{component="fan",device="fw1",unit="2"} 0`}},
		{map[string]string{"component": ""}, nil, nil, []string{`ftd_component_ok{component="fan",device="fw1",unit="2"} 0`}},
	} {
		f := newFixture(t, state.Options{})
		f.say(nobody, "fw1", 735002, "Cooling Fan 1: Failure Detected")
		f.say(nobody, "fw1", 735002, "Cooling Fan 2: Failure Detected")
		f.say(nobody, "fw2", 735002, "Cooling Fan 2: Failure Detected")
		f.say(nobody, "fw1", 735015, "CPU 2: Temp: 78 C, Warm")
		f.say(nobody, "fw1", 735022, "CPU 1 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU")
		f.say(nobody, "fw1", 768001, "QUOTA: management session utilization is high: requested 1, current 13, warning level 13")
		f.store()
		removed, found, err := f.state.ForgetPart("fw1", tc.labels)
		var names []string
		for _, x := range removed {
			names = append(names, x.Metric)
			for label, value := range tc.labels {
				if x.Labels[label] != value {
					t.Errorf("%v: removed %v", tc.labels, x)
				}
			}
		}
		if err != nil || !found || strings.Join(names, " ") != strings.Join(tc.want, " ") {
			t.Errorf("%v: removed %v, %t, %v", tc.labels, names, found, err)
		}
		for _, when := range []string{"at once", "after a restart"} {
			got := f.exposition()
			for _, part := range tc.gone {
				if strings.Contains(got, part) {
					t.Errorf("%v, %s: %s is still there", tc.labels, when, part)
				}
			}
			for _, line := range tc.left {
				if !strings.Contains(got, line+"\n") {
					t.Errorf("%v, %s: no %s in\n%s", tc.labels, when, line, got)
				}
			}
			f.checkText(when)
			f.restart()
		}
		f.say(nobody, "fw1", 735001, "Cooling Fan 2: OK")
		if got := f.exposition(); !strings.Contains(got, `ftd_component_ok{component="fan",device="fw1",unit="2"} 1`) {
			t.Errorf("%v: after the next report:\n%s", tc.labels, got)
		}
	}
}

func TestForgetPartMistakes(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.say(nobody, "fw1", 735002, "Cooling Fan 1: Failure Detected")
	for want, labels := range map[string]map[string]string{
		`there is no label "unti"; use `:                      {"component": "fan", "unti": "1"},
		`no metric has the labels resource and unit together`: {"resource": "x", "unit": "1"},
		`there is no label "message_id"; use `:                {"message_id": "735002"},
	} {
		if removed, _, err := f.state.ForgetPart("fw1", labels); err == nil || !strings.Contains(err.Error(), want) || removed != nil {
			t.Errorf("%v: %v, %v", labels, removed, err)
		}
	}
	if _, found, err := f.state.ForgetPart("fw9", map[string]string{"component": "fan"}); found || err != nil {
		t.Error(found, err)
	}
	// The states of a set go together, so the label that has them chooses nothing.
	f = newTunnels(t)
	f.feed("fw1 : %FTD-4-900003: t1 down")
	if _, _, err := f.state.ForgetPart("fw1", map[string]string{"state": "down"}); err == nil || !strings.Contains(err.Error(), `there is no label "state"; use `) {
		t.Error(err)
	}
}

// A device of the inventory that is forgotten is expected all the same.
func TestForgetOfTheInventory(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.state.Ensure("fw1")
	f.say(nobody, "fw1", 735002, "Cooling Fan 1: Failure Detected")
	f.store()
	if !f.state.Forget("fw1") {
		t.Error("there was no device")
	}
	for range 2 {
		got := f.exposition()
		if strings.Contains(got, `component="fan"`) || !strings.Contains(got, `ftd_device_last_message_timestamp_seconds{device="fw1"} 0`) ||
			!strings.Contains(got, `ftd_thermal_shutdowns_total{component="cpu",device="fw1"} 0`) {
			t.Error(got)
		}
		f.restart()
	}
	if f.state.Forget("fw9") {
		t.Error("a device that was never there")
	}
}

// What only a former inventory had goes; what has sent something stays.
func TestReleaseExcept(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, name := range []string{"never", "sent", "kept"} {
		f.state.Ensure(name)
	}
	f.say(nobody, "sent", 735002, "Cooling Fan 1: Failure Detected")
	f.say(nobody, "stranger", 735002, "Cooling Fan 1: Failure Detected")
	for _, want := range []string{"[never]", "[]"} {
		f.restart() // Also what was only in the file.
		if got := fmt.Sprint(f.state.ReleaseExcept(func(name string) bool { return name == "kept" })); got != want {
			t.Errorf("forgotten: %s, want %s", got, want)
		}
	}
	got := f.exposition()
	for _, name := range []string{"sent", "kept", "stranger"} {
		if !strings.Contains(got, `device="`+name+`"`) {
			t.Errorf("%s is gone", name)
		}
	}
	if strings.Contains(got, `device="never"`) {
		t.Error("what never sent anything is there")
	}
}

// The first and the last message survive a restart, and what the inventory has made
// before is not a message.
func TestHeard(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.state.Ensure("fw1")
	if _, _, ok := f.state.Heard("fw1"); ok {
		t.Error("before the first message")
	}
	if _, _, ok := f.state.Heard("fw9"); ok {
		t.Error("an unknown device")
	}
	first := f.now.Add(time.Hour)
	f.now = first
	f.say(nobody, "fw1", 735002, "Cooling Fan 1: Failure Detected")
	f.now = first.Add(time.Hour)
	f.say(nobody, "fw1", 735001, "Cooling Fan 1: OK")
	for range 2 {
		from, to, ok := f.state.Heard("fw1")
		if !ok || !from.Equal(first) || !to.Equal(f.now) {
			t.Errorf("%s to %s, %t", from, to, ok)
		}
		f.restart()
	}
}

// Of two tables, the later state wins and counts are added.
func TestMerge(t *testing.T) {
	for _, tc := range []struct{ name, here, there, want, since string }{
		{"earlier there", "OK", "Failure Detected", "1", "1.773756e+09"},
		{"the same, earlier there", "OK", "OK", "1", "1.7737488e+09"},
		{"only there", "", "Failure Detected", "0", "1.7737488e+09"},
	} {
		ids := map[string]catalog.ID{"OK": 735001, "Failure Detected": 735002}
		f, other := newFixture(t, state.Options{}), newFixture(t, state.Options{})
		f.now = time.Date(2026, 3, 17, 14, 0, 0, 0, time.UTC)
		other.now = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
		other.say(nobody, "fw1", ids[tc.there], "Cooling Fan 1: "+tc.there)
		other.now = f.now
		if tc.here != "" {
			f.say(nobody, "fw1", ids[tc.here], "Cooling Fan 1: "+tc.here)
		}
		f.store()
		for _, d := range other.state.TakeChanges().Devices {
			if merged, skipped := f.state.Merge(d.Device, d.Records); skipped > 0 || merged == 0 {
				t.Errorf("%s: %d, %d", tc.name, merged, skipped)
			}
		}
		for range 2 { // It is stored as well.
			got := f.exposition()
			for _, line := range []string{
				`ftd_component_ok{component="fan",device="fw1",unit="1"} ` + tc.want,
				`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit="1"} ` + tc.since,
			} {
				if !strings.Contains(got, line+"\n") {
					t.Errorf("%s: no %s in\n%s", tc.name, line, got)
				}
			}
			f.restart()
		}
	}
}
