package state

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// This file alone defines how the key of a series is spelled.
//
// Within its device, a series has the key
//
//	index of the metric (one byte), value 0xff, value 0xff, …
//
// with the values in the order of Metric.Labels. For a state set the last value
// is the state. The index depends on the program, so a stored key has the name:
//
//	name of the metric 0xff, value 0xff, value 0xff, …

// separator ends each value in a key. It does not occur in valid UTF-8.
const (
	separator       = 0xff
	separatorString = "\xff"
)

// startKey begins the key of a series of m in the memory of buf.
func startKey(buf []byte, m *metric) []byte { return append(buf[:0], m.index) }

// appendKeyValue appends one label value to a key.
func appendKeyValue(key []byte, value string) []byte {
	return append(append(key, value...), separator)
}

// endKeyValue ends a label value that the caller has appended to a key.
func endKeyValue(key []byte) []byte { return append(key, separator) }

// appendKeyValues appends the label values in a key. They share its memory.
func appendKeyValues(dst []string, key string) []string { return appendEnded(dst, key[1:]) }

// appendEnded appends the values in a text in which each is ended.
func appendEnded(dst []string, text string) []string {
	for start, i := 0, 0; i < len(text); i++ {
		if text[i] == separator {
			dst = append(dst, text[start:i])
			start = i + 1
		}
	}
	return dst
}

// keyValue returns the label value in a key at a place in Metric.Labels.
func keyValue(key string, place int) string {
	rest := key[1:]
	for range place {
		_, rest, _ = strings.Cut(rest, separatorString)
	}
	value, _, _ := strings.Cut(rest, separatorString)
	return value
}

// withoutState returns the part of the key of a state set that all its states
// share.
func withoutState(key []byte) []byte {
	i := bytes.LastIndexByte(key[:len(key)-1], separator)
	return key[:max(i+1, 1)]
}

// siblingKey returns, in the memory of buf, the key of the series of another
// metric that belongs to a series of m: it has the same values, without the
// state.
func siblingKey(buf []byte, m, other *metric, key string) []byte {
	buf = append(startKey(buf, other), key[1:]...)
	if m.Type == collectors.StateSet {
		buf = withoutState(buf)
	}
	return buf
}

// RecordKey returns the key of a [Record] for a metric and the values of its
// labels in the order of [collectors.Metric.Labels].
func RecordKey(metric string, values ...string) string {
	var b strings.Builder
	b.WriteString(metric)
	b.WriteByte(separator)
	for _, v := range values {
		b.WriteString(v)
		b.WriteByte(separator)
	}
	return b.String()
}

// Metric returns the name of the metric that the record belongs to.
func (r *Record) Metric() string {
	name, _, _ := strings.Cut(r.Key, separatorString)
	return name
}

// Values returns the label values without the device, in the order of
// [collectors.Metric.Labels]. They share the memory of Key.
func (r *Record) Values() []string {
	_, values, _ := strings.Cut(r.Key, separatorString)
	return appendEnded(nil, values)
}

// recordKey returns the key of the series' record.
func (i *seriesInfo) recordKey() string {
	return i.metric.Name + separatorString + i.key[1:]
}

// parseRecordKey returns the key within a device for the key of a record, and
// the metric, which is nil if the table does not have such series.
func (t *Table) parseRecordKey(key string) (string, *metric) {
	name, values, _ := strings.Cut(key, separatorString)
	m := t.byName[name]
	if m == nil || !m.device || strings.Count(values, separatorString) != len(m.Labels) ||
		!strings.HasSuffix(separatorString+values, separatorString) ||
		!utf8.ValidString(strings.ReplaceAll(values, separatorString, "\n")) {
		return "", nil
	}
	return string(startKey(nil, m)) + values, m
}
