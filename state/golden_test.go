package state_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promtest "github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A fixture is a table with a clock that only the test moves.
type fixture struct {
	t        testing.TB
	cat      *catalog.Catalog
	families []collectors.Collector
	opts     state.Options
	state    *state.Table
	now      time.Time
	disk     map[string]map[string]state.Record // By device and key.
	seen     []catalog.ID
	recorded map[uint64][]byte // Events.
}

func newFixture(t testing.TB, opts state.Options) *fixture {
	t.Helper()
	f := &fixture{t: t, families: collectors.All(), opts: opts, now: time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC), disk: map[string]map[string]state.Record{}, recorded: map[uint64][]byte{}}
	f.opts.Now = func() time.Time { return f.now }
	f.opts.Persist = true
	var err error
	if f.cat, err = catalog.Compile(catalog.Messages()); err != nil {
		t.Fatal(err)
	}
	f.newState()
	return f
}

func (f *fixture) newState() {
	f.t.Helper()
	var err error
	if f.state, err = state.New(f.cat, f.families, f.opts); err != nil {
		f.t.Fatal(err)
	}
}

// store does to the disk of the fixture what a store does to a file.
func (f *fixture) store() {
	changes := f.state.TakeChanges()
	f.apply(&changes)
}

func (f *fixture) apply(changes *state.Changes) {
	for _, name := range changes.Forgotten {
		delete(f.disk, name)
	}
	for _, d := range changes.Devices {
		if f.disk[d.Device] == nil {
			f.disk[d.Device] = map[string]state.Record{}
		}
		for _, r := range d.Records {
			if r.Deleted {
				delete(f.disk[d.Device], r.Key)
			} else {
				f.disk[d.Device][r.Key] = r
			}
		}
	}
	f.seen = changes.Seen
	for _, e := range changes.Events {
		if f.recorded[e.Number] = e.Data; e.Data == nil {
			delete(f.recorded, e.Number)
		}
	}
	if len(changes.Events) > 0 {
		maps.DeleteFunc(f.recorded, func(number uint64, _ []byte) bool { return number < changes.FirstEvent })
	}
}

// restart goes on with a new table that has what was stored.
func (f *fixture) restart() {
	f.t.Helper()
	f.store()
	f.newState()
	for name, records := range f.disk {
		if restored, skipped := f.state.Restore(name, slices.Collect(maps.Values(records))); skipped > 0 || restored != len(records) {
			f.t.Errorf("%s: %d series restored, %d skipped of %d", name, restored, skipped, len(records))
		}
	}
	f.state.RestoreSeen(f.seen)
	f.restoreEvents()
}

func (f *fixture) restoreEvents() {
	f.t.Helper()
	var records []state.EventRecord
	for number, data := range f.recorded {
		records = append(records, state.EventRecord{Number: number, Data: data})
	}
	if n := f.state.RestoreEvents(records); n != len(records) {
		f.t.Errorf("%d of %d events restored", n, len(records))
	}
}

// feed reads one line as it comes from the wire and applies it.
func (f *fixture) feed(line string) {
	f.t.Helper()
	var p syslog.Parser
	var h syslog.Header
	if r := p.Parse([]byte(line), netip.Addr{}, &h); r != syslog.OK {
		f.t.Fatalf("%s: %q", r, line)
	}
	e := state.Observation{Device: h.Origin.Host(), Subject: h.Subject, Severity: h.Severity, Count: h.Count, Time: f.now}
	if at, zoned, ok := p.Time(&h, f.now); ok && zoned {
		e.DeviceTime = at
	}
	var m catalog.Message
	if f.cat.Match(h.ID, h.Text, &m) == catalog.Matched {
		e.Message, e.Text = &m, h.Text
	}
	f.state.Update(&e)
}

// play feeds the lines of a log, a second after each other. A line "# wait 10m"
// lets time pass, "# restart" begins a new table with what the old one stored;
// other lines that begin with # are comments. With restarts, there is one
// after every line.
func (f *fixture) play(log []byte, restarts bool) {
	f.t.Helper()
	for s := bufio.NewScanner(bytes.NewReader(log)); s.Scan(); {
		line := s.Text()
		if d, ok := strings.CutPrefix(line, "# wait "); ok {
			wait, err := time.ParseDuration(d)
			if err != nil {
				f.t.Fatal(err)
			}
			f.now = f.now.Add(wait)
		} else if line == "# restart" {
			f.restart()
		} else if line != "" && line[0] != '#' {
			f.feed(line)
			f.now = f.now.Add(time.Second)
			if restarts {
				f.restart()
			}
		}
	}
}

func (f *fixture) registry() *prometheus.Registry {
	f.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(f.state); err != nil {
		f.t.Fatal(err)
	}
	return reg
}

// exposition returns what a scrape shows.
func (f *fixture) exposition() string {
	f.t.Helper()
	families, err := f.registry().Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	var b bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			f.t.Fatal(err)
		}
	}
	return b.String()
}

// samples returns what a scrape shows without the lines of HELP and TYPE, which
// are in testdata/metrics.txt.
func (f *fixture) samples() string {
	f.t.Helper()
	return regexp.MustCompile("(?m)^#.*\n").ReplaceAllString(f.exposition(), "")
}

func TestGoldenLogs(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, name := range logs {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".log"), func(t *testing.T) {
			log, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f := newFixture(t, state.Options{})
			f.play(log, false)
			want := f.samples()
			testutil.Golden(t, strings.TrimSuffix(name, ".log")+".prom", want)

			// Restarts between any two lines change nothing.
			restarted := newFixture(t, state.Options{})
			restarted.play(log, true)
			if got := restarted.samples(); got != want {
				t.Errorf("with restarts:\n%s", testutil.FirstDifference(got, want))
			}

			problems, err := promtest.GatherAndLint(f.registry())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				t.Errorf("lint: %s: %s", p.Metric, p.Text)
			}
		})
	}
}

// The list of all metrics is a golden too, so that a name never changes by
// accident.
func TestGoldenMetricsList(t *testing.T) {
	var b strings.Builder
	for _, d := range newFixture(t, state.Options{}).state.Docs() {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s{%s}\n\n", d.Name, d.Help, d.Name, d.Type, d.Name, strings.Join(d.Labels, ","))
	}
	testutil.Golden(t, "testdata/metrics.txt", b.String())
}
