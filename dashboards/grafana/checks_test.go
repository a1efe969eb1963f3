package grafana_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Checks of the contents of a panel, found by looking at pictures of it. Each returns the
// faults of a panel.
var checks = map[string]func(p panel) []string{
	"single values are those of now": instantFaults,
	"missing values look like none":  missingFaults,
	"cells without words":            cellFaults,
	"labels are text":                labelFaults,
	"sorted by something":            sortFaults,
}

var single = []string{"stat", "bargauge", "gauge", "table"}

// instantFaults finds single values that are the last of a drawn series, which is
// dear and out of date by a step.
func instantFaults(p panel) (faults []string) {
	one := slices.Contains(single, p.Type)
	for _, target := range p.Targets {
		if target.Instant != one || target.Range == one {
			faults = append(faults, fmt.Sprintf("%s is instant: %t", target.RefID, target.Instant))
		}
	}
	if !one && p.Type != "row" && p.Type != "text" && p.Interval == "" {
		faults = append(faults, "no least interval")
	}
	return faults
}

// missingFaults finds single values that have a color or reassuring words if there is
// no data: Grafana gives them the base color of the thresholds and the text for
// no value.
func missingFaults(p panel) (faults []string) {
	if p.Type == "row" || p.Type == "text" {
		return nil
	}
	defaults := p.FieldConfig.Defaults
	if steps := defaults.Thresholds.Steps; slices.Contains(single, p.Type) && (len(steps) == 0 || steps[0].Color != "transparent" || steps[0].Value != nil) {
		faults = append(faults, fmt.Sprintf("a missing value has the color of %v", steps))
	}
	if !regexp.MustCompile(`known$|^–$|BLIND|^no alert fires$|^nothing reported$|^no limit reported$|^no report known`).MatchString(defaults.NoValue) {
		faults = append(faults, fmt.Sprintf("no data is called %q", defaults.NoValue))
	}
	return faults
}

// cellFaults finds tables with words in each empty cell, which is where Grafana
// writes the text for no value.
func cellFaults(p panel) (faults []string) {
	if p.Type != "table" {
		return nil
	}
	for _, kind := range []string{"string", "number"} {
		if got, _ := p.property("byType", kind, "noValue").(string); got == "" || strings.Trim(got, " –") != "" {
			faults = append(faults, fmt.Sprintf("empty cells of the type %s show %q", kind, got))
		}
	}
	return faults
}

// labelFaults finds tables that have a unit for all columns: Grafana then reads
// labels as numbers. Each column of values has a unit of its own.
func labelFaults(p panel) (faults []string) {
	if p.Type != "table" {
		if p.Type != "row" && p.Type != "text" && p.FieldConfig.Defaults.Unit == "" {
			faults = append(faults, "no unit")
		}
		return faults
	}
	if unit := p.FieldConfig.Defaults.Unit; unit != "" {
		faults = append(faults, "labels have the unit "+unit)
	}
	for column := range p.columns() {
		if unit, _ := p.property("byName", column, "unit").(string); unit == "" {
			faults = append(faults, fmt.Sprintf("column %s has no unit", column))
		}
	}
	return faults
}

// columns are the columns of values of a table, and the queries they come from.
func (p panel) columns() map[string]string {
	columns := map[string]string{}
	for _, tr := range p.Transformations {
		for field, column := range tr.Options.RenameByName {
			columns[column] = strings.TrimPrefix(strings.TrimPrefix(field, "Value"), " #")
		}
	}
	return columns
}

// constant is a query all of whose values are 1.
var constant = regexp.MustCompile(`^\w+ by \([^)]*\) \((ALERTS|\w+_info)\{[^}]*\}\)[^*]*$`)

// sortFaults finds tables in no order, or in the order of a value that is always 1,
// and queries that sort by such a value.
func sortFaults(p panel) (faults []string) {
	for _, target := range p.Targets {
		for _, m := range regexp.MustCompile(`(?:topk|bottomk|sort|sort_desc)\((?:\d+, )?(.*)\)$`).FindAllStringSubmatch(target.Expr, -1) {
			if constant.MatchString(m[1]) {
				faults = append(faults, "sorts by a constant: "+target.Expr)
			}
		}
	}
	if p.Type != "table" {
		return faults
	}
	var sorts []string
	for _, tr := range p.Transformations {
		for _, s := range tr.Options.Sort {
			sorts = append(sorts, s.Field)
		}
	}
	if len(sorts) == 0 {
		faults = append(faults, "not sorted")
	}
	for column, ref := range p.columns() {
		for _, target := range p.Targets {
			if slices.Contains(sorts, column) && (ref == "" || ref == target.RefID) && constant.MatchString(target.Expr) {
				faults = append(faults, fmt.Sprintf("sorted by %s, which is always 1: %s", column, target.Expr))
			}
		}
	}
	return faults
}

func TestChecks(t *testing.T) {
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for check, faults := range checks {
				for _, fault := range faults(p) {
					t.Errorf("%s: %s: %s: %s", name, p.Title, check, fault)
				}
			}
		}
		for _, fault := range variableFaults(b) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// Each check finds the fault that it is for, as it was in the boards once.
func TestChecksFindFaults(t *testing.T) {
	const sorted = `"transformations": [{"id": "organize", "options": {"renameByName": {"Value": "firing"}}}, {"id": "sortBy", "options": {"sort": [{"field": "firing"}]}}]`
	const idle = `"thresholds": {"steps": [{"color": "transparent"}]}`
	const cells = `{"matcher": {"id": "byType", "options": "string"}, "properties": [{"id": "noValue", "value": " "}]}, {"matcher": {"id": "byType", "options": "number"}, "properties": [{"id": "noValue", "value": "–"}]}`
	const unit = `{"matcher": {"id": "byName", "options": "firing"}, "properties": [{"id": "unit", "value": "none"}]}`
	for _, tc := range []struct{ check, panel string }{
		{"single values are those of now", `{"type": "stat", "fieldConfig": {"defaults": {"unit": "none", "noValue": "none known", ` + idle + `}}, "targets": [{"refId": "A", "expr": "count(x)", "range": true}]}`},
		{"single values are those of now", `{"type": "timeseries", "interval": "1m", "fieldConfig": {"defaults": {"unit": "none", "noValue": "none known"}}, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"missing values look like none", `{"type": "stat", "fieldConfig": {"defaults": {"unit": "none", "noValue": "none known", "thresholds": {"steps": [{"color": "green"}]}}}, "targets": [{"refId": "A", "expr": "count(x)", "instant": true}]}`},
		{"missing values look like none", `{"type": "stat", "fieldConfig": {"defaults": {"unit": "none", "noValue": "nothing has failed", ` + idle + `}}, "targets": [{"refId": "A", "expr": "count(x)", "instant": true}]}`},
		{"cells without words", `{"type": "table", "fieldConfig": {"defaults": {"noValue": "none known", ` + idle + `}, "overrides": [` + unit + `]}, ` + sorted + `, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"cells without words", `{"type": "table", "fieldConfig": {"defaults": {"noValue": "none known", ` + idle + `}, "overrides": [` + strings.Replace(cells, `" "`, `"nothing has failed"`, 1) + `, ` + unit + `]}, ` + sorted + `, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"labels are text", `{"type": "table", "fieldConfig": {"defaults": {"unit": "none", "noValue": "none known", ` + idle + `}, "overrides": [` + cells + `, ` + unit + `]}, ` + sorted + `, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"labels are text", `{"type": "table", "fieldConfig": {"defaults": {"noValue": "none known", ` + idle + `}, "overrides": [` + cells + `]}, ` + sorted + `, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"sorted by something", `{"type": "table", "fieldConfig": {"defaults": {"noValue": "none known", ` + idle + `}, "overrides": [` + cells + `, ` + unit + `]}, ` + sorted + `, "targets": [{"refId": "A", "expr": "max by (alertname) (ALERTS{alertstate=\"firing\"})", "instant": true}]}`},
		{"sorted by something", `{"type": "table", "fieldConfig": {"defaults": {"noValue": "none known", ` + idle + `}, "overrides": [` + cells + `]}, "targets": [{"refId": "A", "expr": "x", "instant": true}]}`},
		{"sorted by something", `{"type": "bargauge", "fieldConfig": {"defaults": {"unit": "none", "noValue": "none known", ` + idle + `}}, "targets": [{"refId": "A", "expr": "topk(5, max by (device) (ftd_device_labels_info{site=\"x\"}))", "instant": true}]}`},
	} {
		var p panel
		if err := json.Unmarshal([]byte(tc.panel), &p); err != nil {
			t.Fatalf("%v: %s", err, tc.panel)
		}
		for check, faults := range checks {
			if got := faults(p); len(got) > 0 != (check == tc.check) {
				t.Errorf("%s finds %q in %s", check, got, tc.panel)
			}
		}
	}
	for _, tc := range []struct{ variable, want string }{
		{`{"type": "query", "name": "job", "label": "Job", "multi": true, "includeAll": true}`, "allValue"},
		{`{"type": "query", "name": "device", "label": "Device", "multi": true, "includeAll": true, "allValue": ""}`, "allValue"},
		{`{"type": "query", "name": "site", "multi": true, "includeAll": true, "allValue": ".*"}`, "label"},
	} {
		b := board{UID: "ftd-fleet"}
		var v variable
		if err := json.Unmarshal([]byte(tc.variable), &v); err != nil {
			t.Fatal(err)
		}
		b.Templating.List = append(b.Templating.List, v)
		if faults := strings.Join(variableFaults(b), "; "); !strings.Contains(faults, tc.want) {
			t.Errorf("%s: %s", tc.variable, faults)
		}
	}
}

// variableFaults finds variables without a label, and those whose All is the list of
// what is there now, so that what is gone and what was imported are not shown.
func variableFaults(b board) (faults []string) {
	for _, v := range b.Templating.List {
		if v.Label == "" {
			faults = append(faults, "variable "+v.Name+" has no label")
		}
		if v.IncludeAll && v.AllValue != ".*" {
			faults = append(faults, fmt.Sprintf("variable %s has the allValue %q", v.Name, v.AllValue))
		}
	}
	return faults
}
