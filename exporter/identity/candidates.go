package identity

import "slices"

// The sources of a [Candidate] that are not in [Config.Order].
const (
	// sourceOther is a word of the header that might be a name.
	sourceOther Source = "other"
	// sourceRule is what one of [Config.HeaderNames] has found.
	sourceRule Source = "header_names"
	// sourceDefault is the name for lines of a log that do not have one.
	sourceDefault Source = "default_device"
)

// A Candidate is a name that the sender of a message could have had.
type Candidate struct {
	// Name is the name as the message has it, Source where it is from: one of
	// [Sources], header_names, other or default_device.
	Name   string `json:"name"`
	Source Source `json:"source"`
	// Device is the name of the device that it stands for.
	Device string `json:"device"`
	// Chosen means that the sender has this name, Why the reason in words.
	Chosen bool   `json:"chosen"`
	Why    string `json:"why"`
}

// Candidates returns all names that the sender could have, each once, in the order in
// which they are considered, and which of them [Identifier.Name] has chosen.
func (id *Identifier) Candidates(s *Sender) []Candidate {
	_, chosen, ok := id.choose(nil, s)
	relay := s.fromLog() || id.relays.Contains(s.Addr)
	all := []Candidate{}
	add := func(name []byte, source Source, other int) {
		printed := func(c Candidate) bool { return c.Name == string(name) && source != SourceAddress }
		if len(name) == 0 || slices.ContainsFunc(all, printed) {
			return
		}
		c := Candidate{Name: string(name), Source: source, Chosen: ok && chosen.source == source && chosen.other == other}
		host := id.normalize(nil, name)
		owner, known := id.lookup(host)
		if source == SourceAddress {
			owner, known = id.ownerOf(s.Addr)
		}
		c.Device = string(host)
		if known {
			c.Device = string(owner.name)
		}
		trusted := source == SourceAddress || id.trusts(source, relay) || known && id.ownsAddress(owner.device, s.Addr)
		switch {
		case c.Chosen && known:
			c.Why = "the first that the inventory or an alias has"
		case c.Chosen && id.isRelayHost(host):
			c.Why = "the address of a trusted relay, for lack of another name"
		case c.Chosen:
			c.Why = "the first of identity.order, because no name is known to the inventory or the aliases"
		case !trusted:
			c.Why = "strict, and neither from a trusted relay nor from an address of this device"
		case source == SourceAddress && s.relayed(relay):
			c.Why = "the address of a trusted relay"
		case known:
			c.Why = "known, but after another"
		case source == sourceOther:
			c.Why = "counts only if the inventory or an alias has it"
		case id.isRelayHost(host):
			c.Why = "the address of a trusted relay"
		case chosen.known:
			c.Why = "the inventory or an alias has another"
		default:
			c.Why = "after another of identity.order"
		}
		if source == SourceDeviceID && s.Ruled {
			c.Source = sourceRule
		}
		all = append(all, c)
	}
	for _, source := range id.order {
		if source == SourceAddress {
			if !s.fromLog() && s.Addr.IsValid() {
				add([]byte(s.Addr.String()), source, 0)
			}
			continue
		}
		add(s.host(source), source, 0)
	}
	for i, other := range s.Others {
		add(other, sourceOther, i)
	}
	if len(s.Default) > 0 {
		c := Candidate{Name: string(s.Default), Source: sourceDefault, Device: string(s.Default), Chosen: ok && chosen.source == sourceDefault, Why: "only for lines without another name"}
		if c.Chosen {
			c.Why = "the line has no other name"
		}
		all = append(all, c)
	}
	return all
}
