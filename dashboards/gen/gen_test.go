package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the dashboards")

// The JSON in the repository is what the generator writes.
func TestDashboardsAreCurrent(t *testing.T) {
	for name, want := range files() {
		file := filepath.Join("..", "grafana", name)
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
			t.Errorf("%s is not what dashboards/gen writes; run make golden and read the diff", name)
		}
	}
}
