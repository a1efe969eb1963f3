// Package history reads logs of the past: [Replay] applies their lines to an empty
// table, [Seed] to the table of an exporter, which may have more recent state, and
// [Backfill] turns them into samples for Prometheus. All three go by the timestamps
// of the lines.
//
// All three hand each line to a feed of package ingest, so that a device has the
// name in its history that it has in the live metrics. The commands replay and
// backfill use the package, and serve does for --syslog.replay-file.
//
// It imports ingest, syslog, state and catalog, and is the only package that
// reads compressed files.
package history

import (
	"sync/atomic"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// A Summary counts the lines that were read. It may be read while another
// goroutine fills it.
type Summary struct {
	// Lines counts all lines. The others count messages: a line has one as a rule.
	Lines, Matched, Unmatched, Uncatalogued atomic.Int64
	Rejected                                [syslog.NumReasons]atomic.Int64
	// NotJSON counts lines that are not JSON although they should be, and NoField
	// lines of JSON without a text in the field of the message.
	NotJSON, NoField atomic.Int64
}

// tally counts lines until they are added to a Summary, which is slow.
type tally struct {
	lines, notJSON, noField int64

	outcomes [catalog.Matched + 1]int64
	rejected [syslog.NumReasons]int64
}

// addTo adds the counts to a summary, and begins again at 0.
func (t *tally) addTo(s *Summary) {
	s.Uncatalogued.Add(t.outcomes[catalog.UnknownID])
	s.Unmatched.Add(t.outcomes[catalog.Unmatched])
	s.Matched.Add(t.outcomes[catalog.Matched])
	s.NotJSON.Add(t.notJSON)
	s.NoField.Add(t.noField)
	for reason, n := range t.rejected {
		if n > 0 {
			s.Rejected[reason].Add(n)
		}
	}
	s.Lines.Add(t.lines)
	*t = tally{}
}
