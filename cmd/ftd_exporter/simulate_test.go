package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestSimulateRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--target=udp://192.0.2.1:5514":          "192.0.2.1 may be another machine, whose monitoring would show simulated faults; if this is intended, add --allow-remote",
		"--target=tcp://syslog.example.com:5514": "add --allow-remote",
		"--target=udp://[2001:db8::1]:5514":      "add --allow-remote",
		"--target=udp://0.0.0.0:5514":            "add --allow-remote",
		"--target=udp://:5514":                   "host or port is missing",
		"--target=udp://127.0.0.1":               "missing port in address; write udp://127.0.0.1:5514",
		"--target=127.0.0.1:5514":                "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514",
		"--target=tls://127.0.0.1:5514":          "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514",
		"--devices=0":                            "must be 1 to 10000",
		"--rate=0":                               "must be more than 0",
		"--rate=NaN":                             "must be more than 0",
		"--speed=-1":                             "must be more than 0",
		"--duration=-1s":                         "must not be negative",
	} {
		if status, _, stderr := call(t, "", "simulate", args); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", args, status, stderr)
		}
	}
}

func TestSimulateAccepts(t *testing.T) {
	for _, f := range []simulateFlags{
		{target: "udp://127.0.0.1:5514"},
		{target: "tcp://127.8.9.1:5514"},
		{target: "tcp://[::1]:5514"},
		{target: "udp://[::ffff:127.0.0.1]:5514"},
		{target: "udp://localhost:5514"},
		{target: "udp://192.0.2.1:5514", allowRemote: true},
		{target: "tcp://exporter:5514", allowRemote: true},
	} {
		if _, err := f.destination(); err != nil {
			t.Error(err)
		}
	}
}

// After --duration it prints a summary of the messages sent.
func TestSimulateSummary(t *testing.T) {
	receiver, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	status, stdout, stderr := call(t, "", "simulate", "--target=udp://"+receiver.LocalAddr().String(), "--rate=100", "--duration=200ms")
	summary := regexp.MustCompile(`^messages   [1-9]\d*\nincidents  \d+, 0 of them over\nerrors     0\ntime       [\d.]+m?s, \d+ messages/s\n$`)
	if status != 0 || stdout != "" || !summary.MatchString(stderr) {
		t.Errorf("status %d, stdout %q, stderr:\n%s", status, stdout, stderr)
	}
}

// If nothing could be sent, it reports the first error at once, and fails.
func TestSimulateWithoutReceiver(t *testing.T) {
	status, _, stderr := call(t, "", "simulate", "--target=tcp://"+testutil.FreeAddr(t), "--duration=100ms")
	if status != 1 || !strings.Contains(stderr, "refused; trying again every second\nmessages   0\n") || !strings.Contains(stderr, "ftd_exporter simulate: nothing was sent: ") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// A real exporter shows parts that fail and recover.
func TestSimulateShowsInAnExporter(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		t.Run(scheme, func(t *testing.T) {
			server := startServer(t, &http.Client{Transport: &http.Transport{}}, "http")
			ctx, stop := context.WithCancel(t.Context())
			var stderr bytes.Buffer
			ended := make(chan int)
			go func() {
				ended <- run(ctx, []string{"simulate", "--target=" + scheme + "://" + server.udp, "--rate=2000", "--speed=3600"}, streams{err: &stderr})
			}()
			failed, recovered := map[string]bool{}, false
			part := regexp.MustCompile(`(?m)^ftd_component_ok(\{component="(?:fan|power_supply)",.*\}) ([01])$`)
			testutil.Eventually(t, "a part that has failed and works again", func() bool {
				_, _, body := server.get("/metrics", nil)
				for _, m := range part.FindAllStringSubmatch(body, -1) {
					if m[2] == "0" {
						failed[m[1]] = true
					}
					recovered = recovered || m[2] == "1" && failed[m[1]]
				}
				return recovered
			})
			stop()
			if status := <-ended; status != 0 || !strings.Contains(stderr.String(), "errors     0\n") {
				t.Errorf("status %d\n%s", status, stderr.String())
			}
			_, _, body := server.get("/metrics", nil)
			for _, bad := range []string{"ftd_exporter_messages_unmatched_total{", "ftd_exporter_syslog_rejected_total{"} {
				for line := range strings.Lines(body) {
					if strings.HasPrefix(line, bad) && !strings.HasSuffix(line, " 0\n") {
						t.Error(line)
					}
				}
			}
		})
	}
}
