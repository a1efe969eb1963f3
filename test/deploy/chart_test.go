package deploy

import (
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
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

const (
	chartDir  = "../../deploy/helm/ftd-exporter"
	release   = "fw"
	namespace = "syslog"
)

// cases are the tested values, by the name of their file in ci/; "" is the
// default.
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

// Every values file in ci/ is tested.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(chartDir, "ci", "*.yaml"))
	if err != nil || len(files) != len(cases)-1 {
		t.Errorf("ci/ has %q, %v; the tests use %q", files, err, cases)
	}
}

// Helm's linter does not report anything.
func TestLint(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			for _, m := range lint.RunAll(chartDir, valuesOf(t, name), namespace).Messages {
				// Charts do not need an icon.
				if m.Severity > support.InfoSev || !strings.Contains(m.Err.Error(), "icon is recommended") {
					t.Error(m)
				}
			}
		})
	}
}

// packaged is the chart after packing and unpacking, as users get it.
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

// The package contains the files of the chart, without test files.
func TestPackage(t *testing.T) {
	var names []string
	for _, f := range theChart(t).Raw {
		if strings.HasPrefix(f.Name, "templates/") {
			continue
		}
		names = append(names, f.Name)
	}
	want := []string{".helmignore", "Chart.yaml", "README.md", "files/thresholds.yml", "values.schema.json", "values.yaml"}
	for _, pattern := range []string{"grafana/*.json", "prometheus/*.yml"} {
		files, err := fs.Glob(os.DirFS(filepath.Join(repository, "dashboards")), pattern)
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

// render returns the files that Helm renders from the chart.
func render(c *chart.Chart, values map[string]any) (map[string]string, error) {
	options := common.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true, Revision: 1}
	all, err := chartutil.ToRenderValues(c, values, options, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

// objects are the rendered objects, by kind and name.
type objects map[string]k8sruntime.Object

// decoder returns a decoder for the types of all rendered objects that rejects
// unknown fields.
func decoder() k8sruntime.Decoder {
	scheme := k8sruntime.NewScheme()
	for _, add := range []func(*k8sruntime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, monitoringv1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme, addRoutes,
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
		if path.Base(file) == "NOTES.txt" || path.Base(path.Dir(file)) == "tests" { // TestHelmTest has these.
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

// podTemplate returns the pod template of the workload.
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

// The objects of each values file.
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
			"ConfigMap/fw-ftd-exporter-ftd-exporter", "ConfigMap/fw-ftd-exporter-ftd-fleet",
			"HTTPRoute/fw-ftd-exporter", "Ingress/fw-ftd-exporter", "NetworkPolicy/fw-ftd-exporter",
			"PodDisruptionBudget/fw-ftd-exporter", "PrometheusRule/fw-ftd-exporter", "Service/fw-ftd-exporter",
			"Service/fw-ftd-exporter-headless", "Service/fw-ftd-exporter-syslog", "ServiceAccount/fw-ftd-exporter",
			"ServiceMonitor/fw-ftd-exporter", "StatefulSet/fw-ftd-exporter",
		},
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			all := renderObjects(t, valuesOf(t, name))
			if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want[name]) {
				t.Errorf("the chart renders\n%q; want\n%q", got, want[name])
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

// Names are not too long for Kubernetes, whatever the length of the release name.
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

// A change of the configuration replaces the pod, unless disabled; a change of
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
		t.Error("the pod stays although its configuration changes")
	}
	if !reflect.DeepEqual(with(c, map[string]any{"config": one, "restartOnConfigChange": false}), with(c, map[string]any{"config": two, "restartOnConfigChange": false})) {
		t.Error("the pod is replaced although restartOnConfigChange is false")
	}
	later, metadata := *c, *c.Metadata
	metadata.Version = "99.0.0"
	later.Metadata = &metadata
	if !reflect.DeepEqual(with(c, nil), with(&later, nil)) {
		t.Error("the pod is replaced although only the version of the chart changes")
	}
}

// NOTES.txt has the address for the firewalls, and warnings.
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

// The values in the chart's README are valid, and its links have targets.
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
			t.Errorf("the target of a link does not exist: %v", err)
		}
	}
}
