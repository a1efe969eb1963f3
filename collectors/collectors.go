// Package collectors knows what the messages mean: which metrics there are,
// which message does what to which of them, and the table of current values.
//
// A [Collector] is a list of [Metric] and a list of [Rule]: data, no code. A
// rule says what one message id does to one metric. [New] checks all rules
// against the catalogue and returns the [State], the only place where anything
// is remembered. [State.Update] applies a message to it; as a
// [prometheus.Collector] it shows the result.
//
// The package knows no sockets, no files and no clock: every message carries
// its time.
package collectors

import "strconv"

// A Collector is the metrics of one subsystem and the rules that feed them.
type Collector struct {
	// Name is the subsystem, as in the name of its file.
	Name string
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

// A Label describes one label of a metric.
type Label struct {
	Name string
	// Values is the closed set of values, if there is one. A reported value is
	// compared without regard to case; any other becomes "other".
	Values []string
	// Append, if set, appends the label value that stands for a reported text.
	// It must not allocate or keep text, and be a function with a name of its
	// own, since two labels are taken for the same if they have the same one.
	Append func(dst, text []byte) []byte
}

// other stands for every value outside a closed set.
const other = "other"

func (l *Label) append(dst, text []byte) []byte {
	if l.Append != nil {
		return l.Append(dst, text)
	}
	if l.Values == nil {
		return append(dst, text...)
	}
	for _, v := range l.Values {
		if equalFold(v, text) {
			return append(dst, v...)
		}
	}
	return append(dst, other...)
}

// equalFold compares ASCII texts without regard to case.
func equalFold(s string, b []byte) bool {
	if len(s) != len(b) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// appendSnakeCase appends text in lower case with one underscore for each run
// of other characters than letters and digits.
func appendSnakeCase(dst, text []byte) []byte {
	start := len(dst)
	for _, c := range text {
		switch {
		case 'a' <= lower(c) && lower(c) <= 'z', '0' <= c && c <= '9':
			dst = append(dst, lower(c))
		case len(dst) > start && dst[len(dst)-1] != '_':
			dst = append(dst, '_')
		}
	}
	if len(dst) > start && dst[len(dst)-1] == '_' {
		dst = dst[:len(dst)-1]
	}
	if len(dst) == start {
		dst = append(dst, other...)
	}
	return dst
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
// [SetField], [State], [Add], [Create] or [ChangeOf].
type Value struct {
	op     op
	number float64
	name   string
	metric *Metric
}

type op uint8

const (
	opSet op = iota
	opField
	opState
	opAdd
	opCreate
	opChange
)

// Set sets a gauge to f.
func Set(f float64) Value { return Value{op: opSet, number: f} }

// SetField sets a gauge to the number in the text's field name. Where a
// wording lacks the field, the rule does nothing.
func SetField(name string) Value { return Value{op: opField, name: name} }

// StateIs makes state the one that is true in a state set.
func StateIs(state string) Value { return Value{op: opState, name: state} }

// Add counts the message: by one, or by as many as it stands for.
func Add() Value { return Value{op: opAdd} }

// Create makes a counter start at 0, so that its first event is visible to
// PromQL's increase().
func Create() Value { return Value{op: opCreate} }

// ChangeOf sets a gauge to the time of the message if an earlier rule for the
// same message has changed metric.
func ChangeOf(metric *Metric) Value { return Value{op: opChange, metric: metric} }

func formatID(id uint32) string { return strconv.FormatUint(uint64(id), 10) }
