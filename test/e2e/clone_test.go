package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The two commands with which README begins work in a clean clone: the first starts
// the exporter with a fleet, the second makes a power supply fail.
func TestREADMEBeginsInACleanClone(t *testing.T) {
	for _, tool := range []string{"git", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: apt-get install git make", tool)
		}
	}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("needs a clone of the repository with git")
	}
	var commands []string
	for _, b := range readPage(t, "README.md").blocks() {
		if b.language == "sh" && len(commands) < 2 {
			commands = append(commands, strings.TrimSpace(b.text))
		}
	}
	if len(commands) != 2 || commands[0] != "make run" || !strings.Contains(commands[1], "735004") {
		t.Fatalf("README.md begins with the commands %q", commands)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.Command("git", "clone", "--quiet", "--no-hardlinks", root, clone).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v: %s", err, out)
	}
	web, syslog := testutil.FreeAddr(t), testutil.FreeAddr(t)
	ports := portReplacer(web, syslog)
	_, webPort, _ := strings.Cut(web, ":")
	_, syslogPort, _ := strings.Cut(syslog, ":")

	var out testutil.Buffer
	run := exec.Command("bash", "-euo", "pipefail", "-c", commands[0]+" ADDR=127.0.0.1 WEB_PORT="+webPort+" SYSLOG_PORT="+syslogPort)
	run.Dir, run.Stdout, run.Stderr = clone, &out, &out
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- run.Wait() }()
	defer func() {
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGINT)
		<-done
	}()
	exporter := testutil.Exporter{Web: web}
	deadline := time.Now().Add(10 * time.Minute) // It builds the program.
	for {
		if _, err := exporter.Get("/-/ready"); err == nil {
			break
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("make run ended: %v\n%s", err, out.String())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("make run is not ready:\n%s", out.String())
		}
	}
	if page, err := exporter.Get("/"); err != nil || !strings.Contains(page, "ams-edge-fw1") {
		t.Errorf("the status page does not have the fleet: %v", err)
	}
	if out, err := exec.Command("bash", "-c", ports.Replace(commands[1])).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	testutil.Eventually(t, "the failed power supply", func() error {
		return exporter.Shows(`ftd_component_ok{component="power_supply",device="127.0.0.1",unit="1"} 0`)
	})
}
