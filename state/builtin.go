package state

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// The metrics that no rule feeds have fixed places before the others.
const (
	metricSyslogMessages = iota
	metricMessages
	metricLastReceived
	metricDeviceLast
	metricMessageInfo
	metricClockSkew
	metricSenderAddresses
	firstRuleMetric
)

func builtinMetrics() []*metric {
	severity := collectors.Label{Name: "severity", Values: []string{"0", "1", "2", "3", "4", "5", "6", "7"}}
	id := collectors.Label{Name: "message_id"}
	all := []*metric{
		metricSyslogMessages: newMetric(&collectors.Metric{
			Name: "ftd_syslog_messages_total", Type: collectors.Counter, Labels: []collectors.Label{severity},
			Help: "Messages received from the device, by the severity in their tag.",
		}, metricSyslogMessages, nil, "every message"),
		metricMessages: newMetric(&collectors.Metric{
			Name: "ftd_messages_total", Type: collectors.Counter, Labels: []collectors.Label{id},
			Help: "Messages received from the device and recognized, by message id.",
		}, metricMessages, nil, "every message of the catalog"),
		metricLastReceived: newMetric(&collectors.Metric{
			Name: "ftd_message_last_received_timestamp_seconds", Type: collectors.Gauge, Labels: []collectors.Label{id},
			Help: "Time of receipt of the last message with this id.",
		}, metricLastReceived, nil, "every message that feeds a metric of its own"),
		metricDeviceLast: newMetric(&collectors.Metric{
			Name: "ftd_device_last_message_timestamp_seconds", Type: collectors.Gauge,
			Help: "Time of receipt of the last message from the device.",
		}, metricDeviceLast, nil, "every message"),
		metricMessageInfo: newMetric(&collectors.Metric{
			Name: "ftd_message_info", Type: collectors.Gauge,
			Labels: []collectors.Label{id, {Name: "family"}, {Name: "severity"}, {Name: "summary"}},
			Help:   "Family, severity and summary of a received message id; always 1.",
		}, metricMessageInfo, nil, "every message of the catalog"),
		metricClockSkew: newMetric(&collectors.Metric{
			Name: "ftd_device_clock_skew_seconds", Type: collectors.Gauge,
			Help: "The device's clock minus the time of receipt, positive if its clock is ahead.",
		}, metricClockSkew, nil, "every message whose timestamp has a time zone, or whose device has one in the configuration"),
		metricSenderAddresses: newMetric(&collectors.Metric{
			Name: "ftd_device_sender_addresses", Type: collectors.Gauge,
			Help: "Addresses, at most 8, that messages under this name came from within the last hour. Trusted relays do not count, and all addresses that the inventory gives to the device count as one. With two or more, two devices may share a name and hide each other's failures.",
		}, metricSenderAddresses, nil, "every message that came from an address"),
	}
	all[metricLastReceived].isReceipt, all[metricDeviceLast].isReceipt = true, true
	info := all[metricMessageInfo]
	info.device = false
	info.desc = prometheus.NewDesc(info.Name, info.help, info.labelNames(), nil)
	return all
}
