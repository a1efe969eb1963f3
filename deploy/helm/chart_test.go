// Package helm_test updates the files of the chart that are copied from elsewhere
// in the repository. A chart cannot include files from outside its directory, and
// not every tool that reads charts from Git follows symbolic links. test/deploy
// tests the rendered chart.
package helm_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

const (
	rules  = "../../dashboards/prometheus"
	copies = "ftd-exporter/files/prometheus"
	schema = "ftd-exporter/values.schema.json"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(names), err)
	}
	return names
}

// The thresholds of the chart equal those of the mixin.
func TestThresholdsAreCurrent(t *testing.T) {
	testutil.Golden(t, "ftd-exporter/files/thresholds.yml", read(t, "../../dashboards/thresholds.yml"))
}

// The rules of the chart equal the rules in dashboards/prometheus.
func TestRulesAreCurrent(t *testing.T) {
	for _, name := range glob(t, rules) {
		testutil.Golden(t, filepath.Join(copies, filepath.Base(name)), read(t, name))
	}
	for _, name := range glob(t, copies) {
		if _, err := os.Stat(filepath.Join(rules, filepath.Base(name))); err != nil {
			t.Errorf("%s does not have an original: %v", name, err)
		}
	}
}

// The chart's schema of the value config equals the schema of the configuration
// file, so that Helm rejects the same mistakes as the exporter.
func TestSchemaIsCurrent(t *testing.T) {
	const key = "\n    \"config\": {"
	before, _, ok := bytes.Cut(read(t, schema), []byte("\n  \"definitions\": {"))
	definitions := bytes.TrimPrefix(read(t, schema), before)
	hand, _, found := bytes.Cut(definitions, []byte(key))
	if !ok || !found {
		t.Fatalf("%s has no definition of config", schema)
	}
	// Embedded schemas do not declare their dialect.
	config := regexp.MustCompile(`(?m)^ *"\$schema": .*\n`).ReplaceAll(read(t, "../../docs/config.schema.json"), nil)
	var want bytes.Buffer
	want.Write(before)
	want.Write(hand)
	want.WriteString(key[:len(key)-1])
	if err := json.Indent(&want, bytes.TrimSpace(config), "    ", "  "); err != nil {
		t.Fatal(err)
	}
	want.WriteString("\n  }\n}\n")
	testutil.Golden(t, schema, want.Bytes())
}
