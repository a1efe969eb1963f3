package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// failover collects the states of the units of a failover pair and of the links
// between them: 103001 to 105553, 709007 and 210001 to 210021. Both units often
// have the same host name, so the unit is the one that the text names. In an
// active/active pair, a unit has a role in each of two failover groups, and the text
// names both: Primary_group_1. Such a unit counts as two, because its roles differ.
func failover() Collector {
	var (
		unit = Label{Name: "failover_unit", Values: []string{
			"primary", "secondary", "primary_group_1", "secondary_group_1", "primary_group_2", "secondary_group_2",
		}}

		state = &Metric{
			Name: "ftd_failover_state", Title: "Failover unit", Type: StateSet,
			Labels: []Label{unit, {Name: "state", Values: []string{"active", "standby", "failed"}}},
			States: []State{{"active", OK}, {"standby", OK}, {"failed", Failed}},
			Help:   "Role of a unit of a failover pair; the series of the present state is 1, the others are 0. In an active/active pair, a unit has a role in each failover group: primary_group_1.",
		}
		changed = &Metric{
			Name: "ftd_failover_state_changed_timestamp_seconds", Type: Gauge, Labels: []Label{unit},
			Help: "Time of receipt of the report that last changed the role of a failover unit.",
		}
		transitions = &Metric{
			Name: "ftd_failover_transitions_total", Type: Counter, Quiet: true,
			Labels: []Label{unit, {Name: "state", Values: []string{"active", "standby", "failed"}}},
			Help:   "Reports that a failover unit switches to a state.",
		}
		enabled = &Metric{
			Name: "ftd_failover_enabled", Title: "Failover", Type: Gauge, Labels: []Label{unit}, States: []State{{"disabled", Warning}, {"enabled", OK}},
			Help: "Whether failover is switched on (1) or off (0), as a unit last reported.",
		}
		link = &Metric{
			Name: "ftd_failover_link_up", Title: "Failover link", Type: Gauge, States: []State{{"down", Critical}, {"up", OK}},
			Help: "Whether the link between the units of a failover pair works (1) or not (0).",
		}
		monitored = &Metric{
			Name: "ftd_failover_interface_state", Title: "Failover interface", Type: StateSet,
			Labels: []Label{{Name: "interface"}, {Name: "state", Values: []string{"normal", "waiting", "failed", "lost"}}},
			States: []State{{"normal", OK}, {"waiting", Warning}, {"failed", Critical}, {"lost", Critical}},
			Help:   "What the failover test of an interface last reported: the peer answers (normal), is awaited (waiting), no longer answers (lost), or the test has failed.",
		}
		errors = &Metric{
			Name: "ftd_failover_errors_total", Title: "Failover error", Type: Counter, Alarm: Alarm{Level: Critical},
			Labels: []Label{{Name: "reason", Values: []string{
				"peer_silent", "peer_failed", "version_mismatch", "mismatch", "configuration_sync", "replication", "memory", "flapping",
			}}},
			Help: "Reports of faults of a failover pair, by kind.",
		}
	)
	rules := []Rule{
		{ID: 105001, Metric: enabled, Value: Set(0)},
		{ID: 105002, Metric: enabled, Value: Set(1)},
		{ID: 105031, Metric: link, Value: Set(1)},
		{ID: 105032, Metric: link, Value: Set(0)},
		{ID: 105042, Metric: link, Value: Set(1)},
		{ID: 105043, Metric: link, Value: Set(0)},
		{ID: 105003, Metric: monitored, Value: StateIs("waiting")},
		{ID: 105004, Metric: monitored, Value: StateIs("normal")},
		{ID: 105005, Metric: monitored, Value: StateIs("lost")},
		{ID: 105009, Metric: monitored, Value: StateField("result", Words{"Passed": "normal", "Failed": "failed"})},
	}
	for _, s := range []struct {
		id    catalog.ID
		state string
	}{
		{104001, "active"},
		{104002, "standby"},
		{104003, "failed"},
		{104004, "standby"},
		{104500, "active"},
		{104501, "standby"},
	} {
		rules = append(
			rules,
			Rule{ID: s.id, Metric: state, Value: StateIs(s.state)},
			Rule{ID: s.id, Metric: changed, Value: ChangeOf(state)},
			Rule{ID: s.id, Metric: transitions, Value: Add(), Labels: Labels{"state": s.state}},
		)
	}
	for _, e := range []struct {
		reason string
		ids    []catalog.ID
	}{
		{"peer_silent", []catalog.ID{103001}},
		{"peer_failed", []catalog.ID{103003, 103005}},
		{"version_mismatch", []catalog.ID{103006, 103007, 105040}},
		{"mismatch", []catalog.ID{103008, 105038, 105039, 105044, 105045, 105046, 105047, 105048, 105050}},
		{"configuration_sync", []catalog.ID{105020, 105021, 105022, 105041, 709007}},
		{"replication", []catalog.ID{210001, 210003, 210005, 210006, 210007, 210008, 210010, 210011, 210020, 210021, 720033, 720043, 720044}},
		{"memory", []catalog.ID{105010, 210002, 720007}},
		{"flapping", []catalog.ID{105037}},
		{Other, []catalog.ID{101002, 101003, 101004, 101005, 103004, 104502, 105011, 105033, 105035, 105036, 105502, 105505, 105553}},
	} {
		for _, id := range e.ids {
			rules = append(rules, Rule{ID: id, Metric: errors, Value: Add(), Labels: Labels{"reason": e.reason}})
		}
	}
	return Collector{
		Name:     "failover",
		Summary:  "failover pairs: roles, links, replication",
		Hardware: true,
		Metrics:  []*Metric{state, changed, transitions, enabled, link, monitored, errors},
		Rules:    rules,
	}
}
