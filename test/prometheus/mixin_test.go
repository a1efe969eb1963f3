package prometheus

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

const (
	dashboards = "../../dashboards"
	standard   = "https://github.com/ftd-exporter/ftd_exporter/blob/main/docs/runbooks/"
)

// A rule is a rule of the mixin or of a rule file.
type rule struct {
	Record      string            `json:"record,omitempty"`
	Alert       string            `json:"alert,omitempty"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type groups struct {
	Groups []struct {
		Name     string `json:"name"`
		Interval string `json:"interval,omitempty"`
		Rules    []rule `json:"rules"`
	} `json:"groups"`
}

// render evaluates an expression over the mixin with a configuration, both in
// Jsonnet, into a value.
func render(config, expr string, into any) error {
	vm := jsonnet.MakeVM()
	vm.Importer(&jsonnet.FileImporter{JPaths: []string{filepath.Join(dashboards, "mixin")}})
	text, err := vm.EvaluateAnonymousSnippet("test.jsonnet", "local mixin = (import 'mixin.libsonnet') + { _config+:: "+config+" }; "+expr)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), into)
}

func rendered(t *testing.T, config string) (records, alerts groups) {
	t.Helper()
	var both struct{ Records, Alerts groups }
	if err := render(config, "{ Records: mixin.prometheusRules, Alerts: mixin.prometheusAlerts }", &both); err != nil {
		t.Fatal(err)
	}
	return both.Records, both.Alerts
}

// byName returns all rules with a name: several recording rules can share one.
func byName(files ...groups) map[string][]rule {
	all := map[string][]rule{}
	for _, f := range files {
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				all[r.Record+r.Alert] = append(all[r.Record+r.Alert], r)
			}
		}
	}
	return all
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dashboards, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// originals returns the rules of dashboards/prometheus.
func originals(t *testing.T) (records, alerts groups) {
	t.Helper()
	readYAML(t, "prometheus/ftd.rules.yml", &records)
	readYAML(t, "prometheus/ftd.alerts.yml", &alerts)
	return records, alerts
}

// Without settings, the mixin has the rules and dashboards as they are.
func TestDefault(t *testing.T) {
	gotRecords, gotAlerts := rendered(t, "{}")
	records, alerts := originals(t)
	if !reflect.DeepEqual(gotRecords, records) {
		t.Errorf("the recording rules differ:\n%v\n%v", gotRecords, records)
	}
	if !reflect.DeepEqual(gotAlerts, alerts) {
		t.Errorf("the alerts differ:\n%v\n%v", gotAlerts, alerts)
	}
	var got, want map[string]any
	if err := render("{}", "mixin.grafanaDashboards", &got); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dashboards, "grafana/*.json"))
	if err != nil || len(files) == 0 || len(files) != len(got) {
		t.Fatalf("%d dashboards, want %d: %v", len(got), len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got[filepath.Base(file)], any(want)) {
			t.Errorf("%s differs", filepath.Base(file))
		}
		want = nil
	}
}

// The programs that write files, for the command jsonnet.
func TestFiles(t *testing.T) {
	vm := jsonnet.MakeVM()
	for name, want := range map[string]string{"rules": `"record": `, "alerts": `"alert": `} {
		text, err := vm.EvaluateFile(filepath.Join(dashboards, "mixin", name+".jsonnet"))
		if err != nil {
			t.Fatal(err)
		}
		var file string
		if err := json.Unmarshal([]byte(text), &file); err != nil {
			t.Fatal(err)
		}
		var g groups
		if err := yaml.UnmarshalStrict([]byte(file), &g); err != nil || len(g.Groups) == 0 || !strings.Contains(file, want) {
			t.Errorf("%s: %d groups, %v", name, len(g.Groups), err)
		}
	}
	boards, err := vm.EvaluateFileMulti(filepath.Join(dashboards, "mixin/dashboards.jsonnet"))
	if err != nil || len(boards) < 4 {
		t.Errorf("%d dashboards, %v", len(boards), err)
	}
}

// The example of the documentation, with the folder where jsonnet-bundler puts it.
func TestDocumentedExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```jsonnet\n")
	example, _, ok := strings.Cut(example, "```\n")
	if !ok {
		t.Fatal("docs/alerts.md has no example")
	}
	vendor := t.TempDir()
	parent := filepath.Join(vendor, "github.com/ftd-exporter/ftd_exporter")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	target, err := filepath.Abs(dashboards)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(parent, "dashboards")); err != nil {
		t.Fatal(err)
	}
	vm := jsonnet.MakeVM()
	vm.StringOutput = true
	vm.Importer(&jsonnet.FileImporter{JPaths: []string{vendor}})
	text, err := vm.EvaluateAnonymousSnippet("example.jsonnet", example)
	if err != nil {
		t.Fatal(err)
	}
	var g groups
	if err := yaml.UnmarshalStrict([]byte(text), &g); err != nil {
		t.Fatal(err)
	}
	if down := byName(g)["FTDInterfaceDown"]; len(down) != 1 || down[0].For != "10m" || down[0].Labels["severity"] != "info" {
		t.Errorf("FTDInterfaceDown: %+v", down)
	}
}

func TestSettings(t *testing.T) {
	records, alerts := rendered(t, `{
		disabled: { FTDDeviceNeverHeard: true, FTDDeviceNameConflict: false },
		alerts: {
			FTDDeviceSilent: { 'for': '2h', labels: { severity: 'info' } },
			FTDExporterDown: { expr: 'vector(1)' },
		},
		additionalRuleLabels: { team: 'network' },
		runbookUrl: 'https://wiki.example.com/',
		interval: '30s',
		job: 'fw',
	}`)
	for _, g := range slices.Concat(records.Groups, alerts.Groups) {
		if g.Interval != "30s" {
			t.Errorf("%s: interval %q", g.Name, g.Interval)
		}
	}
	all := byName(records, alerts)
	if len(all["FTDDeviceNeverHeard"]) != 0 || len(all["FTDDeviceNameConflict"]) != 1 {
		t.Error("FTDDeviceNeverHeard is there, or FTDDeviceNameConflict is not")
	}
	for name, rules := range all {
		for _, r := range rules {
			if r.Alert == "" && r.Labels["team"] != "" {
				t.Errorf("%s has a label of alerts", name)
			}
			if r.Alert != "" && (r.Labels["team"] != "network" || r.Annotations["runbook_url"] != "https://wiki.example.com/"+name+".md") {
				t.Errorf("%s: %v %v", name, r.Labels, r.Annotations)
			}
		}
	}
	if r := all["FTDDeviceSilent"][0]; r.For != "2h" || r.Labels["severity"] != "info" || r.Annotations["summary"] == "" || r.Expr == "" {
		t.Errorf("FTDDeviceSilent: %+v", r)
	}
	if r := all["FTDExporterDown"][0]; r.Expr != "vector(1)" || r.Labels["severity"] != "critical" {
		t.Errorf("FTDExporterDown: %+v", r)
	}
	_, alerts = rendered(t, `{ job: 'fw' }`)
	if expr := byName(alerts)["FTDExporterDown"][0].Expr; !strings.Contains(expr, `up{job="fw"}`) || strings.Contains(expr, `"ftd"`) {
		t.Errorf("FTDExporterDown: %s", expr)
	}
	var boards string
	if err := render(`{ runbookUrl: 'https://wiki.example.com/' }`, "std.manifestJson(mixin.grafanaDashboards)", &boards); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(boards, standard) || !strings.Contains(boards, "https://wiki.example.com/${__value.raw}.md") {
		t.Error("the dashboards link to other runbooks")
	}
}

// A name that does not exist is a mistake.
func TestUnknownNames(t *testing.T) {
	for config, want := range map[string]string{
		`{ disabled: { FTDFoo: true } }`: "there is no alert FTDFoo",
		`{ alerts: { FTDFoo: {} } }`:     "there is no alert FTDFoo",
		`{ thresholds: { foo: 1 } }`:     "there is no threshold foo",
	} {
		var into any
		if err := render(config, "mixin.prometheusAlerts", &into); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", config, err)
		}
	}
}

// Every pattern of every threshold is found, changes the rules that the table names and
// no others, and the result is PromQL.
func TestThresholds(t *testing.T) {
	var table map[string]struct {
		Meaning string              `json:"meaning"`
		Default string              `json:"default"`
		Rules   map[string][]string `json:"rules"`
	}
	readYAML(t, "thresholds.yml", &table)
	records, alerts := originals(t)
	before := byName(records, alerts)
	for key, threshold := range table {
		const value = "17"
		after := byName(rendered(t, fmt.Sprintf("{ thresholds: { %s: %s } }", key, value)))
		var changed []string
		for name, rules := range before {
			if !reflect.DeepEqual(after[name], rules) {
				changed = append(changed, name)
			}
			for _, r := range after[name] {
				check(t, r)
			}
		}
		if want := slices.Collect(maps.Keys(threshold.Rules)); !equal(changed, want) {
			t.Errorf("%s changes %v, want %v", key, changed, want)
		}
		for name, patterns := range threshold.Rules {
			for _, pattern := range patterns {
				if text := fmt.Sprint(before[name]); !strings.Contains(text, strings.ReplaceAll(pattern, "VALUE", threshold.Default)) {
					t.Errorf("%s: %s does not have %q", key, name, pattern)
				}
				if text := fmt.Sprint(after[name]); !strings.Contains(text, strings.ReplaceAll(pattern, "VALUE", value)) {
					t.Errorf("%s: %s is not changed at %q", key, name, pattern)
				}
			}
		}
	}
}

func equal(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func check(t *testing.T, r rule) parser.Expr {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
	if err != nil {
		t.Fatalf("%s%s: %v: %s", r.Record, r.Alert, err, r.Expr)
	}
	return expr
}

// query finds selectors of series that are not recorded in the text of an alert.
var query = regexp.MustCompile(`[ (]ftd_\w+\{[^}]*\}`)

// The selector is in every selector of a series of the exporter, and in no other. Texts
// have queries, too.
func TestSelector(t *testing.T) {
	records, alerts := rendered(t, `{ selector: 'job=~"ftd|fw", cluster="a"' }`)
	found := 0
	for name, rules := range byName(records, alerts) {
		for _, r := range rules {
			parser.Inspect(check(t, r), func(n parser.Node, _ []parser.Node) error {
				v, ok := n.(*parser.VectorSelector)
				if !ok {
					return nil
				}
				has := slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == "cluster" && m.Value == "a" })
				if want := strings.HasPrefix(v.Name, "ftd_"); has != want {
					t.Errorf("%s: %s", name, v)
				}
				found++
				return nil
			})
			for _, text := range r.Annotations {
				for _, m := range query.FindAllString(text, -1) {
					if !strings.Contains(m, `{job=~\"ftd|fw\", cluster=\"a\", device=`) {
						t.Errorf("%s has a query without the selector: %s", name, m)
					}
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d selectors", found)
	}
}

// Alerts about a device have the labels of the inventory, and those about an exporter
// do not.
func TestInventoryLabels(t *testing.T) {
	_, alerts := rendered(t, `{ inventoryLabels: ['site', 'role'], deviceLabels: ['job', 'cluster', 'device'] }`)
	const join = " * on (job, cluster, device) group_left (site, role) device:ftd_device_labels:info"
	for name, rules := range byName(alerts) {
		if check(t, rules[0]); strings.Contains(rules[0].Expr, join) == strings.HasPrefix(name, "FTDExporter") && name != "FTDExportersDisagree" {
			t.Errorf("%s: %s", name, rules[0].Expr)
		}
	}
}
