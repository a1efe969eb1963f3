package main

import (
	"strconv"
	"strings"
)

// The rows about failover, interfaces, clusters and the system, for one firewall
// or a few side by side.

// stateNow is the present state of a state set as a number: the first state is 0, the
// second 1 and so on. name is the recorded one.
func stateNow(labels, name, metric string, states ...string) string {
	return numbered(func(state string) string { return kept(maxBy, labels, name, metric, state) }, labels, states)
}

// highestState is the highest such number in each step of a chart, so that no state
// is left out.
func highestState(labels, metric string, states ...string) string {
	return numbered(func(state string) string { return highest(of(metric, state)) }, labels, states)
}

// numbered numbers the states. in is the series that is 1 for a matcher of a state.
func numbered(in func(state string) string, labels string, states []string) string {
	terms := make([]string, len(states))
	for i, s := range states {
		terms[i] = strconv.Itoa(i) + " * " + in(`state="`+s+`"`)
	}
	return maxBy(labels, strings.Join(terms, " or "))
}

// failoverRows show a failover pair, the interfaces and the service modules.
func failoverRows() []row {
	const perUnit, perInterface = "device, failover_unit", "device, interface"

	units := timeline(12, "Failover units", "What each unit of a failover pair last reported. A failed unit may no longer be able to report anything.",
		words(word{0, "standby", "semi-dark-blue"}, word{1, "active", good}, word{2, "✖ FAILED", broken}),
		query{expr: highestState(perUnit, "ftd_failover_state", "standby", "active", "failed"), legend: "{{device}} {{failover_unit}}"})
	tests := timeline(12, "Failover interfaces", "What the failover test of each interface last reported.",
		words(word{0, "normal", good}, word{1, "◆ waiting", warned}, word{2, "▲ lost", severe}, word{3, "✖ FAILED", broken}),
		query{expr: highestState(perInterface, "ftd_failover_interface_state", "normal", "waiting", "lost", "failed"), legend: "{{device}} {{interface}}"})
	pair := table(12, "Failover now", "Whether failover is on, and when the role of each unit last changed.", []string{"device", "failover_unit"}, "since",
		column{"failover", kept(minBy, perUnit, "device_failover_unit:ftd_failover_enabled:min", "ftd_failover_enabled"), []any{"mappings", words(word{0, "◆ OFF", warned}, word{1, "on", good}), "custom.cellOptions", cell()}},
		column{"since", milliseconds(kept(maxBy, perUnit, "device_failover_unit:ftd_failover_state_changed_timestamp_seconds:max", "ftd_failover_state_changed_timestamp_seconds")), ago()},
	)
	link := timeline(12, "Failover link", "Whether the link between the units of a pair works.", upOrDown(),
		query{expr: minBy("device", lowest(of("ftd_failover_link_up"))), legend: "{{device}}"})
	events := chart(12, "Failovers and faults of pairs", "Changes of role that units report, and faults of the pair.", "none",
		query{expr: maxBy("device, failover_unit, state", eventsOf(of("ftd_failover_transitions_total"))), legend: "{{device}} {{failover_unit}} {{state}}"},
		query{expr: maxBy("device, reason", eventsOf(of("ftd_failover_errors_total"))), legend: "{{device}} {{reason}}"},
	).events()
	links := timeline(12, "Interfaces", "Whether the link of each interface is up, by its last report.", upOrDown(),
		query{expr: minBy(perInterface, lowest(of("ftd_interface_up"))), legend: "{{device}} {{interface}}"})
	ports := table(12, "Interfaces now", "Whether the link of each interface is up, since when, and whether the configuration enables it. Hangs are resets because the hardware stopped sending.",
		[]string{"device", "interface"}, "link",
		column{"link", kept(minBy, perInterface, "device_interface:ftd_interface_up:last", "ftd_interface_up"), []any{"mappings", upOrDown(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(kept(maxBy, perInterface, "device_interface:ftd_interface_state_changed_timestamp_seconds:max", "ftd_interface_state_changed_timestamp_seconds")), ago()},
		column{"enabled", kept(minBy, perInterface, "device_interface:ftd_interface_enabled:min", "ftd_interface_enabled"), []any{"mappings", words(word{0, "shut down", "text"}, word{1, "enabled", "text"})}},
		column{"hangs", maxBy(perInterface, of("ftd_interface_hangs_total")), nil},
	).rising().then("since")
	modules := timeline(12, "Service modules", "Whether each module, its data channel and its applications are up.", upOrDown(),
		query{expr: minBy("device, module", lowest(of("ftd_module_up"))), legend: "{{device}} {{module}}"},
		query{expr: minBy("device, module", lowest(of("ftd_module_data_channel_up"))), legend: "{{device}} {{module}} data channel"},
		query{expr: minBy("device, module, application", lowest(of("ftd_module_application_up"))), legend: "{{device}} {{module}} {{application}}"})
	return []row{
		{title: "Failover, interfaces, modules", height: 7, panels: []panel{units, tests}},
		{height: 7, panels: []panel{link, pair}},
		{height: 7, panels: []panel{links, ports}},
		{height: 7, panels: []panel{modules, events}},
	}
}

// clusterRows show the members of a cluster.
func clusterRows() []row {
	members := timeline(12, "Cluster members", "The role of each device in its cluster, as the device itself last reported.",
		words(word{0, "control", good}, word{1, "data", "semi-dark-blue"}, word{2, "◆ joining", warned}, word{3, "▲ DISABLED", severe}),
		query{expr: highestState("device", "ftd_cluster_member_state", "control", "data", "joining", "disabled"), legend: "{{device}}"})
	applications := timeline(12, "Applications of cluster members", "Whether Snort runs and the disk has room (disk_full is down if it has none), for each member. An empty member is the device itself.",
		words(word{0, "up", good}, word{1, "◆ starts", warned}, word{2, "✖ DOWN", broken}),
		query{expr: highestState("device, application, member", "ftd_application_state", "up", "init", "down"), legend: "{{device}} {{application}} {{member}}"})
	modules := timeline(12, "Modules of the cluster", "Whether the chassis supervisor can communicate with each module, and whether chained applications run.", okOrFailed(),
		query{expr: minBy("device, chassis, module", lowest(of("ftd_cluster_module_ok"))), legend: "{{device}} chassis {{chassis}} module {{module}}"},
		query{expr: minBy("device, application, chassis, module", lowest(of("ftd_service_chain_application_up"))), legend: "{{device}} {{application}} chassis {{chassis}} module {{module}}"})
	events := chart(12, "Cluster events", "Members that leave, ports that are not bundled, internal errors, and devices that could not join.", "none",
		query{expr: maxBy("device, reason, rejoin", eventsOf(of("ftd_cluster_departures_total"))), legend: "{{device}} left: {{reason}}, rejoin {{rejoin}}"},
		query{expr: maxBy("device, effect", eventsOf(of("ftd_cluster_port_bundling_failures_total"))), legend: "{{device}} ports: {{effect}}"},
		query{expr: maxBy("device, kind", eventsOf(of("ftd_cluster_errors_total"))), legend: "{{device}} error: {{kind}}"},
		query{expr: maxBy("device, reason", eventsOf(of("ftd_cluster_join_rejections_total"))), legend: "{{device}} refused: {{reason}}"},
	).events()
	return []row{
		{title: "Cluster", folded: true, height: 7, panels: []panel{members, applications}},
		{height: 7, panels: []panel{modules, events}},
	}
}

// systemRows show boots, software, certificates, licenses and the device's syslog.
func systemRows() []row {
	expires := []any{"unit", "dateTimeFromNow"}
	boots := table(6, "Last boot", "When the device last reported that it boots or has booted.", []string{"device"}, "booted",
		column{"booted", milliseconds(maxBy("device", of("ftd_boot_timestamp_seconds"))), ago()})
	software := table(6, "Software", "The version that the device reported after its last upgrade.", []string{"device", "version"}, "device",
		column{"reported", maxBy("device, version", of("ftd_software_info")), []any{"mappings", words(word{1, "yes", "text"})}})
	certificates := table(6, "Certificates that expire", "When certificates expire, as the device warns of it, some days ahead.", []string{"device", "trustpoint"}, "expires",
		column{"expires", milliseconds(maxBy("device, trustpoint", of("ftd_certificate_expiry_timestamp_seconds"))), expires}).rising()
	licenses := table(6, "Licenses that expire", "When license keys expire, as the device warns of it.", []string{"device"}, "expires",
		column{"expires", milliseconds(maxBy("device", of("ftd_license_expiry_timestamp_seconds"))), expires}).rising()
	events := chart(12, "Reloads and images", "Reloads by reason, and software images that are missing or wrong.", "none",
		query{expr: maxBy("device, reason", eventsOf(of("ftd_reloads_total"))), legend: "{{device}} reload: {{reason}}"},
		query{expr: maxBy("device, kind", eventsOf(of("ftd_image_failures_total"))), legend: "{{device}} image: {{kind}}"},
	).events()
	delivery := chart(12, "Smart Licensing and syslog delivery", "Events of Smart Licensing, and reports that the device cannot deliver its syslog: then messages are missing here.", "none",
		query{expr: maxBy("device, event", eventsOf(of("ftd_smart_license_events_total"))), legend: "{{device}} license: {{event}}"},
		query{expr: maxBy("device, reason", eventsOf(of("ftd_syslog_delivery_failures_total"))), legend: "{{device}} syslog: {{reason}}"},
	).events()
	return []row{
		{title: "System", folded: true, height: 6, panels: []panel{boots, software, certificates, licenses}},
		{height: 7, panels: []panel{events, delivery}},
	}
}

// exhaustionRows show what has run out, or nearly.
func exhaustionRows() (limits, attackRows []row) {
	const sparse = " A device reports only while it is too high; a gap means that it did not report."
	used := chart(12, "CPU and memory", "CPU and memory use as last reported (solid), and the memory use at which the device reloads (dashed)."+sparse, "percentunit",
		query{expr: maxBy("device, resource", highest(of("ftd_system_utilization_ratio"))) + atSite, legend: "{{device}} {{resource}}"},
		query{expr: maxBy("device", highest(of("ftd_memory_reload_threshold_ratio"))) + atSite, legend: "{{device}} reload"},
	).dashed("B", "red").with("max", 1).sparse()
	blocks := table(12, "Memory blocks", "Free memory blocks by size, in bytes, when the device last reported that few were left.", []string{"device", "block_size"}, "free",
		column{"free", minBy("device, block_size", of("ftd_memory_blocks_free")) + atSite, nil},
		column{"of", maxBy("device, block_size", of("ftd_memory_blocks_limit")) + atSite, nil},
	)
	exhausted := chart(12, "Exhausted resources", "Reports that a limit was reached and something was refused.", "none",
		query{expr: maxBy("device, resource", eventsOf(of("ftd_resource_exhausted_total"))) + atSite, legend: "{{device}} {{resource}}"},
	).hourly()
	warnings := chart(12, "Warnings of CPU and memory", "Reports that CPU or memory use is too high, and that memory could not be allocated.", "none",
		query{expr: maxBy("device, resource", eventsOf(of("ftd_system_utilization_warnings_total"))) + atSite, legend: "{{device}} {{resource}}"},
		query{expr: maxBy("device, subsystem", eventsOf(of("ftd_memory_allocation_failures_total"))) + atSite, legend: "{{device}} no memory: {{subsystem}}"},
	).hourly()
	floods := chart(12, "SYN floods", "Rates of connection requests to servers that exceeded their threshold (solid), and the thresholds (dashed).", "suffix:/s",
		query{expr: maxBy("device, window", highest(of("ftd_tcp_intercept_syns_per_second"))) + atSite, legend: "{{device}} {{window}}"},
		query{expr: maxBy("device, window", highest(of("ftd_tcp_intercept_threshold_syns_per_second"))) + atSite, legend: "{{device}} {{window}} threshold"},
	).dashed("B", "red")
	attacks := chart(12, "Scans, shuns, SYN floods", "Reports of scanning hosts, of hosts that are shunned or no longer shunned, and of SYN floods.", "none",
		query{expr: maxBy("device, role, scope", eventsOf(of("ftd_scanning_reports_total"))) + atSite, legend: "{{device}} {{scope}} {{role}}"},
		query{expr: maxBy("device, action", eventsOf(of("ftd_shuns_total"))) + atSite, legend: "{{device}} shun: {{action}}"},
		query{expr: maxBy("device, window", eventsOf(of("ftd_tcp_intercept_exceeded_total"))) + atSite, legend: "{{device}} SYN flood: {{window}}"},
	).hourly()
	pools := chart(24, "Addresses of VPN clients", "Addresses that clients got from local pools, and gave back, per second.", "suffix:/s",
		query{expr: maxBy("device, pool", rate(of("ftd_address_pool_assignments_total"))) + atSite, legend: "{{device}} {{pool}} assigned"},
		query{expr: maxBy("device, pool", rate(of("ftd_address_pool_releases_total"))) + atSite, legend: "{{device}} {{pool}} released"},
	)
	limits = []row{
		{title: "CPU, memory, limits", height: 8, panels: []panel{used, exhausted}},
		{height: 7, panels: []panel{warnings, blocks}},
	}
	attackRows = []row{
		{title: "Attacks and address pools", folded: true, height: 7, panels: []panel{floods, attacks}},
		{height: 7, panels: []panel{pools}},
	}
	return limits, attackRows
}

// chassisRows show what the management center and the chassis report.
func chassisRows() []row {
	const perModule, perFault = "device, module", "device, code, object"
	health := timeline(12, "Health by the management center", "The state of each module of the health monitor, as the management center last reported it. In the state error, the test did not run.",
		words(word{0, "normal", good}, word{1, "disabled", "semi-dark-blue"}, word{2, "◆ warning", warned}, word{3, "◆ error", warned}, word{4, "▲ critical", severe}),
		query{expr: highestState(perModule, "ftd_health_module_state", "normal", "disabled", "warning", "error", "critical"), legend: "{{device}} {{module}}"})
	modules := table(12, "Health now", "The state of each module of the health monitor, since when, and how old the last report is.", []string{"device", "module"}, "state",
		column{
			"state", stateNow(perModule, "device_component_module_state:ftd_health_module_state:last", "ftd_health_module_state", "normal", "disabled", "warning", "error", "critical"),
			[]any{"mappings", words(word{0, "normal", good}, word{1, "disabled", "semi-dark-blue"}, word{2, "◆ warning", warned}, word{3, "◆ error", warned}, word{4, "▲ critical", severe}), "custom.cellOptions", cell()},
		},
		column{"since", milliseconds(kept(maxBy, perModule, "device_component_module:ftd_health_module_state_changed_timestamp_seconds:max", "ftd_health_module_state_changed_timestamp_seconds")), ago()},
		column{"last report", milliseconds(maxBy(perModule, of("ftd_health_module_last_report_timestamp_seconds"))), ago()},
	).then("since")
	severities := words(word{0, "cleared", good}, word{1, "info", idle}, word{2, "condition", idle}, word{3, "◆ warning", warned}, word{4, "◆ minor", warned}, word{5, "▲ major", severe}, word{6, "✖ critical", broken})
	faults := table(12, "Faults of the chassis", "Faults that FXOS has raised, by their severity, and since when. A cleared fault is shown for an hour.", []string{"device", "code", "object"}, "severity",
		column{"severity", kept(maxBy, perFault, "device_code_component_object:ftd_fxos_fault_severity:last", "ftd_fxos_fault_severity"), []any{"mappings", severities, "custom.cellOptions", cell()}},
		column{"since", milliseconds(kept(maxBy, perFault, "device_code_component_object:ftd_fxos_fault_state_changed_timestamp_seconds:max", "ftd_fxos_fault_state_changed_timestamp_seconds")), ago()},
	).leading().then("since").with("noValue", "no fault known")
	reports := chart(12, "Reports of health and faults", "Reports of the management center and of the chassis by severity, and other messages of the operating system.", "none",
		query{expr: "sum by (device, severity) (" + maxBy("device, component, module, severity", eventsOf(of("ftd_health_module_reports_total"))) + ")", legend: "{{device}} health: {{severity}}"},
		query{expr: "sum by (device, severity) (" + maxBy("device, component, severity", eventsOf(of("ftd_fxos_fault_reports_total"))) + ")", legend: "{{device}} fault: {{severity}}"},
		query{expr: maxBy("device, process", eventsOf(of("ftd_fxos_carrier_messages_total"))), legend: "{{device}} other: {{process}}"},
	).events()
	memory := chart(12, "Memory by the management center", "Part of the memory that is used, as the management center last reported it.", "percentunit",
		query{expr: maxBy("device, module", highest(of("ftd_health_memory_used_ratio"))), legend: "{{device}} {{module}}"}).with("max", 1)
	reporters := table(12, "Management centers", "Which management center has last reported the health of each device.", []string{"device", "reporter"}, "device",
		column{"reports", maxBy("device, reporter", of("ftd_health_reporter_info")), []any{"mappings", words(word{1, "yes", "text"})}})
	return []row{
		{title: "Chassis and management center", height: 8, panels: []panel{modules, faults}},
		{height: 8, panels: []panel{health, reports}},
		{height: 6, panels: []panel{memory, reporters}},
	}
}
