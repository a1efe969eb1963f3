// Package dashboards tests the dashboards, alerts and recording rules of
// ftd_exporter.
package dashboards

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
)

const (
	recordFile = "prometheus/ftd.rules.yml"
	alertFile  = "prometheus/ftd.alerts.yml"
	ruleTests  = "prometheus/tests/*.yml"
	runbookURL = "https://github.com/ftd-exporter/ftd_exporter/blob/main/docs/runbooks/"
	runbooks   = "../docs/runbooks"
)

// A rule is a rule of a rule file. Record or Alert is its name.
type rule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string
}

// A ruleTest is a file of unit tests, as promtool reads it.
type ruleTest struct {
	RuleFiles []string `yaml:"rule_files"`
	Tests     []struct {
		Name   string
		Checks []struct {
			Time     string      `yaml:"eval_time"`
			Alert    string      `yaml:"alertname"`
			Expected []yaml.Node `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	}
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func readRules(t *testing.T, file string) []rule {
	t.Helper()
	var f struct{ Groups []struct{ Rules []rule } }
	readYAML(t, file, &f)
	var rules []rule
	for _, g := range f.Groups {
		rules = append(rules, g.Rules...)
	}
	if len(rules) == 0 {
		t.Fatalf("%s has no rules", file)
	}
	return rules
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return files
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing: apt-get install prometheus")
	}
	commands := [][]string{{"check", "rules", "--lint=all", "--lint-fatal", recordFile, alertFile}}
	for _, file := range glob(t, ruleTests) {
		commands = append(commands, []string{"test", "rules", file})
	}
	for _, args := range commands {
		t.Run(filepath.Base(args[len(args)-1]), func(t *testing.T) {
			t.Parallel()
			if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
				t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
			}
		})
	}
}

// Every alert must have a test in which it does not fire, fires, and recovers.
func TestEveryAlertHasUnitTests(t *testing.T) {
	tested := map[string]bool{}
	for _, file := range glob(t, ruleTests) {
		var f ruleTest
		readYAML(t, file, &f)
		for _, tc := range f.Tests {
			phases := map[string]string{} // "-" for silent and "!" for firing, without repetitions.
			times := map[string]model.Duration{}
			for _, check := range tc.Checks {
				at, err := model.ParseDuration(check.Time)
				if err != nil || at < times[check.Alert] {
					t.Fatalf("%s: %s: %s at %s is not later than the one before (%v)", file, tc.Name, check.Alert, check.Time, err)
				}
				times[check.Alert] = at
				phase := "-"
				if len(check.Expected) > 0 {
					phase = "!"
				}
				if !strings.HasSuffix(phases[check.Alert], phase) {
					phases[check.Alert] += phase
				}
			}
			for alert, s := range phases {
				tested[alert] = tested[alert] || strings.Contains(s, "-!-")
			}
		}
	}
	for _, r := range readRules(t, alertFile) {
		if !tested[r.Alert] {
			t.Errorf("%s: no test has it not firing, firing and recovering", r.Alert)
		}
		delete(tested, r.Alert)
	}
	for alert := range tested {
		t.Errorf("%s has a test but no rule", alert)
	}
}

// The alert about texts of hardware that match no template has all ids of hardware,
// also those that are added later.
func TestUnmatchedHardwareHasAllIDs(t *testing.T) {
	var ids *regexp.Regexp
	for _, r := range readRules(t, alertFile) {
		if r.Alert != "FTDExporterUnmatchedHardware" {
			continue
		}
		m := regexp.MustCompile(`message_id=~"([^"]*)"`).FindStringSubmatch(r.Expr)
		if m == nil {
			t.Fatalf("%s does not go by message_id", r.Alert)
		}
		ids = regexp.MustCompile("^(?:" + m[1] + ")$")
	}
	if ids == nil {
		t.Fatal("there is no such alert")
	}
	for _, c := range collectors.All() {
		for _, r := range c.Rules {
			if c.Hardware && !ids.MatchString(fmt.Sprint(r.ID)) {
				t.Errorf("%s: FTDExporterUnmatchedHardware and FTDExporterUnmatchedMessages lack %s", alertFile, r.ID)
			}
		}
	}
}

func TestEveryAlertIsDocumented(t *testing.T) {
	pages := map[string]bool{}
	for _, file := range glob(t, runbooks+"/*.md") {
		pages[strings.TrimSuffix(filepath.Base(file), ".md")] = true
	}
	seen := map[string]bool{}
	for _, r := range readRules(t, alertFile) {
		if !strings.HasPrefix(r.Alert, "FTD") {
			t.Errorf("%q does not begin with FTD", r.Alert)
		}
		if seen[r.Alert] {
			t.Errorf("%s exists twice", r.Alert)
		}
		seen[r.Alert] = true
		if severity := r.Labels["severity"]; !slices.Contains(severities(), severity) {
			t.Errorf("%s: severity %q is not one of %v", r.Alert, severity, severities())
		}
		for _, name := range []string{"summary", "description"} {
			if r.Annotations[name] == "" {
				t.Errorf("%s does not have a %s", r.Alert, name)
			}
		}
		if want := runbookURL + r.Alert + ".md"; r.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url is %q, want %q", r.Alert, r.Annotations["runbook_url"], want)
		}
		if !pages[r.Alert] {
			t.Errorf("%s does not have a page in docs/runbooks", r.Alert)
			continue
		}
		page, err := os.ReadFile(filepath.Join(runbooks, r.Alert+".md"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(page), "# "+r.Alert+"\n\nSeverity: "+r.Labels["severity"]+".") {
			t.Errorf("%s: its page does not begin with its name and severity", r.Alert)
		}
	}
	for page := range pages {
		if !seen[page] {
			t.Errorf("docs/runbooks/%s.md does not belong to an alert", page)
		}
	}
}

func severities() []string { return []string{"critical", "warning", "info"} }

// metricNames finds the names of ftd_exporter's metrics in an expression or
// template.
var metricNames = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*ftd_[a-zA-Z0-9_:]+|\bftd_[a-zA-Z0-9_:]+`)

func TestRulesUseMetricsThatExist(t *testing.T) {
	known := exportedMetrics(t)
	recorded := map[string]bool{}
	records, alerts := readRules(t, recordFile), readRules(t, alertFile)
	for _, r := range records {
		recorded[r.Record] = true
	}
	used := map[string]bool{}
	for _, r := range slices.Concat(records, alerts) {
		for _, name := range metricNames.FindAllString(r.Expr+r.Annotations["description"], -1) {
			if !known[name] && !recorded[name] {
				if name == "ftd_exporter" && !strings.Contains(r.Expr, name+"{") {
					continue // The name of the program.
				}
				t.Errorf("%s%s: there is no metric %s", r.Record, r.Alert, name)
			}
			used[name] = true
		}
	}
	for name := range recorded {
		if !strings.Contains(name, ":") {
			t.Errorf("%s: a recorded name has the form level:metric:operation", name)
		}
	}
	if len(used) < 20 {
		t.Errorf("found only %v", slices.Sorted(maps.Keys(used)))
	}
}

// exportedMetrics returns the names of all metrics that the exporter can show.
func exportedMetrics(t *testing.T) map[string]bool {
	t.Helper()
	e, err := exporter.New(exporter.Options{
		Entries: catalog.Messages(), Collectors: collectors.All(),
		LogLinesDropped: func() uint64 { return 0 }, StoragePath: t.TempDir(), Web: &toolkit.FlagConfig{WebConfigFile: new("")}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{"ftd_device_labels_info": true, "ftd_device_interface_info": true} // They describe nothing in advance.
	descs := make(chan *prometheus.Desc)
	go func() {
		e.Metrics().Describe(descs)
		close(descs)
	}()
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range descs {
		names[name.FindStringSubmatch(d.String())[1]] = true
	}
	list, err := os.ReadFile("../state/testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllSubmatch(list, -1) {
		names[string(m[1])] = true
	}
	return names
}
