package main

import (
	"fmt"
	"regexp"
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
func peak(selector string) string      { return "max_over_time(" + selector + "[$__range])" }
func inAllTime(selector string) string { return "increase(" + selector + "[$__range])" }

// highest and lowest are the extremes of each step. A step without a sample has the
// value before: a history that was imported has a sample every four minutes.
func highest(selector string) string { return extreme("max", selector) }
func lowest(selector string) string  { return extreme("min", selector) }

func extreme(which, selector string) string {
	return "(" + which + "_over_time(" + selector + "[$__interval]) or " + selector + ")"
}

// rise is by how much a counter has risen from one value to another, each event
// once, unlike increase(), which misses what happens between the last sample of
// a step and the first of the next. A counter that began again has risen by its value.
func rise(before, after string) string {
	return after + " - " + before + " >= 0 or " + after + " < " + before
}

// since is what rise is, and what a counter of a device has risen to that did not exist
// before, if its exporter knew the device then: an event is counted, too, if it is the
// first. known is the selector of the device's last message at the time of before.
func since(before, after, known string) string {
	return "(" + rise(before, after) + " or " + after + " and on (job, instance, device) " + known + " unless " + before + ")"
}

// lastMessages are the times of the last message of each device and exporter.
func lastMessages() string { return of("ftd_device_last_message_timestamp_seconds") }

// eventsOf is by how much a counter has risen in each step, and dayEventsOf by how
// much it rises on the day that begins at each step. They are functions that PromQL
// does not have; expand writes them in PromQL.
func eventsOf(selector string) string    { return "events(" + selector + ")" }
func dayEventsOf(selector string) string { return "dayEvents(" + selector + ")" }

// volumeOf is eventsOf for a counter that rises all the time, of which the first event
// does not matter.
func volumeOf(selector string) string {
	return "(" + rise(selector+" offset $__interval", selector) + ")"
}

// weekEarlier is what an expression was a week earlier.
func weekEarlier(expr string) string {
	return "last_over_time(" + expr + "[$__interval:$__interval] offset 1w)"
}

var counting = regexp.MustCompile(`(events|dayEvents)\(([^()]*)\)`)

func expand(expr string) string {
	return counting.ReplaceAllStringFunc(expr, func(call string) string {
		found := counting.FindStringSubmatch(call)
		switch selector := found[2]; {
		case found[1] == "dayEvents":
			return since("last_over_time("+selector+"[1h])", "last_over_time("+selector+"[$__interval] offset -$__interval)", "last_over_time("+lastMessages()+"[1h])")
		case strings.HasPrefix(selector, "ftd_exporter_"): // In the first step of a series, as much as the samples show.
			return "(" + rise(selector+" offset $__interval", selector) + " or increase(" + selector + "[$__interval]))"
		default:
			return since(selector+" offset $__interval", selector, lastMessages()+" offset $__interval")
		}
	})
}

// inRange is an expression with events, over all of the time shown instead of a step.
// It is evaluated once, and not at each step. A counter without a value at the
// beginning began at 0.
func inRange(expr string) string {
	return counting.ReplaceAllStringFunc(expr, func(call string) string {
		selector := counting.FindStringSubmatch(call)[2]
		before, after := selector+" offset $__range @ end()", selector+" @ end()"
		return "(" + rise(before, after) + " or " + after + ")"
	})
}

// between is by how much a counter rose between two offsets in the past, such as
// 2w and 1w. An empty later offset stands for the present. A device that was not known at
// the first offset does not have a value.
func between(first, last string) func(string) string {
	at := func(selector, offset string) string {
		if offset == "" {
			return selector
		}
		return selector + " offset " + offset
	}
	return func(selector string) string {
		return since(at(selector, first), at(selector, last), at(lastMessages(), first))
	}
}
func top(n int, expr string) string { return fmt.Sprintf("topk(%d, %s)", n, expr) }
func quantile(q float64, labels, buckets string) string {
	return fmt.Sprintf("histogram_quantile(%g, sum by (%s, le) (%s))", q, labels, rate(buckets))
}
func milliseconds(expr string) string   { return "1000 * " + expr } // For units of date and time.
func sinceNow(timestamps string) string { return "time() - " + timestamps }

// atSite, after an expression, leaves out the devices with another site in the
// inventory. Devices that are not in the inventory always stay, so that no
// failure is hidden.
const atSite = ` unless on (device) ftd_device_labels_info{job=~"$job",instance=~"$instance",site!~"$site"}`

// recorded selects a series that the recording rules made of those of all exporters
// of a job.
func recorded(name string, matchers ...string) string {
	return name + "{" + strings.Join(append([]string{`job=~"$job"`, `device=~"$device"`}, matchers...), ",") + "}"
}

// kept is a recorded series, which has what the exporters reported last, also while
// they cannot be reached. Without the recording rules it is the metric itself.
// combine is maxBy or minBy, whichever is the worse.
func kept(combine func(labels, expr string) string, labels, name, metric string, matchers ...string) string {
	return "(" + combine(labels, recorded(name, matchers...)) + " or " + combine(labels, of(metric, matchers...)) + ")"
}

// state is the recorded state of each device: 0 OK, 1 warning, 2 critical, 3 failed,
// and -1 if it has reported nothing. Devices with the same name at several sites have
// a state each.
func state() string { return recorded("device:ftd_state:worst") }

// reports is whether a device reports: 0 it does, 1 silent for a day, 2 no message ever,
// 3 no exporter is there to receive.
func reports() string { return recorded("device:ftd_reports:state") }

// lastMessage is the time of the last message of each device.
func lastMessage() string {
	return kept(maxBy, "device", "device:ftd_device_last_message_timestamp_seconds:max", "ftd_device_last_message_timestamp_seconds")
}

// silentFor is the age of the last message of each device whose last message is older
// than so many seconds. Management centers that report are left out.
func silentFor(seconds string) string {
	return sinceNow(lastMessage()) + " > " + seconds + " unless on (device) " + recorded("device:ftd_health_reporter:recent")
}

// worst is what state is, or without the recording rules, the worst state by the
// levels in package collectors, and -1 for a device without any state.
func worst() string {
	var terms []string
	for _, c := range collectors.All() {
		for _, m := range c.Metrics {
			if m.States == nil {
				continue
			}
			var parts []string
			for i, s := range m.States {
				level := strconv.Itoa(int(s.Level))
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
			levels := strings.Join(parts, between)
			if m.Enabled != nil {
				levels = "(" + levels + " unless " + of(m.Enabled.Name) + " == 0)"
			}
			// Another label keeps states of different metrics apart.
			terms = append(terms, fmt.Sprintf(`label_replace(%s, "of", "%d", "", "")`, levels, len(terms)))
		}
	}
	return maxBy("device", state()) + " or " + maxBy("device", strings.Join(append(terms, "0 * "+of("ftd_device_last_message_timestamp_seconds")+" - 1"), " or "))
}

// temperatureIs is 1 for the sensors in a state.
func temperatureIs(state string) string {
	return kept(maxBy, "device, component, unit", "device_component_unit_state:ftd_temperature_state:last", "ftd_temperature_state", `state="`+state+`"`)
}

// temperatureState is the state of each sensor: 2 critical, 1 warm, 0 OK.
func temperatureState() string {
	return "(2 * (" + temperatureIs("critical") + " == 1) or " + temperatureIs("warm") + ")"
}

// componentOK is 1 for the components that work, and 0 for those that have failed.
func componentOK() string {
	return kept(minBy, "device, component, unit", "device_component_unit:ftd_component_ok:last", "ftd_component_ok")
}
