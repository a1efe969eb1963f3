package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the dashboards")

// The JSON in the repository is what the generator writes: beside the
// provisioning files, and in the Helm chart, which can have no file from
// outside of it.
func TestDashboardsAreCurrent(t *testing.T) {
	for _, dir := range []string{"../grafana", "../../deploy/helm/ftd-exporter/files/grafana"} {
		for name, want := range files() {
			file := filepath.Join(dir, name)
			if *update {
				if err := os.WriteFile(file, want, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what dashboards/gen writes; run make golden and read the diff", file)
			}
		}
		if found, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(found) != len(files()) {
			t.Errorf("%s has %v, %v; dashboards/gen writes %d files", dir, found, err, len(files()))
		}
	}
}
