package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// interfaces collects the states of links and ports: 411001 to 411005, and those
// that failover watches, 105006 and 105007.
func interfaces() Collector {
	var (
		labels = []Label{{Name: "interface"}}

		enabled = &Metric{
			Name: "ftd_interface_enabled", Title: "Interface configuration", Type: Gauge, Labels: labels, States: []State{{"disabled", OK}, {"enabled", OK}},
			Help: "Whether the configuration enables an interface (1) or shuts it down (0), as the device last reported.",
		}
		up = &Metric{
			Name: "ftd_interface_up", Title: "Interface", Type: Gauge, Labels: labels, States: []State{{"down", Warning}, {"up", OK}}, Enabled: enabled,
			Help: "Whether the link of an interface is up (1) or down (0), as the device last reported.",
		}
		changed = &Metric{
			Name: "ftd_interface_state_changed_timestamp_seconds", Type: Gauge, Labels: labels,
			Help: "Time of receipt of the report that last changed whether the link of an interface is up.",
		}
		hangs = &Metric{
			Name: "ftd_interface_hangs_total", Title: "Interface hang", Type: Counter, Alarm: Alarm{Level: Critical}, Labels: labels,
			Help: "Reports that an interface was reset because its hardware had stopped sending.",
		}
	)
	rules := []Rule{
		{ID: 411003, Metric: enabled, Value: Set(0)},
		{ID: 411004, Metric: enabled, Value: Set(1)},
		{ID: 411005, Metric: hangs, Value: Add()},
	}
	for _, c := range []struct {
		id    catalog.ID
		value float64
	}{{411001, 1}, {411002, 0}, {105006, 1}, {105007, 0}} {
		rules = append(
			rules,
			Rule{ID: c.id, Metric: up, Value: Set(c.value)},
			Rule{ID: c.id, Metric: changed, Value: ChangeOf(up)},
		)
	}
	return Collector{
		Name:     "interfaces",
		Summary:  "links and ports",
		Hardware: true,
		Metrics:  []*Metric{up, changed, enabled, hangs},
		Rules:    rules,
	}
}
