package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// runbook is the link of a column of alert names.
const runbook = "https://github.com/ftd-exporter/ftd_exporter/blob/main/docs/runbooks/${__value.raw}.md"

// fleet is the board for a wall screen: one page, nothing to click.
func fleet() board {
	return board{
		uid: "ftd-fleet", title: "FTD / Fleet",
		description: "All firewalls on one screen: the worst states, failed parts, alerts, hot sensors, silent devices, exhausted capacity. For a wall screen, add ?kiosk&autofitpanels to the address.",
		from:        "now-6h", refresh: "30s",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable(), silenceVariable()},
		rows: []row{
			{height: 4, panels: []panel{answer(), states(), alertCounts(), exportersUp()}},
			{height: 8, panels: []panel{problems(), pressure()}},
			{height: 8, panels: []panel{alertTable(12, "Firing alerts by name", "Critical alerts and warnings that fire now for the selected devices, and for exporters, the most severe first, then the most recent ones. Click a name for its runbook.", `severity!="info"`), hotSensors(), silentDevices()}},
		},
	}
}

// known is the number of known devices; it does not have a value if there are none. What
// counts devices is 0 times this number where there is nothing to count, so that no
// data is not shown as 0.
func known() string {
	return "count(" + lastMessage() + atSite + ")"
}

func countOf(expr string) string { return "count(" + expr + ") or 0 * " + known() }

// silent is the age of the last message of each device that is silent.
func silent() string {
	return silentFor("$silence") + atSite
}

// answer is the one thing that can be read from afar.
func answer() panel {
	p := stat(5, "The fleet", "How many devices have failed, are critical or are silent. WARNINGS: none, but some have a warning. UNKNOWN: none, but some have never reported a state, which management centers need not. BLIND: no exporter can be reached, or no device is known, and nothing here is true. NO RULES: Prometheus has not loaded the recording rules.", "suffix: problems",
		query{expr: "(max(" + exportersOf() + ") == 0) - 1" +
			" or (min(" + reports() + ") == 3) - 4" +
			" or count(group by (device) ((" + state() + atSite + ") >= 2) or group by (device) ((" + reports() + atSite + ") == 3) or group by (device) (" + silent() + "))" +
			" or 0 * count((" + state() + atSite + ") == 1) + 0.5" +
			" or 0 * count((" + state() + atSite + ") == -1) + 0.25" +
			" or 0 * count(" + state() + atSite + ")" +
			" or 0 * " + known() + " - 2" +
			" or vector(-1)"}).
		with("decimals", 0).with("thresholds", colors(broken)).with("noValue", "? BLIND").
		with("mappings", []object{{"type": "value", "options": object{
			"-2":   object{"text": "? NO RULES", "color": absent, "index": 0},
			"-1":   object{"text": "? BLIND", "color": absent, "index": 1},
			"0":    object{"text": "✔ ALL OK", "color": good, "index": 2},
			"0.25": object{"text": "○ UNKNOWN", "color": absent, "index": 5},
			"0.5":  object{"text": "◆ WARNINGS", "color": warned, "index": 3},
			"1":    object{"text": "✖ 1 problem", "color": broken, "index": 4},
		}}})
	p.options["textMode"] = "value"
	return p
}

// states counts the devices by their state.
func states() panel {
	p := stat(13, "Devices by state", "Each device once, by the worst of all its states: parts, temperatures, failover, interfaces, modules, cluster, chassis faults, and alarms that nothing withdraws. Unknown devices have never reported any state, which is not OK. A management center without a state of its own is OK while it reports. Silent devices are counted once more.", "none").
		with("noValue", "–").with("decimals", 0)
	tile := func(name, expr, color string) {
		p.queries = append(p.queries, query{expr: countOf(expr), legend: name})
		p.overrides = append(p.overrides, override("byName", name, "thresholds", thresholds(idle, step{1, color})))
	}
	for i, s := range []struct{ name, color string }{{"✖ FAILED", broken}, {"▲ critical", severe}, {"◆ warning", warned}} {
		tile(s.name, "("+state()+atSite+") == "+strconv.Itoa(3-i), s.color)
	}
	tile("? silent", silent(), absent)
	tile("○\u00a0unknown", "("+state()+atSite+") == -1", absent)
	tile("OK", "("+state()+atSite+") == 0", good)
	p.options["textMode"], p.options["orientation"] = "value_and_name", "vertical"
	return greyZeros(p)
}

// greyZeros shows the value 0 without a color of its own.
func greyZeros(p panel) panel {
	return p.with("mappings", []object{{"type": "value", "options": object{"0": object{"text": "0", "color": "transparent", "index": 0}}}})
}

// firing selects the firing alerts of the selected devices and of exporters, which
// do not have a device.
func firing(matchers ...string) string {
	return ofDeviceOrNone("ALERTS", append([]string{`alertstate="firing"`}, matchers...)...)
}

func ofDeviceOrNone(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`alertname=~"FTD.+"`, `job=~"$job|"`, `device=~"$device|"`}, matchers...), ",") + "}"
}

// alertCounts counts the alerts by severity. Without an exporter of which the alerts
// could be, it does not have a value.
func alertCounts() panel {
	p := stat(3, "Alerts firing", "Alerts of ftd_exporter's rules that fire now for the selected devices, and for exporters.", "none").
		with("decimals", 0).with("noValue", "–")
	for _, s := range []struct{ name, color string }{{"critical", broken}, {"warning", warned}} {
		p.queries = append(p.queries, query{expr: "count(" + firing(`severity="`+s.name+`"`) + atSite + ") or 0 * count(" + exportersOf() + ")", legend: s.name})
		p.overrides = append(p.overrides, override("byName", s.name, "thresholds", thresholds(idle, step{1, s.color})))
	}
	p.options["textMode"], p.options["orientation"] = "value_and_name", "horizontal"
	return greyZeros(p)
}

func exportersUp() panel {
	return stat(3, "Exporters", "How many of the selected exporters Prometheus cannot reach. If one is down, its part of this board is out of date.", "suffix: down",
		query{expr: "count(" + exportersOf() + " == 0) or 0 * count(" + exportersOf() + ")"}).
		with("decimals", 0).with("noValue", "none known").with("thresholds", thresholds(idle, step{1, broken})).
		with("mappings", words(word{0, "all up", "transparent"}))
}

// ours leaves out the series of other programs in the job.
func ours(expr string) string {
	return "(" + expr + " and on (job, instance) " + own("ftd_exporter_limit", `limit="devices"`) + ")"
}

// exportersOf is the metric up of the selected exporters, and not of other programs
// of their jobs: of those that had a metric within a day that only ours has.
func exportersOf() string {
	return "(" + own("up") + " and on (job, instance) last_over_time(" + own("ftd_exporter_limit", `limit="devices"`) + "[1d]))"
}

// problems are lines with a part each that does not work. Seven lines of this size fit a
// screen of 768 pixels and can be read from five meters on a wall.
func problems() panel {
	p := stat(17, "Newest problems", "Parts that have failed or are critical, and alarms of the last day that no message withdraws, with the time since the device reported it; the newest seven. A part leaves when the device reports that it works.", "s",
		query{expr: "bottomk(7, time() - " + problemTimes() + atSite + ")", legend: "{{device}} {{part}}"}).
		with("thresholds", colors(broken)).with("noValue", "no failed part known").with("decimals", 0)
	p.options["textMode"], p.options["justifyMode"], p.options["orientation"] = "value_and_name", "auto", "horizontal"
	p.options["text"] = object{"titleSize": 24, "valueSize": 24}
	return p
}

// problemTimes are the times when parts failed, by device and part.
func problemTimes() string {
	const perUnit, perFailover, perModule, perFault = "device, component, unit", "device, failover_unit", "device, component, module", "device, code, component, object"
	called := func(expr, format, label string) string {
		return fmt.Sprintf(`label_replace(%s, "part", "%s", "%s", "(.*)")`, expr, format, label)
	}
	// Comparing before combining leaves few series to combine, and makes the dearest
	// query of the wall three times cheaper.
	active := func(labels, changed, state, metric, bad string, matchers ...string) string {
		record := strings.ReplaceAll(labels, ", ", "_") + ":" + changed + ":max"
		isBad := "(" + recorded(state, matchers...) + bad + " or on (" + labels + ") (" + of(metric, matchers...) + bad + " unless on (" + labels + ") " + recorded(state, matchers...) + "))"
		return maxBy(labels, "("+recorded(record)+" or on ("+labels+") "+of(changed)+") and on ("+labels+") "+isBad)
	}
	terms := []string{
		partName(active(perUnit, "ftd_component_state_changed_timestamp_seconds", "device_component_unit:ftd_component_ok:last", "ftd_component_ok", " == 0")),
		called(partName(active(perUnit, "ftd_temperature_state_changed_timestamp_seconds", "device_component_unit_state:ftd_temperature_state:last", "ftd_temperature_state", " == 1", `state="critical"`)), "$1 too hot", "part"),
		called(active(perFailover, "ftd_failover_state_changed_timestamp_seconds", "device_failover_unit_state:ftd_failover_state:last", "ftd_failover_state", " == 1", `state="failed"`), "$1 failover unit", "failover_unit"),
		called(active(perModule, "ftd_health_module_state_changed_timestamp_seconds", "device_component_module_state:ftd_health_module_state:last", "ftd_health_module_state", " == 1", `state="critical"`), "$1", "module"),
		called(active(perFault, "ftd_fxos_fault_state_changed_timestamp_seconds", "device_code_component_object:ftd_fxos_fault_severity:last", "ftd_fxos_fault_severity", " >= 5"), "fault $1", "code"),
		called(recorded("device_message_id:ftd_boot_fault:last", `message_id="743004"`), "PCI device missing", ""),
		called(recorded("device_message_id:ftd_boot_fault:last", `message_id=~"774.+"`), "crypto self-test", ""),
		called(recorded("device_message_id:ftd_message_last_received_timestamp_seconds:max", `message_id=~"735022|735027|735029"`)+" > time() - 86400", "heat shutdown", ""),
		called(recorded("device_message_id:ftd_message_last_received_timestamp_seconds:max", `message_id="735009"`)+" and on (device) "+recorded("device:ftd_environment_monitoring_up:min")+" == 0", "monitoring", ""),
	}
	return spaced("part", maxBy("device, part", strings.Join(terms, " or ")))
}

// partName adds the label part from the labels component and unit.
func partName(expr string) string {
	return `label_replace(label_join(` + expr + `, "part", " ", "component", "unit"), "part", "redundancy", "component", "power_supply_redundancy")`
}

// spaced writes the names in a label with spaces, as people do.
func spaced(label, expr string) string {
	for range 3 {
		expr = fmt.Sprintf(`label_replace(%s, "%s", "$1 $2", "%[2]s", "(.+)_(.+)")`, expr, label)
	}
	return expr
}

// pressure is one list of all kinds of capacity.
func pressure() panel {
	return bars(7, "Capacity pressure", "The highest shares of a limit or threshold now: quotas, cluster load, CPU and memory, and drop rates from twice their threshold on. 100 % is the limit. A device reports only while a limit is near or exceeded.", "percentunit",
		query{expr: top(6, ranked(func(l limit) string {
			if l.share == nil {
				return ""
			}
			return l.share(present) + l.pressing
		})), legend: "{{device}} {{what}}", instant: true}).
		with("thresholds", colors("semi-dark-blue", step{0.8, warned}, step{1, severe})).with("max", 1.5).with("noValue", "nothing reported").namesAbove()
}

// alertTable lists firing alerts.
func alertTable(width int, title, description string, matchers ...string) panel {
	const labels = "device, alertname, what"
	var bySeverity []string
	for i, s := range []string{"info", "warning", "critical"} {
		bySeverity = append(bySeverity, strconv.Itoa(i+1)+" * "+firing(append(matchers, `severity="`+s+`"`)...))
	}
	site := atSite
	if slices.Contains(matchers, `device=""`) {
		site = "" // Exporters have none.
	}
	what := func(expr string) string {
		return spaced("what", maxBy(labels, `label_join(`+expr+`, "what", " ", "component", "unit", "failover_unit", "interface", "module", "application", "member", "resource", "scope", "object", "code", "reason", "limit", "listener", "instance")`)) + site
	}
	p := table(width, title, description, []string{"device", "alertname", "what"}, "severity",
		column{"severity", what(strings.Join(bySeverity, " or ")), []any{"mappings", words(word{1, "info", idle}, word{2, "◆ warning", warned}, word{3, "▲ critical", broken}), "custom.cellOptions", cell()}},
		column{"for", "time() - " + what(ofDeviceOrNone("ALERTS_FOR_STATE", matchers...)+" and ignoring (alertstate) "+firing(matchers...)), age()},
	).thenRising("for").leading().with("noValue", "no alert fires")
	p.overrides = append(p.overrides, override("byName", "alertname", "displayName", "alert", "custom.width", 240, "links", []object{{"title": "Runbook of ${__value.raw}", "url": runbook, "targetBlank": true}}))
	return p
}

// hotSensors lists the sensors that are not as they should be.
func hotSensors() panel {
	const perUnit = "device, component, unit"
	hot := func(expr string) string { return spaced("part", maxBy("device, part", partName(expr))) + atSite }
	bad := " and on (" + perUnit + ") (" + temperatureState() + " > 0)"
	p := table(8, "Warm and critical sensors", "Sensors that the device reports as warm or critical by its own limits, critical ones first, by temperature, with the last temperature and how long the state has lasted.",
		[]string{"device", "part"}, "state",
		column{"state", hot(temperatureState() + " > 0"), []any{"mappings", temperatureWords(), "custom.cellOptions", cell()}},
		column{"°C", hot(kept(maxBy, perUnit, "device_component_unit:ftd_temperature_celsius:max", "ftd_temperature_celsius") + bad), []any{"unit", "celsius", "decimals", 0, "custom.width", 60}},
		column{"for", "time() - " + hot(kept(maxBy, perUnit, "device_component_unit:ftd_temperature_state_changed_timestamp_seconds:max", "ftd_temperature_state_changed_timestamp_seconds")+bad), age()},
	).then("°C").leading().with("noValue", "no warm sensor known")
	p.overrides = append(p.overrides, override("byName", "part", "custom.width", 82))
	return p
}

func silentDevices() panel {
	return table(4, "Silent devices", "Devices that have sent nothing for longer than the time selected as Silent after. Includes devices in the inventory that have never sent a message. Management centers are silent a week after their last health alert.",
		[]string{"device"}, "silent for",
		column{
			"silent for", silent(),
			[]any{"unit", "s", "decimals", 0, "mappings", neverReceived(), "color", fixed(absent), "custom.cellOptions", object{"type": "color-text"}},
		},
	).with("noValue", "no silent device known")
}
