package grafana_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
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
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// noData lists the queries that return nothing for the sample fleet, with the
// reason.
var noData = map[string]string{
	"ftd-capacity/Messages,_this_week_and_last/B":       "this Prometheus did not run a week ago",
	"ftd-capacity/Limits_that_were_near_or_exceeded/F":  "this Prometheus did not run a week ago",
	"ftd-capacity/Limits_that_were_near_or_exceeded/G":  "this Prometheus did not run a week ago",
	"ftd-capacity/Limits_that_were_near_or_exceeded/H":  "this Prometheus did not run a quarter ago",
	"ftd-capacity/Limits_that_were_near_or_exceeded/I":  "this Prometheus did not run a quarter ago",
	"ftd-exporter/Alerts_of_exporters/A":                "no alert about an exporter fires",
	"ftd-exporter/Alerts_of_exporters/B":                "no alert about an exporter fires",
	"ftd-device/Others_at_the_site/A":                   "every device is chosen; see testSite",
	"ftd-capacity/Threat_reports,_this_week_and_last/B": "this Prometheus did not run a week ago",
}

// A real Prometheus accepts every query of every panel and variable, and returns
// data after it has scraped an exporter that received the sample fleet.
// Prometheus scrapes the exporter under two names, like two exporters that
// receive from the same devices.
func TestQueriesOnPrometheus(t *testing.T) {
	p := startPrometheus(t)
	at := time.Now()
	all := choice{instance: ".+", site: ".*"}
	for name, b := range boards(t) {
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
	eachQuery(t, func(t *testing.T, board string, _ panel, expr string) {
		key := t.Name()[len("TestQueriesOnPrometheus/"):]
		asked[key] = true
		// A chart of events leaves out those that did not happen.
		if counts, rest, ok := strings.Cut(expr, ") and ("); ok && strings.HasPrefix(expr, "(") && strings.HasSuffix(rest, ") > 0") {
			expr = counts[1:]
		}
		both, err := p.query(all.fill(expr), at)
		if err != nil {
			t.Fatalf("%v: %s", err, expr)
		}
		reason := noData[key]
		switch {
		case len(both) == 0 && reason == "":
			t.Errorf("%s: no data, and no reason for it: %s; let an incident in simulator or examples/fleetlog feed it, then run make golden", key, expr)
		case len(both) > 0 && reason != "":
			t.Errorf("%s has data; remove it from noData: %s", key, reason)
		}
		if board == "ftd-exporter" && strings.Contains(expr, " by (instance") {
			return // This query distinguishes exporters.
		}
		one, err := p.query(choice{instance: p.instances[0], site: ".*"}.fill(expr), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(one, both, expr); diff != "" {
			t.Errorf("two exporters that receive from the same devices differ from one: %s in %s", diff, expr)
		}
	})
	t.Run("dead", func(t *testing.T) { testDead(t, p, at.Add(time.Hour)) })
	t.Run("site", func(t *testing.T) { testSite(t, p, at) })
	t.Run("down", func(t *testing.T) { testDown(t, p) })
	for key := range noData {
		if !asked[key] {
			t.Errorf("%s is in noData, but is not a query", key)
		}
	}
}

// Without data, the wall shows BLIND and counts nothing.
func testDead(t *testing.T, p *prometheusServer, at time.Time) {
	for _, panel := range boards(t)["ftd-fleet"].Panels {
		for _, target := range panel.Targets {
			got, err := p.query(choice{instance: ".+", site: ".*"}.fill(target.Expr), at)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]float64{}
			if panel.Title == "The fleet" {
				want["map[]"] = -1
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s/%s is %v, want %v", panel.Title, target.RefID, got, want)
			}
		}
	}
}

// When the exporter has died, the wall reports it within a scrape.
func testDown(t *testing.T, p *prometheusServer) {
	p.exporter.Stop()
	testutil.Eventually(t, "the wall is blind", func() error {
		for _, panel := range boards(t)["ftd-fleet"].Panels {
			want, ok := map[string]float64{"The fleet": -1, "Exporters": 2}[panel.Title]
			if !ok {
				continue
			}
			got, err := p.query(choice{instance: ".+", site: ".*"}.fill(panel.Targets[0].Expr), time.Now())
			if err != nil {
				return err
			}
			if got["map[]"] != want {
				return fmt.Errorf("%s is %v, want %v", panel.Title, got, want)
			}
		}
		return nil
	})
}

// Devices of other sites are left out. Devices that are not in the inventory
// are not left out.
func testSite(t *testing.T, p *prometheusServer, at time.Time) {
	noSite := []string{"chi-branch-fw1"} // With a failed component.
	panels := map[string]string{}
	for _, name := range []string{"ftd-fleet", "ftd-device"} {
		for _, panel := range boards(t)[name].Panels {
			if len(panel.Targets) > 0 {
				panels[panel.Title] = panel.Targets[0].Expr
			}
		}
	}
	panels["Others at the site"] = strings.ReplaceAll(panels["Others at the site"], "$device", "lon-vpn-fw1")
	for _, tc := range []struct {
		panel, site string
		want        []string
	}{
		{"Others at the site", ".*", []string{"lon-edge-fw1"}},
		{"Silent devices", ".*", []string{"ams-lab-fw1", "lon-lab-fw1"}},
		{"Silent devices", "(ams|lon)", []string{"ams-lab-fw1", "lon-lab-fw1"}},
		{"Silent devices", "lon", []string{"lon-lab-fw1"}},
		{"Silent devices", "par", nil},
		{"Newest problems", "par", append(slices.Clone(noSite), "gru-branch-fw1", "mad-branch-fw1", "odd-fw1", "sjc-lab-fw1", "syd-edge-fw1")},
		{"Firing alerts by name", "par", noSite},
	} {
		got, err := p.query(choice{instance: ".+", site: tc.site}.fill("count by (device) ("+panels[tc.panel]+")"), at)
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

// A choice has the selected values of the variables.
type choice struct{ job, instance, site, silence string }

// fill puts the choice into an expression as Grafana does. Prometheus has run
// for some seconds only, so steps of minutes become seconds, and samples of the next day
// do not exist.
func (c choice) fill(expr string) string {
	return strings.NewReplacer(":5m]", ":1s]", " offset -$__interval", "", "$job", cmp.Or(c.job, "ftd"), "$instance", c.instance, "$device", ".*", "$site", c.site,
		"$silence", cmp.Or(c.silence, "3600"), "$__rate_interval", "1m", "$__interval", "2s", "$__range", "1h").Replace(expr)
}

// difference compares two results. Values that depend on the time of a scrape
// may differ, and so may the order of equal values.
func difference(one, both map[string]float64, expr string) string {
	moving := regexp.MustCompile(`(rate|increase|count_over_time)\(| offset 2s`).MatchString(expr)
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

// inventory is a configuration with a certificate, two devices that send messages,
// one of which has a failed fan, and at each of two sites a device that never does. Gauges of capacity are shown
// long after the day of the sample log.
const inventory = `tls: {cert_file: cert.pem, key_file: key.pem}
expiry: {threat_detection: 100y, quota: 100y, cluster: 100y}
devices:
  - name: lon-vpn-fw1
    labels: {site: lon}
  - name: lon-edge-fw1
    labels: {site: lon}
  - name: lon-lab-fw1
    labels: {site: lon}
  - name: ams-lab-fw1
    labels: {site: ams}
`

// alertRule is an alert that fires at once, unlike the real rules.
const alertRule = `groups:
  - name: ftd
    rules:
      - alert: FTDComponentFailed
        expr: max by (device, component, unit) (ftd_component_ok) == 0
        labels: {severity: warning}
`

// linesBefore and linesAfter are messages of a device with incidents that the
// sample fleet does not have, or not for long: a quota that fills up, a critical
// temperature that stays, an unmatched text, and the text of another id.
const (
	linesBefore = `<163>2026-03-17T12:00:00Z odd-fw1 : %ASA-3-768001: QUOTA: management session utilization is high: requested 1, current 13, warning level 13
`
	linesAfter = `<163>2026-03-17T12:00:00Z odd-fw1 : %ASA-3-768001: QUOTA: management session utilization is high: requested 1, current 14, warning level 15
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735007: CPU 1: Temp: 96 C, Critical
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735004: Power Supply 1: Smells
<161>2026-03-17T12:00:00Z odd-fw1 : %ASA-1-735025: IO Hub 1: Temp: 58 C, OK
`
)

// A prometheusServer is a running Prometheus with data of the sample fleet.
type prometheusServer struct {
	address   string
	instances []string // The names of the exporter.
	exporter  *testutil.Exporter
}

// startPrometheus starts an exporter that has received the sample fleet, and a
// Prometheus that scrapes it, then sends the sample fleet once more, so that
// counters rise. Both end with the test.
func startPrometheus(t *testing.T) *prometheusServer {
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
	testutil.NewCA(t, "syslog").Issue(t).Write(t, dir)
	syslog := testutil.FreeAddr(t)
	e := testutil.Serve(t, "--config.file="+write("ftd_exporter.yml", inventory), "--storage.path="+filepath.Join(dir, "data"),
		"--syslog.listen-address=tcp://"+syslog, "--syslog.listen-address=udp://"+syslog, "--syslog.listen-address=tls://127.0.0.1:0",
		"--syslog.replay-file=../../examples/fleet.log", "--syslog.replay-file="+write("before.log", linesBefore))

	recorded, err := filepath.Abs("../prometheus/ftd.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	p := &prometheusServer{
		exporter:  e,
		address:   testutil.FreeAddr(t),
		instances: []string{e.Web, strings.Replace(e.Web, "127.0.0.1", "localhost", 1)},
	}
	config := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q, %q]
scrape_configs:
  - job_name: ftd
    static_configs: [{targets: [%q, %q]}]
`, recorded, write("rules.yml", alertRule), p.instances[0], p.instances[1])
	testutil.Run(t, exec.Command(server, "--config.file="+write("prometheus.yml", config), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+p.address))

	p.await(t, `count(count_over_time(ftd_exporter_build_info[1h]) >= 2) == 2`)
	log, err := os.ReadFile("../../examples/fleet.log")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", syslog)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(append(log, linesAfter...)); err != nil {
		t.Fatal(err)
	}
	p.await(t, `count(increase(ftd_exporter_messages_unmatched_total[1h]) >= 0) == 2`)
	p.await(t, `count(increase(ftd_exporter_state_commits_total[1h]) > 0) == 2`)
	p.await(t, `ALERTS{alertstate="firing"}`)
	p.await(t, `device:ftd_state:worst{device="odd-fw1"} >= 2`)
	return p
}

// await polls until the expression returns data.
func (p *prometheusServer) await(t *testing.T, expr string) {
	t.Helper()
	testutil.Eventually(t, expr, func() error {
		got, err := p.query(expr, time.Now())
		if err == nil && len(got) == 0 {
			err = errors.New("no data")
		}
		return err
	})
}

// query returns the values that the expression had at a time, by their labels.
func (p *prometheusServer) query(expr string, at time.Time) (map[string]float64, error) {
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
		return nil, fmt.Errorf("prometheus: %s", answer.Error)
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
