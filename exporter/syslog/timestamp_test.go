package syslog

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMonths(t *testing.T) {
	for m := time.January; m <= time.December; m++ {
		name := m.String()[:3]
		want := fmt.Sprintf("-1 fw1 - 2026-%02d-09T15:50:47 | FTD - 1 735004 x1 \"x\"", m)
		for _, timestamp := range []string{name + " 09 2026 15:50:47 UTC", "2026 " + name + " 9 15:50:47 UTC"} {
			if got := describe(timestamp + " fw1 : %FTD-1-735004: x"); strings.Replace(got, " UTC ", " - ", 1) != want {
				t.Errorf("%s: got %s, want %s", timestamp, got, want)
			}
		}
	}
}

func TestYearIsTheNearest(t *testing.T) {
	f := func(timestamp, at, want string) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		p, h, _ := parse(timestamp + " fw1 : %FTD-1-735004: x")
		got, _, ok := p.Time(h, now)
		if s := got.Format(time.RFC3339); !ok || s != want {
			t.Errorf("%s at %s: got %s, %v, want %s", timestamp, at, s, ok, want)
		}
	}
	f("Dec 31 23:59:59", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z")
	f("Jan  1 00:00:01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z")
	f("Jan  1 00:00:01 CET", "2025-12-31T23:59:59Z", "2025-12-31T23:00:01Z")
	f("Jun 30 12:00:00", "2026-01-01T00:00:00Z", "2026-06-30T12:00:00Z")
	f("Jul 30 12:00:00", "2026-01-01T00:00:00Z", "2025-07-30T12:00:00Z")
	f("Feb 29 12:00:00", "2024-03-01T00:00:00Z", "2024-02-29T12:00:00Z")
	f("Feb 29 12:00:00", "2025-03-01T00:00:00Z", "2024-02-29T12:00:00Z")
	f("Feb 29 12:00:00", "2100-03-01T00:00:00Z", "2096-02-29T12:00:00Z")
}
