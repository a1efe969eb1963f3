package web

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A gaugeRow is a gauge of capacity, compared with its limit if it has one.
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
	metric           string
	ratio            float64
}

// newGaugeRows returns the gauges of a device, first those with a limit. Gauges
// that are limits are shown with the gauges that they limit.
func newGaugeRows(d *state.DeviceState, now time.Time) []gaugeRow {
	var limited, others []gaugeRow
	for i := range d.Capacity {
		g := &d.Capacity[i]
		if g.LimitOf != "" || g.Value == nil {
			continue
		}
		row := gaugeRow{
			Title: formatTitle(g.Title), Labels: formatLabels(g.Labels), Value: formatValue(*g.Value, string(g.Unit)), Updated: newPageTime(g.Updated, now),
			metric: g.Metric,
		}
		switch value := *g.Value; {
		case hasLimit(value, g.Limit):
			row.compareTo(g.LimitName, value, *g.Limit, formatValue(*g.Limit, string(g.Unit)))
		case hasLimit(value, g.Warning):
			row.compareTo(g.WarningName, value, *g.Warning, formatValue(*g.Warning, string(g.Unit)))
		default:
			others = append(others, row)
			continue
		}
		limited = append(limited, row)
	}
	return append(limited, others...)
}

// hasLimit reports whether a value can be compared with a limit.
func hasLimit(value float64, limit *float64) bool {
	return limit != nil && *limit > 0 && value >= 0
}

// compareTo sets the limit.
func (g *gaugeRow) compareTo(name string, value, limit float64, text string) {
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

// worstGauges returns, of each metric, the gauges that are nearest to their limits
// or farthest beyond, and how many it leaves out.
func worstGauges(all []gaugeRow) (worst []gaugeRow, more int) {
	slices.SortStableFunc(all, func(a, b gaugeRow) int {
		return cmp.Or(strings.Compare(a.metric, b.metric), cmp.Compare(b.ratio, a.ratio), strings.Compare(a.Device, b.Device), strings.Compare(a.Labels, b.Labels))
	})
	shown := map[string]int{}
	for _, g := range all {
		if shown[g.metric] == maxGauges {
			more++
			continue
		}
		shown[g.metric]++
		worst = append(worst, g)
	}
	return worst, more
}
