package state

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// A Record is a series as it is stored.
type Record struct {
	// Key identifies the series within its device, also for other versions of
	// the program. Stores keep it as it is; [Record.Metric] and
	// [Record.Values] take it apart, [RecordKey] makes it.
	Key string
	// Value is the value; it is not set for a deleted series.
	Value float64
	// Set is when the series was last set, Began when it began, in nanoseconds
	// since 1970.
	Set, Began int64
	// Deleted is set if the series no longer exists.
	Deleted bool
}

// Changes are what happened to the table since the last call of
// [Table.TakeChanges] or [Table.TakeUrgent].
type Changes struct {
	// Version is the version of the table that the changes lead to, see
	// [Table.Version], or 0 if they are not all that led to one.
	Version uint64
	// Forgotten are devices that were removed. Some may be back in Devices.
	Forgotten []string
	// Devices are the changed series of each device.
	Devices []DeviceChanges
	// Seen are all message ids ever seen.
	Seen []catalog.ID
	// Events are the new events, and those that have changed. Stored events with a
	// number below FirstEvent are no longer kept; it only counts if there are any.
	Events     []EventRecord
	FirstEvent uint64
}

// DeviceChanges are the changed series of one device.
type DeviceChanges struct {
	Device  string
	Records []Record
}

// pending lists the devices with changes to store, and the forgotten ones. The
// changes themselves are marked in the series.
type pending struct {
	version atomic.Uint64
	urgent  chan struct{} // Has room for one.

	mu            sync.Mutex
	devices       []*device
	urgentDevices []*device
	// Devices whose changes must not be stored later than what is in forgotten,
	// because they have what one of those had.
	withForgotten []*device
	forgotten     []string
}

// notify lets [Table.Urgent] receive.
func (p *pending) notify() {
	select {
	case p.urgent <- struct{}{}:
	default: // It has not been received yet, and stands for this change too.
	}
}

// add lists a device that has changes. The caller holds its lock.
func (p *pending) add(d *device) {
	if d.queued {
		return
	}
	d.queued = true
	p.mu.Lock()
	p.devices = append(p.devices, d)
	p.mu.Unlock()
	p.version.Add(1) // Further changes go with this one, until the device is taken.
}

// addUrgent lists a device that has urgent changes. The caller holds its lock.
func (p *pending) addUrgent(d *device) {
	if d.queuedUrgent {
		return
	}
	d.queuedUrgent = true
	p.mu.Lock()
	p.urgentDevices = append(p.urgentDevices, d)
	p.mu.Unlock()
}

// forget lists a device that was forgotten.
func (p *pending) forget(name string) {
	p.mu.Lock()
	p.forgotten = append(p.forgotten, name)
	p.mu.Unlock()
	p.version.Add(1)
	p.notify()
}

// rename lists a device that was forgotten because another has its series now. The
// caller holds the lock of the latter.
func (p *pending) rename(from string, to *device) {
	p.mu.Lock()
	p.forgotten = append(p.forgotten, from)
	p.withForgotten = append(p.withForgotten, to)
	p.mu.Unlock()
	p.version.Add(1)
	p.notify()
}

// isForgotten reports whether a device was forgotten, and not yet taken.
func (p *pending) isForgotten(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.forgotten, name)
}

// taken is what has been taken from the lists; the devices as they are there.
type taken struct {
	version                       uint64 // 0 if it is not all.
	forgotten                     []string
	withForgotten, urgent, others []*device
}

// take empties the lists: all of them, or what is urgent. A device may be in the
// result twice.
func (p *pending) take(all bool) (x taken) {
	if all {
		x.version = p.version.Load()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	x.forgotten, x.withForgotten, x.urgent = p.forgotten, p.withForgotten, p.urgentDevices
	p.forgotten, p.withForgotten, p.urgentDevices = nil, nil, nil
	if all {
		x.others = p.devices
		p.devices = nil
	}
	return x
}

// giveBack lists devices again whose changes were not taken after all.
func (p *pending) giveBack(urgentDevices, others []*device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.urgentDevices = append(urgentDevices, p.urgentDevices...)
	p.devices = append(others, p.devices...)
}

// putBack lists forgotten devices again, before later ones, and those that were
// taken with them.
func (p *pending) putBack(forgotten []string, with []*device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgotten = append(forgotten, p.forgotten...)
	p.withForgotten = append(p.withForgotten, with...)
}

// Version returns a number that grows when something changes that was stored.
// What the table shows is stored when the changes of a version at least as high
// have been.
func (t *Table) Version() uint64 { return t.pending.version.Load() }

// Urgent returns a channel that receives after a change of the state of
// hardware, which should be stored at once. Other changes can wait.
func (t *Table) Urgent() <-chan struct{} { return t.pending.urgent }

// TakeChanges returns all that must be stored. What could not be stored must be
// given back by [Table.PutBack]. Only one goroutine may call it,
// [Table.TakeSome] or [Table.TakeUrgent].
func (t *Table) TakeChanges() Changes { return t.take(true, math.MaxInt) }

// TakeSome is TakeChanges for some records only, which keeps small what has to be
// in memory at a time: it returns the changes of whole devices until there are at
// least so many. Devices that were forgotten, and those that took their place, are
// in the first part. The last part, which may be empty, has a Version: call it
// again until then, each time when the part before is stored or put back.
func (t *Table) TakeSome(records int) Changes { return t.take(true, records) }

// TakeUrgent is TakeChanges for what must be stored at once, a small part of the
// changes of a busy fleet: the state of hardware, forgotten devices, and deleted
// series of the same devices.
func (t *Table) TakeUrgent() Changes { return t.take(false, math.MaxInt) }

func (t *Table) take(all bool, records int) Changes {
	taken := t.pending.take(all)
	changes := Changes{Version: taken.version, Forgotten: taken.forgotten}
	n := 0
	add := func(devices []*device) (left []*device) {
		for i, d := range devices {
			if n >= records {
				return devices[i:]
			}
			t.settled(d)
			d.queuedUrgent = false
			if all {
				d.queued = false
			}
			n += t.addChanges(&changes, d, all)
			d.mu.Unlock()
		}
		return nil
	}
	for _, d := range taken.withForgotten {
		add([]*device{d})
		n = 0
	}
	urgent, others := add(taken.urgent), add(taken.others)
	if len(urgent)+len(others) > 0 {
		changes.Version = 0
		t.pending.giveBack(urgent, others)
	}
	for i := range t.seen {
		if t.seen[i].Load() {
			changes.Seen = append(changes.Seen, t.catalog.At(i).ID)
		}
	}
	// Not before the devices: a change is not stored without its event.
	changes.Events, changes.FirstEvent = t.events.take()
	return changes
}

// addChanges adds the changes of a device, all of them or the urgent ones, and returns
// how many records they are. The caller holds d's lock.
func (t *Table) addChanges(changes *Changes, d *device, all bool) int {
	if d.forgotten {
		return 0
	}
	wanted := func(s *series) bool { return s.is(urgent) || all && s.is(dirty) }
	n := 0
	for _, s := range d.list {
		if wanted(s) {
			n++
		}
	}
	if n += len(d.deleted); n == 0 {
		return 0
	}
	records := make([]Record, 0, n)
	for _, s := range d.list {
		if wanted(s) {
			s.flags &^= dirty | urgent
			records = append(records, Record{Key: s.recordKey(), Value: s.value, Set: s.set, Began: s.began})
		}
	}
	// Not later than the rest: a record under a former name must go when its
	// series is stored under the present one.
	for key := range d.deleted {
		records = append(records, Record{Key: key, Deleted: true})
		t.keepRecord(d, key)
	}
	d.deleted = nil
	changes.Devices = append(changes.Devices, DeviceChanges{d.name, records})
	return n
}

// MarkAll makes everything a change, so that the next TakeChanges returns the
// whole table. It is for a store that has lost its file.
func (t *Table) MarkAll() {
	t.events.putBack(0)
	for _, d := range t.appendDevices(nil) {
		t.settled(d)
		if !d.forgotten {
			for _, s := range d.list {
				s.flags |= dirty
			}
			t.pending.add(d)
		}
		d.mu.Unlock()
	}
}

// PutBack gives back changes that could not be stored.
func (t *Table) PutBack(changes Changes) {
	if len(changes.Events) > 0 {
		t.events.putBack(changes.Events[0].Number)
	}
	// One of the devices may have what one that was forgotten had.
	together := len(changes.Forgotten) > 0
	var with []*device
	for _, dc := range changes.Devices {
		t.mu.RLock()
		d := t.devices[dc.Device]
		t.mu.RUnlock()
		if d == nil {
			continue // It was forgotten in between, which will be stored.
		}
		t.settled(d)
		if d.forgotten {
			d.mu.Unlock()
			continue
		}
		for i := range dc.Records {
			t.putBackRecord(d, &dc.Records[i], together)
		}
		t.pending.add(d)
		d.mu.Unlock()
		if together {
			with = append(with, d)
		}
	}
	t.pending.putBack(changes.Forgotten, with)
}

// putBackRecord marks the series of a record as changed, or the record as
// deleted, at once if it must be or is about hardware. The caller holds d's lock.
func (t *Table) putBackRecord(d *device, r *Record, atOnce bool) {
	key, _ := t.parseRecordKey(r.Key)
	s := d.series[key]
	switch {
	case r.Deleted && (s == nil || s.recordKey() != r.Key):
		t.deleteRecord(d, r.Key)
	case s != nil:
		s.flags |= dirty
		if atOnce || s.is(ofHardware) {
			s.flags |= urgent
			t.pending.addUrgent(d)
		}
	}
}
