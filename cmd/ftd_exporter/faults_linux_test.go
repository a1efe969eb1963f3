package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// Without a descriptor left, a firewall still gets a connection, because idle
// connections are closed, and the log is not flooded.
func TestOutOfDescriptors(t *testing.T) {
	web, syslog := testutil.FreeAddr(t), testutil.FreeAddr(t)
	// Go raises the soft limit, so this sets the hard limit too.
	p := testutil.Run(t, exec.Command("sh", "-c", `ulimit -n 50 && exec "$0" "$@"`, testutil.Program(t),
		"serve", "--web.listen-address="+web, "--syslog.listen-address=tcp://"+syslog, "--storage.path="+t.TempDir()))
	client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	get := func(path string) string {
		resp, err := client.Get("http://" + web + path) // Over the connection opened at the start.
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return string(body)
	}
	testutil.Eventually(t, "ready", func() bool { return strings.Contains(get("/-/ready"), "is ready") })

	for range 150 { // The kernel accepts the connections that the program cannot.
		conn, err := net.Dial("tcp", syslog)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for i := range 5 {
		conn, err := net.Dial("tcp", syslog)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", i)
	}
	testutil.Eventually(t, "five devices", func() bool {
		body := get("/metrics")
		for i := range 5 {
			if !strings.Contains(body, fmt.Sprintf(`ftd_component_ok{component="fan",device="fw%d",unit="1"} 0`, i)) {
				return false
			}
		}
		return true
	})
	if !regexp.MustCompile(`ftd_exporter_tcp_connections_evicted_total{[^}]*} [1-9]`).MatchString(get("/metrics")) {
		t.Error("no connection was closed to accept another")
	}
	p.Kill()
	if n := strings.Count(p.Log(), "Accepting a connection failed"); n != 1 {
		t.Errorf("%d lines about one cause within a minute:\n%s", n, p.Log())
	}
}

// Errors of web clients are logged at most once a minute, in the same format as
// all other lines.
func TestBadWebClientsDoNotFloodTheLog(t *testing.T) {
	dir := t.TempDir()
	testutil.NewCA(t, "web").Issue(t).Write(t, dir)
	config := filepath.Join(dir, "web.yml")
	if err := os.WriteFile(config, []byte("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := testutil.Start(t, testutil.Program(t), "--web.config.file="+config, "--syslog.listen-address=tcp://127.0.0.1:0")
	hangUp := func() bool { // Reports whether the server has hung up.
		conn, err := net.Dial("tcp", p.Web)
		if err != nil {
			return false
		}
		defer conn.Close()
		io.WriteString(conn, "\x80\x2e\x01\x00\x02 this is not TLS\r\n\r\n")
		_, err = io.Copy(io.Discard, conn)
		return err == nil
	}
	testutil.Eventually(t, "the server hangs up", hangUp)
	for range 50 {
		hangUp()
	}
	p.Kill()
	lines := 0
	for line := range strings.Lines(p.Log()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a line in another format: %s", line)
		}
		lines += strings.Count(line, "TLS handshake error")
	}
	if lines != 1 {
		t.Errorf("%d lines of 51 failures:\n%s", lines, p.Log())
	}
}
