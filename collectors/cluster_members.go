package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// clusterMembers collects the states of cluster members and what runs on them:
// 747001 to 747041, 748001 to 748007, 748011 to 748202.
func clusterMembers() Collector {
	var (
		module = []Label{{Name: "chassis", Append: appendUnbracketed}, {Name: "module", Append: appendUnbracketed}}

		application = &Metric{
			Name: "ftd_application_state", Title: "Application of cluster member", Type: StateSet,
			Labels: []Label{
				{Name: "application", Values: []string{"snort", "disk_full"}},
				{Name: "member", Append: appendUnbracketed},
				{Name: "state", Values: []string{"init", "up", "down"}},
			},
			States: []State{{"init", Warning}, {"up", OK}, {"down", Failed}},
			Help:   "State of an application that a cluster member needs; disk_full is down while the disk is full. An empty member is the sender.",
		}
		member = &Metric{
			Name: "ftd_cluster_member_state", Title: "Cluster member", Type: StateSet,
			Labels: []Label{{Name: "state", Values: []string{"disabled", "joining", "data", "control"}}},
			States: []State{{"disabled", Critical}, {"joining", Warning}, {"data", OK}, {"control", OK}},
			Help:   "State of the device in its cluster: it does not take part (disabled), it joins, or it has a role.",
		}
		moduleOK = &Metric{
			Name: "ftd_cluster_module_ok", Title: "Module in cluster", Type: Gauge, Labels: module, States: []State{{"failed", Failed}, {"ok", OK}},
			Help: "Whether the chassis supervisor can communicate with a module (1) or not (0).",
		}
		chain = &Metric{
			Name: "ftd_service_chain_application_up", Title: "Service chain application", Type: Gauge,
			Labels: append([]Label{{Name: "application", Append: appendUnbracketed}}, module...), States: []State{{"down", Failed}, {"up", OK}},
			Help: "Whether an application in the service chain of a module runs (1) or not (0).",
		}
		departures = &Metric{
			Name: "ftd_cluster_departures_total", Title: "Departure from the cluster", Type: Counter,
			Labels: []Label{
				{Name: "reason", Values: []string{
					"interface_health", "control_link", "application", "service_card", "system_failure", "chassis_health",
					"chassis_configuration", "port_bundling", "service_chain", "stray", "split",
				}},
				{Name: "rejoin", Values: []string{"automatic", "manual", "unknown"}},
			},
			Help: "Reports that a member leaves the cluster, and whether it comes back by itself.",
		}
		bundling = &Metric{
			Name: "ftd_cluster_port_bundling_failures_total", Title: "Failure to bundle ports", Type: Counter, Alarm: Alarm{Level: Critical},
			Labels: []Label{{Name: "effect", Values: []string{"clustering_disabled", "module_left", "traffic_lost"}}},
			Help:   "Failures to bundle the ports of a module; traffic_lost: its ports stay bundled, and the traffic there is lost.",
		}
		errors = &Metric{
			Name: "ftd_cluster_errors_total", Title: "Cluster error", Type: Counter, Alarm: Alarm{Level: Warning},
			Labels: []Label{{Name: "kind", Values: []string{"event_queue", "rpc_server", "rpc_call", "object", "timeout"}}},
			Help:   "Internal errors of clustering, by kind.",
		}
		rejections = &Metric{
			Name: "ftd_cluster_join_rejections_total", Title: "Failure to join the cluster", Type: Counter, Alarm: Alarm{Level: Warning},
			Labels: []Label{{Name: "reason", Values: []string{
				"name", "full", "control_link", "encryption_license", "firewall_mode", "interface", "address_pool", "interface_mode",
				"platform", "service_module", "software", "resource_profile", "module_type",
			}}},
			Help: "Devices that could not join the cluster, by what did not match.",
		}

		updown = Words{"init": "init", "up": "up", "down": "down"}
		role   = Words{
			"disabled": "disabled", "master": "control", "control": "control", "control_node": "control",
			"slave": "data", "data": "data", "data_node": "data", AnyOther: "joining",
		}
	)
	rules := []Rule{
		{748100, application, StateField("to", updown), Labels{"member": ""}},
		{ID: 748101, Metric: application, Value: StateField("status", updown)},
		{ID: 748102, Metric: application, Value: StateField("status", updown)},
		{ID: 748103, Metric: application, Value: StateField("status", updown)},
		{ID: 747004, Metric: member, Value: StateField("to", role)},
		{ID: 747006, Metric: member, Value: StateField("state", role)},
		{ID: 748002, Metric: member, Value: StateIs("disabled")},
		{ID: 748003, Metric: moduleOK, Value: Set(0)},
		{ID: 748004, Metric: moduleOK, Value: Set(1)},
		{ID: 748201, Metric: chain, Value: StateField("status", Words{"up": "up", "down": "down"})},
	}
	for _, d := range []struct {
		id             catalog.ID
		reason, rejoin string
	}{
		{747015, "stray", "unknown"},
		{747016, "split", "automatic"},
		{747021, "interface_health", "unknown"},
		{747022, "interface_health", "automatic"},
		{747030, "interface_health", "manual"},
		{747041, "interface_health", "manual"},
		{747029, "control_link", "unknown"},
		{747034, "control_link", "automatic"},
		{747035, "control_link", "manual"},
		{748102, "application", "automatic"},
		{748103, "application", "automatic"},
		{747023, "service_card", "unknown"},
		{747024, "service_card", "unknown"},
		{747037, "service_card", "automatic"},
		{747038, "service_card", "manual"},
		{747039, "system_failure", "automatic"},
		{747040, "system_failure", "manual"},
		{748001, "chassis_configuration", "unknown"},
		{748003, "chassis_health", "automatic"},
		{748006, "port_bundling", "unknown"},
		{748202, "service_chain", "automatic"},
	} {
		rules = append(rules, Rule{d.id, departures, Add(), Labels{"reason": d.reason, "rejoin": d.rejoin}})
	}
	for _, b := range []struct {
		id     catalog.ID
		effect string
	}{{748005, "clustering_disabled"}, {748006, "module_left"}, {748007, "traffic_lost"}} {
		rules = append(rules, Rule{b.id, bundling, Add(), Labels{"effect": b.effect}})
	}
	for _, e := range []struct {
		id    catalog.ID
		value string
	}{
		{747001, "event_queue"},
		{747009, "rpc_server"},
		{747010, "rpc_call"},
		{747012, "object"},
		{747013, "object"},
		{747014, "object"},
		{747018, "timeout"},
	} {
		rules = append(rules, Rule{e.id, errors, Add(), Labels{"kind": e.value}})
	}
	for _, r := range []struct {
		id    catalog.ID
		value string
	}{
		{747008, "name"},
		{747017, "full"},
		{747019, "control_link"},
		{747020, "encryption_license"},
		{747025, "firewall_mode"},
		{747026, "interface"},
		{747033, "interface"},
		{747027, "address_pool"},
		{747028, "interface_mode"},
		{747031, "platform"},
		{747032, "service_module"},
		{747036, "software"},
		{748011, "resource_profile"},
		{748012, "module_type"},
	} {
		rules = append(rules, Rule{r.id, rejections, Add(), Labels{"reason": r.value}})
	}
	return Collector{
		Name:     "cluster_members",
		Summary:  "cluster members: roles, applications, departures",
		Hardware: true,
		Metrics:  []*Metric{application, member, moduleOK, chain, departures, bundling, errors, rejections},
		Rules:    rules,
	}
}
