package ingest

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// MaxClockLead is how far a device's clock may be ahead of ours.
const MaxClockLead = 24 * time.Hour

// TimestampBefore returns the timestamp of a line that was written before limit,
// which is some time ahead of the present. One without an offset from UTC is in the
// location of h, or that of ref. A timestamp without a year gets its
// year from ref, or the year before if it would otherwise be after limit.
func TimestampBefore(p *syslog.Parser, h *syslog.Header, ref, limit time.Time) (t time.Time, ok bool) {
	if t, _, ok = p.Time(h, ref); ok && t.After(limit) {
		t, _, ok = p.Time(h, t.AddDate(-1, 0, 0))
	}
	return t, ok
}
