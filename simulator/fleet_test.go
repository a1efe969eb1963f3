package simulator_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

var start = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// play reads the steps of d and returns the number of matched messages.
func (r *reader) play(d *simulator.Device, steps []simulator.Step) (matched int) {
	r.t.Helper()
	at := start
	for _, step := range steps {
		at = at.Add(step.After)
		line := d.Line(at, step.Message)
		if r.explain(line, d.Name).Outcome == "matched" {
			matched++
		}
		r.apply(line)
	}
	return matched
}

// The first thirty devices are the devices of the sample log; further devices
// have other names.
func TestNames(t *testing.T) {
	devices := simulator.NewFleet(200, random(1)).Devices
	names := map[string]bool{}
	for _, d := range devices {
		names[d.Name] = true
	}
	if len(names) != 200 || devices[0].Name != "ams-edge-fw1" || devices[30].Name != "ams2-edge-fw1" {
		t.Errorf("%d names: %s, %s", len(names), devices[0].Name, devices[30].Name)
	}
}

// All ordinary traffic can be read in each header format.
func TestTraffic(t *testing.T) {
	r := newReader(t, compile(t))
	f := simulator.NewFleet(100, random(1))
	for range 30 {
		for _, d := range f.Devices {
			r.play(d, f.Traffic(d, start))
		}
	}
}

// A device that starts reports that its parts work.
func TestBoot(t *testing.T) {
	r := newReader(t, compile(t))
	f := simulator.NewFleet(simulator.SampleSize, random(1))
	for _, d := range f.Devices {
		r.play(d, f.Boot(d))
	}
	working := 0
	for name, v := range r.series() {
		if strings.HasPrefix(name, "ftd_component_ok ") {
			working += int(v)
		}
	}
	if working != 6*simulator.SampleSize {
		t.Errorf("%d parts work, want 3 fans, 2 supplies and the redundancy of each device", working)
	}
}

// Each incident changes a metric of its own, affects existing parts of the device,
// and ends with every part working.
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
		"failover":            "ftd_failover_transitions_total DEVICE primary failed",
		"failover link":       "ftd_failover_errors_total DEVICE peer_silent",
		"link":                "ftd_messages_total DEVICE 411002",
		"module":              "ftd_messages_total DEVICE 323006",
		"cluster member":      "ftd_cluster_departures_total DEVICE application automatic",
		"exhaustion":          "ftd_resource_exhausted_total DEVICE nat_pool",
		"memory":              "ftd_memory_allocation_failures_total DEVICE other",
		"syslog server":       "ftd_syslog_delivery_failures_total DEVICE server_down",
		"health":              "ftd_health_module_reports_total power_supply DEVICE",
		"chassis fault":       "ftd_fxos_fault_reports_total power_supply DEVICE",
	}
	c := compile(t)
	for _, incident := range simulator.Incidents() {
		t.Run(incident.Name, func(t *testing.T) {
			f := simulator.NewFleet(simulator.SampleSize, random(1))
			for _, d := range f.Devices {
				r := newReader(t, c)
				r.play(d, f.Boot(d))
				before := r.series()
				if matched := r.play(d, incident.Steps(f, d)); matched < 3 {
					t.Errorf("%s: only %d messages of the catalog", d.Name, matched)
				}
				counted := false
				for name, v := range r.series() {
					was, known := before[name]
					switch metric, _, _ := strings.Cut(name, " "); metric {
					case "ftd_component_ok", "ftd_temperature_state":
						if !known || v != was {
							t.Errorf("%s: %s is %g afterward", d.Name, name, v)
						}
					default:
						counted = counted || v > was && strings.HasPrefix(name, strings.Replace(counters[incident.Name], "DEVICE", d.Name, 1))
					}
				}
				// Parts that a device has not reported before, such as the unit of a
				// pair, work too. An alarm stays for a day, because no message ends it.
				state, _ := r.table.Snapshot(d.Name)
				for _, s := range state.States {
					if s.Level != "ok" && s.State != "alarm" {
						t.Errorf("%s: %s is %s afterward", d.Name, s.Metric, s.State)
					}
				}
				if !counted {
					t.Errorf("%s: %q has not increased", d.Name, counters[incident.Name])
				}
			}
		})
	}
}
