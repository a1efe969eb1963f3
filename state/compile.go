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
	field  int // of the value, for collectors.OpField
	state  string
	of     *metric // for collectors.OpChange
	labels []source
	// place is the place of the series in a binding; for collectors.OpState, of
	// the first.
	place int
}

// A source says where a label's value comes from: a field of the text or, if
// field is negative, the fixed value.
type source struct {
	field int
	fixed string
}

// A metric is a Metric in use.
type metric struct {
	*collectors.Metric
	index    byte
	help     string
	ids      []uint32
	desc     *prometheus.Desc
	hardware bool
	// collector is the name of the collector that has the metric.
	collector string
	// expiry is after how many nanoseconds without a report a series of
	// capacity is no longer shown.
	expiry atomic.Int64
	// device is set unless the metric lacks the label device.
	device bool
	layout layout
	// zero lists the label values of the series that every device starts with.
	zero [][]string
}

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

func newMetric(m *collectors.Metric, index int, ids []uint32, fed string) *metric {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	c := &metric{Metric: m, index: byte(index), help: m.Help, ids: ids, device: true}
	if len(ids) > 0 {
		c.help += " Fed by " + formatIDs(ids) + "."
	} else if fed != "" {
		c.help += " Fed by " + fed + "."
	}
	c.desc = prometheus.NewDesc(m.Name, c.help, c.labelNames(), nil)
	if m.Type == collectors.Counter {
		c.zero = combinations(m.Labels)
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
func formatIDs(ids []uint32) string {
	var parts []string
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			parts = append(parts, fmt.Sprintf("%d-%d", ids[i], ids[j]))
		case j > i:
			parts = append(parts, formatID(ids[i]), formatID(ids[j]))
		default:
			parts = append(parts, formatID(ids[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// compile checks every rule against the catalog and returns the metrics and,
// for every entry and template, the program.
func compile(c *catalog.Catalog, families []collectors.Collector) ([]*metric, [][]program, error) {
	var (
		errs     []error
		metrics  []*metric
		byMetric = map[*collectors.Metric]*metric{}
		names    = map[string]bool{}
		programs = make([][]program, c.Len())
	)
	for _, col := range families {
		for _, m := range col.Metrics {
			if names[m.Name] {
				errs = append(errs, fmt.Errorf("state: %s: metric %s is declared twice", col.Name, m.Name))
				continue
			}
			names[m.Name] = true
			var ids []uint32
			for _, r := range col.Rules {
				// What only makes a series start at 0 does not feed it.
				if r.Metric == m && r.Value.Op != collectors.OpCreate {
					ids = append(ids, r.ID)
				}
			}
			if len(ids) == 0 {
				errs = append(errs, fmt.Errorf("state: %s: no rule feeds metric %s", col.Name, m.Name))
			}
			cm := newMetric(m, firstRuleMetric+len(metrics), ids, "")
			cm.hardware, cm.collector = col.Hardware, col.Name
			byMetric[m] = cm
			metrics = append(metrics, cm)
		}
	}
	if firstRuleMetric+len(metrics) > 0xf0 {
		errs = append(errs, errors.New("state: too many metrics for a key of one byte"))
	}
	for _, col := range families {
		for _, r := range col.Rules {
			if err := compileRule(c, r, byMetric, programs); err != nil {
				errs = append(errs, fmt.Errorf("state: %s: rule for %d: %w", col.Name, r.ID, err))
			}
		}
	}
	return metrics, programs, errors.Join(errs...)
}

func compileRule(c *catalog.Catalog, r collectors.Rule, metrics map[*collectors.Metric]*metric, programs [][]program) error {
	entry := c.Index(r.ID)
	if entry < 0 {
		return errors.New("the catalog does not have this id")
	}
	m := metrics[r.Metric]
	if m == nil {
		return errors.New("its metric is not listed in the collector's Metrics")
	}
	if err := checkRule(&r); err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	if programs[entry] == nil {
		programs[entry] = make([]program, len(c.At(entry).Templates))
	}
	active := false
	for v := range c.At(entry).Templates {
		fields := c.Fields(entry, v)
		find := func(name string) int {
			return slices.IndexFunc(fields, func(f catalog.FieldSpec) bool { return f.Name == name })
		}
		in := instruction{op: r.Value.Op, metric: m, number: r.Value.Number, state: r.Value.Name, of: metrics[r.Value.Metric], field: -1}
		if in.op == collectors.OpField {
			if in.field = find(r.Value.Name); in.field < 0 {
				continue // This template does not carry the value.
			}
			switch fields[in.field].Kind {
			case catalog.Int, catalog.Number, catalog.Celsius, catalog.Ratio:
			default:
				return fmt.Errorf("%s: template %d: field %q is not a number", m.Name, v+1, r.Value.Name)
			}
		}
		active = true
		for _, l := range m.ruleLabels() {
			s := source{field: find(l.Name)}
			if fixed, ok := r.Labels[l.Name]; s.field < 0 && ok {
				s.fixed = fixed
				if l.Values != nil && fixed != collectors.Other && !slices.Contains(l.Values, fixed) {
					return fmt.Errorf("%s: %q is not a value of label %q", m.Name, fixed, l.Name)
				}
			} else if s.field < 0 {
				return fmt.Errorf("%s: template %d has no field for label %q and the rule gives no value", m.Name, v+1, l.Name)
			}
			in.labels = append(in.labels, s)
		}
		programs[entry][v].add(in)
		if programs[entry][v].series > maxProgramSeries {
			return fmt.Errorf("%s: template %d: the rules touch more than %d series; raise maxProgramSeries", m.Name, v+1, maxProgramSeries)
		}
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

// add appends an instruction.
func (p *program) add(in instruction) {
	in.place = p.series
	if p.series++; in.op == collectors.OpState {
		p.series += len(in.metric.states()) - 1
	}
	labels := in.metric.ruleLabels()
	for i, l := range in.labels {
		s := labelSource{l.field, &labels[i]}
		if l.field >= 0 && !slices.ContainsFunc(p.sources, s.same) {
			p.sources = append(p.sources, s)
		}
	}
	p.instructions = append(p.instructions, in)
}

// ruleLabels returns the labels that a rule must fill: for a state set all but
// the last, which the state fills.
func (m *metric) ruleLabels() []collectors.Label {
	if m.Type == collectors.StateSet {
		return m.Labels[:len(m.Labels)-1]
	}
	return m.Labels
}

// checkRule returns what is wrong with a rule as such.
func checkRule(r *collectors.Rule) error {
	var ok bool
	switch r.Value.Op {
	case collectors.OpSet, collectors.OpField, collectors.OpChange:
		ok = r.Metric.Type == collectors.Gauge
	case collectors.OpAdd, collectors.OpCreate:
		ok = r.Metric.Type == collectors.Counter
	case collectors.OpState:
		ok = r.Metric.Type == collectors.StateSet
		if ok && !slices.Contains(r.Metric.Labels[len(r.Metric.Labels)-1].Values, r.Value.Name) {
			return fmt.Errorf("%q is not one of its states", r.Value.Name)
		}
	}
	if !ok {
		return errors.New("the value does not suit the type of the metric")
	}
	return nil
}
