package history

import (
	"strings"
	"testing"
	"time"
)

// everyFour returns a sample of each fourth minute of a day, from the first to the
// last.
func everyFour(first, last, sample string) string {
	clock := func(s string) time.Time {
		at, err := time.Parse("15:04", s)
		if err != nil {
			panic(err)
		}
		return at
	}
	var b strings.Builder
	for at, end := clock(first), clock(last); !at.After(end); at = at.Add(4 * time.Minute) {
		b.WriteString("03-17 " + at.Format("15:04:05 "))
		b.WriteString(sample)
		b.WriteByte('\n')
	}
	return b.String()
}

// Series end in the history when they end in the exporter.
func TestBackfillEndsSeries(t *testing.T) {
	const (
		built   = " fw1 : %FTD-6-302013: Built\n"
		raised  = " fp1 : %FPRM-3-X: [F0374][major][equipment-inoperable][sys/chassis-1/psu-1] Power supply 1 inoperable\n"
		cleared = " fp1 : %FPRM-3-X: [F0374][cleared][equipment-inoperable][sys/chassis-1/psu-1] Power supply 1 inoperable\n"
		supply  = `{code="F0374",component="power_supply",device="fp1",object="chassis-1/psu-1"} `
	)
	for _, tc := range []struct {
		name   string
		logs   []string
		expiry map[string]time.Duration
		metric string
		want   string
	}{
		{
			name: "capacity expires",
			logs: []string{
				"2026-03-17T12:00:05Z fw1 : %FTD-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7 per second, max configured rate is 5; Cumulative total count is 4400\n",
				"2026-03-17T13:00:00Z" + built,
			},
			metric: "ftd_threat_detection_cumulative_events",
			want: "03-17 12:00:05 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n" +
				"03-17 12:04:00 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n" +
				"03-17 12:08:00 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n" +
				"03-17 12:12:00 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n",
		},
		{
			name: "a fault is shown for an hour after it was cleared",
			logs: []string{
				"2026-03-17T12:00:05Z" + raised + "2026-03-17T12:02:00Z" + cleared + "2026-03-17T12:03:00Z" + raised + "2026-03-17T12:04:00Z" + cleared,
				"2026-03-17T16:00:00Z" + built + "2026-03-17T16:01:00Z" + raised,
			},
			metric: "ftd_fxos_fault_severity",
			want: "03-17 12:00:05 " + supply + "5\n" + "03-17 12:02:00 " + supply + "0\n" + "03-17 12:03:00 " + supply + "5\n" + "03-17 12:04:00 " + supply + "0\n" +
				everyFour("12:08", "13:04", supply+"0") + "03-17 16:01:00 " + supply + "5\n",
		},
		{
			name: "and so is when it was cleared",
			logs: []string{
				"2026-03-17T12:00:05Z" + raised + "2026-03-17T12:02:00Z" + cleared,
				"2026-03-17T16:00:00Z" + built,
			},
			metric: "ftd_fxos_fault_state_changed_timestamp_seconds",
			want: "03-17 12:00:05 " + supply + "1.773748805e+09\n" + "03-17 12:02:00 " + supply + "1.77374892e+09\n" +
				everyFour("12:06", "13:02", supply+"1.77374892e+09"),
		},
		{
			name:   "capacity expires as configured",
			expiry: map[string]time.Duration{"threat_detection": 5 * time.Minute},
			logs: []string{
				"2026-03-17T12:00:05Z fw1 : %FTD-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7 per second, max configured rate is 5; Cumulative total count is 4400\n",
				"2026-03-17T13:00:00Z" + built,
			},
			metric: "ftd_threat_detection_cumulative_events",
			want: "03-17 12:00:05 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n" +
				"03-17 12:04:00 {device=\"fw1\",object=\"scanning\",rate_id=\"1\"} 4400\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBackfillWith(t, tc.expiry, 0, BackfillOptions{})
			if got := history(t, backfill(t, b, epoch, tc.logs...), tc.metric); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}
