package main

import "testing"

// Events are counted from one step to the next, and the first of a series only if the
// exporter knew the device before.
func TestExpand(t *testing.T) {
	known := `ftd_device_last_message_timestamp_seconds{job=~"$job",instance=~"$instance",device=~"$device"}`
	for expr, want := range map[string]string{
		"max by (device) (" + eventsOf("ftd_x_total{a}") + ") + 1": "max by (device) ((ftd_x_total{a} - ftd_x_total{a} offset $__interval >= 0 or ftd_x_total{a} < ftd_x_total{a} offset $__interval" +
			" or ftd_x_total{a} and on (job, instance, device) " + known + " offset $__interval unless ftd_x_total{a} offset $__interval)) + 1",
		eventsOf("ftd_exporter_x_total{a}"): "(ftd_exporter_x_total{a} - ftd_exporter_x_total{a} offset $__interval >= 0 or ftd_exporter_x_total{a} < ftd_exporter_x_total{a} offset $__interval" +
			" or increase(ftd_exporter_x_total{a}[$__interval]))",
		dayEventsOf("ftd_x_total{a}"): "(last_over_time(ftd_x_total{a}[$__interval] offset -$__interval) - last_over_time(ftd_x_total{a}[1h]) >= 0" +
			" or last_over_time(ftd_x_total{a}[$__interval] offset -$__interval) < last_over_time(ftd_x_total{a}[1h])" +
			" or last_over_time(ftd_x_total{a}[$__interval] offset -$__interval) and on (job, instance, device) last_over_time(" + known + "[1h]) unless last_over_time(ftd_x_total{a}[1h]))",
		"rate(ftd_events_total{a}[5m])": "rate(ftd_events_total{a}[5m])",
	} {
		if got := expand(expr); got != want {
			t.Errorf("%s is\n%s, want\n%s", expr, got, want)
		}
	}
	want := "sum((ftd_x_total{a} @ end() - ftd_x_total{a} offset $__range @ end() >= 0 or ftd_x_total{a} @ end() < ftd_x_total{a} offset $__range @ end() or ftd_x_total{a} @ end()))"
	if got := inRange("sum(" + eventsOf("ftd_x_total{a}") + ")"); got != want {
		t.Errorf("in range it is\n%s, want\n%s", got, want)
	}
}
