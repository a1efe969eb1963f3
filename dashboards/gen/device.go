package main

import (
	"slices"
	"strings"
)

// device is the board for one firewall, or a few side by side.
func device() board {
	const part = "{{device}} {{component}} {{unit}}"
	const perUnit = "device, component, unit"

	worstNow := stat(5, "State", "The worst of all states of the device: components, temperatures, failover, interfaces, modules, cluster.", "none",
		query{expr: worst(), legend: "{{device}}"}).with("mappings", worstWords())
	worstNow = worstNow.named()
	heard := stat(4, "Last message", "How long ago the device last sent anything.", "s",
		query{expr: sinceNow(lastMessage()), legend: "{{device}}"}).
		with("decimals", 0).with("thresholds", colors(good, step{3600, warned}, step{86400, absent})).with("mappings", neverReceived())
	skew := stat(4, "Clock skew", "The device's clock minus the exporter's clock, positive if the device is ahead. Known only if the device's timestamps have a time zone.", "s",
		query{expr: "max by (device) (" + of("ftd_device_clock_skew_seconds") + ")", legend: "{{device}}"}).with("noValue", "unknown").
		with("thresholds", colors(broken, step{-3600, warned}, step{-60, idle}, step{60, warned}, step{3600, broken}))
	addresses := stat(3, "Senders", "From how many addresses messages under this name came within an hour. With two or more, two devices may share the name, and one hides the failures of the other.", "none",
		query{expr: maxBy("device", of("ftd_device_sender_addresses")), legend: "{{device}}"}).
		with("thresholds", thresholds(idle, step{2, warned})).with("decimals", 0).with("noValue", "unknown")
	shutdowns := stat(4, "Heat shutdowns", "How often the device reported, in the time shown, that it switches itself off because of heat.", "none",
		query{expr: sumBy("device", maxBy("device, component", inAllTime(of("ftd_thermal_shutdowns_total")))), legend: "{{device}}", instant: true}).
		with("thresholds", thresholds(idle, step{0.5, broken})).with("decimals", 0)
	blind := stat(4, "Monitoring", "Whether the device's environment monitor runs. While it does not, the device reports no fault, and the states here are out of date.", "none",
		query{expr: "min by (device) (" + of("ftd_environment_monitoring_up") + ")", legend: "{{device}}"}).
		with("mappings", words(word{0, "✖ NOT RUNNING", broken}, word{1, "running", "transparent"})).with("noValue", "unknown")

	parts := func(expr string) string { return spaced("part", maxBy("device, part", partName(expr))) }

	components := timeline(24, "Components", "The reported state of the device's fans, power supplies, voltages and links. Components that the device has never reported are missing: unknown is not OK.", okOrFailed(),
		query{expr: minBy(perUnit, lowest(of("ftd_component_ok"))), legend: part})
	sensors := timeline(24, "Temperature states", "Whether each sensor is ok, warm or critical by the device's own limits.", temperatureWords(),
		query{expr: maxBy(perUnit, "2 * "+highest(of("ftd_temperature_state", `state="critical"`))+" or "+highest(of("ftd_temperature_state", `state="warm"`))), legend: part})

	temperature := maxBy(perUnit, highest(of("ftd_temperature_celsius")))
	in := func(state string) string {
		return temperature + " and on (" + perUnit + ") " + maxBy(perUnit, highest(of("ftd_temperature_state", `state="`+state+`"`))) + " == 1"
	}
	temperatures := chart(11, "Temperatures", "Temperatures as last reported, with a mark where the device reports them as warm or critical. Devices report a temperature when its state changes, so the line has steps.", "celsius",
		query{expr: temperature, legend: part},
		query{expr: in("warm"), legend: part + " warm"},
		query{expr: in("critical"), legend: part + " critical"},
	).custom("lineInterpolation", "stepAfter")
	for _, mark := range []struct{ ref, color string }{{"B", warned}, {"C", broken}} {
		temperatures.overrides = append(temperatures.overrides, override("byFrameRefID", mark.ref,
			"custom.drawStyle", "points", "custom.pointSize", 9, "custom.showPoints", "always", "color", fixed(mark.color)))
	}

	sensorsNow := table(13, "Sensors now", "The present state of each temperature sensor, when it last changed, the temperature in the last report that had one, and how often the device has reported it as warm or critical.",
		[]string{"device", "part"}, "state",
		column{"state", parts(temperatureState()), []any{"mappings", temperatureWords(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(parts(kept(maxBy, perUnit, "device_component_unit:ftd_temperature_state_changed_timestamp_seconds:max", "ftd_temperature_state_changed_timestamp_seconds"))), ago()},
		column{"temperature", parts(kept(maxBy, perUnit, "device_component_unit:ftd_temperature_celsius:max", "ftd_temperature_celsius")), []any{"unit", "celsius", "custom.width", 100}},
		column{"alarms", parts(maxBy(perUnit, of("ftd_temperature_alarms_total"))), []any{"custom.width", 75}},
	).leading().then("since")
	history := table(14, "Components now", "The present state of each component, when it last changed and was last reported, and how often the device has reported it as failed.",
		[]string{"device", "part"}, "state",
		column{"state", parts(componentOK()), []any{"mappings", okOrFailed(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(parts(kept(maxBy, perUnit, "device_component_unit:ftd_component_state_changed_timestamp_seconds:max", "ftd_component_state_changed_timestamp_seconds"))), ago()},
		column{"last report", milliseconds(parts(kept(maxBy, perUnit, "device_component_unit:ftd_component_last_report_timestamp_seconds:max", "ftd_component_last_report_timestamp_seconds"))), ago()},
		column{"failures", parts(maxBy(perUnit, of("ftd_component_failures_total"))), []any{"custom.width", 80}},
	).leading().rising().then("since")
	alarms := chart(10, "Alarms that nothing withdraws", "Reports of heat shutdowns, of boots after them, of failures of the environment monitor and of the channel between service module and chassis.", "none",
		query{expr: maxBy("device, component", eventsOf(of("ftd_thermal_shutdowns_total"))), legend: "{{device}} shutdown: {{component}}"},
		query{expr: maxBy("device, component", eventsOf(of("ftd_boots_after_thermal_shutdown_total"))), legend: "{{device}} boot after shutdown: {{component}}"},
		query{expr: maxBy("device, stage", eventsOf(of("ftd_environment_monitoring_failures_total"))), legend: "{{device}} monitor: {{stage}}"},
		query{expr: maxBy("device, stage", eventsOf(of("ftd_eobc_rpc_failures_total"))), legend: "{{device}} EOBC: {{stage}}"},
	).events()

	// A counter does not tell when; the time of the last message does.
	reported := func(labels, metric, ids string) []column {
		return []column{
			{"last", milliseconds("(" + maxBy(labels, of(metric)) + " * 0 + on (device) group_left () " + maxBy("device", of("ftd_message_last_received_timestamp_seconds", `message_id=~"`+ids+`"`)) + ")"), ago()},
			{"reports", maxBy(labels, of(metric)), []any{"custom.width", 70}},
		}
	}
	links := table(12, "PCI devices with a wrong link", "Reports of PCI devices that came up with a wrong link width or speed, and the last time that the device reported any.",
		[]string{"device", "pci_address", "pci_vendor", "pci_device", "attribute"}, "last",
		reported("device, pci_address, pci_vendor, pci_device, attribute", "ftd_pci_link_mismatches_total", "743000")...)
	missing := table(12, "PCI devices missing", "Reports of PCI devices that the system needs and did not find, and the last time that the device reported any.",
		[]string{"device", "pci_vendor", "pci_device"}, "last",
		reported("device, pci_vendor, pci_device", "ftd_pci_missing_devices_total", "743004")...)
	post := table(24, "Crypto self-test failures", "Failures of the power-on self-test of the crypto engine, and the last time that the device reported any. If the message does not name an algorithm, the labels are unspecified.",
		[]string{"device", "engine", "algorithm", "mode", "direction", "key_bits"}, "last",
		reported("device, engine, algorithm, mode, direction, key_bits", "ftd_post_failures_total", "774001|774002")...)

	alerts := alertTable(12, "Alerts of the device", "Alerts that fire now for the device, the most severe first. Click a name for its runbook.", `device!=""`)
	const sparse = " A device reports only while a limit is near or exceeded; a gap means that it did not report."
	shares := chart(12, "Capacity", "The highest use of quotas, of cluster load and of drop rates, as a share of their limit or threshold (100 %), and of CPU and memory."+sparse, "percentunit",
		query{expr: quotaShareOver(highest), legend: "{{resource}} {{scope}}"},
		query{expr: clusterShareOver(highest), legend: "cluster {{resource}} {{member}}"},
		query{expr: threatShareOver(highest), legend: "{{object}} drops"},
		query{expr: maxBy("device, resource", highest(of("ftd_system_utilization_ratio"))), legend: "{{resource}}"},
	).limit(1).sparse()
	site := table(12, "Others at the site", "Devices at the same site, by the label site of the inventory, that are not OK either, and the state of each.", []string{"device", "site"}, "state",
		column{
			"state", maxBy("device, site", "("+strings.Replace(state(), `device=~`, `device!~`, 1)+" > 0) * on (job, device) group_left (site) device:ftd_device_labels:info{job=~\"$job\",device!~\"$device\",site!=\"\"} and on (site) "+recorded("device:ftd_device_labels:info")),
			[]any{"mappings", worstWords(), "custom.cellOptions", cell()},
		}).with("noValue", "none known")

	bySeverity := chart(12, "Messages by severity", "All messages of the device, in the catalog or not, by the severity in their tag.", "suffix:/s",
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
	recent := table(24, "Recent messages", "The last message of each id in the catalog, with its severity and summary and the number of messages.",
		[]string{"device", "message_id", "severity", "summary"}, "last",
		column{"last", milliseconds(explained(maxBy(perID, of("ftd_message_last_received_timestamp_seconds")))), ago()},
		column{"messages", explained("(" + maxBy(perID, of("ftd_messages_total")) + " and on (" + perID + ") " + of("ftd_message_last_received_timestamp_seconds") + ")"), nil},
	)

	recent.overrides = append(recent.overrides, override("byName", "message_id", "links", []object{{
		"title": "Meaning of ${__value.text}, and what to do", "url": "http://${web}/messages#${__value.raw}", "targetBlank": true,
	}}))
	worstNow = worstNow.with("links", []object{{"title": "Page of ${__field.labels.device}", "url": "http://${web}/device?name=${__field.labels.device:percentencode}", "targetBlank": true}})
	note := func(name, color, expr, title string, at bool) object {
		return object{
			"name": name, "datasource": datasource(), "enable": true, "hide": false, "iconColor": color,
			"expr": expr, "step": "60s", "titleFormat": title, "useValueForTime": at,
		}
	}

	return board{
		uid: "ftd-device", title: "FTD / Device",
		description: "One firewall, or a few side by side: its alerts, capacity, components and temperatures over time, failover, interfaces, faults, messages.",
		from:        "now-24h", refresh: "1m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), oneDeviceVariable(), webVariable()},
		annotations: []object{
			note("Alerts", broken, firing(`device!=""`, `severity!="info"`), "{{alertname}} {{component}} {{unit}}", false),
			note("Boots", "blue", milliseconds(of("ftd_boot_timestamp_seconds")), "{{device}} boots", true),
			note("Failovers", absent, milliseconds(of("ftd_failover_state_changed_timestamp_seconds")), "{{device}} {{failover_unit}} unit changes its role", true),
			note("Heat shutdowns", severe, milliseconds(of("ftd_message_last_received_timestamp_seconds", `message_id=~"735022|735027|735029"`)), "{{device}} switches itself off", true),
		},
		rows: slices.Concat([]row{
			{height: 4, panels: []panel{worstNow, heard, skew, addresses, shutdowns, blind}},
			{height: 8, panels: []panel{alerts, shares}},
			{title: "Hardware", height: 8, panels: []panel{components}},
			{height: 6, panels: []panel{sensors}},
			{height: 9, panels: []panel{temperatures, sensorsNow}},
			{height: 9, panels: []panel{history, alarms}},
		}, failoverRows(), chassisRows(), []row{
			{title: "Messages", height: 9, panels: []panel{recent}},
			{height: 7, panels: []panel{bySeverity, site}},
			{title: "Cards and self-test", folded: true, height: 6, panels: []panel{links, missing}},
			{height: 5, panels: []panel{post}},
		}, clusterRows(), systemRows()),
	}
}
