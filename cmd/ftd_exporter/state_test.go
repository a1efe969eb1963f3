package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The state survives a restart.
func TestServeKeepsItsState(t *testing.T) {
	dir := t.TempDir()
	var first string
	for _, line := range []string{"%FTD-1-735004: Power Supply 1: Failure Detected", "%FTD-6-302013: Built"} {
		s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--storage.path="+dir)
		conn, err := net.Dial("tcp", s.tcp)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "fw1 : %s\n", line)
		conn.Close()
		testutil.Eventually(t, line, func() bool {
			_, _, body := s.get("/metrics", nil)
			return strings.Contains(body, `ftd_exporter_syslog_frames_total{listener="tcp://`+s.tcp+`"} 1`)
		})
		_, _, body := s.get("/metrics", nil)
		supply := ""
		for line := range strings.Lines(body) {
			if strings.Contains(line, `component="power_supply"`) {
				supply += line
			}
		}
		if first == "" {
			first = supply
		}
		if supply != first || !strings.Contains(supply, `ftd_component_ok{component="power_supply",device="fw1",unit="1"} 0`) {
			t.Errorf("got\n%s\nwant\n%s", supply, first)
		}
		if status, stderr := s.stop(); status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
	}

	status, out, stderr := call(t, "", "state", "dump", "--storage.path="+dir)
	if status != 0 {
		t.Fatal(stderr)
	}
	for line := range strings.Lines(out) {
		// name{labels} value milliseconds
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "ftd_message_info") && len(strings.Fields(line[strings.LastIndexByte(line, '}'):])) != 3 {
			t.Errorf("no time in %s", line)
		}
	}
	if !strings.Contains(out, `ftd_component_failures_total{component="power_supply",device="fw1",unit="1"} 1 1`) {
		t.Errorf("dump:\n%s", out)
	}
	for args, want := range map[string]string{
		"--component=fan --unit=1 fw1": `device "fw1" does not have a part with these labels`,
		"--component=fan fw9":          `there is no device "fw9"`,
		"--label=units=1 fw1":          `there is no label "units"; use `,
	} {
		if status, _, stderr := call(t, "", append([]string{"state", "forget", "--storage.path=" + dir}, strings.Fields(args)...)...); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", args, status, stderr)
		}
	}
	status, out, stderr = call(t, "", "state", "forget", "--storage.path="+dir, "--component=power_supply", "--unit=1", "fw1")
	if status != 0 || !strings.Contains(out, `forgot ftd_component_ok{device="fw1",component="power_supply",unit="1"}`+"\n") {
		t.Errorf("status %d: %s%s", status, out, stderr)
	}
	if _, out, _ := call(t, "", "state", "dump", "--storage.path="+dir); strings.Contains(out, "power_supply\"") || !strings.Contains(out, "fw1") {
		t.Errorf("after forget of a part:\n%s", out)
	}
	if status, out, stderr := call(t, "", "state", "forget", "--storage.path="+dir, "fw1"); status != 0 || out != "forgot fw1\n" {
		t.Errorf("status %d: %s%s", status, out, stderr)
	}
	if status, _, stderr := call(t, "", "state", "forget", "--storage.path="+dir, "fw1"); status != 1 || !strings.Contains(stderr, `there is no device "fw1"`) {
		t.Errorf("status %d: %s", status, stderr)
	}
	if _, out, _ := call(t, "", "state", "dump", "--storage.path="+dir); strings.Contains(out, "fw1") {
		t.Errorf("after forget:\n%s", out)
	}
	if status, again, stderr := call(t, "", "state", "dump", filepath.Join(dir, "state.db")); status != 0 || strings.Contains(again, "fw1") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if status, _, stderr := call(t, "", "state", "dump", "--storage.path="+t.TempDir()); status != 1 || !strings.Contains(stderr, "no such file or directory; name the exporter's directory by --storage.path") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// A backup of a running exporter is a state file, which another one starts from.
func TestBackupAndRestore(t *testing.T) {
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--storage.path="+t.TempDir(), "--web.enable-admin-api")
	conn, err := net.Dial("tcp", s.tcp)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "fw1 : %%FTD-1-735004: Power Supply 1: Failure Detected\n")
	conn.Close()
	const failed = `ftd_component_ok{component="power_supply",device="fw1",unit="1"} 0`
	testutil.Eventually(t, "a message", func() bool {
		_, _, body := s.get("/metrics", nil)
		return strings.Contains(body, failed)
	})
	status, contentType, body := s.get("/api/v1/state/backup", nil)
	if status != http.StatusOK || contentType != "application/octet-stream" {
		t.Fatalf("%d, %s: %.200q", status, contentType, body)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "state.db")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, stderr := call(t, "", "state", "dump", file); status != 0 || stderr != "" || !strings.Contains(out, failed) {
		t.Errorf("status %d: %s\n%s", status, stderr, out)
	}
	s.stop()
	restored := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--storage.path="+dir)
	testutil.Eventually(t, "the state", func() bool {
		_, _, body := restored.get("/metrics", nil)
		return strings.Contains(body, failed)
	})
}

// What could not be written at the end is told by a warning and an exit status of
// its own.
func TestServeTellsOfUnwrittenState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, said := range []bool{false, true} {
		s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--storage.path="+filepath.Join(file, "below"))
		if said {
			conn, err := net.Dial("tcp", s.tcp)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "fw1 : %%FTD-1-735004: Power Supply 1: Failure Detected\n")
			conn.Close()
			testutil.Eventually(t, "a message", func() bool {
				_, _, body := s.get("/metrics", nil)
				return strings.Contains(body, `device="fw1"`)
			})
		}
		want := 0
		if said {
			want = 3
		}
		status, stderr := s.stop()
		if status != want || strings.Contains(stderr, "level=WARN") != said || strings.Contains(stderr, "not written") != said {
			t.Errorf("status %d, want %d: %s", status, want, stderr)
		}
	}
}

// promtool checks names and help texts.
func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing: apt-get install prometheus")
	}
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--syslog.replay-file=../../examples/fleet.log")
	_, _, body := s.get("/metrics", nil)
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(body)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
