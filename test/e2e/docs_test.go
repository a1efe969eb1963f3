package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A reader runs the examples of the documentation in a copy of the repository,
// with the program and a running exporter.
type reader struct {
	dir      string
	exporter *testutil.Exporter
	ports    *strings.Replacer // From the ports in the text to the exporter's ports.
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{dir: filepath.Join(t.TempDir(), "ftd_exporter")}
	r.copyRepository(t)
	r.write(t, "ftd_exporter", readFile(t, testutil.Program(t)), 0o700)
	log := readFile(t, sampleLog)

	r.write(t, ".curlrc", []byte("fail\n"), 0o600) // Fail on status 404.

	// Files and devices in the examples.
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	if _, err := z.Write(log); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r.write(t, "firewalls-2025-12.log.gz", compressed.Bytes(), 0o600)
	log = append(log, "<161>fw1 : %FTD-1-735003: Power Supply 1: OK\n<161>192.0.2.11 : %FTD-1-735003: Power Supply 1: OK\n"...)
	r.write(t, "more.log", log, 0o600)

	c := newCertificate(t)
	for name, file := range map[string]string{"cert.pem": c.cert, "key.pem": c.key, "clients.pem": c.ca} {
		r.write(t, "tls/"+name, readFile(t, file), 0o600)
	}

	r.exporter = testutil.Serve(t, "--web.enable-admin-api", "--web.enable-lifecycle", "--syslog.replay-file="+filepath.Join(r.dir, "more.log"))
	r.ports = portReplacer(r.exporter.Web, r.exporter.UDP)
	return r
}

// portReplacer replaces the default ports.
func portReplacer(web, syslog string) *strings.Replacer {
	_, w, _ := net.SplitHostPort(web)
	_, s, _ := net.SplitHostPort(syslog)
	return strings.NewReplacer("10061", w, "5514", s)
}

// copyRepository copies the files of the project.
func (r *reader) copyRepository(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case name == ".":
			return nil
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || name == "data" || name == "dist"):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || name == "ftd_exporter" || name == "ftd_exporter_blocks":
			return nil
		}
		r.write(t, name, readFile(t, path), 0o600)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *reader) write(t *testing.T, name string, data []byte, mode fs.FileMode) {
	t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// command returns a command that runs in the copy.
func (r *reader) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "PATH="+r.dir+":"+os.Getenv("PATH"), "CURL_HOME="+r.dir)
	return cmd
}

// try runs a command and fails the test unless it succeeds. It returns the output
// of the command.
func (r *reader) try(t *testing.T, name string, args ...string) (out []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := r.command(ctx, name, args...)
	cmd.WaitDelay = time.Second // For its child processes.
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if bytes.Contains(out, []byte(`"error":`)) {
		t.Errorf("an error of the API: %s", out)
	}
	return out
}

// tryScript runs a shell example. Messages that it sends must arrive.
func (r *reader) tryScript(t *testing.T, text string) {
	t.Helper()
	_, before, err := deviceMetrics(r.exporter)
	if err != nil {
		t.Fatal(err)
	}
	sent := strings.Count(text, "/dev/udp/") + strings.Count(text, "ftd_exporter test-message ")
	text = strings.ReplaceAll(r.ports.Replace(text), "/var/lib/prometheus/data", filepath.Join(r.dir, "prometheus"))
	r.try(t, "bash", "-euo", "pipefail", "-c", text)
	testutil.Eventually(t, "messages sent", func() error {
		_, after, err := deviceMetrics(r.exporter)
		if err == nil && after-before != sent {
			err = fmt.Errorf("%d messages have arrived instead of %d", after-before, sent)
		}
		return err
	})
}

// tryUntil runs an example that does not end by itself, on other ports, until it
// prints the expected output.
func (r *reader) tryUntil(t *testing.T, text, want string) {
	t.Helper()
	ports := portReplacer(testutil.FreeAddr(t), testutil.FreeAddr(t))
	makefile := string(readFile(t, filepath.Join(root, "Makefile")))
	r.write(t, "Makefile", []byte(ports.Replace(makefile)), 0o600)
	var out testutil.Buffer
	cmd := r.command(t.Context(), "bash", "-euo", "pipefail", "-c", ports.Replace(text))
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	ended := false
	testutil.Eventually(t, want, func() error {
		if strings.Contains(out.String(), want) {
			return nil
		}
		select {
		case err := <-done:
			ended = true
			t.Errorf("the example ended: %v\n%s", err, out.String())
			return nil
		default:
			return fmt.Errorf("not in the output:\n%s", out.String())
		}
	})
	if !ended {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		<-done
	}
}

// Every example in the documentation works. If one cannot be run here, a comment
// before it has the reason.
func TestExamplesOfTheDocumentation(t *testing.T) {
	for _, tool := range []string{"curl", "jq", "promtool", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: apt-get install curl jq prometheus make", tool)
		}
	}
	r := newReader(t)
	promql := parser.NewParser(parser.Options{})
	tried := map[string]int{}
	for _, p := range pages(t) {
		for i, b := range p.blocks() {
			t.Run(fmt.Sprintf("%s:%d", b.page, b.line), func(t *testing.T) {
				kind, about, _ := strings.Cut(b.note, ": ")
				if kind == "not run" {
					if about == "" {
						t.Error("the comment does not have the reason")
					}
					return
				}
				tried[b.language]++
				switch {
				case kind == "runs until stopped" && b.language == "sh":
					r.tryUntil(t, b.text, about)
				case b.language == "sh":
					r.tryScript(t, b.text)
				case kind == "prometheus" && b.language == "yaml":
					name := fmt.Sprintf("prometheus-%d.yml", i)
					r.write(t, name, []byte(b.text), 0o600)
					r.try(t, "promtool", "check", "config", "--syntax-only", name)
				case b.language == "yaml":
					name := fmt.Sprintf("config-%d.yml", i)
					r.write(t, name, []byte(strings.ReplaceAll(b.text, "/etc/ftd_exporter/tls/", r.dir+"/tls/")), 0o600)
					r.try(t, "./ftd_exporter", "check-config", name)
				case b.language == "json":
					if !json.Valid([]byte(b.text)) {
						t.Error("is not JSON")
					}
				case b.language == "promql":
					if _, err := promql.ParseExpr(b.text); err != nil {
						t.Error(err)
					}
				case b.language == "syslog":
					if out := r.try(t, "./ftd_exporter", "explain", strings.TrimSpace(b.text)); !bytes.HasPrefix(out, []byte("matched ")) {
						t.Errorf("is not matched: %s", out)
					}
				case b.page == "docs/relays.md" && slices.ContainsFunc(relays, func(r relay) bool { return r.name == b.language }):
					// TestRelaysKeepMessages runs it.
				default:
					t.Errorf("a block of %q is neither run nor marked; write <!-- not run: REASON --> before it", b.language)
				}
			})
		}
	}
	for language, minimum := range map[string]int{"sh": 30, "yaml": 5, "json": 3, "promql": 3, "syslog": 1, "rsyslog": 4, "syslog-ng": 4} {
		if tried[language] < minimum {
			t.Errorf("only %d examples in %s were found", tried[language], language)
		}
	}
}

// A failover pair behind a relay is two devices with the configuration that
// docs/relays.md recommends for it.
func TestFailoverPairBehindARelay(t *testing.T) {
	var proposed string
	for _, b := range readPage(t, "docs/relays.md").blocks() {
		if b.language == "yaml" && strings.Contains(b.text, "ams-core-a") {
			proposed = b.text
		}
	}
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(file, []byte(replaceOnce(t, proposed, "192.0.2.250", "127.0.0.1")), 0o600); err != nil {
		t.Fatal(err)
	}
	p := testutil.Serve(t, "--config.file="+file, "--syslog.listen-address=udp://"+testutil.FreeAddr(t))
	p.Send("udp", "<161>192.0.2.21 <161>2026-03-17T12:00:00Z ams-core : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	p.Send("udp", "<161>192.0.2.22 <161>2026-03-17T12:00:00Z ams-core : %FTD-1-735001: Cooling Fan 1: OK")
	testutil.Eventually(t, "two devices", func() error {
		got, _, err := deviceMetrics(p)
		for _, want := range []string{`device="ams-core-a",unit="1"} 0`, `device="ams-core-b",unit="1"} 1`} {
			if err == nil && !slices.Contains(got, `ftd_component_ok{component="fan",`+want) {
				err = fmt.Errorf("no %s", want)
			}
		}
		return err
	})
}
