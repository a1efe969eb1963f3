package history

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

func TestReplay(t *testing.T) {
	const log = "2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n" +
		"2026-03-17T12:00:05Z fw1 : %FTD-1-735001: A fan of another time\n" +
		"2026-03-17T12:00:03Z fw1 : %FTD-6-000001: Nothing that is known\n" +
		"%FTD-1-735002: Cooling Fan 2: Failure Detected\n" +
		"\n" +
		"not a message\n"
	c := newCatalog(t)
	var clock Clock
	p, table := newPipeline(t, c, clock.Now)
	r := NewReplay(p, table, "nobody", &clock)
	for _, part := range strings.SplitAfter(log, "\n") { // Several logs are one.
		if err := r.Read(t.Context(), iotest.OneByteReader(strings.NewReader(part))); err != nil {
			t.Fatal(err)
		}
	}
	s := &r.Summary
	if got := [...]int64{s.Lines.Load(), s.Matched.Load(), s.Unmatched.Load(), s.Uncatalogued.Load(), s.Rejected[syslog.Empty].Load(), s.Rejected[syslog.NoTag].Load()}; got != [...]int64{6, 2, 1, 1, 1, 1} {
		t.Errorf("got %v", got)
	}
	// Time does not go back, and a line without a timestamp has the time of the
	// line before.
	if want := epoch.Add(5 * time.Second); !clock.Now().Equal(want) {
		t.Errorf("the time is %s, want %s", clock.Now(), want)
	}
	shows(t, text(t, table),
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
		`ftd_component_ok{component="fan",device="nobody",unit="2"} 0`,
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit="1"} 1.7737488e+09`,
		`ftd_device_last_message_timestamp_seconds{device="fw1"} 1.773748805e+09`,
		`ftd_device_last_message_timestamp_seconds{device="nobody"} 1.773748805e+09`,
	)
}

// The logs of two devices, one after the other, and devices in several time zones:
// each line has its own time, and capacity expires by the latest.
func TestReplayOfLogsOfDevices(t *testing.T) {
	var clock Clock
	p, table := newPipeline(t, newCatalog(t), clock.Now)
	r := NewReplay(p, table, "nobody", &clock)
	for _, log := range []string{
		"2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n2026-03-18T12:00:00Z fw1 : %FTD-6-302013: Built\n",
		"2026-03-17T12:00:05Z fw2 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n2026-03-17T12:00:04Z fw2 : %FTD-1-735002: Cooling Fan 2: Failure Detected\n",
	} {
		if err := r.Read(t.Context(), strings.NewReader(log)); err != nil {
			t.Fatal(err)
		}
	}
	if want := epoch.AddDate(0, 0, 1); !clock.Now().Equal(want) {
		t.Errorf("the time is %s, want %s", clock.Now(), want)
	}
	shows(t, text(t, table),
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit="1"} 1.7737488e+09`,
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw2",unit="1"} 1.773748805e+09`,
		`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw2",unit="2"} 1.773748805e+09`,
		`ftd_device_last_message_timestamp_seconds{device="fw2"} 1.773748805e+09`,
	)
}

// A timestamp in the far future is not believed; without a year, it is of the year
// before.
func TestClockIgnoresTheFuture(t *testing.T) {
	var clock Clock
	p, table := newPipeline(t, newCatalog(t), clock.Now)
	r := NewReplay(p, table, "nobody", &clock)
	read := func(timestamp string) {
		t.Helper()
		if err := r.Read(t.Context(), strings.NewReader(timestamp+" fw1 : %FTD-6-302013: Built\n")); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now().UTC()
	future := now.AddDate(0, 1, 0)
	read(future.Format("Jan 02 15:04:05"))
	if got := clock.Now(); got.After(now) || got.Before(now.AddDate(-1, 0, 0)) {
		t.Errorf("the time is %s", got)
	}
	read(now.Format(time.RFC3339))
	if got := clock.Now(); !got.Equal(now.Truncate(time.Second)) {
		t.Errorf("the time is %s", got)
	}
}

func TestReplayFailures(t *testing.T) {
	p, table := newPipeline(t, newCatalog(t), nil)
	r := NewReplay(p, table, "nobody", &Clock{})
	broken := io.MultiReader(strings.NewReader("fw1 : %FTD-6-302013: Built\nfw1 : %FTD-6-302013: Cut "), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := r.Read(t.Context(), broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if n := r.Summary.Lines.Load(); n != 1 || table.Stats().Devices != 1 {
		t.Errorf("%d lines", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Read(ctx, strings.NewReader("x\n")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
