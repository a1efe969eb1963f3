package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// An httpRoute has the fields of the Gateway API (gateway.networking.k8s.io/v1) that
// the chart writes.
type httpRoute struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		ParentRefs []struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"parentRefs"`
		Hostnames []string `json:"hostnames"`
		Rules     []struct {
			Matches []struct {
				Path struct {
					Type  string `json:"type"`
					Value string `json:"value"`
				} `json:"path"`
			} `json:"matches"`
			Filters     []map[string]any `json:"filters"`
			BackendRefs []struct {
				Name string `json:"name"`
				Port int32  `json:"port"`
			} `json:"backendRefs"`
		} `json:"rules"`
	} `json:"spec"`
}

// DeepCopyObject implements [k8sruntime.Object]; tests do not change a route.
func (r *httpRoute) DeepCopyObject() k8sruntime.Object { return r }

func addRoutes(scheme *k8sruntime.Scheme) error {
	scheme.AddKnownTypeWithName(schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"}, &httpRoute{})
	return nil
}

func parseValues(t *testing.T, text string) map[string]any {
	t.Helper()
	var values map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// Ingress and HTTPRoute lead to the port of the Service for web browsers.
func TestWebByHostName(t *testing.T) {
	for _, tc := range []struct{ values, ingress, route string }{
		{"ingress: {enabled: false}", "", ""},
		{"ingress: {enabled: true}", " [:/]", ""},
		{
			"ingress: {enabled: true, className: nginx, hosts: [a.example.com, '*.example.com'], tlsSecretName: s}",
			"nginx [a.example.com:/ *.example.com:/] s [a.example.com *.example.com]", "",
		},
		{"ingress: {enabled: true, tlsSecretName: s}", " [:/] s []", ""},
		{
			"httpRoute: {enabled: true, parentRefs: [{name: web, namespace: gateways}], hostnames: [a.example.com]}\nmetricsService: {port: 80}",
			"", "gateways/web [a.example.com] / 80 0",
		},
		{"httpRoute: {enabled: true, parentRefs: [{name: web}], filters: [{type: RequestMirror}]}", "", "/web [] / 10061 1"},
	} {
		all := renderObjects(t, parseValues(t, tc.values))
		service := all["Service/fw-ftd-exporter"].(*corev1.Service)
		got := ""
		for _, i := range of[*networkingv1.Ingress](all) {
			if i.Spec.IngressClassName != nil {
				got = *i.Spec.IngressClassName
			}
			var paths []string
			for _, rule := range i.Spec.Rules {
				for _, p := range rule.HTTP.Paths {
					paths = append(paths, rule.Host+":"+p.Path)
					if b := p.Backend.Service; *p.PathType != networkingv1.PathTypePrefix || b.Name != service.Name || b.Port.Name != service.Spec.Ports[0].Name {
						t.Errorf("%s: %s of %v", tc.values, *p.PathType, b)
					}
				}
			}
			got += fmt.Sprintf(" %v", paths)
			for _, tls := range i.Spec.TLS {
				got += fmt.Sprintf(" %s %v", tls.SecretName, tls.Hosts)
			}
		}
		if got != tc.ingress {
			t.Errorf("%s: Ingress %q, want %q", tc.values, got, tc.ingress)
		}
		got = ""
		for _, r := range of[*httpRoute](all) {
			rule := r.Spec.Rules[0]
			parent, backend := r.Spec.ParentRefs[0], rule.BackendRefs[0]
			got = fmt.Sprintf("%s/%s %v %s %d %d", parent.Namespace, parent.Name, r.Spec.Hostnames, rule.Matches[0].Path.Value, backend.Port, len(rule.Filters))
			if rule.Matches[0].Path.Type != "PathPrefix" || backend.Name != service.Name || backend.Port != service.Spec.Ports[0].Port {
				t.Errorf("%s: %v of %v", tc.values, rule.Matches, backend)
			}
		}
		if got != tc.route {
			t.Errorf("%s: HTTPRoute %q, want %q", tc.values, got, tc.route)
		}
	}
}

// Variables of extraEnv are those of the exporter's container.
func TestExtraEnv(t *testing.T) {
	values := parseValues(t, "extraEnv: [{name: GOGC, value: '50'}, {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]")
	env := podTemplate(t, renderObjects(t, values)).Spec.Containers[0].Env
	if len(env) != 2 || env[0].Name != "GOGC" || env[0].Value != "50" || env[1].ValueFrom.FieldRef.FieldPath != "spec.nodeName" {
		t.Errorf("environment %v", env)
	}
	if env := podTemplate(t, renderObjects(t, nil)).Spec.Containers[0].Env; env != nil {
		t.Errorf("environment %v without extraEnv", env)
	}
}

// The pod of helm test requests what the Service serves, may run in a restricted
// namespace, is not taken for the exporter, and is let in by the network policy.
func TestHelmTest(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for name, want := range map[string]string{
		"":           "wget -q -T 10 -O - http://fw-ftd-exporter:10061/-/ready",
		"minimal":    "nc -z -w 10 fw-ftd-exporter 10061",
		"monitoring": "wget -q -T 10 -O - http://fw-ftd-exporter:10061/-/ready",
		"https":      "wget -q -T 10 -O - --no-check-certificate https://fw-ftd-exporter:10061/-/ready",
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]any{"web": map[string]any{"configSecretName": "web", "scheme": "HTTPS"}}
			if name != "https" {
				values = valuesOf(t, name)
			}
			files, err := render(theChart(t), values)
			if err != nil {
				t.Fatal(err)
			}
			object, _, err := decoder().Decode([]byte(files["ftd-exporter/templates/tests/ready.yaml"]), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			pod := object.(*corev1.Pod)
			if got := strings.TrimSpace(pod.Spec.Containers[0].Args[0]); got != want || pod.Spec.RestartPolicy != corev1.RestartPolicyNever {
				t.Errorf("the pod runs %q, want %q", got, want)
			}
			if pod.Annotations["helm.sh/hook"] != "test" {
				t.Errorf("annotations %v", pod.Annotations)
			}
			if result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec)); !result.Allowed {
				t.Errorf("the Pod Security level restricted forbids %q", result.ForbiddenReasons)
			}
			all := renderObjects(t, values)
			for _, s := range of[*corev1.Service](all) {
				if labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod.Labels)) {
					t.Errorf("Service %s selects the pod of the test", s.Name)
				}
			}
			for _, p := range of[*networkingv1.NetworkPolicy](all) {
				letIn := slices.ContainsFunc(p.Spec.Ingress, func(rule networkingv1.NetworkPolicyIngressRule) bool {
					return rule.Ports[0].Port.StrVal == "metrics" && slices.ContainsFunc(rule.From, func(peer networkingv1.NetworkPolicyPeer) bool {
						return peer.PodSelector != nil && labels.SelectorFromSet(peer.PodSelector.MatchLabels).Matches(labels.Set(pod.Labels))
					})
				})
				if !letIn {
					t.Error("the network policy keeps the test out")
				}
			}
		})
	}
}
