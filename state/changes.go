package state

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A Record is a series as it is stored.
type Record struct {
	// Key identifies the series within its device, also for other versions of
	// the program. Stores keep it as it is; [Record.Metric] and
	// [Record.Values] take it apart, [RecordKey] makes it.
	Key string
	// Value is the value, or, for a deleted series, not set.
	Value float64
	// Set is when the series was last set, Began when it began, in nanoseconds
	// since 1970.
	Set, Began int64
	// Deleted is set if the series is no more.
	Deleted bool
}

// Changes are what happened to the table since the last call of
// [Table.TakeChanges] or [Table.TakeUrgent].
type Changes struct {
	// Version is the version of the table that the changes lead to, see
	// [State.Version], or 0 if they are not all that led to one.
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

// Version returns a number that grows when something changes that was stored.
// What the table shows is stored when the changes of a version at least as high
// have been.
func (s *Table) Version() uint64 { return s.version.Load() }

// Urgent returns a channel that receives after a change of the state of
// hardware, which should be stored at once. Other changes can wait.
func (s *Table) Urgent() <-chan struct{} { return s.urgent }

// changed notes that c must be stored, at once if it is urgent and about
// hardware. The caller holds d's lock.
func (s *Table) changed(d *device, c *series, urgent bool) {
	if !s.opts.Persist {
		return
	}
	c.dirty = true
	s.enqueue(d)
	if urgent && c.traits&ofHardware != 0 {
		c.urgent = true
		s.enqueueUrgent(d)
		s.notify()
	}
}

func (s *Table) notify() {
	select {
	case s.urgent <- struct{}{}:
	default: // It has not been received yet, and will stand for this change too.
	}
}

// enqueue puts d in the list of changed devices. The caller holds d's lock.
func (s *Table) enqueue(d *device) {
	if d.queued {
		return
	}
	d.queued = true
	s.queueMu.Lock()
	s.queue = append(s.queue, d)
	s.queueMu.Unlock()
	s.version.Add(1) // What changes until d is taken from the queue goes with it.
}

// enqueueUrgent puts d in the list of devices with urgent changes. The caller
// holds d's lock.
func (s *Table) enqueueUrgent(d *device) {
	if d.queuedUrgent {
		return
	}
	d.queuedUrgent = true
	s.queueMu.Lock()
	s.urgentQueue = append(s.urgentQueue, d)
	s.queueMu.Unlock()
}

// TakeChanges returns what must be stored. What could not be stored must be
// given back by [Table.PutBack]. Only one goroutine may call it or
// [Table.TakeUrgent].
func (s *Table) TakeChanges() Changes { return s.take(true) }

// TakeUrgent is TakeChanges for what must be stored at once, which of all that
// a busy fleet changes is little: changes of the state of hardware, and devices
// that were forgotten.
func (s *Table) TakeUrgent() Changes { return s.take(false) }

func (s *Table) take(all bool) Changes {
	var changes Changes
	if all {
		changes.Version = s.version.Load()
	}
	s.queueMu.Lock()
	changes.Forgotten = s.forgotten
	queue := s.urgentQueue
	s.forgotten, s.urgentQueue = nil, nil
	if all {
		queue = append(queue, s.queue...)
		s.queue = nil
	}
	s.queueMu.Unlock()

	for _, d := range queue { // Some may be there twice.
		d.mu.Lock()
		d.queuedUrgent = false
		if all {
			d.queued = false
		}
		changes.add(d, all)
		d.mu.Unlock()
	}
	for i := range s.seen {
		if s.seen[i].Load() {
			changes.Seen = append(changes.Seen, s.catalog.At(i).ID)
		}
	}
	return changes
}

// add adds the changes of a device, or of these the urgent ones. The caller
// holds d's lock.
func (changes *Changes) add(d *device, all bool) {
	if d.gone {
		return
	}
	wanted := func(c *series) bool { return c.urgent || all && c.dirty }
	n := 0
	for _, c := range d.list {
		if wanted(c) {
			n++
		}
	}
	if all {
		n += len(d.deleted)
	}
	if n == 0 {
		return
	}
	records := make([]Record, 0, n)
	for _, c := range d.list {
		if wanted(c) {
			c.dirty, c.urgent = false, false
			records = append(records, Record{Key: c.recordKey(), Value: c.value, Set: c.set, Began: c.began})
		}
	}
	if all {
		for key := range d.deleted {
			records = append(records, Record{Key: key, Deleted: true})
		}
		d.deleted = nil
	}
	changes.Devices = append(changes.Devices, DeviceChanges{d.name, records})
}

// PutBack gives back changes that could not be stored.
func (s *Table) PutBack(changes Changes) {
	s.queueMu.Lock()
	s.forgotten = append(changes.Forgotten, s.forgotten...)
	s.queueMu.Unlock()
	for _, dc := range changes.Devices {
		s.mu.RLock()
		d := s.devices[dc.Device]
		s.mu.RUnlock()
		if d == nil {
			continue // Forgotten meanwhile, which will be stored.
		}
		d.mu.Lock()
		for _, r := range dc.Records {
			key, _ := s.parseRecordKey(r.Key)
			if c := d.series[key]; c != nil {
				c.dirty = true
				if c.traits&ofHardware != 0 {
					c.urgent = true
					s.enqueueUrgent(d)
				}
			} else if r.Deleted {
				d.remove(r.Key)
			}
		}
		s.enqueue(d)
		d.mu.Unlock()
	}
}

// remove notes that a record must be deleted. The caller holds d's lock.
func (d *device) remove(key string) {
	if d.deleted == nil {
		d.deleted = map[string]struct{}{}
	}
	d.deleted[key] = struct{}{}
}

// Restore puts stored series of a device into the table. It returns how many,
// and how many it did not know or had no room for. What the table already has
// is newer: a gauge stays, and a counter goes on from the stored value.
func (s *Table) Restore(name string, records []Record) (restored, skipped int) {
	s.queueMu.Lock()
	forgotten := slices.Contains(s.forgotten, name)
	s.queueMu.Unlock()
	if len(records) == 0 || forgotten { // The file has not heard of that yet.
		return 0, 0
	}
	began := slices.MinFunc(records, func(a, b Record) int { return cmp.Compare(a.Began, b.Began) }).Began
	d := s.lock([]byte(name), time.Unix(0, began), &scratch{})
	if d == nil {
		return 0, len(records)
	}
	defer d.mu.Unlock()
	for _, r := range records {
		key, m := s.parseRecordKey(r.Key)
		if m == nil {
			skipped++
			continue
		}
		d.key = append(d.key[:0], key...)
		if m.Type == collectors.StateSet && d.series[key] == nil {
			s.createStateSet(d, m, r.Began)
			d.key = append(d.key[:0], key...)
		} else {
			s.series(d, m, r.Began)
		}
		c := d.series[key]
		switch {
		case c == nil:
			skipped++
			continue
		case c.fresh: // Nothing has been said about it in this life.
			c.value, c.set, c.fresh, c.dirty = r.Value, r.Set, false, false
		default:
			if m.Type == collectors.Counter {
				c.value += r.Value
			}
			c.set = max(c.set, r.Set)
			s.changed(d, c, false)
		}
		c.began = min(c.began, r.Began)
		restored++
	}
	return restored, skipped
}

// createStateSet creates all series of the state set that d.key is one of. The
// caller holds d's lock.
func (s *Table) createStateSet(d *device, m *metric, now int64) {
	states := m.Labels[len(m.Labels)-1].Values
	if !s.reserve(d, m, len(states)) {
		return
	}
	prefix := withoutState(d.key)
	for _, state := range states {
		d.key = appendKeyValue(prefix, state)
		s.insert(d, m, now)
	}
}

// RestoreSeen marks message ids as seen; the catalogue may have lost some.
func (s *Table) RestoreSeen(ids []uint32) {
	for _, id := range ids {
		if i := s.catalog.Index(id); i >= 0 {
			s.seen[i].Store(true)
		}
	}
}

// Forget removes a device and returns whether there was one. If the device
// speaks again, it is new.
func (s *Table) Forget(name string) bool {
	return s.forget(name, func(*device) bool { return true })
}

// forget removes a device on a condition, which is asked while nothing can
// change the device.
func (s *Table) forget(name string, condition func(*device) bool) bool {
	// While s.mu is held, the device cannot come back: what is forgotten is
	// that which was, whatever is stored next.
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[name]
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !condition(d) {
		return false
	}
	delete(s.devices, name)
	d.gone = true
	s.nseries.Add(-int64(len(d.series)))
	s.text.remove(maps.Values(d.series))
	d.series, d.list = map[string]*series{}, nil
	clear(d.severity[:])
	clear(d.perMetric)
	d.last, d.skew, d.notes, d.ids, d.bindings = nil, nil, nil, nil, nil
	if s.opts.Persist {
		s.queueMu.Lock()
		s.forgotten = append(s.forgotten, name)
		s.queueMu.Unlock()
		s.version.Add(1)
		s.notify()
	}
	return true
}
