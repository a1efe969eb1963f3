package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/collectors"
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

// worst is the worst state of each device, by the levels in package collectors:
// 4 failed, 3 critical, 2 warning, 1 OK, 0 unknown. If two exporters disagree, the
// worse state counts.
func worst() string {
	var terms []string
	for _, c := range collectors.All() {
		for _, m := range c.Metrics {
			if m.States == nil {
				continue
			}
			var parts []string
			for i, s := range m.States {
				level := strconv.Itoa(int(s.Level) + 1)
				if m.Type == collectors.StateSet {
					parts = append(parts, level+" * "+of(m.Name, m.Labels[len(m.Labels)-1].Name+`="`+s.Name+`"`))
				} else {
					parts = append(parts, fmt.Sprintf("%s * (%s == bool %d)", level, of(m.Name), i))
				}
			}
			between := " + "
			if m.Type == collectors.StateSet {
				between = " or "
			}
			// Another label keeps states of different metrics apart.
			terms = append(terms, fmt.Sprintf(`label_replace(%s, "of", "%d", "", "")`, strings.Join(parts, between), len(terms)))
		}
	}
	return maxBy("device", strings.Join(append(terms, "0 * "+of("ftd_device_last_message_timestamp_seconds")), " or "))
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
