package state

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A metric is a Metric in use.
type metric struct {
	*collectors.Metric
	index byte
	help  string
	ids   []catalog.ID
	desc  *prometheus.Desc
	// collector is the name of the collector that has the metric, and hardware
	// whether it is about hardware.
	collector string
	hardware  bool
	// expiry is after how many nanoseconds without a report a series that
	// expires is no longer shown.
	expiry atomic.Int64
	// grace is the Grace of the metric, or of the one whose last change it has the
	// time of; then it is the expiry too.
	grace time.Duration
	// device is set unless the metric lacks the label device.
	device bool
	layout layout
	// zero lists the label values of the series that a device starts with.
	zero [][]string
	// states are those of Metric, or what a state set without them has.
	states []collectors.State

	// Metrics with series that belong to the series of this one; see
	// siblingKey. They are nil if there is none.
	reports *metric // Counts the reports of bad states.
	reading *metric // Has the reading that the state was derived from.
	changed *metric // Has the time of the last change.
	enabled *metric // Is 0 while the configuration switches the part off.
	limit   *metric // Is what a gauge is compared with, and so
	warning *metric // is this.
	limitOf *metric // Is the gauge of which this is limit or warning.
	// changeOf are the states of whose last change this is the time.
	changeOf []*metric
	// splitInto is the metric that has a part of the series that this one had in
	// earlier versions, or nil.
	splitInto *metric
	// isReceipt is set if the values are times of receipt, which are never ahead
	// of now.
	isReceipt bool
}

// isState reports whether changes of the metric are events.
func (m *metric) isState() bool { return len(m.States) > 0 }

// isAlert reports whether each increase is an event.
func (m *metric) isAlert() bool {
	return m.hardware && m.Type == collectors.Counter && m.Of == nil && !m.Quiet
}

// isAlarm reports whether the reports that a series counts are alarms.
func (m *metric) isAlarm(key string) bool {
	return m.Alarm.Level != collectors.OK && !(len(m.Alarm.Except) > 0 && slices.Contains(m.Alarm.Except, keyValue(key, len(m.Labels)-1)))
}

const (
	// alarmTime is how long an alarm is a state of the device, unless its metric
	// says otherwise.
	alarmTime = 24 * time.Hour
	// bootAlarmTime is that for what a device looks for only when it boots.
	bootAlarmTime = 30 * 24 * time.Hour
	// bootTime is how long before its end a boot sends its first message.
	bootTime = 15 * time.Minute
	// reporterTime is how long after its last health alert a management center is one
	// that reports. Without a change it may send nothing.
	reporterTime = 7 * 24 * time.Hour
)

// alarmed reports whether a report of s is an alarm at now. boot is the series with
// the time of the last boot, or nil.
func (s *series) alarmed(boot *series, now int64) bool {
	m := s.metric
	if !m.isAlarm(s.key) || !(s.value > 0) {
		return false
	}
	if m.Alarm.UntilBoot {
		return now-s.set < int64(bootAlarmTime) && (boot == nil || boot.set-int64(bootTime) <= s.set)
	}
	return now-s.set < int64(cmp.Or(m.Alarm.For, alarmTime))
}

// flags returns the flags of the metric's series.
func (m *metric) flags() (f flags) {
	if m.hardware {
		f |= ofHardware
	}
	if m.Expires {
		f |= expiring
	}
	return f
}

// maxZeroSeries is the size up to which a closed set of labels starts at zero.
const maxZeroSeries = 5

func newMetric(m *collectors.Metric, index int, ids []catalog.ID, fed string) *metric {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	c := &metric{Metric: m, index: byte(index), help: m.Help, ids: ids, device: true, states: m.States}
	if len(ids) > 0 {
		c.help += " Fed by " + formatIDs(ids) + "."
	} else if fed != "" {
		c.help += " Fed by " + fed + "."
	}
	c.desc = c.newDesc()
	if m.Type == collectors.Counter {
		c.zero = combinations(m.Labels)
	}
	if m.Type == collectors.StateSet && m.States == nil && len(m.Labels) > 0 {
		for _, v := range m.Labels[len(m.Labels)-1].Values {
			c.states = append(c.states, collectors.State{Name: v})
		}
	}
	return c
}

// Unit returns the unit that the name of a metric ends with, or nothing; see
// [collectors.UnitOf].
func Unit(metric string) string { return string(collectors.UnitOf(metric)) }

// newDesc returns the metric's description for client_golang.
func (m *metric) newDesc() *prometheus.Desc {
	labels := prometheus.UnconstrainedLabels(m.labelNames())
	return prometheus.V2.NewDesc(m.Name, m.help, labels, nil, prometheus.WithUnit(Unit(m.Name)))
}

// createZero makes the small counters that a metric is for a device start at 0.
func (t *Table) createZero(d *device, m *metric, now int64) {
	for _, values := range m.zero {
		d.key = startKey(d.key, m)
		for _, v := range values {
			d.key = appendKeyValue(d.key, v)
		}
		t.series(d, m, now)
	}
}

// labelNames returns the names of all labels in the order of series values.
func (m *metric) labelNames() []string {
	var names []string
	if m.device {
		names = append(names, "device")
	}
	for _, l := range m.Labels {
		names = append(names, l.Name)
	}
	return names
}

// ruleLabels returns the labels that a rule must fill: for a state set all but
// the last, which the state fills.
func (m *metric) ruleLabels() []collectors.Label { return ruleLabels(m.Metric) }

func ruleLabels(m *collectors.Metric) []collectors.Label {
	if m.Type == collectors.StateSet {
		return m.Labels[:len(m.Labels)-1]
	}
	return m.Labels
}

// combinations returns all values of labels with closed sets, or nil if there
// are too many or a set is open.
func combinations(labels []collectors.Label) [][]string {
	all := [][]string{nil}
	for _, l := range labels {
		var next [][]string
		for _, values := range all {
			for _, v := range l.Values {
				next = append(next, append(slices.Clone(values), v))
			}
		}
		if all = next; len(all) == 0 || len(all) > maxZeroSeries {
			return nil
		}
	}
	return all
}

// The metrics that no rule feeds have fixed places before the others.
const (
	metricSyslogMessages = iota
	metricMessages
	metricLastReceived
	metricDeviceLast
	metricMessageInfo
	metricClockSkew
	metricHealthReporter
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
		}, metricClockSkew, nil, "every message with a time zone in its timestamp, or from a device with one in the configuration"),
		metricHealthReporter: newMetric(&collectors.Metric{
			Name: "ftd_health_reporter_info", Type: collectors.Info, Labels: []collectors.Label{{Name: "reporter"}},
			Help: "The management center that has last reported the health of the device; always 1.",
		}, metricHealthReporter, []catalog.ID{catalog.HealthAlert}, ""),
		metricSenderAddresses: newMetric(&collectors.Metric{
			Name: "ftd_device_sender_addresses", Type: collectors.Gauge,
			Help: "Addresses, at most 8, that messages under this name came from within the last hour. Trusted relays do not count, and all addresses that the inventory gives to the device count as one. With two or more, two devices may share a name and hide each other's failures.",
		}, metricSenderAddresses, nil, "every message that came from an address"),
	}
	all[metricLastReceived].isReceipt, all[metricDeviceLast].isReceipt = true, true
	info := all[metricMessageInfo]
	info.device = false
	info.desc = info.newDesc()
	return all
}
