package state

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

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
	field  int     // Of the value, for collectors.OpField.
	state  int     // In metric.states, for collectors.OpState.
	of     *metric // For collectors.OpChange.
	labels []source
	// place is the place of the series in a binding; for collectors.OpState, of
	// the first.
	place int
}

// A source is the source of a label's value: a field of the text or, if field is
// negative, the fixed value.
type source struct {
	field int
	fixed string
}

// A metric is a Metric in use.
type metric struct {
	*collectors.Metric
	index byte
	help  string
	ids   []catalog.ID
	desc  *prometheus.Desc
	// collector is the name of the collector that has the metric, and hardware
	// whether it is about hardware.
	collector string
	hardware  bool
	// expiry is after how many nanoseconds without a report a series that
	// expires is no longer shown.
	expiry atomic.Int64
	// device is set unless the metric lacks the label device.
	device bool
	layout layout
	// zero lists the label values of the series that every device starts with.
	zero [][]string
	// states are those of Metric, or what a state set without them has.
	states []collectors.State

	// Metrics with series that belong to the series of this one; see
	// siblingKey. They are nil if there is none.
	reports *metric // Counts the reports of bad states.
	reading *metric // Has the reading that the state was derived from.
	changed *metric // Has the time of the last change.
	limit   *metric // Is what a gauge is compared with, and so
	warning *metric // is this.
	limitOf *metric // Is the gauge of which this is limit or warning.
	// changeOf are the states of whose last change this is the time.
	changeOf []*metric
	// splitInto is the metric that has a part of the series that this one had in
	// earlier versions, or nil.
	splitInto *metric
	// isReceipt is set if the values are times of receipt, which are never ahead
	// of now.
	isReceipt bool
}

// isState reports whether changes of the metric are events.
func (m *metric) isState() bool { return len(m.States) > 0 }

// isAlert reports whether each increase is an event.
func (m *metric) isAlert() bool { return m.hardware && m.Type == collectors.Counter && m.Of == nil }

// flags returns the flags of the metric's series.
func (m *metric) flags() (f flags) {
	if m.hardware {
		f |= ofHardware
	}
	if m.Expires {
		f |= expiring
	}
	return f
}

// maxZeroSeries is the size up to which a closed set of labels starts at zero.
const maxZeroSeries = 5

func newMetric(m *collectors.Metric, index int, ids []catalog.ID, fed string) *metric {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	c := &metric{Metric: m, index: byte(index), help: m.Help, ids: ids, device: true, states: m.States}
	if len(ids) > 0 {
		c.help += " Fed by " + formatIDs(ids) + "."
	} else if fed != "" {
		c.help += " Fed by " + fed + "."
	}
	c.desc = prometheus.NewDesc(m.Name, c.help, c.labelNames(), nil)
	if m.Type == collectors.Counter {
		c.zero = combinations(m.Labels)
	}
	if m.Type == collectors.StateSet && m.States == nil && len(m.Labels) > 0 {
		for _, v := range m.Labels[len(m.Labels)-1].Values {
			c.states = append(c.states, collectors.State{Name: v})
		}
	}
	return c
}

// labelNames returns the names of all labels in the order of series values.
func (m *metric) labelNames() []string {
	var names []string
	if m.device {
		names = append(names, "device")
	}
	for _, l := range m.Labels {
		names = append(names, l.Name)
	}
	return names
}

// ruleLabels returns the labels that a rule must fill: for a state set all but
// the last, which the state fills.
func (m *metric) ruleLabels() []collectors.Label { return ruleLabels(m.Metric) }

func ruleLabels(m *collectors.Metric) []collectors.Label {
	if m.Type == collectors.StateSet {
		return m.Labels[:len(m.Labels)-1]
	}
	return m.Labels
}

// combinations returns all values of labels with closed sets, or nil if there
// are too many or a set is open.
func combinations(labels []collectors.Label) [][]string {
	all := [][]string{nil}
	for _, l := range labels {
		var next [][]string
		for _, values := range all {
			for _, v := range l.Values {
				next = append(next, append(slices.Clone(values), v))
			}
		}
		if all = next; len(all) == 0 || len(all) > maxZeroSeries {
			return nil
		}
	}
	return all
}

// formatIDs writes ids as in "735001, 735007-735010".
func formatIDs(ids []catalog.ID) string {
	var parts []string
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

// compile checks every rule against the catalog and returns the metrics and,
// for every entry and template, the program.
func compile(cat *catalog.Catalog, families []collectors.Collector) ([]*metric, [][]program, error) {
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
	return c.metrics, c.programs, errors.Join(c.errs...)
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
	for _, r := range col.Rules {
		// What only makes a series start at 0 does not feed it.
		if r.Metric == m && r.Value.Op != collectors.OpCreate {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		c.fail(col, "no rule feeds metric %s", m.Name)
	}
	cm := newMetric(m, firstRuleMetric+len(c.metrics), ids, "")
	cm.hardware, cm.collector = col.Hardware, col.Name
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
		in.state = slices.IndexFunc(m.states, func(s collectors.State) bool { return s.Name == r.Value.Name })
	case collectors.OpReceipt:
		m.isReceipt = true
	case collectors.OpChange:
		if in.of = c.byMetric[r.Value.Metric]; in.of == nil {
			return fmt.Errorf("%s: the metric of ChangeOf is not listed in a collector's Metrics", m.Name)
		}
		m.isReceipt = true
		if sameLabels(m.Labels, in.of.ruleLabels()) {
			in.of.changed = m
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
			return fmt.Errorf("%s has no label %q", m.Name, name)
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
	if in.op == collectors.OpField {
		if in.field = find(r.Value.Name); in.field < 0 {
			return false, nil
		}
		switch fields[in.field].Kind {
		case catalog.Int, catalog.Number, catalog.Celsius, catalog.Ratio:
		default:
			return false, fmt.Errorf("field %q is not a number", r.Value.Name)
		}
	}
	labels := in.metric.ruleLabels()
	for _, l := range labels {
		s := source{field: find(l.Name)}
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
	if p.series++; in.op == collectors.OpState {
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

// checkRule returns what is wrong with a rule as such.
func (m *metric) checkRule(r *collectors.Rule) error {
	var ok bool
	switch r.Value.Op {
	case collectors.OpSet, collectors.OpField, collectors.OpChange, collectors.OpReceipt:
		ok = m.Type == collectors.Gauge
	case collectors.OpAdd, collectors.OpCreate:
		ok = m.Type == collectors.Counter
	case collectors.OpState:
		ok = m.Type == collectors.StateSet
		if ok && !slices.ContainsFunc(m.states, func(s collectors.State) bool { return s.Name == r.Value.Name }) {
			return fmt.Errorf("%q is not one of its states", r.Value.Name)
		}
	}
	if !ok {
		return errors.New("the value does not suit the type of the metric")
	}
	return nil
}
