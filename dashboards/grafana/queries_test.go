package grafana_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// eachQuery calls f for every query of every panel.
func eachQuery(t *testing.T, f func(t *testing.T, board string, p panel, expr string)) {
	t.Helper()
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				t.Run(fmt.Sprintf("%s/%s/%s", name, p.Title, target.RefID), func(t *testing.T) { f(t, name, p, target.Expr) })
			}
		}
	}
}

// A range follows the scrape interval, the step or the time shown. Fixed is only
// how long something that is gone is remembered. Nothing is extrapolated: devices report only near a limit.
func TestRanges(t *testing.T) {
	ranges := map[string][]string{
		"rate":            {"$__rate_interval"},
		"increase":        {"$__interval", "$__range"},
		"max_over_time":   {"$__interval", "$__range"},
		"min_over_time":   {"$__interval"},
		"count_over_time": {"$__range"},
		"last_over_time":  {"1h", "1d", "$__interval"},
	}
	function := regexp.MustCompile(`(\w+)$`)
	eachQuery(t, func(t *testing.T, _ string, _ panel, expr string) {
		for at, char := range expr {
			if char != '[' {
				continue
			}
			window, _, _ := strings.Cut(expr[at+1:], "]")
			window, _, _ = strings.Cut(window, ":") // A subquery has its step behind it.
			name := ""
			for i, depth := at-1, 0; i >= 0 && name == ""; i-- {
				switch expr[i] {
				case ')':
					depth++
				case '(':
					if depth--; depth < 0 {
						name = function.FindString(expr[:i])
					}
				}
			}
			if !slices.Contains(ranges[name], window) {
				t.Errorf("%s over %s in %s", name, window, expr)
			}
		}
	})
}

var selector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)

// Every selector is limited to the selected exporters and, if the metric has
// the label device, to the selected devices.
func TestMatchers(t *testing.T) {
	eachQuery(t, func(t *testing.T, _ string, _ panel, expr string) {
		for _, m := range selector.FindAllStringSubmatch(expr, -1) {
			var want []string
			switch {
			case strings.HasPrefix(m[1], "ALERTS"): // Those of exporters do not have a device.
				want = []string{`alertname=~"FTD.+"`, `job=~"$job|"`, `device=~"$device`}
			case strings.HasPrefix(m[1], "device"): // Recorded for all exporters of a job.
				want = []string{`job=~"$job"`, `~"$device"`}
			case isOfDevice(m[1]):
				want = []string{`job=~"$job"`, `instance=~"$instance"`, `device=~"$device"`}
			default:
				want = []string{`job=~"$job"`, `instance=~"$instance"`}
			}
			for _, matcher := range want {
				if !strings.Contains(m[2], matcher) {
					t.Errorf("%s lacks %s in %s", m[0], matcher, expr)
				}
			}
		}
	})
}

// isOfDevice reports whether the metric has a series for each device and each
// exporter that receives from it.
func isOfDevice(metric string) bool {
	return strings.HasPrefix(metric, "ftd_") && !strings.HasPrefix(metric, "ftd_exporter_") &&
		metric != "ftd_message_info" && metric != "ftd_device_labels_info"
}

// Two exporters may receive from the same device. Panels show one series for
// both: the innermost aggregation around a metric of devices is a max or a min
// by device without instance. Selectors that only filter need no aggregation.
func TestToleratesTwoExporters(t *testing.T) {
	filter := regexp.MustCompile(`(and|unless) on \([^)]*\) \(?(max_over_time\()?$`)
	aggregation := regexp.MustCompile(`(\w+) by \(([^)]*)\) $`)
	eachQuery(t, func(t *testing.T, _ string, _ panel, expr string) {
		for _, at := range selector.FindAllStringSubmatchIndex(expr, -1) {
			metric := expr[at[2]:at[3]]
			if !isOfDevice(metric) || filter.MatchString(expr[:at[0]]) {
				continue
			}
			var found []string
			for i, depth := at[0]-1, 0; i >= 0 && found == nil; i-- {
				switch expr[i] {
				case ')':
					depth++
				case '(':
					if depth--; depth < 0 {
						depth = 0
						found = aggregation.FindStringSubmatch(expr[:i])
					}
				}
			}
			if found == nil {
				t.Errorf("%s is not aggregated: %s", metric, expr)
				continue
			}
			labels := strings.Split(found[2], ", ")
			if found[1] != "max" && found[1] != "min" || !slices.Contains(labels, "device") || slices.Contains(labels, "instance") {
				t.Errorf("%s is aggregated by %s: %s", metric, found[0], expr)
			}
		}
	})
}
