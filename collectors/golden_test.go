package collectors_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A fixture is a table with a clock that only the test moves.
type fixture struct {
	t     testing.TB
	cat   *catalog.Catalog
	state *collectors.State
	now   time.Time
}

func newFixture(t testing.TB, opts collectors.Options) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)}
	opts.Now = func() time.Time { return f.now }
	var err error
	if f.cat, err = catalog.Compile(catalog.Messages()); err != nil {
		t.Fatal(err)
	}
	if f.state, err = collectors.New(f.cat, collectors.All(), opts); err != nil {
		t.Fatal(err)
	}
	return f
}

// feed reads one line as it comes from the wire and applies it.
func (f *fixture) feed(line string) {
	f.t.Helper()
	var h syslog.Header
	if r := syslog.Parse([]byte(line), &h); r != syslog.OK {
		f.t.Fatalf("%s: %q", r, line)
	}
	e := collectors.Event{Device: h.Host(), Severity: h.Severity, Count: h.Count, Time: f.now}
	var m catalog.Message
	if f.cat.Match(h.ID, h.Text, &m) == catalog.Matched {
		e.Message = &m
	}
	f.state.Update(&e)
}

// play feeds the lines of a log, a second after each other. A line "# wait 10m"
// lets time pass; other lines that begin with # are comments.
func (f *fixture) play(log []byte) {
	f.t.Helper()
	for s := bufio.NewScanner(bytes.NewReader(log)); s.Scan(); {
		line := s.Text()
		if d, ok := strings.CutPrefix(line, "# wait "); ok {
			wait, err := time.ParseDuration(d)
			if err != nil {
				f.t.Fatal(err)
			}
			f.now = f.now.Add(wait)
		} else if line != "" && line[0] != '#' {
			f.feed(line)
			f.now = f.now.Add(time.Second)
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

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; make golden writes it", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d differs:\n got %s\nwant %s\nmake golden rewrites it; read the diff", name, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d; make golden rewrites it; read the diff", name, len(g), len(w))
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
			f := newFixture(t, collectors.Options{})
			f.play(log)
			golden(t, strings.TrimSuffix(name, ".log")+".prom", f.exposition())

			problems, err := testutil.GatherAndLint(f.registry())
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
	for _, d := range newFixture(t, collectors.Options{}).state.Docs() {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s{%s}\n\n", d.Name, d.Help, d.Name, d.Type, d.Name, strings.Join(d.Labels, ","))
	}
	golden(t, "testdata/metrics.txt", b.String())
}
