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
)

// Without a descriptor left, a firewall still gets a connection, at the cost of
// those who have theirs for nothing, and the log is not flooded.
func TestOutOfDescriptors(t *testing.T) {
	web, syslog := freePort(t), freePort(t)
	// Go would raise a soft limit, so this is both.
	cmd := exec.Command("sh", "-c", `ulimit -n 50 && exec "$0" "$@"`, buildProgram(t),
		"serve", "--web.listen-address="+web, "--syslog.listen-address=tcp://"+syslog, "--storage.path="+t.TempDir())
	var log syncBuffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd}
	t.Cleanup(p.kill)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	get := func(path string) string {
		resp, err := client.Get("http://" + web + path) // Over the connection that it has from the start.
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
	until(t, func() bool { return strings.Contains(get("/-/ready"), "is ready") }, log.String)

	for range 150 { // The kernel takes those that the program cannot.
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
	until(t, func() bool {
		body := get("/metrics")
		for i := range 5 {
			if !strings.Contains(body, fmt.Sprintf(`ftd_component_ok{component="fan",device="fw%d",unit="1"} 0`, i)) {
				return false
			}
		}
		return true
	}, log.String)
	if !regexp.MustCompile(`ftd_exporter_tcp_connections_evicted_total{[^}]*} [1-9]`).MatchString(get("/metrics")) {
		t.Error("no connection made room")
	}
	p.kill()
	if n := strings.Count(log.String(), "Accepting a connection failed"); n != 1 {
		t.Errorf("%d lines about one cause within a minute:\n%s", n, log.String())
	}
}

// What clients of the web server do wrong is told once in a minute, in the form
// of all other lines.
func TestBadWebClientsDoNotFloodTheLog(t *testing.T) {
	dir := t.TempDir()
	certPEM, keyPEM := selfSigned(t, time.Now().Add(time.Hour))
	for name, content := range map[string][]byte{
		"cert.pem": certPEM,
		"key.pem":  keyPEM,
		"web.yml":  []byte("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	web := freePort(t)
	cmd := exec.Command(buildProgram(t), "serve", "--web.listen-address="+web, "--web.config.file="+filepath.Join(dir, "web.yml"),
		"--syslog.listen-address=tcp://127.0.0.1:0", "--storage.path=")
	var log syncBuffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd}
	t.Cleanup(p.kill)
	hangUp := func() bool { // Reports whether the server has hung up.
		conn, err := net.Dial("tcp", web)
		if err != nil {
			return false
		}
		defer conn.Close()
		io.WriteString(conn, "\x80\x2e\x01\x00\x02 this is no TLS\r\n\r\n")
		_, err = io.Copy(io.Discard, conn)
		return err == nil
	}
	until(t, hangUp, log.String)
	for range 50 {
		hangUp()
	}
	p.kill()
	lines := 0
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a line of another form: %s", line)
		}
		lines += strings.Count(line, "TLS handshake error")
	}
	if lines != 1 {
		t.Errorf("%d lines of 51 failures:\n%s", lines, log.String())
	}
}
