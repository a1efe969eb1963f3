package web

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A gaugeRow is a gauge of capacity, with its limit if it has one.
type gaugeRow struct {
	Device string // Empty on the page of the device.
	Title  string
	Labels string
	Value  string
	// Limit is empty if there is none; LimitName is threshold or the like.
	LimitName, Limit string
	Percent          string // The value in relation to the limit.
	Fill, LimitAt    int    // In hundredths of the bar.
	Over             bool
	OverText         string
	Updated          *pageTime
	ratio            float64
}

// A gaugeSpec says how a gauge is shown, and which metrics are its limits.
type gaugeSpec struct {
	metric, title string
	limits        []limitSpec // The first that is known counts.
	unit          string
	percent       bool
}

type limitSpec struct{ metric, name string }

func gaugeSpecs() []gaugeSpec {
	return []gaugeSpec{
		{"ftd_cluster_load_ratio", "Cluster load", []limitSpec{{"ftd_cluster_load_threshold_ratio", "threshold"}}, "", true},
		{"ftd_quota_used", "Quota", []limitSpec{{"ftd_quota_limit", "limit"}, {"ftd_quota_warning_level", "warning level"}}, "", false},
		{"ftd_threat_detection_events_per_second", "Threat rate", []limitSpec{{"ftd_threat_detection_threshold_events_per_second", "threshold"}}, "/s", false},
	}
}

// newGaugeRows returns the gauges of a device: first those with a limit, then the
// others.
func newGaugeRows(d *state.DeviceState, now time.Time) []gaugeRow {
	if len(d.Capacity) == 0 {
		return nil
	}
	values := map[string]*state.CapacityGauge{}
	for i := range d.Capacity {
		g := &d.Capacity[i]
		values[g.Metric+" "+formatLabels(g.Labels)] = g
	}
	var rows, others []gaugeRow
	used := map[*state.CapacityGauge]bool{}
	for _, spec := range gaugeSpecs() {
		for i := range d.Capacity {
			g := &d.Capacity[i]
			if g.Metric != spec.metric || g.Value == nil {
				continue
			}
			used[g] = true
			row := gaugeRow{Title: spec.title, Labels: formatLabels(g.Labels), Value: spec.format(*g.Value), Updated: newPageTime(g.Updated, now)}
			for _, l := range spec.limits {
				if limit := values[l.metric+" "+row.Labels]; limit != nil && limit.Value != nil && !used[limit] {
					used[limit] = true
					row.compareTo(l.name, *g.Value, *limit.Value, spec.format(*limit.Value))
				}
			}
			rows = append(rows, row)
		}
	}
	for i := range d.Capacity {
		if g := &d.Capacity[i]; !used[g] && g.Value != nil {
			others = append(others, gaugeRow{Title: g.Metric, Labels: formatLabels(g.Labels), Value: formatNumber(*g.Value), Updated: newPageTime(g.Updated, now)})
		}
	}
	return append(rows, others...)
}

// compareTo sets the limit, unless there is one.
func (g *gaugeRow) compareTo(name string, value, limit float64, text string) {
	if g.Limit != "" || !(limit > 0) || value < 0 {
		return
	}
	g.LimitName, g.Limit = name, text
	g.ratio = value / limit
	g.Percent = formatNumber(math.Round(100*g.ratio)) + " %"
	g.Over = value >= limit
	g.OverText = "over"
	if value == limit {
		g.OverText = "reached"
	}
	full := max(value, limit)
	g.Fill = int(100 * value / full)
	g.LimitAt = min(int(100*limit/full), 99)
}

func (s *gaugeSpec) format(f float64) string {
	if s.percent {
		return formatNumber(100*f) + " %"
	}
	return formatNumber(f) + s.unit
}

// worstGauges returns, for each kind of gauge, those that are nearest to their
// limits or farthest beyond, and how many it leaves out.
func worstGauges(all []gaugeRow) (worst []gaugeRow, more int) {
	slices.SortStableFunc(all, func(a, b gaugeRow) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), cmp.Compare(b.ratio, a.ratio), strings.Compare(a.Device, b.Device), strings.Compare(a.Labels, b.Labels))
	})
	shown := map[string]int{}
	for _, g := range all {
		if shown[g.Title] == maxGauges {
			more++
			continue
		}
		shown[g.Title]++
		worst = append(worst, g)
	}
	return worst, more
}
