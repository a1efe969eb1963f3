package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// attacks collects scans, shuns and SYN floods: 733101 to 733105, and 733201.
// Addresses never become labels.
func attacks() Collector {
	var (
		window    = []Label{{Name: "window", Values: []string{"burst", "average"}}}
		threshold = &Metric{
			Name: "ftd_tcp_intercept_threshold_syns_per_second", Title: "threshold", Type: Gauge, Unit: PerSecond, Labels: window, Expires: true,
			Help: "Configured rate of connection requests to a server above which the device reports them.",
		}
		rate = &Metric{
			Name: "ftd_tcp_intercept_syns_per_second", Title: "SYN flood", Type: Gauge, Unit: PerSecond, Labels: window, Expires: true, Limit: threshold,
			Help: "Rate of connection requests to a server when it last exceeded the threshold.",
		}
		exceeded = &Metric{
			Name: "ftd_tcp_intercept_exceeded_total", Type: Counter, Labels: window,
			Help: "Reports that the rate of connection requests to a server exceeded the threshold.",
		}
		scans = &Metric{
			Name: "ftd_scanning_reports_total", Type: Counter,
			Labels: []Label{
				{Name: "role", Values: []string{"attacker", "target"}, Append: appendRole, Appends: []string{"attacker", "target"}},
				{Name: "scope", Values: []string{"host", "subnet"}},
			},
			Help: "Reports that a host or a subnet scans others (attacker) or is scanned (target).",
		}
		shuns = &Metric{
			Name: "ftd_shuns_total", Type: Counter, Labels: []Label{{Name: "action", Values: []string{"add", "remove"}}},
			Help: "Reports that the device begins or ends to refuse all packets of a host.",
		}
		average = Labels{"window": "average"}
		burst   = Labels{"window": "burst"}
	)
	return Collector{
		Name:    "attacks",
		Summary: "threat detection: drop rates, scanning hosts",
		Metrics: []*Metric{rate, threshold, exceeded, scans, shuns},
		Rules: []Rule{
			{733104, rate, SetField("average"), average},
			{733104, threshold, SetField("average_threshold"), average},
			{733104, exceeded, Add(), average},
			{733105, rate, SetField("burst"), burst},
			{733105, threshold, SetField("burst_threshold"), burst},
			{733105, exceeded, Add(), burst},
			{ID: 733101, Metric: scans, Value: Add()},
			{733102, shuns, Add(), Labels{"action": "add"}},
			{733201, shuns, Add(), Labels{"action": "add"}},
			{733103, shuns, Add(), Labels{"action": "remove"}},
		},
	}
}

// appendRole appends the role for the word in 733101, or a role as it is.
func appendRole(dst, text []byte) []byte {
	if catalog.EqualFold("attacking", text) || catalog.EqualFold("attacker", text) {
		return append(dst, "attacker"...)
	}
	return append(dst, "target"...)
}
