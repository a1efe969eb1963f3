package state

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
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
	Seen []uint32
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

// isForgotten reports whether a device was forgotten, and not yet taken.
func (p *pending) isForgotten(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.forgotten, name)
}

// take empties the lists: all of them, or what is urgent. A device may be in the
// result twice.
func (p *pending) take(all bool) (version uint64, forgotten []string, devices []*device) {
	if all {
		version = p.version.Load()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	forgotten, devices = p.forgotten, p.urgentDevices
	p.forgotten, p.urgentDevices = nil, nil
	if all {
		devices = append(devices, p.devices...)
		p.devices = nil
	}
	return version, forgotten, devices
}

// putBack lists forgotten devices again, before later ones.
func (p *pending) putBack(forgotten []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgotten = append(forgotten, p.forgotten...)
}

// Version returns a number that grows when something changes that was stored.
// What the table shows is stored when the changes of a version at least as high
// have been.
func (t *Table) Version() uint64 { return t.pending.version.Load() }

// Urgent returns a channel that receives after a change of the state of
// hardware, which should be stored at once. Other changes can wait.
func (t *Table) Urgent() <-chan struct{} { return t.pending.urgent }

// TakeChanges returns what must be stored. What could not be stored must be
// given back by [Table.PutBack]. Only one goroutine may call it or
// [Table.TakeUrgent].
func (t *Table) TakeChanges() Changes { return t.take(true) }

// TakeUrgent is TakeChanges for what must be stored at once, a small part of the
// changes of a busy fleet: the state of hardware, forgotten devices, and deleted
// series of the same devices.
func (t *Table) TakeUrgent() Changes { return t.take(false) }

func (t *Table) take(all bool) Changes {
	var changes Changes
	var devices []*device
	changes.Version, changes.Forgotten, devices = t.pending.take(all)
	for _, d := range devices {
		d.mu.Lock()
		d.queuedUrgent = false
		if all {
			d.queued = false
		}
		changes.add(d, all)
		d.mu.Unlock()
	}
	for i := range t.seen {
		if t.seen[i].Load() {
			changes.Seen = append(changes.Seen, t.catalog.At(i).ID)
		}
	}
	return changes
}

// add adds the changes of a device, all of them or the urgent ones. The caller
// holds d's lock.
func (changes *Changes) add(d *device, all bool) {
	if d.forgotten {
		return
	}
	wanted := func(s *series) bool { return s.urgent || all && s.dirty }
	n := 0
	for _, s := range d.list {
		if wanted(s) {
			n++
		}
	}
	if n += len(d.deleted); n == 0 {
		return
	}
	records := make([]Record, 0, n)
	for _, s := range d.list {
		if wanted(s) {
			s.dirty, s.urgent = false, false
			records = append(records, Record{Key: s.recordKey(), Value: s.value, Set: s.set, Began: s.began})
		}
	}
	// Not later than the rest: a record under a former name must go when its
	// series is stored under the present one.
	for key := range d.deleted {
		records = append(records, Record{Key: key, Deleted: true})
	}
	d.deleted = nil
	changes.Devices = append(changes.Devices, DeviceChanges{d.name, records})
}

// MarkAll makes everything a change, so that the next TakeChanges returns the
// whole table. It is for a store that has lost its file.
func (t *Table) MarkAll() {
	for _, d := range t.appendDevices(nil) {
		d.mu.Lock()
		if !d.forgotten {
			for _, s := range d.list {
				s.dirty = true
			}
			t.pending.add(d)
		}
		d.mu.Unlock()
	}
}

// PutBack gives back changes that could not be stored.
func (t *Table) PutBack(changes Changes) {
	t.pending.putBack(changes.Forgotten)
	for _, dc := range changes.Devices {
		t.mu.RLock()
		d := t.devices[dc.Device]
		t.mu.RUnlock()
		if d == nil {
			continue // It was forgotten in between, which will be stored.
		}
		d.mu.Lock()
		for i := range dc.Records {
			t.putBackRecord(d, &dc.Records[i])
		}
		t.pending.add(d)
		d.mu.Unlock()
	}
}

// putBackRecord marks the series of a record as changed, or the record as
// deleted. The caller holds d's lock.
func (t *Table) putBackRecord(d *device, r *Record) {
	key, _ := t.parseRecordKey(r.Key)
	s := d.series[key]
	switch {
	case r.Deleted && (s == nil || s.recordKey() != r.Key):
		d.deleteRecord(r.Key)
	case s != nil:
		s.dirty = true
		if s.flags&ofHardware != 0 {
			s.urgent = true
			t.pending.addUrgent(d)
		}
	}
}

// Restore puts stored series of a device into the table. It returns how many,
// and how many it skipped because they are unknown or there is no room. What the
// table already has is newer: a gauge stays, and a counter continues from the
// stored value. A record under a former name of a metric is stored under the
// present one with the next changes.
func (t *Table) Restore(name string, records []Record) (restored, skipped int) {
	if len(records) == 0 || t.pending.isForgotten(name) { // The file still has the device.
		return 0, 0
	}
	began := slices.MinFunc(records, func(a, b Record) int { return cmp.Compare(a.Began, b.Began) }).Began
	d := t.lock([]byte(name), time.Unix(0, began), &scratch{})
	if d == nil {
		return 0, len(records)
	}
	defer d.mu.Unlock()
	for i := range records {
		if t.restore(d, &records[i]) {
			restored++
		} else {
			skipped++
		}
	}
	return restored, skipped
}

// restore puts a stored series into the table and returns whether it could. The
// caller holds d's lock.
func (t *Table) restore(d *device, r *Record) bool {
	key, m := t.parseRecordKey(r.Key)
	if m == nil {
		return false
	}
	d.key = append(d.key[:0], key...)
	if m.Type == collectors.StateSet && d.series[key] == nil {
		t.createStateSet(d, m, r.Began)
	} else {
		t.series(d, m, r.Began)
	}
	s := d.series[key]
	switch {
	case s == nil:
		return false
	case s.unset: // No message has set it since the start.
		s.value, s.set, s.unset, s.dirty = r.Value, r.Set, false, false
	default:
		if m.Type == collectors.Counter {
			s.value += r.Value
		}
		s.set = max(s.set, r.Set)
		t.changed(d, s, false)
	}
	s.began = min(s.began, r.Began)
	if t.opts.Persist && r.Metric() != m.Name { // It was stored under a former name.
		t.changed(d, s, false)
		d.deleteRecord(r.Key)
	}
	return true
}

// RestoreSeen marks message ids as seen, except those that are no longer in the
// catalog.
func (t *Table) RestoreSeen(ids []uint32) {
	for _, id := range ids {
		if i := t.catalog.Index(id); i >= 0 {
			t.seen[i].Store(true)
		}
	}
}
