package dashboards

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A levelTest collects devices with one state each, and the level of each.
type levelTest struct {
	Series []map[string]string `yaml:"input_series"`
	checks []map[string]any
}

func (l *levelTest) add(metric, device string, labels []collectors.Label, values ...string) {
	series := fmt.Sprintf(`%s{job="ftd", instance="a", device=%q`, metric, device)
	for i, label := range labels {
		value := "x"
		if last := len(values) - 2; i == len(labels)-1 && last >= 0 {
			value = values[last]
		}
		series += fmt.Sprintf(", %s=%q", label.Name, value)
	}
	l.Series = append(l.Series, map[string]string{"series": series + "}", "values": values[len(values)-1] + "x20"})
}

func (l *levelTest) expect(device string, level collectors.Level) {
	l.add("ftd_device_last_message_timestamp_seconds", device, nil, "1")
	expr := fmt.Sprintf("device:ftd_state:worst{device=%q, job=\"ftd\"}", device)
	l.checks = append(l.checks, map[string]any{"eval_time": "10m", "expr": expr, "exp_samples": []any{map[string]any{"labels": expr, "value": int(level)}}})
}

// state adds a device with the state i of a metric.
func (l *levelTest) state(m, changed *collectors.Metric, i int) {
	device := fmt.Sprintf("%s-%d", m.Name, i)
	labels := m.Labels
	if m.Type == collectors.StateSet {
		for j, s := range m.States {
			value := "0"
			if j == i {
				value = "1"
			}
			l.add(m.Name, device, labels, s.Name, value)
		}
		labels = labels[:len(labels)-1]
	} else {
		l.add(m.Name, device, labels, fmt.Sprint(i))
	}
	if changed != nil {
		l.add(changed.Name, device, labels, "0")
	}
	l.expect(device, m.States[i].Level)
	if m.Enabled == nil {
		return
	}
	device += "-off"
	l.add(m.Name, device, labels, fmt.Sprint(i))
	l.add(changed.Name, device, labels, "0")
	l.add(m.Enabled.Name, device, labels, "0")
	l.expect(device, collectors.OK)
}

// The recorded state of a device is that of the status page: it has the level of every
// state of every metric, and of every alarm.
func TestLevelsAreThoseOfTheCollectors(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing: apt-get install prometheus")
	}
	var l levelTest
	alarms := map[string]bool{}
	for _, c := range collectors.All() {
		changed := map[*collectors.Metric]*collectors.Metric{}
		for _, r := range c.Rules {
			if r.Value.Op == collectors.OpChange {
				changed[r.Value.Metric] = r.Metric
			}
		}
		for _, m := range c.Metrics {
			for i := range m.States {
				l.state(m, changed[m], i)
			}
		}
		for _, r := range c.Rules {
			device := "alarm-" + r.ID.String()
			if r.Metric.Alarm == collectors.OK || r.Value.Op == collectors.OpCreate || alarms[device] {
				continue
			}
			alarms[device] = true
			l.add("ftd_message_last_received_timestamp_seconds", device, []collectors.Label{{Name: "message_id"}}, r.ID.String(), "0")
			l.expect(device, r.Metric.Alarm)
		}
	}
	l.add("ftd_exporter_syslog_frames_total", "", nil, "1")
	rules, err := filepath.Abs(recordFile)
	if err != nil {
		t.Fatal(err)
	}
	test, err := yaml.Marshal(map[string]any{
		"rule_files": []string{rules}, "evaluation_interval": "1m", "group_eval_order": []string{"ftd-states", "ftd-levels"},
		"tests": []any{map[string]any{
			"interval": "1m", "input_series": l.Series,
			"promql_expr_test": l.checks,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "levels.yml")
	if err := os.WriteFile(file, test, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%d states: %v\n%s", len(l.checks), err, out)
	}
}
