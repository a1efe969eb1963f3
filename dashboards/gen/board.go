package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"strings"
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
	annotations             []object
	rows                    []row
}

// A row is a line of panels of one height, from left to right. With a title it
// has a heading. A folded heading hides the lines up to the next heading, whose
// queries run only after a click.
type row struct {
	title  string
	folded bool
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
	interval                 string // The least step of a chart, "1m" if it is empty.
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
	panels := []object{}
	y, id := 0, 0
	var folded object // The heading that hides the present line.
	add := func(p object, x, width, height int) {
		id++
		p["id"] = id
		p["gridPos"] = object{"x": x, "y": y, "w": width, "h": height}
		if folded != nil {
			folded["panels"] = append(folded["panels"].([]object), p)
		} else {
			panels = append(panels, p)
		}
	}
	for _, r := range b.rows {
		if r.title != "" {
			if folded != nil { // The lines below it take no room.
				y = folded["gridPos"].(object)["y"].(int) + 1
			}
			folded = nil
			heading := object{"type": "row", "title": r.title, "collapsed": r.folded, "panels": []object{}}
			add(heading, 0, 24, 1)
			if r.folded {
				folded = heading
			}
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
		"editable":      false,
		"graphTooltip":  1,
		"timezone":      "browser",
		"refresh":       b.refresh,
		"time":          object{"from": b.from, "to": "now"},
		"annotations":   object{"list": append([]object{}, b.annotations...)},
		"templating":    object{"list": b.variables},
		"links":         b.links(),
		"panels":        panels,
	})
	if err != nil {
		panic(err) // Every value in it can be written as JSON.
	}
	return out.Bytes()
}

// links are the links to the other boards. They keep the choices that both
// boards have, and the time. The wall always shows all devices, now.
func (b board) links() []object {
	list := []object{}
	for _, other := range []struct{ uid, title string }{
		{"ftd-fleet", "Fleet"}, {"ftd-device", "Device"}, {"ftd-capacity", "Capacity"}, {"ftd-exporter", "Exporter"},
	} {
		if other.uid == b.uid {
			continue
		}
		var keep []string
		for _, v := range b.variables {
			switch name := v["name"].(string); {
			case name == "device" && (other.uid == "ftd-fleet" || b.uid == "ftd-fleet"),
				name == "site" && other.uid == "ftd-exporter", name == "web", name == "silence":
			default:
				keep = append(keep, "${"+name+":queryparam}")
			}
		}
		list = append(list, object{
			"type": "link", "title": other.title, "tooltip": "", "icon": "dashboard", "url": "/d/" + other.uid + "?" + strings.Join(keep, "&"),
			"tags": []string{}, "asDropdown": false, "keepTime": other.uid != "ftd-fleet", "includeVars": false, "targetBlank": false,
		})
	}
	return list
}

func (p panel) json() object {
	targets := []object{}
	for i, q := range p.queries {
		// Only the present value is shown, and it must not be an older one.
		q.instant = q.instant || p.kind == "stat" || p.kind == "bargauge"
		t := object{
			"refId": string(rune('A' + i)), "datasource": datasource(), "editorMode": "code",
			"expr": expand(q.expr), "legendFormat": q.legend, "instant": q.instant, "range": !q.instant,
			"format": "time_series",
		}
		if q.table {
			t["format"] = "table"
		}
		targets = append(targets, t)
	}
	defaults := maps.Clone(p.defaults)
	if p.unit != "" {
		defaults["unit"] = p.unit
	}
	out := object{
		"type": p.kind, "title": p.title, "description": p.description, "datasource": datasource(),
		"targets": targets, "options": p.options,
		"fieldConfig": object{"defaults": defaults, "overrides": append([]object{}, p.overrides...)},
	}
	if p.kind == "timeseries" || p.kind == "state-timeline" {
		out["interval"] = cmp.Or(p.interval, "1m")
	}
	if p.transformations != nil {
		out["transformations"] = p.transformations
	}
	return out
}

func datasource() object { return object{"type": "prometheus", "uid": "${datasource}"} }
