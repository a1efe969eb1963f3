package state_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// testCatalog has one entry with two templates, of which the second lacks the
// number.
func testCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Compile([]catalog.Entry{{
		ID: 735001, Severity: 1, Family: "test", Summary: "s", Meaning: "m.", Action: "a.",
		Templates: []string{"{unit} is {value:int}", "{unit} is unknown"}, Samples: []string{"a is 1", "a is unknown"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewReportsEveryMistake(t *testing.T) {
	type rules = []collectors.Rule
	unit := []collectors.Label{{Name: "unit"}}
	gauge := &collectors.Metric{Name: "g", Help: "H.", Labels: unit}
	counter := &collectors.Metric{Name: "c_total", Help: "H.", Type: collectors.Counter, Labels: unit}
	set := &collectors.Metric{Name: "s", Help: "H.", Type: collectors.StateSet, Labels: []collectors.Label{unit[0], {Name: "state", Values: []string{"ok"}}}}
	closed := &collectors.Metric{Name: "closed", Help: "H.", Labels: []collectors.Label{{Name: "stage", Values: []string{"init"}}}}
	for _, tc := range []struct {
		name   string
		metric *collectors.Metric
		rule   collectors.Rule
		want   string
	}{
		{"unknown id", gauge, collectors.Rule{ID: 999999, Metric: gauge, Value: collectors.Set(1)}, "state: x: rule for 999999: this id is not in the catalog"},
		{"unlisted metric", gauge, collectors.Rule{ID: 735001, Metric: counter, Value: collectors.Add()}, "state: x: no rule feeds metric g\nstate: x: rule for 735001: its metric is not listed in the collector's Metrics"},
		{"gauge counted", gauge, collectors.Rule{ID: 735001, Metric: gauge, Value: collectors.Add()}, "state: x: rule for 735001: g: the value does not suit the type of the metric"},
		{"counter set", counter, collectors.Rule{ID: 735001, Metric: counter, Value: collectors.Set(1)}, "state: x: rule for 735001: c_total: the value does not suit the type of the metric"},
		{"unknown state", set, collectors.Rule{ID: 735001, Metric: set, Value: collectors.StateIs("odd")}, `state: x: rule for 735001: s: "odd" is not one of its states`},
		{"missing field", gauge, collectors.Rule{ID: 735001, Metric: gauge, Value: collectors.SetField("speed")}, `state: x: rule for 735001: g: no template has field "speed"`},
		{"field of words", gauge, collectors.Rule{ID: 735001, Metric: gauge, Value: collectors.SetField("unit")}, `state: x: rule for 735001: g: template 1: field "unit" is not a number`},
		{"unfilled label", closed, collectors.Rule{ID: 735001, Metric: closed, Value: collectors.Set(1)}, `state: x: rule for 735001: closed: template 1: no field fills label "stage", and the rule gives no value`},
		{"value outside the set", closed, collectors.Rule{ID: 735001, Metric: closed, Value: collectors.Set(1), Labels: collectors.Labels{"stage": "x"}}, `state: x: rule for 735001: closed: template 1: "x" is not a value of label "stage"`},
		{"unknown label", gauge, collectors.Rule{ID: 735001, Metric: gauge, Value: collectors.Set(1), Labels: collectors.Labels{"slot": "1"}}, `state: x: rule for 735001: g does not have a label "slot"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := state.New(testCatalog(t), []collectors.Collector{{Name: "x", Metrics: []*collectors.Metric{tc.metric}, Rules: rules{tc.rule}}}, state.Options{})
			if err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
	_, err := state.New(testCatalog(t), []collectors.Collector{
		{Name: "x", Metrics: []*collectors.Metric{gauge}, Rules: rules{{ID: 735001, Metric: gauge, Value: collectors.Set(1)}}},
		{Name: "y", Metrics: []*collectors.Metric{{Name: "g"}}},
	}, state.Options{})
	if err == nil || !strings.Contains(err.Error(), "state: y: metric g is declared twice") {
		t.Errorf("a metric declared twice: %v", err)
	}
}

// A rule that needs a number is silent for a template without one.
func TestTemplateWithoutTheNumber(t *testing.T) {
	c := testCatalog(t)
	gauge := &collectors.Metric{Name: "g", Help: "H.", Labels: []collectors.Label{{Name: "unit"}}}
	state, err := state.New(c, []collectors.Collector{{
		Name: "x", Metrics: []*collectors.Metric{gauge},
		Rules: []collectors.Rule{{ID: 735001, Metric: gauge, Value: collectors.SetField("value")}},
	}}, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"a is 1": 1, "a is unknown": 0} {
		var m catalog.Message
		if c.Match(735001, []byte(text), &m) != catalog.Matched {
			t.Fatalf("%q does not match", text)
		}
		if got := state.Explain("d", &m, 1, epoch); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestHelpNamesTheMessages(t *testing.T) {
	c := testCatalog(t)
	gauge := &collectors.Metric{Name: "g", Help: "H."}
	table, err := state.New(c, []collectors.Collector{{
		Name: "x", Metrics: []*collectors.Metric{gauge},
		Rules: []collectors.Rule{{ID: 735001, Metric: gauge, Value: collectors.SetField("value")}},
	}}, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := table.Docs()[0].Help, "H. Fed by 735001."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f := newFixture(t, state.Options{})
	for _, d := range f.state.Docs() {
		for _, id := range d.IDs {
			if fed := f.state.FedBy(id); !slices.Contains(fed, d.Name) {
				t.Errorf("%s feeds %v, but not %s", id, fed, d.Name)
			}
			if !strings.Contains(d.Help, " Fed by ") {
				t.Errorf("%s: %s", d.Name, d.Help)
			}
		}
	}
}
