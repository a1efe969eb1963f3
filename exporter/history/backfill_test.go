package history

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A textBackfill writes OpenMetrics text.
type textBackfill struct {
	*Backfill
	text *OpenMetrics
}

// newBackfill returns a Backfill that must not leave anything behind when the test
// ends.
func newBackfill(t testing.TB, opts BackfillOptions) textBackfill {
	t.Helper()
	return newBackfillWith(t, nil, 0, opts)
}

// newBackfillWith is newBackfill with expiries and a limit of samples in memory.
func newBackfillWith(t testing.TB, expiry map[string]time.Duration, limit int, opts BackfillOptions) textBackfill {
	t.Helper()
	opts.DefaultDevice = cmp.Or(opts.DefaultDevice, "replay")
	opts.Now = func() time.Time { return epoch.AddDate(0, 1, 0) }
	dir := t.TempDir()
	text, err := NewOpenMetrics(dir, cmp.Or(limit, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := text.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s is left", left[0].Name())
		}
	})
	b, err := NewBackfill(newCatalog(t), tables(newCatalog(t), expiry), text, opts)
	if err != nil {
		t.Fatal(err)
	}
	return textBackfill{b, text}
}

// backfill returns what the logs become.
func backfill(t testing.TB, b textBackfill, modified time.Time, logs ...string) string {
	t.Helper()
	for _, log := range logs {
		if err := b.Read(t.Context(), strings.NewReader(log), modified); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := b.text.WriteTo(t.Context(), b.Table(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(out.Len()) {
		t.Errorf("%d bytes reported, %d written", n, out.Len())
	}
	return out.String()
}

// history returns the samples of one metric, with their times for a reader.
func history(t testing.TB, out, name string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, name+"{") {
			continue
		}
		series, sample, _ := strings.Cut(strings.TrimPrefix(line, name), "} ")
		value, at, _ := strings.Cut(strings.TrimSpace(sample), " ")
		seconds, err := strconv.ParseFloat(at, 64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s} %s\n", time.UnixMilli(int64(seconds*1000)).UTC().Format("01-02 15:04:05.999"), series, value)
	}
	return b.String()
}

func TestBackfill(t *testing.T) {
	const (
		ok       = "ftd_component_ok"
		failures = "ftd_component_failures_total"
		messages = "ftd_syslog_messages_total"
		failed   = " fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"
		works    = " fw1 : %FTD-1-735001: Cooling Fan 1: OK\n"
		built    = " fw1 : %FTD-6-302013: Built\n"
		fan      = `{component="fan",device="fw1",unit="1"} `
	)
	east := time.FixedZone("", 2*3600)
	for _, tc := range []struct {
		name     string
		window   time.Duration
		interval time.Duration
		refresh  time.Duration
		expiry   map[string]time.Duration
		modified time.Time // The epoch by default.
		logs     []string
		metric   string
		want     string
		summary  string // Late, no time, bad time, if any.
	}{
		{
			name:   "a change is sampled at its time",
			logs:   []string{"2026-03-17T12:00:07Z" + failed + "2026-03-17T12:00:40.25Z" + works},
			metric: ok,
			want: "03-17 12:00:07 " + fan + "0\n" +
				"03-17 12:00:40.25 " + fan + "1\n",
		},
		{
			name:   "two changes in one second are a millisecond apart",
			logs:   []string{"2026-03-17T12:00:07Z" + failed + "2026-03-17T12:00:07Z" + works},
			metric: ok,
			want: "03-17 12:00:07 " + fan + "0\n" +
				"03-17 12:00:07.001 " + fan + "1\n",
		},
		{
			name:   "a counter begins with 0",
			logs:   []string{"2026-03-17T12:00:07Z" + failed + "2026-03-17T12:00:40Z" + failed},
			metric: failures,
			want: "03-17 12:00:07 " + fan + "0\n" +
				"03-17 12:00:07.001 " + fan + "1\n" +
				"03-17 12:00:40 " + fan + "2\n",
		},
		{
			name:   "a counter is sampled an interval before it grows",
			logs:   []string{"2026-03-17T12:00:07Z" + failed + "2026-03-17T12:03:40Z" + failed},
			metric: failures,
			want: "03-17 12:00:07 " + fan + "0\n" +
				"03-17 12:00:07.001 " + fan + "1\n" +
				"03-17 12:02:40 " + fan + "1\n" +
				"03-17 12:03:40 " + fan + "2\n",
		},
		{
			name:     "messages are counted at full intervals and at the end",
			interval: 30 * time.Second,
			logs:     []string{"2026-03-17T12:00:07Z" + built + "2026-03-17T12:00:20Z" + built + "2026-03-17T12:00:30Z" + built + "2026-03-17T12:00:31Z" + built},
			metric:   messages,
			want: "03-17 12:00:07 {device=\"fw1\",severity=\"6\"} 0\n" +
				"03-17 12:00:30 {device=\"fw1\",severity=\"6\"} 3\n" +
				"03-17 12:00:31 {device=\"fw1\",severity=\"6\"} 4\n",
		},
		{
			name:   "silence is filled before Prometheus forgets",
			logs:   []string{"2026-03-17T12:00:07Z" + failed + "2026-03-17T12:10:30Z" + built},
			metric: ok,
			want: "03-17 12:00:07 " + fan + "0\n" +
				"03-17 12:04:00 " + fan + "0\n" +
				"03-17 12:08:00 " + fan + "0\n" +
				"03-17 12:10:30 " + fan + "0\n",
		},
		{
			name:     "silence is filled with a long interval too",
			interval: 3 * time.Minute,
			logs:     []string{"2026-03-17T12:00:00Z" + failed + "2026-03-17T12:07:00Z" + built},
			metric:   ok,
			want: "03-17 12:00:00 " + fan + "0\n" +
				"03-17 12:03:00 " + fan + "0\n" +
				"03-17 12:06:00 " + fan + "0\n" +
				"03-17 12:07:00 " + fan + "0\n",
		},
		{
			name:    "silence is filled more often",
			refresh: 2 * time.Minute,
			logs:    []string{"2026-03-17T12:00:00Z" + failed + "2026-03-17T12:05:00Z" + built},
			metric:  ok,
			want: "03-17 12:00:00 " + fan + "0\n" +
				"03-17 12:02:00 " + fan + "0\n" +
				"03-17 12:04:00 " + fan + "0\n" +
				"03-17 12:05:00 " + fan + "0\n",
		},
		{
			name:   "lines are put in order",
			window: time.Minute,
			logs:   []string{"2026-03-17T12:00:20Z" + works + "2026-03-17T12:00:10Z" + failed + "2026-03-17T12:00:30Z" + failed},
			metric: ok,
			want: "03-17 12:00:10 " + fan + "0\n" +
				"03-17 12:00:20 " + fan + "1\n" +
				"03-17 12:00:30 " + fan + "0\n",
		},
		{
			name:   "lines of one time keep their order",
			window: time.Minute,
			logs:   []string{"2026-03-17T12:00:20Z" + built + "2026-03-17T12:00:10Z" + failed + "2026-03-17T12:00:10Z" + works + "2026-03-17T12:00:10Z" + failed},
			metric: ok,
			want: "03-17 12:00:10 " + fan + "0\n" +
				"03-17 12:00:10.001 " + fan + "1\n" +
				"03-17 12:00:10.002 " + fan + "0\n" +
				"03-17 12:00:20 " + fan + "0\n",
		},
		{
			name:    "what comes too late is dropped",
			window:  10 * time.Second,
			logs:    []string{"2026-03-17T12:00:20Z" + works + "2026-03-17T12:00:09Z" + failed + "2026-03-17T12:00:10Z" + failed},
			metric:  ok,
			want:    "03-17 12:00:10 " + fan + "0\n" + "03-17 12:00:20 " + fan + "1\n",
			summary: "late 1",
		},
		{
			name:   "several logs are one stream",
			window: time.Minute,
			logs:   []string{"2026-03-17T12:00:20Z" + works, "2026-03-17T12:00:10Z" + failed},
			metric: ok,
			want:   "03-17 12:00:10 " + fan + "0\n" + "03-17 12:00:20 " + fan + "1\n",
		},
		{
			name:   "a line without a time has the time of the line before",
			logs:   []string{"2026-03-17T12:00:07Z" + built, failed},
			metric: ok,
			want:   "03-17 12:00:07 " + fan + "0\n",
		},
		{
			name:    "lines before the first time are dropped",
			logs:    []string{failed + "2026-03-17T12:00:07Z" + works},
			metric:  ok,
			want:    "03-17 12:00:07 " + fan + "1\n",
			summary: "no time 1",
		},
		{
			name:    "clocks that were never set, or run ahead",
			logs:    []string{"2026-03-17T12:00:07Z" + built + "Jan 01 1993 00:01:02" + failed + "2031-01-01T00:00:00Z" + works},
			metric:  ok,
			want:    "03-17 12:00:07 " + fan + "0\n" + "03-17 12:00:07.001 " + fan + "1\n",
			summary: "bad time 2",
		},
		{
			name:     "the year turns",
			modified: time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC),
			logs:     []string{"Dec 31 23:59:50" + failed + "Jan 01 00:00:10" + works},
			metric:   ok,
			want:     "12-31 23:59:50 " + fan + "0\n" + "01-01 00:00:10 " + fan + "1\n",
		},
		{
			name:     "a timestamp without a time zone is in the time zone of the log, also after one with",
			modified: epoch.In(east),
			logs:     []string{"Mar 17 13:00:00" + failed + "2026-03-17T11:00:10Z" + works + "Mar 17 13:00:20" + failed},
			metric:   ok,
			want: "03-17 11:00:00 " + fan + "0\n" +
				"03-17 11:00:10 " + fan + "1\n" +
				"03-17 11:00:20 " + fan + "0\n",
		},
		{
			name:   "names of messages for joins",
			logs:   []string{"2026-03-17T12:00:07Z" + failed},
			metric: "ftd_message_info",
			want:   `03-17 12:00:07 {family="environment",message_id="735002",severity="1",summary="Cooling fan failed"} 1` + "\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBackfillWith(t, tc.expiry, 0, BackfillOptions{Window: tc.window, Interval: tc.interval, Refresh: tc.refresh})
			modified := tc.modified
			if modified.IsZero() {
				modified = epoch
			}
			out := backfill(t, b, modified, tc.logs...)
			if got := history(t, out, tc.metric); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
			var summary []string
			for name, n := range map[string]int64{"late": b.Summary.Late, "no time": b.Summary.NoTime, "bad time": b.Summary.BadTime} {
				if n > 0 {
					summary = append(summary, fmt.Sprint(name, " ", n))
				}
			}
			if got := strings.Join(summary, ", "); got != tc.summary {
				t.Errorf("summary: got %q, want %q", got, tc.summary)
			}
		})
	}
}

// A log is at most a year old if its timestamps do not have years.
func TestBackfillYear(t *testing.T) {
	for _, tc := range []struct{ timestamp, modified, want string }{
		{"Mar 17 12:00:00", "2026-03-17T12:00:01Z", "2026"},
		{"Mar 17 12:00:00", "2026-03-17T11:59:00Z", "2026"}, // The device's clock is ahead.
		{"Mar 18 12:00:01", "2026-03-17T12:00:00Z", "2025"},
		{"Jan 02 00:00:01", "2025-12-31T23:59:59Z", "2025"},
		{"Dec 31 23:59:59", "2026-01-01T00:00:10Z", "2025"},
	} {
		t.Run(tc.timestamp+" in a log of "+tc.modified, func(t *testing.T) {
			modified, err := time.Parse(time.RFC3339, tc.modified)
			if err != nil {
				t.Fatal(err)
			}
			b := newBackfill(t, BackfillOptions{})
			backfill(t, b, modified, tc.timestamp+" fw1 : %FTD-6-302013: Built\n")
			if got := b.Summary.From.UTC().Format("2006"); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// However little memory there is, the samples are the same.
func TestBackfillLimits(t *testing.T) {
	var log strings.Builder
	for i := range 500 {
		fmt.Fprintf(&log, "%s fw%d : %%FTD-1-73500%d: Cooling Fan %d: %s\n", epoch.Add(time.Duration(i)*time.Minute).Format(time.RFC3339),
			i%3, 1+i/7%2, i%4, [2]string{"OK", "Failure Detected"}[i/7%2])
	}
	want := backfill(t, newBackfill(t, BackfillOptions{Window: time.Hour}), epoch, log.String())
	b := newBackfillWith(t, nil, 7, BackfillOptions{Window: time.Hour, MaxLineBytes: 1000})
	if got := backfill(t, b, epoch, log.String()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if b.Summary.Evicted == 0 || b.Summary.Late > 0 {
		t.Errorf("%d evicted, %d late", b.Summary.Evicted, b.Summary.Late)
	}
	if samples := int64(strings.Count(want, "\n") - 1 - strings.Count(want, "# HELP") - strings.Count(want, "# TYPE") - strings.Count(want, "# UNIT")); b.Summary.Samples != samples {
		t.Errorf("%d samples counted, %d written", b.Summary.Samples, samples)
	}
}

func TestBackfillFailures(t *testing.T) {
	c := newCatalog(t)
	for want, opts := range map[string]BackfillOptions{
		"interval 5m0s: must be from 1s to 4m0s": {Interval: 5 * time.Minute},
		"interval -1s: must be from 1s to 4m0s":  {Interval: -time.Second},
		"window -1s: must not be negative":       {Window: -time.Second},
		"max gap -1s: must not be negative":      {MaxGap: -time.Second},
		"refresh 30s: must be from 1m0s":         {Refresh: 30 * time.Second},
		"refresh 5m0s: must be from 1m0s":        {Refresh: 5 * time.Minute},
		"label unit: ftd_component_ok has":       {Labels: []samples.Label{{Name: "unit", Value: "1"}}},
	} {
		if _, err := NewBackfill(c, tables(c, nil), nil, opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := NewOpenMetrics("nowhere", 1); err == nil || !strings.Contains(err.Error(), "nowhere/ftd_exporter-backfill-") {
		t.Error(err)
	}
	fails := func(state.Options) (*state.Table, error) { return nil, io.ErrUnexpectedEOF }
	if _, err := NewBackfill(c, fails, nil, BackfillOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	for log, want := range map[string]string{
		"":                       "no line has both a time and the tag of a message",
		"%FTD-6-302013: Built\n": "no line has both a time and the tag of a message",
		"Jan 01 1993 00:00:10 fw1 : %FTD-6-302013: Built\n": "1 are from before 2000 or from the future",
	} {
		b := newBackfill(t, BackfillOptions{})
		if err := b.Read(t.Context(), strings.NewReader(log), epoch); err != nil {
			t.Fatal(err)
		}
		if err := b.Finish(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", log, err, want)
		}
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := newBackfill(t, BackfillOptions{})
		log := "2026-03-17T12:00:07Z fw1 : %FTD-6-302013: Built\n"
		if err := b.Read(ctx, strings.NewReader(log), epoch); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := b.Read(ctx, strings.NewReader(log), epoch); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := b.Finish(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// Prometheus reads seconds as a float, multiplies and cuts off.
func TestBackfillTimestamps(t *testing.T) {
	step := int64(time.Hour/time.Millisecond) + 1
	for ms := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(); ms < 1<<42; ms += step {
		text := appendTimestamp(nil, ms)
		seconds, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := int64(seconds * 1000); got != ms {
			t.Fatalf("%s is read as %d, not %d", text, got, ms)
		}
	}
}

func TestBackfillEscapes(t *testing.T) {
	b := newBackfill(t, BackfillOptions{DefaultDevice: `a"b\c`})
	out := backfill(t, b, epoch, "Mar 17 12:00:00: %FTD-6-302013: Built\n")
	if want := `ftd_device_last_message_timestamp_seconds{device="a\"b\\c"} 1.7737488e+09 1773748800` + "\n"; !strings.Contains(out, want) {
		t.Errorf("no %s in\n%s", want, out)
	}
}
