package docs

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A source is what the generated parts follow from.
type source struct {
	entries    []catalog.Entry // In the order of their ids.
	catalog    *catalog.Catalog
	collectors []collectors.Collector
	table      *state.Table
	rules      []string // The alerts, each from its name on.
	limits     string   // The table of thresholds.
}

const alertFile = "dashboards/prometheus/ftd.alerts.yml"

func newSource(t *testing.T) *source {
	t.Helper()
	s := &source{entries: catalog.Messages(), collectors: collectors.All()}
	var err error
	if s.catalog, err = catalog.Compile(s.entries); err != nil {
		t.Fatal(err)
	}
	if s.table, err = state.New(s.catalog, s.collectors, state.Options{}); err != nil {
		t.Fatal(err)
	}
	s.rules = strings.Split(readPage(t, filepath.Join(testutil.Root(t), filepath.FromSlash(alertFile))), "- alert: ")[1:]
	s.limits = thresholdTable(t)
	return s
}

// alerts returns the table of the alerts.
func (s *source) alerts(string) (string, error) {
	var (
		severity = regexp.MustCompile(`labels: \{severity: (\w+)\}`)
		summary  = regexp.MustCompile(`summary: "(.*)"`)
		label    = regexp.MustCompile(`\{\{ \$labels\.(\w+) \}\}`)
		optional = regexp.MustCompile(`\{\{ with .*?\{\{ end \}\}`)
	)
	var b strings.Builder
	b.WriteString("| alert | severity | what it reports |\n|---|---|---|\n")
	for _, rule := range s.rules {
		name, _, _ := strings.Cut(rule, "\n")
		level, text := severity.FindStringSubmatch(rule), summary.FindStringSubmatch(rule)
		if level == nil || text == nil {
			return "", fmt.Errorf("%s does not have a severity or a summary", name)
		}
		words := label.ReplaceAllString(optional.ReplaceAllString(text[1], ""), "*$1*")
		fmt.Fprintf(&b, "| [%s](runbooks/%s.md) | %s | %s |\n", name, name, level[1], words)
	}
	return b.String(), nil
}

// thresholds returns the table of the thresholds of rules that can be changed.
func (s *source) thresholds(string) (string, error) {
	return s.limits, nil
}

// thresholdTable reads the file of thresholds into a table, in the order of the file.
func thresholdTable(t *testing.T) string {
	t.Helper()
	var file yaml.Node
	if err := yaml.Unmarshal([]byte(readPage(t, filepath.Join(testutil.Root(t), "dashboards/thresholds.yml"))), &file); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| threshold | default | meaning |\n|---|---|---|\n")
	all := file.Content[0].Content
	for i := 0; i < len(all); i += 2 {
		var threshold struct{ Default, Meaning string }
		if err := all[i+1].Decode(&threshold); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", all[i].Value, threshold.Default, threshold.Meaning)
	}
	return b.String()
}

// states returns the table of the states and their levels.
func (s *source) states(string) (string, error) {
	var b strings.Builder
	b.WriteString("| metric | ok | warning | critical | failed |\n|---|---|---|---|---|\n")
	for _, c := range s.collectors {
		for _, m := range c.Metrics {
			if m.States == nil {
				continue
			}
			var names [4][]string
			for _, state := range m.States {
				names[state.Level] = append(names[state.Level], state.Name)
			}
			fmt.Fprintf(&b, "| `%s` |", m.Name)
			for _, of := range names {
				fmt.Fprintf(&b, " %s |", strings.Join(of, ", "))
			}
			b.WriteByte('\n')
		}
	}
	return b.String(), nil
}

// metrics returns the table of metrics.
func (s *source) metrics(string) (string, error) {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, d := range s.table.Docs() {
		typ := d.Type
		if d.Expires {
			typ += ", expires"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, typ, codes(d.Labels), d.Help)
	}
	return b.String(), nil
}

// labels returns the table of the labels that have a closed set of values.
func (s *source) labels(string) (string, error) {
	type row struct {
		label, values string
		metrics       []string
	}
	var rows []*row
	for _, c := range s.collectors {
		for _, m := range c.Metrics {
			for i, label := range m.Labels {
				values := s.labelValues(c.Rules, m, i)
				if len(values) == 0 {
					continue
				}
				r := &row{label: label.Name, values: codes(values)}
				// Labels with the same values share a row.
				if n := slices.IndexFunc(rows, func(other *row) bool { return other.label == r.label && other.values == r.values }); n >= 0 {
					r = rows[n]
				} else {
					rows = append(rows, r)
				}
				r.metrics = append(r.metrics, m.Name)
			}
		}
	}
	var b strings.Builder
	b.WriteString("| label | of | values |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.label, codes(r.metrics), r.values)
	}
	return b.String(), nil
}

// labelValues returns the values that the label number i of a metric can have,
// without the empty one, or nil if the set is not closed.
func (s *source) labelValues(rules []collectors.Rule, m *collectors.Metric, i int) []string {
	label := m.Labels[i]
	if m.Type == collectors.StateSet && i == len(m.Labels)-1 {
		return label.Values
	}
	values := slices.Clone(label.Values)
	for _, r := range rules {
		if r.Metric != m {
			continue
		}
		if value, ok := r.Labels[label.Name]; ok {
			values = append(values, value)
		}
		switch {
		case !s.fieldFills(r.ID, &label):
		case label.Append != nil && label.Appends != nil:
			values = append(values, label.Appends...)
		case label.Append == nil && label.Values != nil:
			values = append(values, collectors.Other)
		default:
			return nil
		}
	}
	var unique []string
	other := false
	for _, v := range values {
		switch {
		case v == collectors.Other:
			other = true // Comes last.
		case v != "" && !slices.Contains(unique, v):
			unique = append(unique, v)
		}
	}
	if other {
		unique = append(unique, collectors.Other)
	}
	return unique
}

// fieldFills reports whether a template of a message has a field that gives a label
// its value.
func (s *source) fieldFills(id catalog.ID, label *collectors.Label) bool {
	entry := s.catalog.Index(id)
	for n := range s.catalog.At(entry).Templates {
		for _, f := range s.catalog.Fields(entry, n) {
			if f.Name == label.Name || f.Name == label.Field {
				return true
			}
		}
	}
	return false
}

// A block is a range of cataloged ids to let a firewall send, because some of them
// feed a metric. Few ranges are easily entered in a form, so a block includes the
// other messages of the same subsystem, which are rare and counted by id. Where
// those are most of the messages, a block has little more than what feeds a metric.
type block struct {
	first, last catalog.ID
	summary     string
	severities  string
}

func (b *block) String() string {
	if b.first == b.last {
		return b.first.String()
	}
	return fmt.Sprintf("%s-%s", b.first, b.last)
}

// numbered returns the entries whose id is a number: a firewall can be told to send
// those.
func numbered(entries []catalog.Entry) []catalog.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e catalog.Entry) bool {
		_, ok := e.ID.Number()
		return !ok
	})
}

// feeds reports whether the message feeds a metric.
func (s *source) feeds(e catalog.Entry) bool { return s.table.FedBy(e.ID) != nil }

// runs splits entries where their ids differ in the thousands, or by more than gap:
// there may be ids in between that are not in the catalog and that a firewall sends
// all the time, such as 106100.
func runs(entries []catalog.Entry, gap catalog.ID) [][]catalog.Entry {
	var all [][]catalog.Entry
	for i, e := range entries {
		if i == 0 || e.ID/1000 != entries[i-1].ID/1000 || e.ID-entries[i-1].ID > gap {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], e)
	}
	return all
}

func (s *source) blocks() ([]block, error) {
	var all []block
	for _, run := range runs(numbered(s.entries), 20) {
		var feeding []catalog.Entry
		for _, e := range run {
			if s.feeds(e) {
				feeding = append(feeding, e)
			}
		}
		parts := [][]catalog.Entry{run}
		if 3*len(feeding) < len(run) {
			parts = runs(feeding, 3)
		}
		for _, entries := range parts {
			b, err := s.block(entries)
			if err != nil {
				return nil, err
			}
			all = append(all, b)
		}
	}
	return all, nil
}

// block returns the block of entries, with the summary of the collector that has
// rules for most of them.
func (s *source) block(entries []catalog.Entry) (block, error) {
	b := block{first: entries[0].ID, last: entries[len(entries)-1].ID}
	most := 0
	for _, c := range s.collectors {
		fed := 0
		for _, e := range entries {
			if slices.ContainsFunc(c.Rules, func(r collectors.Rule) bool { return r.ID == e.ID }) {
				fed++
			}
		}
		if fed > most {
			most, b.summary = fed, c.Summary
		}
	}
	if b.summary == "" {
		return b, fmt.Errorf("the collector of %s does not have a Summary", &b)
	}
	var severities []uint32
	for _, e := range entries {
		severities = append(severities, uint32(e.Severity))
	}
	b.severities = ranges(severities)
	return b, nil
}

// ids returns the table of the messages to let a firewall send, and a sentence
// about those that a filter by severity would lose.
func (s *source) ids(string) (string, error) {
	all, err := s.blocks()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| ids | what they report | severities |\n|---|---|---|\n")
	for _, t := range all {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", &t, t.summary, t.severities)
	}
	const enough = 4
	var less []string
	for _, e := range s.entries {
		if _, ok := e.ID.Number(); ok && e.Severity > enough && s.table.FedBy(e.ID) != nil {
			less = append(less, fmt.Sprintf("%s (severity %d, %s)", e.ID, e.Severity, e.Summary))
		}
	}
	fmt.Fprintf(&b, "\nAll messages that feed a metric are of severity %d or worse", enough)
	if less != nil {
		b.WriteString(", except " + strings.Join(less, ", "))
	}
	b.WriteString(".\n")
	return b.String(), nil
}

// asa returns the configuration of an ASA that sends nothing yet: for the messages
// that feed the collectors in names, or all if it is empty.
func (s *source) asa(names string) (string, error) {
	all, err := s.blocks()
	if err != nil {
		return "", err
	}
	if names != "" {
		wanted := strings.Fields(names)
		all = slices.DeleteFunc(all, func(b block) bool {
			return !slices.ContainsFunc(s.collectors, func(c collectors.Collector) bool {
				return slices.Contains(wanted, c.Name) && slices.ContainsFunc(c.Rules, func(r collectors.Rule) bool { return b.first <= r.ID && r.ID <= b.last })
			})
		})
	}
	var b strings.Builder
	b.WriteString("<!-- not run: for a firewall -->\n\n```asa\nlogging enable\nlogging timestamp rfc5424\nlogging device-id hostname\n")
	for _, t := range all {
		fmt.Fprintf(&b, "logging list ftd_exporter message %s\n", &t)
	}
	// What a healthy device sends every day: commands, TLS sessions of management.
	for _, list := range []string{"111008-111010", "725001-725007"} {
		fmt.Fprintf(&b, "logging list ftd_exporter message %s\n", list)
	}
	b.WriteString("logging trap ftd_exporter\nlogging permit-hostdown\nlogging host inside 192.0.2.10 udp/5514\n```\n")
	return b.String(), nil
}

// messages returns the table of the messages that feed a metric.
func (s *source) messages(selector string) (string, error) {
	ids, err := s.feeding(selector)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| id | severity | message |\n|---|---|---|\n")
	for _, e := range s.entries {
		if slices.Contains(ids, e.ID) {
			fmt.Fprintf(&b, "| %s | %d | %s |\n", e.ID, e.Severity, e.Summary)
		}
	}
	return b.String(), nil
}

var selectorForm = regexp.MustCompile(`^(\w+)(?:\{(\w+)(!?=)"([^"]*)"\})?$`)

// feeding returns the ids of the messages that feed a metric, in their order.
// The selector is the name of the metric, with one matcher at most, such as
// ftd_component_ok{component!="fan"}. A rule that only makes a counter start at
// 0 does not feed it.
func (s *source) feeding(selector string) ([]catalog.ID, error) {
	form := selectorForm.FindStringSubmatch(selector)
	if form == nil {
		return nil, fmt.Errorf("%q is not a selector; write NAME or NAME{LABEL=\"VALUE\"}", selector)
	}
	name, label, operator, value := form[1], form[2], form[3], form[4]
	var ids []catalog.ID
	for _, c := range s.collectors {
		for _, r := range c.Rules {
			if r.Metric.Name != name || r.Value.Op == collectors.OpCreate {
				continue
			}
			got := r.Labels[label]
			if r.Value.Op == collectors.OpState && label == r.Metric.Labels[len(r.Metric.Labels)-1].Name {
				got = r.Value.Name
			}
			// A label that a field of the message fills can have any value.
			if i := slices.IndexFunc(r.Metric.Labels, func(l collectors.Label) bool { return l.Name == label }); i < 0 || s.fieldFills(r.ID, &r.Metric.Labels[i]) || (got == value) == (operator == "=") {
				ids = append(ids, r.ID)
			}
		}
	}
	if ids == nil {
		return nil, errors.New("no rule feeds it")
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// ranges writes numbers as in "1, 3-6". It sorts them.
func ranges(numbers []uint32) string {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	var all []string
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[0]+uint32(n) {
			n++
		}
		text := fmt.Sprint(numbers[0])
		if n > 1 {
			text += fmt.Sprintf("-%d", numbers[n-1])
		}
		all = append(all, text)
		numbers = numbers[n:]
	}
	return strings.Join(all, ", ")
}

// codes writes names as code, with commas.
func codes(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }
