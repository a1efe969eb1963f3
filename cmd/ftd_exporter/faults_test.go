package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
