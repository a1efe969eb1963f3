package state

import (
	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

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
