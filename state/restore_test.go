package state_test

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// Whatever a file has, no series comes from it that no message could have made.
func TestRestoreChecksValues(t *testing.T) {
	at := epoch.UnixNano()
	long := strings.Repeat("x", 100)
	for _, tc := range []struct {
		name  string
		key   string
		value float64
		want  string // The series, or empty.
	}{
		{"fan", state.RecordKey("ftd_component_ok", "fan", "1"), 0, `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`},
		{"no such state", state.RecordKey("ftd_component_ok", "fan", "1"), 2, ""},
		{"half a state", state.RecordKey("ftd_component_ok", "fan", "1"), 0.5, ""},
		{"state set", state.RecordKey("ftd_temperature_state", "cpu", "1", "warm"), 1, `ftd_temperature_state{component="cpu",device="fw1",state="warm",unit="1"} 1`},
		{"unknown state of a set", state.RecordKey("ftd_temperature_state", "cpu", "1", "warl"), 1, ""},
		{"only what is not", state.RecordKey("ftd_temperature_state", "cpu", "1", "warm"), 0, ""},
		{"value of a set", state.RecordKey("ftd_temperature_state", "cpu", "1", "warm"), 3, ""},
		{"closed set", state.RecordKey("ftd_threat_detection_exceeded_total", "scanning", "9"), 1, ""},
		{"other", state.RecordKey("ftd_threat_detection_exceeded_total", "scanning", "other"), 1, `ftd_threat_detection_exceeded_total{device="fw1",object="scanning",rate_id="other"} 1`},
		{"class", state.RecordKey("ftd_threat_detection_exceeded_total", "scannjng", "1"), 1, ""},
		{"snake case", state.RecordKey("ftd_quota_rejections_total", "Management", "system"), 1, `ftd_quota_rejections_total{device="fw1",resource="management",scope="system"} 1`},
		{"lower case", state.RecordKey("ftd_pci_missing_devices_total", "0x177D", "0x0010"), 1, `ftd_pci_missing_devices_total{device="fw1",pci_device="0x0010",pci_vendor="0x177d"} 1`},
		{"negative counter", state.RecordKey("ftd_component_failures_total", "fan", "1"), -1, ""},
		{"infinite counter", state.RecordKey("ftd_component_failures_total", "fan", "1"), math.Inf(1), ""},
		{"not a number", state.RecordKey("ftd_temperature_celsius", "cpu", "1"), math.NaN(), ""},
		{"ESC", state.RecordKey("ftd_component_ok", "fan", "\x1b[31m"), 0, ""},
		{"NUL", state.RecordKey("ftd_component_ok", "fan", "\x00"), 0, ""},
		{"C1", state.RecordKey("ftd_component_ok", "fan", "\u0085"), 0, ""},
		{"huge", state.RecordKey("ftd_component_ok", "fan", strings.Repeat("x", 20_000)), 0, ""},
		// The first versions cut off values at 128 bytes.
		{"long", state.RecordKey("ftd_component_ok", "fan", long), 0, `ftd_component_ok{component="fan",device="fw1",unit="` + long[:64] + `"} 0`},
	} {
		f := newFixture(t, state.Options{})
		restored, skipped := f.state.Restore("fw1", []state.Record{{Key: tc.key, Value: tc.value, Set: at, Began: at}})
		if restored+skipped != 1 || (restored == 1) != (tc.want != "") {
			t.Errorf("%s: %d restored, %d skipped", tc.name, restored, skipped)
		}
		metric, _, _ := strings.Cut(tc.key, "\xff")
		if got := f.exposition(); tc.want != "" && !strings.Contains(got, tc.want+"\n") || tc.want == "" && strings.Contains(got, metric+"{") {
			t.Errorf("%s: want %q, got\n%s", tc.name, tc.want, got)
		}
	}
}

// A value that was cut off further is stored under its new spelling only.
func TestLongValuesAreStoredAnew(t *testing.T) {
	f := newFixture(t, state.Options{})
	key := state.RecordKey("ftd_component_failures_total", "fan", strings.Repeat("x", 100))
	f.disk["fw1"] = map[string]state.Record{key: {Key: key, Value: 3, Set: epoch.UnixNano(), Began: epoch.UnixNano()}}
	f.state.Restore("fw1", slices.Collect(maps.Values(f.disk["fw1"])))
	f.say(nobody, "fw1", 735002, "Cooling Fan "+strings.Repeat("x", 200)+": Failure Detected")
	f.restart()
	if _, ok := f.disk["fw1"][key]; ok {
		t.Error("the old record is still there")
	}
	if got := f.values()[`ftd_component_failures_total{component="fan",device="fw1",unit="`+strings.Repeat("x", 64)+`"}`]; got != "4" {
		t.Errorf("%q failures, want 4", got)
	}
}

// Two records of one series, which differed in the case of letters, are one.
func TestRestoredSpellingsAreOneSeries(t *testing.T) {
	f := newFixture(t, state.Options{})
	for i, vendor := range []string{"0x177D", "0x177d"} {
		key := state.RecordKey("ftd_pci_missing_devices_total", vendor, "0x0010")
		f.addRecord(state.Record{Key: key, Value: float64(i + 1), Set: epoch.UnixNano(), Began: epoch.UnixNano()})
	}
	for range 2 {
		f.restartFromDisk()
		if got := f.values()[`ftd_pci_missing_devices_total{device="fw1",pci_device="0x0010",pci_vendor="0x177d"}`]; got != "3" {
			t.Errorf("%q reports, want 3", got)
		}
		f.store()
	}
	if _, ok := f.disk["fw1"][state.RecordKey("ftd_pci_missing_devices_total", "0x177D", "0x0010")]; ok {
		t.Error("the old spelling is still stored")
	}
}

// Earlier versions had one time of the last change for a supply and its
// temperature, under the name of the first.
func TestRestoredChangesAreSplit(t *testing.T) {
	const changed, warmed = "ftd_component_state_changed_timestamp_seconds", "ftd_temperature_state_changed_timestamp_seconds"
	at := func(minutes int) int64 { return epoch.Add(time.Duration(minutes-60) * time.Minute).UnixNano() }
	f := newFixture(t, state.Options{})
	add := func(set int, value float64, metric string, labels ...string) {
		f.addRecord(state.Record{Key: state.RecordKey(metric, labels...), Value: value, Set: at(set), Began: at(0)})
	}
	time := func(minutes int) float64 { return float64(at(minutes) / 1e9) }
	add(1, 0, "ftd_component_ok", "power_supply", "1")
	add(1, time(1), changed, "fan", "1")
	add(1, 0, "ftd_component_ok", "fan", "1")
	for _, unit := range []string{"1", "2"} {
		for name, value := range map[string]float64{"ok": 0, "warm": 1, "critical": 0} {
			add(9, value, "ftd_temperature_state", "power_supply", unit, name)
		}
		add(5, time(5), changed, "power_supply", unit)
	}
	want := map[string]int{
		changed + `{component="fan",device="fw1",unit="1"}`:          1,
		changed + `{component="power_supply",device="fw1",unit="1"}`: 1, // Not later than the last report.
		warmed + `{component="power_supply",device="fw1",unit="1"}`:  5,
		warmed + `{component="power_supply",device="fw1",unit="2"}`:  5,
	}
	for range 2 {
		f.restartFromDisk()
		values := f.values()
		for name, minutes := range want {
			if got := values[name]; got != strconv.FormatFloat(time(minutes), 'g', -1, 64) {
				t.Errorf("%s is %q, want %g", name, got, time(minutes))
			}
		}
		if got, ok := values[changed+`{component="power_supply",device="fw1",unit="2"}`]; ok {
			t.Errorf("supply 2, which was never reported, changed at %s", got)
		}
		f.store()
	}
}

// addRecord adds a record to what is stored of fw1.
func (f *fixture) addRecord(r state.Record) {
	if f.disk["fw1"] == nil {
		f.disk["fw1"] = map[string]state.Record{}
	}
	f.disk["fw1"][r.Key] = r
}

// restartFromDisk goes on with a new table that has what is stored, which another
// version may have written.
func (f *fixture) restartFromDisk() {
	f.t.Helper()
	f.newState()
	records := slices.Collect(maps.Values(f.disk["fw1"]))
	if restored, skipped := f.state.Restore("fw1", records); restored != len(records) || skipped != 0 {
		f.t.Errorf("%d restored, %d skipped", restored, skipped)
	}
}

// A damaged file may have two states of one sensor. One sensor has one state.
func TestRestoredSetHasOneState(t *testing.T) {
	for range 10 { // The order of the records is any.
		f := newFixture(t, state.Options{})
		records := map[string]state.Record{}
		for i, name := range []string{"ok", "warm", "critical"} {
			key := state.RecordKey("ftd_temperature_state", "cpu", "1", name)
			records[key] = state.Record{Key: key, Value: min(1, float64(i)), Set: epoch.UnixNano() - int64(i), Began: epoch.UnixNano()}
		}
		f.state.Restore("fw1", slices.Collect(maps.Values(records)))
		values := f.values()
		for name, want := range map[string]string{"ok": "0", "warm": "1", "critical": "0"} {
			if got := values[`ftd_temperature_state{component="cpu",device="fw1",state="`+name+`",unit="1"}`]; got != want {
				t.Errorf("%s: %q, want %s", name, got, want)
			}
		}
	}
}

// Nothing is from the future.
func TestRestoredTimesAreNotAheadOfNow(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.now = f.now.Add(365 * 24 * time.Hour) // The clock is wrong,
	f.feed("fw1 : %FTD-3-768002: QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.store()
	f.now = epoch // and then it is right.
	f.restart()
	d, _ := f.state.Snapshot("fw1")
	if !d.LastMessage.Equal(epoch) || !d.Components[0].Since.Equal(epoch) || !d.Capacity[0].Updated.Equal(epoch) {
		t.Errorf("%+v", d)
	}
	for _, name := range []string{
		`ftd_device_last_message_timestamp_seconds{device="fw1"}`,
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit="1"}`,
	} {
		if got := f.values()[name]; got != "1.7737488e+09" {
			t.Errorf("%s is %s", name, got)
		}
	}
	f.now = f.now.Add(state.DefaultExpiry + time.Second)
	if got, ok := f.values()[`ftd_quota_used{device="fw1",resource="management_session",scope="system"}`]; ok {
		t.Errorf("the quota is still shown: %s", got)
	}
}

// Also without a restart, a gauge that a wrong clock has set expires.
func TestGaugeOfTheFutureExpires(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.now = f.now.Add(time.Hour * 24 * 365)
	f.feed("fw1 : %FTD-3-768002: QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
	f.now = epoch
	const name = `ftd_quota_used{device="fw1",resource="management_session",scope="system"}`
	if got := f.values()[name]; got != "15" {
		t.Errorf("%q", got)
	}
	f.now = f.now.Add(state.DefaultExpiry + time.Second)
	if got, ok := f.values()[name]; ok {
		t.Errorf("the quota is still shown: %s", got)
	}
}

// lateRestore restores what is on disk into a table that has had messages.
func (f *fixture) lateRestore(disk map[string]map[string]state.Record) {
	f.t.Helper()
	for name, records := range disk {
		f.state.Restore(name, slices.Collect(maps.Values(records)))
	}
}

// Messages that came before the file could be read move no time and invent no
// event, unless they brought a change.
func TestLateRestoreMovesNoTime(t *testing.T) {
	const (
		failed   = "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
		ok       = "fw1 : %FTD-1-735001: Cooling Fan 1: OK"
		warm     = "fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm"
		critical = "fw1 : %FTD-1-735007: CPU 1: Temp: 93 C, Critical"
		psFailed = "fw1 : %FTD-1-735004: Power Supply 1: Failure Detected"
		psWarm   = "fw1 : %FTD-4-735019: Power Supply 1: Temp: 78 C, Warm"
		psHot    = "fw1 : %FTD-1-735018: Power Supply 1: Temp: 93 C, Critical"
	)
	for _, tc := range []struct {
		name          string
		before, after []string
		component     string
		moved         bool
		events        []string // From, to.
	}{
		{"same", []string{failed}, []string{failed, failed}, "fan", false, nil},
		{"changed and back", []string{failed}, []string{failed, ok, failed}, "fan", true, []string{"failed>ok", "ok>failed"}},
		{"changed", []string{ok}, []string{failed}, "fan", true, []string{"ok>failed"}},
		{"same sensor", []string{warm}, []string{warm, warm}, "cpu", false, nil},
		{"changed sensor", []string{warm}, []string{warm, critical}, "cpu", true, []string{"warm>critical"}},
		{"new", nil, []string{failed}, "fan", true, []string{"unknown>failed"}},
		{"two states", []string{psFailed, psWarm}, []string{psFailed, psWarm}, "power_supply", false, nil},
		{"the other of two", []string{psFailed, psWarm}, []string{psFailed, psHot}, "power_supply", false, []string{"warm>critical"}},
	} {
		old := newFixture(t, state.Options{})
		old.feed("fw1 : %FTD-6-302013: Built")
		for _, line := range tc.before {
			old.feed(line)
		}
		old.store()

		f := newFixture(t, state.Options{})
		f.now = f.now.Add(time.Hour)
		for _, line := range tc.after {
			f.feed(line)
			f.now = f.now.Add(time.Second)
		}
		f.lateRestore(old.disk)
		for range 2 {
			name := `ftd_component_state_changed_timestamp_seconds{component="` + tc.component + `",device="fw1",unit="1"}`
			if tc.component == "cpu" {
				name = `ftd_temperature_state_changed_timestamp_seconds{component="cpu",device="fw1",unit="1"}`
			}
			if got := f.values()[name]; (got != "1.7737488e+09") != tc.moved {
				t.Errorf("%s: changed at %s", tc.name, got)
			}
			d, _ := f.state.Snapshot("fw1")
			for _, c := range d.Components {
				if tc.component == "fan" && c.Since.Equal(epoch) == tc.moved {
					t.Errorf("%s: since %s", tc.name, c.Since)
				}
			}
			var events []string
			for _, e := range f.state.Events(time.Time{}, 100) {
				events = append(events, e.From+">"+e.To)
			}
			if !slices.Equal(events, tc.events) {
				t.Errorf("%s: events %q", tc.name, events)
			}
			f.restart() // The events survive.
		}
	}
}

// A counter never stops growing: increase() is right over the edge, where a number
// of 64 bits has no more integers.
func TestCountersNeverStopGrowing(t *testing.T) {
	const name = `ftd_thermal_shutdowns_total{component="cpu",device="fw1"}`
	const edge = 1 << 53
	f := newFixture(t, state.Options{})
	f.state.Restore("fw1", []state.Record{{Key: state.RecordKey("ftd_thermal_shutdowns_total", "cpu"), Value: edge - 3, Set: 1e18, Began: 1e18}})
	value := func() float64 {
		d, _ := f.state.Snapshot("fw1")
		for _, c := range d.Counters {
			if c.Metric == "ftd_thermal_shutdowns_total" && c.Labels["component"] == "cpu" {
				return *c.Value
			}
		}
		t.Fatalf("no %s", name)
		return 0
	}
	increase, last := 0.0, value()
	for i := range 10 {
		f.now = f.now.Add(time.Second)
		f.feed("fw1 : %FTD-1-735022: CPU1 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU")
		now := value()
		if now < last { // As PromQL's increase() does.
			last = 0
			if began := f.began("ftd_thermal_shutdowns_total", "cpu"); !began.Equal(f.now) {
				t.Errorf("the counter that starts again began at %s", began)
			}
		}
		increase, last = increase+now-last, now
		if i == 5 {
			f.restart()
		}
	}
	if increase != 10 || last > 10 {
		t.Errorf("the counter increased by %g to %g", increase, last)
	}
}

// began returns when a counter of fw1 began, as it is stored.
func (f *fixture) began(metric string, values ...string) time.Time {
	f.store()
	return time.Unix(0, f.disk["fw1"][state.RecordKey(metric, values...)].Began).UTC()
}
