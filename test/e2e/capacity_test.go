package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The planner's board compares weeks and quarters of a history exactly, also for
// limits that are reported seldom. A time when a device was not known is not 0.
func TestCapacityOfTwoQuarters(t *testing.T) {
	end := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	weeks := func(ago float64) time.Time { return end.Add(-time.Duration(ago * 7 * 24 * float64(time.Hour))) }
	lines := map[time.Time][]string{}
	say := func(at time.Time, device, text string) {
		lines[at] = append(lines[at], fmt.Sprintf("<163>%s %s : %s", at.Format(time.RFC3339), device, text))
	}
	const refused = "%ASA-3-768003: QUOTA: management session quota exceeded for user robot: current 5, user limit 5"
	const nearly = "%ASA-3-768001: QUOTA: management session utilization is high: requested 1, current 13, warning level 13"
	const exhausted = "%ASA-3-202010: NAT pool exhausted. Unable to create TCP connection from inside:10.1.0.1/1025 to outside:192.0.2.1/80"
	for at := weeks(27); at.Before(end); at = at.Add(24 * time.Hour) {
		say(at, "old-fw1", "%ASA-5-111008: User 'robot' executed the 'show version' command.")
		if at.After(weeks(8)) {
			say(at, "new-fw1", "%ASA-5-111008: User 'robot' executed the 'show version' command.")
		}
	}
	say(end, "old-fw1", "%ASA-5-111008: User 'robot' executed the 'show version' command.")
	for _, ago := range []float64{26.5, 25.9, 20.1, 13.1, 12.9, 5.3, 1.9, 1.05, 0.95, 0.4, 0.1} {
		say(weeks(ago), "old-fw1", refused)
	}
	for _, ago := range []float64{20, 19, 2.5, 0.5} {
		say(weeks(ago), "old-fw1", nearly)
	}
	for _, ago := range []float64{3.3, 0.7, 0.6} {
		say(weeks(ago), "new-fw1", exhausted)
	}
	log := filepath.Join(t.TempDir(), "two-quarters.log")
	var text strings.Builder
	times := make([]time.Time, 0, len(lines))
	for at := range lines {
		times = append(times, at)
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, at := range times {
		text.WriteString(strings.Join(lines[at], "\n") + "\n")
	}
	if err := os.WriteFile(log, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	prometheus := historyOf(t, log)

	queries := panelQueries(t, "ftd-capacity.json", "Limits that were near or exceeded")
	week, lastWeek, quarter, lastQuarter := queries[5], queries[6], queries[7], queries[8]
	for _, tc := range []struct {
		name, expr string
		want       map[string]string
	}{
		{"this week", week, map[string]string{"old-fw1 user": "3", "old-fw1 system": "1", "new-fw1 exhausted": "2"}},
		{"last week", lastWeek, map[string]string{"old-fw1 user": "2", "old-fw1 system": "0", "new-fw1 exhausted": "0"}},
		{"this quarter", quarter, map[string]string{"old-fw1 user": "7", "old-fw1 system": "2"}},
		{"last quarter", lastQuarter, map[string]string{"old-fw1 user": "3", "old-fw1 system": "2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := map[string]string{}
			for _, r := range ask(t, prometheus, tc.expr, end) {
				what := r.Metric["what"]
				got[r.Metric["device"]+" "+what[strings.LastIndexByte(what, ' ')+1:]] = r.Value[1].(string)
			}
			for key, want := range tc.want {
				if got[key] != want {
					t.Errorf("%s: %s, want %s", key, got[key], want)
				}
			}
			if len(got) != len(tc.want) {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}

	// Each event is in one bar.
	midnight := weeks(26).Truncate(24 * time.Hour)
	for _, tc := range []struct {
		panel string
		ref   int
		from  time.Time
		step  string
		want  float64
	}{
		{"Quota warnings and refusals by day", 0, midnight, "1d", 4},
		{"Quota warnings and refusals by day", 1, midnight, "1d", 10},
		{"Exhausted resources", 0, weeks(6).Truncate(time.Hour), "1h", 3},
	} {
		if got := drawn(t, prometheus, panelQueries(t, "ftd-capacity.json", tc.panel)[tc.ref], tc.from, end, tc.step); got != tc.want {
			t.Errorf("%s: the bars add up to %v, want %v", tc.panel, got, tc.want)
		}
	}
}

// drawn adds up what a chart shows from a time on, at its own steps.
func drawn(t *testing.T, address, expr string, from, to time.Time, step string) (sum float64) {
	t.Helper()
	expr = strings.NewReplacer("$job", ".*", "$instance", ".*", "$site", ".*", "$device", ".*", "$__interval", step, "$__range", fmt.Sprintf("%ds", int(to.Sub(from).Seconds()))).Replace(expr)
	var data struct{ Result []struct{ Values []point } }
	query := url.Values{"query": {expr}, "start": {from.Format(time.RFC3339)}, "end": {to.Format(time.RFC3339)}, "step": {step}}
	if err := api(address, "/api/v1/query_range?"+query.Encode(), &data); err != nil {
		t.Fatalf("%v: %s", err, expr)
	}
	for _, r := range data.Result {
		for _, p := range r.Values {
			sum += p.value(t)
		}
	}
	return sum
}

// An answer is a series of an instant query.
type answer struct {
	Metric map[string]string
	Value  point
}

// ask evaluates an expression of a dashboard with all variables set to all.
func ask(t *testing.T, address, expr string, at time.Time) []answer {
	t.Helper()
	expr = strings.NewReplacer("$job", ".*", "$instance", ".*", "$site", ".*", "$device", ".*", "$__interval", "5m", "$__range", "7d").Replace(expr)
	var data struct{ Result []answer }
	query := url.Values{"query": {expr}, "time": {at.Format(time.RFC3339)}}
	if err := api(address, "/api/v1/query?"+query.Encode(), &data); err != nil {
		t.Fatalf("%v: %s", err, expr)
	}
	return data.Result
}

// panelQueries returns the expressions of a panel.
func panelQueries(t *testing.T, board, title string) []string {
	t.Helper()
	var b struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(boards(t)[board], &b); err != nil {
		t.Fatal(err)
	}
	var exprs []string
	for _, p := range b.Panels {
		if p.Title == title {
			for _, target := range p.Targets {
				exprs = append(exprs, target.Expr)
			}
		}
	}
	if len(exprs) == 0 {
		t.Fatalf("%s has no panel %q", board, title)
	}
	return exprs
}
