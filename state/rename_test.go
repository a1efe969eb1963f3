package state_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

const (
	fanFailed = " : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	fanOK     = " : %FTD-1-735001: Cooling Fan 1: OK"
	cpuWarm   = " : %FTD-4-735015: CPU 1: Temp: 78 C, Warm"
	cpuHot    = " : %FTD-1-735007: CPU 1: Temp: 93 C, Critical"
)

// A renamed device takes its series along, and nothing stays under the old name.
func TestRename(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("old" + fanFailed)
	f.feed("old" + cpuWarm)
	f.feed("old : %FTD-3-768002: QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
	f.store()
	want := strings.ReplaceAll(f.exposition(), `"old"`, `"new"`)
	size := f.state.Stats()
	if f.state.Rename("none", "new") || f.state.Rename("old", "old") || f.state.Rename("old", "a\x00") {
		t.Error("renamed what cannot be renamed")
	}
	f.now = f.now.Add(time.Minute)
	if !f.state.Rename("old", "new") {
		t.Fatal("not renamed")
	}
	d, _ := f.state.Snapshot("new")
	if c := d.Components[0]; c.OK || !c.Since.Equal(epoch) || c.Text != "Cooling Fan 1: Failure Detected" {
		t.Errorf("%+v", c)
	}
	for _, e := range f.state.Events(time.Time{}, 10) {
		if e.Device != "new" {
			t.Errorf("event of %s", e.Device)
		}
	}
	if got := f.state.Stats(); got != size {
		t.Errorf("%+v, was %+v", got, size)
	}
	for range 2 {
		if got := f.exposition(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		f.restart()
	}
	if _, ok := f.disk["old"]; ok {
		t.Error("the old name is still stored")
	}
}

// If messages have come under the new name already, the two become one.
func TestRenameToADeviceThatExists(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("old" + fanFailed)
	f.feed("old" + cpuWarm)
	f.feed("old : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	f.now = f.now.Add(time.Hour)
	f.state.Ensure("never")
	f.feed("new" + fanFailed)
	f.feed("new" + cpuHot)
	if !f.state.Rename("old", "new") || !f.state.Rename("never", "new") {
		t.Fatal("not renamed")
	}
	for range 2 {
		values := f.values()
		for name, want := range map[string]string{
			`ftd_component_ok{component="fan",device="new",unit="1"}`:                                "0",
			`ftd_component_ok{component="fan",device="new",unit="2"}`:                                "0",
			`ftd_component_failures_total{component="fan",device="new",unit="1"}`:                    "2",
			`ftd_component_state_changed_timestamp_seconds{component="fan",device="new",unit="1"}`:   "1.7737488e+09",
			`ftd_temperature_state_changed_timestamp_seconds{component="cpu",device="new",unit="1"}`: "1.7737524e+09",
			`ftd_temperature_state{component="cpu",device="new",state="warm",unit="1"}`:              "0",
			`ftd_temperature_state{component="cpu",device="new",state="critical",unit="1"}`:          "1",
			`ftd_temperature_celsius{component="cpu",device="new",unit="1"}`:                         "93",
			`ftd_device_last_message_timestamp_seconds{device="new"}`:                                "1.7737524e+09",
			`ftd_messages_total{device="new",message_id="735002"}`:                                   "3",
		} {
			if values[name] != want {
				t.Errorf("%s is %q, want %s", name, values[name], want)
			}
		}
		f.restart()
	}
	f.state.Forget("new")
	if got := f.state.Stats(); got != (state.Stats{}) {
		t.Errorf("%+v left", got)
	}
}

// The device that sent something later decides, whatever its name.
func TestRenameKeepsTheLaterState(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("new" + fanOK)
	f.feed("new" + cpuHot)
	f.now = f.now.Add(time.Hour)
	f.feed("old" + fanFailed)
	f.feed("old" + cpuWarm)
	f.state.Rename("old", "new")
	values := f.values()
	for name, want := range map[string]string{
		`ftd_component_ok{component="fan",device="new",unit="1"}`:                              "0",
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="new",unit="1"}`: "1.7737524e+09",
		`ftd_temperature_state{component="cpu",device="new",state="warm",unit="1"}`:            "1",
		`ftd_temperature_state{component="cpu",device="new",state="critical",unit="1"}`:        "0",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %s", name, values[name], want)
		}
	}
}

// What deletes the old name has all series under the new one, also when it could
// not be stored the first time.
func TestRenameIsStoredAsOne(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("old" + fanFailed)
	f.store()
	f.state.Rename("old", "new")
	want := f.state.Stats().Series
	for range 3 {
		changes := f.state.TakeUrgent()
		if !slices.Equal(changes.Forgotten, []string{"old"}) || len(changes.Devices) != 1 || len(changes.Devices[0].Records) != want {
			t.Fatalf("%+v, want %d records", changes, want)
		}
		f.state.PutBack(changes)
	}
	f.restart()
	if got := slices.Collect(maps.Keys(f.disk)); !slices.Equal(got, []string{"new"}) {
		t.Errorf("%q are stored", got)
	}
}
