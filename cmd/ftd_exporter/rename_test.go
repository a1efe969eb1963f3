package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A device that gets another name by an alias or the inventory, at a reload or
// at a start, takes its series along, also in the file.
func TestRename(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	storage := t.TempDir()
	start := func() *server {
		return startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file="+name, "--storage.path="+storage, "--web.enable-lifecycle")
	}
	say := func(s *server, lines ...string) {
		t.Helper()
		conn, err := net.Dial("tcp", s.tcp)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	// has waits until a device has failed so often, and nobody else ever has.
	has := func(s *server, device, failures string) {
		t.Helper()
		want := `ftd_component_failures_total{component="fan",device="` + device + `",unit="1"} ` + failures + "\n"
		var body string
		testutil.Eventually(t, want, func() bool {
			_, _, body = s.get("/metrics", nil)
			return strings.Contains(body, want)
		})
		for line := range strings.Lines(body) {
			if strings.Contains(line, `device="`) && !strings.Contains(line, `device="`+device+`"`) {
				t.Errorf("beside %s: %s", device, line)
			}
		}
		if !strings.Contains(body, `ftd_component_ok{component="fan",device="`+device+`",unit="1"} 0`) {
			t.Errorf("%s works", device)
		}
	}
	const failed = " : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	s := start()
	say(s, "old"+failed)
	has(s, "old", "1")

	write("identity: {aliases: {old: new}}\n")
	if status, body := s.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
	has(s, "new", "1")
	say(s, "old"+failed, "new"+failed)
	has(s, "new", "3")
	if status, _ := s.stop(); status != 0 {
		t.Fatalf("status %d", status)
	}

	write("identity: {aliases: {old: new}}\ndevices: [{name: core, hosts: [new]}]\n")
	s = start()
	has(s, "core", "3")
	say(s, "new"+failed, "old"+failed, "core"+failed)
	has(s, "core", "6")
	if status, _ := s.stop(); status != 0 {
		t.Fatalf("status %d", status)
	}

	s = start()
	has(s, "core", "6")
	if status, log := s.stop(); status != 0 || strings.Contains(log, "Device renamed") {
		t.Errorf("status %d, or a device that is renamed has come back\n%s", status, log)
	}
}
