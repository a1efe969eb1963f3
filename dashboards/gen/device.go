package main

import "slices"

// device is the board for one firewall, or a few side by side.
func device() board {
	const part = "{{device}} {{component}} {{unit}}"
	const perUnit = "device, component, unit"

	state := stat(5, "State", "The worst of all states of the device: components, temperatures, failover, interfaces, modules, cluster.", "none",
		query{expr: worst(), legend: "{{device}}"}).with("mappings", worstWords())
	state.options["textMode"] = "value_and_name"
	lastMessage := stat(4, "Last message", "How long ago the device last sent anything.", "s",
		query{expr: sinceNow(maxBy("device", of("ftd_device_last_message_timestamp_seconds"))), legend: "{{device}}"}).
		with("thresholds", thresholds("green", step{3600, "orange"}, step{86400, "red"})).with("mappings", neverReceived())
	skew := stat(4, "Clock skew", "The device's clock minus the exporter's clock, positive if the device is ahead. Known only if the device's timestamps have a time zone.", "s",
		query{expr: "max by (device) (" + of("ftd_device_clock_skew_seconds") + ")", legend: "{{device}}"}).with("noValue", "unknown")
	addresses := stat(3, "Sender addresses", "From how many addresses messages under this name came within an hour. With two or more, two devices may share the name, and one hides the failures of the other.", "none",
		query{expr: maxBy("device", of("ftd_device_sender_addresses")), legend: "{{device}}"}).
		with("thresholds", thresholds("green", step{2, "orange"})).with("decimals", 0).with("noValue", "unknown")
	shutdowns := stat(4, "Heat shutdowns", "How often the device reported, in the time shown, that it switches itself off because of heat.", "none",
		query{expr: sumBy("device", maxBy("device, component", inAllTime(of("ftd_thermal_shutdowns_total")))), legend: "{{device}}", instant: true}).
		with("thresholds", thresholds("green", step{0.5, "red"})).with("decimals", 0)
	blind := stat(4, "Environment monitoring", "Whether the device's environment monitor runs. While it does not, the device reports no fault, and the states here are out of date.", "none",
		query{expr: "min by (device) (" + of("ftd_environment_monitoring_up") + ")", legend: "{{device}}"}).
		with("mappings", words(word{0, "NOT RUNNING", "red"}, word{1, "running", "green"})).with("noValue", "unknown")

	components := timeline(24, "Components", "The reported state of the device's fans, power supplies, voltages and links. Components that the device has never reported are missing: unknown is not OK.", okOrFailed(),
		query{expr: "min by (" + perUnit + ") (" + of("ftd_component_ok") + ")", legend: part})
	sensors := timeline(24, "Temperature states", "Whether each sensor is ok, warm or critical by the device's own limits.", temperatureWords(),
		query{expr: temperatureState(), legend: part})

	temperature := maxBy(perUnit, of("ftd_temperature_celsius"))
	in := func(state string) string {
		return temperature + " and on (" + perUnit + ") (" + of("ftd_temperature_state", `state="`+state+`"`) + " == 1)"
	}
	temperatures := chart(14, "Temperatures", "Temperatures as last reported, with a mark where the device reports them as warm or critical. Devices report a temperature when its state changes, so the line has steps.", "celsius",
		query{expr: temperature, legend: part},
		query{expr: in("warm"), legend: part + " warm"},
		query{expr: in("critical"), legend: part + " critical"},
	).custom("lineInterpolation", "stepAfter")
	for _, mark := range []struct{ ref, color string }{{"B", "orange"}, {"C", "red"}} {
		temperatures.overrides = append(temperatures.overrides, override("byFrameRefID", mark.ref,
			"custom.drawStyle", "points", "custom.pointSize", 9, "custom.showPoints", "always", "color", fixed(mark.color)))
	}

	sensorsNow := table(10, "Sensors now", "The present state of each temperature sensor, when it last changed, the temperature in the last report that had one, and how often the device has reported it as warm or critical.",
		[]string{"device", "component", "unit"}, "since",
		column{"state", temperatureState(), []any{"mappings", temperatureWords(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(maxBy(perUnit, of("ftd_temperature_state_changed_timestamp_seconds"))), ago()},
		column{"temperature", temperature, []any{"unit", "celsius"}},
		column{"alarms", maxBy(perUnit, of("ftd_temperature_alarms_total")), nil},
	)
	history := table(12, "Components now", "The present state of each component, when it last changed and was last reported, and how often the device has reported it as failed.",
		[]string{"device", "component", "unit"}, "since",
		column{"state", "min by (" + perUnit + ") (" + of("ftd_component_ok") + ")", []any{"mappings", okOrFailed(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(maxBy(perUnit, of("ftd_component_state_changed_timestamp_seconds"))), ago()},
		column{"last report", milliseconds(maxBy(perUnit, of("ftd_component_last_report_timestamp_seconds"))), ago()},
		column{"failure reports", maxBy(perUnit, of("ftd_component_failures_total")), nil},
	)
	alarms := chart(12, "Alarms that nothing withdraws", "Reports of heat shutdowns, of boots after them, of failures of the environment monitor and of the channel between service module and chassis.", "none",
		query{expr: maxBy("device, component", increase(of("ftd_thermal_shutdowns_total"))), legend: "{{device}} shutdown: {{component}}"},
		query{expr: maxBy("device, component", increase(of("ftd_boots_after_thermal_shutdown_total"))), legend: "{{device}} boot after shutdown: {{component}}"},
		query{expr: maxBy("device, stage", increase(of("ftd_environment_monitoring_failures_total"))), legend: "{{device}} monitor: {{stage}}"},
		query{expr: maxBy("device, stage", increase(of("ftd_eobc_rpc_failures_total"))), legend: "{{device}} EOBC: {{stage}}"},
	).events()
	alarms.options["legend"] = object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}

	total := func(name, labels, metric string) column { return column{name, maxBy(labels, of(metric)), nil} }
	links := table(8, "PCI devices with a wrong link", "Reports of PCI devices that came up with a wrong link width or speed.",
		[]string{"device", "pci_address", "pci_vendor", "pci_device", "attribute"}, "reports",
		total("reports", "device, pci_address, pci_vendor, pci_device, attribute", "ftd_pci_link_mismatches_total"))
	missing := table(8, "PCI devices missing", "Reports of PCI devices that the system needs and did not find.",
		[]string{"device", "pci_vendor", "pci_device"}, "reports",
		total("reports", "device, pci_vendor, pci_device", "ftd_pci_missing_devices_total"))
	post := table(8, "Crypto self-test failures", "Failures of the power-on self-test of the crypto engine. If the message does not name an algorithm, the labels are unspecified.",
		[]string{"device", "engine", "algorithm", "mode", "direction", "key_bits"}, "reports",
		total("reports", "device, engine, algorithm, mode, direction, key_bits", "ftd_post_failures_total"))

	bySeverity := chart(12, "Messages by severity", "All messages of the device, in the catalog or not, by the severity in their tag.", "cps",
		query{expr: sumBy("severity", maxBy("device, severity", rate(of("ftd_syslog_messages_total")))), legend: "{{severity}}"}).stacked()
	for i, s := range []struct{ name, color string }{
		{"emergency", "dark-red"},
		{"alert", "red"},
		{"critical", "semi-dark-orange"},
		{"error", "orange"},
		{"warning", "yellow"},
		{"notice", "green"},
		{"informational", "blue"},
		{"debug", "purple"},
	} {
		number := string(rune('0' + i))
		bySeverity.overrides = append(bySeverity.overrides, override("byName", number, "displayName", number+" "+s.name, "color", fixed(s.color)))
	}
	// Exporters of different versions may have different summaries; show one.
	explained := func(expr string) string {
		return expr + " * on (message_id) group_left (severity, summary) topk by (message_id) (1, " +
			maxBy("message_id, severity, summary", own("ftd_message_info")) + ")"
	}
	const perID = "device, message_id"
	recent := table(12, "Recent messages", "The last message of each id in the catalog, with its severity and summary and the number of messages.",
		[]string{"device", "message_id", "severity", "summary"}, "last",
		column{"last", milliseconds(explained(maxBy(perID, of("ftd_message_last_received_timestamp_seconds")))), ago()},
		column{"messages", explained("(" + maxBy(perID, of("ftd_messages_total")) + " and on (" + perID + ") " + of("ftd_message_last_received_timestamp_seconds") + ")"), nil},
	)

	return board{
		uid: "ftd-device", title: "FTD / Device",
		description: "One firewall, or a few side by side: its components and temperatures over time, alarms, messages.",
		from:        "now-24h", refresh: "1m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable("")},
		rows: slices.Concat([]row{
			{height: 4, panels: []panel{state, lastMessage, skew, addresses, shutdowns, blind}},
			{title: "Hardware", height: 8, panels: []panel{components}},
			{height: 6, panels: []panel{sensors}},
			{height: 9, panels: []panel{temperatures, sensorsNow}},
			{height: 9, panels: []panel{history, alarms}},
			{title: "Cards and self-test", height: 6, panels: []panel{links, missing, post}},
		}, chassisRows(), failoverRows(), clusterRows(), systemRows(), []row{
			{title: "Messages", height: 10, panels: []panel{bySeverity, recent}},
		}),
	}
}
