package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func (s *server) post(path string) (status int, body string) {
	resp, err := s.client.Post(s.url+path, "", nil)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Error(err)
	}
	return resp.StatusCode, string(b)
}

func TestReload(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("devices: [{name: first, addresses: [127.0.0.1]}]\n")
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file="+name, "--web.enable-lifecycle")
	shows := func(want string) func() bool {
		return func() bool {
			_, _, body := s.get("/metrics", nil)
			return strings.Contains(body, want)
		}
	}
	testutil.Eventually(t, "inventory", shows(`ftd_device_last_message_timestamp_seconds{device="first"} 0`))
	conn, err := net.Dial("tcp", s.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	say := func() { io.WriteString(conn, "%FTD-1-735002: Cooling Fan 1: Failure Detected\n") }
	say()
	testutil.Eventually(t, "first", shows(`ftd_component_ok{component="fan",device="first",unit="1"} 0`))

	// A connection outlives a reload that does not concern its listener.
	write("devices: [{name: second, addresses: [127.0.0.1]}]\n")
	if status, body := s.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
	say()
	testutil.Eventually(t, "second", shows(`ftd_component_ok{component="fan",device="second",unit="1"} 0`))

	// A mistake leaves the last good configuration.
	write("devices: [{nam: third}]\n")
	if status, body := s.post("/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, name+":1: ") {
		t.Errorf("%d: %s", status, body)
	}
	testutil.Eventually(t, "failure", shows("ftd_exporter_config_last_reload_successful 0"))
	say()
	testutil.Eventually(t, "still second", shows(`ftd_component_failures_total{component="fan",device="second",unit="1"} 2`))

	// SIGHUP does the same as the call; a new listener opens.
	port := testutil.FreeAddr(t)
	write("listeners: [{address: 'tcp://" + s.tcp + "'}, {address: 'tcp://" + port + "'}]\ndevices: [{name: third, addresses: [127.0.0.1]}]\n")
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	testutil.Eventually(t, "success", shows("ftd_exporter_config_last_reload_successful 1"))
	other, err := net.Dial("tcp", port)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(other, "%FTD-1-735004: Power Supply 1: Failure Detected\n")
	other.Close()
	testutil.Eventually(t, "third", shows(`ftd_component_ok{component="power_supply",device="third",unit="1"} 0`))
	say()
	testutil.Eventually(t, "third over the old connection", shows(`ftd_component_ok{component="fan",device="third",unit="1"} 0`))
}

// The command reload fails if the exporter refuses the configuration, also for
// reasons that the file does not have.
func TestReloadCommand(t *testing.T) {
	t.Chdir(t.TempDir()) // The path of a socket must be short.
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile("c.yml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--config.file=c.yml", "--control.socket=control")
	for _, tc := range []struct {
		config string
		status int
		stderr string
	}{
		{"devices: [{name: fw, addresses: [127.0.0.1]}]\n", 0, ""},
		{"device: []\n", 1, `ftd_exporter reload: the exporter keeps its last valid configuration: c.yml:1: key "device" is unknown`},
		{"listeners: [{address: 'tcp://" + taken.Addr().String() + "'}]\n", 1, "address already in use"},
		{"", 0, ""},
	} {
		write(tc.config)
		if status, _, stderr := call(t, "", "reload", "control"); status != tc.status || !strings.Contains(stderr, tc.stderr) {
			t.Errorf("%q: status %d: %s", tc.config, status, stderr)
		}
	}
	if status, _, stderr := call(t, "", "serve", "--control.socket=c.yml"); status != 1 || !strings.Contains(stderr, "--control.socket=c.yml: c.yml exists and is not a socket") {
		t.Errorf("status %d: %s", status, stderr)
	}
	s.stop()
	if status, _, stderr := call(t, "", "reload", "control"); status != 1 || !strings.Contains(stderr, "does the exporter run") {
		t.Errorf("after the end: status %d: %s", status, stderr)
	}
}

func TestReloadIsOffByDefault(t *testing.T) {
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http")
	if status, body := s.post("/-/reload"); status != http.StatusForbidden || !strings.Contains(body, "--web.enable-lifecycle") {
		t.Errorf("%d: %s", status, body)
	}
	if status, body := s.post("/api/v1/forget?device=fw1"); status != http.StatusForbidden || !strings.Contains(body, "--web.enable-admin-api") {
		t.Errorf("%d: %s", status, body)
	}
}

func TestServeRefusesABadConfiguration(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(name, []byte("limits: {devices: 0}\nmessages: {ignore: [1]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := call(t, "", "serve", "--storage.path=", "--config.file="+name)
	if status != 1 || !strings.Contains(stderr, name+":1: ") || !strings.Contains(stderr, name+":2: ") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// A listener of the command line takes its certificate from the file. Reloading
// loads a new certificate, whatever its modification time.
func TestReloadCertificate(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	var roots *x509.CertPool
	renew := func() {
		ca := testutil.NewCA(t, "syslog")
		ca.Issue(t).Write(t, dir)
		roots = ca.Pool()
	}
	renew()
	port := testutil.FreeAddr(t)
	s := startServer(t, &http.Client{Transport: &http.Transport{}}, "http", "--web.enable-lifecycle", "--syslog.listen-address=tls://"+port,
		"--config.file="+write("c.yml", []byte("tls: {cert_file: cert.pem, key_file: key.pem}\n")))
	dial := func() (*tls.Conn, error) { return tls.Dial("tcp", port, &tls.Config{RootCAs: roots}) }
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	renew()
	if status, body := s.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
	fresh, err := dial()
	if err != nil {
		t.Fatalf("after a reload: %v", err)
	}
	defer fresh.Close()
	for name, c := range map[string]*tls.Conn{"old": conn, "fresh": fresh} {
		io.WriteString(c, name+" : %FTD-1-735002: Cooling Fan 1: Failure Detected\n")
		testutil.Eventually(t, name, func() bool {
			_, _, body := s.get("/metrics", nil)
			return strings.Contains(body, `ftd_component_ok{component="fan",device="`+name+`",unit="1"} 0`)
		})
	}
	// A reload with a broken certificate fails as a whole.
	write("key.pem", nil)
	if status, body := s.post("/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "c.yml:1: tls.key_file: ") {
		t.Errorf("%d: %s", status, body)
	}
	if last, err := dial(); err != nil {
		t.Errorf("after a failed reload: %v", err)
	} else {
		last.Close()
	}
}
