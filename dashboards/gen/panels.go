package main

import (
	"slices"
	"strconv"
)

// The kinds of panels and the display of their values.

// A step is the color of the values from a threshold on.
type step struct {
	from  float64
	color string
}

// thresholds are a base color and the steps above it.
func thresholds(base string, steps ...step) object {
	list := []object{{"color": base, "value": nil}}
	for _, s := range steps {
		list = append(list, object{"color": s.color, "value": s.from})
	}
	return object{"mode": "absolute", "steps": list}
}

// colors are thresholds whose base is below all values. A single value that is
// missing has the color of the base, which must say neither good nor bad.
func colors(base string, steps ...step) object {
	return thresholds(idle, append([]step{{-1e12, base}}, steps...)...)
}

// A word is the text shown for a value, and its color.
type word struct {
	value       int
	text, color string
}

// words are value mappings, for readers who cannot distinguish red from green.
func words(list ...word) []object {
	options := object{}
	for i, w := range list {
		options[strconv.Itoa(w.value)] = object{"text": w.text, "color": w.color, "index": i}
	}
	return []object{{"type": "value", "options": options}}
}

// The colors of states differ in lightness, too; the words have symbols.
const (
	good   = "dark-green"
	warned = "yellow"
	severe = "orange"
	broken = "red"
	idle   = "transparent" // Nothing to look at: zeros, and what is as it should be.
	absent = "purple"
)

func okOrFailed() []object { return words(word{0, "✖ FAILED", broken}, word{1, "OK", good}) }

func upOrDown() []object { return words(word{0, "✖ DOWN", broken}, word{1, "up", good}) }

func temperatureWords() []object {
	return words(word{0, "ok", good}, word{1, "◆ warm", warned}, word{2, "▲ critical", severe})
}

func worstWords() []object {
	return words(word{-1, "○ unknown", idle}, word{0, "OK", good}, word{1, "◆ warning", warned}, word{2, "▲ critical", severe}, word{3, "✖ FAILED", broken}, word{4, "? silent", absent})
}

// neverReceived replaces an age of decades, which results from the timestamp 0.
func neverReceived() []object {
	return []object{{"type": "range", "options": object{
		"from": 1e9, "to": nil, "result": object{"text": "never", "color": absent, "index": 0},
	}}}
}

// override sets properties of the fields that a matcher finds. Properties are
// pairs of an id and a value.
func override(matcher, name string, properties ...any) object {
	var list []object
	for i := 0; i < len(properties); i += 2 {
		list = append(list, object{"id": properties[i], "value": properties[i+1]})
	}
	return object{"matcher": object{"id": matcher, "options": name}, "properties": list}
}

func fixed(color string) object { return object{"mode": "fixed", "fixedColor": color} }

// noLegend hides the legend of a panel.
func noLegend() object {
	return object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}}
}

// stat shows the last values of its queries in large letters on their color.
func stat(width int, title, description, unit string, queries ...query) panel {
	return panel{
		kind: "stat", title: title, description: description, unit: unit, width: width, queries: queries,
		defaults: object{"color": object{"mode": "thresholds"}, "thresholds": colors("blue"), "noValue": "none known"},
		options: object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"orientation":   "auto", "textMode": "auto", "colorMode": "background_solid", "graphMode": "none", "justifyMode": "center", "wideLayout": true,
			"showPercentChange": false, "percentChangeColorMode": "standard",
		},
	}
}

// bars shows the last values of its queries as horizontal bars, with their
// names and values.
func bars(width int, title, description, unit string, queries ...query) panel {
	return panel{
		kind: "bargauge", title: title, description: description, unit: unit, width: width, queries: queries,
		defaults: object{"color": object{"mode": "thresholds"}, "thresholds": colors("semi-dark-blue"), "min": 0, "noValue": "none known"},
		options: object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"orientation":   "horizontal", "displayMode": "basic", "valueMode": "text", "namePlacement": "left",
			"showUnfilled": true, "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 40,
			"legend": noLegend(),
		},
	}
}

// namesAbove moves the names of bars above them, where there is room for long ones.
func (p panel) namesAbove() panel {
	p.options["namePlacement"] = "top"
	return p
}

// named shows the name of each value above it.
func (p panel) named() panel {
	p.options["textMode"], p.options["wideLayout"] = "value_and_name", false
	return p
}

// chart draws its queries over time.
func chart(width int, title, description, unit string, queries ...query) panel {
	return panel{
		kind: "timeseries", title: title, description: description, unit: unit, width: width, queries: queries,
		defaults: object{
			"color":      object{"mode": "palette-classic"},
			"thresholds": thresholds("green"),
			"min":        0,
			"noValue":    "no report known in the time shown",
			"custom": object{
				"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10, "showPoints": "auto", "pointSize": 5,
				"spanNulls": false, "axisSoftMax": 1, "lineInterpolation": "linear", "stacking": object{"mode": "none", "group": "A"},
				"thresholdsStyle": object{"mode": "off"},
			},
		},
		options: object{
			"legend":  object{"displayMode": "table", "placement": "right", "showLegend": true, "calcs": []string{"max"}, "sortBy": "Max", "sortDesc": true},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		},
	}
}

// custom changes how a chart is drawn.
func (p panel) custom(key string, value any) panel {
	p.defaults["custom"].(object)[key] = value
	return p
}

// stacked stacks the series of a chart.
func (p panel) stacked() panel {
	return p.custom("stacking", object{"mode": "normal", "group": "A"}).custom("fillOpacity", 40)
}

// events draws counts of rare events as bars, each event in one of them. A series
// without an event in the time shown is left out; the others keep their zeros, because
// Grafana makes the only bar of a series as wide as it can.
func (p panel) events() panel {
	p.interval = "5m"
	p.options["legend"] = object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}
	for i, q := range p.queries {
		p.queries[i].expr = "(" + q.expr + ") and (" + inRange(q.expr) + ") > 0"
	}
	return p.with("decimals", 0).with("noValue", "none known").custom("drawStyle", "bars").custom("fillOpacity", 80).custom("lineWidth", 1)
}

// hourly draws the events of each hour, for a time of days.
func (p panel) hourly() panel {
	p = p.events()
	p.interval = "1h"
	return p
}

// daily draws the events of each day, counted by dayEventsOf, at its start: Grafana asks
// for multiples of the step, so today would not be there at its end.
func (p panel) daily() panel {
	p = p.events().stacked()
	p.interval = "1d"
	return p
}

// sparse draws series that have gaps most of the time: as points and steps.
func (p panel) sparse() panel {
	return p.custom("showPoints", "always").custom("fillOpacity", 0).custom("lineInterpolation", "stepAfter")
}

// with changes a property of all fields.
func (p panel) with(key string, value any) panel {
	p.defaults[key] = value
	return p
}

// limit draws a line across a chart, red above it.
func (p panel) limit(value float64) panel {
	return p.with("thresholds", thresholds("green", step{value, "red"})).custom("thresholdsStyle", object{"mode": "dashed"})
}

// dashed draws the series of the query called ref as a dashed line in one
// color: a threshold beside its values.
func (p panel) dashed(ref, color string) panel {
	p.overrides = append(p.overrides, override("byFrameRefID", ref,
		"custom.lineStyle", object{"fill": "dash", "dash": []int{10, 10}}, "custom.fillOpacity", 0, "custom.lineWidth", 1, "color", fixed(color)))
	return p
}

// timeline shows states over time, one line for each series.
func timeline(width int, title, description string, mappings []object, queries ...query) panel {
	return panel{
		kind: "state-timeline", title: title, description: description, unit: "none", width: width, queries: queries,
		defaults: object{
			"mappings": mappings, "color": object{"mode": "thresholds"}, "thresholds": thresholds("text"),
			"custom": object{"fillOpacity": 85, "lineWidth": 0}, "noValue": "no report known",
		},
		options: object{
			"mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.9,
			"legend":  noLegend(),
			"tooltip": object{"mode": "single", "sort": "none"},
		},
	}
}

// A column is a column of values in a table.
type column struct {
	name, expr string
	properties []any // As in override.
}

// widths are the columns that do not share the rest of the width equally.
var widths = map[string]int{
	"message_id": 95, "severity": 90, "unit": 60, "since": 130, "last": 130, "last report": 130, "for": 72, "state": 90, "rate_id": 70,
	"pci_address": 95, "pci_vendor": 95, "pci_device": 95, "key_bits": 75, "messages": 90, "code": 75, "limit": 80, "version": 90, "hangs": 65, "link": 80,
}

// table shows the labels of its columns' series, which must have the same
// labels, and a value for each column, sorted by the column called order,
// highest first.
//
// A unit of the table would make Grafana read labels as numbers, and its text for
// no value would stand in every empty cell: the text is for an empty table only.
func table(width int, title, description string, labels []string, order string, columns ...column) panel {
	p := panel{
		kind: "table", title: title, description: description, width: width,
		defaults: object{
			"color": object{"mode": "thresholds"}, "thresholds": thresholds(idle), "noValue": "none known",
			"custom": object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false, "inspect": false, "minWidth": 60},
		},
		overrides: []object{override("byType", "string", "noValue", " "), override("byType", "number", "noValue", "–")},
		options: object{
			"showHeader": true, "cellHeight": "sm", "frameIndex": 0,
			"footer": object{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""},
		},
	}
	index, rename := object{}, object{}
	for i, l := range labels {
		index[l] = i
		p.label(l)
	}
	for i, c := range columns {
		field := "Value"
		if len(columns) > 1 {
			field = "Value #" + string(rune('A'+i))
		}
		index[field], rename[field] = len(labels)+i, c.name
		p.queries = append(p.queries, query{expr: c.expr, instant: true, table: true})
		properties := c.properties
		if !slices.Contains(properties, any("unit")) {
			properties = append([]any{"unit", "none"}, properties...)
		}
		if n := widths[c.name]; n > 0 && !slices.Contains(properties, any("custom.width")) {
			properties = append(properties, "custom.width", n)
		}
		p.overrides = append(p.overrides, override("byName", c.name, properties...))
	}
	p.transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "organize", "options": object{"excludeByName": object{"Time": true}, "indexByName": index, "renameByName": rename}},
		{"id": "sortBy", "options": object{"fields": object{}, "sort": []object{{"field": order, "desc": true}}}},
	}
	return p
}

// label sets the width and the link of the column of a label.
func (p *panel) label(name string) {
	var properties []any
	if n := widths[name]; n > 0 {
		properties = append(properties, "custom.width", n)
	}
	if name == "device" {
		properties = append(properties, "links", []object{{
			"title": "Open ${__value.text}", "targetBlank": false,
			"url": "/d/ftd-device?${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&var-device=${__value.raw:percentencode}&${__url_time_range}",
		}})
	}
	if len(properties) > 0 {
		p.overrides = append(p.overrides, override("byName", name, properties...))
	}
}

// then sorts rows that are equal in the order of the table by another column,
// highest first. Sorting is stable.
func (p panel) then(by string) panel {
	last := len(p.transformations) - 1
	p.transformations = append(p.transformations[:last:last],
		object{"id": "sortBy", "options": object{"fields": object{}, "sort": []object{{"field": by, "desc": true}}}}, p.transformations[last])
	return p
}

// thenRising is then with the lowest first.
func (p panel) thenRising(by string) panel {
	p = p.then(by)
	p.transformations[len(p.transformations)-2]["options"].(object)["sort"].([]object)[0]["desc"] = false
	return p
}

// leading moves the first column of values before the labels, where it is seen on
// a phone, too.
func (p panel) leading() panel {
	index := p.transformations[1]["options"].(object)["indexByName"].(object)
	field := "Value"
	if len(p.queries) > 1 {
		field = "Value #A"
	}
	index[field] = -1
	return p
}

// rising sorts the table by its order, lowest first.
func (p panel) rising() panel {
	last := p.transformations[len(p.transformations)-1]
	last["options"].(object)["sort"].([]object)[0]["desc"] = false
	return p
}

// cell colors the cells of a column by their words or thresholds.
func cell() object { return object{"type": "color-background", "mode": "basic"} }

// ago shows a column of milliseconds since 1970 as an age, in words.
func ago() []any { return []any{"unit", "dateTimeFromNow"} }

// age shows a column of seconds, in less room than ago.
func age() []any { return []any{"unit", "s", "decimals", 0} }
