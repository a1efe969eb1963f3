package exporter

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// UnknownDevice is the name that all unknown senders share under
// [UnknownBucket], and that of a sender of which nothing at all is known.
const UnknownDevice = "unknown"

// An Identifier names the device that a message is from. It does not change,
// so any number of goroutines may use it at a time.
type Identifier struct {
	order        []IdentitySource
	strict       bool
	lowerCase    bool
	stripDomain  bool
	stripDomains []string // With the dot in front, in lower case, the longest first.
	unknown      UnknownPolicy
	unknownName  []byte

	devices []string
	names   map[string]known // By host as normalise returns it.
	addrs   networks[known]
	relays  networks[struct{}]
}

// known is what the inventory or an alias says about a sender.
type known struct {
	name   []byte
	device int // Index in the inventory, or -1 for an alias outside.
}

// A Sender is what a message tells about where it is from. What is not known
// is empty or zero.
type Sender struct {
	// DeviceID is the host in the device's own header, the inner one of two.
	DeviceID []byte
	// Host is the host in the header that a relay has put in front.
	Host []byte
	// Addr is the address that the message came from.
	Addr netip.Addr
	// ClientName is the name in the TLS client certificate.
	ClientName []byte
}

// NewIdentifier returns an Identifier for the inventory and the rules of c,
// which it does not keep.
func NewIdentifier(c *Config) *Identifier {
	return newIdentifier(c, func(any, string, known) {})
}

// newIdentifier is NewIdentifier. It calls taken for each name or address of c
// that has an owner already; where points to it in c.
func newIdentifier(c *Config, taken func(where any, name string, owner known)) *Identifier {
	id := &Identifier{
		order:       slices.Clone(c.Identity.Order),
		strict:      c.Identity.Strict,
		lowerCase:   c.Identity.LowerCase,
		stripDomain: c.Identity.StripDomain,
		unknown:     c.Identity.Unknown,
		unknownName: []byte(UnknownDevice),
		names:       map[string]known{},
	}
	for _, domain := range c.Identity.StripDomains {
		id.stripDomains = append(id.stripDomains, "."+strings.ToLower(domain))
	}
	slices.SortFunc(id.stripDomains, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, relay := range c.Identity.TrustedRelays {
		id.relays.add(relay, struct{}{})
	}
	addName := func(where any, host string, k known) {
		host = string(id.normalise(nil, []byte(host)))
		if owner, ok := id.names[host]; !ok {
			id.names[host] = k
		} else if owner.device != k.device || k.device < 0 {
			taken(where, host, owner)
		}
	}
	addNetwork := func(where any, p netip.Prefix, k known) {
		if owner, ok := id.addrs.values[p]; !ok {
			id.addrs.add(p, k)
		} else if owner.device != k.device || k.device < 0 {
			taken(where, networkName(p), owner)
		}
	}
	for i := range c.Devices {
		d := &c.Devices[i]
		if d.Name == "" { // A mistake that has been reported.
			continue
		}
		id.devices = append(id.devices, d.Name)
		k := known{[]byte(d.Name), i}
		addName(&d.Name, d.Name, k)
		for j := range d.Hosts {
			addName(&d.Hosts[j], d.Hosts[j], k)
		}
		for j, p := range d.Addresses {
			if !p.IsValid() {
				continue
			}
			addNetwork(&d.Addresses[j], p, k)
			if p.IsSingleIP() { // Devices can be told to send it as their host.
				if name := p.Addr().String(); id.names[name].name == nil {
					id.names[name] = k
				}
			}
		}
	}
	for _, before := range slices.Sorted(maps.Keys(c.Identity.Aliases)) {
		after := c.Identity.Aliases[before]
		k, ok := id.names[string(id.normalise(nil, []byte(after)))]
		if !ok {
			k = known{[]byte(after), -1}
		}
		entry := mapEntry{&c.Identity.Aliases, before}
		if a, err := netip.ParseAddr(before); err == nil {
			a = plainAddr(a)
			addNetwork(entry, netip.PrefixFrom(a, a.BitLen()), k)
			before = a.String()
		}
		addName(entry, before, k)
	}
	return id
}

// Devices returns the names of the inventory in its order. The caller must not
// modify them.
func (id *Identifier) Devices() []string { return id.devices }

// Name returns the name of the device that a message is from, or false if the
// message is to be rejected because its sender is unknown.
//
// What the inventory or an alias knows comes first: the sources are asked in
// their order, and the first that names a known device wins. Only if none does
// it is for [UnknownPolicy], and if that accepts, the first source that says
// anything at all is the name.
//
// Hosts are looked up, and become names, after normalisation. They count only
// if they are believed (see [IdentityConfig]). A trusted relay's own address
// counts only in a message without any host.
//
// The name may alias s or id and must not be modified, or it is in the space
// behind dst, which Name uses as scratch. If that has room for 255 bytes,
// nothing is allocated.
func (id *Identifier) Name(dst []byte, s *Sender) (name []byte, ok bool) {
	addr := plainAddr(s.Addr)
	_, relay := id.relays.lookup(addr)
	relayed := relay && len(s.DeviceID)+len(s.Host) > 0
	if len(id.names) > 0 {
		for _, source := range id.order {
			if source == SourceAddress {
				if k, ok := id.addrs.lookup(addr); ok && !relayed {
					return k.name, true
				}
				continue
			}
			k, ok := id.names[string(id.normalise(dst, s.host(source)))]
			if ok && (id.believes(source, relay) || id.sendsFrom(k.device, addr)) {
				return k.name, true
			}
		}
	}
	switch id.unknown {
	case UnknownReject:
		return nil, false
	case UnknownBucket:
		return id.unknownName, true
	}
	for _, source := range id.order {
		if source == SourceAddress {
			if addr.IsValid() {
				return appendAddr(dst, s.Addr)[len(dst):], true
			}
		} else if host := id.normalise(dst, s.host(source)); len(host) > 0 && id.believes(source, relay) {
			return host, true
		}
	}
	return id.unknownName, true
}

// host returns the host that a source gives, or nil if it is none.
func (s *Sender) host(source IdentitySource) []byte {
	var host []byte
	switch source {
	case SourceDeviceID:
		host = s.DeviceID
	case SourceHost:
		host = s.Host
	case SourceClientName:
		host = s.ClientName
	}
	if len(host) > maxHostLength {
		return nil
	}
	return host
}

// believes reports whether a host is believed whatever device it names. A
// client name is proved by the certificate.
func (id *Identifier) believes(source IdentitySource, relay bool) bool {
	return !id.strict || relay || source == SourceClientName
}

// sendsFrom reports whether the inventory says that the device sends from a.
func (id *Identifier) sendsFrom(device int, a netip.Addr) bool {
	k, ok := id.addrs.lookup(a)
	return ok && device >= 0 && k.device == device
}

// normalise returns host as the configuration wants it: without domain, in
// lower case. The result aliases host, or is in the space behind dst.
func (id *Identifier) normalise(dst, host []byte) []byte {
	host = id.strip(host)
	if !id.lowerCase {
		return host
	}
	for i, c := range host {
		if 'A' <= c && c <= 'Z' {
			dst = append(dst, host...)
			host = dst[len(dst)-len(host):]
			for ; i < len(host); i++ {
				host[i] = lowerASCII(host[i])
			}
			break
		}
	}
	return host
}

// strip removes the domain that the configuration wants to be removed. An
// address has none.
func (id *Identifier) strip(host []byte) []byte {
	for _, domain := range id.stripDomains {
		if n := len(host) - len(domain); n > 0 && equalFold(host[n:], domain) {
			return host[:n]
		}
	}
	if !id.stripDomain {
		return host
	}
	dot, numeric := 0, true
	for i, c := range host {
		switch {
		case c == ':':
			return host
		case c == '.':
			if dot == 0 {
				dot = i
			}
		case c < '0' || '9' < c:
			numeric = false
		}
	}
	if numeric || dot == 0 {
		return host
	}
	return host[:dot]
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// equalFold compares a host to a text in lower case.
func equalFold(host []byte, lower string) bool {
	for i, c := range host {
		if lowerASCII(c) != lower[i] {
			return false
		}
	}
	return len(host) == len(lower)
}

// plainAddr returns an address in the form in which it is looked up: IPv4 as
// IPv4, and without the zone of a link, which differs from host to host.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// networkName returns an address as such and any other network with its length.
func networkName(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// networks maps networks to values. A lookup costs one step for each length of
// prefix that occurs, however many networks there are.
type networks[V any] struct {
	values  map[netip.Prefix]V
	lengths [2][]int // IPv4 and IPv6, the longest first.
}

func (n *networks[V]) add(p netip.Prefix, v V) {
	if n.values == nil {
		n.values = map[netip.Prefix]V{}
	}
	n.values[p] = v
	lengths := n.ofFamily(p.Addr())
	if i, ok := slices.BinarySearchFunc(*lengths, p.Bits(), func(a, b int) int { return cmp.Compare(b, a) }); !ok {
		*lengths = slices.Insert(*lengths, i, p.Bits())
	}
}

// lookup returns the value of the smallest network that contains a.
func (n *networks[V]) lookup(a netip.Addr) (v V, ok bool) {
	if !a.IsValid() {
		return v, false
	}
	for _, bits := range *n.ofFamily(a) {
		p, err := a.Prefix(bits)
		if err != nil {
			continue
		}
		if v, ok = n.values[p]; ok {
			return v, true
		}
	}
	return v, false
}

func (n *networks[V]) ofFamily(a netip.Addr) *[]int {
	if a.Is4() {
		return &n.lengths[0]
	}
	return &n.lengths[1]
}
