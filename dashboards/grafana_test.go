package dashboards

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// The rows of a wall screen of 1920 by 1080 pixels that a kiosk has for sure.
const grafanaWallRows = 20

// A grafanaBoard is what the tests look at in the JSON of a dashboard.
type grafanaBoard struct {
	UID, Title, Description string
	Tags                    []string
	SchemaVersion           int
	Templating              struct{ List []grafanaVariable }
	Links                   []struct {
		Type        string
		Tags        []string
		KeepTime    bool
		IncludeVars bool
	}
	Panels []grafanaPanel

	text string // The whole file.
}

type grafanaVariable struct {
	Type, Name, Label string
	Query             any
	Multi, IncludeAll bool
	AllValue          string
}

// expr is what the variable asks Prometheus, empty if it asks nothing.
func (v grafanaVariable) expr() string {
	query, _ := v.Query.(map[string]any)
	expr, _ := query["query"].(string)
	return expr
}

type grafanaPanel struct {
	ID                       int
	Type, Title, Description string
	Datasource               grafanaSource
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct {
			Unit     string
			Mappings []struct {
				Type    string
				Options json.RawMessage
			}
		}
	}
	Targets []struct {
		RefID, Expr, LegendFormat string
		Instant                   bool
		Datasource                grafanaSource
	}
}

type grafanaSource struct{ Type, UID string }

// grafanaBoards reads all dashboards, by their file names without .json.
func grafanaBoards(t *testing.T) map[string]grafanaBoard {
	t.Helper()
	files, err := filepath.Glob("grafana/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	boards := map[string]grafanaBoard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b := grafanaBoard{text: string(text)}
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		boards[strings.TrimSuffix(filepath.Base(file), ".json")] = b
	}
	return boards
}

// grafanaEachQuery calls f for every query of every panel.
func grafanaEachQuery(t *testing.T, f func(t *testing.T, board string, p grafanaPanel, expr string)) {
	t.Helper()
	for name, b := range grafanaBoards(t) {
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				t.Run(fmt.Sprintf("%s/%s/%s", name, p.Title, target.RefID), func(t *testing.T) { f(t, name, p, target.Expr) })
			}
		}
	}
}

// A board has a fixed uid that is the name of its file, loads in Grafana 11,
// 12 and 13, and links to the others with time and variables.
func TestGrafanaBoards(t *testing.T) {
	boards := grafanaBoards(t)
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
			if len(b.Links) != 1 {
				t.Fatalf("%d links", len(b.Links))
			}
			link := b.Links[0]
			if link.Type != "dashboards" || !slices.Equal(link.Tags, b.Tags) || !link.KeepTime || !link.IncludeVars {
				t.Errorf("link %+v, tags of the board %v", link, b.Tags)
			}
		})
	}
}

// Every panel says what it shows and in which unit, and asks the data source
// that the user has chosen.
func TestGrafanaPanels(t *testing.T) {
	kinds := []string{"stat", "table", "timeseries", "state-timeline", "bargauge", "text"}
	chosen := grafanaSource{"prometheus", "${datasource}"}
	for name, b := range grafanaBoards(t) {
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, p := range b.Panels {
			t.Run(name+"/"+p.Title, func(t *testing.T) {
				if p.Title == "" || ids[p.ID] {
					t.Errorf("panel %d has no title, or its id is not its own", p.ID)
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
					t.Errorf("description %q is no sentence", p.Description)
				}
				if p.FieldConfig.Defaults.Unit == "" {
					t.Error("no unit")
				}
				if p.Datasource != chosen {
					t.Errorf("data source %v", p.Datasource)
				}
				if len(p.Targets) == 0 {
					t.Error("no query")
				}
				for _, target := range p.Targets {
					if target.Datasource != chosen || target.Expr == "" {
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
							t.Errorf("state %s has text %q and colour %q; it needs both", value, word.Text, word.Color)
						}
					}
				}
			})
		}
	}
}

// Panels lie side by side within 24 columns, and the wallboard needs no
// scrolling.
func TestGrafanaLayout(t *testing.T) {
	for name, b := range grafanaBoards(t) {
		taken := map[[2]int]string{}
		for _, p := range b.Panels {
			g := p.GridPos
			if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
				t.Errorf("%s: %s is outside the screen: %+v", name, p.Title, g)
			}
			if name == "ftd-fleet" && g.Y+g.H > grafanaWallRows {
				t.Errorf("%s: %s ends at row %d of %d", name, p.Title, g.Y+g.H, grafanaWallRows)
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

// The user chooses the data source, jobs, exporters and devices, and nothing
// refers to a variable that is not there.
func TestGrafanaVariables(t *testing.T) {
	// $name, ${name} or ${name:format}; what begins with __ is Grafana's own.
	use := regexp.MustCompile(`\$\{?([a-z]\w*)`)
	for name, b := range grafanaBoards(t) {
		t.Run(name, func(t *testing.T) {
			variables := map[string]grafanaVariable{}
			for _, v := range b.Templating.List {
				for _, m := range use.FindAllStringSubmatch(v.expr(), -1) {
					if _, ok := variables[m[1]]; !ok {
						t.Errorf("variable %s needs %s, which comes later or never", v.Name, m[1])
					}
				}
				if v.Label == "" {
					t.Errorf("variable %s has no label", v.Name)
				}
				variables[v.Name] = v
			}
			if variables["datasource"].Type != "datasource" {
				t.Errorf("datasource is of type %q", variables["datasource"].Type)
			}
			for _, want := range []string{"job", "instance", "device"} {
				if v := variables[want]; v.Type != "query" || !v.Multi || !v.IncludeAll {
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

// A range follows the scrape interval or the time shown, never a fixed guess.
// predict_linear and deriv look at the whole time shown.
func TestGrafanaRanges(t *testing.T) {
	ranges := map[string][]string{
		"rate":           {"$__rate_interval"},
		"increase":       {"$__rate_interval", "$__range"},
		"deriv":          {"$__range"},
		"predict_linear": {"$__range"},
	}
	call := regexp.MustCompile(`(\w+)\([^()]*\[([^\]]*)\]`)
	grafanaEachQuery(t, func(t *testing.T, _ string, _ grafanaPanel, expr string) {
		calls := call.FindAllStringSubmatch(expr, -1)
		if len(calls) != strings.Count(expr, "[") {
			t.Errorf("a range that no known function takes in %s", expr)
		}
		for _, m := range calls {
			if !slices.Contains(ranges[m[1]], m[2]) {
				t.Errorf("%s over %s in %s", m[1], m[2], expr)
			}
		}
	})
}

var grafanaSelector = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)

// Every selector keeps to the chosen exporters and, where the metric has a
// device, to the chosen devices.
func TestGrafanaMatchers(t *testing.T) {
	grafanaEachQuery(t, func(t *testing.T, _ string, _ grafanaPanel, expr string) {
		for _, m := range grafanaSelector.FindAllStringSubmatch(expr, -1) {
			var want []string
			switch {
			case m[1] == "ALERTS": // They have the labels of their rules only.
				want = []string{`alertname=~"FTD.+"`, `device=~"$device"`}
			case grafanaIsOfDevice(m[1]):
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

// grafanaIsOfDevice reports whether there is a series of the metric for each
// device and each exporter that hears it.
func grafanaIsOfDevice(metric string) bool {
	return strings.HasPrefix(metric, "ftd_") && !strings.HasPrefix(metric, "ftd_exporter_") &&
		metric != "ftd_message_info" && metric != "ftd_device_labels_info"
}

// Two exporters may hear the same device. Whatever a panel shows of devices is
// one series all the same: the innermost aggregation around it is a max or a
// min by device without instance. What only filters may be as it is.
func TestGrafanaToleratesTwoExporters(t *testing.T) {
	filter := regexp.MustCompile(`(and|unless) on \([^)]*\) \(?$`)
	aggregation := regexp.MustCompile(`(\w+) by \(([^)]*)\) $`)
	grafanaEachQuery(t, func(t *testing.T, _ string, _ grafanaPanel, expr string) {
		for _, at := range grafanaSelector.FindAllStringSubmatchIndex(expr, -1) {
			metric := expr[at[2]:at[3]]
			if !grafanaIsOfDevice(metric) || filter.MatchString(expr[:at[0]]) {
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
				t.Errorf("%s stands in no aggregation: %s", metric, expr)
				continue
			}
			labels := strings.Split(found[2], ", ")
			if found[1] != "max" && found[1] != "min" || !slices.Contains(labels, "device") || slices.Contains(labels, "instance") {
				t.Errorf("%s stands in %s: %s", metric, found[0], expr)
			}
		}
	})
}

// grafanaDescs is a registerer that only notes the names of metrics.
type grafanaDescs struct{ names map[string]bool }

func (d grafanaDescs) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() {
		c.Describe(ch)
		close(ch)
	}()
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for desc := range ch {
		d.names[name.FindStringSubmatch(desc.String())[1]] = true
	}
	return nil
}

func (d grafanaDescs) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		_ = d.Register(c) // It can't fail.
	}
}

func (d grafanaDescs) Unregister(prometheus.Collector) bool { return false }

// grafanaOwnMetrics returns the names of the exporter's own metrics, with
// those of the process.
func grafanaOwnMetrics(t *testing.T) map[string]bool {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	state, err := state.New(c, collectors.All(), state.Options{Persist: true})
	if err != nil {
		t.Fatal(err)
	}
	descs := grafanaDescs{map[string]bool{}}
	if err := exporter.New(c, state, nil).Register(descs); err != nil {
		t.Fatal(err)
	}
	descs.MustRegister(exporter.NewStore(t.TempDir(), state, promslog.NewNopLogger()))
	return descs.names
}

// grafanaDeviceMetrics returns the names in the list of device metrics.
func grafanaDeviceMetrics(t *testing.T) []string {
	t.Helper()
	list, err := os.ReadFile("../state/testdata/metrics.txt")
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
func TestGrafanaMetrics(t *testing.T) {
	known := grafanaOwnMetrics(t)
	for _, name := range grafanaDeviceMetrics(t) {
		known[name] = true
	}
	for _, name := range []string{
		"ftd_device_labels_info",                                            // It describes nothing in advance.
		"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS", // Prometheus makes them.
	} {
		known[name] = true
	}
	used := map[string]bool{}
	for name, b := range grafanaBoards(t) {
		check := func(where, expr string) {
			for _, m := range grafanaSelector.FindAllStringSubmatch(expr, -1) {
				used[m[1]] = true
				if !known[m[1]] {
					t.Errorf("%s: %s: no metric %s", name, where, m[1])
				}
			}
			// A metric without braces would escape the checks of this file.
			for _, word := range regexp.MustCompile(`\bftd_\w+\b[^{\w]`).FindAllString(expr, -1) {
				if !strings.HasPrefix(word, "ftd_exporter_build_info,") { // label_values of a whole metric.
					t.Errorf("%s: %s: %s has no matchers in %s", name, where, word, expr)
				}
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
			t.Errorf("no board shows %s", name)
		}
	}
}

// The provisioning files are what Grafana reads at its start.
func TestGrafanaProvisioning(t *testing.T) {
	read := func(name string, into any) {
		t.Helper()
		file, err := os.Open(filepath.Join("grafana", "provisioning", name))
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
