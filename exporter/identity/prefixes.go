package identity

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
)

// Prefixes is a set of networks in which the smallest network that contains an
// address is found in a few steps, however many networks there are. Identity,
// allow lists and lists of proxies all use it.
//
// An IPv4 address or network in IPv6 form (::ffff:192.0.2.1) is the same as in
// IPv4 form, and the zone of an address (fe80::1%eth0), which differs from host
// to host, does not count. An invalid address, which is what a sender without an
// address has, is in no network.
//
// It is immutable, so any number of goroutines may use it at a time. Nil is the
// empty set.
type Prefixes struct {
	networks []network // In order of their first address, a larger network before those in it.
}

type network struct {
	prefix netip.Prefix
	// around is the index of the smallest network that contains this one, or
	// -1. Two networks never overlap in part, so of all networks that begin at
	// or before an address, those that contain it are the last one or around it.
	around int
}

// NewPrefixes returns the set of the valid networks in list, which it does not
// keep.
func NewPrefixes(list []netip.Prefix) *Prefixes {
	all := make([]network, 0, len(list))
	for _, p := range list {
		if p = plainPrefix(p); p.IsValid() {
			all = append(all, network{p, -1})
		}
	}
	slices.SortFunc(all, func(a, b network) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	all = slices.CompactFunc(all, func(a, b network) bool { return a.prefix == b.prefix })
	for i := range all {
		around := i - 1
		for around >= 0 && !all[around].prefix.Contains(all[i].prefix.Addr()) {
			around = all[around].around
		}
		all[i].around = around
	}
	return &Prefixes{all}
}

// Len returns how many networks there are.
func (p *Prefixes) Len() int {
	if p == nil {
		return 0
	}
	return len(p.networks)
}

// Contains reports whether a is in one of the networks.
func (p *Prefixes) Contains(a netip.Addr) bool {
	_, ok := p.Lookup(a)
	return ok
}

// Lookup returns the smallest network that contains a, and whether there is
// one. The network is in IPv4 form if it can be, and masked.
func (p *Prefixes) Lookup(a netip.Addr) (netip.Prefix, bool) {
	if p == nil {
		return netip.Prefix{}, false
	}
	a = plainAddr(a)
	i := sort.Search(len(p.networks), func(i int) bool { return a.Less(p.networks[i].prefix.Addr()) }) - 1
	for ; i >= 0; i = p.networks[i].around {
		if p.networks[i].prefix.Contains(a) {
			return p.networks[i].prefix, true
		}
	}
	return netip.Prefix{}, false
}

// plainAddr returns an address in the form in which it is looked up.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// plainPrefix returns a network in the form in which it is looked up, or the
// zero Prefix if p is invalid.
func plainPrefix(p netip.Prefix) netip.Prefix {
	const mapped = 96 // Bits before the IPv4 address.
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p.Masked()
}

// prefixName returns an address as such and any other network with its length.
func prefixName(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// appendAddr appends the name of a sender without a host name: its address in the
// form in which it is looked up, even if it came through an IPv6 socket.
func appendAddr(dst []byte, a netip.Addr) []byte { return plainAddr(a).AppendTo(dst) }
