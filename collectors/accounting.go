package collectors

import "github.com/prometheus/client_golang/prometheus"

// The metrics that no rule feeds have fixed places before the others.
const (
	metricSyslogMessages = iota
	metricMessages
	metricLastReceived
	metricDeviceLast
	metricMessageInfo
	metricClockSkew
	firstRuleMetric
)

func accountingMetrics() []*metric {
	severity := Label{Name: "severity", Values: []string{"0", "1", "2", "3", "4", "5", "6", "7"}}
	id := Label{Name: "message_id"}
	all := []*metric{
		metricSyslogMessages: newMetric(&Metric{
			Name: "ftd_syslog_messages_total", Type: Counter, Labels: []Label{severity},
			Help: "Messages received from the device, by the severity in their tag.",
		}, metricSyslogMessages, nil, "every message"),
		metricMessages: newMetric(&Metric{
			Name: "ftd_messages_total", Type: Counter, Labels: []Label{id},
			Help: "Messages received from the device and recognised, by message id.",
		}, metricMessages, nil, "every message of the catalogue"),
		metricLastReceived: newMetric(&Metric{
			Name: "ftd_message_last_received_timestamp_seconds", Type: Gauge, Labels: []Label{id},
			Help: "Time of receipt of the last message with this id.",
		}, metricLastReceived, nil, "every message that feeds a metric of its own"),
		metricDeviceLast: newMetric(&Metric{
			Name: "ftd_device_last_message_timestamp_seconds", Type: Gauge,
			Help: "Time of receipt of the last message from the device.",
		}, metricDeviceLast, nil, "every message"),
		metricMessageInfo: newMetric(&Metric{
			Name: "ftd_message_info", Type: Gauge,
			Labels: []Label{id, {Name: "family"}, {Name: "severity"}, {Name: "summary"}},
			Help:   "What the guide says about a message id that has been seen; always 1.",
		}, metricMessageInfo, nil, "every message of the catalogue"),
		metricClockSkew: newMetric(&Metric{
			Name: "ftd_device_clock_skew_seconds", Type: Gauge,
			Help: "The device's own time less the time of receipt, positive if its clock is ahead.",
		}, metricClockSkew, nil, "every message whose stamp has a time zone"),
	}
	info := all[metricMessageInfo]
	info.device = false
	info.desc = prometheus.NewDesc(info.Name, info.help, info.labelNames(), nil)
	return all
}
