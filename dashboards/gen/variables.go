package main

import "strings"

// The variables at the top of the boards.

// datasourceVariable lets the user choose a Prometheus; the first is the
// default.
func datasourceVariable() object {
	return object{
		"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus",
		"regex": "", "refresh": 1, "multi": false, "includeAll": false, "hide": 0, "options": []object{}, "current": object{"selected": false, "text": "default", "value": "default"},
	}
}

// queryVariable is a variable whose values come from Prometheus. All is
// the pattern allValue, which also includes series without the label, such as an imported
// history, and series that have ended.
func queryVariable(name, label, expr, regex, allValue string) object {
	v := object{
		"type": "query", "name": name, "label": label, "datasource": datasource(),
		"definition": expr, "query": object{"query": expr, "refId": "StandardVariableQuery"}, "regex": regex,
		"refresh": 2, "sort": 1, "multi": true, "includeAll": true, "hide": 0, "options": []object{},
		"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
	}
	v["allValue"] = allValue
	return v
}

// origins selects a metric of each exporter and a metric of each device, so that
// the jobs and instances of a history that ftd_exporter backfill has written are
// found, too.
func origins(matchers ...string) string {
	name := `__name__=~"ftd_exporter_build_info|ftd_device_last_message_timestamp_seconds"`
	return "{" + strings.Join(append([]string{name}, matchers...), ",") + "}"
}

func jobVariable() object {
	return queryVariable("job", "Job", `label_values(`+origins()+`, job)`, "", ".*")
}

func instanceVariable() object {
	return queryVariable("instance", "Exporter", `label_values(`+origins(`job=~"$job"`)+`, instance)`, "", ".*")
}

// siteVariable is the label site of the inventory, if it has one.
func siteVariable() object {
	return queryVariable("site", "Site", `label_values(`+own("ftd_device_labels_info")+`, site)`, "", ".*")
}

// deviceVariable lists the devices of the selected sites.
func deviceVariable() object {
	return queryVariable("device", "Device",
		`query_result(group by (device) (`+own("ftd_device_last_message_timestamp_seconds")+atSite+`))`, `/device="([^"]+)"/`, ".*")
}

// oneDeviceVariable selects one device, the first at the start, or several, but
// not all: a board about each of 300 devices is of no use.
func oneDeviceVariable() object {
	v := deviceVariable()
	v["includeAll"], v["current"] = false, none()
	delete(v, "allValue")
	return v
}

// none selects nothing, so that Grafana selects the first value.
func none() object { return object{"selected": false, "text": "", "value": ""} }

// webVariable is the address of an exporter, for links to its pages.
func webVariable() object {
	v := queryVariable("web", "Pages of", `label_values(`+own("ftd_exporter_limit")+`, instance)`, "", "")
	v["multi"], v["includeAll"], v["current"] = false, false, none()
	delete(v, "allValue")
	return v
}

// anyDeviceVariable lists all devices.
func anyDeviceVariable() object {
	return queryVariable("device", "Device", `label_values(`+own("ftd_device_last_message_timestamp_seconds")+`, device)`, "", ".*")
}

// silenceVariable is the age of the last message at which a device counts as
// silent.
func silenceVariable() object {
	option := func(text, value string, selected bool) object {
		return object{"text": text, "value": value, "selected": selected}
	}
	return object{
		"type": "custom", "name": "silence", "label": "Silent after", "query": "5 min : 300, 15 min : 900, 1 h : 3600, 6 h : 21600, 1 d : 86400",
		"multi": false, "includeAll": false, "hide": 0,
		"options": []object{
			option("5 min", "300", false), option("15 min", "900", false), option("1 h", "3600", true),
			option("6 h", "21600", false), option("1 d", "86400", false),
		},
		"current": option("1 h", "3600", true),
	}
}
