// Package collectors is what Cisco's messages mean: which metrics there are,
// and which message does what to which of them.
//
// A [Collector] is one family of metrics: a list of [Metric] and a list of
// [Rule]. Both are data. A rule says what one message id does to one metric; a
// field of the message's template that is named like a label fills that label.
// [All] lists the collectors, one file each.
//
// To add a family, write a file with a function that returns its Collector and
// name it in [All]. Expiry, events, limits, documentation and what the pages
// show follow from the fields of Metric.
//
// The package imports the standard library only. Package state compiles the
// rules against the catalog and remembers what they set.
package collectors

// A Collector is the metrics of one subsystem and the rules that feed them.
type Collector struct {
	// Name is the subsystem, as in the name of its file.
	Name string
	// Summary is what the messages report, as a phrase for documentation.
	Summary string
	// Hardware is set if the metrics show the state of hardware: what was said
	// once must never be lost, so each change is stored at once.
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
	}
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
)

// String returns the type's name in the exposition formats.
func (t Type) String() string {
	if t == Counter {
		return "counter"
	}
	return "gauge"
}

// A Metric describes a metric of the devices. Besides its own labels it has
// the label device.
type Metric struct {
	Name string
	// Help is a sentence. The ids of the messages that feed the metric are
	// added from the rules.
	Help   string
	Type   Type
	Labels []Label
	// Expires is set for gauges of capacity: what no device confirms for some
	// time is no longer true. See [Options].
	Expires bool
}

// A Rule says what a message does to a metric. A field of the message's text
// that is named like a label fills that label.
type Rule struct {
	ID     uint32
	Metric *Metric
	Value  Value
	// Labels gives the labels that no field fills their values.
	Labels Labels
}

// Labels maps label names to fixed values.
type Labels map[string]string

// A Value says where a rule's value comes from. It is made by [Set],
// [SetField], [Table], [Add], [Create] or [ChangeOf].
type Value struct {
	Op Op
	// Number is the value of OpSet.
	Number float64
	// Name is the field of OpField, the state of OpState.
	Name string
	// Metric is the metric of OpChange.
	Metric *Metric
}

// An Op is what a rule does.
type Op uint8

// The operations, each made by the function of its comment.
const (
	OpSet    Op = iota // [Set]
	OpField            // [SetField]
	OpState            // [StateIs]
	OpAdd              // [Add]
	OpCreate           // [Create]
	OpChange           // [ChangeOf]
)

// Set sets a gauge to f.
func Set(f float64) Value { return Value{Op: OpSet, Number: f} }

// SetField sets a gauge to the number in the text's field name. Where a
// wording lacks the field, the rule does nothing.
func SetField(name string) Value { return Value{Op: OpField, Name: name} }

// StateIs makes state the one that is true in a state set.
func StateIs(state string) Value { return Value{Op: OpState, Name: state} }

// Add counts the message: by one, or by as many as it stands for.
func Add() Value { return Value{Op: OpAdd} }

// Create makes a counter start at 0, so that its first event is visible to
// PromQL's increase().
func Create() Value { return Value{Op: OpCreate} }

// ChangeOf sets a gauge to the time of the message if an earlier rule for the
// same message has changed metric.
func ChangeOf(metric *Metric) Value { return Value{Op: OpChange, Metric: metric} }
