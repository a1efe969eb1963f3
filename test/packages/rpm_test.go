package packages

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rpm runs rpm in the host. The host is a Debian system, where rpm does not find
// the dependencies and must be forced.
func (h *host) rpm(args ...string) string {
	h.t.Helper()
	return h.run(append([]string{"rpm", "--force-debian", "--nodeps"}, args...)...)
}

func TestRPMContents(t *testing.T) {
	needs(t, map[string]string{"rpm": "rpm"})
	dir := built(t, release)
	for _, arch := range []string{"x86_64", "aarch64", "armv7hl"} {
		name := filepath.Join(dir, "ftd-exporter-0.0.1-1."+arch+".rpm")
		query := func(what ...string) []string {
			t.Helper()
			return strings.Split(strings.TrimSpace(output(t, "rpm", append(append([]string{"--query", "--package"}, what...), name)...)), "\n")
		}
		if got, want := query("--queryformat", "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{OS} %{LICENSE}"), "ftd-exporter 0.0.1 1 "+arch+" linux Apache-2.0"; got[0] != want {
			t.Errorf("%s, want %s", got[0], want)
		}
		if got, want := query("--queryformat", `[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\n]`), withPages(
			t,
			"-rw-r--r-- root:root /etc/default/ftd_exporter",
			"drwxr-xr-x root:root /etc/ftd_exporter",
			"-rw-r--r-- root:root /etc/ftd_exporter/ftd_exporter.yml",
			"-rwxr-xr-x root:root /usr/bin/ftd_exporter",
			"-rwxr-xr-x root:root /usr/bin/ftd_exporter_blocks",
			"-rw-r--r-- root:root /usr/lib/systemd/system-preset/80-ftd_exporter.preset",
			"-rw-r--r-- root:root /usr/lib/systemd/system/ftd_exporter-tcp.socket",
			"-rw-r--r-- root:root /usr/lib/systemd/system/ftd_exporter-tls.socket",
			"-rw-r--r-- root:root /usr/lib/systemd/system/ftd_exporter-udp.socket",
			"-rw-r--r-- root:root /usr/lib/systemd/system/ftd_exporter.service",
			"-rw-r--r-- root:root /usr/share/bash-completion/completions/ftd_exporter",
			"drwxr-xr-x root:root /usr/share/doc/ftd-exporter",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/CHANGELOG.md",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/NOTICE",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/README.md",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/SECURITY.md",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/THIRD_PARTY_NOTICES",
			"drwxr-xr-x root:root /usr/share/doc/ftd-exporter/docs",
			"drwxr-xr-x root:root /usr/share/doc/ftd-exporter/docs/images",
			"drwxr-xr-x root:root /usr/share/doc/ftd-exporter/docs/runbooks",
			"drwxr-xr-x root:root /usr/share/doc/ftd-exporter/examples",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/examples/alertmanager.yml",
			"-rw-r--r-- root:root /usr/share/doc/ftd-exporter/examples/ftd_exporter.yml",
			"-rw-r--r-- root:root /usr/share/fish/vendor_completions.d/ftd_exporter.fish",
			"drwxr-xr-x root:root /usr/share/ftd_exporter",
			"drwxr-xr-x root:root /usr/share/ftd_exporter/grafana",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/ftd-capacity.json",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/ftd-device.json",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/ftd-exporter.json",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/ftd-fleet.json",
			"drwxr-xr-x root:root /usr/share/ftd_exporter/grafana/provisioning",
			"drwxr-xr-x root:root /usr/share/ftd_exporter/grafana/provisioning/dashboards",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/provisioning/dashboards/ftd.yml",
			"drwxr-xr-x root:root /usr/share/ftd_exporter/grafana/provisioning/datasources",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/grafana/provisioning/datasources/prometheus.yml",
			"drwxr-xr-x root:root /usr/share/ftd_exporter/prometheus",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/prometheus/ftd.alerts.yml",
			"-rw-r--r-- root:root /usr/share/ftd_exporter/prometheus/ftd.rules.yml",
			"drwxr-xr-x root:root /usr/share/licenses/ftd-exporter",
			"-rw-r--r-- root:root /usr/share/licenses/ftd-exporter/LICENSE",
			"-rw-r--r-- root:root /usr/share/man/man1/ftd_exporter.1.gz",
			"-rw-r--r-- root:root /usr/share/zsh/site-functions/_ftd_exporter",
		); !slices.Equal(got, want) {
			t.Errorf("%s has\n%s", arch, strings.Join(got, "\n"))
		}
		if got, want := query("--configfiles"), []string{"/etc/default/ftd_exporter", "/etc/ftd_exporter/ftd_exporter.yml"}; !slices.Equal(got, want) {
			t.Errorf("configuration files %q", got)
		}
		if got := query("--requires"); !slices.Contains(got, "shadow-utils") {
			t.Errorf("requires %q", got)
		}
		scripts := strings.Join(query("--scripts"), "\n")
		for _, want := range []string{"preinstall scriptlet", "useradd -r", "postinstall scriptlet", "systemctl preset", "preuninstall scriptlet", "systemctl stop", "postuninstall scriptlet"} {
			if !strings.Contains(scripts, want) {
				t.Errorf("the scripts lack %q:\n%s", want, scripts)
			}
		}
	}
}

// TestRPMService installs, upgrades and erases the package on a machine with
// systemd. The scripts of the package run, although the machine is a Debian
// system.
func TestRPMService(t *testing.T) {
	h := newHost(t, true)
	before := h.files()
	first, second := h.put(release, "*.x86_64.rpm"), h.put(next, "*.x86_64.rpm")

	h.rpm("--install", first)
	h.active(units...)
	if got := h.enabled(); !slices.Equal(got, units) {
		t.Errorf("enabled: %q", got)
	}
	for name, want := range map[string]string{
		"/etc/ftd_exporter":     "750 root:ftd_exporter",
		"/var/lib/ftd_exporter": "750 ftd_exporter:ftd_exporter",
	} {
		if got := h.stat(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	h.send("udp", "by-udp", 514)
	h.shows(`ftd_component_ok\{component="power_supply",device="by-udp",unit="1"\} 0`)

	h.write("/etc/default/ftd_exporter", "ARGS=--log.level=debug\n")
	h.run("systemctl", "stop", "ftd_exporter-tcp.socket")
	h.run("systemctl", "disable", "ftd_exporter-tcp.socket")
	old := h.process()
	h.rpm("--upgrade", second)
	h.active("ftd_exporter.service", "ftd_exporter-udp.socket")
	if h.process() == old {
		t.Error("the upgrade has not restarted the exporter")
	}
	h.shows(`ftd_exporter_build_info\{.*version="0\.0\.2".*\} 1`)
	h.shows(`ftd_component_ok\{component="power_supply",device="by-udp",unit="1"\} 0`)
	if got := h.read("/etc/ftd_exporter/ftd_exporter.yml"); got != nextConfig {
		t.Errorf("the unchanged configuration is %q", got)
	}
	if got := h.read("/etc/default/ftd_exporter"); got != "ARGS=--log.level=debug\n" {
		t.Errorf("the changed file is %q", got)
	}
	if got, want := h.enabled(), []string{"ftd_exporter.service", "ftd_exporter-udp.socket"}; !slices.Equal(got, want) {
		t.Errorf("enabled: %q", got)
	}

	// Changed files, the state and the user stay.
	h.rpm("--erase", "ftd-exporter")
	h.fails("systemctl", "is-active", "ftd_exporter-udp.socket")
	// Directories of fish, zsh and licenses belong to other packages.
	if got, want := differences(before, h.files()), []string{
		"/etc/default/ftd_exporter.rpmsave",
		"/etc/group",
		"/etc/gshadow",
		"/etc/passwd",
		"/etc/shadow",
		"/usr/share/fish",
		"/usr/share/fish/vendor_completions.d",
		"/usr/share/licenses",
		"/usr/share/zsh/site-functions",
		"/var/lib/ftd_exporter",
		"/var/lib/ftd_exporter/state.db",
	}; !slices.Equal(got, want) {
		t.Errorf("erasing leaves %q", got)
	}
}
