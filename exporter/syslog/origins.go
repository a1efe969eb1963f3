package syslog

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"net/netip"
)

// An originTable remembers origins, each in one of a few slots. If all are taken,
// the table grows, up to its limit; then the later origin replaces an earlier
// one. So a device alone on its connection costs little, a relay of thousands of
// devices gets a large table, and a sender of invented names cannot make it larger.
type originTable struct {
	limit int // How many origins there may be; 0 for MaxOrigins.
	seed  maphash.Seed
	slots []originSlot // Groups of groupSize, as many as a power of two.
}

// An originSlot has the hash beside the pointer, so that a search reads an origin
// only if its hash is the same.
type originSlot struct {
	hash uint64
	*Origin
}

// An origin can be in any slot of two groups. With one group, a few of some
// hundred origins in a table twice as large would always replace each other.
const groupSize = 4

// find returns the origin with this key, or nil.
func (t *originTable) find(key []byte, f form, addr netip.Addr) *Origin {
	if t.slots == nil {
		return nil
	}
	hash := t.hash(key, addr)
	for choice := range 2 {
		group := t.group(hash, choice)
		// All four are compared without branching, because which of them matches
		// is unpredictable.
		found := hashEqual(&group[0], hash) | hashEqual(&group[1], hash)<<1 | hashEqual(&group[2], hash)<<2 | hashEqual(&group[3], hash)<<3
		for ; found != 0; found &= found - 1 {
			o := group[bits.TrailingZeros(found)].Origin
			if o != nil && o.form == f && o.addr == addr && string(o.key[:o.length]) == string(key) {
				return o
			}
		}
	}
	return nil
}

// hashEqual returns 1 if a slot has the hash, and 0 otherwise.
func hashEqual(s *originSlot, hash uint64) (n uint) {
	if s.hash == hash {
		n = 1
	}
	return n
}

// group returns the slots for a hash: its first group for choice 0, in which most
// origins are, and its second for choice 1.
func (t *originTable) group(hash uint64, choice int) []originSlot {
	i := int(hash>>(choice*32)) & (len(t.slots)/groupSize - 1) * groupSize
	return t.slots[i : i+groupSize : i+groupSize]
}

// add returns an origin with this key, which is copied and must not be longer than
// maxKey. The origin does not have an owner. Its other fields may be those of a former one.
func (t *originTable) add(key []byte, f form, addr netip.Addr) *Origin {
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
		t.slots = make([]originSlot, groupSize)
	}
	hash := t.hash(key, addr)
	slot := t.free(hash)
	for slot == nil && len(t.slots) < cmp.Or(t.limit, MaxOrigins) {
		t.grow()
		slot = t.free(hash)
	}
	if slot == nil {
		slot = &t.group(hash, 0)[hash>>62]
	}
	if slot.Origin == nil {
		slot.Origin = &Origin{}
	}
	slot.hash = hash
	o := slot.Origin
	o.release()
	o.addr, o.form, o.length = addr, f, uint8(copy(o.key[:], key))
	return o
}

// free returns a free slot for a hash, or nil.
func (t *originTable) free(hash uint64) *originSlot {
	for choice := range 2 {
		group := t.group(hash, choice)
		for i := range group {
			if group[i].Origin == nil {
				return &group[i]
			}
		}
	}
	return nil
}

// grow doubles the table. An origin for which there happens to be no slot is
// forgotten.
func (t *originTable) grow() {
	before := t.slots
	t.slots = make([]originSlot, 2*len(before))
	for _, s := range before {
		if s.Origin == nil {
			continue
		}
		if slot := t.free(s.hash); slot != nil {
			*slot = s
		}
	}
}

func (t *originTable) hash(key []byte, addr netip.Addr) uint64 {
	h := maphash.Bytes(t.seed, key)
	if addr.IsValid() {
		// The seed is secret, so that mixing the address in need not be.
		a := addr.As16()
		h = mix(h^binary.LittleEndian.Uint64(a[:8]), binary.LittleEndian.Uint64(a[8:]))
	}
	return h
}

func mix(h, x uint64) uint64 {
	high, low := bits.Mul64(h, x^0x9e3779b97f4a7c15)
	return high ^ low
}
