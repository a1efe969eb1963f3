package main

import (
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The committed log equals the output of this program.
func TestFleetLog(t *testing.T) {
	testutil.Golden(t, "../fleet.log", fleetLog(sampleDay()))
}

// All addresses are private or reserved for documentation.
func TestAddresses(t *testing.T) {
	var reserved []netip.Prefix
	for _, s := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32"} {
		reserved = append(reserved, netip.MustParsePrefix(s))
	}
	address := regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b|\b[0-9a-f]+(?::[0-9a-f]+)*::[0-9a-f]*`)
	found := 0
	for _, s := range address.FindAllString(string(fleetLog(sampleDay())), -1) {
		a, err := netip.ParseAddr(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		found++
		if !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) }) {
			t.Errorf("%s is a real address", s)
		}
	}
	if found < 1000 {
		t.Errorf("found only %d addresses", found)
	}
}
