package exporter

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A fleet that moves behind another relay does not fill the log.
func TestNameConflictsAreLoggedSparingly(t *testing.T) {
	var b strings.Builder
	logger := slog.New(slog.NewTextHandler(&b, nil))
	var l conflictLog
	say := func(n int) {
		for i := range n {
			l.log(logger, state.NameConflict{Device: fmt.Sprint("fw", i), Address: netip.MustParseAddr("192.0.2.1"), Other: netip.MustParseAddr("192.0.2.2")})
		}
	}
	say(100)
	if n := strings.Count(b.String(), "Two addresses"); n != maxConflictLines {
		t.Errorf("%d lines in a minute", n)
	}
	l.lines = 0 // The next minute.
	b.Reset()
	say(2)
	if got := b.String(); !strings.Contains(got, "not_logged=80") || !strings.Contains(got, "not_logged=0") {
		t.Error(got)
	}
}
