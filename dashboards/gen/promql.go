package main

import (
	"fmt"
	"strings"
)

// own selects a metric of the chosen exporters.
func own(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, `instance=~"$instance"`}, matchers...), ",") + "}"
}

// of selects a metric of the chosen devices, as the chosen exporters heard it.
func of(metric string, matchers ...string) string {
	return own(metric, append([]string{`device=~"$device"`}, matchers...)...)
}

// maxBy makes one series of those of several exporters that hear the same
// device. labels are the labels to keep, such as "device, component".
func maxBy(labels, expr string) string { return fmt.Sprintf("max by (%s) (%s)", labels, expr) }

// minBy is maxBy for what is worse the smaller it is.
func minBy(labels, expr string) string { return fmt.Sprintf("min by (%s) (%s)", labels, expr) }

// sumBy adds up series that are one per device already.
func sumBy(labels, expr string) string { return fmt.Sprintf("sum by (%s) (%s)", labels, expr) }

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

// atSite, after an expression, leaves out the devices that the inventory puts
// at another site. One that the inventory does not have is never left out:
// rather one device too many on the wall than a failure that nobody sees.
const atSite = ` unless on (device) ftd_device_labels_info{job=~"$job",instance=~"$instance",site!~"$site"}`

// worst is the worst state of each device: 4 failed, 3 critical, 2 warm, 1 OK,
// 0 unknown. If two exporters disagree, the worse state counts.
func worst() string {
	return maxBy("device", strings.Join([]string{
		"4 - 3 * " + of("ftd_component_ok"),
		"1 + 2 * " + of("ftd_temperature_state", `state="critical"`),
		"1 + " + of("ftd_temperature_state", `state="warm"`),
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
