package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A server is a running serve command.
type server struct {
	t        *testing.T
	url      string
	udp, tcp string
	client   *http.Client
	stop     func() (status int, stderr string)
}

func startServer(t *testing.T, client *http.Client, scheme string, args ...string) *server {
	t.Helper()
	s := newServer(t, client, scheme, args...)
	testutil.Eventually(t, "ready", func() bool {
		status, _, _ := s.get("/-/ready", nil)
		return status == http.StatusOK || status == http.StatusUnauthorized
	})
	return s
}

// newServer starts a server and does not wait for it.
func newServer(t *testing.T, client *http.Client, scheme string, args ...string) *server {
	t.Helper()
	web, syslog := testutil.FreeAddr(t), testutil.FreeAddr(t)
	s := &server{t: t, url: scheme + "://" + web, udp: syslog, tcp: syslog, client: client}
	args = append([]string{
		"serve", "--web.listen-address=" + web, "--syslog.listen-address=udp://" + syslog, "--syslog.listen-address=tcp://" + syslog,
	}, args...)
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--storage.path") }) {
		args = append(args, "--storage.path="+t.TempDir())
	}
	ctx, cancel := context.WithCancel(context.Background())
	var out, stderr testutil.Buffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, streams{strings.NewReader(""), &out, &stderr}) }()
	s.stop = sync.OnceValues(func() (int, string) {
		cancel()
		status := <-done
		s.client.CloseIdleConnections()
		return status, stderr.String()
	})
	t.Cleanup(func() {
		if _, log := s.stop(); t.Failed() {
			t.Logf("the log of the server:\n%s", log)
		}
	})
	return s
}

func (s *server) get(path string, header map[string]string) (status int, contentType, body string) {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, "", err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Error(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(b)
}

func TestServe(t *testing.T) {
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--syslog.replay-file=../../examples/fleet.log")
	for _, network := range []string{"udp", "tcp"} {
		conn, err := net.Dial(network, s.udp)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "<161>2026-03-17T12:00:00Z %s-fw : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", network)
		conn.Close()
	}
	for _, want := range []string{`device="udp-fw"`, `device="tcp-fw"`} {
		testutil.Eventually(t, want, func() bool {
			_, _, body := s.get("/metrics", nil)
			return strings.Contains(body, `ftd_component_ok{component="fan",`+want+`,unit="1"} 0`)
		})
	}
	_, _, body := s.get("/metrics", nil)
	for _, want := range []string{
		"ftd_exporter_build_info{", "go_goroutines ", "process_start_time_seconds ", `ftd_exporter_syslog_frames_total{listener="udp://` + s.udp + `"} 1`,
		`ftd_exporter_syslog_frames_total{listener="replay"}`, "ftd_exporter_devices ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	_, contentType, body := s.get("/metrics", map[string]string{"Accept": "application/openmetrics-text; version=1.0.0"})
	if !strings.HasPrefix(contentType, "application/openmetrics-text") || !strings.HasSuffix(body, "# EOF\n") {
		t.Errorf("OpenMetrics: %s, %d bytes", contentType, len(body))
	}
	for path, want := range map[string]string{"/": "ftd_exporter", "/-/healthy": "healthy", "/-/ready": "ready"} {
		if status, _, body := s.get(path, nil); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	if status, _, _ := s.get("/nowhere", nil); status != http.StatusNotFound {
		t.Errorf("/nowhere: %d", status)
	}
	status, stderr := s.stop()
	if status != 0 || !strings.Contains(stderr, "msg=Stopped") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestServeReportsTheAddressInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, args := range map[string][]string{
		"web":    {"--web.listen-address=" + taken.Addr().String(), "--syslog.listen-address=udp://127.0.0.1:0"},
		"syslog": {"--web.listen-address=127.0.0.1:0", "--syslog.listen-address=tcp://" + taken.Addr().String()},
	} {
		status, _, stderr := call(t, "", append([]string{"serve", "--storage.path="}, args...)...)
		if status != 1 || !strings.Contains(stderr, "address already in use") {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
}

// Errors that end the exporter are in its log, in the format of the log and each in
// a record of its own.
func TestServeLogsFatalErrors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(bad, []byte("limits: {devices: 0}\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"--config.file=" + bad}, []string{bad + ":1: limits.devices: ", bad + `:2: key "colour" is unknown`}},
		{[]string{"--capacity.expiry=0s"}, []string{"--capacity.expiry=0s: must be positive"}},
		{[]string{"--web.listen-address=nowhere"}, []string{"--web.listen-address=nowhere: "}},
	} {
		status, _, stderr := call(t, "", append([]string{"serve", "--storage.path=", "--log.format=json", "--syslog.listen-address=udp://127.0.0.1:0"}, tc.args...)...)
		var got []string
		for line := range strings.Lines(stderr) {
			var record struct{ Level, Msg, Err string }
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Errorf("%q is not JSON: %v", line, err)
			}
			if record.Msg == "Fatal error" && record.Level == "ERROR" {
				got = append(got, record.Err)
			}
		}
		if status != 1 || !slices.EqualFunc(got, tc.want, strings.HasPrefix) {
			t.Errorf("%s: status %d, %q, want %q", tc.args, status, got, tc.want)
		}
	}
}

// An unfinished request of a client does not make the exporter exit with an
// error.
func TestServeStopsInSpiteOfSlowClients(t *testing.T) {
	s := startServer(t, &http.Client{}, "http")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfive")
	testutil.Eventually(t, "two connections", func() bool {
		_, _, body := s.get("/metrics", nil)
		return strings.Contains(body, "\nftd_exporter_http_connections 2\n")
	})
	if status, stderr := s.stop(); status != 0 || !strings.Contains(stderr, "Stopped") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// TLS and basic authentication come from exporter-toolkit; this proves that
// the flags reach it.
func TestServeWithTLSAndPassword(t *testing.T) {
	dir := t.TempDir()
	ca := testutil.NewCA(t, "web")
	ca.Issue(t).Write(t, dir)
	config := filepath.Join(dir, "web.yml")
	// The password is "secret", hashed by bcrypt at the minimum cost.
	if err := os.WriteFile(config, []byte("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\nbasic_auth_users:\n  prometheus: $2a$04$NdzuQL18heaW5W3dkHBRI.HlzVL6vD9ZO9owepOsj7DUggCa8OZyy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}}, "https",
		"--web.config.file="+config)
	if status, _, _ := s.get("/metrics", nil); status != http.StatusUnauthorized {
		t.Errorf("without password: %d", status)
	}
	if status, _, body := s.get("/metrics", map[string]string{"Authorization": "Basic cHJvbWV0aGV1czpzZWNyZXQ="}); status != http.StatusOK || !strings.Contains(body, "ftd_exporter_build_info") {
		t.Errorf("with password: %d", status)
	}
}
