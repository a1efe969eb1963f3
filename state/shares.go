package state

import (
	"net/netip"
	"sync"
)

// The shares are what senders have taken of the limits of all devices, by their
// address. A sender cannot have more than is left: one alone gets half of all, two
// get a third each, and what is left is always as much as any of them has. Only
// what creates a device or a series asks.
//
// What is restored, the devices of the inventory, and messages without
// [Observation.Sender] are charged to nobody.
type shares struct {
	mu    sync.Mutex // See Table.
	index map[netip.Addr]uint16
	all   []share  // By index.
	free  []uint16 // The indexes that nobody has.
}

// A share is what one sender has taken.
type share struct {
	addr netip.Addr
	charge
}

// A charge is a number of devices and series, and of bytes; see [Limits].
type charge struct{ devices, series, bytes int }

const (
	// nobody is the index for what no sender is charged for.
	nobody = 0
	// others is the index of all senders for which there is no index left. They
	// have one share.
	others = 1
	// maxShares is how many senders are told apart, in some 100 bytes each. It is
	// the number of indexes.
	maxShares = 1 << 16
)

func (s *shares) init() {
	s.index = map[netip.Addr]uint16{}
	s.all = make([]share, others+1)
}

// sharer returns the address that an address shares with others. Whoever has one
// IPv6 address has all of its network.
func sharer(a netip.Addr) netip.Addr {
	if a = a.Unmap(); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// allows reports whether a share may grow by c if so much was left before.
func (s *share) allows(c, left charge) bool {
	return (c.devices == 0 || s.devices+c.devices <= left.devices) &&
		(c.series == 0 || s.series+c.series <= left.series) &&
		(c.bytes == 0 || s.bytes+c.bytes <= left.bytes)
}

func (s *share) add(c charge, sign int) {
	s.devices += sign * c.devices
	s.series += sign * c.series
	s.bytes += sign * c.bytes
}

// take charges a sender and returns its index, or false if it has had its share.
// Left is what was left before.
func (s *shares) take(sender netip.Addr, c, left charge) (index uint16, ok bool) {
	sender = sharer(sender)
	s.mu.Lock()
	defer s.mu.Unlock()
	index, known := s.index[sender]
	if !known {
		index = others
		if len(s.free) > 0 || len(s.all) < maxShares {
			index = nobody // It gets one of its own.
		}
	}
	if !s.all[index].allows(c, left) { // Nobody has nothing, as a new sender.
		return nobody, false
	}
	if index == nobody {
		index = s.add(sender)
	}
	s.all[index].add(c, 1)
	return index, true
}

// add gives a sender an index. There is one left.
func (s *shares) add(sender netip.Addr) uint16 {
	if n := len(s.free); n > 0 {
		index := s.free[n-1]
		s.free = s.free[:n-1]
		s.all[index].addr, s.index[sender] = sender, index
		return index
	}
	index := uint16(len(s.all))
	s.all = append(s.all, share{addr: sender})
	s.index[sender] = index
	return index
}

// takeMore is take for an index that has something already.
func (s *shares) takeMore(index uint16, c, left charge) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.all[index].allows(c, left) {
		return false
	}
	s.all[index].add(c, 1)
	return true
}

// giveBack takes the series of a device from those who are charged for them.
func (s *shares) giveBack(d *device, deleted []*series) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range deleted {
		s.give(x.maker, charge{series: 1, bytes: d.costOf(x)})
	}
}

// giveDevice takes a device from who is charged for it.
func (s *shares) giveDevice(index uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(index, charge{devices: 1})
}

// give takes something from a share, which ends with the last of it. The caller
// holds s.mu.
func (s *shares) give(index uint16, c charge) {
	if index == nobody {
		return
	}
	x := &s.all[index]
	x.add(c, -1)
	if index != others && x.charge == (charge{}) {
		delete(s.index, x.addr)
		s.free = append(s.free, index)
	}
}
