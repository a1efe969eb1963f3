package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// blocksPrograms builds ftd_exporter and ftd_exporter_blocks into a directory and
// returns the path of the former.
func blocksPrograms(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "ftd_exporter")
	for _, args := range [][]string{
		{"build", "-o", program, "./cmd/ftd_exporter"},
		{"build", "-C", "blocks", "-o", filepath.Join(dir, "ftd_exporter_blocks"), "."},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return program
}

// historyOf makes blocks of a log, and starts a Prometheus that has nothing else.
func historyOf(t *testing.T, log string, flags ...string) (address string) {
	t.Helper()
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is missing: apt-get install prometheus")
	}
	dir := t.TempDir()
	cmd := exec.Command(blocksPrograms(t), append(append([]string{"backfill", "--output=" + filepath.Join(dir, "data")}, flags...), log)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("backfill: %v\n%s", err, out)
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {scrape_interval: 1m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address = testutil.FreeAddr(t)
	testutil.Run(t, exec.Command(prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--storage.tsdb.retention.time=100y", "--web.listen-address="+address))
	testutil.Eventually(t, "Prometheus is ready", func() error {
		_, err := samples(address, "vector(1)")
		return err
	})
	return address
}

// A point is a sample of an answer: its time in seconds, and its value as text.
type point [2]any

func (p point) value(t *testing.T) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(p[1].(string), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// queryRange returns the only series of an expression over time.
func queryRange(t *testing.T, address, expr string, from, to time.Time, step time.Duration) []point {
	t.Helper()
	var answer struct {
		Result []struct{ Values []point }
	}
	query := url.Values{"query": {expr}, "start": {from.Format(time.RFC3339)}, "end": {to.Format(time.RFC3339)}, "step": {fmt.Sprint(step.Seconds())}}
	if err := api(address, "/api/v1/query_range?"+query.Encode(), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Result) != 1 {
		t.Fatalf("%s has %d series", expr, len(answer.Result))
	}
	return answer.Result[0].Values
}

// Prometheus takes the blocks of two weeks, and the series do not have a gap or a false
// increase where one block ends and the next begins.
func TestBackfilledBlocks(t *testing.T) {
	const block = 162 * time.Hour
	border := time.Unix(0, 0).Add(2900 * block).UTC()
	begin, end := border.Add(-block), border.Add(block)
	var log strings.Builder
	failures := 0
	for at := begin; at.Before(end); at = at.Add(20 * time.Minute) {
		fmt.Fprintf(&log, "%s fw1 : %%FTD-6-302013: Built\n", at.Format(time.RFC3339))
		if at.Minute() == 40 {
			failures++
			fmt.Fprintf(&log, "%s fw1 : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", at.Format(time.RFC3339))
			fmt.Fprintf(&log, "%s fw1 : %%FTD-1-735001: Cooling Fan 1: OK\n", at.Add(30*time.Second).Format(time.RFC3339))
		}
	}
	name := filepath.Join(t.TempDir(), "fw.log")
	if err := os.WriteFile(name, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	prometheus := historyOf(t, name, "--label=site=ams", "--label=instance=fw-exporter:10061")

	const labels = `{job="ftd",instance="fw-exporter:10061",site="ams",device="fw1",component="fan",unit="1"}`
	first := begin.Add(40 * time.Minute)
	last := end.Add(-20 * time.Minute)
	minutes := int(last.Sub(first)/time.Minute) + 1
	// Prometheus answers at most 11,000 points.
	seen := 0
	for from := first; !from.After(last); from = from.Add(10_000 * time.Minute) {
		to := from.Add(9_999 * time.Minute)
		if to.After(last) {
			to = last
		}
		for _, p := range queryRange(t, prometheus, "ftd_component_ok"+labels, from, to, time.Minute) {
			seen++
			at := time.UnixMilli(int64(p[0].(float64) * 1000)).UTC()
			if want := at.Minute() != 40; (p.value(t) == 1) != want {
				t.Fatalf("at %s the fan is %v", at, p[1])
			}
		}
	}
	if seen != minutes {
		t.Errorf("%d of %d minutes have a sample", seen, minutes)
	}
	for _, p := range queryRange(t, prometheus, "increase(ftd_component_failures_total"+labels+"[5m])", border.Add(-3*time.Hour), border.Add(3*time.Hour), time.Minute) {
		at := time.UnixMilli(int64(p[0].(float64) * 1000)).UTC()
		if grew := at.Minute() >= 40 && at.Minute() < 44; (p.value(t) > 0.5) != grew && at.Minute() != 44 {
			t.Errorf("at %s the failures of five minutes are %v", at, p[1])
		}
	}
	// Over two hours it is exact, but for what Prometheus extrapolates.
	for _, p := range queryRange(t, prometheus, "increase(ftd_component_failures_total"+labels+"[2h])", border.Add(-6*time.Hour), border.Add(6*time.Hour), time.Hour) {
		if v := p.value(t); math.Abs(v-2) > 0.1 {
			t.Errorf("at %v the failures of two hours are %v", p[0], v)
		}
	}
	total := queryRange(t, prometheus, "ftd_component_failures_total"+labels, last, last, time.Minute)
	if len(total) != 1 || total[0].value(t) != float64(failures) {
		t.Errorf("%v failures in all, want %d", total, failures)
	}
}

// The dashboards show a history as if the exporter had been there, except for what
// only a running exporter has.
func TestDashboardsShowABackfill(t *testing.T) {
	prometheus := historyOf(t, sampleLog)
	var jobs []string
	if err := api(prometheus, "/api/v1/label/instance/values?start=2026-03-17T00:00:00Z&end=2026-03-18T00:00:00Z&match[]="+
		url.QueryEscape(`{__name__=~"ftd_exporter_build_info|ftd_device_last_message_timestamp_seconds",job=~"ftd"}`), &jobs); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(jobs, []string{"backfill"}) {
		t.Errorf("instances %q", jobs)
	}
	variables := strings.NewReplacer("$job", "ftd", "$instance", "backfill", "$site", ".*", "$device", ".*", "$component", ".*", "$silence", "3600",
		"$__rate_interval", "5m", "$__interval", "5m", "$__range", "24h")
	for _, name := range []string{"ftd-fleet.json", "ftd-device.json", "ftd-capacity.json"} {
		var board any
		if err := json.Unmarshal(boards(t)[name], &board); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, expr := range expressions(board) {
			if strings.Contains(expr, "ftd_exporter_") || strings.Contains(expr, "ALERTS") || strings.Contains(expr, "up{") {
				continue
			}
			// A chart of events leaves out those that did not happen.
			if counts, rest, ok := strings.Cut(expr, ") and ("); ok && strings.HasPrefix(expr, "(") && strings.HasSuffix(rest, ") > 0") {
				expr = counts[1:]
			}
			var answer struct{ Result []any }
			query := url.Values{"query": {variables.Replace(expr)}, "start": {"2026-03-17T00:00:00Z"}, "end": {"2026-03-18T00:00:00Z"}, "step": {"300"}}
			if err := api(prometheus, "/api/v1/query_range?"+query.Encode(), &answer); err != nil {
				t.Fatalf("%s: %s: %v", name, expr, err)
			}
			switch {
			case len(answer.Result) > 0:
				found++
			case strings.Contains(expr, "ftd_device_clock_skew_seconds") || strings.Contains(expr, "ftd_device_sender_addresses") || strings.Contains(expr, " offset 1w"), strings.Contains(expr, " offset 13w"),
				strings.Contains(expr, "(device:ftd_state:worst"):
				// A log does not have a time of receipt, nor senders, nor the week
				// before, and this Prometheus does not have recording rules.
			default:
				t.Errorf("%s: no answer to %s", name, expr)
			}
		}
		if found < 10 {
			t.Errorf("%s: only %d queries have an answer", name, found)
		}
	}
}
