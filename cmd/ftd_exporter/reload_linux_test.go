package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A pipe in place of the configuration file fails the reload and hangs nothing.
func TestReloadOfAPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "c.yml")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file="+name, "--web.enable-lifecycle")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	testutil.Eventually(t, "the reload has failed", func() bool {
		_, _, body := s.get("/metrics", nil)
		return strings.Contains(body, "\nftd_exporter_config_last_reload_successful 0\n")
	})
	if status, body := s.post("/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "is not a regular file") {
		t.Errorf("%d: %s", status, body)
	}
	if status, _ := s.stop(); status != 0 {
		t.Errorf("status %d", status)
	}
}
