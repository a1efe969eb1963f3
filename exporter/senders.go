package exporter

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// maxOrigin is the length up to which the origin of a header is remembered, in
// octets. A host's name and the punctuation around it fit.
const maxOrigin = 96

// How many senders a feed remembers, each in some 300 bytes; powers of two. Of
// connections there may be a thousand, all of them hostile.
const (
	maxSenders       = 4096
	maxStreamSenders = 512
)

// A sender is a device as a feed knows it: by how its headers look and where
// they come from.
type sender struct {
	origin syslog.Origin
	handle collectors.Handle
	device []byte // Its name.
	known  bool   // Whether it may send.

	addr   netip.Addr
	form   syslog.Form
	length uint8
	key    [maxOrigin]byte
}

// senders remembers senders, each in one of a few places. If all are taken, the
// table grows, up to its limit; then the later one replaces an earlier. So a
// device alone on its connection costs little, a relay of thousands has its
// table, and whoever invents names only makes work.
type senders struct {
	most   int // How many there may be; 0 for maxSenders.
	seed   uint64
	places []senderPlace // Groups of groupSize, as many as a power of two.
}

// A senderPlace has the hash beside the pointer, so that a search looks at no
// other sender than the one that it is for.
type senderPlace struct {
	hash uint64
	*sender
}

// groupSize is the number of places that a sender can be in.
const groupSize = 4

// hash mixes the key and the address. Nothing depends on its quality but time.
func (t *senders) hash(key []byte, addr netip.Addr) uint64 {
	h := t.seed + uint64(len(key))
	if addr.IsValid() {
		a := addr.As16()
		h = mix(mix(h, binary.LittleEndian.Uint64(a[:8])), binary.LittleEndian.Uint64(a[8:]))
	}
	for ; len(key) >= 8; key = key[8:] {
		h = mix(h, binary.LittleEndian.Uint64(key))
	}
	rest := uint64(0)
	for _, c := range key {
		rest = rest<<8 | uint64(c)
	}
	return mix(h, rest)
}

func mix(h, x uint64) uint64 {
	high, low := bits.Mul64(h^x, 0x9e3779b97f4a7c15)
	return high ^ low
}

// group returns the places for a hash.
func (t *senders) group(hash uint64) []senderPlace {
	i := int(hash) & (len(t.places)/groupSize - 1) * groupSize
	return t.places[i : i+groupSize]
}

func (t *senders) clear() { t.places = nil }

// find returns the sender with this key, or nil.
func (t *senders) find(key []byte, form syslog.Form, addr netip.Addr) *sender {
	if t.places == nil {
		return nil
	}
	hash := t.hash(key, addr)
	group := t.group(hash)
	for i := range group {
		if p := &group[i]; p.hash == hash && p.sender != nil && p.form == form && p.addr == addr && string(p.key[:p.length]) == string(key) {
			return p.sender
		}
	}
	return nil
}

// add returns a new sender with this key, of which all else is still that of an
// earlier one. Its key must not be longer than maxOrigin; it is copied.
func (t *senders) add(key []byte, form syslog.Form, addr netip.Addr) *sender {
	if t.places == nil {
		t.seed = rand.Uint64()
		t.places = make([]senderPlace, groupSize)
	}
	hash := t.hash(key, addr)
	place := t.free(hash)
	for place == nil && len(t.places) < cmp.Or(t.most, maxSenders) {
		t.grow()
		place = t.free(hash)
	}
	if place == nil {
		place = &t.group(hash)[hash>>62]
	}
	if place.sender == nil {
		place.sender = &sender{}
	}
	place.hash = hash
	s := place.sender
	s.addr, s.form, s.length = addr, form, uint8(copy(s.key[:], key))
	s.handle = collectors.Handle{}
	return s
}

// free returns a free place for a hash, or nil.
func (t *senders) free(hash uint64) *senderPlace {
	group := t.group(hash)
	for i := range group {
		if group[i].sender == nil {
			return &group[i]
		}
	}
	return nil
}

// grow doubles the table. Two that shared a group may part, never meet.
func (t *senders) grow() {
	before := t.places
	t.places = make([]senderPlace, 2*len(before))
	for _, p := range before {
		if p.sender != nil {
			*t.free(p.hash) = p
		}
	}
}
