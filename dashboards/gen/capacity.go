package main

// The labels of one series of each kind, besides those of the exporter.
const (
	threatLabels  = "device, object, rate_id, window"
	quotaLabels   = "device, resource, scope"
	clusterLabels = "device, chassis, module, member, resource"
)

// threatShare is each drop rate as a share of its threshold.
func threatShare() string {
	return maxBy("device, object", of("ftd_threat_detection_events_per_second")+" / ("+of("ftd_threat_detection_threshold_events_per_second")+" > 0)")
}

// quotaShare is the used share of each quota.
func quotaShare() string {
	return maxBy(quotaLabels, of("ftd_quota_used")) + " / (" + quotaFull() + " > 0)"
}

// quotaFull is the limit of each quota or, if the device has not reported it,
// the warning level.
func quotaFull() string {
	return "(" + maxBy(quotaLabels, of("ftd_quota_limit")) + " or " + maxBy(quotaLabels, of("ftd_quota_warning_level")) + ")"
}

// clusterShare is each load as a share of its threshold.
func clusterShare() string {
	return maxBy(clusterLabels, of("ftd_cluster_load_ratio")+" / ("+of("ftd_cluster_load_threshold_ratio")+" > 0)")
}

// capacity is the board for planning: how near the limits are, how often they
// were exceeded, and when they will be reached.
func capacity() board {
	const (
		threat  = "{{device}} {{object}} rate-{{rate_id}} {{window}}"
		quota   = "{{device}} {{resource}} {{scope}}"
		cluster = "{{device}} {{resource}} {{member}}"
		sparse  = " A device reports only while a limit is near or exceeded; a gap means that it did not report."
	)
	shareSteps := thresholds("green", step{0.8, "orange"}, step{1, "red"})

	threatRatio := chart(12, "Drop rates against their thresholds", "The ten highest drop rates as a share of the configured threshold; 100 % is the threshold."+sparse, "percentunit",
		query{expr: top(10, threatShare()+atSite), legend: "{{device}} {{object}}"}).limit(1)
	threatRates := chart(12, "Drop rates and thresholds", "The ten highest drop rates that devices report (solid), and their thresholds (dashed)."+sparse, "cps",
		query{expr: top(10, maxBy(threatLabels, of("ftd_threat_detection_events_per_second"))+atSite), legend: threat},
		query{expr: maxBy(threatLabels, of("ftd_threat_detection_threshold_events_per_second")) + " and on (" + threatLabels + ") " +
			top(10, maxBy(threatLabels, of("ftd_threat_detection_events_per_second"))+atSite), legend: threat + " threshold"},
	).dashed("B", "red")
	threatTop := bars(8, "Most reports of threat detection", "Devices and objects whose drop rates were reported most often in the time shown.", "none",
		query{expr: top(10, sumBy("device, object", maxBy("device, object, rate_id", inAllTime(of("ftd_threat_detection_exceeded_total"))))+atSite), legend: "{{device}} {{object}}", instant: true}).
		with("decimals", 0)
	threatEvents := chart(8, "Events counted by the devices", "The devices' own counts of drops; they start again when the object is cleared."+sparse, "short",
		query{expr: top(10, maxBy("device, object, rate_id", of("ftd_threat_detection_cumulative_events"))+atSite), legend: "{{device}} {{object}} rate-{{rate_id}}"})
	threatWeek := chart(8, "Threat reports, this week and last", "Threat detection reports of all selected devices in each interval, and the reports a week earlier (dashed).", "none",
		query{expr: "sum(" + maxBy("device, object, rate_id", increase(of("ftd_threat_detection_exceeded_total"))) + atSite + ")", legend: "now"},
		query{expr: "sum(" + maxBy("device, object, rate_id", "increase("+of("ftd_threat_detection_exceeded_total")+"[$__rate_interval] offset 1w)") + atSite + ")", legend: "a week earlier"},
	).dashed("B", "text")

	quotaUsed := bars(8, "Quotas in use", "Used share of each limit, or of the warning level if the device has not reported the limit."+sparse, "percentunit",
		query{expr: top(10, quotaShare()+atSite), legend: quota, instant: true}).with("thresholds", shareSteps).with("max", 1)
	quotaLines := chart(16, "Quotas, warning levels and limits", "Usage (solid), warning levels and limits (dashed)."+sparse, "none",
		query{expr: maxBy(quotaLabels, of("ftd_quota_used")) + atSite, legend: quota},
		query{expr: maxBy(quotaLabels, of("ftd_quota_warning_level")) + atSite, legend: quota + " warning level"},
		query{expr: maxBy(quotaLabels, of("ftd_quota_limit")) + atSite, legend: quota + " limit"},
	).dashed("B", "orange").dashed("C", "red")
	headroom := quotaFull() + " - " + maxBy(quotaLabels, of("ftd_quota_used"))
	growth := maxBy(quotaLabels, "deriv("+of("ftd_quota_used")+"[$__range])")
	quotaTable := table(12, "Quota headroom", "What is left of each quota, the usage in a day if the trend of the time shown continues, and, if usage grows, the time until the quota is exhausted.",
		[]string{"device", "resource", "scope"}, "in use in a day",
		column{"left", headroom + atSite, []any{"thresholds", thresholds("red", step{1, "orange"}, step{3, "green"}), "custom.cellOptions", cell()}},
		column{"in use in a day", maxBy(quotaLabels, "predict_linear("+of("ftd_quota_used")+"[$__range], 86400)") + atSite, []any{"decimals", 1}},
		column{"exhausted in", "(" + headroom + ") / (" + growth + " > 0)" + atSite, []any{"unit", "s"}},
	)
	quotaEvents := chart(12, "Quota warnings and refusals", "Warnings that a resource is nearly used up, and requests that were refused because it was.", "none",
		query{expr: maxBy(quotaLabels, increase(of("ftd_quota_warnings_total"))) + atSite, legend: quota + " warnings"},
		query{expr: maxBy(quotaLabels, increase(of("ftd_quota_rejections_total"))) + atSite, legend: quota + " refusals"},
	).events()

	load := chart(12, "Cluster load and thresholds", "Load of cluster members (solid), and the load above which the cluster could not carry the traffic if a member failed (dashed)."+sparse, "percentunit",
		query{expr: maxBy(clusterLabels, of("ftd_cluster_load_ratio")) + atSite, legend: cluster},
		query{expr: maxBy(clusterLabels, of("ftd_cluster_load_threshold_ratio")) + atSite, legend: cluster + " threshold"},
	).dashed("B", "red").with("max", 1)
	loadTable := table(12, "Cluster headroom", "How far each member is below its threshold (negative if above), and the load in a day if the trend of the time shown continues.",
		[]string{"device", "chassis", "module", "member", "resource"}, "load in a day",
		column{
			"below threshold", maxBy(clusterLabels, of("ftd_cluster_load_threshold_ratio")+" - "+of("ftd_cluster_load_ratio")) + atSite,
			[]any{"unit", "percentunit", "thresholds", thresholds("red", step{0, "orange"}, step{0.1, "green"}), "custom.cellOptions", cell()},
		},
		column{"load in a day", maxBy(clusterLabels, "predict_linear("+of("ftd_cluster_load_ratio")+"[$__range], 86400)") + atSite, []any{"unit", "percentunit"}},
	)
	overload := chart(12, "Cluster warnings", "Warnings that a cluster would be oversubscribed if a member failed.", "none",
		query{expr: maxBy(clusterLabels, increase(of("ftd_cluster_overload_warnings_total"))) + atSite, legend: cluster}).events()
	overloadTop := bars(12, "Most cluster warnings", "Members with the most warnings in the time shown.", "none",
		query{expr: top(10, maxBy(clusterLabels, inAllTime(of("ftd_cluster_overload_warnings_total")))+atSite), legend: cluster, instant: true}).with("decimals", 0)

	messages := func(offset string) string {
		return "sum(" + maxBy("device, severity", "rate("+of("ftd_syslog_messages_total")+"[$__rate_interval]"+offset+")") + atSite + ")"
	}
	volume := chart(16, "Messages, this week and last", "Messages of all selected devices, and the messages a week earlier (dashed): the weekly pattern of the traffic.", "cps",
		query{expr: messages(""), legend: "now"},
		query{expr: messages(" offset 1w"), legend: "a week earlier"},
	).dashed("B", "text")
	busiest := bars(8, "Most messages", "Devices that sent the most messages in the time shown.", "short",
		query{expr: top(10, sumBy("device", maxBy("device, severity", inAllTime(of("ftd_syslog_messages_total"))))+atSite), legend: "{{device}}", instant: true})

	return board{
		uid: "ftd-capacity", title: "FTD / Capacity",
		description: "Drop rates, quotas and cluster load against their limits, with trends over weeks.",
		from:        "now-7d", refresh: "5m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), siteVariable(), deviceVariable(".*")},
		rows: append(exhaustionRows(), []row{
			{title: "Threat detection", height: 9, panels: []panel{threatRatio, threatRates}},
			{height: 8, panels: []panel{threatTop, threatEvents, threatWeek}},
			{title: "Quotas", height: 8, panels: []panel{quotaUsed, quotaLines}},
			{height: 8, panels: []panel{quotaTable, quotaEvents}},
			{title: "Clusters", height: 8, panels: []panel{load, loadTable}},
			{height: 8, panels: []panel{overload, overloadTop}},
			{title: "Messages", height: 8, panels: []panel{volume, busiest}},
		}...),
	}
}
