package deploy

import (
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"

	"golang.org/x/crypto/bcrypt"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// secrets returns the Secrets that the values in ci/ name, by name and key,
// and the CA that has signed their certificates.
func secrets(t *testing.T) (map[string]map[string][]byte, *testutil.CA) {
	t.Helper()
	ca := testutil.NewCA(t, "ca")
	pair := ca.Issue(t)
	password, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]map[string][]byte{
		"syslog-tls":   {corev1.TLSCertKey: pair.Cert, corev1.TLSPrivateKeyKey: pair.Key},
		"firewalls-ca": {"ca.crt": ca.PEM()},
		"web": {
			"tls.crt": pair.Cert, "tls.key": pair.Key,
			"web.yml": fmt.Appendf(nil, "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\nbasic_auth_users: {prometheus: %q}\n", password),
		},
	}, ca
}

// mount puts the volumes of the pod into the file system of its container.
// Read-only files belong to root, as in a pod.
func mount(t *testing.T, img image, root string, template corev1.PodTemplateSpec, all objects, secrets map[string]map[string][]byte) {
	t.Helper()
	files := map[string]map[string][]byte{}
	for _, v := range template.Spec.Volumes {
		files[v.Name] = map[string][]byte{}
		if v.ConfigMap != nil {
			for key, value := range all["ConfigMap/"+v.ConfigMap.Name].(*corev1.ConfigMap).Data {
				files[v.Name][key] = []byte(value)
			}
		}
		if v.Secret != nil {
			maps.Copy(files[v.Name], secrets[v.Secret.SecretName])
			for _, item := range v.Secret.Items {
				if secrets[v.Secret.SecretName][item.Key] == nil {
					t.Errorf("secret %s has no key %s", v.Secret.SecretName, item.Key)
				}
			}
			if len(files[v.Name]) == 0 {
				t.Errorf("there is no secret %s", v.Secret.SecretName)
			}
		}
	}
	for _, m := range template.Spec.Containers[0].VolumeMounts {
		dir := filepath.Join(root, m.MountPath)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, content := range files[m.Name] {
			// Listen on the loopback address only.
			content = []byte(strings.ReplaceAll(string(content), "://:", "://127.0.0.1:"))
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o440); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(filepath.Join(dir, name), 0, img.gid); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// environment returns the environment of the container.
func environment(t *testing.T, c corev1.Container) (env []string) {
	t.Helper()
	for _, e := range c.Env {
		value := e.Value
		if e.ValueFrom != nil {
			ref := e.ValueFrom.ResourceFieldRef
			limit := c.Resources.Limits[corev1.ResourceMemory]
			if ref == nil || ref.Resource != "limits.memory" || ref.ContainerName != c.Name || !ref.Divisor.Equal(resource.Quantity{}) {
				t.Fatalf("the test does not support %v", e)
			}
			value = fmt.Sprint(limit.Value())
		}
		env = append(env, e.Name+"="+value)
	}
	return env
}

// probe runs a probe as the kubelet does.
func probe(p *corev1.Probe, port int) error {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	if p.TCPSocket != nil {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			err = conn.Close()
		}
		return err
	}
	_, err := testutil.Get(http.DefaultClient, strings.ToLower(string(p.HTTPGet.Scheme))+"://"+address+p.HTTPGet.Path)
	return err
}

// The exporter accepts the flags and files of the pod, works with the permissions
// of the pod, answers the probes, and receives messages on every port of the pod.
func TestPodRuns(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			img := theImage(t)
			secrets, ca := secrets(t)
			ports := map[string]int{"udp": freePort(t), "tcp": freePort(t), "tls": freePort(t)}
			web := freePort(t)
			values := valuesOf(t, name)
			for protocol, port := range ports {
				set(values, port, "syslog", protocol, "port")
			}
			set(values, web, "web", "port")
			all := renderObjects(t, values)
			template := podTemplate(t, all)
			container := template.Spec.Containers[0]
			if uid := *template.Spec.SecurityContext.RunAsUser; uid != int64(img.uid) {
				t.Fatalf("the pod runs as %d, the image is for %d", uid, img.uid)
			}
			root := img.container(t)
			mount(t, img, root, template, all, secrets)

			config := "/etc/ftd_exporter/config/ftd_exporter.yml"
			if !slices.Contains(container.Args, "--config.file="+config) {
				t.Errorf("the flags do not have the configuration file: %q", container.Args)
			}
			check := img.start(t, root, nil, "check-config", config)
			if output := wait(t, check); strings.Contains(output, "warning") {
				t.Error(output)
			}

			args := slices.Clone(container.Args)
			for i, arg := range args {
				args[i] = strings.Replace(arg, "--web.listen-address=:", "--web.listen-address=127.0.0.1:", 1)
			}
			p := img.start(t, root, environment(t, container), args...)
			for _, wanted := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
				testutil.Eventually(t, "a probe", func() error { return probe(wanted, web) })
			}

			url := fmt.Sprintf("http://127.0.0.1:%d/metrics", web)
			client := http.DefaultClient
			if name == "minimal" { // It has TLS and a password.
				url = strings.Replace(url, "http://", "https://prometheus:secret@", 1)
				client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}}
			}
			for _, containerPort := range container.Ports {
				protocol, ok := strings.CutPrefix(containerPort.Name, "syslog-")
				if !ok {
					continue
				}
				if int(containerPort.ContainerPort) != ports[protocol] {
					t.Errorf("port %s is %d; want %d", containerPort.Name, containerPort.ContainerPort, ports[protocol])
				}
				address := fmt.Sprintf("127.0.0.1:%d", ports[protocol])
				send(t, protocol, address, &tls.Config{RootCAs: ca.Pool()})
				testutil.Eventually(t, protocol, func() error {
					return testutil.Shows(client, url, fmt.Sprintf("ftd_exporter_syslog_frames_total{listener=%q} 1", protocol+"://"+address))
				})
			}
			if name == "daemonset" { // Its inventory, and the limit with seven digits.
				if err := testutil.Shows(client, url, `ftd_device_labels_info{device="ams-edge-1",rack="12",site="ams"} 1`); err != nil {
					t.Error(err)
				}
			}
			p.Stop()
			state := slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == "data" })
			if _, err := os.Stat(filepath.Join(root, container.VolumeMounts[state].MountPath, "state.db")); err != nil {
				t.Error(err)
			}
		})
	}
}

// set sets a value below a path of keys.
func set(values map[string]any, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		next, ok := values[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			values[key] = next
		}
		values = next
	}
	values[path[len(path)-1]] = value
}

// send sends one message as a firewall does.
func send(t *testing.T, protocol, address string, config *tls.Config) {
	t.Helper()
	var conn net.Conn
	var err error
	if protocol == "tls" {
		conn, err = tls.Dial("tcp", address, config)
	} else {
		conn, err = net.Dial(protocol, address)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected\n"); err != nil {
		t.Fatal(err)
	}
}
