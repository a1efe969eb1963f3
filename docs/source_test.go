package docs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A source is what the generated parts follow from.
type source struct {
	entries    []catalog.Entry // In the order of their ids.
	catalog    *catalog.Catalog
	collectors []collectors.Collector
	table      *state.Table
}

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
	return s
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

// A thousand is the range of all cataloged ids that begin with the same three
// digits, if one of them feeds a metric. A firewall is told to send the whole
// range: few ranges are easily entered in a form, and the other messages of the
// same subsystem are rare and counted by id.
type thousand struct {
	first, last catalog.ID
	summary     string
	severities  string
}

func (t *thousand) String() string { return fmt.Sprintf("%s-%s", t.first, t.last) }

func (s *source) thousands() ([]thousand, error) {
	byThousand := map[catalog.ID][]catalog.Entry{}
	for _, e := range s.entries {
		byThousand[e.ID/1000] = append(byThousand[e.ID/1000], e)
	}
	var all []thousand
	for _, e := range s.entries {
		if _, ok := e.ID.Number(); !ok {
			continue // A firewall cannot be told to send it by its id.
		}
		entries := byThousand[e.ID/1000]
		if e.ID != entries[0].ID || !slices.ContainsFunc(entries, func(e catalog.Entry) bool { return s.table.FedBy(e.ID) != nil }) {
			continue
		}
		t := thousand{first: e.ID, last: entries[len(entries)-1].ID}
		most := 0
		for _, c := range s.collectors {
			fed := 0
			for _, e := range entries {
				if slices.ContainsFunc(c.Rules, func(r collectors.Rule) bool { return r.ID == e.ID }) {
					fed++
				}
			}
			if fed > most {
				most, t.summary = fed, c.Summary
			}
		}
		if t.summary == "" {
			return nil, fmt.Errorf("the collector of %s does not have a Summary", &t)
		}
		var severities []uint32
		for _, e := range entries {
			severities = append(severities, uint32(e.Severity))
		}
		t.severities = ranges(severities)
		all = append(all, t)
	}
	return all, nil
}

// ids returns the table of the messages to let a firewall send, and a sentence
// about those that a filter by severity would lose.
func (s *source) ids(string) (string, error) {
	all, err := s.thousands()
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

// asa returns the configuration of an ASA that sends nothing yet.
func (s *source) asa(string) (string, error) {
	all, err := s.thousands()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("<!-- not run: for a firewall -->\n\n```asa\nlogging enable\nlogging timestamp rfc5424\nlogging device-id hostname\n")
	for _, t := range all {
		fmt.Fprintf(&b, "logging list ftd_exporter message %s\n", &t)
	}
	// Signs of life: commands, TLS sessions of management.
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
