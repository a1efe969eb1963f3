package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/prometheus/promql/parser"
)

// boards returns the dashboards by file name.
func boards(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "dashboards/grafana/*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = text
	}
	return all
}

// Grafana ignores fields that its own types do not have.
func TestDashboardsAreGrafanas(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for name, text := range boards(t) {
		var board dashboard.Dashboard //nolint:staticcheck // The boards have this form, which Grafana 11 to 13 load.
		// Without mistakes it returns an empty error list, not nil.
		if err := board.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// expressions returns every value of a key "expr" in a JSON document.
func expressions(v any) (all []string) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if s, ok := value.(string); ok && key == "expr" {
				all = append(all, s)
			} else {
				all = append(all, expressions(value)...)
			}
		}
	case []any:
		for _, value := range v {
			all = append(all, expressions(value)...)
		}
	}
	return all
}

var variable = regexp.MustCompile(`\$(\w+|\{\w+(:\w+)?\})`)

func TestQueriesArePromQL(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	for name, text := range boards(t) {
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := expressions(doc)
		if len(all) == 0 {
			t.Errorf("%s has no query", name)
		}
		for _, expr := range all {
			concrete := variable.ReplaceAllStringFunc(expr, func(v string) string {
				if strings.Contains(v, "interval") || strings.Contains(v, "range") {
					return "5m"
				}
				return "x"
			})
			if _, err := p.ParseExpr(concrete); err != nil {
				t.Errorf("%s: %s: %v", name, expr, err)
			}
		}
	}
}
