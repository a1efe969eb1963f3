// Package identity turns what is known about the sender of a message into the
// name of a device, by an inventory and the rules of a configuration. There is
// one [Identifier] for all ways into the exporter: sockets, partitions and files.
//
// It imports the standard library only. Package ingest calls it for each sender
// that it does not remember, package config to find names that two devices have.
package identity

import (
	"cmp"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// A Sender is what is known about where a message is from. What is not known is
// empty, nil or zero.
//
// A line of a log does not have an address that could be checked. It counts as if
// it had come through a trusted relay, the collector that wrote the log. Such a
// Sender has a Default, which is not nil, and for it
//
//   - the sources [SourceDeviceID] and [SourceHost] are trusted in spite of
//     [Config.Strict]; inventory, aliases, lower case and domains apply to them,
//   - the sources [SourceClientName] and [SourceAddress] yield nothing,
//   - [UnknownPolicy] applies to a name that is unknown, as for other senders,
//   - if no source in [Config.Order] yields a name, the name is Default as it is,
//     whatever the policy. An empty Default yields nothing either.
type Sender struct {
	// DeviceID is the host in the device's own header, the inner one of two.
	DeviceID []byte
	// Ruled means that one of [Config.HeaderNames] has found DeviceID.
	Ruled bool
	// Host is the host in the header that a relay has put in front.
	Host []byte
	// Others are words of the header that might be the device's name. Each counts
	// only if it is known.
	Others [][]byte
	// Addr is the address that the message came from. It is invalid for Unix
	// sockets and logs.
	Addr netip.Addr
	// ClientName is the name in the TLS client certificate.
	ClientName []byte
	// Default is the name of the device if the line of a log does not yield
	// one. It is nil if the message is not from a log.
	Default []byte
}

// fromLog reports whether the message is a line of a log.
func (s *Sender) fromLog() bool { return s.Default != nil }

// relayed reports whether the message names a host other than the trusted relay
// that it came through, if it did: then the relay's address is not the sender's.
func (s *Sender) relayed(relay bool) bool { return relay && len(s.DeviceID)+len(s.Host) > 0 }

// host returns the host that a source yields, or nil if it does not yield one.
func (s *Sender) host(source Source) []byte {
	var host []byte
	switch source {
	case SourceDeviceID:
		host = s.DeviceID
	case SourceHost:
		host = s.Host
	case SourceClientName:
		if !s.fromLog() {
			host = s.ClientName
		}
	}
	if len(host) > MaxHost {
		return nil
	}
	return host
}

// An Identifier names the device that a message is from. It is immutable, so any
// number of goroutines may use it at a time.
type Identifier struct {
	order        []Source
	strict       bool
	lowerCase    bool
	stripDomain  bool
	stripDomains []string // With the dot in front, in lower case, the longest first.
	unknown      UnknownPolicy
	unknownName  []byte

	devices   []string
	inventory map[string]struct{} // The same.
	hosts     map[string]owner    // By host as normalize returns it.
	prefixes  map[netip.Prefix]owner
	networks  *Prefixes // The keys of prefixes.
	relays    *Prefixes
}

// An owner is the device that a host or an address belongs to.
type owner struct {
	name   []byte
	device int // Index in the inventory, or -1 for an alias outside.
}

// An AliasName identifies an entry of [Config.Aliases] by its key.
type AliasName string

// New returns an Identifier for the rules and the inventory. It does not keep
// them. A device without a name is left out.
//
// A name or address that two devices have belongs to the first. If conflict is
// not nil, New calls it for the second: where is a pointer to the name, host or
// address in devices, or an [AliasName]; name is the same in the form in which it
// is looked up; owner is the name of the first device, which is in the inventory
// or is what an alias stands for.
func New(c *Config, devices []Device, conflict func(where any, name, owner string)) *Identifier {
	id := &Identifier{
		order:       slices.Clone(c.Order),
		strict:      c.Strict,
		lowerCase:   c.LowerCase,
		stripDomain: c.StripDomain,
		unknown:     c.Unknown,
		unknownName: []byte(UnknownDevice),
		inventory:   map[string]struct{}{},
		hosts:       map[string]owner{},
		prefixes:    map[netip.Prefix]owner{},
		relays:      NewPrefixes(c.TrustedRelays),
	}
	if len(id.order) == 0 {
		id.order = Sources()
	}
	for _, domain := range c.StripDomains {
		id.stripDomains = append(id.stripDomains, "."+strings.TrimSuffix(strings.ToLower(domain), "."))
	}
	slices.SortFunc(id.stripDomains, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	if conflict == nil {
		conflict = func(any, string, string) {}
	}
	id.addDevices(devices, conflict)
	id.addAliases(c.Aliases, conflict)
	id.networks = NewPrefixes(slices.Collect(maps.Keys(id.prefixes)))
	return id
}

func (id *Identifier) addDevices(devices []Device, conflict func(where any, name, owner string)) {
	for i := range devices {
		d := &devices[i]
		if d.Name == "" {
			continue
		}
		id.devices = append(id.devices, d.Name)
		id.inventory[d.Name] = struct{}{}
		o := owner{[]byte(d.Name), i}
		id.addHost(&d.Name, d.Name, o, conflict)
		for j := range d.Hosts {
			id.addHost(&d.Hosts[j], d.Hosts[j], o, conflict)
		}
		for j, p := range d.Addresses {
			if p = plainPrefix(p); !p.IsValid() {
				continue
			}
			id.addPrefix(&d.Addresses[j], p, o, conflict)
			if p.IsSingleIP() { // Devices can be configured to send it as their host.
				if name := p.Addr().String(); id.hosts[name].name == nil {
					id.hosts[name] = o
				}
			}
		}
	}
}

// addAliases must be called after addDevices: an alias of a device is the
// device.
func (id *Identifier) addAliases(aliases map[string]string, conflict func(where any, name, owner string)) {
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		name := aliases[alias]
		o, ok := id.hosts[id.normalizeString(name)]
		if !ok {
			o = owner{[]byte(name), -1}
		}
		where, host := AliasName(alias), alias
		if a, ok := parseAddr(trimPort([]byte(alias))); ok {
			id.addPrefix(where, netip.PrefixFrom(a, a.BitLen()), o, conflict)
			host = a.String()
		}
		id.addHost(where, host, o, conflict)
	}
}

func (id *Identifier) addHost(where any, host string, o owner, conflict func(where any, name, owner string)) {
	host = id.normalizeString(host)
	if host == "" {
		return
	}
	if first, ok := id.hosts[host]; !ok {
		id.hosts[host] = o
	} else if first.device != o.device || o.device < 0 {
		conflict(where, host, string(first.name))
	}
}

func (id *Identifier) addPrefix(where any, p netip.Prefix, o owner, conflict func(where any, name, owner string)) {
	if first, ok := id.prefixes[p]; !ok {
		id.prefixes[p] = o
	} else if first.device != o.device || o.device < 0 {
		conflict(where, prefixName(p), string(first.name))
	}
}

// Devices returns the names of the inventory in its order. The caller must not
// modify them.
func (id *Identifier) Devices() []string { return id.devices }

// Has reports whether the inventory has a device with this name.
func (id *Identifier) Has(name string) bool {
	_, ok := id.inventory[name]
	return ok
}

// Renames yields the names that the inventory and the aliases replace, sorted, and
// the present name for each: a sender that had the first one before has the second
// one now. A network of more than one address replaces none.
func (id *Identifier) Renames() iter.Seq2[string, string] {
	return func(yield func(former, present string) bool) {
		for _, host := range slices.Sorted(maps.Keys(id.hosts)) {
			if name := string(id.hosts[host].name); name != host && !yield(host, name) {
				return
			}
		}
	}
}

// Owns reports whether the inventory gives the address, or a network that contains
// it, to the device with this name.
func (id *Identifier) Owns(name []byte, a netip.Addr) bool {
	o, ok := id.ownerOf(a)
	return ok && string(o.name) == string(name)
}

// IsRelay reports whether a is the address of a trusted relay.
func (id *Identifier) IsRelay(a netip.Addr) bool { return id.relays.Contains(a) }

// Name returns the name of the device that a message is from, or false if the
// message is to be rejected because its sender is unknown.
//
// The inventory and the aliases come first: the sources are asked in their
// order, and the first that yields a known device wins; after them [Sender.Others].
// Only if none does, [UnknownPolicy] applies, and if it accepts, the name is the first
// that any source yields, and the address of a trusted relay only if nothing else is.
//
// Hosts are looked up, and become names, after normalization. They count only if
// they are trusted (see [Config.Strict]). A trusted relay's own address counts
// only in a message without any host. For lines of logs, see [Sender].
//
// The name may alias s or id and must not be modified, or it is in the space
// behind dst, which Name uses as scratch. If that has room for [MaxHost] bytes,
// nothing is allocated, but for an IPv6 address.
func (id *Identifier) Name(dst []byte, s *Sender) (name []byte, ok bool) {
	name, _, ok = id.choose(dst, s)
	return name, ok
}

// A choice is what a name was chosen from: a source, the other word with an index, or
// nothing.
type choice struct {
	source Source
	other  int
	known  bool
}

// choose is Name, and returns where the name is from.
func (id *Identifier) choose(dst []byte, s *Sender) (name []byte, c choice, ok bool) {
	var addr netip.Addr
	if !s.fromLog() {
		addr = s.Addr
	}
	relay := s.fromLog() || id.relays.Contains(addr)
	if o, c, ok := id.known(dst, s, addr, relay); ok {
		return o.name, c, true
	}
	host, c := id.first(dst, s, addr, relay)
	switch {
	case len(host) == 0 && len(s.Default) > 0:
		return s.Default, choice{source: sourceDefault}, true
	case id.unknown == UnknownReject:
		return nil, choice{}, false
	case id.unknown == UnknownShared, len(host) == 0:
		return id.unknownName, choice{}, true
	}
	return host, c, true
}

// known returns the device of the inventory, or of an alias, that is named by the
// first source to name one. Addr is where the message came from; relay means that
// this is a trusted relay.
func (id *Identifier) known(dst []byte, s *Sender, addr netip.Addr, relay bool) (o owner, c choice, ok bool) {
	if len(id.hosts) == 0 { // Then there are no addresses either.
		return o, c, false
	}
	header := false // Whether names in headers count.
	for _, source := range id.order {
		c = choice{source: source, known: true}
		if source == SourceAddress {
			if o, ok = id.ownerOf(addr); ok && !s.relayed(relay) {
				return o, c, true
			}
			continue
		}
		header = header || source == SourceDeviceID || source == SourceHost
		if o, ok = id.knownHost(dst, s.host(source), source, addr, relay); ok {
			return o, c, true
		}
	}
	for i, other := range s.Others {
		if o, ok = id.knownHost(dst, other, sourceOther, addr, relay); ok && header {
			return o, choice{sourceOther, i, true}, true
		}
	}
	return owner{}, choice{}, false
}

// knownHost returns the device that a host from a source names, if it is known and
// the host is trusted.
func (id *Identifier) knownHost(dst, host []byte, source Source, addr netip.Addr, relay bool) (o owner, ok bool) {
	o, ok = id.lookup(id.normalize(dst, host))
	return o, ok && (id.trusts(source, relay) || id.ownsAddress(o.device, addr))
}

// lookup returns the owner of a normalized host. An address also belongs to the
// owner of the network that contains it, unless it is that of a trusted relay.
func (id *Identifier) lookup(host []byte) (o owner, ok bool) {
	if o, ok = id.hosts[string(host)]; ok {
		return o, true
	}
	if a, isAddr := parseAddr(host); isAddr && !id.relays.Contains(a) {
		return id.ownerOf(a)
	}
	return owner{}, false
}

// first returns the first name that a source yields, or nothing.
func (id *Identifier) first(dst []byte, s *Sender, addr netip.Addr, relay bool) (name []byte, c choice) {
	var ofRelay choice
	for _, source := range id.order {
		if source == SourceAddress {
			if addr.IsValid() && !s.relayed(relay) {
				return appendAddr(dst, addr)[len(dst):], choice{source: source}
			}
			continue
		}
		host := id.normalize(dst, s.host(source))
		switch {
		case len(host) == 0 || !id.trusts(source, relay):
		case id.isRelayHost(host):
			if ofRelay.source == "" {
				ofRelay.source = source
			}
		default:
			return host, choice{source: source}
		}
	}
	if ofRelay.source == "" {
		return nil, choice{}
	}
	return id.normalize(dst, s.host(ofRelay.source)), ofRelay
}

// isRelayHost reports whether a host is the address of a trusted relay.
func (id *Identifier) isRelayHost(host []byte) bool {
	if id.relays.Len() == 0 {
		return false
	}
	a, ok := parseAddr(host)
	return ok && id.relays.Contains(a)
}

// trusts reports whether a host is trusted whatever device it names. A client
// name is proved by the certificate.
func (id *Identifier) trusts(source Source, relay bool) bool {
	return !id.strict || relay || source == SourceClientName
}

// ownsAddress reports whether the device sends from a, according to the
// inventory.
func (id *Identifier) ownsAddress(device int, a netip.Addr) bool {
	o, ok := id.ownerOf(a)
	return ok && device >= 0 && o.device == device
}

// ownerOf returns the owner of the smallest network that contains a.
func (id *Identifier) ownerOf(a netip.Addr) (o owner, ok bool) {
	p, ok := id.networks.Lookup(a)
	if !ok {
		return o, false
	}
	return id.prefixes[p], true
}
