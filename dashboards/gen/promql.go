package main

import (
	"fmt"
	"strings"
)

// own selects a metric of the selected exporters.
func own(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, `instance=~"$instance"`}, matchers...), ",") + "}"
}

// of selects a metric of the selected devices from the selected exporters.
func of(metric string, matchers ...string) string {
	return own(metric, append([]string{`device=~"$device"`}, matchers...)...)
}

// maxBy combines the series of several exporters that receive from the same
// device. labels are the labels to keep, such as "device, component".
func maxBy(labels, expr string) string { return fmt.Sprintf("max by (%s) (%s)", labels, expr) }

// minBy is maxBy for metrics whose smaller values are worse.
func minBy(labels, expr string) string { return fmt.Sprintf("min by (%s) (%s)", labels, expr) }

// sumBy adds up series of which there is already one per device.
func sumBy(labels, expr string) string { return fmt.Sprintf("sum by (%s) (%s)", labels, expr) }

// ofLimit divides a gauge, the maximum by labels, by a limit of its exporter.
func ofLimit(labels, selector, limit string) string {
	return fmt.Sprintf("%s / on (instance) group_left () %s", maxBy(labels, selector), maxBy("instance", own("ftd_exporter_limit", `limit="`+limit+`"`)))
}

func rate(selector string) string      { return "rate(" + selector + "[$__rate_interval])" }
func increase(selector string) string  { return "increase(" + selector + "[$__rate_interval])" }
func inAllTime(selector string) string { return "increase(" + selector + "[$__range])" }
func top(n int, expr string) string    { return fmt.Sprintf("topk(%d, %s)", n, expr) }
func quantile(q float64, labels, buckets string) string {
	return fmt.Sprintf("histogram_quantile(%g, sum by (%s, le) (%s))", q, labels, rate(buckets))
}
func orZero(expr string) string         { return expr + " or vector(0)" }
func milliseconds(expr string) string   { return "1000 * " + expr } // For units of date and time.
func sinceNow(timestamps string) string { return "time() - " + timestamps }

// atSite, after an expression, leaves out the devices with another site in the
// inventory. Devices that are not in the inventory always stay, so that no
// failure is hidden.
const atSite = ` unless on (device) ftd_device_labels_info{job=~"$job",instance=~"$instance",site!~"$site"}`

// worst is the worst state of each device: 4 failed, 3 critical, 2 warm, 1 OK,
// 0 unknown. If two exporters disagree, the worse state counts.
func worst() string {
	return maxBy("device", strings.Join([]string{
		"4 - 3 * " + of("ftd_component_ok"),
		"1 + 2 * " + of("ftd_temperature_state", `state="critical"`),
		"1 + " + of("ftd_temperature_state", `state="warm"`),
		"4 - 3 * " + of("ftd_environment_monitoring_up"),
		"0 * " + of("ftd_device_last_message_timestamp_seconds"),
	}, " or "))
}

// temperatureState is the state of each sensor: 2 critical, 1 warm, 0 OK.
func temperatureState() string {
	return maxBy("device, component, unit",
		"2 * "+of("ftd_temperature_state", `state="critical"`)+" or "+of("ftd_temperature_state", `state="warm"`))
}

// failed are the components that have failed, with the value 0.
func failed() string {
	return maxBy("device, component, unit", of("ftd_component_ok")+" == 0")
}
