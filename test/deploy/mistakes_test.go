package deploy

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Helm rejects values without effect or with harmful effects, with a reason.
func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		values string
		// what the error has in it.
		want []string
	}{
		{"persistent: {enabled: false}", []string{"additional properties 'persistent'"}},
		{"syslog: {udp: {ports: 514}}", []string{"/syslog/udp", "'ports'"}},
		{"kind: Deployment", []string{"/kind", "'StatefulSet', 'DaemonSet'"}},
		{"replicas: 2", []string{"/replicas", "maximum"}},
		{"replicas: '1'", []string{"/replicas", "want integer"}},
		{"image: {tag: 1.0}", []string{"/image/tag", "want string"}},
		{"image: {digest: 'sha256:abc'}", []string{"/image/digest"}},
		{"image: {pullPolicy: always}", []string{"/image/pullPolicy"}},
		{"imagePullSecrets: [registry]", []string{"/imagePullSecrets/0", "want object"}},
		{"fullnameOverride: FTD_Exporter", []string{"/fullnameOverride"}},
		{"syslog: {allow: [firewalls.example.com]}", []string{"/syslog/allow/0"}},
		{"syslog: {allow: 192.0.2.0/24}", []string{"/syslog/allow", "want array"}},
		{"syslog: {proxyProtocol: [true]}", []string{"/syslog/proxyProtocol/0"}},
		{"syslog: {udp: {port: 514}}", []string{"/syslog/udp/port", "minimum"}},
		{"syslog: {udp: {enabled: false}, tcp: {enabled: false}}", []string{"all protocols are off", "enable udp, tcp or tls"}},
		{"syslog: {tls: {enabled: true}}", []string{"syslog.tls.secretName is empty"}},
		{"syslog: {tls: {enabled: true, secretName: s, port: 5514}}", []string{"tcp and tls have the same port"}},
		{"syslog: {tls: {enabled: true, secretName: s, clientAuth: require}}", []string{"needs syslog.tls.clientCASecretName"}},
		{"syslog: {tls: {clientAuth: yes}}", []string{"/syslog/tls/clientAuth"}},
		{"syslog: {tls: {minVersion: 1.2}}", []string{"/syslog/tls/minVersion"}},
		{"syslog: {tls: {minVersion: '1.0'}}", []string{"/syslog/tls/minVersion"}},
		{"web: {port: 5514}", []string{"syslog.tcp.port and web.port are the same"}},
		{"web: {port: 80}", []string{"/web/port", "minimum"}},
		{"web: {telemetryPath: metrics}", []string{"/web/telemetryPath"}},
		{"web: {scheme: HTTPS}", []string{"needs web.configSecretName"}},
		{"web: {probes: exec}", []string{"/web/probes"}},
		{"service: {type: ExternalName}", []string{"/service/type"}},
		{"service: {externalTrafficPolicy: local}", []string{"/service/externalTrafficPolicy"}},
		{"service: {loadBalancerIP: syslog.example.com}", []string{"/service/loadBalancerIP"}},
		{"service: {externalIPs: 192.0.2.1}", []string{"/service/externalIPs", "want array"}},
		{"service: {udp: {externalIPs: [192.0.2.0/24]}}", []string{"/service/udp/externalIPs/0"}},
		{"service: {annotations: {a: 1}}", []string{"/service/annotations/a", "want string"}},
		{"service: {udp: {port: 0}}", []string{"/service/udp/port", "minimum"}},
		{"service: {shared: true, tcp: {port: 6514}}\nsyslog: {tls: {enabled: true, secretName: s}}", []string{"service.shared: tcp and tls have the same port"}},
		{"config: {listeners: [{address: 'udp://:514'}]}", []string{"config.listeners", "set those instead"}},
		{"config: {listners: []}", []string{"/config", "'listners'"}},
		{"config: {devices: [{addresses: [192.0.2.1]}]}", []string{"/config/devices/0", "missing property 'name'"}},
		{"config: {devices: [{name: fw1, labels: {rack: 12}}]}", []string{"/config/devices/0/labels/rack", "want string"}},
		{"config: {limits: {devices: 0}}", []string{"/config/limits/devices", "minimum"}},
		{"config: {messages: {ignore: [all]}}", []string{"/config/messages/ignore/0"}},
		{"prometheusRule: {enabled: true, disabled: {FTDFoo: true}}", []string{"there is no alert FTDFoo"}},
		{"prometheusRule: {enabled: true, alerts: {FTDFoo: {for: 1m}}}", []string{"there is no alert FTDFoo"}},
		{"prometheusRule: {enabled: true, thresholds: {silent: 1}}", []string{"there is no threshold silent, only componentChanges, deviceClockSkewSeconds"}},
		{"prometheusRule: {inventoryLabels: [data-center]}", []string{"/prometheusRule/inventoryLabels/0"}},
		{"prometheusRule: {deviceLabels: []}", []string{"/prometheusRule/deviceLabels", "minItems"}},
		{"persistence: {size: 1}", []string{"/persistence/size", "want string"}},
		{"persistence: {size: big}", []string{"/persistence/size"}},
		{"persistence: {accessModes: [ReadWriteMany]}", []string{"/persistence/accessModes/0"}},
		{"persistence: {hostPath: data}", []string{"/persistence/hostPath"}},
		{"log: {level: verbose}", []string{"/log/level"}},
		{"extraArgs: [replay]", []string{"/extraArgs/0"}},
		{"extraArgs: [--storage.path=/tmp]", []string{"/extraArgs/0", "not"}},
		{"extraArgs: [--web.enable-admin-api]", []string{"/extraArgs/0", "not"}},
		{"extraEnv: [{name: GOGC, value: 50}]", []string{"/extraEnv/0/value", "want string"}},
		{"extraEnv: {GOGC: '50'}", []string{"/extraEnv", "want array"}},
		{"ingress: {hosts: [https://ftd.example.com]}", []string{"/ingress/hosts/0"}},
		{"ingress: {host: ftd.example.com}", []string{"/ingress", "'host'"}},
		{"httpRoute: {enabled: true}", []string{"httpRoute.parentRefs is empty"}},
		{"httpRoute: {parentRefs: [web]}", []string{"/httpRoute/parentRefs/0", "want object"}},
		{"test: {image: ''}", []string{"/test/image"}},
		{"resources: {limit: {memory: 1Gi}}", []string{"/resources", "'limit'"}},
		{"commonLabels: {team: net work}", []string{"/commonLabels/team"}},
		{"nodeSelector: {syslog: true}", []string{"/nodeSelector/syslog", "want string"}},
		{"terminationGracePeriodSeconds: 1", []string{"/terminationGracePeriodSeconds", "minimum"}},
		{"serviceMonitor: {interval: 30}", []string{"/serviceMonitor/interval", "want string"}},
		{"serviceMonitor: {interval: often}", []string{"/serviceMonitor/interval"}},
		{"networkPolicy: {syslogFrom: [192.0.2.0/24]}", []string{"/networkPolicy/syslogFrom/0", "want object"}},
		{"networkPolicy: {metricsFrom: [{ipblock: {cidr: 192.0.2.0/24}}]}", []string{"/networkPolicy/metricsFrom/0", "'ipblock'"}},
		{"hostNetwork: true\nnetworkPolicy: {enabled: true}", []string{"a NetworkPolicy has no effect with hostNetwork"}},
		{"kind: DaemonSet\npodDisruptionBudget: {enabled: true}", []string{"draining a node ignores the budget of a DaemonSet"}},
	} {
		var values map[string]any
		if err := yaml.UnmarshalStrict([]byte(test.values), &values); err != nil {
			t.Fatal(err)
		}
		_, err := render(theChart(t), values)
		if err == nil {
			t.Errorf("%s: is accepted", test.values)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q", test.values, err, want)
			}
		}
	}
}
