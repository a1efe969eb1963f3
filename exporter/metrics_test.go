package exporter_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// withEverything starts an exporter with each kind of metric: listeners over UDP,
// TCP and TLS, a state file, an inventory, the devices of the sample log, and messages
// that count as unmatched and contradicted.
func withEverything(t *testing.T) *instance {
	t.Helper()
	dir := t.TempDir()
	ca := testutil.NewCA(t, "syslog")
	ca.Issue(t).Write(t, dir)
	log, err := os.ReadFile(filepath.Join(testutil.Root(t), "examples", "fleet.log"))
	if err != nil {
		t.Fatal(err)
	}
	secure := testutil.FreeAddr(t)
	i := start(t, stored(t.TempDir()), replayed(strings.NewReader(string(log))), func(o *exporter.Options) {
		o.ConfigFile = write(t, filepath.Join(dir, "ftd_exporter.yml"), fmt.Sprintf(
			"listeners: [{address: %q}, {address: %q}, {address: 'tls://%s'}]\ndevices: [{name: fw1, labels: {site: ams}, interfaces: [outside]}]\ntls: {cert_file: cert.pem, key_file: key.pem}\n",
			o.ListenAddresses[0], o.ListenAddresses[1], secure))
		o.LogLinesDropped = func() uint64 { return 0 }
	})
	conn, err := tls.Dial("tcp", secure, &tls.Config{RootCAs: ca.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	send(t, conn, "fw1 : %FTD-1-735002: Cooling Fan 1 burns", "fw1 : %FTD-1-735001: Cooling Fan 1: Failure Detected")
	i.shows(`ftd_exporter_messages_unmatched_total{message_id="735002"} 1`, `ftd_exporter_messages_contradicted_total{message_id="735001"} 1`)
	return i
}

// The metrics of the exporter itself are in testdata/metrics.txt. None has a label
// device, so that a sender that the table refuses does not get into them either.
func TestSelfMetrics(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux counts the datagrams that it drops")
	}
	i := withEverything(t)
	families, err := i.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var list, table strings.Builder
	table.WriteString("\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, family := range families {
		name := family.GetName()
		if !strings.HasPrefix(name, "ftd_") {
			continue // Of Go and the process.
		}
		fmt.Fprintf(&list, "# HELP %s %s\n# TYPE %s %s\n\n", name, family.GetHelp(), name, strings.ToLower(family.GetType().String()))
		if strings.HasPrefix(name, "ftd_exporter_") {
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(family.GetType().String()), labelNames(family.GetMetric()[0]), family.GetHelp())
		}
		for _, m := range family.GetMetric() {
			if strings.HasPrefix(name, "ftd_exporter_") && hasLabel(m, "device") {
				t.Errorf("%s has a label device", name)
			}
		}
	}
	testutil.Golden(t, filepath.Join("testdata", "metrics.txt"), list.String())
	testutil.GoldenPart(t, filepath.Join(testutil.Root(t), "docs", "metrics.md"), "<!-- The table of exporter/metrics_test.go begins; written by make golden. -->\n",
		"<!-- The table of exporter/metrics_test.go ends. -->", table.String()+"\n")
	if err := contains(i.get("/metrics"), strings.Split(list.String(), "\n\n")...); err != nil {
		t.Errorf("%.300v", err)
	}
	for _, name := range []string{
		"build_info", "syslog_frames_total", "syslog_bytes_total", "syslog_rejected_total", "syslog_dropped_total", "syslog_receive_buffer_bytes",
		"messages_uncatalogued_total", "messages_unmatched_total", "messages_contradicted_total", "series_rejected_total", "devices", "series",
		"tcp_connections", "tcp_connections_evicted_total", "http_connections_evicted_total", "state_commits_total", "state_commit_failures_total",
		"state_restored_series", "state_restore_successful", "tls_certificate_reload_successful",
		"log_lines_dropped_total", "limit",
		"config_last_reload_successful", "config_last_reload_success_timestamp_seconds",
	} {
		if !strings.Contains(list.String(), "# TYPE ftd_exporter_"+name+" ") {
			t.Errorf("there is no ftd_exporter_%s", name)
		}
	}
	for _, former := range []string{"tcp_evicted_total", "http_evicted_total", "state_restore_success", "tls_certificate_reload_success"} {
		if strings.Contains(list.String(), "# TYPE ftd_exporter_"+former+" ") {
			t.Errorf("ftd_exporter_%s has its former name", former)
		}
	}
}

// labelNames returns the names of the labels of a metric as code.
func labelNames(m *dto.Metric) string {
	var names []string
	for _, l := range m.GetLabel() {
		names = append(names, "`"+l.GetName()+"`")
	}
	return strings.Join(names, ", ")
}

func hasLabel(m *dto.Metric, name string) bool {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return true
		}
	}
	return false
}

// What Prometheus gets keeps the conventions for metrics, over a socket and by
// the handler alone.
func TestMetricsKeepTheConventions(t *testing.T) {
	i := withEverything(t)
	answer := httptest.NewRecorder()
	i.Handler().ServeHTTP(deadlineRecorder{answer}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for name, text := range map[string]string{"socket": i.get("/metrics"), "handler": answer.Body.String()} {
		if n := strings.Count(text, "# TYPE "); n < 80 {
			t.Errorf("%s: only %d metrics", name, n)
		}
		problems, err := promlint.New(strings.NewReader(text)).Lint()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s: %s", name, p.Metric, p.Text)
		}
	}
}

// A deadlineRecorder is a recorder that has deadlines, as the writers of servers
// have.
type deadlineRecorder struct{ *httptest.ResponseRecorder }

func (deadlineRecorder) SetWriteDeadline(time.Time) error { return nil }
