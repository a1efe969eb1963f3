package packages

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns the names of the files of the documentation.
func pages(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"docs/*.md", "docs/runbooks/*.md", "docs/images/*.png", "docs/config.schema.json"} {
		files, err := fs.Glob(os.DirFS(repository), pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		names = append(names, files...)
	}
	return names
}

// withPages returns a listing with the lines of the documentation, sorted by name:
// what comes before the names is as with README.md.
func withPages(t *testing.T, listing ...string) []string {
	t.Helper()
	const readme = "/usr/share/doc/ftd-exporter/README.md"
	for _, line := range listing {
		if prefix, ok := strings.CutSuffix(line, readme); ok {
			for _, page := range pages(t) {
				listing = append(listing, prefix+filepath.Dir(readme)+"/"+page)
			}
			break
		}
	}
	slices.SortFunc(listing, func(a, b string) int {
		return strings.Compare(a[strings.LastIndexByte(a, ' ')+1:], b[strings.LastIndexByte(b, ' ')+1:])
	})
	return listing
}

func TestDebContents(t *testing.T) {
	needs(t, map[string]string{"dpkg-deb": "dpkg"})
	dir := built(t, release)
	for _, arch := range []string{"amd64", "arm64", "armhf"} {
		name := filepath.Join(dir, "ftd-exporter_0.0.1_"+arch+".deb")
		for field, want := range map[string]string{"Package": "ftd-exporter", "Version": "0.0.1", "Architecture": arch, "Depends": "adduser"} {
			if got := strings.TrimSpace(output(t, "dpkg-deb", "--field", name, field)); got != want {
				t.Errorf("%s: %s is %q, want %q", arch, field, got, want)
			}
		}
		if got := output(t, "dpkg-deb", "--info", name, "conffiles"); got != "/etc/default/ftd_exporter\n/etc/ftd_exporter/ftd_exporter.yml\n" {
			t.Errorf("%s: configuration files %q", arch, got)
		}
		var files []string
		for line := range strings.Lines(output(t, "dpkg-deb", "--contents", name)) {
			// -rw-r--r-- root/root 229 2026-03-17 12:00 ./etc/default/ftd_exporter
			if f := strings.Fields(line); f[0][0] != 'd' {
				files = append(files, f[0]+" "+f[1]+" "+f[5])
			}
		}
		if want := withPages(
			t,
			"-rw-r--r-- root/root ./etc/default/ftd_exporter",
			"-rw-r--r-- root/root ./etc/ftd_exporter/ftd_exporter.yml",
			"-rwxr-xr-x root/root ./usr/bin/ftd_exporter",
			"-rwxr-xr-x root/root ./usr/bin/ftd_exporter_blocks",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/ftd_exporter-tcp.socket",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/ftd_exporter-tls.socket",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/ftd_exporter-udp.socket",
			"-rw-r--r-- root/root ./usr/lib/systemd/system/ftd_exporter.service",
			"-rw-r--r-- root/root ./usr/share/bash-completion/completions/ftd_exporter",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/CHANGELOG.md",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/NOTICE",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/README.md",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/SECURITY.md",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/THIRD_PARTY_NOTICES",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/copyright",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/examples/alertmanager.yml",
			"-rw-r--r-- root/root ./usr/share/doc/ftd-exporter/examples/ftd_exporter.yml",
			"-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/ftd_exporter.fish",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/ftd-capacity.json",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/ftd-device.json",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/ftd-exporter.json",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/ftd-fleet.json",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/provisioning/dashboards/ftd.yml",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/grafana/provisioning/datasources/prometheus.yml",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/prometheus/ftd.alerts.yml",
			"-rw-r--r-- root/root ./usr/share/ftd_exporter/prometheus/ftd.rules.yml",
			"-rw-r--r-- root/root ./usr/share/man/man1/ftd_exporter.1.gz",
			"-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_ftd_exporter",
		); !slices.Equal(files, want) {
			t.Errorf("%s has\n%s", arch, strings.Join(files, "\n"))
		}
	}
}

func TestManPage(t *testing.T) {
	needs(t, map[string]string{"mandoc": "mandoc", "groff": "groff-base"})
	page := filepath.Join(repository, "packaging", "ftd_exporter.1")
	if out := output(t, "mandoc", "-T", "lint", "-W", "warning", page); out != "" {
		t.Error(out)
	}
	// Groff warns on standard error and prints the page.
	warnings := output(t, "sh", "-c", `groff -ww -man -T utf8 "$0" 2>&1 >/dev/null`, page)
	if warnings != "" {
		t.Error(warnings)
	}
	// It overstrikes bold and underlined letters.
	text := regexp.MustCompile(".\x08").ReplaceAllString(output(t, "mandoc", "-T", "ascii", page), "")
	for _, want := range []string{"--syslog.listen-address=", "check-config <file>", "ftd_exporter simulate --speed=60"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestCompletions checks the completions of each shell.
func TestCompletions(t *testing.T) {
	needs(t, map[string]string{"bash": "bash", "fish": "fish", "zsh": "zsh"})
	for shell, script := range map[string]string{
		"bash": `source ftd_exporter.bash
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_ftd_exporter
printf '%s\n' "${COMPREPLY[@]}"`,
		"fish": `source ftd_exporter.fish
complete -C (string join ' ' -- $argv) | string split --fields=1 \t; true`,
		"zsh": `compadd() { shift; (($#)) && print -l -- ${(M)@:#$words[CURRENT]*} }
_files() { }
fpath=($PWD)
autoload -U _ftd_exporter
words=("$@")
CURRENT=$#
_ftd_exporter`,
	} {
		for _, tc := range []struct{ line, want string }{
			{"ftd_exporter ca", "catalog"},
			{"ftd_exporter check", "check-config"},
			{"ftd_exporter state ", "dump forget"},
			{"ftd_exporter serve --web.config", "--web.config.file"},
			{"ftd_exporter serve --log.format ", "json logfmt"},
		} {
			t.Run(shell+"/"+tc.line, func(t *testing.T) {
				args := []string{"-c", script}
				if shell == "bash" {
					args = append(args, "bash")
				} else if shell == "zsh" {
					args = append([]string{"-f"}, append(args, "zsh")...)
				} else {
					args = append([]string{"--no-config"}, args...)
				}
				cmd := exec.Command(shell, append(args, strings.Split(tc.line, " ")...)...)
				cmd.Dir = filepath.Join(repository, "packaging", "completions")
				cmd.Env = append(os.Environ(), "PATH="+filepath.Join(built(t, release), "ftd_exporter_linux_amd64_v1")+":"+os.Getenv("PATH"))
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				got := strings.Fields(string(out))
				if shell == "fish" {
					// It also offers files.
					got = slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "ftd_exporter") })
				}
				slices.Sort(got)
				if strings.Join(got, " ") != tc.want {
					t.Errorf("offers %q, want %q", got, tc.want)
				}
			})
		}
	}
}
