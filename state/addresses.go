package state

import (
	"net/netip"
	"slices"
	"time"
)

// The addresses that the messages of a device came from. Two devices with one name
// share their series, so that the fan that works in one hides the fan that has
// failed in the other; that they send from two addresses is all that shows it.
//
// The number is stored like every other value; the addresses are not.

const (
	// maxAddresses is how many addresses of a device are kept: the last ones, in
	// 40 bytes each.
	maxAddresses = 8
	// addressWindow is how long after its last message an address counts.
	addressWindow = time.Hour
	// maxConflicts is how many conflicts wait to be received; further ones are
	// dropped. The metric has them.
	maxConflicts = 64
)

// An Address is an address that messages of a device came from.
type Address struct {
	Address netip.Addr `json:"address"`
	// LastMessage is the time of receipt of the last message from it.
	LastMessage time.Time `json:"last_message"`
}

// A NameConflict means that messages of one device came from two addresses within an
// hour, which are not both known to be the device's.
type NameConflict struct {
	Device         string
	Address, Other netip.Addr
}

// NameConflicts returns a channel that receives each conflict once: each address of
// a device with the one that was in use before it, and nothing more of a device that
// has eight of them.
func (t *Table) NameConflicts() <-chan NameConflict { return t.conflicts }

// senderAddress is an [Address] of a device.
type senderAddress struct {
	addr     netip.Addr
	last     int64 // In nanoseconds since 1970.
	own      bool  // It is known to be the device's.
	reported bool  // As part of a NameConflict.
}

// noteAddress notes the address of a message, which is not the one of the message before.
// The caller holds d's lock.
func (t *Table) noteAddress(d *device, o *Observation, now int64) {
	addr := o.From
	i := slices.IndexFunc(d.addresses, func(a senderAddress) bool { return a.addr == addr })
	if i < 0 {
		i = len(d.addresses)
		if i == maxAddresses {
			i--
			d.addresses[i] = senderAddress{addr: addr, reported: true}
		} else {
			d.addresses = append(d.addresses, senderAddress{addr: addr})
		}
	}
	a := d.addresses[i]
	a.last, a.own = now, o.Own
	if before := &d.addresses[0]; i > 0 && before.last >= now-int64(addressWindow) && !(a.own && before.own) && !a.reported {
		a.reported, before.reported = true, true
		select {
		case t.conflicts <- NameConflict{d.name, addr, before.addr}:
		default:
		}
	}
	copy(d.addresses[1:i+1], d.addresses[:i])
	d.addresses[0] = a
	if d.addressCount == nil {
		d.addressCount = t.seriesOf(d, t.metrics[metricSenderAddresses], "", now)
	}
	t.countAddresses(d, now)
}

// countAddresses brings the number of addresses up to date. As long as no message
// came since the restart, the number is the stored one, for as long as it would be
// without the restart. The caller holds d's lock.
func (t *Table) countAddresses(d *device, now int64) {
	s := d.addressCount
	if s == nil {
		return
	}
	begin := now - int64(addressWindow)
	n, own := 0.0, false
	for i := range d.addresses {
		switch a := &d.addresses[i]; {
		case a.last < begin || a.own && own:
		default:
			own = own || a.own
			n++
		}
	}
	if len(d.addresses) == 0 {
		if last := t.lastOf(d); last != nil && last.set >= begin {
			return
		}
	}
	if s.is(unset) || n != s.value {
		t.set(d, s, n, now)
	}
}

// mergeAddresses adds the addresses of a device that has become part of d. The
// caller holds d's lock.
func (d *device) mergeAddresses(all []senderAddress) {
	for _, a := range all {
		if i := slices.IndexFunc(d.addresses, func(b senderAddress) bool { return a.addr == b.addr }); i >= 0 {
			d.addresses[i].last = max(d.addresses[i].last, a.last)
		} else {
			d.addresses = append(d.addresses, a)
		}
	}
	slices.SortStableFunc(d.addresses, func(a, b senderAddress) int { return int(min(max(b.last-a.last, -1), 1)) })
	d.addresses = d.addresses[:min(len(d.addresses), maxAddresses)]
}

// appendAddresses appends the addresses of d, the last one first. The caller holds d's
// lock.
func (d *device) appendAddresses(dst []Address) []Address {
	for i := range d.addresses {
		dst = append(dst, Address{d.addresses[i].addr, *moment(d.addresses[i].last)})
	}
	return dst
}
