package main

import (
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestCheckConfig(t *testing.T) {
	for name, tc := range map[string]struct {
		config string
		status int
		out    string // FILE stands for the name of the file.
		err    string
	}{
		"empty": {
			"", 0,
			"FILE: valid: 0 devices, 0 listeners, 0 aliases, 0 messages ignored, 0 messages counted\n", "",
		},
		"valid": {
			`
listeners: [{address: udp://:5514}]
devices: [{name: fw1}, {name: fw2}]
identity: {aliases: {old: fw1}}
messages: {ignore: [302013], count: [106023, 106100]}
`, 0,
			"FILE: valid: 2 devices, 1 listener, 1 alias, 1 message ignored, 2 messages counted\n", "",
		},
		"one mistake": {
			"devices: 3\n", 1, "",
			"ftd_exporter check-config: 1 mistake\n" +
				"FILE:1: devices: 3 is a number; write a list, one \"- item\" a line\n",
		},
		"two mistakes": {
			"identity:\n  strict: yes\nlimit: {}\n", 1, "",
			"ftd_exporter check-config: 2 mistakes\n" +
				"FILE:2: identity.strict: \"yes\" is a string; write true or false\n" +
				"FILE:3: key \"limit\" is unknown; did you mean limits?\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.yml")
			if err := os.WriteFile(file, []byte(tc.config), 0o600); err != nil {
				t.Fatal(err)
			}
			status, out, err := call(t, "", "check-config", file)
			out, err = strings.ReplaceAll(out, file, "FILE"), strings.ReplaceAll(err, file, "FILE")
			if status != tc.status || out != tc.out || err != tc.err {
				t.Errorf("status %d\nstdout %q\nstderr %q", status, out, err)
			}
		})
	}
}

func TestCheckConfigFiles(t *testing.T) {
	for file, want := range map[string]struct {
		status int
		output string // A part of both streams together.
	}{
		"../../examples/ftd_exporter.yml": {0, "valid: 3 devices, 2 listeners, 2 aliases, 2 messages ignored, 1 message counted"},
		"nofile.yml":                      {1, "ftd_exporter check-config: configuration: open nofile.yml: no such file or directory"},
	} {
		status, out, err := call(t, "", "check-config", file)
		if status != want.status || !strings.Contains(out+err, want.output) {
			t.Errorf("%s: status %d, %s%s", file, status, out, err)
		}
	}
	if status, _, err := call(t, "", "check-config"); status != 2 || !strings.Contains(err, "required argument 'file' not provided") {
		t.Errorf("without file: status %d, %s", status, err)
	}
}

// Risky settings are reported as warnings, and the exporter starts with them.
func TestCheckConfigWarns(t *testing.T) {
	dir := t.TempDir()
	testutil.NewCA(t, "syslog").Issue(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	}).Write(t, dir)
	file := filepath.Join(dir, "c.yml")
	if err := os.WriteFile(file, []byte("tls:\n  cert_file: cert.pem\n  key_file: key.pem\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, err := call(t, "", "check-config", file)
	want := "warning: " + file + ":2: tls.cert_file: the certificate expired on 2026-03-17T12:00:00Z; renew it, senders refuse it\n"
	if status != 0 || !strings.Contains(out, "valid") || err != want {
		t.Errorf("status %d\nstdout %q\nstderr %q\nwant   %q", status, out, err, want)
	}
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file="+file, "--syslog.listen-address=tls://127.0.0.1:0")
	if _, log := s.stop(); !strings.Contains(log, "the certificate expired on") {
		t.Errorf("no warning in the log:\n%s", log)
	}
}

// Files with devices are checked as well, by every command that names devices.
func TestCheckConfigReadsDevicesFiles(t *testing.T) {
	dir := t.TempDir()
	file, devices := filepath.Join(dir, "c.yml"), filepath.Join(dir, "a.csv")
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, "devices_files: [\"*.csv\", gone.yml]\ndevices: [{name: own}]\n")
	write(devices, "name,hosts\nedge,fw1\n")
	status, out, err := call(t, "", "check-config", file)
	if status != 0 || !strings.Contains(out, "valid: 2 devices") || !strings.Contains(err, "warning: "+file+`:1: devices_files[1]: no file is called, or matches, "gone.yml"`) {
		t.Errorf("status %d: %s%s", status, out, err)
	}
	const line = "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	if status, out, err := call(t, line, "explain", "--config.file="+file); status != 0 || !strings.Contains(out, "edge") {
		t.Errorf("status %d: %s%s", status, out, err)
	}
	write(devices, "name,hosts\nedge,fw1\nedge,\nlon,fw 2\n")
	status, out, err = call(t, "", "check-config", file)
	want := "ftd_exporter check-config: 1 mistake\n" + devices + `:3: [1].name: "edge" belongs to device "edge" already (line 2); remove one` + "\n"
	if status != 1 || out != "" || err != want {
		t.Errorf("status %d: %s%s\nwant %s", status, out, err, want)
	}
	if status, _, err := call(t, line, "explain", "--config.file="+file); status != 1 || !strings.Contains(err, devices+":3: ") {
		t.Errorf("explain: status %d: %s", status, err)
	}
}
