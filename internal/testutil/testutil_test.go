package testutil_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A probe is a test that may fail.
type probe struct {
	testing.TB
	failure string
}

func (p *probe) Helper()             {}
func (p *probe) Logf(string, ...any) {}
func (p *probe) Fatal(args ...any)   { p.fail(fmt.Sprint(args...)) }

func (p *probe) Fatalf(format string, args ...any) { p.fail(fmt.Sprintf(format, args...)) }

func (p *probe) fail(text string) {
	p.failure = text
	runtime.Goexit()
}

// failure returns the failure message of a test, or "".
func failure(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	p := &probe{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(p)
	}()
	<-done
	return p.failure
}

func TestGolden(t *testing.T) {
	t.Setenv("UPDATE", "")
	name := filepath.Join(t.TempDir(), "a.golden")
	if got := failure(t, func(t testing.TB) { testutil.Golden(t, name, "a\n") }); !strings.Contains(got, "make golden writes it") {
		t.Errorf("without a file: %q", got)
	}
	t.Setenv("UPDATE", "1")
	testutil.Golden(t, name, "begin\na\nend\n")
	t.Setenv("UPDATE", "")
	testutil.Golden(t, name, []byte("begin\na\nend\n"))
	if got := failure(t, func(t testing.TB) { testutil.Golden(t, name, "begin\nb\nend\n") }); !strings.Contains(got, "line 2:\n got b\nwant a\nmake golden") {
		t.Errorf("with another text: %q", got)
	}

	testutil.GoldenPart(t, name, "begin\n", "end\n", "a\n")
	if got := failure(t, func(t testing.TB) { testutil.GoldenPart(t, name, "begin\n", "end\n", "b\n") }); !strings.Contains(got, "line 2:") {
		t.Errorf("with another part: %q", got)
	}
	if got := failure(t, func(t testing.TB) { testutil.GoldenPart(t, name, "end\n", "begin\n", "") }); !strings.Contains(got, "does not have the marks") {
		t.Errorf("with marks the wrong way round: %q", got)
	}
	t.Setenv("UPDATE", "1")
	testutil.GoldenPart(t, name, "begin\n", "end\n", "b\nc\n")
	if got, err := os.ReadFile(name); err != nil || string(got) != "begin\nb\nc\nend\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEventually(t *testing.T) {
	n := 0
	testutil.Eventually(t, "three", func() bool { n++; return n == 3 })
	testutil.Eventually(t, "six", func() error {
		if n++; n < 6 {
			return errors.New("not yet")
		}
		return nil
	})
	if n != 6 {
		t.Errorf("%d calls, want 6", n)
	}
}

func TestCA(t *testing.T) {
	ca, other := testutil.NewCA(t, "ca"), testutil.NewCA(t, "other")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Issue(t).TLS(t)}, ClientCAs: ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert}
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	get := func(roots *x509.CertPool, pair testutil.KeyPair) (string, error) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair.TLS(t)}}}
		defer transport.CloseIdleConnections()
		return testutil.Get(&http.Client{Transport: transport}, server.URL)
	}
	client := ca.Issue(t, func(c *x509.Certificate) { c.Subject.CommonName = "fw1" })
	if body, err := get(ca.Pool(), client); err != nil || body != "fw1" {
		t.Errorf("%q, %v", body, err)
	}
	if _, err := get(other.Pool(), client); err == nil {
		t.Error("the server is trusted without its CA")
	}
	if _, err := get(ca.Pool(), ca.Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })); err == nil {
		t.Error("the client is trusted after its time")
	}
	cert, key := client.Write(t, t.TempDir())
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		t.Error(err)
	}
}

func TestProgram(t *testing.T) {
	e := testutil.Serve(t)
	e.Send("udp", "udp-fw : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	e.Send("tcp", "tcp-fw : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	for _, device := range []string{"udp-fw", "tcp-fw"} {
		testutil.Eventually(t, device, func() error {
			return e.Shows(`ftd_component_ok{component="fan",device="` + device + `",unit="1"} 0`)
		})
	}
	if err := e.Shows("ftd_component_ok 1"); err == nil {
		t.Error("Shows accepts a line that does not exist")
	}
	if _, err := e.Get("/nowhere"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("/nowhere: %v", err)
	}
	if runtime.GOOS == "windows" {
		e.Kill()
		return
	}
	e.Stop()
	if !strings.Contains(e.Log(), "Stopped") {
		t.Errorf("the log does not report the end:\n%s", e.Log())
	}
}

func TestRunReportsHowTheCommandEnds(t *testing.T) {
	p := testutil.Run(t, exec.Command(testutil.Program(t), "serve", "--bogus"))
	var exit *exec.ExitError
	if err := p.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(p.Log(), "--bogus") {
		t.Errorf("%v\n%s", err, p.Log())
	}
}
