package deploy

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The rules equal the rules in dashboards/prometheus, group by group.
func TestRules(t *testing.T) {
	rules := of[*monitoringv1.PrometheusRule](renderObjects(t, valuesOf(t, "monitoring")))
	if len(rules) != 1 {
		t.Fatalf("there are %d PrometheusRules", len(rules))
	}
	files, err := filepath.Glob(filepath.Join(repository, "dashboards/prometheus/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var want []monitoringv1.RuleGroup
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Groups []monitoringv1.RuleGroup `json:"groups"`
		}
		if err := yaml.UnmarshalStrict(content, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want = append(want, file.Groups...)
	}
	if got := rules[0].Spec.Groups; !reflect.DeepEqual(got, want) {
		t.Errorf("the groups differ:\n%v\n%v", got, want)
	}
	if rules[0].Labels["release"] != "prometheus" {
		t.Errorf("labels %v", rules[0].Labels)
	}
}

// Single alerts can be left out or changed, and all of them have more labels.
func TestRulesBySettings(t *testing.T) {
	rules := of[*monitoringv1.PrometheusRule](renderObjects(t, map[string]any{"prometheusRule": map[string]any{
		"enabled":  true,
		"interval": "30s",
		"disabled": map[string]any{"FTDDeviceNeverHeard": true, "FTDDeviceNameConflict": false},
		"alerts": map[string]any{"FTDDeviceSilent": map[string]any{
			"expr": "vector(1)", "for": "2h", "labels": map[string]any{"severity": "info"},
		}},
		"additionalRuleLabels": map[string]any{"team": "network"},
		"thresholds":           map[string]any{"expiryDays": 60, "exporterLimitRatio": "0.9", "deviceSilentHours": 72},
		"inventoryLabels":      []any{"site", "role"},
		"deviceLabels":         []any{"job", "cluster", "device"},
		"runbookUrl":           "https://wiki.example.com/",
	}}))
	if len(rules) != 1 {
		t.Fatalf("there are %d PrometheusRules", len(rules))
	}
	alerts, records, silence := map[string]monitoringv1.Rule{}, 0, 0
	for _, g := range rules[0].Spec.Groups {
		if g.Interval == nil || *g.Interval != "30s" {
			t.Errorf("%s: interval %v", g.Name, g.Interval)
		}
		for _, r := range g.Rules {
			if r.Alert == "" {
				records++
				silence += strings.Count(r.Expr.String(), " 72 * 3600")
				if r.Labels["team"] != "" {
					t.Errorf("%s has labels of alerts", r.Record)
				}
				continue
			}
			alerts[r.Alert] = r
			if r.Labels["team"] != "network" || r.Annotations["runbook_url"] != "https://wiki.example.com/"+r.Alert+".md" {
				t.Errorf("%s: labels %v, annotations %v", r.Alert, r.Labels, r.Annotations)
			}
		}
	}
	if _, ok := alerts["FTDDeviceNeverHeard"]; ok || records == 0 {
		t.Errorf("FTDDeviceNeverHeard is there: %v; %d recording rules", ok, records)
	}
	if _, ok := alerts["FTDDeviceNameConflict"]; !ok {
		t.Error("FTDDeviceNameConflict is missing")
	}
	silent := alerts["FTDDeviceSilent"]
	if !strings.HasPrefix(silent.Expr.String(), "(vector(1)) * on") || string(*silent.For) != "2h" || silent.Labels["severity"] != "info" || silent.Annotations["summary"] == "" {
		t.Errorf("FTDDeviceSilent: %+v", silent)
	}
	const join = " * on (job, cluster, device) group_left (site, role) device:ftd_device_labels:info"
	expires := alerts["FTDCertificateExpires"]
	if e := expires.Expr.String(); !strings.Contains(e, "> 7 * 24 * 3600 < 60 * 24 * 3600") || !strings.Contains(e, join) || !strings.HasSuffix(expires.Annotations["summary"], "within 60 days") {
		t.Errorf("FTDCertificateExpires: %+v", expires)
	}
	near := alerts["FTDExporterLimitNear"]
	if e := near.Expr.String(); !strings.Contains(e, "> 0.9") || strings.Contains(e, join) {
		t.Errorf("FTDExporterLimitNear: %s", e)
	}
	if silence != 2 {
		t.Errorf("%d recording rules have the threshold of silence", silence)
	}
	if down := alerts["FTDExporterDown"]; down.Labels["severity"] != "critical" || string(*down.For) != "5m" {
		t.Errorf("FTDExporterDown: %+v", down)
	}
}

// The dashboards equal the dashboards in dashboards/grafana, byte for byte, in
// ConfigMaps that Grafana's sidecar finds.
func TestDashboards(t *testing.T) {
	all := renderObjects(t, valuesOf(t, "monitoring"))
	files, err := filepath.Glob(filepath.Join(repository, "dashboards/grafana/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		board, ok := all["ConfigMap/fw-ftd-exporter-"+strings.TrimSuffix(base, ".json")].(*corev1.ConfigMap)
		if !ok {
			t.Errorf("there is no ConfigMap of %s", base)
			continue
		}
		if len(board.Data) != 1 || board.Data[base] != string(want) {
			t.Errorf("%s is not in its ConfigMap as it is", base)
		}
		if board.Labels["grafana_dashboard"] != "1" || board.Annotations["grafana_folder"] != "Firewalls" {
			t.Errorf("%s: labels %v, annotations %v", base, board.Labels, board.Annotations)
		}
	}
}

// The labels job and instance do not change with the pod, because alerts and
// counters continue.
func TestServiceMonitor(t *testing.T) {
	for _, test := range []struct{ kind, source string }{
		{"StatefulSet", "__meta_kubernetes_pod_name"},
		{"DaemonSet", "__meta_kubernetes_pod_node_name"},
	} {
		values := map[string]any{"kind": test.kind, "serviceMonitor": map[string]any{"enabled": true}}
		monitors := of[*monitoringv1.ServiceMonitor](renderObjects(t, values))
		if len(monitors) != 1 {
			t.Fatalf("there are %d ServiceMonitors", len(monitors))
		}
		endpoint := monitors[0].Spec.Endpoints[0]
		if r := endpoint.RelabelConfigs[0]; r.TargetLabel != "job" || *r.Replacement != "ftd" {
			t.Errorf("%s: job is %v", test.kind, r)
		}
		if r := endpoint.RelabelConfigs[1]; r.TargetLabel != "instance" || !slices.Contains(r.SourceLabels, monitoringv1.LabelName(test.source)) {
			t.Errorf("%s: instance is %v", test.kind, r)
		}
		if !slices.ContainsFunc(endpoint.RelabelConfigs, func(r monitoringv1.RelabelConfig) bool { return r.Action == "labeldrop" && r.Regex == "service" }) {
			t.Errorf("%s: the label service stays, which differs between replicas", test.kind)
		}
		if endpoint.Path != "/metrics" || endpoint.Scheme == nil || *endpoint.Scheme != "http" {
			t.Errorf("%s: %v %s", test.kind, endpoint.Scheme, endpoint.Path)
		}
	}
}
