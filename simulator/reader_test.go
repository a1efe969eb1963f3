package simulator_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
)

// A reader is an exporter that reads what is generated, the only thing here
// that knows the exporter.
type reader struct {
	t        *testing.T
	exporter *exporter.Exporter
	state    *collectors.State
}

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
	state, err := collectors.New(c, collectors.All(), collectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t, exporter.New(c, state, nil), state}
}

// explain returns how a line is read, and checks that it is a message of the
// device, if the device is not empty, and that its text is not unmatched.
func (r *reader) explain(line, device string) exporter.Explanation {
	r.t.Helper()
	x := r.exporter.Explain([]byte(line), "nobody")
	switch {
	case x.Outcome != "matched" && x.Outcome != "uncatalogued":
		r.t.Errorf("%s (%s): %s", x.Outcome, x.Reason, line)
	case x.Device == "nobody" || device != "" && x.Device != device:
		r.t.Errorf("device %q, want %q: %s", x.Device, device, line)
	}
	return x
}

// apply takes a line to the table.
func (r *reader) apply(line string) {
	r.t.Helper()
	var sum exporter.Summary
	if err := r.exporter.Replay(strings.NewReader(line), "nobody", nil, &sum); err != nil {
		r.t.Fatal(err)
	}
}

// series returns the value of each series of the device metrics, with the name
// and the values of its labels as key.
func (r *reader) series() map[string]float64 {
	r.t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(r.state)
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
