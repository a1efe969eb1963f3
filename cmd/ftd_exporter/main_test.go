package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// call runs a command to its end.
func call(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, streams{strings.NewReader(stdin), &out, &err})
	return status, out.String(), err.String()
}

const fan = "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
		out    string // A part of standard output.
		err    string // A part of standard error.
	}{
		{"--help", 0, "usage: ftd_exporter", ""},
		{"serve --help", 0, "--syslog.listen-address", ""},
		{"replay --help", 0, "--default-device", ""},
		{"--version", 0, "ftd_exporter, version", ""},
		{"bogus", 2, "", "unexpected bogus; try --help"},
		{"serve --bogus", 2, "", "unknown long flag '--bogus'; try --help"},
		{"replay", 2, "", "required argument 'file' not provided"},
		{"replay nofile", 1, "", "open nofile: no such file or directory"},
		{"replay ..", 1, "", "is a directory"},
		{"catalog 12", 1, "", `"12" is no message id of the catalogue`},
		{"catalog fan", 1, "", `"fan" is no message id of the catalogue`},
		{"catalog --output=xml", 2, "", "enum value must be one of text,json,markdown"},
		{"serve --storage.path= --syslog.listen-address=5514", 1, "", "lacks a scheme"},
		{"serve --capacity.expiry=0s", 1, "", "--capacity.expiry=0s: must be positive"},
		{"serve --storage.path= --web.telemetry-path=metrics", 1, "", "must begin with /"},
		{"serve --log.level=loud", 2, "", "enum value must be one of"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			status, out, err := call(t, "", strings.Fields(tc.args)...)
			if status != tc.status || !strings.Contains(out, tc.out) || !strings.Contains(err, tc.err) {
				t.Errorf("status %d, stdout %q, stderr %q", status, out, err)
			}
		})
	}
}

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	log := fan +
		"<161>%FTD-1-735004: Power Supply 1: Failure Detected\n" + // From the peer.
		"fw1 : %FTD-1-735004: Power Supply 1 smells\n" + // Unmatched.
		"fw1 : %FTD-6-302013: Built\n" + // Uncatalogued.
		"\n" +
		"hello\n" +
		strings.Repeat("x", 9000) + "\n" +
		strings.TrimSuffix(fan, "\n") // The last line lacks its end.
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	io.WriteString(g, log)
	g.Close()
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(z, log)
	z.Close()

	for name, args := range map[string][]string{
		"plain": {write("plain.log", []byte(log))},
		"gzip":  {write("packed.log", gz.Bytes())},
		"zstd":  {write("other.log", zst.Bytes())},
		"stdin": {"-"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, summary := call(t, log, append([]string{"replay", "--peer=192.0.2.7"}, args...)...)
			if status != 0 {
				t.Fatalf("status %d: %s", status, summary)
			}
			for _, want := range []string{
				`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
				`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
				`ftd_component_ok{component="power_supply",device="192.0.2.7",unit="1"} 0`,
			} {
				if !strings.Contains(out, want+"\n") {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			parser := expfmt.NewTextParser(model.UTF8Validation)
			if _, err := parser.TextToMetricFamilies(strings.NewReader(out)); err != nil {
				t.Errorf("the output is no exposition: %v", err)
			}
			want := "lines         8\nmatched       3\nunmatched     1\nuncatalogued  1\nrejected      3 (empty 1, no_tag 1, too_long 1)\n"
			if !strings.HasPrefix(summary, want) || !strings.Contains(summary, "lines/s") {
				t.Errorf("summary:\n%s\nwant\n%s", summary, want)
			}
		})
	}
	t.Run("damaged", func(t *testing.T) {
		status, _, stderr := call(t, "", "replay", write("cut.gz", gz.Bytes()[:gz.Len()/2]))
		if status != 1 || !strings.Contains(stderr, "cut.gz: unexpected EOF") {
			t.Errorf("status %d: %s", status, stderr)
		}
	})
	t.Run("one of two is missing", func(t *testing.T) {
		status, out, stderr := call(t, "", "replay", "nofile", filepath.Join(dir, "plain.log"))
		if status != 1 || !strings.Contains(out, "ftd_component_ok") || !strings.Contains(stderr, "nofile") {
			t.Errorf("status %d: %s", status, stderr)
		}
	})
}

func TestProgressLine(t *testing.T) {
	for want, got := range map[string]string{
		"big.log: 1000 lines, 1 MiB of 4, 25%, 3s left": progressLine("big.log", 1<<20, 4<<20, 1000, time.Second),
		"-: 1000 lines, 1 MiB":                          progressLine("-", 1<<20, 0, 1000, time.Second),
		"a: 0 lines, 0 MiB of 4, 0%":                    progressLine("a", 0, 4<<20, 0, time.Second),
		"a: 9 lines, 4 MiB of 4, 100%":                  progressLine("a", 4<<20, 4<<20, 9, time.Second),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// explainJSON returns the explanations of lines by their JSON keys.
func explainJSON(t *testing.T, lines ...string) []map[string]any {
	t.Helper()
	status, out, stderr := call(t, strings.Join(lines, "\n")+"\n", "explain", "--output=json", "--default-device=192.0.2.7")
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var all []map[string]any
	for line := range strings.Lines(out) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, x)
	}
	return all
}

func TestExplainJSON(t *testing.T) {
	lines := []string{
		"<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735015: CPU 1: Temp: 78 C, Warm",
		"%ASA-4-735002: message repeated 3 times: [ Cooling Fan 1: Failure Detected]",
		"%ASA-4-735001: Cooling Fan 1: Failure Detected",
		"%FTD-1-735002: Cooling Fan 1 burns",
		"%FTD-6-302013: Built",
		"%ASA-8-999999: x",
		"[ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7 per second, max configured rate is 5; Cumulative total count is 4400",
		"hello",
	}
	got := explainJSON(t, lines...)
	if len(got) != len(lines) {
		t.Fatalf("%d explanations of %d lines", len(got), len(lines))
	}
	for i, want := range []string{
		"outcome=matched device=fw1 product=FTD severity=1 message_id=735015 count=1 timestamp=2026-03-17T12:00:00Z fields=map[unit:1 value:78] updates=5",
		"outcome=matched device=192.0.2.7 product=ASA severity=4 message_id=735002 count=3 fields=map[unit:1] updates=3",
		"outcome=matched device=192.0.2.7 product=ASA severity=4 message_id=735001 read_as=735002 count=1 fields=map[unit:1] updates=3",
		"outcome=unmatched reason=the text does not match any template of 735002 device=192.0.2.7 product=FTD severity=1 message_id=735002 count=1 fields=map[] updates=0",
		"outcome=uncatalogued reason=the catalog does not have message 302013 device=192.0.2.7 product=FTD severity=6 message_id=302013 count=1 fields=map[] updates=0",
		"outcome=rejected reason=no_tag message_id=999999 fields=map[] updates=0",
		"outcome=rejected reason=no_tag message_id=733100 fields=map[] updates=0",
		"outcome=rejected reason=no_tag fields=map[] updates=0",
	} {
		var parts []string
		for _, key := range []string{"outcome", "reason", "device", "product", "severity", "message_id", "read_as", "count", "timestamp", "fields"} {
			if v, ok := got[i][key]; ok {
				parts = append(parts, fmt.Sprintf("%s=%v", key, v))
			}
		}
		parts = append(parts, fmt.Sprintf("updates=%d", len(got[i]["updates"].([]any))))
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", lines[i], got, want)
		}
	}
	first := got[1]["updates"].([]any)[0].(map[string]any)
	if fmt.Sprint(first) != "map[labels:map[component:fan device:192.0.2.7 unit:1] metric:ftd_component_ok value:0]" {
		t.Errorf("first update: %v", first)
	}
	if added := got[1]["updates"].([]any)[1].(map[string]any); added["value"] != 3.0 {
		t.Errorf("what a repeated message adds: %v", added)
	}
}

func TestExplainText(t *testing.T) {
	_, out, _ := call(t, "", "explain", "%ASA-4-735001: message repeated 3 times: [ Cooling Fan 1: Failure Detected]")
	for _, want := range []string{
		"matched 735001\n", "device     replay\n", "tag        ASA, severity 4\n", "count      stands for 3 messages\n",
		"read as    735002: the text contradicts the id, and the text decides\n", "field      unit = 1\n",
		`update     ftd_component_ok{component="fan",device="replay",unit="1"} = 0` + "\n",
		`update     ftd_component_failures_total{component="fan",device="replay",unit="1"} += 3` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	_, out, _ = call(t, "", "explain", "%ASA-4-735001: Cooling Fan burns")
	if !strings.Contains(out, "template   Cooling Fan {unit}: OK\n") {
		t.Errorf("no template in\n%s", out)
	}
	_, out, _ = call(t, "", "explain", "IPMI: Power Supply 2 : Failure Detected")
	if !strings.Contains(out, "the text is that of 735004, but the tag before it is missing") {
		t.Errorf("no hint in\n%s", out)
	}
}

func TestExplainCorpus(t *testing.T) {
	var ids, lines []string
	for _, l := range testutil.Corpus(t) {
		if !strings.Contains(l.Text, "\n") { // It would be two.
			ids, lines = append(ids, l.ID), append(lines, l.Text)
		}
	}
	got := explainJSON(t, lines...)
	if len(got) != len(lines) {
		t.Fatalf("%d explanations of %d lines", len(got), len(lines))
	}
	for i, x := range got {
		if ids[i] == "-" {
			if x["outcome"] != "rejected" {
				t.Errorf("read as %v: %q", x["message_id"], lines[i])
			}
		} else if x["message_id"] != ids[i] {
			t.Errorf("want %s, read as %v: %q", ids[i], x["message_id"], lines[i])
		}
	}
}

func TestCatalogCommand(t *testing.T) {
	_, out, _ := call(t, "", "catalog", "--output=json", "735007", "302013")
	if out != "" {
		t.Errorf("an unknown id among known ones: %s", out)
	}
	_, out, _ = call(t, "", "catalog", "--output=json", "735007")
	var entries []catalogEntry
	if err := json.Unmarshal([]byte(out), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].ID != "735007" || entries[0].Severity != 1 || entries[0].Family != "environment" ||
		!slices.Equal(entries[0].Fields, []catalogField{{"unit", "word"}, {"value", "celsius"}}) ||
		!slices.Equal(entries[0].Metrics, []string{"ftd_component_state_changed_timestamp_seconds", "ftd_temperature_celsius", "ftd_temperature_state"}) ||
		entries[0].Meaning == "" || entries[0].Action == "" {
		t.Errorf("%+v", entries)
	}
	for _, output := range []string{"text", "markdown", "json"} {
		status, out, _ := call(t, "", "catalog", "--output="+output)
		if status != 0 || len(regexp.MustCompile(`\b7[2-7]\d{4}\b`).FindAllString(out, -1)) < 335 {
			t.Errorf("%s: status %d, %d bytes", output, status, len(out))
		}
	}
}

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

func TestServeReportsWhatIsTaken(t *testing.T) {
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

// A client that does not end its request does not make the end of the exporter
// look like a failure.
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
	// The password is "secret", hashed by bcrypt at the least cost.
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
