// Package collectors defines, as data, the metrics of the devices and the
// effect of each message on them.
//
// A [Collector] is one family of metrics: a list of [Metric] and a list of
// [Rule]. A rule defines the effect of one message id on one metric; a field of
// the message's template that is named like a label fills that label. [All]
// lists the collectors, one file each.
//
// To add a family, write a file with a function that returns its Collector and
// name it in [All]. Expiry, events, limits, documentation and pages follow from
// the fields of Metric; no other code needs a change.
//
// The package imports catalog, for the type of an id. Package state compiles the
// rules against the catalog and remembers what they set.
package collectors

import (
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// A Collector is the metrics of one subsystem and the rules that feed them.
type Collector struct {
	// Name is the subsystem, as in the name of its file.
	Name string
	// Summary lists the subjects of the messages, as a phrase for documentation.
	Summary string
	// Hardware is set if the metrics show the state of hardware: a device may
	// never repeat a report, so each change is stored at once.
	Hardware bool
	// Metrics in the order in which they are documented.
	Metrics []*Metric
	// Rules in the order in which they apply to a message.
	Rules []Rule
}

// All returns every collector. To add one, write its file and name it here.
func All() []Collector {
	return []Collector{
		environment(),
		hardware(),
		post(),
		threatDetection(),
		quota(),
		clusterLoad(),
		health(),
		fxosFaults(),
		carriedMessages(),
		failover(),
		interfaces(),
		modules(),
		clusterMembers(),
		system(),
		capacity(),
		certificates(),
		licenses(),
		syslogDelivery(),
		attacks(),
		addressPools(),
	}
}

// ExpiryNames returns the names of the collectors that have a metric that
// expires, in their order. Their expiry can be configured.
func ExpiryNames(all []Collector) []string {
	var names []string
	for _, c := range all {
		if slices.ContainsFunc(c.Metrics, func(m *Metric) bool { return m.Expires }) {
			names = append(names, c.Name)
		}
	}
	return names
}

// A Type is the type of a metric.
type Type uint8

// The types of metrics.
const (
	// Gauge is a value as last reported.
	Gauge Type = iota
	// Counter counts reports. Its series carry the time they began.
	Counter
	// StateSet is a gauge with one series for each value of its last label, of
	// which exactly one is 1 and the others are 0.
	StateSet
	// Info is a gauge that is always 1; its labels have the information. A device
	// has one series of it: a report with other labels replaces the earlier one.
	Info
)

// String returns the type's name in the exposition formats.
func (t Type) String() string {
	if t == Counter {
		return "counter"
	}
	return "gauge"
}

// A Metric describes a metric of the devices. Besides its own labels it has
// the label device. Except for the rules, these fields define everything that
// the program does with the metric.
type Metric struct {
	Name string
	// Formerly lists names that the metric had in earlier versions. A stored
	// series under one of them is read as a series of this metric.
	Formerly []string
	// SplitFrom is the metric that had the series of this one too in earlier
	// versions. Both have the time of the last change of a state; see [ChangeOf].
	SplitFrom *Metric
	// Title is the metric's heading on pages; if it is empty, they use
	// [Metric.Name]. The title of a limit is a noun such as "threshold".
	Title string
	// Help is a sentence. The ids of the messages that feed the metric are
	// added from the rules.
	Help   string
	Type   Type
	Unit   Unit
	Labels []Label
	// Expires is set for gauges of capacity: they disappear if no message
	// confirms their value for some time, which is configured for each
	// collector; see [ExpiryNames].
	Expires bool
	// States makes a gauge or a state set the state of a part of the device.
	// Its changes are events, pages show its last change and its last report,
	// and the worst of all such states is the state of the device.
	//
	// For a gauge, States are the states of the values 0, 1, 2 and so on; for a
	// state set, the states of the values of its last label, in the same order.
	States []State
	// Of is the metric with States that this metric is shown with. It has the
	// same labels, except for the state. A counter with Of counts the reports of
	// bad states, a gauge with Of is the reading that the state was derived from.
	// In a hardware collector, an increase of a counter without Of is an event:
	// an alert that no other message withdraws.
	Of *Metric
	// Quiet is set if increases of a counter are not events, because the changes
	// of a state that it counts already are.
	Quiet bool
	// Alarm makes the reports that a counter counts a state of the device for some
	// time, called alarm, because no other message means that all is well again.
	Alarm Alarm
	// Boot is set for the gauge that has the time of the last boot, which ends
	// alarms with UntilBoot.
	Boot bool
	// Enabled is, for a gauge with States, the gauge with the same labels that is 0
	// while the configuration switches the part off: whatever its state is then, it
	// is as it should be.
	Enabled *Metric
	// Grace is how long a series is still shown after it has returned to the value
	// 0: the state of something that is not there most of the time, such as a fault,
	// is of no interest then. It is for gauges with States, the time of whose last
	// change goes with them. 0 means for ever.
	Grace time.Duration
	// Limit and Warning are, for a gauge that expires, the gauges with the same
	// labels that it is compared with: at Limit the device refuses requests or
	// reports, at Warning it warns.
	Limit, Warning *Metric
}

// A State is one of the states of a metric.
type State struct {
	// Name is the word for it in events and on pages.
	Name string
	// Level is how bad it is.
	Level Level
}

// An Alarm is how long and how bad reports are that no other message withdraws.
type Alarm struct {
	// Level is OK for reports that are not an alarm.
	Level Level
	// For is how long after a report there is an alarm; 0 is a day.
	For time.Duration
	// UntilBoot is set for what the device looks for only when it boots: then the
	// alarm ends when it has booted without the report, after 30 days at most.
	UntilBoot bool
	// Except lists the values of the last label whose reports are not an alarm.
	Except []string
}

// A Level is how bad a state is. The levels are in order.
type Level uint8

// The levels.
const (
	OK       Level = iota // As it should be.
	Warning               // Works, and should be looked at.
	Critical              // About to fail, or works in part.
	Failed                // Does not work.
)

// String returns the level's name in the API.
func (l Level) String() string { return [...]string{"ok", "warning", "critical", "failed"}[l&3] }

// A Unit is the unit of a gauge, for pages. The metric's name ends with it too.
type Unit string

// The units. A number without a unit is a count.
const (
	Celsius   Unit = "celsius"
	Ratio     Unit = "ratio" // 0 to 1, shown as a percentage.
	PerSecond Unit = "per_second"
	Seconds   Unit = "seconds"
	Bytes     Unit = "bytes"
)

// UnitOf returns the unit that the name of a metric ends with, before _total, or
// nothing for a number without a unit.
func UnitOf(metric string) Unit {
	name := strings.TrimSuffix(metric, "_total")
	for _, u := range []Unit{Celsius, Ratio, PerSecond, Seconds, Bytes} {
		if strings.HasSuffix(name, "_"+string(u)) {
			return u
		}
	}
	return ""
}

// A Rule is the effect of a message on a metric. A field of the message's
// template that is named like a label fills that label.
type Rule struct {
	ID     catalog.ID
	Metric *Metric
	Value  Value
	// Labels has the values of the labels that no field fills.
	Labels Labels
}

// Labels maps label names to fixed values.
type Labels map[string]string

// A Value is the source of a rule's value, made by [Set], [SetField],
// [StateIs], [StateField], [Add], [Create], [ChangeOf], [Receipt] or [DaysAhead].
type Value struct {
	Op Op
	// Number is the value of OpSet.
	Number float64
	// Name is the field of OpField, OpQuotient, OpStateField and OpDays, or the
	// state of OpState.
	Name string
	// By is the field that OpQuotient divides by.
	By string
	// Words are the words of OpStateField.
	Words Words
	// Metric is the metric of OpChange.
	Metric *Metric
}

// An Op is the operation of a rule.
type Op uint8

// The operations, each with the function that makes it.
const (
	OpSet        Op = iota // [Set]
	OpField                // [SetField]
	OpState                // [StateIs]
	OpAdd                  // [Add]
	OpCreate               // [Create]
	OpChange               // [ChangeOf]
	OpReceipt              // [Receipt]
	OpStateField           // [StateField]
	OpDays                 // [DaysAhead]
	OpQuotient             // [Quotient]
)

// Words maps the words that a field can have, compared without regard to letter
// case, to the states that they stand for. [AnyOther] stands for every word that
// is not in the map.
type Words map[string]string

// AnyOther is the key in [Words] for all other words.
const AnyOther = ""

// Set sets a gauge to f, which must be 1 for a metric of type Info.
func Set(f float64) Value { return Value{Op: OpSet, Number: f} }

// SetField sets a gauge to the number in the field called name. If the matching
// template does not have the field, the rule does nothing.
func SetField(name string) Value { return Value{Op: OpField, Name: name} }

// Quotient sets a gauge to the number in one field divided by that in another, if
// that is from 0 to 1. If the matching template does not have the fields, or if the
// numbers make no such part, the rule does nothing.
func Quotient(name, by string) Value { return Value{Op: OpQuotient, Name: name, By: by} }

// StateIs makes state the present state of a state set.
func StateIs(state string) Value { return Value{Op: OpState, Name: state} }

// StateField makes the state that the word in the field called name stands for
// the present state: of a state set, or of a gauge with States, whose value
// becomes the number of the state. Words must have every word of the field's
// list of words in the template, or [AnyOther]. If the matching template does not
// have the field, the rule does nothing.
func StateField(name string, words Words) Value {
	return Value{Op: OpStateField, Name: name, Words: words}
}

// Add adds the number of messages that the line stands for to a counter: 1, or
// more if the device reports that the message was repeated.
func Add() Value { return Value{Op: OpAdd} }

// Create makes a counter start at 0, so that PromQL's increase() includes its
// first increment.
func Create() Value { return Value{Op: OpCreate} }

// ChangeOf sets a gauge to the time of the message if an earlier rule for the
// same message has changed metric.
func ChangeOf(metric *Metric) Value { return Value{Op: OpChange, Metric: metric} }

// Receipt sets a gauge to the time of the message, in seconds since 1970.
func Receipt() Value { return Value{Op: OpReceipt} }

// DaysAhead sets a gauge to the time that is as many days after the message as the
// number in the field called name, in seconds since 1970. If the matching template
// does not have the field, the rule does nothing.
func DaysAhead(name string) Value { return Value{Op: OpDays, Name: name} }
