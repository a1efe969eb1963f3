package main

import (
	"bytes"
	"encoding/json"
	"maps"
)

// schemaVersion is the dashboard schema of Grafana 11.0. Later versions migrate
// a dashboard when they load it.
const schemaVersion = 39

// tag is on every board; the links between the boards select it.
const tag = "ftd-exporter"

// object is a JSON object.
type object = map[string]any

// A board is a dashboard: rows of panels from top to bottom.
type board struct {
	uid, title, description string
	from                    string // Start of the time shown, such as now-6h.
	refresh                 string
	variables               []object
	rows                    []row
}

// A row is a line of panels of one height, from left to right. With a title it
// has a heading.
type row struct {
	title  string
	height int
	panels []panel
}

// A panel is one chart, table or number.
type panel struct {
	kind, title, description string
	unit                     string
	width                    int // In columns; the screen has 24.
	queries                  []query
	defaults                 object // Further keys of fieldConfig.defaults.
	overrides                []object
	options                  object
	transformations          []object
}

// A query is an expression and the names of its series. An instant query is
// evaluated at the end of the time shown only.
type query struct {
	expr, legend   string
	instant, table bool
}

// json returns the board as Grafana loads it.
func (b board) json() []byte {
	var panels []object
	y, id := 0, 0
	add := func(p object, x, width, height int) {
		id++
		p["id"] = id
		p["gridPos"] = object{"x": x, "y": y, "w": width, "h": height}
		panels = append(panels, p)
	}
	for _, r := range b.rows {
		if r.title != "" {
			add(object{"type": "row", "title": r.title, "collapsed": false, "panels": []object{}}, 0, 24, 1)
			y++
		}
		x := 0
		for _, p := range r.panels {
			add(p.json(), x, p.width, r.height)
			x += p.width
		}
		y += r.height
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(object{
		"uid":           b.uid,
		"title":         b.title,
		"description":   b.description,
		"tags":          []string{tag},
		"schemaVersion": schemaVersion,
		"version":       1,
		"editable":      true,
		"graphTooltip":  1,
		"timezone":      "browser",
		"refresh":       b.refresh,
		"time":          object{"from": b.from, "to": "now"},
		"annotations":   object{"list": []object{}},
		"templating":    object{"list": b.variables},
		"links": []object{{
			"type": "dashboards", "tags": []string{tag}, "title": "Firewalls", "tooltip": "",
			"asDropdown": false, "keepTime": true, "includeVars": true, "targetBlank": false, "icon": "external link", "url": "",
		}},
		"panels": panels,
	})
	if err != nil {
		panic(err) // Every value in it can be written as JSON.
	}
	return out.Bytes()
}

func (p panel) json() object {
	targets := []object{}
	for i, q := range p.queries {
		t := object{
			"refId": string(rune('A' + i)), "datasource": datasource(), "editorMode": "code",
			"expr": q.expr, "legendFormat": q.legend, "instant": q.instant, "range": !q.instant,
			"format": "time_series",
		}
		if q.table {
			t["format"] = "table"
		}
		targets = append(targets, t)
	}
	defaults := object{"unit": p.unit}
	maps.Copy(defaults, p.defaults)
	out := object{
		"type": p.kind, "title": p.title, "description": p.description, "datasource": datasource(),
		"targets": targets, "options": p.options,
		"fieldConfig": object{"defaults": defaults, "overrides": append([]object{}, p.overrides...)},
	}
	if p.transformations != nil {
		out["transformations"] = p.transformations
	}
	return out
}

func datasource() object { return object{"type": "prometheus", "uid": "${datasource}"} }
