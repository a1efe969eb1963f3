package collectors

import "time"

// syslogDelivery collects the reports that the device cannot deliver its syslog,
// 414003, 414006 and 201008: some of its messages never arrive here.
func syslogDelivery() Collector {
	failures := &Metric{
		Name: "ftd_syslog_delivery_failures_total", Title: "Syslog not delivered", Type: Counter, Alarm: Alarm{Level: Critical, For: time.Hour},
		Labels: []Label{{Name: "reason", Values: []string{"server_down", "queue_full", "connections_denied"}}},
		Help:   "Reports that the device cannot deliver its syslog, or refuses all new connections because of that.",
	}
	return Collector{
		Name:    "syslog_delivery",
		Summary: "the device's own syslog",
		Metrics: []*Metric{failures},
		Rules: []Rule{
			{414003, failures, Add(), Labels{"reason": "server_down"}},
			{414006, failures, Add(), Labels{"reason": "queue_full"}},
			{201008, failures, Add(), Labels{"reason": "connections_denied"}},
		},
	}
}
