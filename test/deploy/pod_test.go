package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// A port is a container port, by name and protocol.
type port struct {
	name     string
	protocol corev1.Protocol
}

// Services, monitor, policy and budget refer to the pod, and the pod refers to
// its volumes.
func TestObjectsAreConnected(t *testing.T) {
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

			// Ports that a Service for syslog targets.
			reached := map[port]bool{}
			for _, s := range of[*corev1.Service](all) {
				selects("Service "+s.Name, labels.SelectorFromSet(s.Spec.Selector))
				for _, p := range s.Spec.Ports {
					target := port{p.TargetPort.StrVal, p.Protocol}
					if ports[target] == 0 {
						t.Errorf("Service %s targets a port that does not exist: %v", s.Name, target)
					}
					if s.Labels["app.kubernetes.io/component"] == "syslog" {
						reached[target] = true
					}
				}
			}
			for p := range ports {
				if strings.HasPrefix(p.name, "syslog-") && !reached[p] && !template.Spec.HostNetwork {
					t.Errorf("no Service targets %v", p)
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
				t.Errorf("not mounted: %v", volumes)
			}
			if account := template.Spec.ServiceAccountName; account != "default" && all["ServiceAccount/"+account] == nil {
				t.Errorf("there is no ServiceAccount %s", account)
			}
		})
	}
}

// Whatever the values, the pod does not have permissions that it does not need.
// Where Kubernetes has checks for them, this test uses these checks.
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

// Services must preserve the sender address, because it identifies a firewall.
// The port must not be closed while the exporter reads its state file.
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

// Firewalls are configured with an address, so that of a Service can be fixed: one for
// all, or one for each protocol.
func TestAddressesOfServices(t *testing.T) {
	const udp, tcp, shared = "Service/fw-ftd-exporter-syslog-udp", "Service/fw-ftd-exporter-syslog-tcp", "Service/fw-ftd-exporter-syslog"
	for _, tc := range []struct {
		values string
		want   map[string]string // By Service: class, address, addresses, policy.
	}{
		{"service: {}", map[string]string{udp: "  [] Local", tcp: "  [] Local"}},
		{
			"service: {loadBalancerClass: example.com/lb, loadBalancerIP: 192.0.2.10, tcp: {loadBalancerIP: '2001:db8::10'}}",
			map[string]string{udp: "example.com/lb 192.0.2.10 [] Local", tcp: "example.com/lb 2001:db8::10 [] Local"},
		},
		{"service: {shared: true, loadBalancerIP: 192.0.2.10, udp: {loadBalancerIP: 192.0.2.11}}", map[string]string{shared: " 192.0.2.10 [] Local"}},
		{
			"service: {type: ClusterIP, loadBalancerIP: 192.0.2.10, externalIPs: [192.0.2.20], udp: {externalIPs: [192.0.2.21, 192.0.2.22]}}",
			map[string]string{udp: "  [192.0.2.21 192.0.2.22] Local", tcp: "  [192.0.2.20] Local"},
		},
		{"service: {type: ClusterIP}", map[string]string{udp: "  [] ", tcp: "  [] "}},
	} {
		var values map[string]any
		if err := yaml.UnmarshalStrict([]byte(tc.values), &values); err != nil {
			t.Fatal(err)
		}
		all := renderObjects(t, values)
		for name, want := range tc.want {
			s, ok := all[name].(*corev1.Service)
			if !ok {
				t.Errorf("%s: no %s", tc.values, name)
				continue
			}
			class := ""
			if c := s.Spec.LoadBalancerClass; c != nil {
				class = *c
			}
			if got := fmt.Sprintf("%s %s %s %s", class, s.Spec.LoadBalancerIP, s.Spec.ExternalIPs, s.Spec.ExternalTrafficPolicy); got != want {
				t.Errorf("%s: %s has %q, want %q", tc.values, name, got, want)
			}
		}
	}
}
