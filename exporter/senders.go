package exporter

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
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
	handle collectors.DeviceRef
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

// A sender can be in any place of two groups. With one, of some hundred senders
// in a table twice as large, a few would always be in each other's way.
const groupSize = 4

// hash mixes the key and the address. Nothing depends on its quality but time.
func (t *senders) hash(key []byte, addr netip.Addr) uint64 {
	h := t.seed + uint64(len(key))
	if addr.IsValid() {
		a := addr.As16()
		h = mix(h^binary.LittleEndian.Uint64(a[:8]), binary.LittleEndian.Uint64(a[8:]))
	}
	const word = 8
	if len(key) < word {
		for _, c := range key {
			h = mix(h, uint64(c))
		}
		return h
	}
	// For every length up to four words the same is done, with words that
	// overlap: names differ in length, and a processor likes no surprises.
	last := len(key) - word
	h ^= mix(t.seed^keyWord(key, 0), keyWord(key, min(word, last)))
	h ^= mix(keyWord(key, min(2*word, last)), ^t.seed^keyWord(key, last))
	for i := 3 * word; i < last; i += word {
		h = mix(h, keyWord(key, i))
	}
	return h
}

func keyWord(key []byte, i int) uint64 { return binary.LittleEndian.Uint64(key[i:]) }

func mix(h, x uint64) uint64 {
	high, low := bits.Mul64(h, x^0x9e3779b97f4a7c15)
	return high ^ low
}

// group returns the places for a hash: its first group for choice 0, in which
// most are, and its second for choice 1.
func (t *senders) group(hash uint64, choice int) []senderPlace {
	i := int(hash>>(choice*32)) & (len(t.places)/groupSize - 1) * groupSize
	return t.places[i : i+groupSize : i+groupSize]
}

func (t *senders) clear() { t.places = nil }

// find returns the sender with this key, or nil.
func (t *senders) find(key []byte, form syslog.Form, addr netip.Addr) *sender {
	if t.places == nil {
		return nil
	}
	hash := t.hash(key, addr)
	for choice := range 2 {
		group := t.group(hash, choice)
		// In which place one is is as good as random, and must not be guessed.
		found := isHash(&group[0], hash) | isHash(&group[1], hash)<<1 | isHash(&group[2], hash)<<2 | isHash(&group[3], hash)<<3
		for ; found != 0; found &= found - 1 {
			p := group[bits.TrailingZeros(found)].sender
			if p != nil && p.form == form && p.addr == addr && string(p.key[:p.length]) == string(key) {
				return p
			}
		}
	}
	return nil
}

// isHash returns 1 if a place has the hash, and 0 otherwise.
func isHash(p *senderPlace, hash uint64) (n uint) {
	if p.hash == hash {
		n = 1
	}
	return n
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
		place = &t.group(hash, 0)[hash>>62]
	}
	if place.sender == nil {
		place.sender = &sender{}
	}
	place.hash = hash
	s := place.sender
	s.addr, s.form, s.length = addr, form, uint8(copy(s.key[:], key))
	s.handle = collectors.DeviceRef{}
	return s
}

// free returns a free place for a hash, or nil.
func (t *senders) free(hash uint64) *senderPlace {
	for choice := range 2 {
		group := t.group(hash, choice)
		for i := range group {
			if group[i].sender == nil {
				return &group[i]
			}
		}
	}
	return nil
}

// grow doubles the table. One for whom there happens to be no place is forgotten.
func (t *senders) grow() {
	before := t.places
	t.places = make([]senderPlace, 2*len(before))
	for _, p := range before {
		if p.sender == nil {
			continue
		}
		if place := t.free(p.hash); place != nil {
			*place = p
		}
	}
}
