package state_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

var epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

// values returns the samples of the exposition by series.
func (f *fixture) values() map[string]string {
	f.t.Helper()
	values := map[string]string{}
	for line := range strings.Lines(f.samples()) {
		if name, value, ok := strings.Cut(line, "} "); ok {
			values[name+"}"] = strings.TrimSpace(value)
		}
	}
	return values
}

func TestNothingIsInvented(t *testing.T) {
	f := newFixture(t, state.Options{})
	if got := f.exposition(); got != "" {
		t.Errorf("an empty table shows\n%s", got)
	}
	f.feed("fw1 : %FTD-6-302013: Built inbound TCP connection")
	for name := range f.values() {
		if strings.HasPrefix(name, "ftd_component_ok") || strings.HasPrefix(name, "ftd_temperature") {
			t.Errorf("%s, and no device has reported it", name)
		}
	}
}

func TestChangeTimeIsThatOfTheLastChange(t *testing.T) {
	f := newFixture(t, state.Options{})
	changed := func(want float64) {
		t.Helper()
		got := f.values()[`ftd_component_state_changed_timestamp_seconds{component="power_supply",device="fw1",unit="1"}`]
		if got != strconv.FormatFloat(want, 'g', -1, 64) {
			t.Errorf("changed at %s, want %g", got, want)
		}
	}
	start := float64(f.now.Unix())
	step := func(line string) {
		t.Helper()
		f.feed("fw1 : %FTD-1-" + line)
		f.now = f.now.Add(time.Minute)
	}
	step("735003: Power Supply 1: OK")
	changed(start)
	step("735003: Power Supply 1: OK")
	changed(start)
	step("735004: Power Supply 1: Failure Detected")
	changed(start + 120)
	// The temperature of the supply has times of its own.
	step("735017: Power Supply 1: Temp: 41 C, OK")
	step("735017: Power Supply 1: Temp: 43 C, OK")
	step("735018: Power Supply 1: Temp: 90 C, Critical")
	changed(start + 120)
	step("735004: Power Supply 1: Failure Detected")
	values := f.values()
	for name, want := range map[string]float64{
		"ftd_component_state_changed_timestamp_seconds":   start + 120,
		"ftd_component_last_report_timestamp_seconds":     start + 360,
		"ftd_temperature_state_changed_timestamp_seconds": start + 300,
	} {
		if got := values[name+`{component="power_supply",device="fw1",unit="1"}`]; got != strconv.FormatFloat(want, 'g', -1, 64) {
			t.Errorf("%s is %s, want %g", name, got, want)
		}
	}
}

func TestFirstFailureIsAnIncrease(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	if v := f.values()[`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`]; v != "0" {
		t.Errorf("failures of a working fan: %q, want 0", v)
	}
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	if v := f.values()[`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`]; v != "1" {
		t.Errorf("failures after the first: %q, want 1", v)
	}
	f.feed("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	if v := f.values()[`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`]; v != "1" {
		t.Errorf("failures after the recovery: %q, want 1", v)
	}
}

func TestCountersCarryTheirStart(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	f.now = f.now.Add(time.Hour)
	f.feed("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	families, err := f.registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetType() != dto.MetricType_COUNTER {
			continue
		}
		for _, m := range family.Metric {
			if got := m.Counter.GetCreatedTimestamp().AsTime(); !got.Equal(epoch) {
				t.Errorf("%s began at %s, want %s", family.GetName(), got, epoch)
			}
		}
	}
}

func TestRepeatsCount(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-1-735002: message repeated 3 times: [ Cooling Fan 1: Failure Detected]")
	values := f.values()
	for name, want := range map[string]string{
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"}`: "3",
		`ftd_messages_total{device="fw1",message_id="735002"}`:                "3",
		`ftd_syslog_messages_total{device="fw1",severity="1"}`:                "3",
		`ftd_component_ok{component="fan",device="fw1",unit="1"}`:             "0",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %s", name, values[name], want)
		}
	}
}

func TestExpiredSeriesMakeRoom(t *testing.T) {
	f := newFixture(t, state.Options{CapacityExpiry: time.Minute})
	f.feed("fw1 : %FTD-3-768001: QUOTA: x utilization is high: requested 1, current 13, warning level 13")
	before := f.state.Stats().Series
	f.now = f.now.Add(time.Minute)
	f.exposition()
	if got := f.state.Stats().Series; got != before {
		t.Errorf("%d series after just a minute, want %d", got, before)
	}
	f.now = f.now.Add(time.Nanosecond)
	f.exposition()
	if got := f.state.Stats().Series; got != before-2 {
		t.Errorf("%d series after the expiry, want %d", got, before-2)
	}
}

// rejected returns how often the table refused something, by reason.
func (f *fixture) rejected() map[string]uint64 {
	got := map[string]uint64{}
	f.state.Rejected(func(reason string, n uint64) {
		if n > 0 {
			got[reason] = n
		}
	})
	return got
}

func TestLimits(t *testing.T) {
	t.Run("devices", func(t *testing.T) {
		f := newFixture(t, state.Options{Limits: state.Limits{Devices: 2}})
		for i := range 5 {
			f.feed(fmt.Sprintf("fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
		}
		f.feed("fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected")
		if got := f.rejected(); !maps.Equal(got, map[string]uint64{"devices": 3}) {
			t.Error(got)
		}
		if got := f.state.Stats().Devices; got != 2 {
			t.Errorf("%d devices", got)
		}
		if _, ok := f.values()[`ftd_component_ok{component="fan",device="fw1",unit="2"}`]; !ok {
			t.Error("a known device suffers")
		}
	})
	t.Run("series of a metric", func(t *testing.T) {
		f := newFixture(t, state.Options{Limits: state.Limits{SeriesPerMetric: 5}})
		for i := range 7 {
			f.feed(fmt.Sprintf("fw1 : %%FTD-1-735001: Cooling Fan %d: OK", i))
		}
		f.feed("fw1 : %FTD-4-735015: CPU 1: Temp: 78 C, Warm")
		// Three metrics refuse two fans each.
		if got := f.rejected(); !maps.Equal(got, map[string]uint64{"series_per_metric": 6}) {
			t.Error(got)
		}
		if _, ok := f.values()[`ftd_temperature_celsius{component="cpu",device="fw1",unit="1"}`]; !ok {
			t.Error("another metric suffers")
		}
	})
	t.Run("series", func(t *testing.T) {
		f := newFixture(t, state.Options{Limits: state.Limits{Series: 12}})
		for i := range 20 {
			f.feed(fmt.Sprintf("fw1 : %%FTD-1-735001: Cooling Fan %d: OK", i))
		}
		if got := f.state.Stats().Series; got != 12 {
			t.Errorf("%d series", got)
		}
		if f.rejected()["series"] == 0 {
			t.Error("not counted")
		}
	})
	t.Run("names", func(t *testing.T) {
		f := newFixture(t, state.Options{})
		f.state.Update(&state.Observation{Device: []byte("\xff"), Time: epoch})
		f.state.Update(&state.Observation{Time: epoch})
		if got := f.rejected(); !maps.Equal(got, map[string]uint64{"device_name": 2}) {
			t.Error(got)
		}
	})
}

// A limit never makes a part of a state set.
func TestStateSetsAreWhole(t *testing.T) {
	for limit := range 8 {
		for _, opts := range []state.Options{{Limits: state.Limits{SeriesPerMetric: limit + 1}}, {Limits: state.Limits{Series: 14 + limit}}} {
			f := newFixture(t, opts)
			for i := range 3 {
				f.feed(fmt.Sprintf("fw1 : %%FTD-4-735015: CPU %d: Temp: 78 C, Warm", i))
			}
			states := map[string][]string{}
			for name, value := range f.values() {
				if rest, ok := strings.CutPrefix(name, `ftd_temperature_state{component="cpu",device="fw1",state="`); ok {
					state, unit, _ := strings.Cut(rest, `"`)
					states[unit] = append(states[unit], state+"="+value)
				}
			}
			for unit, got := range states {
				slices.Sort(got)
				if !slices.Equal(got, []string{"critical=0", "ok=0", "warm=1"}) {
					t.Errorf("%+v: unit %s: %q", opts, unit, got)
				}
			}
		}
	}
}

func TestLabelValuesAreMadeHarmless(t *testing.T) {
	f := newFixture(t, state.Options{})
	for _, name := range []string{"a\x1b[31mb", "a\xffb", strings.Repeat("x", 500), "a\"b\\", "a{b}", strings.Repeat("é", 100), "c\u009b31md\u0085\u009f\u00a0"} {
		f.feed("fw1 : %FTD-1-735002: Cooling Fan " + name + ": Failure Detected")
	}
	var units []string
	for name := range f.values() {
		if rest, ok := strings.CutPrefix(name, `ftd_component_ok{component="fan",device="fw1",unit=`); ok {
			units = append(units, strings.TrimSuffix(rest, "}"))
		}
	}
	slices.Sort(units)
	want := []string{`"a?[31mb"`, `"a?b"`, `"` + strings.Repeat("x", 64) + `"`, `"a\"b\\"`, `"a{b}"`, `"` + strings.Repeat("é", 32) + `"`, "\"c?31md??\u00a0\""}
	slices.Sort(want)
	if !slices.Equal(units, want) {
		t.Errorf("got  %q\nwant %q", units, want)
	}
}

// Explain must agree with Update.
func TestExplainAgreesWithUpdate(t *testing.T) {
	f := newFixture(t, state.Options{})
	c := f.cat
	for i := range c.Len() {
		if len(f.state.FedBy(c.At(i).ID)) == 0 {
			continue
		}
		for _, sample := range c.At(i).Samples {
			f.newState()
			var m catalog.Message
			if f.cat.Match(c.At(i).ID, []byte(sample), &m) != catalog.Matched {
				t.Fatalf("%s: %q", c.At(i).ID, sample)
			}
			f.state.Update(&state.Observation{Device: []byte("fw1"), Message: &m, Time: f.now})
			values := f.values()
			for _, effect := range f.state.Explain("fw1", &m, 1, f.now) {
				if strings.Contains(effect.Metric, "timestamp") {
					continue
				}
				var labels []string
				for _, name := range slices.Sorted(maps.Keys(effect.Labels)) {
					labels = append(labels, fmt.Sprintf("%s=%q", name, effect.Labels[name]))
				}
				name := effect.Metric + "{" + strings.Join(labels, ",") + "}"
				if want := fmt.Sprintf("%g", effect.Value); values[name] != want {
					t.Errorf("%s %q: %s is %q, explained as %s", c.At(i).ID, sample, name, values[name], want)
				}
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	f := newFixture(t, state.Options{})
	reg := f.registry()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			var m catalog.Message
			for i := range 500 {
				f.cat.Match(735002, fmt.Appendf(nil, "Cooling Fan %d: Failure Detected", i%7), &m)
				f.state.Update(&state.Observation{Device: fmt.Appendf(nil, "fw%d", (g+i)%5), Message: &m, Time: epoch})
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if _, err := reg.Gather(); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	var total float64
	for name, v := range f.values() {
		if strings.HasPrefix(name, "ftd_messages_total") {
			var n float64
			fmt.Sscan(v, &n)
			total += n
		}
	}
	if total != 2000 {
		t.Errorf("%g messages counted, want 2000", total)
	}
}

func TestUpdateDoesNotAllocate(t *testing.T) {
	f := newFixture(t, state.Options{})
	for id, text := range updates {
		var m catalog.Message
		e := state.Observation{Device: []byte("fw1"), Severity: 4, Count: 1, Time: epoch}
		if f.cat.Match(id, []byte(text), &m) == catalog.Matched {
			e.Message, e.Text = &m, []byte(text)
		}
		if n := testing.AllocsPerRun(100, func() { f.state.Update(&e) }); n != 0 {
			t.Errorf("%s: %v allocations", id, n)
		}
	}
}

// The table shows and stores the same whether it is read after each message or not
// before the last.
func TestTallyIsSettled(t *testing.T) {
	each, once := newFixture(t, state.Options{Timestamps: true}), newFixture(t, state.Options{Timestamps: true})
	refs := map[*fixture]*state.DeviceRef{each: {}, once: {}}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		o := state.Observation{Device: []byte("fw1"), Severity: uint8(random.IntN(8)), Count: uint32(random.IntN(3))}
		clock := time.Duration(random.IntN(5)) * time.Second
		text := []byte("Cooling Fan 1: OK")
		for f, ref := range refs {
			f.now = f.now.Add(time.Second)
			x := o
			x.Ref, x.Time = ref, f.now
			if clock > 0 {
				x.DeviceTime = f.now.Add(clock)
			}
			var m catalog.Message
			if i%7 == 0 && f.cat.Match(735001, text, &m) == catalog.Matched {
				x.Message, x.Text = &m, text
			}
			f.state.Update(&x)
		}
		each.store()
		if i%100 == 0 && random.IntN(2) == 0 {
			each.samples()
			refs[once] = &state.DeviceRef{} // By name, the device is looked up.
		}
	}
	if got, want := once.samples(), each.samples(); got != want {
		t.Errorf("read once:\n%s\nread each time:\n%s", got, want)
	}
	if once.store(); !maps.EqualFunc(once.disk, each.disk, maps.Equal) {
		t.Errorf("stored once: %v\neach time: %v", once.disk, each.disk)
	}
}

var updates = map[catalog.ID]string{
	735002: "Cooling Fan 1: Failure Detected",
	735007: "CPU 1: Temp: 93 C, Critical",
	733100: "[ 192.0.2.1] drop rate-1 exceeded. Current burst rate is 11 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 1302",
	768004: "QUOTA: management session quota exceeded for ssh protocol: current 2, protocol limit 2",
	743000: "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0, 1 has a link width of 4 when it should have a link width of 8",
	774002: "POST: error 'mismatch', func 'x', engine npx, algorithm aes, mode cbc, dir Encryption, key len 256",
	302013: "Built",
}

func BenchmarkUpdate(b *testing.B) {
	for _, id := range slices.Sorted(maps.Keys(updates)) {
		b.Run(fmt.Sprint(id), func(b *testing.B) {
			f := newFixture(b, state.Options{})
			var m catalog.Message
			e := state.Observation{Device: []byte("fw1"), Severity: 4, Count: 1, Time: epoch}
			if f.cat.Match(id, []byte(updates[id]), &m) == catalog.Matched {
				e.Message, e.Text = &m, []byte(updates[id])
			}
			b.ReportAllocs()
			for b.Loop() {
				f.state.Update(&e)
			}
		})
	}
}

// BenchmarkCollect is a scrape of 10,000 devices with 50 series each, without
// encoding and HTTP.
func BenchmarkCollect(b *testing.B) {
	f := newFixture(b, state.Options{})
	fill(b, f, 10_000)
	b.ReportMetric(float64(f.state.Stats().Series), "series")
	reg := prometheus.NewRegistry()
	if err := reg.Register(f.state); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reg.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}

// fill makes devices that have reported a usual set of components.
func fill(t testing.TB, f *fixture, devices int) {
	t.Helper()
	var m catalog.Message
	for i := range devices {
		e := state.Observation{Device: fmt.Appendf(nil, "fw%05d", i), Severity: 1, Count: 1, Message: &m, Time: epoch}
		say := func(id catalog.ID, format string, args ...any) {
			if f.cat.Match(id, fmt.Appendf(nil, format, args...), &m) != catalog.Matched {
				t.Fatalf("%s does not match %q", id, fmt.Sprintf(format, args...))
			}
			f.state.Update(&e)
		}
		for fan := range 5 {
			say(735001, "Cooling Fan %d: OK", fan)
		}
		say(735003, "Power Supply 1: OK")
		say(735004, "Power Supply 2: Failure Detected")
		say(735020, "CPU 1: Temp: 58 C OK")
		say(735021, "Chassis 1: Temp: 31 C OK")
	}
}
