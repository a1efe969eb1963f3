package state_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestOnlyWhatChangedIsStored(t *testing.T) {
	f := newFixture(t, state.Options{})
	keys := func() (keys []string) {
		for _, d := range f.state.TakeChanges().Devices {
			for _, r := range d.Records {
				keys = append(keys, d.Device+" "+r.Metric()+" "+strings.Join(r.Values(), ","))
			}
		}
		return keys
	}
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	if got := keys(); len(got) != 56 { // 47 counters at zero, 4 of the fan, 1 of the monitor, 4 of every message.
		t.Errorf("first message: %d series: %q", len(got), got)
	}
	if got := keys(); got != nil {
		t.Errorf("nothing new: %q", got)
	}
	f.feed("fw1 : %FTD-6-302013: Built")
	if got := strings.Join(keys(), ";"); got != "fw1 ftd_syslog_messages_total 6;fw1 ftd_device_last_message_timestamp_seconds " &&
		got != "fw1 ftd_device_last_message_timestamp_seconds ;fw1 ftd_syslog_messages_total 6" {
		t.Errorf("ordinary message: %s", got)
	}
}

func TestHardwareIsUrgent(t *testing.T) {
	f := newFixture(t, state.Options{})
	urgent := func() bool {
		select {
		case <-f.state.Urgent():
			return true
		default:
			return false
		}
	}
	for _, tc := range []struct {
		line string
		want bool
	}{
		{"fw1 : %FTD-6-302013: Built", true}, // The zero counters of a new device.
		{"fw1 : %FTD-6-302013: Built", false},
		{"fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected", true},
		{"fw1 : %FTD-1-735001: Cooling Fan 1: OK", true},
		{"fw1 : %FTD-1-735001: Cooling Fan 1: OK", false},
		{"fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm", true},
		{"fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm", true}, // It is counted.
		{"fw1 : %FTD-1-735020: CPU 1: Temp: 60 C OK", true},
		{"fw1 : %FTD-1-735020: CPU 1: Temp: 60 C OK", false},
		{"fw1 : %FTD-1-735020: CPU 1: Temp: 61 C OK", true},
		{"fw1 : %FTD-2-774001: POST: unspecified error", true},
		{"fw1 : %FTD-3-768002: QUOTA: x quota exceeded: requested 1, current 15, limit 15", false},
	} {
		f.feed(tc.line)
		if got := urgent(); got != tc.want {
			t.Errorf("%q: urgent %t", tc.line, got)
		}
	}
}

func TestWhatCouldNotBeStoredComesAgain(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13")
	f.store()
	f.now = f.now.Add(time.Hour)
	f.exposition() // Two gauges expire.
	f.feed("fw2 : %FTD-1-735004: Power Supply 1: Failure Detected")
	f.state.Forget("fw1")
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 2: OK")
	want := f.exposition()

	f.state.PutBack(f.state.TakeChanges())
	f.feed("fw3 : %FTD-1-735004: Power Supply 1: Failure Detected")
	f.state.PutBack(f.state.TakeChanges())
	f.restart()
	f.state.Forget("fw3")
	if got := f.exposition(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

// After MarkAll, the changes are the whole table.
func TestMarkAll(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw2 : %FTD-1-735004: Power Supply 1: Failure Detected")
	f.feed("fw3 : %FTD-1-735004: Power Supply 1: Failure Detected")
	f.store()
	f.state.Forget("fw3")
	f.store()
	before := f.state.Version()
	f.state.MarkAll()
	changes := f.state.TakeChanges()
	if len(changes.Devices) != 2 || changes.Version <= before {
		t.Errorf("%d devices, version %d after %d", len(changes.Devices), changes.Version, before)
	}
	other := newFixture(t, state.Options{})
	for _, d := range changes.Devices {
		other.state.Restore(d.Device, d.Records)
	}
	other.state.RestoreSeen(changes.Seen)
	if got, want := other.exposition(), f.exposition(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	if again := f.state.TakeChanges(); len(again.Devices) != 0 {
		t.Errorf("again: %d devices", len(again.Devices))
	}
}

func TestExpiredSeriesAreDeleted(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13")
	f.store()
	before := len(f.disk["fw1"])
	f.now = f.now.Add(time.Hour)
	f.exposition()
	f.state.PutBack(f.state.TakeChanges())
	f.store()
	if got := len(f.disk["fw1"]); got != before-2 {
		t.Errorf("%d series on disk, want %d", got, before-2)
	}
}

// A gauge that expired and was reported again between two writes is there.
func TestExpiredAndReportedAgain(t *testing.T) {
	f := newFixture(t, state.Options{})
	const line = "fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13"
	f.feed(line)
	f.store()
	f.now = f.now.Add(time.Hour)
	f.exposition()
	f.feed(line)
	want := f.exposition()
	f.restart()
	if got := f.exposition(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

func TestForget(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	if f.state.Forget("fw2") {
		t.Error("forgot an unknown device")
	}
	f.store()
	if !f.state.Forget("fw1") || f.state.Stats() != (state.Stats{}) {
		t.Errorf("%+v left", f.state.Stats())
	}
	f.restart()
	if got := f.state.Stats(); got != (state.Stats{}) {
		t.Errorf("%+v after a restart", got)
	}
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.restart()
	if v := f.values()[`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`]; v != "0" {
		t.Errorf("a new device has %s failures", v)
	}
}

// A file of another version has names that this version lacks.
func TestUnknownRecordsAreSkipped(t *testing.T) {
	f := newFixture(t, state.Options{})
	restored, skipped := f.state.Restore("fw1", []state.Record{
		{Key: "ftd_component_ok\xfffan\xff1\xff", Value: 0, Set: 1e18, Began: 1e18},
		{Key: "ftd_component_ok\xfffan\xff"},
		{Key: "ftd_component_ok\xfffan\xff1"},
		{Key: "ftd_component_ok"},
		{Key: "ftd_fan_colour\xffred\xff"},
		{Key: "ftd_message_info\xff735001\xffx\xff1\xffx\xff"},
		{Key: "ftd_component_ok\xff\xc3\xff1\xff"},
		{Key: "ftd_component_ok\xff\xd0\xff\x93\xff"}, // One rune in two values.
		{Key: ""},
	})
	if restored != 1 || skipped != 8 {
		t.Errorf("%d restored, %d skipped", restored, skipped)
	}
	if restored, skipped := f.state.Restore("\xfe", []state.Record{{Key: "ftd_component_ok\xfffan\xff1\xff"}}); restored != 0 || skipped != 1 {
		t.Errorf("a device without a name: %d restored, %d skipped", restored, skipped)
	}
}

// The file may become readable only after messages have come in.
func TestLateRestore(t *testing.T) {
	old := newFixture(t, state.Options{})
	old.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	old.feed("fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
	old.store()

	f := newFixture(t, state.Options{})
	f.now = f.now.Add(time.Hour)
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.disk = old.disk
	for name, records := range f.disk {
		for _, r := range records {
			f.state.Restore(name, []state.Record{r})
		}
	}
	for range 2 {
		values := f.values()
		for name, want := range map[string]string{
			`ftd_component_ok{component="fan",device="fw1",unit="1"}`:             "1",
			`ftd_component_ok{component="fan",device="fw1",unit="2"}`:             "0",
			`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`: "2",
			`ftd_messages_total{device="fw1",message_id="735002"}`:                "3",
		} {
			if values[name] != want {
				t.Errorf("%s is %q, want %s", name, values[name], want)
			}
		}
		f.restart()
	}
}

// The file may become readable only after a device was forgotten.
func TestForgottenBeforeTheFileIsRead(t *testing.T) {
	old := newFixture(t, state.Options{})
	old.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	old.store()

	f := newFixture(t, state.Options{})
	f.disk = old.disk
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 2: OK")
	f.state.Forget("fw1")
	for name, records := range f.disk {
		f.state.Restore(name, slices.Collect(maps.Values(records)))
	}
	f.restart()
	if got := f.state.Stats(); got != (state.Stats{}) {
		t.Errorf("%+v is back", got)
	}
}

// A file may hold more than a lower limit allows.
func TestRestoredStateSetsAreWhole(t *testing.T) {
	old := newFixture(t, state.Options{})
	for _, unit := range []string{"1", "2", "3"} {
		old.feed("fw1 : %FTD-4-735015: CPU " + unit + ": Temp: 78 C, Warm")
	}
	old.store()
	for range 20 { // The order of the records is any.
		f := newFixture(t, state.Options{Limits: state.Limits{SeriesPerMetric: 4}})
		f.state.Restore("fw1", slices.Collect(maps.Values(old.disk["fw1"])))
		for _, unit := range []string{"1", "2", "3"} {
			f.feed("fw1 : %FTD-1-735007: CPU " + unit + ": Temp: 93 C, Critical")
		}
		d, _ := f.state.Snapshot("fw1")
		if len(d.Temperatures) == 0 {
			t.Fatal("no temperature at all")
		}
		for _, temperature := range d.Temperatures {
			if temperature.State != "critical" && temperature.State != "unknown" {
				t.Fatalf("%+v", temperature)
			}
		}
	}
}

// Of all that has changed, only what is about the state of hardware is urgent.
// The rest is there when all is taken, once.
func TestUrgentChangesAreFew(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.feed("fw2 : %FTD-6-302013: Built inbound TCP connection")
	f.state.TakeChanges()

	keys := func(changes state.Changes) (keys []string) {
		for _, d := range changes.Devices {
			for _, r := range d.Records {
				keys = append(keys, strings.Join(append([]string{d.Device, r.Metric()}, r.Values()...), " "))
			}
		}
		slices.Sort(keys)
		return keys
	}
	f.now = f.now.Add(time.Minute)
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("fw2 : %FTD-6-302013: Built inbound TCP connection")
	urgent := []string{
		"fw1 ftd_component_failures_total fan 1",
		"fw1 ftd_component_last_report_timestamp_seconds fan 1",
		"fw1 ftd_component_ok fan 1",
		"fw1 ftd_component_state_changed_timestamp_seconds fan 1",
	}
	first := f.state.TakeUrgent()
	if got := keys(first); !slices.Equal(got, urgent) || first.Version != 0 {
		t.Errorf("urgent: %q, version %d", got, first.Version)
	}
	if got := keys(f.state.TakeUrgent()); got != nil {
		t.Errorf("taken a second time: %q", got)
	}
	// What could not be stored is as urgent as before, and there only once.
	f.state.PutBack(first)
	if got := keys(f.state.TakeUrgent()); !slices.Equal(got, urgent) {
		t.Errorf("urgent after it was put back: %q", got)
	}
	f.state.PutBack(first)
	rest := []string{
		"fw1 ftd_device_last_message_timestamp_seconds",
		"fw1 ftd_environment_monitoring_up",
		"fw1 ftd_message_last_received_timestamp_seconds 735002",
		"fw1 ftd_messages_total 735002",
		"fw1 ftd_syslog_messages_total 1",
		"fw2 ftd_device_last_message_timestamp_seconds",
		"fw2 ftd_syslog_messages_total 6",
	}
	want := slices.Sorted(slices.Values(append(rest, urgent...)))
	all := f.state.TakeChanges()
	if got := keys(all); !slices.Equal(got, want) || all.Version != f.state.Version() {
		t.Errorf("all: %q, want %q, version %d, not %d", got, want, all.Version, f.state.Version())
	}
	if got := keys(f.state.TakeChanges()); got != nil {
		t.Errorf("all, a second time: %q", got)
	}
}

// A stored series under a former name of its metric continues under the present
// one, and only there.
func TestFormerNamesAreRead(t *testing.T) {
	const name = `ftd_boots_after_thermal_shutdown_total{component="cpu",device="fw1"}`
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	f.store()
	present := state.RecordKey("ftd_boots_after_thermal_shutdown_total", "cpu")
	former := state.RecordKey("ftd_thermal_shutdown_boots_total", "cpu")
	r := f.disk["fw1"][present]
	if r.Key == "" {
		t.Fatalf("%q is not stored", present)
	}
	r.Key, r.Value = former, 3
	f.disk["fw1"][former] = r
	delete(f.disk["fw1"], present)
	f.newState()
	for device, records := range f.disk {
		f.state.Restore(device, slices.Collect(maps.Values(records)))
	}
	for range 2 {
		if got := f.values()[name]; got != "3" {
			t.Errorf("%s is %q, want 3", name, got)
		}
		// What could not be stored comes again.
		f.state.PutBack(f.state.TakeUrgent())
		f.state.PutBack(f.state.TakeChanges())
		f.restart()
		if r := f.disk["fw1"]; r[former].Key != "" || r[present].Value != 3 {
			t.Errorf("stored: %+v, formerly %+v", r[present], r[former])
		}
	}
}

// Parts of the changes are together the same as all of them.
func TestChangesInParts(t *testing.T) {
	f := newFixture(t, state.Options{})
	fill(t, f, 50)
	f.feed("old : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.feed("gone : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.store()
	f.now = f.now.Add(time.Minute)
	fill(t, f, 50)
	for i := range 5 {
		f.feed(strings.Repeat("x", i+1) + " : %FTD-6-302013: Built")
	}
	f.state.Forget("gone")
	f.state.Rename("old", "new")
	want, parts := f.exposition(), 0
	for version := uint64(0); version == 0; parts++ {
		changes := f.state.TakeSome(300)
		version = changes.Version
		n := 0
		for _, d := range changes.Devices {
			n += len(d.Records)
		}
		if n > 400 {
			t.Errorf("%d records in a part", n)
		}
		if (len(changes.Forgotten) > 0) != (parts == 0) {
			t.Errorf("part %d: %q forgotten", parts, changes.Forgotten)
		}
		// What fails comes again.
		if parts == 1 {
			f.state.PutBack(changes)
			continue
		}
		f.apply(&changes)
	}
	if parts < 5 {
		t.Errorf("%d parts", parts)
	}
	f.newState()
	f.lateRestore(f.disk)
	f.state.RestoreSeen(f.seen)
	if got := f.exposition(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}
