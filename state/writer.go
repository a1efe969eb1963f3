package state

import "time"

// These methods are for a caller that keeps series itself and writes them as the
// table does, such as a backfill. The metrics are named as in [Table.Docs]; a
// name that is not there is a mistake of the caller, and panics.

// AppendHeader appends the lines # HELP and # TYPE of a metric of the table.
func (t *Table) AppendHeader(b []byte, metric string, format Format) []byte {
	return append(b, t.byName[metric].layout.headers[format]...)
}

// AppendSeries appends the name and the labels of a series and a space, after
// which its value belongs. The values are in the order of
// [collectors.Metric.Labels], as those of [Record.Values]. The device is not used
// for a metric without that label.
func (t *Table) AppendSeries(b []byte, metric, device string, values []string) []byte {
	m := t.byName[metric]
	return m.layout.appendLabels(append(b, m.Name...), device, values)
}

// AppendValue appends a value.
func AppendValue(b []byte, value float64, format Format) []byte {
	return appendFloat(b, value, format)
}

// Expiry returns how long a series of a metric is shown after its last report, or
// 0 if it does not expire.
func (t *Table) Expiry(metric string) time.Duration {
	m := t.byName[metric]
	if !m.Expires {
		return 0
	}
	return time.Duration(m.expiry.Load())
}
