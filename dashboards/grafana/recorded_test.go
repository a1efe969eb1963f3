package grafana_test

import (
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Tables show present states as alerts do: as recorded from all exporters. The metric
// itself is for a Prometheus without the recording rules.
func TestPresentStatesAreRecorded(t *testing.T) {
	found := 0
	eachQuery(t, func(t *testing.T, _ string, p panel, expr string) {
		if p.Type != "table" {
			return
		}
		for _, c := range collectors.All() {
			for _, m := range c.Metrics {
				if m.States == nil || !strings.Contains(expr, m.Name+"{") {
					continue
				}
				found++
				if !strings.Contains(expr, ":"+m.Name+":") && !strings.Contains(expr, "device:ftd_state:worst{") {
					t.Errorf("%s is not recorded in %s", m.Name, expr)
				}
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d states", found)
	}
}
