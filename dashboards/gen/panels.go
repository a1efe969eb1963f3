package main

import "strconv"

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

func okOrFailed() []object { return words(word{0, "FAILED", "red"}, word{1, "OK", "green"}) }

func upOrDown() []object { return words(word{0, "DOWN", "red"}, word{1, "UP", "green"}) }

func temperatureWords() []object {
	return words(word{0, "ok", "green"}, word{1, "warm", "orange"}, word{2, "critical", "red"})
}

func worstWords() []object {
	return words(word{0, "unknown", "blue"}, word{1, "OK", "green"}, word{2, "warning", "orange"}, word{3, "critical", "red"}, word{4, "FAILED", "dark-red"})
}

// neverReceived replaces an age of decades, which results from the timestamp 0.
func neverReceived() []object {
	return []object{{"type": "range", "options": object{
		"from": 1e9, "to": nil, "result": object{"text": "never received", "color": "red", "index": 0},
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
		defaults: object{"color": object{"mode": "thresholds"}, "thresholds": thresholds("blue"), "noValue": "none"},
		options: object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"orientation":   "auto", "textMode": "auto", "colorMode": "background", "graphMode": "none", "justifyMode": "center", "wideLayout": true,
			"showPercentChange": false, "percentChangeColorMode": "standard",
		},
	}
}

// bars shows the last values of its queries as horizontal bars, with their
// names and values.
func bars(width int, title, description, unit string, queries ...query) panel {
	return panel{
		kind: "bargauge", title: title, description: description, unit: unit, width: width, queries: queries,
		defaults: object{"color": object{"mode": "thresholds"}, "thresholds": thresholds("blue"), "min": 0, "noValue": "none"},
		options: object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"orientation":   "horizontal", "displayMode": "basic", "valueMode": "text", "namePlacement": "left",
			"showUnfilled": true, "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 40,
			"legend": noLegend(),
		},
	}
}

// chart draws its queries over time.
func chart(width int, title, description, unit string, queries ...query) panel {
	return panel{
		kind: "timeseries", title: title, description: description, unit: unit, width: width, queries: queries,
		defaults: object{
			"color":      object{"mode": "palette-classic"},
			"thresholds": thresholds("green"),
			"min":        0,
			"custom": object{
				"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10, "showPoints": "auto", "pointSize": 5,
				"spanNulls": false, "lineInterpolation": "linear", "stacking": object{"mode": "none", "group": "A"},
				"thresholdsStyle": object{"mode": "off"},
			},
		},
		options: object{
			"legend":  object{"displayMode": "table", "placement": "right", "showLegend": true, "calcs": []string{"lastNotNull", "max"}},
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

// events draws counts of rare events as bars.
func (p panel) events() panel {
	return p.custom("drawStyle", "bars").custom("fillOpacity", 80).custom("lineWidth", 1)
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
			"custom": object{"fillOpacity": 85, "lineWidth": 0}, "noValue": "nothing reported",
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

// table shows the labels of its columns' series, which must have the same
// labels, and a value for each column, sorted by the column called order,
// highest first.
func table(width int, title, description string, labels []string, order string, columns ...column) panel {
	p := panel{
		kind: "table", title: title, description: description, unit: "none", width: width,
		defaults: object{
			"color": object{"mode": "thresholds"}, "thresholds": thresholds("text"), "noValue": "none",
			"custom": object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false, "inspect": false},
		},
		options: object{
			"showHeader": true, "cellHeight": "sm", "frameIndex": 0,
			"footer": object{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""},
		},
	}
	index, rename := object{}, object{}
	for i, l := range labels {
		index[l] = i
		if l == "device" {
			p.overrides = append(p.overrides, override("byName", "device", "links", []object{{
				"title": "Open ${__value.text}", "targetBlank": false,
				"url": "/d/ftd-device?${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&var-device=${__value.raw:percentencode}&${__url_time_range}",
			}}))
		}
	}
	for i, c := range columns {
		field := "Value"
		if len(columns) > 1 {
			field = "Value #" + string(rune('A'+i))
		}
		index[field], rename[field] = len(labels)+i, c.name
		p.queries = append(p.queries, query{expr: c.expr, instant: true, table: true})
		if len(c.properties) > 0 {
			p.overrides = append(p.overrides, override("byName", c.name, c.properties...))
		}
	}
	p.transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "organize", "options": object{"excludeByName": object{"Time": true}, "indexByName": index, "renameByName": rename}},
		{"id": "sortBy", "options": object{"fields": object{}, "sort": []object{{"field": order, "desc": true}}}},
	}
	return p
}

// cell colors the cells of a column by their words or thresholds.
func cell() object { return object{"type": "color-background", "mode": "basic"} }

// ago shows a column of milliseconds since 1970 as an age.
func ago() []any { return []any{"unit", "dateTimeFromNow"} }
