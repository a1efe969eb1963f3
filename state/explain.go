package state

import (
	"maps"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// An Effect is the effect of a rule on one series.
type Effect struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"`
	// Value is the new value of a gauge, or the increment of a counter.
	Value float64 `json:"value"`
}

// Explain returns what [Table.Update] does to an empty table by the rules for
// a message, without the accounting that every message gets. It changes
// nothing, and is for diagnosis.
func (t *Table) Explain(device string, m *catalog.Message, count uint32, at time.Time) []Effect {
	effects := []Effect{}
	if m == nil || m.Entry == nil || t.programs[m.Index] == nil {
		return effects
	}
	program := t.programs[m.Index][m.TemplateIndex].instructions
	var d scratch
	for i := range program {
		in := &program[i]
		d.buildKey(in, m)
		labels := map[string]string{"device": device}
		for i, v := range appendKeyValues(nil, string(d.key)) {
			labels[in.metric.Labels[i].Name] = v
		}
		e := Effect{Metric: in.metric.Name, Labels: labels}
		switch in.op {
		case collectors.OpSet:
			e.Value = in.number
		case collectors.OpField:
			e.Value = m.Field(in.field).Value
		case collectors.OpQuotient:
			if e.Value = m.Number(in.field) / m.Number(in.by); !(0 <= e.Value && e.Value <= 1) {
				continue
			}
		case collectors.OpAdd:
			e.Value = float64(max(count, 1))
		case collectors.OpChange, collectors.OpReceipt:
			e.Value = seconds(at.UnixNano())
		case collectors.OpDays:
			e.Value = in.daysAhead(m, at.UnixNano())
		case collectors.OpState, collectors.OpStateField:
			present := in.state
			if in.op == collectors.OpStateField {
				present = in.stateOf(m.Field(in.field).Text)
			}
			if in.metric.Type != collectors.StateSet {
				e.Value = float64(present)
				break
			}
			last := in.metric.Labels[len(in.metric.Labels)-1]
			for i, state := range in.metric.states {
				one := Effect{Metric: e.Metric, Labels: map[string]string{last.Name: state.Name}}
				maps.Copy(one.Labels, labels)
				if i == present {
					one.Value = 1
				}
				effects = append(effects, one)
			}
			continue
		}
		effects = append(effects, e)
	}
	return effects
}

// A MetricDoc describes one exported metric for a reader.
type MetricDoc struct {
	Name   string
	Help   string // As in the exposition, with the message ids.
	Type   string // counter, gauge, or gauge (state set), gauge (info).
	Labels []string
	// IDs are the messages that feed the metric; nil for those that every
	// message feeds.
	IDs     []catalog.ID
	Expires bool
}

// Docs describes all metrics in the order in which they are documented.
func (t *Table) Docs() []MetricDoc {
	var docs []MetricDoc
	for _, m := range append(t.metrics[firstRuleMetric:len(t.metrics):len(t.metrics)], t.metrics[:firstRuleMetric]...) {
		typ := m.Type.String()
		if m.Type == collectors.StateSet {
			typ += " (state set)"
		} else if m.Type == collectors.Info {
			typ += " (info)"
		}
		docs = append(docs, MetricDoc{m.Name, m.help, typ, m.labelNames(), m.ids, m.Expires})
	}
	return docs
}

// FedBy returns the names of the metrics that a rule feeds from id.
func (t *Table) FedBy(id catalog.ID) []string {
	var names []string
	for _, m := range t.metrics {
		for _, fed := range m.ids {
			if fed == id {
				names = append(names, m.Name)
			}
		}
	}
	return names
}

// IsHardware reports whether a rule feeds a metric of the state of hardware from id:
// a device may never repeat such a report.
func (t *Table) IsHardware(id catalog.ID) bool {
	return slices.ContainsFunc(t.metrics, func(m *metric) bool { return m.hardware && slices.Contains(m.ids, id) })
}
