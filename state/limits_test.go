package state_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestEnsuredDevicesShowBeforeTheySend(t *testing.T) {
	f := newFixture(t, state.Options{})
	for range 2 {
		if !f.state.Ensure("fw1") {
			t.Fatal("no room")
		}
	}
	expect := func(last string) {
		t.Helper()
		got := f.exposition()
		for _, want := range []string{
			`ftd_device_last_message_timestamp_seconds{device="fw1"} ` + last,
			`ftd_thermal_shutdowns_total{component="cpu",device="fw1"} 0`,
		} {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
	}
	expect("0")
	f.restart()
	expect("0")
	f.feed("fw1 : %FTD-6-302013: Built")
	expect("1.7737488e+09")
	f.restart()
	f.state.Ensure("fw1")
	expect("1.7737488e+09")

	// The file may be read after the inventory.
	f.store()
	f.newState()
	f.state.Ensure("fw1")
	for name, records := range f.disk {
		for _, r := range records {
			f.state.Restore(name, []state.Record{r})
		}
	}
	expect("1.7737488e+09")
}

func TestForgetSilent(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.state.Ensure("never")
	f.feed("old : %FTD-6-302013: Built")
	f.feed("kept : %FTD-6-302013: Built")
	// Devices that others report on are not silent while they do.
	f.feed("kept : HMNOTIFY: Disk Usage (Sensor old sensor): Severity: normal: x")
	f.now = f.now.Add(time.Hour)
	f.feed("kept : HMNOTIFY: Disk Usage (Sensor new sensor): Severity: normal: x")
	f.feed("new : %FTD-6-302013: Built")
	f.restart()
	f.now = f.now.Add(2 * time.Minute)
	f.feed("new : %FTD-6-302013: Built")
	f.feed("kept : HMNOTIFY: Disk Usage (Sensor new sensor): Severity: normal: x")
	got := f.state.ForgetSilent(f.now.Add(-time.Minute), func(name string) bool { return name == "kept" })
	slices.Sort(got)
	if !slices.Equal(got, []string{"old", "old sensor"}) || f.state.Stats().Devices != 4 {
		t.Errorf("forgot %q, %d left", got, f.state.Stats().Devices)
	}
}

func TestLimitsAndExpiryCanChange(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13")
	f.feed("fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 11 per second, max configured rate is 10")
	if err := f.state.SetExpiry(map[string]time.Duration{"quota": time.Minute}); err != nil {
		t.Error(err)
	}
	err := f.state.SetExpiry(map[string]time.Duration{"environment": time.Minute, "quota": time.Hour, "x": time.Hour})
	want := "state: no metric of collector \"environment\" expires\nstate: no metric of collector \"x\" expires"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	f.now = f.now.Add(2 * time.Minute)
	if got := f.exposition(); strings.Contains(got, "ftd_quota_used") || !strings.Contains(got, "ftd_threat_detection_events_per_second") {
		t.Errorf("expiry of one family:\n%s", got)
	}
	f.state.SetLimits(state.Limits{Devices: 1, SeriesPerMetric: 1, Series: 1000})
	f.feed("fw2 : %FTD-6-302013: Built")
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 2: OK")
	if got := f.values(); f.state.Stats().Devices != 1 || got[`ftd_component_ok{component="fan",device="fw1",unit="1"}`] != "1" || got[`ftd_component_ok{component="fan",device="fw1",unit="2"}`] != "" {
		t.Errorf("limits: %v", got)
	}
}

func TestIDsOutsideTheCatalogAreCounted(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.state.Update(&state.Observation{Device: []byte("fw1"), Severity: 4, Count: 3, CountID: 106023, Time: f.now})
	f.restart()
	if got := f.values()[`ftd_messages_total{device="fw1",message_id="106023"}`]; got != "3" {
		t.Errorf("%q, want 3", got)
	}
}

// A device that sends while it is about to be forgotten stays.
func TestForgetSilentAsksTwice(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-6-302013: Built")
	f.now = f.now.Add(time.Hour)
	got := f.state.ForgetSilent(f.now.Add(-time.Minute), func(string) bool {
		f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
		return false
	})
	if len(got) != 0 || f.values()[`ftd_component_ok{component="fan",device="fw1",unit="1"}`] != "0" {
		t.Errorf("forgot %q", got)
	}
}
