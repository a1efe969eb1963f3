package main

import (
	"path/filepath"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The JSON in the repository equals the generator's output: beside the
// provisioning files, and in the Helm chart, which cannot include files from
// outside its directory.
func TestDashboardsAreCurrent(t *testing.T) {
	for _, dir := range []string{"../grafana", "../../deploy/helm/ftd-exporter/files/grafana"} {
		for name, content := range files() {
			testutil.Golden(t, filepath.Join(dir, name), content)
		}
		if found, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(found) != len(files()) {
			t.Errorf("%s has %v, %v; dashboards/gen writes %d files", dir, found, err, len(files()))
		}
	}
}
