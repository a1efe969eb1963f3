package collectors

// clusterLoad collects the overload warnings of clusters: 748008 for a module,
// 748009 for a chassis.
func clusterLoad() Collector {
	var (
		labels    = []Label{{Name: "chassis"}, {Name: "module"}, {Name: "member"}, {Name: "resource", Values: []string{"cpu", "memory"}}}
		threshold = &Metric{
			Name: "ftd_cluster_load_threshold_ratio", Title: "threshold", Type: Gauge, Unit: Ratio, Labels: labels, Expires: true,
			Help: "Load, 0 to 1, above which the cluster could not carry the traffic if a member failed.",
		}
		load = &Metric{
			Name: "ftd_cluster_load_ratio", Title: "Cluster load", Type: Gauge, Unit: Ratio, Labels: labels, Expires: true, Limit: threshold,
			Help: "Load of a cluster member, 0 to 1, when it last exceeded the threshold; module and member are empty for a whole chassis.",
		}
		warnings = &Metric{
			Name: "ftd_cluster_overload_warnings_total", Type: Counter, Labels: labels,
			Help: "Warnings that a cluster would be oversubscribed if a member failed.",
		}
		chassis = Labels{"module": "", "member": ""}
	)
	return Collector{
		Name:    "cluster",
		Summary: "load and health of clusters on chassis",
		Metrics: []*Metric{load, threshold, warnings},
		Rules: []Rule{
			{ID: 748008, Metric: load, Value: SetField("load")},
			{ID: 748008, Metric: threshold, Value: SetField("threshold")},
			{ID: 748008, Metric: warnings, Value: Add()},
			{748009, load, SetField("load"), chassis},
			{748009, threshold, SetField("threshold"), chassis},
			{748009, warnings, Add(), chassis},
		},
	}
}
