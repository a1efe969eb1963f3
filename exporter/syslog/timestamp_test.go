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

// Whatever the form, the time is read, and so is the host after it.
func TestForms(t *testing.T) {
	const at = "2026-02-21T09:15:22"
	f := func(want string, timestamps ...string) {
		t.Helper()
		for _, timestamp := range timestamps {
			for _, format := range []string{"%s fw1 : ", "%s fw1: ", "<161>%s fw1 : ", "<161>%s\tfw1 ", "<161>*%s fw1 : ", "<161>Feb 20 2026 10:00:00 relay <161>%s fw1 : "} {
				p, h, r := parse(fmt.Sprintf(format, timestamp) + "%FTD-1-735004: x")
				if r != OK || string(h.Origin.Host()) != "fw1" {
					t.Errorf("%q in %q: %v, host %q", timestamp, format, r, h.Origin.Host())
					continue
				}
				got, zoned, ok := p.Time(h, ref)
				s := got.Format("2006-01-02T15:04:05.999")
				if zoned {
					s = got.UTC().Format("2006-01-02T15:04:05.999Z")
				}
				if !ok || s != want {
					t.Errorf("%q in %q: got %s, %v, want %s", timestamp, format, s, ok, want)
				}
			}
		}
	}
	// The hour has one digit.
	f(at, "Feb 21  9:15:22", "Feb 21 9:15:22", "Feb 21 2026 9:15:22", "Feb 21 2026  9:15:22", "2026 Feb 21 9:15:22", "2026-02-21 9:15:22", "2026-02-21  9:15:22")
	// The day comes first.
	f(at, "21 Feb 2026 09:15:22", "21 Feb 09:15:22", "21 Feb 9:15:22", "21-Feb-2026 09:15:22", "21/Feb/2026:09:15:22", "21 February 2026 09:15:22",
		"21 Feb, 2026 09:15:22", "21 FEB 2026 09:15:22", "21-feb-2026 9:15:22", "21.Feb.2026 09:15:22")
	f("2026-02-01T09:15:22", "1 Feb 2026 09:15:22", "01 Feb 2026 09:15:22", " 1 Feb 09:15:22")
	// Numbers.
	f(at, "02/21/2026 09:15:22", "2/21/2026 9:15:22", "21/02/2026 09:15:22", "21/2/2026 9:15:22", "2026/02/21 09:15:22", "2026/2/21 9:15:22", "21.02.2026 09:15:22",
		"21.2.2026 9:15:22", "02-21-2026 09:15:22", "02-21-2026\t09:15:22", "21-02-2026 09:15:22", "2026.02.21 09:15:22", "02/21/2026, 09:15:22", "02/21/2026T09:15:22",
		"2026-2-21 09:15:22", "2026-02-21\t09:15:22", "02/21/26 09:15:22", "21.02.26 09:15:22", "02.21.2026 09:15:22", "2026-Feb-21 09:15:22")
	// A clock of twelve hours.
	f(at, "Feb 21 2026 9:15:22 AM", "Feb 21 09:15:22 AM", "02/21/2026 9:15:22 AM", "02/21/2026 09:15:22AM", "2026-02-21 9:15:22 am", "21/02/2026 09:15:22 a.m.",
		"Feb 21, 2026 9:15:22 AM", "Feb 21, 2026, 9:15:22 AM", "Saturday, February 21, 2026 9:15:22 AM")
	f("2026-02-21T21:15:22", "Feb 21 2026 9:15:22 PM", "02/21/2026 9:15:22 PM", "Feb 21 2026 21:15:22 PM", "2/21/2026 09:15:22 p.m.", "2026-02-21 9:15:22PM")
	f("2026-02-21T00:15:22", "02/21/2026 12:15:22 AM")
	f("2026-02-21T12:15:22", "02/21/2026 12:15:22 PM")
	// Names of days, and a year at the end.
	f(at, "Sat Feb 21 09:15:22", "Sat Feb 21 09:15:22 2026", "Sat, 21 Feb 2026 09:15:22", "Sat Feb 21 2026 09:15:22", "Sat 21 Feb 2026 9:15:22")
	f("2019-02-21T09:15:22", "Thu Feb 21 09:15:22 2019")
	// Fractions and offsets.
	f(at+".123", "Feb 21 2026 9:15:22.123", "21/02/2026 09:15:22,123", "2026/02/21 09:15:22.123")
	f("2026-02-21T07:15:22Z", "2026/02/21 09:15:22+02:00", "21 Feb 2026 09:15:22+0200", "21/Feb/2026:09:15:22 +0200", "Sat, 21 Feb 2026 09:15:22 +0200", "02/21/2026 9:15:22 AM +02:00")
	f(at+"Z", "2026/02/21 09:15:22Z", "02/21/2026T09:15:22Z", "Feb 21 2026 09:15:22Z", "21 Feb 2026 09:15:22 UTC", "02/21/2026 9:15:22 AM UTC")
	// Brackets.
	f(at, "[Feb 21 2026 09:15:22]", "(Feb 21 09:15:22)", "[2026-02-21 9:15:22 AM]", "[ 21/02/2026 09:15:22 ]")
	f("2026-02-21T07:15:22Z", "[21/Feb/2026:09:15:22 +0200]", "[2026-02-21T09:15:22+02:00]", "(Feb 21 2026 09:15:22 EET)", "[2026-02-21 09:15:22 UTC+2]")
	// Which is the month is clear from the time of receipt, March 1.
	f("2026-03-02T09:15:22", "02/03/2026 09:15:22", "03/02/2026 09:15:22", "3-2-2026 09:15:22", "02.03.2026 09:15:22")
	f("2026-02-03T09:15:22", "03.02.2026 09:15:22")
}

// What only looks like a timestamp is left to the reader of hosts.
func TestNotTimestamps(t *testing.T) {
	for _, s := range []string{
		"21.02.2026.1 09:15:22", "10.1.2.3 09:15:22 x", "2026 02 21 09:15:22", "21 02 2026 09:15:22", "Feb-21 09:15:22 x", "21-Feb 09:15:22 x", "32/13/2026 09:15:22", "13/13/2026 09:15:22",
		"00/01/2026 09:15:22", "02/21/2026 24:15:22", "02/21/2026 9:5:22 x", "02/21/2026 019:15:22", "21/02/26 09:15:22", "26/02/21 09:15:22", "Feb 21 2026 9:15 PM xxx",
		"Febr 21 2026 09:15:22", "Sunny 21 Feb 09:15:22", "2026/02/021 09:15:22", "123 Feb 09:15:22 xx", "mar-fw1 21 09:15:22", "02/21-2026 09:15:22",
		"[Feb 21 09:15:22", "[Feb 21 09:15:22)", "[[Feb 21 09:15:22]]", "[Feb 21 09:15:22 fw1]", "[Feb 21 09:15:22]fw1",
	} {
		if got, n := cutTimestamp([]byte(s)); n > 0 {
			t.Errorf("%q: %+v", s, got)
		}
	}
}
