package state_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// text returns the table as the table itself writes it.
func (f *fixture) text(format state.Format) string {
	f.t.Helper()
	x := f.state.Expose(format >= state.OpenMetrics2)
	defer x.Release()
	var b bytes.Buffer
	w := bufio.NewWriterSize(&b, 256) // Small, so that lines meet its end.
	for i := range x.Len() {
		if err := x.WriteFamily(w, i, format); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		f.t.Fatal(err)
	}
	return b.String()
}

// gathered returns the table as a registry gathers it and expfmt writes it.
func (f *fixture) gathered(format state.Format) string {
	f.t.Helper()
	families, err := f.registry().Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	for _, family := range families {
		f.write(&b, family, format)
	}
	return b.String()
}

// write writes a family as expfmt does, one in protobuf as OpenMetrics 2.0.
func (f *fixture) write(w io.Writer, family *dto.MetricFamily, format state.Format) {
	f.t.Helper()
	write := expfmt.MetricFamilyToText
	switch format {
	case state.OpenMetrics:
		write = func(w io.Writer, family *dto.MetricFamily) (int, error) {
			return expfmt.MetricFamilyToOpenMetrics(w, family)
		}
	case state.OpenMetrics2, state.Protobuf:
		write = func(w io.Writer, family *dto.MetricFamily) (int, error) {
			return expfmt.MetricFamilyToOpenMetrics20(w, family)
		}
	}
	if _, err := write(w, family); err != nil {
		f.t.Fatal(err)
	}
}

// protobuf returns the table as it writes itself in protobuf, as OpenMetrics 2.0.
func (f *fixture) protobuf() string {
	f.t.Helper()
	var b bytes.Buffer
	for r := bufio.NewReader(strings.NewReader(f.text(state.Protobuf))); ; {
		var family dto.MetricFamily
		err := protodelim.UnmarshalFrom(r, &family)
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			f.t.Fatal(err)
		}
		f.write(&b, &family, state.Protobuf)
	}
}

// sorted sorts the samples of each family, which stand in any order.
func sorted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for start := 0; start < len(lines); start++ {
		end := start
		for end < len(lines) && !strings.HasPrefix(lines[end], "#") {
			end++
		}
		slices.Sort(lines[start:end])
		start = max(start, end)
	}
	return strings.Join(lines, "")
}

// checkText compares both ways to write the table, and the order of families.
func (f *fixture) checkText(when string) {
	f.t.Helper()
	for format, name := range []string{"text", "OpenMetrics", "OpenMetrics 2.0", "protobuf"} {
		write := f.text
		if state.Format(format) == state.Protobuf {
			write = func(state.Format) string { return f.protobuf() }
		}
		got, want := sorted(write(state.Format(format))), sorted(f.gathered(state.Format(format)))
		if got != want {
			f.t.Fatalf("%s, %s: %s", when, name, testutil.FirstDifference(got, want))
		}
	}
}

// The table writes the same series and values as expfmt, after each line of the
// logs.
func TestTextAgreesWithExpfmt(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, timestamps := range []bool{false, true} {
		for _, name := range logs {
			t.Run(fmt.Sprintf("%s timestamps=%t", filepath.Base(name), timestamps), func(t *testing.T) {
				log, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				f := newFixture(t, state.Options{Timestamps: timestamps})
				f.now = f.now.Add(123456789 * time.Nanosecond)
				for i, line := range bytes.SplitAfter(log, []byte("\n")) {
					f.play(line, false)
					f.checkText(fmt.Sprintf("line %d", i+1))
				}
			})
		}
	}
}

// hostile are label values that are hard to write.
var hostile = []string{
	"", " ", "!", "a", "a!", "a\"", "a\\", "a\n", "a\x00", "a\x00b", "ab", "a\\n", "a\\\"", "\\", "\\\\", "\\\\\\", "\"", "\"\"", "\n", "\n\n", "n", "\t",
	"\x7f", "é", "\u2028", "\U0001f525", "{", "}", ",", "=", `"} 1`, `",unit="`, "#", "# EOF", "a]", "a[", "a^", "a\U0010ffff",
	strings.Repeat("x", 300), strings.Repeat(`\"`, 200), strings.Repeat("\n", 500),
}

var strangeFloats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, -0.5, 9, 10, 99, 100, 999_999, -999_999, 999_999.5, 1e6, -1e6, 1_000_001, 1e15, 1<<53 - 1, 1 << 53, 1e20, 1e21, 1e22, 1e300,
	math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-4, 1e-5, math.Pi, 1773748800, 1773748800.123456, math.MaxInt64, math.MinInt64, math.Inf(1), math.Inf(-1), math.NaN(),
	math.Float64frombits(0x7ff8000000000001),
}

// component is a series of components as it is stored.
func component(name, component, unit string, value float64, at time.Time) state.Record {
	return state.Record{Key: state.RecordKey(name, component, unit), Value: value, Set: at.UnixNano(), Began: at.UnixNano()}
}

func TestTextOfStrangeLabelsAndValues(t *testing.T) {
	for _, timestamps := range []bool{false, true} {
		f := newFixture(t, state.Options{Timestamps: timestamps})
		for i, name := range hostile {
			var records []state.Record
			for j, unit := range hostile {
				value := strangeFloats[(i+j)%len(strangeFloats)]
				at := f.now.Add(time.Duration(i*j) * 987654321)
				records = append(records,
					component("ftd_temperature_celsius", hostile[(i*j)%len(hostile)], unit, value, at),
					component("ftd_component_failures_total", "fan", unit, value, at),
				)
			}
			f.state.Restore(name, records)
			if i%16 == 0 || i == len(hostile)-1 {
				f.checkText(fmt.Sprintf("device %q", name))
			}
		}
	}
}

// A change of the table between two expositions, whatever it is, shows.
func TestTextFollowsTheTable(t *testing.T) {
	for seed := range uint64(3) {
		f := newFixture(t, state.Options{Limits: state.Limits{SeriesPerMetric: 5000}})
		random := rand.New(rand.NewPCG(seed, 0))
		for step := range 50 {
			device := fmt.Sprintf("fw%d", random.IntN(12))
			switch random.IntN(8) {
			case 0:
				f.state.Forget(device)
			case 1:
				f.now = f.now.Add(time.Duration(random.IntN(20)) * time.Minute)
			case 2: // As many as fill blocks.
				var records []state.Record
				for range random.IntN(600) {
					records = append(records, component("ftd_component_ok", hostile[random.IntN(20)], fmt.Sprint(random.IntN(5000)), 1, f.now))
				}
				f.state.Restore(device, records)
			case 3: // Expires.
				for i := range random.IntN(200) {
					f.feed(fmt.Sprintf("%s : %%FTD-4-768001: QUOTA: management session quota exceeded for user u%d protocol: current 2, warning level 2", device, i))
				}
			default:
				for range random.IntN(10) {
					f.feed(fmt.Sprintf("%s : %%FTD-1-735007: CPU %d: Temp: %d C, Critical", device, random.IntN(300), random.IntN(100)))
				}
			}
			if random.IntN(2) > 0 {
				f.checkText(fmt.Sprintf("seed %d, step %d", seed, step))
			}
		}
	}
}

func FuzzExposition(f *testing.F) {
	f.Add("fw1", "fan", "1", "2", 1.0)
	f.Add("fw\"1", "a\\", "\n", "\x00", math.Inf(1))
	f.Add("fw\\", "a", "a!", "a\"", 1e6)
	cat := newFixture(f, state.Options{}).cat
	f.Fuzz(func(t *testing.T, device, label, unit1, unit2 string, value float64) {
		x := &fixture{t: t, cat: cat, families: collectors.All(), now: epoch, opts: state.Options{Now: func() time.Time { return epoch }}}
		x.newState()
		for _, name := range []string{device, label, unit1} {
			x.state.Restore(name, []state.Record{
				component("ftd_temperature_celsius", label, unit1, value, x.now), component("ftd_temperature_celsius", label, unit2, 1, x.now),
				component("ftd_temperature_celsius", unit1, label, 2, x.now), component("ftd_component_failures_total", unit2, unit1, -value, x.now),
			})
		}
		x.checkText("first")
		x.state.Restore(unit2, []state.Record{component("ftd_temperature_celsius", device, label, value, x.now)})
		x.state.Forget(device)
		x.checkText("second")
	})
}

// While devices come, change and go, an exposition shows each series under its
// own labels, and of a state set one state and no half.
func TestTextIsConsistent(t *testing.T) {
	for _, devices := range []int{4, 40} {
		t.Run(fmt.Sprint(devices), func(t *testing.T) { testConsistency(t, devices) })
	}
}

func testConsistency(t *testing.T, devices int) {
	const sensors = 3
	f := newFixture(t, state.Options{})
	var (
		wg    sync.WaitGroup
		stop  = make(chan struct{})
		until = func(f func(i int)) {
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
						f(i)
					}
				}
			})
		}
	)
	// Each device has its own temperature, whatever its state.
	say := func(m *catalog.Message, device, sensor int, id catalog.ID, format string) {
		text := fmt.Appendf(nil, format, sensor, device)
		if f.cat.Match(id, text, m) != catalog.Matched {
			t.Errorf("%s does not match %q", id, text)
		}
		f.state.Update(&state.Observation{Device: fmt.Appendf(nil, "fw%d", device), Message: m, Text: text, Time: f.now})
	}
	for half := range 2 {
		var m catalog.Message
		until(func(i int) {
			device, sensor := half*devices/2+i%(devices/2), i/devices%sensors
			if i%7 < 4 {
				say(&m, device, sensor, 735007, "CPU %d: Temp: %d C, Critical")
			} else {
				say(&m, device, sensor, 735020, "CPU %d: Temp: %d C OK")
			}
		})
	}
	until(func(i int) { f.state.Forget(fmt.Sprintf("fw%d", i*17%devices)); runtime.Gosched() })
	until(func(int) { _ = f.gathered(state.Text) })
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for range 30 {
				checkConsistency(t, f.text(state.Text))
			}
		})
	}
	readers.Wait()
	close(stop)
	wg.Wait()
	f.checkText("at the end")
}

var (
	celsiusLine = regexp.MustCompile(`(?m)^ftd_temperature_celsius\{component="cpu",device="fw(\d+)",unit="\d"\} (\d+)$`)
	stateLine   = regexp.MustCompile(`(?m)^ftd_temperature_state\{component="cpu",device="(fw\d+)",state="\w+",unit="(\d)"\} (\d)$`)
)

func checkConsistency(t *testing.T, text string) {
	t.Helper()
	for _, m := range celsiusLine.FindAllStringSubmatch(text, -1) {
		if m[1] != m[2] {
			t.Errorf("fw%s has the temperature of fw%s", m[1], m[2])
		}
	}
	states := map[string][]string{}
	for _, m := range stateLine.FindAllStringSubmatch(text, -1) {
		states[m[1]+" "+m[2]] = append(states[m[1]+" "+m[2]], m[3])
	}
	for key, values := range states {
		ones := 0
		for _, v := range values {
			if v == "1" {
				ones++
			}
		}
		if len(values) != 3 || ones != 1 {
			t.Errorf("device and sensor %s: states %v", key, values)
		}
	}
}

// A scrape of a table that has the same series as before costs no memory.
func TestExposeDoesNotAllocate(t *testing.T) {
	f := newFixture(t, state.Options{})
	fill(t, f, 200)
	w := bufio.NewWriterSize(io.Discard, 64<<10)
	scrape := func() {
		x := f.state.Expose(false)
		defer x.Release()
		for i := range x.Len() {
			if err := x.WriteFamily(w, i, state.Text); err != nil {
				t.Fatal(err)
			}
		}
	}
	scrape()
	if n := testing.AllocsPerRun(20, scrape); n > 0 {
		t.Errorf("%v allocations for %d series", n, f.state.Stats().Series)
	}
}

// BenchmarkExpose is a scrape of 10,000 devices with 52 series each, without
// HTTP: with the same series as before, and with a new device each time.
func BenchmarkExpose(b *testing.B) {
	f := newFixture(b, state.Options{Limits: state.Limits{Devices: 1 << 20, Series: 1 << 30}})
	fill(b, f, 10_000)
	w := bufio.NewWriterSize(io.Discard, 64<<10)
	f.state.Expose(false).Release()
	for _, added := range []int{0, 1} {
		b.Run(fmt.Sprintf("added=%d", added), func(b *testing.B) {
			var m catalog.Message
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for range added {
					text := []byte("Cooling Fan 1: OK")
					f.cat.Match(735001, text, &m)
					f.state.Update(&state.Observation{Device: fmt.Appendf(nil, "new%05d", i*7919%100000), Message: &m, Text: text, Time: f.now})
				}
				x := f.state.Expose(false)
				for i := range x.Len() {
					if err := x.WriteFamily(w, i, state.Text); err != nil {
						b.Fatal(err)
					}
				}
				x.Release()
			}
			b.ReportMetric(float64(f.state.Stats().Series), "series")
		})
	}
}

// BenchmarkFirstExpose is the first scrape after a start, with 1,000 devices,
// and the ones after it.
func BenchmarkFirstExpose(b *testing.B) {
	w := bufio.NewWriterSize(io.Discard, 64<<10)
	for _, name := range []string{"first", "next"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				f := newFixture(b, state.Options{})
				fill(b, f, 1000)
				scrape := func() {
					x := f.state.Expose(false)
					for i := range x.Len() {
						if err := x.WriteFamily(w, i, state.Text); err != nil {
							b.Fatal(err)
						}
					}
					x.Release()
				}
				if name == "next" {
					scrape()
				}
				runtime.GC()
				b.StartTimer()
				scrape()
			}
		})
	}
}
