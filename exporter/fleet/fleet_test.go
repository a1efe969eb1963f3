package fleet_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/fleet"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

var start = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 0)) }

// A reader is an exporter that reads what the fleet says.
type reader struct {
	*exporter.Exporter
	t     *testing.T
	state *collectors.Table
}

func newReader(t *testing.T) *reader {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	state, err := collectors.New(c, families.All(), collectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &reader{exporter.New(c, state, nil), t, state}
}

// hear reads what d says from then on, and checks that every line is read.
func (r *reader) hear(d *fleet.Device, at time.Time, steps []fleet.Step) (matched int) {
	r.t.Helper()
	for _, step := range steps {
		at = at.Add(step.After)
		line := d.Line(at, step.Message)
		switch x := r.Explain([]byte(line), "nobody"); {
		case x.Device != d.Name:
			r.t.Errorf("device %q, want %q: %s", x.Device, d.Name, line)
		case x.Outcome == "matched":
			matched++
		case x.Outcome != "uncatalogued":
			r.t.Errorf("%s (%s): %s", x.Outcome, x.Reason, line)
		}
		var sum exporter.Summary
		if err := r.Replay(strings.NewReader(line), "nobody", nil, &sum); err != nil {
			r.t.Fatal(err)
		}
	}
	return matched
}

// series returns the value of each series of the device metrics, with the name
// and the values of its labels as key.
func (r *reader) series() map[string]float64 {
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

// The first thirty devices are those of the sample log; more of them have
// names of their own.
func TestNames(t *testing.T) {
	devices := fleet.New(200, random()).Devices
	names := map[string]bool{}
	for _, d := range devices {
		names[d.Name] = true
	}
	if len(names) != 200 || devices[0].Name != "ams-edge-fw1" || devices[30].Name != "ams2-edge-fw1" {
		t.Errorf("%d names: %s, %s", len(names), devices[0].Name, devices[30].Name)
	}
}

// Whatever a device says all day long is read, in each form of header.
func TestOrdinary(t *testing.T) {
	r := newReader(t)
	f := fleet.New(100, random())
	for range 30 {
		for _, d := range f.Devices {
			r.hear(d, start, f.Ordinary(d, start))
		}
	}
}

// A device that starts reports that its parts work.
func TestBoot(t *testing.T) {
	r := newReader(t)
	f := fleet.New(fleet.Size, random())
	for _, d := range f.Devices {
		r.hear(d, start, f.Boot(d))
	}
	working := 0
	for name, v := range r.series() {
		if strings.HasPrefix(name, "ftd_component_ok ") {
			working += int(v)
		}
	}
	if working != 6*fleet.Size {
		t.Errorf("%d parts work, want 3 fans, 2 supplies and the redundancy of each device", working)
	}
}

// Each incident changes a metric of its own, happens to parts that the device
// has, and leaves it in health.
func TestIncidentsRecover(t *testing.T) {
	counters := map[string]string{
		"fan":                 "ftd_component_failures_total fan",
		"power supply":        "ftd_component_failures_total power_supply_redundancy",
		"CPU temperature":     "ftd_messages_total DEVICE 735007",
		"chassis temperature": "ftd_messages_total DEVICE 735016",
		"quota":               "ftd_quota_rejections_total DEVICE management_session",
		"threat rate":         "ftd_threat_detection_exceeded_total DEVICE",
		"cluster load":        "ftd_cluster_overload_warnings_total",
		"self-test":           "ftd_post_failures_total AES",
		"PCI link":            "ftd_pci_link_mismatches_total",
		"PCI device":          "ftd_pci_missing_devices_total",
	}
	for _, incident := range fleet.Incidents() {
		t.Run(incident.Name, func(t *testing.T) {
			f := fleet.New(fleet.Size, random())
			for _, d := range f.Devices {
				r := newReader(t)
				r.hear(d, start, f.Boot(d))
				before := r.series()
				if matched := r.hear(d, start, incident.Story(f, d)); matched < 3 {
					t.Errorf("%s: only %d messages of the catalogue", d.Name, matched)
				}
				counted := false
				for name, v := range r.series() {
					was, known := before[name]
					switch metric, _, _ := strings.Cut(name, " "); metric {
					case "ftd_component_ok", "ftd_temperature_state":
						if !known || v != was {
							t.Errorf("%s: %s is %g afterwards", d.Name, name, v)
						}
					default:
						counted = counted || v > was && strings.HasPrefix(name, strings.Replace(counters[incident.Name], "DEVICE", d.Name, 1))
					}
				}
				if !counted {
					t.Errorf("%s: %q has not counted", d.Name, counters[incident.Name])
				}
			}
		})
	}
}
