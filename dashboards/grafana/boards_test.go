// Package grafana_test checks the dashboards, and runs their queries on a real
// Prometheus.
package grafana_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The number of grid rows that always fit on a wall screen of 1920 by 1080
// pixels in kiosk mode.
const wallRows = 20

// A board is the part of a dashboard's JSON that the tests read.
type board struct {
	UID, Title, Description string
	Tags                    []string
	SchemaVersion           int
	Templating              struct{ List []variable }
	Editable                bool
	Links                   []struct {
		Type, Title, URL      string
		KeepTime, IncludeVars bool
	}
	Annotations struct{ List []annotation }
	Panels      []panel // With those under folded headings.

	text string // The whole file.
}

type variable struct {
	Type, Name, Label string
	Query             any
	Multi, IncludeAll bool
	AllValue          string
}

type annotation struct {
	Name, Expr string
	Datasource source
}

// expr is the variable's Prometheus query, empty if it does not have one.
func (v variable) expr() string {
	query, _ := v.Query.(map[string]any)
	expr, _ := query["query"].(string)
	return expr
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct {
			Unit, NoValue string
			Thresholds    struct {
				Steps []struct {
					Color string
					Value *float64
				}
			}
			Mappings []struct {
				Type    string
				Options json.RawMessage
			}
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Transformations []transformation
	Targets         []struct {
		RefID, Expr, LegendFormat string
		Instant, Range            bool
		Datasource                source
	}
	Collapsed bool
	Panels    []panel
	Interval  string
}

// property is the value of a property that an override gives the fields that a
// matcher finds; nil if there is none.
func (p panel) property(matcher, options, id string) any {
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			if o.Matcher.ID == matcher && o.Matcher.Options == options && property.ID == id {
				return property.Value
			}
		}
	}
	return nil
}

type transformation struct {
	ID      string
	Options struct {
		RenameByName map[string]string
		Sort         []struct{ Field string }
	}
}

type source struct{ Type, UID string }

// boards reads all dashboards, by their file names without .json.
func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	boards := map[string]board{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b := board{text: string(text)}
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var all []panel
		for _, p := range b.Panels {
			all = append(append(all, p), p.Panels...)
		}
		b.Panels = all
		boards[strings.TrimSuffix(filepath.Base(file), ".json")] = b
	}
	return boards
}

// A board has a fixed uid that is the name of its file, loads in Grafana 11,
// 12 and 13, and links to the others with time and variables.
func TestBoards(t *testing.T) {
	boards := boards(t)
	if got, want := slices.Sorted(maps.Keys(boards)), []string{"ftd-capacity", "ftd-device", "ftd-exporter", "ftd-fleet"}; !slices.Equal(got, want) {
		t.Fatalf("boards %v, want %v", got, want)
	}
	for name, b := range boards {
		t.Run(name, func(t *testing.T) {
			if b.UID != name {
				t.Errorf("uid %q", b.UID)
			}
			if b.Title == "" || b.Description == "" {
				t.Error("title or description is missing")
			}
			if b.SchemaVersion < 39 || b.SchemaVersion > 41 {
				t.Errorf("schema version %d", b.SchemaVersion)
			}
			for _, input := range []string{"__inputs", "__requires", "${DS_"} {
				if strings.Contains(b.text, input) {
					t.Errorf("%s works only when imported by hand", input)
				}
			}
			if len(b.Links) != len(boards)-1 {
				t.Errorf("%d links", len(b.Links))
			}
			for _, link := range b.Links {
				uid, choices, _ := strings.Cut(strings.TrimPrefix(link.URL, "/d/"), "?")
				if link.Type != "link" || boards[uid].UID == "" || link.IncludeVars {
					t.Errorf("link %+v", link)
				}
				// The wall shows all devices, now.
				if wall := uid == "ftd-fleet"; link.KeepTime == wall || wall && strings.Contains(choices, "device:") {
					t.Errorf("link %+v", link)
				}
				if !strings.Contains(choices, "${datasource:queryparam}&${job:queryparam}&${instance:queryparam}") {
					t.Errorf("link %s does not keep the choices", link.URL)
				}
			}
			if b.Editable {
				t.Error("the board is provisioned, and can be edited")
			}
		})
	}
}

// Every panel has a description and a unit, and queries the data source that
// the user has selected.
func TestPanels(t *testing.T) {
	kinds := []string{"stat", "table", "timeseries", "state-timeline", "bargauge", "text"}
	selected := source{"prometheus", "${datasource}"}
	for name, b := range boards(t) {
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, p := range b.Panels {
			t.Run(name+"/"+p.Title, func(t *testing.T) {
				if p.Title == "" || ids[p.ID] {
					t.Errorf("panel %d has no title, or an id that is not unique", p.ID)
				}
				ids[p.ID] = true
				if p.Type == "row" {
					return
				}
				if titles[p.Title] {
					t.Error("another panel has this title")
				}
				titles[p.Title] = true
				if !slices.Contains(kinds, p.Type) {
					t.Errorf("type %q", p.Type)
				}
				if !strings.HasSuffix(p.Description, ".") {
					t.Errorf("description %q is not a sentence", p.Description)
				}
				if p.Datasource != selected {
					t.Errorf("data source %v", p.Datasource)
				}
				if len(p.Targets) == 0 {
					t.Error("no query")
				}
				for _, target := range p.Targets {
					if target.Datasource != selected || target.Expr == "" {
						t.Errorf("query %s: data source %v, %q", target.RefID, target.Datasource, target.Expr)
					}
				}
				if p.Type != "state-timeline" {
					return
				}
				if len(p.FieldConfig.Defaults.Mappings) == 0 {
					t.Error("no words for the states")
				}
				for _, m := range p.FieldConfig.Defaults.Mappings {
					var words map[string]struct{ Text, Color string }
					if err := json.Unmarshal(m.Options, &words); err != nil || len(words) == 0 {
						t.Errorf("mapping %s: %v", m.Options, err)
					}
					for value, word := range words {
						if word.Text == "" || word.Color == "" {
							t.Errorf("state %s has text %q and color %q; it needs both", value, word.Text, word.Color)
						}
					}
				}
			})
		}
	}
}

// Panels lie side by side within 24 columns, and the wallboard needs no
// scrolling.
func TestLayout(t *testing.T) {
	for name, b := range boards(t) {
		taken := map[[2]int]string{}
		folded := 0
		for _, p := range b.Panels {
			g := p.GridPos
			if p.Collapsed {
				folded = len(p.Panels) + 1
			}
			if folded--; folded >= 0 && !p.Collapsed {
				if g.X+g.W > 24 {
					t.Errorf("%s: %s is outside the screen: %+v", name, p.Title, g)
				}
				continue // It takes room only when it is unfolded.
			}
			if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
				t.Errorf("%s: %s is outside the screen: %+v", name, p.Title, g)
			}
			if name == "ftd-fleet" && g.Y+g.H > wallRows {
				t.Errorf("%s: %s ends at row %d of %d", name, p.Title, g.Y+g.H, wallRows)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s: %s lies on %s", name, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// The user selects the data source, jobs, exporters and devices, and every
// variable in use exists.
func TestVariables(t *testing.T) {
	// $name, ${name} or ${name:format}; names that begin with __ are built in.
	use := regexp.MustCompile(`\$\{?([a-z]\w*)`)
	for name, b := range boards(t) {
		t.Run(name, func(t *testing.T) {
			variables := map[string]variable{}
			for _, v := range b.Templating.List {
				for _, m := range use.FindAllStringSubmatch(v.expr(), -1) {
					if _, ok := variables[m[1]]; !ok {
						t.Errorf("variable %s needs %s, which is defined later or not at all", v.Name, m[1])
					}
				}
				variables[v.Name] = v
			}
			if variables["datasource"].Type != "datasource" {
				t.Errorf("datasource is of type %q", variables["datasource"].Type)
			}
			for _, want := range []string{"job", "instance", "device"} {
				// Without allValue, All is the list of those that are there now.
				v := variables[want]
				if one := name == "ftd-device" && want == "device"; v.Type != "query" || !v.Multi || v.IncludeAll == one || !one && v.AllValue != ".*" {
					t.Errorf("variable %s: %+v", want, v)
				}
			}
			for _, m := range use.FindAllStringSubmatch(b.text, -1) {
				if _, ok := variables[m[1]]; !ok {
					t.Errorf("no variable %s", m[1])
				}
			}
			for _, v := range b.Templating.List {
				if n := len(regexp.MustCompile(`\$\{?`+v.Name+`\b`).FindAllString(b.text, 1)); n == 0 {
					t.Errorf("variable %s is not used", v.Name)
				}
			}
		})
	}
}

// The provisioning files are in the format that Grafana reads at startup.
func TestProvisioning(t *testing.T) {
	read := func(name string, into any) {
		t.Helper()
		file, err := os.Open(filepath.Join("provisioning", name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		decoder := yaml.NewDecoder(file)
		decoder.KnownFields(true)
		if err := decoder.Decode(into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, Type, Access, URL string
			IsDefault               bool              `yaml:"isDefault"`
			JSONData                map[string]string `yaml:"jsonData"`
		}
	}
	read("datasources/prometheus.yml", &sources)
	if sources.APIVersion != 1 || len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" {
		t.Errorf("data sources: %+v", sources)
	}
	var boards struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type    string
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct{ Path string }
		}
	}
	read("dashboards/ftd.yml", &boards)
	if boards.APIVersion != 1 || len(boards.Providers) != 1 || boards.Providers[0].Type != "file" || boards.Providers[0].Options.Path == "" {
		t.Errorf("dashboards: %+v", boards)
	}
}
