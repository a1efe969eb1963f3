package main

import "strings"

// The labels of one series of each kind, besides those of the exporter.
const (
	threatLabels  = "device, object, rate_id, window"
	quotaLabels   = "device, resource, scope"
	clusterLabels = "device, chassis, module, member, resource"
)

// Shares of a limit: over is what is asked of each gauge, such as highest.

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

// ranked joins what is known of drops, quotas and cluster loads into one list by
// device and what. An empty expression leaves a kind out.
func ranked(threat, quota, cluster string) string {
	var kinds []string
	if quota != "" {
		kinds = append(kinds, `label_join(`+quota+`, "what", " ", "resource", "scope")`)
	}
	if cluster != "" {
		kinds = append(kinds, `label_replace(label_join(`+cluster+`, "what", " ", "resource", "chassis", "member"), "what", "cluster $1", "what", "(.*)")`)
	}
	if threat != "" {
		kinds = append(kinds, `label_replace(`+threat+`, "what", "drop rate $1", "object", "(.*)")`)
	}
	return maxBy("device, what", strings.Join(kinds, " or "))
}

// reportCounts are the reports of each limit: over is increase over some time.
func reportCounts(over func(string) string) string {
	warned, refused := maxBy(quotaLabels, over(of("ftd_quota_warnings_total"))), maxBy(quotaLabels, over(of("ftd_quota_rejections_total")))
	return ranked(sumBy("device, object", maxBy("device, object, rate_id", over(of("ftd_threat_detection_exceeded_total")))),
		"("+warned+" + "+refused+" or "+warned+" or "+refused+")",
		maxBy(clusterLabels, over(of("ftd_cluster_overload_warnings_total"))))
}

// ranking is the list of all limits that were reported in the time shown.
func ranking() panel {
	// Counts the times, five minutes apart, with a report: all, or those without one
	// five minutes before.
	times := func(first bool) string {
		kind := func(share func(func(string) string) string) string {
			expr := share(present)
			if first {
				expr += " unless " + share(func(selector string) string { return selector + " offset 5m" })
			}
			return "count_over_time((" + expr + ")[$__range:5m])"
		}
		return ranked(kind(threatShareOver), kind(quotaShareOver), kind(clusterShareOver))
	}
	whole := []any{"decimals", 0, "custom.width", 95}
	share := []any{"unit", "percentunit", "decimals", 0, "thresholds", thresholds(idle, step{0.8, warned}, step{1, severe}), "custom.width", 110, "custom.cellOptions", cell()}
	within := func(window, offset string) func(string) string {
		return func(selector string) string { return "increase(" + selector + "[" + window + "]" + offset + ")" }
	}
	return table(24, "Limits that were near or exceeded", "Every limit that a device reported in the time shown, by its peak share of the limit or threshold: how often (episodes) and how long (hours) a report was in force, the number of reports, and of refused requests, and the reports of the last seven days and of the seven before. The first report of a new series is not counted in the increases.",
		[]string{"device", "what"}, "peak",
		column{"peak", ranked(threatShareOver(peak), quotaShareOver(peak), clusterShareOver(peak)) + atSite, share},
		column{"episodes", times(true) + atSite, whole},
		column{"hours", times(false) + " / 12" + atSite, []any{"decimals", 1, "custom.width", 80}},
		column{"reports", reportCounts(inAllTime) + atSite, whole},
		column{"refusals", ranked("", maxBy(quotaLabels, inAllTime(of("ftd_quota_rejections_total"))), "") + atSite, whole},
		column{"this week", reportCounts(within("1w", "")) + atSite, whole},
		column{"last week", reportCounts(within("1w", " offset 1w")) + atSite, whole},
	).with("noValue", "no limit reported in the time shown")
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
		query{expr: sumBy("object", maxBy("device, object, rate_id", increase(of("ftd_threat_detection_exceeded_total")))+atSite), legend: "{{object}}"}).events().daily()
	threatWeek := chart(12, "Threat reports, this week and last", "Threat detection reports of all selected devices in each hour, and the reports a week earlier (dashed).", "none",
		query{expr: "sum(" + maxBy("device, object, rate_id", increase(of("ftd_threat_detection_exceeded_total"))) + atSite + ")", legend: "now"},
		query{expr: "sum(" + maxBy("device, object, rate_id", "increase("+of("ftd_threat_detection_exceeded_total")+"[$__interval] offset 1w)") + atSite + ")", legend: "a week earlier"},
	).dashed("B", "text").with("decimals", 0)
	threatWeek.interval = "1h"

	quotaLines := chart(12, "Quotas, warning levels and limits", "The highest use (solid), warning levels and limits (dashed)."+sparse, "none",
		query{expr: highestOf(quotaLabels, "ftd_quota_used"), legend: quota},
		query{expr: highestOf(quotaLabels, "ftd_quota_warning_level"), legend: quota + " warning level"},
		query{expr: highestOf(quotaLabels, "ftd_quota_limit"), legend: quota + " limit"},
	).dashed("B", warned).dashed("C", "text").sparse()
	quotaDays := chart(12, "Quota warnings and refusals by day", "Warnings that a resource is nearly used up, and requests that were refused because it was, on each day.", "none",
		query{expr: maxBy(quotaLabels, increase(of("ftd_quota_warnings_total"))) + atSite, legend: quota + " warnings"},
		query{expr: maxBy(quotaLabels, increase(of("ftd_quota_rejections_total"))) + atSite, legend: quota + " refusals"},
	).events().daily()

	load := chart(12, "Cluster load and thresholds", "The highest load of cluster members (solid), and the load above which the cluster could not carry the traffic if a member failed (dashed)."+sparse, "percentunit",
		query{expr: highestOf(clusterLabels, "ftd_cluster_load_ratio"), legend: cluster},
		query{expr: highestOf(clusterLabels, "ftd_cluster_load_threshold_ratio"), legend: cluster + " threshold"},
	).dashed("B", "text").with("max", 1).sparse()
	overload := chart(12, "Cluster warnings by day", "Warnings that a cluster would be oversubscribed if a member failed, on each day.", "none",
		query{expr: maxBy(clusterLabels, increase(of("ftd_cluster_overload_warnings_total"))) + atSite, legend: cluster}).events().daily()

	messages := func(offset string) string {
		return "sum(" + maxBy("device, severity", "rate("+of("ftd_syslog_messages_total")+"[$__rate_interval]"+offset+")") + atSite + ")"
	}
	volume := chart(16, "Messages, this week and last", "Messages of all selected devices, and the messages a week earlier (dashed): the weekly pattern of the traffic.", "mps",
		query{expr: messages(""), legend: "now"},
		query{expr: messages(" offset 1w"), legend: "a week earlier"},
	).dashed("B", "text")
	busiest := bars(8, "Most messages", "Devices that sent the most messages in the time shown.", "short",
		query{expr: top(10, sumBy("device", maxBy("device, severity", inAllTime(of("ftd_syslog_messages_total"))))+atSite), legend: "{{device}}"})

	return board{
		uid: "ftd-capacity", title: "FTD / Capacity",
		description: "Which device touched which limit: how hard, how often, for how long, and whether it becomes worse. Devices report only near a limit, so nothing is extrapolated.",
		from:        "now-7d", refresh: "5m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable()},
		rows: append(append([]row{{height: 11, panels: []panel{ranking()}}}, exhaustionRows()...), []row{
			{title: "Threat detection", height: 8, panels: []panel{threatRates, threatDays}},
			{height: 8, panels: []panel{threatEvents, threatWeek}},
			{title: "Quotas", height: 8, panels: []panel{quotaLines, quotaDays}},
			{title: "Clusters", height: 8, panels: []panel{load, overload}},
			{title: "Messages", height: 8, panels: []panel{volume, busiest}},
		}...),
	}
}
