package main

// fleet is the board for a wall screen: one page, nothing to click.
func fleet() board {
	b := board{
		uid: "ftd-fleet", title: "FTD / Fleet",
		description: "All firewalls on one screen: failed components, hot sensors, silent devices, exhausted capacity. For a wall screen, add ?kiosk to the address.",
		from:        "now-6h", refresh: "30s",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable(".*"), silenceVariable()},
	}

	states := stat(16, "Devices by worst state", "Each device once, by the worst of all its states: components, temperatures, failover, interfaces, modules, cluster. Unknown devices have never reported any state, which is not OK.", "none")
	for i, s := range []struct{ name, color string }{
		{"unknown", "blue"}, {"OK", "green"}, {"warning", "orange"}, {"critical", "red"}, {"FAILED", "red"},
	} {
		states.queries = append(states.queries, query{expr: orZero("count((" + worst() + atSite + ") == " + string(rune('0'+i)) + ")"), legend: s.name})
		if i >= 2 { // States that need attention.
			states.overrides = append(states.overrides, override("byName", s.name, "thresholds", thresholds("green", step{1, s.color})))
		} else {
			states.overrides = append(states.overrides, override("byName", s.name, "color", fixed(s.color)))
		}
	}
	states.options["textMode"] = "value_and_name"
	states.options["orientation"] = "vertical"

	firing := `ALERTS{alertstate="firing",alertname=~"FTD.+",device=~"$device"}`
	alerts := stat(4, "Alerts firing", "Alerts of ftd_exporter's rules that fire now, for the selected devices and the exporters.", "none",
		query{expr: orZero("count(" + maxBy("alertname, device, severity", firing) + atSite + ")")}).
		with("thresholds", thresholds("green", step{1, "red"}))
	exporters := stat(4, "Exporters", "Whether Prometheus reaches every selected exporter. If an exporter is down, its part of this board is out of date.", "none",
		query{expr: "min(" + own("up") + ")"}).
		with("mappings", words(word{0, "DOWN", "red"}, word{1, "all UP", "green"}))

	failures := table(12, "Failed components", "Failed components, with the time of the failure. A component leaves the list when the device reports it as working.",
		[]string{"device", "component", "unit"}, "since",
		column{"state", failed() + atSite, []any{"mappings", okOrFailed(), "custom.cellOptions", cell()}},
		column{"since", milliseconds(maxBy("device, component, unit", of("ftd_component_state_changed_timestamp_seconds")+
			" and on (device, component, unit) ("+of("ftd_component_ok")+" == 0)")) + atSite, ago()},
	).with("noValue", "nothing has failed")

	celsius := top(8, maxBy("device, component, unit", of("ftd_temperature_celsius"))+atSite)
	hottest := table(12, "Hottest sensors", "The eight highest temperatures that devices last reported, with their state by the device's own limits. Devices report when a state changes, so a value may be old.",
		[]string{"device", "component", "unit"}, "temperature",
		column{"temperature", celsius, []any{"unit", "celsius"}},
		column{"state", temperatureState() + " and on (device, component, unit) " + celsius, []any{"mappings", temperatureWords(), "custom.cellOptions", cell()}},
	).with("noValue", "no temperature reported")

	silent := table(8, "Silent devices", "Devices that have sent nothing for longer than the time selected as Silent after. Includes devices in the inventory that have never sent a message.",
		[]string{"device"}, "silent for",
		column{
			"silent for", sinceNow(maxBy("device", of("ftd_device_last_message_timestamp_seconds"))) + " > $silence" + atSite,
			[]any{"unit", "s", "mappings", neverReceived(), "color", fixed("orange"), "custom.cellOptions", object{"type": "color-text"}},
		},
	).with("noValue", "all devices are sending")

	pressure := bars(8, "Capacity pressure", "The highest shares of a limit or threshold: quotas, cluster load, drop rates. 100 % is the limit. A device reports only while a limit is near or exceeded.", "percentunit",
		query{expr: top(3, quotaShare()+atSite), legend: "{{device}} {{resource}} {{scope}}", instant: true},
		query{expr: top(3, clusterShare()+atSite), legend: "{{device}} cluster {{resource}} {{member}}", instant: true},
		query{expr: top(3, threatShare()+atSite), legend: "{{device}} {{object}} drops", instant: true},
	).with("thresholds", thresholds("green", step{0.8, "orange"}, step{1, "red"})).with("noValue", "no pressure")

	list := table(8, "Firing alerts by name", "Which alerts fire, and for which device. An empty device means an alert about an exporter.",
		[]string{"severity", "alertname", "device"}, "firing",
		column{"firing", maxBy("alertname, device, severity", firing) + atSite, []any{"mappings", words(word{1, "firing", "red"}), "custom.cellOptions", cell()}},
	).with("noValue", "no alert")

	for _, t := range []*panel{&failures, &hottest, &silent, &list} {
		t.options["cellHeight"] = "md"
	}
	b.rows = []row{
		{height: 4, panels: []panel{states, alerts, exporters}},
		{height: 8, panels: []panel{failures, hottest}},
		{height: 8, panels: []panel{silent, pressure, list}},
	}
	return b
}
