package state

import (
	"strconv"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// What follows is for writers of series that the table does not have any more,
// so that there is one way in which a series is spelled.

// AppendHeader appends the lines # HELP and # TYPE of the metric.
func (d *MetricDoc) AppendHeader(b []byte, f Format) []byte {
	return append(b, d.layout.headers[f]...)
}

// AppendLabels appends the labels of a series of the metric, in braces, and a
// space. Values are in the order of the metric's labels, without the device. The
// device of a metric without the label device is ignored.
func (d *MetricDoc) AppendLabels(b []byte, device string, values []string) []byte {
	return d.layout.appendLabels(b, device, values)
}

// AppendValue appends a value.
func AppendValue(b []byte, v float64, f Format) []byte { return appendFloat(b, v, f) }

// InfoValues returns the values of the labels of ftd_message_info for a message.
func InfoValues(e *catalog.Entry) []string {
	return []string{formatID(e.ID), e.Family, strconv.Itoa(e.Severity), e.Summary}
}
