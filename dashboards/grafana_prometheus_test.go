package dashboards

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// grafanaEmpty are the queries that the sample fleet rightly has no answer to.
var grafanaEmpty = map[string]string{
	"ftd-capacity/Messages,_this_week_and_last/B":       "this Prometheus was not there a week ago",
	"ftd-capacity/Threat_reports,_this_week_and_last/B": "this Prometheus was not there a week ago",
}

// Every query of every panel and variable is one that a real Prometheus
// understands, and has an answer when it has scraped an exporter that heard
// the sample fleet. Prometheus scrapes the exporter under two names, which is
// what two exporters that hear the same devices look like.
func TestGrafanaQueriesOnPrometheus(t *testing.T) {
	p := grafanaStart(t)
	at := time.Now()
	all := grafanaChoice{instance: ".+", site: ".*"}
	for name, b := range grafanaBoards(t) {
		for _, v := range b.Templating.List {
			expr := v.expr()
			if expr == "" {
				continue
			}
			if inner, ok := strings.CutPrefix(expr, "label_values("); ok {
				expr = inner[:strings.LastIndex(inner, ",")]
			} else {
				expr = strings.TrimSuffix(strings.TrimPrefix(expr, "query_result("), ")")
			}
			if got, err := p.query(all.fill(expr), at); err != nil || len(got) == 0 {
				t.Errorf("%s: variable %s has %d values: %v", name, v.Name, len(got), err)
			}
		}
	}
	asked := map[string]bool{}
	grafanaEachQuery(t, func(t *testing.T, board string, _ grafanaPanel, expr string) {
		key := t.Name()[len("TestGrafanaQueriesOnPrometheus/"):]
		asked[key] = true
		both, err := p.query(all.fill(expr), at)
		if err != nil {
			t.Fatalf("%v: %s", err, expr)
		}
		reason := grafanaEmpty[key]
		switch {
		case len(both) == 0 && reason == "":
			t.Errorf("%s: no data, and no reason for it: %s", key, expr)
		case len(both) > 0 && reason != "":
			t.Errorf("%s has data; its reason is gone: %s", key, reason)
		}
		if board == "ftd-exporter" && strings.Contains(expr, " by (instance") {
			return // This board tells exporters apart.
		}
		one, err := p.query(grafanaChoice{instance: p.instances[0], site: ".*"}.fill(expr), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := grafanaDifference(one, both, expr); diff != "" {
			t.Errorf("two exporters that hear the same devices do not show the same as one: %s in %s", diff, expr)
		}
	})
	t.Run("site", func(t *testing.T) { grafanaTestSite(t, p, at) })
	for key := range grafanaEmpty {
		if !asked[key] {
			t.Errorf("%s is listed as empty, but is no query", key)
		}
	}
}

// Devices of other sites are left out. Devices that the inventory does not
// have are not.
func grafanaTestSite(t *testing.T, p *grafanaPrometheus, at time.Time) {
	noSite := []string{"chi-branch-fw1", "lon-edge-fw1"} // With failed components.
	panels := map[string]string{}
	for _, panel := range grafanaBoards(t)["ftd-fleet"].Panels {
		panels[panel.Title] = panel.Targets[0].Expr
	}
	for _, tc := range []struct {
		panel, site string
		want        []string
	}{
		{"Silent devices", ".*", []string{"ams-lab-fw1", "lon-lab-fw1"}},
		{"Silent devices", "(ams|lon)", []string{"ams-lab-fw1", "lon-lab-fw1"}},
		{"Silent devices", "lon", []string{"lon-lab-fw1"}},
		{"Silent devices", "par", nil},
		{"Failed components", "par", noSite},
		{"Firing alerts by name", "par", noSite},
	} {
		got, err := p.query(grafanaChoice{instance: ".+", site: tc.site}.fill("count by (device) ("+panels[tc.panel]+")"), at)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, name := range tc.want {
			want = append(want, fmt.Sprint(map[string]string{"device": name}))
		}
		if !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
			t.Errorf("%s at site %s: %v, want %v", tc.panel, tc.site, got, want)
		}
	}
}

// A grafanaChoice is what the user has chosen in the variables.
type grafanaChoice struct{ instance, site string }

// fill puts the choice into an expression as Grafana does.
func (c grafanaChoice) fill(expr string) string {
	return strings.NewReplacer("$job", "ftd", "$instance", c.instance, "$device", ".*", "$site", c.site,
		"$silence", "3600", "$__rate_interval", "1m", "$__range", "1h").Replace(expr)
}

// grafanaDifference compares two answers. Values that depend on the moment of
// a scrape may differ, and so may which of equal ones are the highest.
func grafanaDifference(one, both map[string]float64, expr string) string {
	moving := regexp.MustCompile(`(rate|increase|deriv|predict_linear)\(`).MatchString(expr)
	if moving && strings.Contains(expr, "topk(") {
		if len(one) != len(both) {
			return fmt.Sprintf("%d series, not %d", len(both), len(one))
		}
		return ""
	}
	for _, series := range slices.Sorted(maps.Keys(both)) {
		want, ok := one[series]
		switch {
		case !ok:
			return "more series: " + series
		case !moving && !strings.Contains(expr, "process_") && math.Abs(both[series]-want) > 1e-6*math.Abs(want):
			return fmt.Sprintf("%s is %v, not %v", series, both[series], want)
		}
	}
	if len(one) != len(both) {
		return fmt.Sprintf("%d series, not %d", len(both), len(one))
	}
	return ""
}

// grafanaInventory has a certificate, and names a device that speaks, and one at each of two sites
// that never does.
const grafanaInventory = `tls: {cert_file: cert.pem, key_file: key.pem}
devices:
  - name: lon-vpn-fw1
    labels: {site: lon}
  - name: lon-lab-fw1
    labels: {site: lon}
  - name: ams-lab-fw1
    labels: {site: ams}
`

// grafanaRule is an alert, because the real rules wait before they fire.
const grafanaRule = `groups:
  - name: ftd
    rules:
      - alert: FTDComponentFailed
        expr: max by (device, component, unit) (ftd_component_ok) == 0
        labels: {severity: warning}
`

// grafanaBefore and grafanaAfter are what happens to a device that has the
// troubles which the sample fleet does not have, or not for long: a quota that
// fills up, a critical temperature that stays, a new wording of a known id, and
// the text of another id.
const (
	grafanaBefore = `<163>2026-03-17T12:00:00Z odd-fw1 : %ASA-3-768001: QUOTA: management session utilization is high: requested 1, current 13, warning level 13
`
	grafanaAfter = `<163>2026-03-17T12:00:00Z odd-fw1 : %ASA-3-768001: QUOTA: management session utilization is high: requested 1, current 14, warning level 15
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735007: CPU 1: Temp: 96 C, Critical
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735004: Power Supply 1: Smells
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735025: IO Hub 1: Temp: 58 C, OK
`
)

// A grafanaPrometheus is a running Prometheus with data of the sample fleet.
type grafanaPrometheus struct {
	address   string
	instances []string // The names of the exporter.
}

// grafanaStart starts an exporter that has heard the sample fleet, and a
// Prometheus that scrapes it, then lets the fleet speak once more, so that
// counters rise. Both end with the test.
func grafanaStart(t *testing.T) *grafanaPrometheus {
	t.Helper()
	server, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus; on Debian or Ubuntu: apt-get install --no-install-recommends prometheus")
	}
	dir := t.TempDir()
	write := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	binary := filepath.Join(dir, "ftd_exporter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../cmd/ftd_exporter").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	metrics, syslog := grafanaFreePort(t), grafanaFreePort(t)
	cert, key := grafanaCertificate(t)
	write("cert.pem", cert)
	write("key.pem", key)
	grafanaRun(t, binary,
		"--config.file="+write("ftd_exporter.yml", grafanaInventory), "--storage.path="+filepath.Join(dir, "data"),
		"--web.listen-address=127.0.0.1:"+metrics,
		"--syslog.listen-address=tcp://127.0.0.1:"+syslog, "--syslog.listen-address=udp://127.0.0.1:"+syslog, "--syslog.listen-address=tls://127.0.0.1:0",
		"--syslog.replay-file=../examples/fleet.log", "--syslog.replay-file="+write("before.log", grafanaBefore))

	p := &grafanaPrometheus{
		address:   "127.0.0.1:" + grafanaFreePort(t),
		instances: []string{"127.0.0.1:" + metrics, "localhost:" + metrics},
	}
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: ftd
    static_configs: [{targets: [%q, %q]}]
`, write("rules.yml", grafanaRule), p.instances[0], p.instances[1])
	grafanaRun(t, server, "--config.file="+write("prometheus.yml", config), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+p.address)

	p.await(t, `count(count_over_time(ftd_exporter_build_info[1h]) >= 2) == 2`)
	log, err := os.ReadFile("../examples/fleet.log")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+syslog)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(append(log, grafanaAfter...)); err != nil {
		t.Fatal(err)
	}
	p.await(t, `count(increase(ftd_exporter_messages_unmatched_total[1h]) >= 0) == 2`)
	p.await(t, `count(increase(ftd_exporter_state_commits_total[1h]) > 0) == 2`)
	p.await(t, `ALERTS{alertstate="firing"}`)
	return p
}

// grafanaCertificate returns a certificate and its key in PEM form.
func grafanaCertificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// grafanaRun starts a program that ends with the test. If the test fails, what
// the program said is in its output.
func grafanaRun(t *testing.T, program string, args ...string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Wait() // It was told to end.
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(program), output.String())
		}
	})
}

// grafanaFreePort returns a port that is free for TCP and UDP.
func grafanaFreePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// await polls until the expression has an answer.
func (p *grafanaPrometheus) await(t *testing.T, expr string) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := p.query(expr, time.Now())
		if err == nil && len(got) > 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no answer to %s: %v", expr, err)
		}
	}
}

// query returns the values that the expression had at a time, by their labels.
func (p *grafanaPrometheus) query(expr string, at time.Time) (map[string]float64, error) {
	resp, err := http.PostForm("http://"+p.address+"/api/v1/query", url.Values{
		"query": {expr}, "time": {strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)},
	})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("HTTP status %d: %w", resp.StatusCode, err)
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("prometheus says: %s", answer.Error)
	}
	values := map[string]float64{}
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		values[fmt.Sprint(r.Metric)] = value
	}
	return values, nil
}
