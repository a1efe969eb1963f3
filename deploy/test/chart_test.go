package deploy

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	chartutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	savechart "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const (
	chartDir  = "../helm/ftd-exporter"
	release   = "fw"
	namespace = "syslog"
)

// cases are the values that the chart is tested with, by the name of their
// file in ci/; "" is the default.
var cases = []string{"", "daemonset", "minimal", "monitoring"}

func valuesOf(t *testing.T, name string) map[string]any {
	t.Helper()
	values := map[string]any{}
	if name == "" {
		return values
	}
	content, err := os.ReadFile(filepath.Join(chartDir, "ci", name+"-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(content, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// Every file of values in ci/ is tested.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(chartDir, "ci", "*.yaml"))
	if err != nil || len(files) != len(cases)-1 {
		t.Errorf("ci/ has %q, %v; the tests know %q", files, err, cases)
	}
}

// Helm's linter has nothing to say.
func TestLint(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			for _, m := range lint.RunAll(chartDir, valuesOf(t, name), namespace).Messages {
				// An icon is for shops.
				if m.Severity > support.InfoSev || !strings.Contains(m.Err.Error(), "icon is recommended") {
					t.Error(m)
				}
			}
		})
	}
}

// packaged is the chart as users get it: packed and unpacked.
var packaged = sync.OnceValues(func() (*chart.Chart, error) {
	c, err := loader.LoadDir(chartDir)
	if err != nil {
		return nil, err
	}
	dir, err := workDir()
	if err != nil {
		return nil, err
	}
	archive, err := savechart.Save(c, dir)
	if err != nil {
		return nil, err
	}
	return loader.LoadFile(archive)
})

func theChart(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := packaged()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The package has what the chart needs and nothing that is for tests.
func TestPackage(t *testing.T) {
	var names []string
	for _, f := range theChart(t).Raw {
		if strings.HasPrefix(f.Name, "templates/") {
			continue
		}
		names = append(names, f.Name)
	}
	want := []string{".helmignore", "Chart.yaml", "README.md", "values.schema.json", "values.yaml"}
	for _, dir := range []string{"grafana", "prometheus"} {
		files, err := fs.Glob(os.DirFS(filepath.Join(repository, "dashboards")), dir+"/*.*")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			want = append(want, "files/"+f)
		}
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the package has\n%q; want\n%q", names, want)
	}
}

// render returns the files that Helm makes of the chart.
func render(c *chart.Chart, values map[string]any) (map[string]string, error) {
	options := common.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true, Revision: 1}
	all, err := chartutil.ToRenderValues(c, values, options, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

// objects are what the chart makes, by kind and name.
type objects map[string]k8sruntime.Object

// decoder returns a decoder that knows every field of every object that the
// chart makes, and refuses others.
func decoder() k8sruntime.Decoder {
	scheme := k8sruntime.NewScheme()
	for _, add := range []func(*k8sruntime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, monitoringv1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}

func renderObjects(t *testing.T, values map[string]any) objects {
	t.Helper()
	files, err := render(theChart(t), values)
	if err != nil {
		t.Fatal(err)
	}
	decode := decoder()
	all := objects{}
	for file, content := range files {
		if path.Base(file) == "NOTES.txt" {
			continue
		}
		for doc := range strings.SplitSeq("\n"+content, "\n---\n") {
			if strings.TrimSpace(doc) == "" {
				continue
			}
			object, kind, err := decode.Decode([]byte(doc), nil, nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", file, err, doc)
			}
			meta := object.(metav1.Object)
			key := kind.Kind + "/" + meta.GetName()
			if all[key] != nil {
				t.Errorf("%s: there are two of %s", file, key)
			}
			all[key] = object
		}
	}
	return all
}

// of returns the objects of a type.
func of[T k8sruntime.Object](all objects) []T {
	var found []T
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if o, ok := all[key].(T); ok {
			found = append(found, o)
		}
	}
	return found
}

// podTemplate returns that of the one workload.
func podTemplate(t *testing.T, all objects) corev1.PodTemplateSpec {
	t.Helper()
	for _, s := range of[*appsv1.StatefulSet](all) {
		return s.Spec.Template
	}
	for _, d := range of[*appsv1.DaemonSet](all) {
		return d.Spec.Template
	}
	t.Fatal("there is no workload")
	return corev1.PodTemplateSpec{}
}

// What each of the values makes.
func TestObjects(t *testing.T) {
	want := map[string][]string{
		"": {
			"ConfigMap/fw-ftd-exporter", "Service/fw-ftd-exporter", "Service/fw-ftd-exporter-headless", "Service/fw-ftd-exporter-syslog-tcp",
			"Service/fw-ftd-exporter-syslog-udp", "ServiceAccount/fw-ftd-exporter", "StatefulSet/fw-ftd-exporter",
		},
		"daemonset": {
			"ConfigMap/fw-ftd-exporter", "DaemonSet/fw-ftd-exporter", "Service/fw-ftd-exporter", "ServiceAccount/fw-ftd-exporter",
		},
		"minimal": {
			"ConfigMap/fw-ftd-exporter", "Service/fw-ftd-exporter", "Service/fw-ftd-exporter-headless", "Service/fw-ftd-exporter-syslog-udp",
			"StatefulSet/fw-ftd-exporter",
		},
		"monitoring": {
			"ConfigMap/fw-ftd-exporter", "ConfigMap/fw-ftd-exporter-ftd-capacity", "ConfigMap/fw-ftd-exporter-ftd-device",
			"ConfigMap/fw-ftd-exporter-ftd-exporter", "ConfigMap/fw-ftd-exporter-ftd-fleet", "NetworkPolicy/fw-ftd-exporter",
			"PodDisruptionBudget/fw-ftd-exporter", "PrometheusRule/fw-ftd-exporter", "Service/fw-ftd-exporter",
			"Service/fw-ftd-exporter-headless", "Service/fw-ftd-exporter-syslog", "ServiceAccount/fw-ftd-exporter",
			"ServiceMonitor/fw-ftd-exporter", "StatefulSet/fw-ftd-exporter",
		},
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			all := renderObjects(t, valuesOf(t, name))
			if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want[name]) {
				t.Errorf("the chart makes\n%q; want\n%q", got, want[name])
			}
			for key, object := range all {
				meta := object.(metav1.Object)
				if meta.GetNamespace() != namespace {
					t.Errorf("%s is in the namespace %q", key, meta.GetNamespace())
				}
				for label, value := range meta.GetLabels() {
					if errs := append(validation.IsQualifiedName(label), validation.IsValidLabelValue(value)...); len(errs) > 0 {
						t.Errorf("%s: label %s=%s: %q", key, label, value, errs)
					}
				}
				for label, value := range map[string]string{
					"app.kubernetes.io/name": "ftd-exporter", "app.kubernetes.io/instance": release, "app.kubernetes.io/managed-by": "Helm",
					"app.kubernetes.io/version": theChart(t).Metadata.AppVersion, "helm.sh/chart": "ftd-exporter-" + theChart(t).Metadata.Version,
				} {
					if got := meta.GetLabels()[label]; got != value {
						t.Errorf("%s: label %s is %q; want %q", key, label, got, value)
					}
				}
			}
		})
	}
}

// Names stay within what Kubernetes allows, however long that of the release is.
func TestLongNames(t *testing.T) {
	options := common.ReleaseOptions{Name: strings.Repeat("long-", 10) + "xyz", Namespace: namespace}
	values, err := chartutil.ToRenderValues(theChart(t), valuesOf(t, "monitoring"), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(theChart(t), values)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for line := range strings.Lines(strings.Join(slices.Collect(maps.Values(files)), "\n")) {
		if name, ok := strings.CutPrefix(line, "  name: "); ok {
			names++
			if errs := validation.IsDNS1123Label(strings.TrimSpace(name)); len(errs) > 0 {
				t.Errorf("%s: %q", name, errs)
			}
		}
	}
	if names < 10 {
		t.Errorf("only %d names were found", names)
	}
}

// A port of a container by its name and protocol.
type port struct {
	name     string
	protocol corev1.Protocol
}

// The parts find each other: Services, monitor, policy and budget the pod, the
// pod its volumes.
func TestPartsFitTogether(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			all := renderObjects(t, valuesOf(t, name))
			template := podTemplate(t, all)
			container := template.Spec.Containers[0]
			ports := map[port]int32{}
			for _, p := range container.Ports {
				ports[port{p.Name, p.Protocol}] = p.ContainerPort
				if errs := validation.IsValidPortName(p.Name); len(errs) > 0 {
					t.Errorf("port %s: %q", p.Name, errs)
				}
			}
			selects := func(what string, selector labels.Selector) {
				t.Helper()
				if selector.Empty() || !selector.Matches(labels.Set(template.Labels)) {
					t.Errorf("%s does not select the pod: %s", what, selector)
				}
			}
			selector := func(s *metav1.LabelSelector) labels.Selector {
				t.Helper()
				selector, err := metav1.LabelSelectorAsSelector(s)
				if err != nil {
					t.Fatal(err)
				}
				return selector
			}

			// Ports that some Service of syslog leads to.
			reached := map[port]bool{}
			for _, s := range of[*corev1.Service](all) {
				selects("Service "+s.Name, labels.SelectorFromSet(s.Spec.Selector))
				for _, p := range s.Spec.Ports {
					target := port{p.TargetPort.StrVal, p.Protocol}
					if ports[target] == 0 {
						t.Errorf("Service %s leads to a port that is not there: %v", s.Name, target)
					}
					if s.Labels["app.kubernetes.io/component"] == "syslog" {
						reached[target] = true
					}
				}
			}
			for p := range ports {
				if strings.HasPrefix(p.name, "syslog-") && !reached[p] && !template.Spec.HostNetwork {
					t.Errorf("no Service leads to %v", p)
				}
			}
			for _, s := range of[*appsv1.StatefulSet](all) {
				selects("StatefulSet", selector(s.Spec.Selector))
				governing, ok := all["Service/"+s.Spec.ServiceName].(*corev1.Service)
				if !ok || governing.Spec.ClusterIP != corev1.ClusterIPNone {
					t.Errorf("the StatefulSet has no headless Service %s", s.Spec.ServiceName)
				}
			}
			for _, d := range of[*appsv1.DaemonSet](all) {
				selects("DaemonSet", selector(d.Spec.Selector))
			}
			for _, p := range of[*networkingv1.NetworkPolicy](all) {
				selects("NetworkPolicy", selector(&p.Spec.PodSelector))
				let := 0
				for _, rule := range p.Spec.Ingress {
					for _, in := range rule.Ports {
						if let++; ports[port{in.Port.StrVal, *in.Protocol}] == 0 {
							t.Errorf("NetworkPolicy: there is no port %s", in.Port.StrVal)
						}
					}
				}
				if let != len(ports) || len(p.Spec.Egress) > 0 || len(p.Spec.PolicyTypes) != 2 {
					t.Errorf("NetworkPolicy lets %d of %d ports in, and out %v", let, len(ports), p.Spec.Egress)
				}
			}
			for _, b := range of[*policyv1.PodDisruptionBudget](all) {
				selects("PodDisruptionBudget", selector(b.Spec.Selector))
			}
			for _, m := range of[*monitoringv1.ServiceMonitor](all) {
				var found []string
				for _, s := range of[*corev1.Service](all) {
					if selector(&m.Spec.Selector).Matches(labels.Set(s.Labels)) {
						found = append(found, s.Name)
						if p := s.Spec.Ports[0]; p.Name != m.Spec.Endpoints[0].Port {
							t.Errorf("ServiceMonitor: there is no port %s", m.Spec.Endpoints[0].Port)
						}
					}
				}
				if len(found) != 1 || !slices.Equal(m.Spec.NamespaceSelector.MatchNames, []string{namespace}) {
					t.Errorf("ServiceMonitor finds the Services %q in %q", found, m.Spec.NamespaceSelector.MatchNames)
				}
			}

			volumes := map[string]bool{}
			for _, v := range template.Spec.Volumes {
				if volumes[v.Name] {
					t.Errorf("there are two volumes %s", v.Name)
				}
				volumes[v.Name] = true
				if v.ConfigMap != nil && all["ConfigMap/"+v.ConfigMap.Name] == nil {
					t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
				}
			}
			for _, s := range of[*appsv1.StatefulSet](all) {
				for _, c := range s.Spec.VolumeClaimTemplates {
					volumes[c.Name] = true
				}
			}
			for _, m := range container.VolumeMounts {
				if !volumes[m.Name] {
					t.Errorf("there is no volume %s", m.Name)
				}
				delete(volumes, m.Name)
			}
			if len(volumes) > 0 {
				t.Errorf("nobody mounts %v", volumes)
			}
			if account := template.Spec.ServiceAccountName; account != "default" && all["ServiceAccount/"+account] == nil {
				t.Errorf("there is no ServiceAccount %s", account)
			}
		})
	}
}

// Whatever the values, the pod has no rights that it does not need. What of
// them Kubernetes judges, its own checks judge here.
func TestPodIsLockedDown(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			all := renderObjects(t, valuesOf(t, name))
			template := podTemplate(t, all)
			var forbidden []string
			if result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec)); !result.Allowed {
				forbidden = result.ForbiddenReasons
			}
			var want []string
			if name == "daemonset" {
				want = []string{"host namespaces", "restricted volume types"}
			}
			if slices.Sort(forbidden); !slices.Equal(forbidden, want) {
				t.Errorf("the Pod Security level restricted forbids %q; want %q", forbidden, want)
			}

			pod := template.Spec
			container := pod.Containers[0]
			for what, ok := range map[string]bool{
				"the user of the image":         *pod.SecurityContext.RunAsUser == 65532 && *pod.SecurityContext.RunAsGroup == 65532,
				"owner of its volume":           *pod.SecurityContext.FSGroup == 65532,
				"read-only":                     *container.SecurityContext.ReadOnlyRootFilesystem,
				"without token":                 !*pod.AutomountServiceAccountToken,
				"without the names of Services": !*pod.EnableServiceLinks,
				"limited in memory":             !container.Resources.Limits.Memory().IsZero(),
				"free of throttling":            container.Resources.Limits.Cpu().IsZero(),
			} {
				if !ok {
					t.Errorf("the pod is not %s", what)
				}
			}
			for _, v := range pod.Volumes {
				if v.Secret != nil && *v.Secret.DefaultMode != 0o440 {
					t.Errorf("the secret %s has mode %o", v.Name, *v.Secret.DefaultMode)
				}
			}
			for _, m := range container.VolumeMounts {
				if m.ReadOnly == (m.Name == "data") {
					t.Errorf("volume %s: read-only is %v", m.Name, m.ReadOnly)
				}
			}
			for _, a := range of[*corev1.ServiceAccount](all) {
				if *a.AutomountServiceAccountToken {
					t.Error("the ServiceAccount gives its token to pods")
				}
			}
		})
	}
}

// A firewall is known by its address, so no Service may hide it. It must not
// meet a closed port while the exporter reads its state file.
func TestServicesForSyslog(t *testing.T) {
	found := 0
	for _, name := range cases {
		for _, s := range of[*corev1.Service](renderObjects(t, valuesOf(t, name))) {
			if s.Labels["app.kubernetes.io/component"] != "syslog" {
				continue
			}
			found++
			if s.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal || !s.Spec.PublishNotReadyAddresses {
				t.Errorf("%s: %s: policy %q, not ready %v", name, s.Name, s.Spec.ExternalTrafficPolicy, s.Spec.PublishNotReadyAddresses)
			}
			protocols := map[corev1.Protocol]bool{}
			for _, p := range s.Spec.Ports {
				protocols[p.Protocol] = true
			}
			if len(protocols) > 1 && name != "monitoring" {
				t.Errorf("%s: %s mixes protocols", name, s.Name)
			}
		}
	}
	if found != 4 {
		t.Errorf("found %d Services", found)
	}

	all := renderObjects(t, valuesOf(t, "monitoring"))
	shared := all["Service/fw-ftd-exporter-syslog"].(*corev1.Service).Spec
	var got []string
	for _, p := range shared.Ports {
		got = append(got, fmt.Sprintf("%s %d/%s", p.Name, p.Port, p.Protocol))
	}
	if want := []string{"syslog-udp 514/UDP", "syslog-tcp 1470/TCP", "syslog-tls 6514/TCP"}; !slices.Equal(got, want) {
		t.Errorf("the shared Service has %q; want %q", got, want)
	}
	minimal := renderObjects(t, valuesOf(t, "minimal"))["Service/fw-ftd-exporter-syslog-udp"].(*corev1.Service)
	if minimal.Spec.Type != corev1.ServiceTypeNodePort || minimal.Spec.Ports[0].NodePort != 30514 || minimal.Annotations["example.com/for"] != "firewalls" {
		t.Errorf("the Service for node ports: %v, %v", minimal.Spec, minimal.Annotations)
	}
}

// The rules are those of dashboards/prometheus, group by group.
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

// The boards are those of dashboards/grafana, byte for byte, where the sidecar
// of Grafana looks for them.
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

// The names of job and instance outlive the pod, because alerts and counters do.
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
		if endpoint.Path != "/metrics" || endpoint.Scheme == nil || *endpoint.Scheme != "http" {
			t.Errorf("%s: %v %s", test.kind, endpoint.Scheme, endpoint.Path)
		}
	}
}

// A change of the configuration replaces the pod, unless it is not to; that of
// the chart's version does not.
func TestRestart(t *testing.T) {
	with := func(c *chart.Chart, values map[string]any) corev1.PodTemplateSpec {
		t.Helper()
		files, err := render(c, values)
		if err != nil {
			t.Fatal(err)
		}
		object, _, err := decoder().Decode([]byte(files["ftd-exporter/templates/workload.yaml"]), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return object.(*appsv1.StatefulSet).Spec.Template
	}
	one := map[string]any{"messages": map[string]any{"ignore": []any{302013}}}
	two := map[string]any{"messages": map[string]any{"ignore": []any{302014}}}
	c := theChart(t)
	if reflect.DeepEqual(with(c, map[string]any{"config": one}), with(c, map[string]any{"config": two})) {
		t.Error("the pod stays though its configuration changes")
	}
	if !reflect.DeepEqual(with(c, map[string]any{"config": one, "restartOnConfigChange": false}), with(c, map[string]any{"config": two, "restartOnConfigChange": false})) {
		t.Error("the pod is replaced though it should not")
	}
	later, metadata := *c, *c.Metadata
	metadata.Version = "99.0.0"
	later.Metadata = &metadata
	if !reflect.DeepEqual(with(c, nil), with(&later, nil)) {
		t.Error("the pod is replaced though only the version of the chart is another")
	}
}

// NOTES.txt says where the firewalls send to, and what can go wrong.
func TestNotes(t *testing.T) {
	for name, want := range map[string][]string{
		"":           {"app.kubernetes.io/component=syslog", "port-forward service/fw-ftd-exporter 10061:10061", "permit-hostdown"},
		"daemonset":  {"udp port 5514", "tcp port 5514", "get pods -l app.kubernetes.io/instance=fw -o wide"},
		"minimal":    {"WARNING: persistence.enabled is false", "https://localhost:10061/"},
		"monitoring": {"app.kubernetes.io/component=syslog"},
	} {
		files, err := render(theChart(t), valuesOf(t, name))
		if err != nil {
			t.Fatal(err)
		}
		notes := files["ftd-exporter/templates/NOTES.txt"]
		for _, s := range want {
			if !strings.Contains(notes, s) {
				t.Errorf("%q: the notes lack %q:\n%s", name, s, notes)
			}
		}
		if warns := strings.Contains(notes, "WARNING"); warns != (name == "minimal") {
			t.Errorf("%q: warns is %v:\n%s", name, warns, notes)
		}
	}
}

// The values in the chart's README are values of the chart, and its links lead
// to files.
func TestReadme(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(chartDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^ *```yaml\n(.*?)^ *```$").FindAllSubmatch(content, -1)
	if len(blocks) < 6 {
		t.Errorf("found %d blocks", len(blocks))
	}
	for _, block := range blocks {
		values := map[string]any{}
		if err := yaml.UnmarshalStrict(block[1], &values); err != nil {
			t.Errorf("%v\n%s", err, block[1])
			continue
		}
		renderObjects(t, values)
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)[#)]`).FindAllSubmatch(content, -1) {
		if _, err := os.Stat(filepath.Join(chartDir, string(link[1]))); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
	}
}
