package collectors

// modules collects the states of service modules and their applications: 323006,
// 505004 to 505015.
func modules() Collector {
	var (
		labels = []Label{{Name: "module"}}
		states = []State{{"down", Failed}, {"up", OK}}

		up = &Metric{
			Name: "ftd_module_up", Title: "Module", Type: Gauge, Labels: labels, States: states,
			Help: "Whether a service module is up (1), or was shut down or removed (0).",
		}
		channel = &Metric{
			Name: "ftd_module_data_channel_up", Title: "Data channel of module", Type: Gauge, Labels: labels, States: states,
			Help: "Whether the device can send traffic to a service module (1) or not (0).",
		}
		application = &Metric{
			Name: "ftd_module_application_up", Title: "Application of module", Type: Gauge, Labels: []Label{{Name: "module"}, {Name: "application"}}, States: states,
			Help: "Whether an application on a service module runs (1) or not (0).",
		}
	)
	return Collector{
		Name:     "modules",
		Summary:  "service modules and their applications",
		Hardware: true,
		Metrics:  []*Metric{up, channel, application},
		Rules: []Rule{
			{ID: 505006, Metric: up, Value: Set(1)},
			{ID: 505004, Metric: up, Value: Set(0)},
			{ID: 505010, Metric: up, Value: Set(0)},
			{ID: 505011, Metric: channel, Value: Set(1)},
			{ID: 323006, Metric: channel, Value: Set(0)},
			{ID: 505015, Metric: application, Value: Set(1)},
			{ID: 505014, Metric: application, Value: Set(0)},
		},
	}
}
