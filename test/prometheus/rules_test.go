package prometheus

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"
)

// The newest Prometheus accepts the rules, and their tests pass. The package
// dashboards does the same with the installed one.
func TestRules(t *testing.T) {
	promtool := newest(t, "promtool")
	run(t, promtool, "check", "rules", "--lint=all", "--lint-fatal",
		filepath.Join(dashboards, "prometheus/ftd.rules.yml"), filepath.Join(dashboards, "prometheus/ftd.alerts.yml"))
	files, err := filepath.Glob(filepath.Join(dashboards, "prometheus/tests/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			run(t, promtool, "test", "rules", file)
		})
	}
}

// Both accept what the mixin renders.
func TestMixinRules(t *testing.T) {
	for name, promtool := range both(t, "promtool") {
		for _, config := range []string{
			"{}",
			`{ selector: 'job="fw"', inventoryLabels: ['site'], interval: '30s', thresholds: { deviceSilentHours: 72, expiryDays: 60 }, disabled: { FTDBooted: true } }`,
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				run(t, promtool, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, write(t, dir, config)...)...)
			})
		}
	}
}

// write writes the rules of the mixin to a directory, and returns the names.
func write(t *testing.T, dir, config string) []string {
	t.Helper()
	records, alerts := rendered(t, config)
	names := []string{filepath.Join(dir, "rules.yml"), filepath.Join(dir, "alerts.yml")}
	for i, file := range []groups{records, alerts} {
		text, err := yaml.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(names[i], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// inventoryTest has a device in the inventory and one that is not, and an alert that
// ends.
const inventoryTest = `
rule_files: [rules.yml, alerts.yml]
evaluation_interval: 1m
group_eval_order: [ftd-states, ftd-levels, ftd-hardware-alerts]
tests:
  - interval: 1m
    input_series:
      - {series: 'ftd_component_ok{job="ftd", instance="a", device="fw1", component="fan", unit="1"}', values: 1x3 0x3 1x3}
      - {series: 'ftd_component_state_changed_timestamp_seconds{job="ftd", instance="a", device="fw1", component="fan", unit="1"}', values: 0x3 240x3 480x3}
      - {series: 'ftd_device_labels_info{job="ftd", instance="a", device="fw1", site="fra", owner="x"}', values: 1x9}
      - {series: 'ftd_component_ok{job="ftd", instance="a", device="fw2", component="fan", unit="1"}', values: 0x9}
      - {series: 'ftd_component_state_changed_timestamp_seconds{job="ftd", instance="a", device="fw2", component="fan", unit="1"}', values: 0x9}
    promql_expr_test:
      - eval_time: 2m
        expr: ALERTS{alertname="FTDComponentFailed"}
        exp_samples: &outside
          - {labels: 'ALERTS{alertname="FTDComponentFailed", alertstate="firing", component="fan", device="fw2", job="ftd", severity="critical", unit="1"}', value: 1}
      - eval_time: 6m
        expr: ALERTS{alertname="FTDComponentFailed"}
        exp_samples:
          - {labels: 'ALERTS{alertname="FTDComponentFailed", alertstate="firing", component="fan", device="fw1", job="ftd", severity="critical", site="fra", unit="1"}', value: 1}
          - {labels: 'ALERTS{alertname="FTDComponentFailed", alertstate="firing", component="fan", device="fw2", job="ftd", severity="critical", unit="1"}', value: 1}
      - {eval_time: 9m, expr: 'ALERTS{alertname="FTDComponentFailed"}', exp_samples: *outside}
`

// Alerts carry the labels of the inventory, and devices outside of it alert without.
func TestInventoryLabelsOnAlerts(t *testing.T) {
	for name, promtool := range both(t, "promtool") {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "{ inventoryLabels: ['site'] }")
			test := filepath.Join(dir, "test.yml")
			if err := os.WriteFile(test, []byte(inventoryTest), 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, promtool, "test", "rules", test)
		})
	}
}
