package exporter

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// A gaugeRow is a gauge of capacity, with its threshold or limit if it has one.
type gaugeRow struct {
	Device string // Empty on the page of the device.
	Title  string
	Labels string
	Value  string
	// Mark is the threshold or limit, empty if there is none.
	MarkName, Mark string
	Percent        string // The value in relation to the mark.
	Fill, MarkAt   int    // In hundredths of the bar.
	Over           bool
	OverText       string
	Updated        *instant
	ratio          float64
}

// A scale says which metric is the mark of another one.
type scale struct {
	metric, title string
	marks         []mark // The first that is known counts.
	unit          string
	percent       bool
}

type mark struct{ metric, name string }

func scales() []scale {
	return []scale{
		{"ftd_cluster_load_ratio", "Cluster load", []mark{{"ftd_cluster_load_threshold_ratio", "threshold"}}, "", true},
		{"ftd_quota_used", "Quota", []mark{{"ftd_quota_limit", "limit"}, {"ftd_quota_warning_level", "warning level"}}, "", false},
		{"ftd_threat_detection_events_per_second", "Threat rate", []mark{{"ftd_threat_detection_threshold_events_per_second", "threshold"}}, "/s", false},
	}
}

// gaugeRows returns the gauges of a device: first those with a scale, each
// with its mark, then the others.
func gaugeRows(d *collectors.DeviceState, now time.Time) []gaugeRow {
	if len(d.Capacity) == 0 {
		return nil
	}
	values := map[string]*collectors.CapacityGauge{}
	for i := range d.Capacity {
		g := &d.Capacity[i]
		values[g.Metric+" "+labelText(g.Labels)] = g
	}
	var rows, others []gaugeRow
	used := map[*collectors.CapacityGauge]bool{}
	for _, scale := range scales() {
		for i := range d.Capacity {
			g := &d.Capacity[i]
			if g.Metric != scale.metric || g.Value == nil {
				continue
			}
			used[g] = true
			row := gaugeRow{Title: scale.title, Labels: labelText(g.Labels), Value: scale.format(*g.Value), Updated: at(g.Updated, now)}
			for _, m := range scale.marks {
				if mark := values[m.metric+" "+row.Labels]; mark != nil && mark.Value != nil && !used[mark] {
					used[mark] = true
					row.compareTo(m.name, *g.Value, *mark.Value, scale.format(*mark.Value))
				}
			}
			rows = append(rows, row)
		}
	}
	for i := range d.Capacity {
		if g := &d.Capacity[i]; !used[g] && g.Value != nil {
			others = append(others, gaugeRow{Title: g.Metric, Labels: labelText(g.Labels), Value: count(*g.Value), Updated: at(g.Updated, now)})
		}
	}
	return append(rows, others...)
}

// compareTo sets the mark, unless there is one.
func (g *gaugeRow) compareTo(name string, value, mark float64, text string) {
	if g.Mark != "" || !(mark > 0) || value < 0 {
		return
	}
	g.MarkName, g.Mark = name, text
	g.ratio = value / mark
	g.Percent = count(math.Round(100*g.ratio)) + " %"
	g.Over = value >= mark
	g.OverText = "over"
	if value == mark {
		g.OverText = "reached"
	}
	full := max(value, mark)
	g.Fill = int(100 * value / full)
	g.MarkAt = min(int(100*mark/full), 99)
}

func (s *scale) format(f float64) string {
	if s.percent {
		return count(100*f) + " %"
	}
	return count(f) + s.unit
}

// labelText returns labels for a reader, without those that are empty.
func labelText(labels map[string]string) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if v := labels[name]; v != "" {
			texts = append(texts, strings.ReplaceAll(name+" "+v, "_", " "))
		}
	}
	return strings.Join(texts, ", ")
}
