package packages

import (
	"slices"
	"strings"
	"testing"
)

// units are the units of the packages, except for the TLS socket, which is
// installed but not enabled.
var units = []string{"ftd_exporter.service", "ftd_exporter-udp.socket", "ftd_exporter-tcp.socket"}

// enabled returns the enabled units.
func (h *host) enabled() (names []string) {
	h.t.Helper()
	for _, unit := range append(slices.Clone(units), "ftd_exporter-tls.socket") {
		if state, _ := h.try("systemctl", "is-enabled", unit); state == "enabled\n" {
			names = append(names, unit)
		}
	}
	return names
}

// stat returns mode, owner and group of a file.
func (h *host) stat(name string) string {
	h.t.Helper()
	return strings.TrimSpace(h.run("stat", "--format=%a %U:%G", name))
}

// TestDebWithoutInit installs, upgrades and purges the package on a system where
// systemd is installed but does not run, as when building an image.
func TestDebWithoutInit(t *testing.T) {
	h := newHost(t, false)
	before := h.files()
	first, second := h.put(release, "*_amd64.deb"), h.put(next, "*_amd64.deb")

	h.dpkg(first)
	for name, want := range map[string]string{
		"/usr/bin/ftd_exporter":                       "755 root:root",
		"/etc/ftd_exporter":                           "750 root:ftd_exporter",
		"/etc/ftd_exporter/ftd_exporter.yml":          "644 root:root",
		"/etc/default/ftd_exporter":                   "644 root:root",
		"/var/lib/ftd_exporter":                       "750 ftd_exporter:ftd_exporter",
		"/lib/systemd/system/ftd_exporter.service":    "644 root:root",
		"/usr/share/doc/ftd-exporter/copyright":       "644 root:root",
		"/usr/share/ftd_exporter/grafana":             "755 root:root",
		"/usr/share/zsh/vendor-completions":           "755 root:root",
		"/usr/share/bash-completion/completions":      "755 root:root",
		"/lib/systemd/system/ftd_exporter-tls.socket": "644 root:root",
	} {
		if got := h.stat(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if out := h.run("ftd_exporter", "--version"); !strings.Contains(out, "version 0.0.1 ") {
		t.Errorf("--version: %s", out)
	}
	if out := h.run("ftd_exporter", "check-config", "/etc/ftd_exporter/ftd_exporter.yml"); !strings.Contains(out, "2 listeners") {
		t.Errorf("check-config: %s", out)
	}
	if got := h.run("getent", "passwd", "ftd_exporter"); !strings.Contains(got, ":/var/lib/ftd_exporter:/usr/sbin/nologin") {
		t.Errorf("user: %s", got)
	}
	if got := h.enabled(); !slices.Equal(got, units) {
		t.Errorf("enabled: %q", got)
	}

	// An upgrade replaces an unchanged configuration, and keeps changed files and
	// the exporter's state.
	h.write("/etc/default/ftd_exporter", "ARGS=--log.level=debug\n")
	h.write("/var/lib/ftd_exporter/state.db", "state")
	h.run("chown", "ftd_exporter:ftd_exporter", "/var/lib/ftd_exporter/state.db")
	h.run("chmod", "0700", "/etc/ftd_exporter")
	h.run("systemctl", "disable", "ftd_exporter-tcp.socket")
	h.run("systemctl", "enable", "ftd_exporter-tls.socket")
	h.dpkg(second)
	if out := h.run("ftd_exporter", "--version"); !strings.Contains(out, "version 0.0.2 ") {
		t.Errorf("--version: %s", out)
	}
	if got := h.read("/etc/ftd_exporter/ftd_exporter.yml"); got != nextConfig {
		t.Errorf("the unchanged configuration is %q", got)
	}
	if got := h.read("/etc/default/ftd_exporter"); got != "ARGS=--log.level=debug\n" {
		t.Errorf("the changed file is %q", got)
	}
	if got := h.read("/var/lib/ftd_exporter/state.db"); got != "state" {
		t.Errorf("the state is %q", got)
	}
	if got := h.stat("/etc/ftd_exporter"); got != "700 root:ftd_exporter" {
		t.Errorf("/etc/ftd_exporter is %s", got)
	}
	if got, want := h.enabled(), []string{"ftd_exporter.service", "ftd_exporter-udp.socket", "ftd_exporter-tls.socket"}; !slices.Equal(got, want) {
		t.Errorf("enabled: %q", got)
	}

	// A downgrade keeps a changed configuration.
	h.write("/etc/ftd_exporter/ftd_exporter.yml", "# Ours.\n"+nextConfig)
	h.dpkg(first)
	if got := h.read("/etc/ftd_exporter/ftd_exporter.yml"); got != "# Ours.\n"+nextConfig {
		t.Errorf("the changed configuration is %q", got)
	}

	h.run("dpkg", "--remove", "ftd-exporter")
	if h.exists("/usr/bin/ftd_exporter") || !h.exists("/var/lib/ftd_exporter/state.db") || !h.exists("/etc/default/ftd_exporter") {
		t.Error("after removal the binary must be gone, configuration and state must remain")
	}
	h.run("dpkg", "--purge", "ftd-exporter")
	if left := differences(before, h.files()); len(left) > 0 {
		t.Errorf("purge leaves %q", left)
	}
}

func TestUnits(t *testing.T) {
	h := newHost(t, false)
	h.dpkg(h.put(release, "*_amd64.deb"))
	for _, unit := range append(slices.Clone(units), "ftd_exporter-tls.socket") {
		if out := h.run("systemd-analyze", "verify", "--man=no", "/lib/systemd/system/"+unit); out != "" {
			t.Errorf("%s: %s", unit, out)
		}
	}
	// The threshold is ten times the exposure level; systemd rates up to 5.0 as OK.
	out := h.run("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", "/lib/systemd/system/ftd_exporter.service")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	t.Log(lines[len(lines)-1])
}
