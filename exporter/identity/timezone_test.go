package identity_test

import (
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

func TestTimezones(t *testing.T) {
	zone := func(name string) *time.Location { return time.FixedZone(name, 3600) }
	devices := []identity.Device{
		{Name: "own", Timezone: zone("own"), Labels: map[string]string{"site": "ams"}},
		{Name: "labeled", Labels: map[string]string{"site": "ams", "role": "edge"}},
		{Name: "nyc-1"},
		{Name: "other", Labels: map[string]string{"site": "lon"}},
	}
	rules := []identity.TimezoneRule{
		{Timezone: zone("both"), Devices: []string{"lab*"}, Labels: map[string]string{"site": "ams", "role": "core"}},
		{Timezone: zone("site"), Labels: map[string]string{"site": "ams"}},
		{Timezone: zone("names"), Devices: []string{"nyc-*", "*.us", "a*b*c", "exact"}},
	}
	for _, last := range []string{"", "rest"} {
		if last != "" {
			rules = append(rules, identity.TimezoneRule{Timezone: zone(last)})
		}
		z := identity.NewTimezones(devices, rules)
		for name, want := range map[string]string{
			"own": "own", "labeled": "site", "nyc-1": "names", "nyc-": "names", "nyc": last, "fw.us": "names", ".us": "names", "abc": "names", "axxbyyc": "names",
			"acb": last, "abcd": last, "ac": last, "exact": "names", "exact1": last, "other": last, "": last, "site": last,
		} {
			got := ""
			if l := z.Of([]byte(name)); l != nil {
				got = l.String()
			}
			if got != want {
				t.Errorf("%q: %q, want %q", name, got, want)
			}
		}
	}
	if l := identity.NewTimezones(nil, nil).Of([]byte("fw1")); l != nil {
		t.Error(l)
	}
}
