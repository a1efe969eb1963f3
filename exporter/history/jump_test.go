package history

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	day    = 24 * time.Hour
	maxGap = 30 * day
)

// logOf returns n lines a second apart, beginning with a fan that fails.
func logOf(at time.Time, n int) string {
	var b strings.Builder
	for i := range n {
		text := "%FTD-6-302013: Built"
		if i == 0 {
			text = "%FTD-1-735002: Cooling Fan 1: Failure Detected"
		}
		fmt.Fprintf(&b, "%s fw1 : %s\n", at.Add(time.Duration(i)*time.Second).Format(time.RFC3339), text)
	}
	return b.String()
}

// A clock that is wrong by years costs nothing, and its line is not lost.
func TestBackfillOfAWrongClock(t *testing.T) {
	past := epoch.AddDate(-25, 0, 0)
	for _, tc := range []struct {
		name    string
		log     string
		bad     int64
		to      time.Time
		samples string // Of the failures of the fan.
	}{
		{"the last line", logOf(past, 1) + logOf(epoch, 1), 1, past, "12:00:00 0, 12:00:00.001 1, 12:00:00.002 2"},
		{"a line among others", logOf(past, 1) + logOf(epoch, 1) + logOf(past.Add(time.Minute), 1), 1, past.Add(time.Minute), "12:00:00 0, 12:00:00.001 1, 12:00:00.002 2, 12:01:00 3"},
		{"nearly enough", logOf(past, 1) + logOf(epoch, jumpLines-1) + logOf(past.Add(time.Minute), 1), jumpLines - 1, past.Add(time.Minute), "12:00:00 0, 12:00:00.001 1, 12:00:00.002 2, 12:01:00 3"},
		{"clocks that do not agree", logOf(past, 1) + logOf(epoch.AddDate(-1, 0, 0), 15) + logOf(epoch, 15), 30, past, "12:00:00 0, 12:00:00.001 1, 12:00:00.002 2, 12:00:00.003 3"},
		{"at the limit", logOf(past, 1) + logOf(past.Add(time.Minute), 1), 0, past.Add(time.Minute), "12:00:00 0, 12:00:00.001 1, 12:01:00 2"},
	} {
		b := newBackfill(t, BackfillOptions{MaxGap: maxGap})
		out := backfill(t, b, epoch, tc.log)
		if len(out) > 20<<10 {
			t.Errorf("%s: %d bytes", tc.name, len(out))
		}
		var got []string
		for line := range strings.Lines(history(t, out, "ftd_component_failures_total")) {
			f := strings.Fields(line)
			got = append(got, f[1]+" "+f[3])
		}
		if s := strings.Join(got, ", "); s != tc.samples {
			t.Errorf("%s: %s, want %s", tc.name, s, tc.samples)
		}
		if b.Summary.BadTime != tc.bad || !b.Summary.To.Equal(tc.to) || b.Summary.Gaps != 0 {
			t.Errorf("%s: %d bad times, until %s, %d gaps", tc.name, b.Summary.BadTime, b.Summary.To, b.Summary.Gaps)
		}
	}
}

// Where a log has a gap, the series have one: they end with all that was reported
// before it, and begin anew with the values that they had. Lines that are late do
// not keep the gap from being believed.
func TestBackfillOfAGap(t *testing.T) {
	past := epoch.AddDate(-25, 0, 0)
	late := past.AddDate(-1, 0, 0).Format(time.RFC3339) + " fw1 : %FTD-6-302013: Built\n"
	after := "2026-03-17T12:00:00Z fw1 : %FTD-6-302013: Built\n"
	log := logOf(past, 3) + strings.Repeat(after+late, jumpLines) + "2026-03-17T12:02:30Z fw1 : %FTD-6-302013: Built\n"
	b := newBackfill(t, BackfillOptions{MaxGap: maxGap, Window: time.Hour})
	out := backfill(t, b, epoch, log)
	for name, want := range map[string]string{
		"ftd_component_ok": `03-17 12:00:00 {component="fan",device="fw1",unit="1"} 0` + "\n" +
			`03-17 12:00:00 {component="fan",device="fw1",unit="1"} 0` + "\n" +
			`03-17 12:02:30 {component="fan",device="fw1",unit="1"} 0` + "\n",
		"ftd_syslog_messages_total": `03-17 12:00:00 {device="fw1",severity="1"} 0` + "\n" +
			`03-17 12:00:00.001 {device="fw1",severity="1"} 1` + "\n" +
			`03-17 12:00:00 {device="fw1",severity="1"} 1` + "\n" +
			`03-17 12:02:30 {device="fw1",severity="1"} 1` + "\n" +
			`03-17 12:00:01 {device="fw1",severity="6"} 0` + "\n" +
			`03-17 12:01:00 {device="fw1",severity="6"} 2` + "\n" +
			`03-17 11:59:00 {device="fw1",severity="6"} 2` + "\n" +
			`03-17 12:00:00 {device="fw1",severity="6"} 22` + "\n" +
			`03-17 12:01:30 {device="fw1",severity="6"} 22` + "\n" +
			`03-17 12:02:30 {device="fw1",severity="6"} 23` + "\n",
	} {
		if got := history(t, out, name); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
	s := &b.Summary
	if s.Gaps != 1 || s.BadTime != 0 || s.Late != jumpLines || len(out) > 20<<10 {
		t.Errorf("%d gaps, %d bad times, %d late, %d bytes", s.Gaps, s.BadTime, s.Late, len(out))
	}
}

// Without a limit every timestamp is believed, and silence is filled.
func TestBackfillWithoutMaxGap(t *testing.T) {
	b := newBackfill(t, BackfillOptions{})
	out := backfill(t, b, epoch, logOf(epoch.Add(-40*day), 1)+logOf(epoch, 1))
	if n := strings.Count(history(t, out, "ftd_component_ok"), "\n"); n < 40*24*15 || b.Summary.BadTime != 0 || b.Summary.Gaps != 0 {
		t.Errorf("%d samples, %d bad times, %d gaps", n, b.Summary.BadTime, b.Summary.Gaps)
	}
}
