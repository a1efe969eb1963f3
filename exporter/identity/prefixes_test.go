package identity_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// prefixes parses networks; what does not parse is invalid.
func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, s := range all {
		p, _ := netip.ParsePrefix(s)
		list = append(list, p)
	}
	return list
}

func TestPrefixes(t *testing.T) {
	some := prefixes("192.0.2.0/24", "192.0.2.128/25", "192.0.2.200/32", "192.0.2.0/24", "198.51.100.7/32", "203.0.113.77/24",
		"fe80::/10", "2001:db8::/32", "2001:db8::/48", "::ffff:10.1.0.0/112", "", "::/0")
	for addr, want := range map[string]string{
		"192.0.2.0":          "192.0.2.0/24",
		"192.0.2.127":        "192.0.2.0/24",
		"192.0.2.128":        "192.0.2.128/25",
		"192.0.2.200":        "192.0.2.200/32",
		"192.0.2.201":        "192.0.2.128/25",
		"192.0.3.0":          "",
		"192.0.1.255":        "",
		"::ffff:192.0.2.1":   "192.0.2.0/24",
		"198.51.100.7":       "198.51.100.7/32",
		"198.51.100.8":       "",
		"203.0.113.1":        "203.0.113.0/24", // The bits of hosts do not count.
		"10.1.255.255":       "10.1.0.0/16",
		"fe80::1%eth0":       "fe80::/10",
		"2001:db8:0:ffff::1": "2001:db8::/48",
		"2001:db8:1::1":      "2001:db8::/32",
		"3000::":             "::/0",
		"0.0.0.0":            "",
		"255.255.255.255":    "",
		"":                   "",
	} {
		a, _ := netip.ParseAddr(addr)
		p := identity.NewPrefixes(some)
		got, ok := p.Lookup(a)
		if wanted := prefixes(want)[0]; got != wanted || ok != (want != "") || p.Contains(a) != ok {
			t.Errorf("%q: %v, %t; want %q", addr, got, ok, want)
		}
	}
	if n := identity.NewPrefixes(some).Len(); n != 10 {
		t.Errorf("%d networks, want 10", n)
	}
}

func TestEmptyPrefixes(t *testing.T) {
	for _, p := range []*identity.Prefixes{nil, {}, identity.NewPrefixes(nil)} {
		if p.Contains(netip.MustParseAddr("192.0.2.1")) || p.Contains(netip.Addr{}) || p.Len() != 0 {
			t.Errorf("%v contains something", p)
		}
	}
}

// The search finds what a look at every network finds.
func TestPrefixesAgainstAllNetworks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	// Few different bytes, so that networks nest and repeat.
	addr := func() netip.Addr {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.IntN(3) * 127)
		}
		if r.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte(b[:4]))
		}
		return netip.AddrFrom16(b)
	}
	for range 100 {
		var list []netip.Prefix
		for range r.IntN(60) {
			a := addr()
			list = append(list, netip.PrefixFrom(a, r.IntN(a.BitLen()+1)).Masked())
		}
		p := identity.NewPrefixes(list)
		for range 200 {
			a := addr()
			var want netip.Prefix
			for _, n := range list {
				if n.Contains(a) && (!want.IsValid() || n.Bits() > want.Bits()) {
					want = n
				}
			}
			if got, ok := p.Lookup(a); got != want || ok != want.IsValid() {
				t.Fatalf("%v in %v: %v, want %v", a, list, got, want)
			}
		}
	}
}

func BenchmarkPrefixes(b *testing.B) {
	for _, n := range []int{1, 10, 100, 10_000} {
		var list []netip.Prefix
		for i := range n {
			list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24))
		}
		p := identity.NewPrefixes(list)
		last := list[n-1].Addr()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !p.Contains(last) {
					b.Fatal("not contained")
				}
			}
		})
	}
}
