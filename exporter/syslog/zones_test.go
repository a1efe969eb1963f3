package syslog

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// Each time zone of the table has the offset that its abbreviation stands for in
// a place that uses it. The places are of the IANA database, which also has in
// which month the abbreviation is in use.
func TestZones(t *testing.T) {
	for _, zone := range []struct {
		name  string
		hours float64
		place string // Empty if no place uses the abbreviation any more, or on its own.
	}{
		{"UTC", 0, "Etc/UTC"},
		{"GMT", 0, "Europe/London"},
		{"WET", 0, "Europe/Lisbon"},
		{"WEST", 1, "Europe/Lisbon"},
		{"CET", 1, "Europe/Berlin"},
		{"CEST", 2, "Europe/Berlin"},
		{"EET", 2, "Europe/Helsinki"},
		{"EEST", 3, "Europe/Helsinki"},
		{"SAST", 2, "Africa/Johannesburg"},
		{"MSK", 3, "Europe/Moscow"},
		{"MSD", 4, ""}, // Summer in Moscow, up to 2010.
		{"HKT", 8, "Asia/Hong_Kong"},
		{"SGT", 8, ""}, // Singapore, for which the database has a number only.
		{"AWST", 8, "Australia/Perth"},
		{"JST", 9, "Asia/Tokyo"},
		{"KST", 9, "Asia/Seoul"},
		{"ACST", 9.5, "Australia/Adelaide"},
		{"ACDT", 10.5, "Australia/Adelaide"},
		{"AEST", 10, "Australia/Sydney"},
		{"AEDT", 11, "Australia/Sydney"},
		{"NZST", 12, "Pacific/Auckland"},
		{"NZDT", 13, "Pacific/Auckland"},
		{"BRT", -3, ""}, // Brasília, for which the database has a number only.
		{"EST", -5, "America/New_York"},
		{"EDT", -4, "America/New_York"},
		{"CDT", -5, "America/Chicago"},
		{"MST", -7, "America/Denver"},
		{"MDT", -6, "America/Denver"},
		{"PST", -8, "America/Los_Angeles"},
		{"PDT", -7, "America/Los_Angeles"},
		{"AKST", -9, "America/Anchorage"},
		{"AKDT", -8, "America/Anchorage"},
		{"HST", -10, "Pacific/Honolulu"},
	} {
		want := int(zone.hours * 3600)
		if zone.place != "" {
			loc, err := time.LoadLocation(zone.place)
			if err != nil {
				t.Fatal(err)
			}
			used := false
			for m := time.January; m <= time.December; m++ {
				if name, offset := time.Date(2026, m, 15, 12, 0, 0, 0, loc).Zone(); name == zone.name {
					if used = true; offset != want {
						t.Errorf("%s is %d s east of UTC in %s, not %d", name, offset, zone.place, want)
					}
				}
			}
			if !used {
				t.Errorf("%s is not used in %s", zone.name, zone.place)
			}
		}
		if offset, c := zoneOf([]byte(zone.name)); c != exact || int(offset) != want {
			t.Errorf("%s: %d, %d, want %d", zone.name, offset, c, want)
		}
		if got, want := describe("Jan 30 12:00:00 "+zone.name+" fw1 : %FTD-1-735004: x"),
			"-1 fw1 "+zone.name+" "+time.Date(2026, 1, 30, 12, 0, -want, 0, time.UTC).Format("2006-01-02T15:04:05")+` | FTD - 1 735004 x1 "x"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// These are time zones, but of several places.
func TestAmbiguousZones(t *testing.T) {
	for _, name := range []string{"CST", "IST", "BST", "AST", "ADT", "GST", "SST", "NST", "NDT", "MSK/MSD", "CET/CEST"} {
		if offset, c := zoneOf([]byte(name)); c != ambiguous || offset != 0 {
			t.Errorf("%s: %d, %d", name, offset, c)
		}
	}
}

func TestNumericZones(t *testing.T) {
	for name, want := range map[string]int32{
		"UTC+3": 3 * 3600, "UTC-3": -3 * 3600, "GMT+03": 3 * 3600, "GMT-0330": -(3*3600 + 30*60), "UTC+5:45": 5*3600 + 45*60, "UTC+13:00": 13 * 3600,
		"UTC+15": 15 * 3600,
	} {
		if offset, c := zoneOf([]byte(name)); c != exact || offset != want {
			t.Errorf("%s: %d, %d, want %d", name, offset, c, want)
		}
	}
	for _, name := range []string{"", "UT", "utc", "Utc", "UTCX", "UTC+", "UTC+x", "UTC+16", "UTC+3:60", "UTC+3:5", "EST-FW1", "EDGE", "FW1", "XYZ", "ABC/", "/ABC", "AB/CD", "ABC/ABCDEF"} {
		if offset, c := zoneOf([]byte(name)); c != noZone || offset != 0 {
			t.Errorf("%s: %d, %d", name, offset, c)
		}
	}
}
