package simulator_test

import (
	"cmp"
	"net/netip"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A reader reads generated lines as the exporter does.
type reader struct {
	t        *testing.T
	pipeline *ingest.Pipeline
	feed     *ingest.Feed
	table    *state.Table
}

var nobody = ingest.Source{Name: "test", Default: "nobody"}

func compile(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newReader(t *testing.T, c *catalog.Catalog) *reader {
	t.Helper()
	table, err := state.New(c, collectors.All(), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ingest.New(c, table, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, p, p.NewFeed(nobody), table}
}

// explain returns how a line is read, and checks that it is a message of the
// device, if the device is not empty, and that its text is not unmatched.
func (r *reader) explain(line, device string) ingest.Explanation {
	r.t.Helper()
	x := r.pipeline.Explain([]byte(line), nobody)
	switch {
	case x.Outcome != "matched" && x.Outcome != "uncatalogued":
		r.t.Errorf("%s (%s): %s", x.Outcome, x.Reason, line)
	case x.Device == "nobody" || device != "" && cmp.Or(x.Subject, x.Device) != device:
		r.t.Errorf("device %q, want %q: %s", x.Device, device, line)
	}
	return x
}

// apply applies a line to the table.
func (r *reader) apply(line string) {
	r.t.Helper()
	r.feed.Begin(time.Now())
	defer r.feed.End()
	if reason := r.feed.Frame([]byte(line), len(line), netip.Addr{}, syslog.OK); reason != syslog.OK {
		r.t.Fatalf("%s: %s", reason, line)
	}
}

// series returns the value of each series of the device metrics, with the name
// and the values of its labels as key.
func (r *reader) series() map[string]float64 {
	r.t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(r.table)
	families, err := registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	series := map[string]float64{}
	for _, family := range families {
		for _, m := range family.Metric {
			key := family.GetName()
			for _, l := range m.Label {
				key += " " + l.GetValue()
			}
			series[key] = value(m)
		}
	}
	return series
}

func value(m *dto.Metric) float64 { return m.GetGauge().GetValue() + m.GetCounter().GetValue() }
