// Package stack_test checks the files of the demo stack without starting it.
package stack_test

import (
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type compose struct {
	Name     string
	Build    build `yaml:"x-build"`
	Services map[string]service
	Volumes  map[string]any
}

type build struct{ Context string }

type service struct {
	Image       string
	Build       build
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	DependsOn   []string `yaml:"depends_on"`
	Restart     string
	ReadOnly    bool `yaml:"read_only"`
}

// decode reads a YAML file into v; with strict, unknown keys are an error.
func decode(t *testing.T, name string, strict bool, v any) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(strict)
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func load(t *testing.T) (c compose) {
	t.Helper()
	decode(t, "compose.yml", true, &c)
	return c
}

// mounts returns the files and directories of the repository that a service
// mounts, by their paths in the service.
func (s service) mounts(t *testing.T) map[string]string {
	t.Helper()
	mounts := map[string]string{}
	for _, v := range s.Volumes {
		if !strings.HasPrefix(v, ".") { // A named volume.
			continue
		}
		parts := strings.Split(v, ":")
		if len(parts) != 3 || parts[2] != "ro" {
			t.Errorf("%s: the stack must not write into the repository; add :ro", v)
		}
		mounts[parts[1]] = parts[0]
	}
	return mounts
}

// hostPath returns the path in the repository of a path in a service, or "".
func hostPath(mounts map[string]string, name string) string {
	for dir := name; dir != "/"; dir = path.Dir(dir) {
		if host, ok := mounts[dir]; ok {
			return filepath.Join(host, strings.TrimPrefix(name, dir))
		}
	}
	return ""
}

func TestImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z/]+:v?\d+\.\d+\.\d+$`)
	var images []string
	for _, s := range load(t).Services {
		if s.Image != "" {
			images = append(images, s.Image)
		}
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (?:--\S+ )*(\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
		if m[1] != "scratch" {
			images = append(images, m[1])
		}
	}
	if len(images) != 3 {
		t.Errorf("images are %v", images)
	}
	for _, image := range images {
		if !pinned.MatchString(image) {
			t.Errorf("%s: the tag is not a version", image)
		}
	}
}

// The image that builds the exporter has the Go version in go.mod.
func TestGo(t *testing.T) {
	find := func(name, pattern string) string {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(pattern).FindString(string(content))
	}
	const release = `\d+\.\d+`
	image, module := find("../../Dockerfile", "golang:"+release), find("../../go.mod", "(?m)^go "+release)
	if strings.TrimPrefix(image, "golang:") != strings.TrimPrefix(module, "go ") {
		t.Errorf("Dockerfile has %q, go.mod has %q", image, module)
	}
}

// The build contexts and mounts of the services exist in the repository.
func TestPathsExist(t *testing.T) {
	c := load(t)
	for name, s := range c.Services {
		var paths []string
		for _, host := range s.mounts(t) {
			paths = append(paths, host)
		}
		if s.Build.Context != "" {
			paths = append(paths, s.Build.Context, filepath.Join(s.Build.Context, "Dockerfile"))
		} else if s.Image == "" {
			t.Errorf("%s has neither image nor build", name)
		}
		for _, p := range paths {
			if _, err := os.Stat(p); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, v := range s.Volumes {
			if named, _, _ := strings.Cut(v, ":"); !strings.HasPrefix(named, ".") {
				if _, ok := c.Volumes[named]; !ok {
					t.Errorf("%s: no volume %s", name, named)
				}
			}
		}
		for _, other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which does not exist", name, other)
			}
		}
	}
}

// Ports are bound to this machine, and Grafana allows anonymous viewers only.
func TestStackIsPrivate(t *testing.T) {
	for name, s := range load(t).Services {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to the network", name, port)
			}
		}
		for key, value := range s.Environment {
			if regexp.MustCompile(`PASSWORD|SECRET|TOKEN`).MatchString(key) {
				t.Errorf("%s: %s is a secret", name, key)
			}
			if strings.HasSuffix(key, "ANONYMOUS_ORG_ROLE") && value != "Viewer" {
				t.Errorf("%s: anonymous users have the role %s", name, value)
			}
		}
	}
}

// Simulator and Prometheus refer to the exporter, Grafana refers to Prometheus,
// and its provisioning to the dashboards.
func TestServicesAreConnected(t *testing.T) {
	services := load(t).Services
	isService := func(source, address string) {
		host, _, _ := strings.Cut(address, ":")
		if _, ok := services[host]; !ok {
			t.Errorf("%s: there is no service %q", source, host)
		}
	}
	for _, arg := range services["simulator"].Command {
		if target, ok := strings.CutPrefix(arg, "--target="); ok {
			u, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			isService(arg, u.Host)
		}
	}
	if !slices.Contains(services["simulator"].Command, "--allow-remote") {
		t.Error("the simulator refuses to send to another container")
	}

	var prometheus struct {
		Scrape []struct {
			Job    string                       `yaml:"job_name"`
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	decode(t, "prometheus.yml", false, &prometheus)
	for _, job := range prometheus.Scrape {
		for _, static := range job.Static {
			for _, target := range static.Targets {
				isService("job "+job.Job, target)
			}
		}
	}

	mounts := services["grafana"].mounts(t)
	var sources struct{ Datasources []struct{ URL string } }
	decode(t, hostPath(mounts, "/etc/grafana/provisioning/datasources/prometheus.yml"), false, &sources)
	for _, s := range sources.Datasources {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		isService(s.URL, u.Host)
	}
	var boards struct {
		Providers []struct{ Options struct{ Path string } }
	}
	decode(t, hostPath(mounts, "/etc/grafana/provisioning/dashboards/ftd.yml"), false, &boards)
	for _, p := range boards.Providers {
		if files, _ := filepath.Glob(filepath.Join(hostPath(mounts, p.Options.Path), "*.json")); len(files) == 0 {
			t.Errorf("there is no dashboard for Grafana in %s", p.Options.Path)
		}
	}
	home := services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if _, err := os.Stat(hostPath(mounts, home)); err != nil {
		t.Errorf("the home dashboard: %v", err)
	}
}

// Prometheus loads its configuration with the rules where compose.yml mounts
// them.
func TestPrometheusConfig(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing; install the Debian package prometheus")
	}
	dir := t.TempDir()
	for target, host := range load(t).Services["prometheus"].mounts(t) {
		name, err := filepath.Rel("/etc/prometheus", target)
		if err != nil {
			t.Fatal(err)
		}
		if host, err = filepath.Abs(host); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(host, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(promtool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rules, err := filepath.Glob("../../dashboards/prometheus/*.yml")
	if err != nil || len(rules) == 0 {
		t.Errorf("%d files with rules: %v", len(rules), err)
	}
	for _, name := range rules {
		if !strings.Contains(string(out), filepath.Base(name)) {
			t.Errorf("Prometheus does not load %s:\n%s", name, out)
		}
	}
}
