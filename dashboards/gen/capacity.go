package main

import (
	"slices"
	"strings"
)

// The labels of one series of each kind, besides those of the exporter.
const (
	threatLabels  = "device, object, rate_id, window"
	quotaLabels   = "device, resource, scope"
	clusterLabels = "device, chassis, module, member, resource"
)

// A limit is a kind of limit that devices report when they are near it or have
// reached it. Its functions get what to ask of each metric, such as its peak.
type limit struct {
	what     func(expr string) string // Adds the label what, its name for people.
	share    func(over func(string) string) string
	pressing string // Which shares are worth attention, if not all.
	reports  func(over func(string) string) string
	refusals func(over func(string) string) string // Nil if the device refuses nothing.
}

// limits are all kinds.
func limits() []limit {
	return []limit{
		{
			what:  func(expr string) string { return `label_join(` + expr + `, "what", " ", "resource", "scope")` },
			share: quotaShareOver,
			reports: func(over func(string) string) string {
				return either(quotaLabels, over, "ftd_quota_warnings_total", "ftd_quota_rejections_total")
			},
			refusals: func(over func(string) string) string {
				return maxBy(quotaLabels, over(of("ftd_quota_rejections_total")))
			},
		},
		{
			what: func(expr string) string {
				return `label_replace(label_join(` + expr + `, "what", " ", "resource", "chassis", "member"), "what", "cluster $1", "what", "(.*)")`
			},
			share: clusterShareOver,
			reports: func(over func(string) string) string {
				return maxBy(clusterLabels, over(of("ftd_cluster_overload_warnings_total")))
			},
		},
		{
			what: func(expr string) string { return `label_replace(` + expr + `, "what", "$1", "resource", "(.*)")` },
			share: func(over func(string) string) string {
				return maxBy("device, resource", over(of("ftd_system_utilization_ratio")))
			},
			reports: func(over func(string) string) string {
				return maxBy("device, resource", over(of("ftd_system_utilization_warnings_total")))
			},
		},
		{
			what: func(expr string) string {
				return `label_replace(` + expr + `, "what", "$1 exhausted", "resource", "(.*)")`
			},
			reports: func(over func(string) string) string {
				return maxBy("device, resource", over(of("ftd_resource_exhausted_total")))
			},
			refusals: func(over func(string) string) string {
				return maxBy("device, resource", over(of("ftd_resource_exhausted_total")))
			},
		},
		{
			what: func(expr string) string {
				return `label_replace(` + expr + `, "what", "drop rate $1", "object", "(.*)")`
			},
			share:    threatShareOver,
			pressing: " >= 2",
			reports: func(over func(string) string) string {
				return sumBy("device, object", maxBy("device, object, rate_id", over(of("ftd_threat_detection_exceeded_total"))))
			},
		},
	}
}

// either adds up two counters with the same labels, one of which may be missing.
func either(labels string, over func(string) string, a, b string) string {
	x, y := maxBy(labels, over(of(a))), maxBy(labels, over(of(b)))
	return "(" + x + " + " + y + " or " + x + " or " + y + ")"
}

// threatShareOver is each drop rate as a share of its threshold.
func threatShareOver(over func(string) string) string {
	return maxBy("device, object", over(of("ftd_threat_detection_events_per_second"))+" / ("+over(of("ftd_threat_detection_threshold_events_per_second"))+" > 0)")
}

// quotaShareOver is the used share of each quota, or of the warning level if the
// device has not reported the limit.
func quotaShareOver(over func(string) string) string {
	return maxBy(quotaLabels, over(of("ftd_quota_used"))) + " / ((" + maxBy(quotaLabels, over(of("ftd_quota_limit"))) + " or " + maxBy(quotaLabels, over(of("ftd_quota_warning_level"))) + ") > 0)"
}

// clusterShareOver is each load as a share of its threshold.
func clusterShareOver(over func(string) string) string {
	return maxBy(clusterLabels, over(of("ftd_cluster_load_ratio"))+" / ("+over(of("ftd_cluster_load_threshold_ratio"))+" > 0)")
}

// present asks for the value of now.
func present(selector string) string { return selector }

// ranked joins what is asked of each kind of limit into one list by device and
// what, without the kinds that do not have it.
func ranked(asked func(limit) string) string {
	var kinds []string
	for _, l := range limits() {
		if expr := asked(l); expr != "" {
			kinds = append(kinds, l.what(expr))
		}
	}
	return "(" + spaced("what", maxBy("device, what", strings.Join(kinds, " or "))) + atSite + ")"
}

// sharesOf, reportsOf and refusalsOf are asked of each limit.
func sharesOf(over func(string) string) func(limit) string {
	return func(l limit) string {
		if l.share == nil {
			return ""
		}
		return l.share(over)
	}
}

func reportsOf(over func(string) string) func(limit) string {
	return func(l limit) string { return l.reports(over) }
}

func refusalsOf(over func(string) string) func(limit) string {
	return func(l limit) string {
		if l.refusals == nil {
			return ""
		}
		return l.refusals(over)
	}
}

// ranking is the list of all limits that were reported in the time shown, or in the
// two quarters before now.
func ranking() panel {
	// Counts the times, five minutes apart, with a report: all, or those without one
	// five minutes before.
	times := func(first bool) string {
		return ranked(func(l limit) string {
			if l.share == nil {
				return ""
			}
			expr := l.share(present)
			if first {
				expr += " unless " + l.share(func(selector string) string { return selector + " offset 5m" })
			}
			return "count_over_time((" + expr + ")[$__range:5m])"
		})
	}
	// What was reported in the last two quarters, or in two weeks by a device that is
	// known for less, has a 0 for a time without a report, unless the device was not known
	// then.
	compared := func(first, last string) string {
		during := func(first, last string) string { return ranked(reportsOf(between(first, last))) }
		rows := "(" + during("13w", "") + " > 0 or " + during("26w", "13w") + " > 0 or " + during("2w", "") + " > 0)"
		return during(first, last) + " > 0 or 0 * " + rows + " and on (device) " + maxBy("device", lastMessages()+" offset "+first)
	}
	whole := []any{"decimals", 0, "custom.width", 85}
	share := []any{"unit", "percentunit", "decimals", 0, "thresholds", thresholds(idle, step{0.8, warned}, step{1, severe}), "custom.width", 85, "custom.cellOptions", cell()}
	return table(24, "Limits that were near or exceeded", "Every limit that a device reported in the time shown or in the last two quarters. In the time shown: the peak share of the limit or threshold, how often (episodes) and how long (hours) a report was in force, the reports, and the refused requests. Then the reports of the last 7 days (this week), of the 7 before, of the last 91 days (this quarter) and of the 91 before, whatever the time shown. An empty cell: the device was not known then, or nothing was reported.",
		[]string{"device", "what"}, "peak",
		column{"peak", ranked(sharesOf(peak)), share},
		column{"episodes", times(true), whole},
		column{"hours", times(false) + " / 12", []any{"decimals", 1, "custom.width", 70}},
		column{"reports", ranked(reportsOf(inAllTime)) + " > 0", whole},
		column{"refusals", ranked(refusalsOf(inAllTime)) + " > 0", whole},
		column{"this week", compared("1w", ""), whole},
		column{"last week", compared("2w", "1w"), whole},
		column{"this quarter", compared("13w", ""), []any{"decimals", 0, "custom.width", 105}},
		column{"last quarter", compared("26w", "13w"), []any{"decimals", 0, "custom.width", 105}},
	).then("this quarter").with("noValue", "no limit reported")
}

// capacity is the board for planning: how near the limits are, how often and for how
// long they were exceeded, and whether that becomes worse.
func capacity() board {
	const (
		threat  = "{{device}} {{object}} rate-{{rate_id}} {{window}}"
		quota   = "{{device}} {{resource}} {{scope}}"
		cluster = "{{device}} {{resource}} {{member}}"
		sparse  = " A device reports only while a limit is near or exceeded; a gap means that it did not report."
	)
	highestOf := func(labels, metric string) string { return maxBy(labels, highest(of(metric))) + atSite }
	// The ten of the whole time shown, and not another ten at each step.
	topOf := func(labels, metric string) string {
		return " and on (" + labels + ") topk(10, " + maxBy(labels, "max_over_time("+of(metric)+"[$__range] @ end())") + atSite + ")"
	}

	threatRates := chart(12, "Drop rates and thresholds", "The ten drop rates with the highest peak in the time shown (solid), and their thresholds (dashed)."+sparse, "suffix:/s",
		query{expr: "(" + highestOf(threatLabels, "ftd_threat_detection_events_per_second") + ")" + topOf(threatLabels, "ftd_threat_detection_events_per_second"), legend: threat},
		query{expr: "(" + highestOf(threatLabels, "ftd_threat_detection_threshold_events_per_second") + ")" + topOf(threatLabels, "ftd_threat_detection_events_per_second"), legend: threat + " threshold"},
	).dashed("B", "text").sparse()
	threatEvents := chart(12, "Events counted by the devices", "The devices' own counts of drops, the ten highest; they start again when the object is cleared."+sparse, "short",
		query{expr: "(" + highestOf("device, object, rate_id", "ftd_threat_detection_cumulative_events") + ")" + topOf("device, object, rate_id", "ftd_threat_detection_cumulative_events"), legend: "{{device}} {{object}} rate-{{rate_id}}"}).sparse()
	threatDays := chart(12, "Threat reports by day", "Reports of threat detection on each day, by object.", "none",
		query{expr: sumBy("object", maxBy("device, object, rate_id", dayEventsOf(of("ftd_threat_detection_exceeded_total")))+atSite), legend: "{{object}}"}).daily()
	threatWeek := chart(12, "Threat reports, this week and last", "Threat detection reports of all selected devices in each hour, and the reports a week earlier (dashed).", "none",
		query{expr: "sum(" + maxBy("device, object, rate_id", eventsOf(of("ftd_threat_detection_exceeded_total"))) + atSite + ")", legend: "now"},
		query{expr: "sum(" + maxBy("device, object, rate_id", weekEarlier(eventsOf(of("ftd_threat_detection_exceeded_total")))) + atSite + ")", legend: "a week earlier"},
	).dashed("B", "text").with("decimals", 0)
	threatWeek.interval = "1h"

	quotaLines := chart(12, "Quotas, warning levels and limits", "The highest use (solid), warning levels and limits (dashed)."+sparse, "none",
		query{expr: highestOf(quotaLabels, "ftd_quota_used"), legend: quota},
		query{expr: highestOf(quotaLabels, "ftd_quota_warning_level"), legend: quota + " warning level"},
		query{expr: highestOf(quotaLabels, "ftd_quota_limit"), legend: quota + " limit"},
	).dashed("B", warned).dashed("C", "text").sparse()
	quotaDays := chart(12, "Quota warnings and refusals by day", "Warnings that a resource is nearly used up, and requests that were refused because it was, on each day.", "none",
		query{expr: maxBy(quotaLabels, dayEventsOf(of("ftd_quota_warnings_total"))) + atSite, legend: quota + " warnings"},
		query{expr: maxBy(quotaLabels, dayEventsOf(of("ftd_quota_rejections_total"))) + atSite, legend: quota + " refusals"},
	).daily()

	load := chart(12, "Cluster load and thresholds", "The highest load of cluster members (solid), and the load above which the cluster could not carry the traffic if a member failed (dashed)."+sparse, "percentunit",
		query{expr: highestOf(clusterLabels, "ftd_cluster_load_ratio"), legend: cluster},
		query{expr: highestOf(clusterLabels, "ftd_cluster_load_threshold_ratio"), legend: cluster + " threshold"},
	).dashed("B", "text").with("max", 1).sparse()
	overload := chart(12, "Cluster warnings by day", "Warnings that a cluster would be oversubscribed if a member failed, on each day.", "none",
		query{expr: maxBy(clusterLabels, dayEventsOf(of("ftd_cluster_overload_warnings_total"))) + atSite, legend: cluster}).daily()

	messages := func(over func(string) string) string {
		return "sum(" + maxBy("device, severity", over(of("ftd_syslog_messages_total"))) + atSite + ")"
	}
	volume := chart(16, "Messages, this week and last", "Messages of all selected devices in each hour, and the messages a week earlier (dashed): the weekly pattern of the traffic.", "short",
		query{expr: messages(volumeOf), legend: "now"},
		query{expr: messages(func(selector string) string { return weekEarlier(volumeOf(selector)) }), legend: "a week earlier"},
	).dashed("B", "text")
	volume.interval = "1h"
	busiest := bars(8, "Most messages", "Devices that sent the most messages in the time shown.", "short",
		query{expr: top(8, sumBy("device", maxBy("device, severity", inAllTime(of("ftd_syslog_messages_total"))))+atSite), legend: "{{device}}"})

	near, attackRows := exhaustionRows()
	return board{
		uid: "ftd-capacity", title: "FTD / Capacity",
		description: "Which device touched which limit: how hard, how often, for how long, and whether it becomes worse. Devices report only near a limit, so nothing is extrapolated.",
		from:        "now-7d", refresh: "5m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable()},
		rows: slices.Concat([]row{{height: 11, panels: []panel{ranking()}}}, near, []row{
			{title: "Threat detection", height: 8, panels: []panel{threatRates, threatDays}},
			{height: 8, panels: []panel{threatEvents, threatWeek}},
			{title: "Quotas", height: 8, panels: []panel{quotaLines, quotaDays}},
			{title: "Clusters", height: 8, panels: []panel{load, overload}},
			{title: "Messages", height: 8, panels: []panel{volume, busiest}},
		}, attackRows),
	}
}
