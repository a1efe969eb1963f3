package config

import (
	"slices"
	"testing"
	"time"
)

func TestTimezones(t *testing.T) {
	c := mustLoad(t, write(t, `
devices:
  - {name: a, timezone: Europe/Amsterdam}
  - {name: b, timezone: "+02:00"}
  - {name: c, timezone: "-0330"}
  - {name: d, timezone: +2:00}
  - {name: e, timezone: Europe/Amsterdam, labels: {site: ams}}
timezones:
  - {timezone: Asia/Tokyo, devices: ["tyo-*"]}
  - {timezone: "-8", labels: {site: ams}}
  - timezone: UTC
`))
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for i, want := range []int{7200, 7200, -12600, 7200, 7200} {
		if _, got := at.In(c.Devices[i].Timezone).Zone(); got != want {
			t.Errorf("%s: %d seconds, want %d", c.Devices[i].Name, got, want)
		}
	}
	for i, want := range []int{9 * 3600, -8 * 3600, 0} {
		if _, got := at.In(c.Timezones[i].Timezone).Zone(); got != want {
			t.Errorf("rule %d: %d seconds, want %d", i, got, want)
		}
	}
	if c.Devices[0].Timezone != c.Devices[4].Timezone {
		t.Error("a time zone is in memory twice")
	}
	if len(c.Ingest().Timezones) != 3 {
		t.Error("the pipeline does not get them")
	}
}

func TestTimezoneOfNoDevice(t *testing.T) {
	name := write(t, "timezones:\n  - timezone: UTC\n    labels: {site: ams, role: edge}\n")
	want := []string{name + ":2: timezones[0]: is for labels that no device of the inventory has: role: edge, site: ams; correct them here or there"}
	if got := mustLoad(t, name).Warnings(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
