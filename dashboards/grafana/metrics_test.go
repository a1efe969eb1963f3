package grafana_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
)

// ownMetrics returns the names of the exporter's own metrics, with
// those of the process.
func ownMetrics(t *testing.T) map[string]bool {
	t.Helper()
	e, err := exporter.New(exporter.Options{
		Entries: catalog.Messages(), Collectors: collectors.All(),
		LogLinesDropped: func() uint64 { return 0 }, StoragePath: t.TempDir(), Web: &toolkit.FlagConfig{WebConfigFile: new("")}, Logger: promslog.NewNopLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	descs := make(chan *prometheus.Desc)
	go func() {
		e.Metrics().Describe(descs)
		close(descs)
	}()
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range descs {
		names[name.FindStringSubmatch(d.String())[1]] = true
	}
	return names
}

// deviceMetrics returns the names in the list of device metrics.
func deviceMetrics(t *testing.T) []string {
	t.Helper()
	list, err := os.ReadFile("../../state/testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\w+)`).FindAllStringSubmatch(string(list), -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		t.Fatal("no metrics in the list")
	}
	return names
}

// Every metric in a query exists, and every metric that the exporter has is in
// a query.
func TestMetrics(t *testing.T) {
	known := ownMetrics(t)
	for _, name := range deviceMetrics(t) {
		known[name] = true
	}
	for _, name := range []string{
		"ftd_device_labels_info",                                                                // Its labels are not known in advance.
		"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS", "ALERTS_FOR_STATE", // Created by Prometheus.
	} {
		known[name] = true
	}
	used := map[string]bool{}
	for name, b := range boards(t) {
		check := func(where, expr string) {
			for _, m := range selector.FindAllStringSubmatch(expr, -1) {
				metric := m[1]
				if strings.Contains(metric, ":") {
					continue // Recorded; the rules have tests of their own.
				}
				if histogram, ok := strings.CutSuffix(metric, "_bucket"); ok && known[histogram] {
					metric = histogram
				}
				used[metric] = true
				if !known[metric] {
					t.Errorf("%s: %s: no metric %s", name, where, metric)
				}
			}
			// Several metrics are selected by a pattern.
			for _, m := range regexp.MustCompile(`__name__=~"([^"]+)"`).FindAllStringSubmatch(expr, -1) {
				expr = strings.ReplaceAll(expr, m[0], "")
				for metric := range strings.SplitSeq(m[1], "|") {
					used[metric] = true
					if !known[metric] {
						t.Errorf("%s: %s: no metric %s", name, where, metric)
					}
				}
			}
			// The checks of this file would miss a metric without braces.
			for _, word := range regexp.MustCompile(`\bftd_\w+\b[^{:\w]`).FindAllString(expr, -1) {
				t.Errorf("%s: %s: %s has no matchers in %s", name, where, word, expr)
			}
		}
		for _, v := range b.Templating.List {
			check("variable "+v.Name, v.expr())
		}
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				check(p.Title, target.Expr)
			}
		}
	}
	for name := range known {
		if strings.HasPrefix(name, "ftd_") && !used[name] {
			t.Errorf("no board shows %s; add a panel in dashboards/gen, then run make golden", name)
		}
	}
}
