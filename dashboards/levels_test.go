package dashboards

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/catalog"
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
	l.Series = append(l.Series, map[string]string{"series": series + "}", "values": values[len(values)-1] + "x130"})
}

func (l *levelTest) expect(device string, level collectors.Level) {
	l.add("ftd_device_last_message_timestamp_seconds", device, nil, "1")
	l.expectAt("10m", device, int(level))
}

func (l *levelTest) expectAt(at, device string, level int) {
	expr := fmt.Sprintf("device:ftd_state:worst{device=%q, job=\"ftd\"}", device)
	l.checks = append(l.checks, map[string]any{"eval_time": at, "expr": expr, "exp_samples": []any{map[string]any{"labels": expr, "value": level}}})
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

// alarm adds a device with a message that was received at 0 and, unless it is empty, the
// time of a boot.
func (l *levelTest) alarm(device string, id catalog.ID, boot string) {
	l.add("ftd_message_last_received_timestamp_seconds", device, []collectors.Label{{Name: "message_id"}}, id.String(), "0")
	if boot != "" {
		l.add("ftd_boot_timestamp_seconds", device, nil, boot)
	}
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
			alarm := r.Metric.Alarm
			if alarm.Level == collectors.OK || r.Value.Op == collectors.OpCreate || slices.ContainsFunc(alarm.Except, func(not string) bool {
				return r.Labels[r.Metric.Labels[len(r.Metric.Labels)-1].Name] == not
			}) || alarms[device] {
				continue
			}
			alarms[device] = true
			l.alarm(device, r.ID, "")
			l.expect(device, alarm.Level)
			later := int(alarm.Level)
			if alarm.For > 0 && alarm.For <= 2*time.Hour {
				later = -1
			}
			l.expectAt("2h1m", device, later)
			if alarm.UntilBoot {
				l.alarm(device+"-boots", r.ID, "600") // The message came in its course.
				l.expect(device+"-boots", alarm.Level)
				l.alarm(device+"-booted", r.ID, "1200")
				l.add("ftd_device_last_message_timestamp_seconds", device+"-booted", nil, "1")
				l.expectAt("30m", device+"-booted", -1)
			}
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
