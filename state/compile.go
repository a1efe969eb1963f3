package state

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A program is the rules of one entry, compiled for one template.
type program struct {
	instructions []instruction
	// sources are the fields that become labels, each once.
	sources []labelSource
	// series is the number of series that the instructions touch.
	series int
}

// An instruction is a rule with its labels and its value looked up.
type instruction struct {
	op     collectors.Op
	metric *metric
	number float64
	field  int     // Of the value.
	by     int     // The field of the divisor, for collectors.OpQuotient.
	state  int     // In metric.states, for collectors.OpState.
	words  []word  // For collectors.OpStateField.
	of     *metric // For collectors.OpChange.
	labels []source
	// place is the place of the series in a binding; for collectors.OpState, of
	// the first.
	place int
}

// A word of a text stands for a state, an empty one for that of all other words.
type word struct {
	text  string
	state int
}

// stateOf returns the index of the state that a word of a text stands for.
func (in *instruction) stateOf(text []byte) int {
	text = catalog.Unbracketed(text)
	other := noState
	for i := range in.words {
		switch w := &in.words[i]; {
		case w.text == collectors.AnyOther:
			other = w.state
		case catalog.EqualFold(w.text, text):
			return w.state
		}
	}
	return other
}

// A source is the source of a label's value: a field of the text or, if field is
// negative, the fixed value.
type source struct {
	field int
	fixed string
}

// formatIDs writes ids as in "735001, 735007-735010". If the faults without an
// entry of their own are among them, all faults are.
func formatIDs(ids []catalog.ID) string {
	var parts []string
	if slices.Contains(ids, catalog.AnyFault) {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id catalog.ID) bool {
			_, ok := id.Number()
			return !ok
		})
		parts = append(parts, "the faults of FXOS")
	}
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			parts = append(parts, fmt.Sprintf("%s-%s", ids[i], ids[j]))
		case j > i:
			parts = append(parts, ids[i].String(), ids[j].String())
		default:
			parts = append(parts, ids[i].String())
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// A compiler checks the collectors against the catalog, and collects mistakes.
type compiler struct {
	catalog  *catalog.Catalog
	metrics  []*metric
	byMetric map[*collectors.Metric]*metric
	names    map[string]bool // Of metrics, former ones too.
	programs [][]program     // By index in the catalog and template.
	errs     []error
}

func (c *compiler) fail(col *collectors.Collector, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("state: %s: %w", col.Name, fmt.Errorf(format, args...)))
}

// compile checks every rule against the catalog and makes the metrics and, for
// every entry and template, the program.
func compile(cat *catalog.Catalog, families []collectors.Collector) (*compiler, error) {
	c := &compiler{
		catalog:  cat,
		byMetric: map[*collectors.Metric]*metric{},
		names:    map[string]bool{},
		programs: make([][]program, cat.Len()),
	}
	for i := range families {
		for _, m := range families[i].Metrics {
			c.addMetric(&families[i], m)
		}
	}
	if firstRuleMetric+len(c.metrics) > 0xf0 {
		c.errs = append(c.errs, errors.New("state: too many metrics for a key of one byte"))
	}
	for i := range families {
		for _, m := range families[i].Metrics {
			if err := c.relate(m); err != nil {
				c.fail(&families[i], "%s: %w", m.Name, err)
			}
		}
		for _, r := range families[i].Rules {
			if err := c.compileRule(r); err != nil {
				c.fail(&families[i], "rule for %s: %w", r.ID, err)
			}
		}
	}
	return c, errors.Join(c.errs...)
}

// addMetric gives a metric its index.
func (c *compiler) addMetric(col *collectors.Collector, m *collectors.Metric) {
	for _, name := range append([]string{m.Name}, m.Formerly...) {
		if c.names[name] {
			c.fail(col, "metric %s is declared twice", name)
			return
		}
		c.names[name] = true
	}
	if err := checkMetric(m); err != nil {
		c.fail(col, "%s: %w", m.Name, err)
		return
	}
	var ids []catalog.ID
	isReceipt := true
	for _, r := range col.Rules {
		// What only makes a series start at 0 does not feed it.
		if r.Metric == m && r.Value.Op != collectors.OpCreate {
			ids = append(ids, r.ID)
			isReceipt = isReceipt && (r.Value.Op == collectors.OpReceipt || r.Value.Op == collectors.OpChange)
		}
	}
	if len(ids) == 0 {
		c.fail(col, "no rule feeds metric %s", m.Name)
	}
	cm := newMetric(m, firstRuleMetric+len(c.metrics), ids, "")
	cm.grace = m.Grace
	cm.hardware, cm.collector, cm.isReceipt = col.Hardware, col.Name, isReceipt
	if m.Alarm.Level != collectors.OK && (m.Type != collectors.Counter || m.Of != nil) {
		c.fail(col, "metric %s: only a counter without Of can have an Alarm", m.Name)
	}
	c.byMetric[m] = cm
	c.metrics = append(c.metrics, cm)
}

// checkMetric returns what is wrong with a metric as such.
func checkMetric(m *collectors.Metric) error {
	switch {
	case m.Type == collectors.StateSet:
		if len(m.Labels) == 0 || m.Labels[len(m.Labels)-1].Values == nil {
			return errors.New("a state set needs a last label with a closed set of values")
		}
		names := make([]string, len(m.States))
		for i := range m.States {
			names[i] = m.States[i].Name
		}
		if values := m.Labels[len(m.Labels)-1].Values; m.States != nil && !slices.Equal(names, values) {
			return fmt.Errorf("its states must be the values of its last label, %q", values)
		}
	case m.Type == collectors.Counter && m.States != nil:
		return errors.New("a counter must not have States")
	case m.Grace != 0 && (m.Type != collectors.Gauge || m.States == nil || m.Expires):
		return errors.New("only a gauge with States that does not expire can have a Grace")
	}
	return nil
}

// relate connects a metric with those that it is shown with.
func (c *compiler) relate(m *collectors.Metric) error {
	cm := c.byMetric[m]
	if cm == nil {
		return nil // It has been reported.
	}
	if m.Of != nil {
		of := c.byMetric[m.Of]
		if of == nil || !of.isState() || !sameLabels(m.Labels, ruleLabels(m.Of)) {
			return errors.New("field Of must be a listed metric with States and the same labels")
		}
		role := &of.reading
		if m.Type == collectors.Counter {
			role = &of.reports
		}
		if *role != nil {
			return fmt.Errorf("%s already has %s", m.Of.Name, (*role).Name)
		}
		*role = cm
	}
	if m.Enabled != nil {
		cm.enabled = c.byMetric[m.Enabled]
		if cm.enabled == nil || !cm.isState() || m.Type != collectors.Gauge || m.Enabled.Type != collectors.Gauge || !sameLabels(m.Labels, m.Enabled.Labels) {
			return errors.New("field Enabled, of a gauge with States, must be a listed gauge with the same labels")
		}
	}
	if m.SplitFrom != nil {
		from := c.byMetric[m.SplitFrom]
		if from == nil || !sameLabels(m.Labels, m.SplitFrom.Labels) {
			return errors.New("field SplitFrom must be a listed metric with the same labels")
		}
		from.splitInto = cm
	}
	for _, mark := range []struct {
		metric *collectors.Metric
		role   **metric
	}{{m.Limit, &cm.limit}, {m.Warning, &cm.warning}} {
		if mark.metric == nil {
			continue
		}
		l := c.byMetric[mark.metric]
		if l == nil || l.Type != collectors.Gauge || !m.Expires || !l.Expires || !sameLabels(m.Labels, l.Labels) {
			return errors.New("fields Limit and Warning must be listed gauges that expire, as the metric itself, with the same labels")
		}
		*mark.role, l.limitOf = l, cm
	}
	return nil
}

func sameLabels(a, b []collectors.Label) bool {
	return slices.EqualFunc(a, b, func(a, b collectors.Label) bool { return a.Name == b.Name })
}

// compileRule appends a rule to the programs of its entry.
func (c *compiler) compileRule(r collectors.Rule) error {
	entry := c.catalog.Index(r.ID)
	if entry < 0 {
		return errors.New("this id is not in the catalog")
	}
	m := c.byMetric[r.Metric]
	if m == nil {
		return errors.New("its metric is not listed in the collector's Metrics")
	}
	if err := m.checkRule(&r); err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	templates := len(c.catalog.At(entry).Templates)
	if c.programs[entry] == nil {
		c.programs[entry] = make([]program, templates)
	}
	in := instruction{op: r.Value.Op, metric: m, number: r.Value.Number, field: -1}
	switch in.op {
	case collectors.OpState:
		in.state = m.stateCalled(r.Value.Name)
	case collectors.OpStateField:
		for text, name := range r.Value.Words {
			in.words = append(in.words, word{text, m.stateCalled(name)})
		}
	case collectors.OpChange:
		if in.of = c.byMetric[r.Value.Metric]; in.of == nil {
			return fmt.Errorf("%s: the metric of ChangeOf is not listed in a collector's Metrics", m.Name)
		}
		if sameLabels(m.Labels, in.of.ruleLabels()) {
			in.of.changed = m
			m.grace = in.of.grace
			if in.of.isState() && !slices.Contains(m.changeOf, in.of) {
				m.changeOf = append(m.changeOf, in.of)
			}
		}
	}
	active := false
	for v := range templates {
		ok, err := c.programs[entry][v].compile(in, &r, c.catalog.Fields(entry, v))
		if err != nil {
			return fmt.Errorf("%s: template %d: %w", m.Name, v+1, err)
		}
		active = active || ok
	}
	if !active {
		return fmt.Errorf("%s: no template has field %q", m.Name, r.Value.Name)
	}
	for name := range r.Labels {
		if !slices.ContainsFunc(m.ruleLabels(), func(l collectors.Label) bool { return l.Name == name }) {
			return fmt.Errorf("%s does not have a label %q", m.Name, name)
		}
	}
	return nil
}

// compile appends an instruction for a template with the given fields. It
// returns false if the template lacks the field with the value.
func (p *program) compile(in instruction, r *collectors.Rule, fields []catalog.FieldSpec) (bool, error) {
	find := func(name string) int {
		return slices.IndexFunc(fields, func(f catalog.FieldSpec) bool { return f.Name == name })
	}
	if readsField(in.op) {
		if in.field = find(r.Value.Name); in.field < 0 {
			return false, nil
		}
		if err := in.checkField(&fields[in.field]); err != nil {
			return false, err
		}
	}
	if in.op == collectors.OpQuotient {
		if in.by = find(r.Value.By); in.by < 0 {
			return false, nil
		}
		if err := in.checkField(&fields[in.by]); err != nil {
			return false, err
		}
	}
	labels := in.metric.ruleLabels()
	for _, l := range labels {
		s := source{field: find(l.Name)}
		if s.field < 0 && l.Field != "" {
			s.field = find(l.Field)
		}
		if fixed, ok := r.Labels[l.Name]; s.field < 0 && ok {
			s.fixed = fixed
			if l.Values != nil && fixed != collectors.Other && !slices.Contains(l.Values, fixed) {
				return false, fmt.Errorf("%q is not a value of label %q", fixed, l.Name)
			}
		} else if s.field < 0 {
			return false, fmt.Errorf("no field fills label %q, and the rule gives no value", l.Name)
		}
		in.labels = append(in.labels, s)
	}
	in.place = p.series
	if p.series++; in.metric.Type == collectors.StateSet {
		p.series += len(in.metric.states) - 1
	}
	if p.series > maxProgramSeries {
		return false, fmt.Errorf("the rules touch more than %d series; raise maxProgramSeries", maxProgramSeries)
	}
	for i, l := range in.labels {
		s := labelSource{l.field, &labels[i]}
		if l.field >= 0 && !slices.ContainsFunc(p.sources, s.same) {
			p.sources = append(p.sources, s)
		}
	}
	p.instructions = append(p.instructions, in)
	return true, nil
}

// readsField reports whether an operation takes its value from a field.
func readsField(op collectors.Op) bool {
	switch op {
	case collectors.OpField, collectors.OpQuotient, collectors.OpStateField, collectors.OpDays:
		return true
	}
	return false
}

// checkField returns why a field cannot give the instruction its value.
func (in *instruction) checkField(f *catalog.FieldSpec) error {
	switch f.Kind {
	case catalog.Int, catalog.Number, catalog.Celsius, catalog.Ratio:
		if in.op == collectors.OpStateField {
			return fmt.Errorf("field %q is a number", f.Name)
		}
		return nil
	}
	if in.op != collectors.OpStateField {
		return fmt.Errorf("field %q is not a number", f.Name)
	}
	for text := range strings.SplitSeq(f.Words, "|") {
		if in.stateOf([]byte(text)) == noState {
			return fmt.Errorf("no state for the word %q of field %q", text, f.Name)
		}
	}
	return nil
}

// checkRule returns what is wrong with a rule as such.
func (m *metric) checkRule(r *collectors.Rule) error {
	var ok bool
	switch r.Value.Op {
	case collectors.OpSet:
		ok = m.Type == collectors.Gauge || m.Type == collectors.Info && r.Value.Number == 1
	case collectors.OpField, collectors.OpQuotient, collectors.OpChange, collectors.OpReceipt, collectors.OpDays:
		ok = m.Type == collectors.Gauge
	case collectors.OpAdd, collectors.OpCreate:
		ok = m.Type == collectors.Counter
	case collectors.OpState:
		ok = m.Type == collectors.StateSet
		if ok && m.stateCalled(r.Value.Name) == noState {
			return fmt.Errorf("%q is not one of its states", r.Value.Name)
		}
	case collectors.OpStateField:
		ok = m.Type == collectors.StateSet || m.Type == collectors.Gauge && m.isState()
		for _, name := range r.Value.Words {
			if ok && m.stateCalled(name) == noState {
				return fmt.Errorf("%q is not one of its states", name)
			}
		}
	}
	if !ok {
		return errors.New("the value does not suit the type of the metric")
	}
	return nil
}
