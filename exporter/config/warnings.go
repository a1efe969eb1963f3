package config

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"path"
	"slices"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
)

// maxAlike is how many warnings of one kind there are at most. A mistake in one
// network can be one for thousands of devices.
const maxAlike = 10

// warnSome warns of values, of which there may be many, in the same words.
func warnSome[T any](all []T, warn func(value T, more string)) {
	for i, value := range all {
		more := ""
		if i == maxAlike-1 && len(all) > maxAlike {
			more = fmt.Sprintf("; and so on, %d more", len(all)-maxAlike)
		}
		if i < maxAlike {
			warn(value, more)
		}
	}
}

// warnListeners warns of listeners that cannot be open at the same time on most
// systems, because one has the address of the other, or all addresses.
func (c *checker) warnListeners() {
	all := c.config.Listeners
	for i := range all {
		a, err := listener.ParseAddress(all[i].Address)
		if err != nil {
			continue // It has been reported.
		}
		for j := range i {
			b, err := listener.ParseAddress(all[j].Address)
			if err == nil && all[i].Address != all[j].Address && overlap(a, b) {
				c.warn(&all[i].Address, "%q is where %q receives (line %d), and most systems open only one of them; remove one, or choose another port", all[i].Address, all[j].Address, c.line(&all[j].Address))
				break
			}
		}
	}
}

// overlap reports whether two listeners would receive the same.
func overlap(a, b listener.Address) bool {
	if a.Scheme == listener.Unixgram || b.Scheme == listener.Unixgram {
		return a.Scheme == b.Scheme && path.Clean(a.Target) == path.Clean(b.Target)
	}
	if a.Scheme.Stream() != b.Scheme.Stream() {
		return false
	}
	hostA, portA, errA := net.SplitHostPort(a.Target)
	hostB, portB, errB := net.SplitHostPort(b.Target)
	if errA != nil || errB != nil {
		return false
	}
	network := "udp"
	if a.Scheme.Stream() {
		network = "tcp"
	}
	numberA, errA := net.LookupPort(network, portA)
	numberB, errB := net.LookupPort(network, portB)
	if errA != nil || errB != nil || numberA != numberB || numberA == 0 {
		return false
	}
	addrA, errA := netip.ParseAddr(hostA)
	addrB, errB := netip.ParseAddr(hostB)
	switch {
	case hostA == "", hostB == "", hostA == hostB:
		return true
	case errA != nil || errB != nil: // A name.
		return errA == nil && addrA.Unmap().IsUnspecified() || errB == nil && addrB.Unmap().IsUnspecified()
	}
	// An unspecified IPv4 address stands for IPv6 as well.
	return addrA.Unmap().IsUnspecified() || addrB.Unmap().IsUnspecified() || addrA.Unmap() == addrB.Unmap()
}

// An outsider is an address from which no listener receives.
type outsider struct {
	where  any
	prefix netip.Prefix
}

// warnAllow warns of addresses of the inventory, and of relays, from which no
// listener receives. If there is a relay, or a socket for one, devices may send
// through it, and their addresses need not be allowed.
func (c *checker) warnAllow() {
	var lists [][]netip.Prefix
	for i := range c.config.Listeners {
		l := &c.config.Listeners[i]
		if a, err := listener.ParseAddress(l.Address); err != nil || a.Scheme == listener.Unixgram || len(l.Allow) == 0 {
			return
		}
		lists = append(lists, l.Allow)
	}
	if lists == nil {
		return
	}
	allowed := slices.Concat(lists...)
	outside := func(p netip.Prefix) bool {
		return p.IsValid() && !slices.ContainsFunc(allowed, func(a netip.Prefix) bool { return a.IsValid() && a.Overlaps(p) })
	}
	id, relayed := &c.config.Identity, false
	for i := range id.TrustedRelays {
		if p := id.TrustedRelays[i]; outside(p) {
			c.warn(&id.TrustedRelays[i], "no listener allows %s, so that nothing from this relay is received; add it to allow of a listener", c.text(&id.TrustedRelays[i]))
		} else {
			relayed = true
		}
	}
	if relayed {
		return
	}
	var outsiders []outsider
	for i := range c.config.Devices {
		addresses := c.config.Devices[i].Addresses
		for j, p := range addresses {
			if outside(p) {
				outsiders = append(outsiders, outsider{&addresses[j], p})
			}
		}
	}
	warnSome(outsiders, func(o outsider, more string) {
		c.warn(o.where, "no listener allows %s, so that nothing from there is received; add it to allow of a listener, or the relay that it sends through to identity.trusted_relays%s", c.text(o.where), more)
	})
}

// warnRelays warns of devices of the inventory that are relays: a relay's address
// names a device only in messages without a host name.
func (c *checker) warnRelays() {
	id := &c.config.Identity
	type relayed struct {
		where any
		name  string
		relay *netip.Prefix
	}
	var all []relayed
	add := func(where any, name string, p netip.Prefix) {
		for i := range id.TrustedRelays {
			if r := &id.TrustedRelays[i]; p.IsValid() && r.IsValid() && r.Bits() <= p.Bits() && r.Contains(p.Addr()) {
				all = append(all, relayed{where, name, r})
				return
			}
		}
	}
	addHost := func(where any, name, host string) {
		if a, err := netip.ParseAddr(host); err == nil {
			a = a.Unmap().WithZone("")
			add(where, name, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	for i := range c.config.Devices {
		d := &c.config.Devices[i]
		addHost(&d.Name, d.Name, d.Name)
		for j, p := range d.Addresses {
			add(&d.Addresses[j], d.Name, p)
		}
		for j, host := range d.Hosts {
			addHost(&d.Hosts[j], d.Name, host)
		}
	}
	for _, alias := range slices.Sorted(maps.Keys(id.Aliases)) {
		addHost(mapKey{&id.Aliases, alias}, id.Aliases[alias], alias)
	}
	warnSome(all, func(r relayed, more string) {
		c.warn(r.where, "%s is a trusted relay (%s), so that it names %q only in messages without a host name; remove it here or there%s", c.text(r.where), c.place(r.relay, r.where), r.name, more)
	})
}

// warnIgnored warns of ignored messages with the severity of alerts, above all those
// about hardware: nobody would see the failure.
func (c *checker) warnIgnored() {
	entries := catalog.Messages()
	for i, id := range c.config.Messages.Ignore {
		j := slices.IndexFunc(entries, func(e catalog.Entry) bool { return e.ID == id && e.Severity <= 1 })
		if j >= 0 {
			c.warn(&c.config.Messages.Ignore[i], "%s is the alert %q, which no metric shows if it is ignored; remove it", id, entries[j].Summary)
		}
	}
}
