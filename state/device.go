package state

import (
	"sync"
	"time"
	"unicode/utf8"
)

// A device is the part of the table that belongs to one device. Its lock
// guards all of it. What each message needs comes first, since a message spends
// most of its time waiting for memory.
type device struct {
	mu           sync.Mutex
	queued       bool // Whether it is in pending.devices,
	queuedUrgent bool // and in pending.urgentDevices.
	forgotten    bool // Whether it is no longer in the table.
	*scratch
	last     *series
	ids      []*[idPage]idSeries // By index in the catalog; see device.id.
	skew     *series
	severity [8]*series
	bindings bindings

	name      string
	series    map[string]*series // By key.
	list      []*series          // The same, faster to go through.
	slab      []series           // Memory for some more,
	infos     []seriesInfo       // and for what they are.
	perMetric []uint16
	deleted   map[string]struct{} // Keys of records to delete.
}

// A scratch is memory to build the key of a series in. It belongs to the holder
// of the device's lock.
type scratch struct{ key, text []byte }

// A series has what a message and a scrape need in half a cache line, so two of
// them often share one.
type series struct {
	*seriesInfo
	value  float64
	set    int64  // When it was last set, in nanoseconds since 1970.
	slot   uint32 // See [textIndex].
	flags  flags
	unset  bool // Whether no message has set it yet.
	dirty  bool // Whether it has changed since it was stored,
	urgent bool // and must be stored at once.
}

// A seriesInfo is what a series is, all its life.
type seriesInfo struct {
	metric *metric
	key    string      // In device.series; see key.go.
	began  int64       // When it began, in nanoseconds since 1970.
	report *lastReport // Of a series that is a state, or nil.
}

// flags are copied from the metric into the series, to read less memory.
type flags uint8

const (
	ofHardware flags = 1 << iota // It is about the state of hardware.
	expiring                     // It is shown for some time only.
)

// lockObserved returns the device of an observation, locked, or nil if it must
// not be created.
func (t *Table) lockObserved(o *Observation) *device {
	if o.scratch == nil {
		o.scratch = &scratch{}
	}
	if o.Ref == nil {
		return t.lock(o.Device, o.Time, o.scratch)
	}
	if d := o.Ref.device; d != nil {
		if d.mu.Lock(); !d.forgotten {
			d.scratch = o.scratch
			return d
		}
		d.mu.Unlock()
	}
	d := t.lock(o.Device, o.Time, o.scratch)
	o.Ref.device = d
	return d
}

// lock returns the device called name, locked and with memory to build keys in,
// or nil if it must not be created.
func (t *Table) lock(name []byte, at time.Time, space *scratch) *device {
	for {
		d := t.device(name, at, space)
		if d == nil {
			return nil
		}
		if d.mu.Lock(); !d.forgotten {
			d.scratch = space
			return d
		}
		d.mu.Unlock() // It was forgotten in between; the next one is new.
	}
}

// device returns the device called name, which it creates if need be, or nil
// if it must not.
func (t *Table) device(name []byte, at time.Time, space *scratch) *device {
	t.mu.RLock()
	d := t.devices[string(name)]
	t.mu.RUnlock()
	if d != nil {
		return d
	}
	if len(name) == 0 || !utf8.Valid(name) {
		t.rejected[rejectDeviceName].Add(1)
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.devices[string(name)]; d != nil {
		return d
	}
	if len(t.devices) >= t.limits.Load().Devices {
		t.rejected[rejectDevices].Add(1)
		return nil
	}
	d = &device{
		scratch:   space,
		name:      string(name),
		ids:       make([]*[idPage]idSeries, len(t.ids)/idPage+1),
		series:    map[string]*series{},
		perMetric: make([]uint16, len(t.metrics)),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.devices[d.name] = d
	for _, m := range t.metrics[firstRuleMetric:] {
		for _, values := range m.zero {
			d.key = startKey(d.key, m)
			for _, v := range values {
				d.key = appendKeyValue(d.key, v)
			}
			t.series(d, m, at.UnixNano())
		}
	}
	return d
}

// appendDevices appends all devices in any order.
func (t *Table) appendDevices(dst []*device) []*device {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, d := range t.devices {
		dst = append(dst, d)
	}
	return dst
}

// seriesOf returns the series of a metric that has at most one label. It
// returns nil if a limit forbids it.
func (t *Table) seriesOf(d *device, m *metric, label string, now int64) *series {
	d.key = startKey(d.key, m)
	if len(m.Labels) > 0 {
		d.key = appendKeyValue(d.key, label)
	}
	return t.series(d, m, now)
}

// series returns the series for d.key, which it creates if need be. It returns
// nil if a limit forbids that.
func (t *Table) series(d *device, m *metric, now int64) *series {
	if s := d.series[string(d.key)]; s != nil {
		return s
	}
	if !t.reserve(d, m, 1) {
		return nil
	}
	return t.insert(d, m, now)
}

// createStateSet creates all series of the state set that d.key is one of,
// or none if a limit forbids it.
func (t *Table) createStateSet(d *device, m *metric, now int64) {
	if !t.reserve(d, m, len(m.states)) {
		return
	}
	prefix := withoutState(d.key)
	for i := range m.states {
		d.key = appendKeyValue(prefix, m.states[i].Name)
		t.insert(d, m, now)
	}
}

// slabSize is how many series of a device share a piece of memory. Those that a
// message sets were mostly created by one message, and so lie side by side.
const slabSize = 16

// insert creates the series for d.key, for which there is room.
func (t *Table) insert(d *device, m *metric, now int64) *series {
	key := string(d.key)
	if len(d.slab) == cap(d.slab) {
		d.slab = make([]series, 0, slabSize)
		d.infos = make([]seriesInfo, 0, slabSize)
	}
	d.infos = append(d.infos, seriesInfo{metric: m, key: key, began: now})
	d.slab = append(d.slab, series{seriesInfo: &d.infos[len(d.infos)-1], set: now, flags: m.flags(), unset: true})
	s := &d.slab[len(d.slab)-1]
	d.series[key] = s
	d.list = append(d.list, s)
	t.index.insert(d.name, s)
	if len(d.deleted) > 0 {
		delete(d.deleted, s.recordKey())
	}
	t.changed(d, s, true)
	return s
}

// drop deletes a series that has expired. The caller removes it from d.list,
// and holds d's lock.
func (t *Table) drop(d *device, s *series) {
	if t.opts.Persist {
		d.deleteRecord(s.recordKey())
		t.pending.add(d)
	}
	t.index.remove(func(yield func(*series) bool) { yield(s) })
	delete(d.series, s.key)
	d.bindings = nil
	d.perMetric[s.metric.index]--
	t.nseries.Add(-1)
}

// set sets a gauge and reports whether that changed it.
func (t *Table) set(d *device, s *series, value float64, now int64) bool {
	changed := s.unset || s.value != value
	s.value, s.set, s.unset = value, now, false
	t.changed(d, s, changed)
	return changed
}

// add adds to a counter.
func (t *Table) add(d *device, s *series, n float64, now int64) {
	s.value += n
	s.set, s.unset = now, false
	t.changed(d, s, true)
}

// changed notes that s must be stored, at once if the change is urgent and
// about hardware. The caller holds d's lock.
func (t *Table) changed(d *device, s *series, urgent bool) {
	if !t.opts.Persist {
		return
	}
	s.dirty = true
	t.pending.add(d)
	if urgent && s.flags&ofHardware != 0 {
		s.urgent = true
		t.pending.addUrgent(d)
		t.pending.notify()
	}
}

// deleteRecord notes that a record must be deleted. The caller holds d's lock.
func (d *device) deleteRecord(key string) {
	if d.deleted == nil {
		d.deleted = map[string]struct{}{}
	}
	d.deleted[key] = struct{}{}
}

// Forget removes a device and returns whether there was one. If the device
// sends again, it is new.
func (t *Table) Forget(name string) bool {
	return t.forget(name, func(*device) bool { return true })
}

// forget removes a device on a condition, which it checks while nothing can
// change the device.
func (t *Table) forget(name string, condition func(*device) bool) bool {
	// While t.mu is held, the device cannot come back, so the store is told of
	// this one and not of its successor.
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.devices[name]
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !condition(d) {
		return false
	}
	delete(t.devices, name)
	d.forgotten = true
	t.nseries.Add(-int64(len(d.series)))
	t.index.remove(func(yield func(*series) bool) {
		for _, s := range d.list {
			if !yield(s) {
				return
			}
		}
	})
	d.series, d.list = map[string]*series{}, nil
	clear(d.severity[:])
	clear(d.perMetric)
	d.last, d.skew, d.ids, d.bindings = nil, nil, nil, nil
	if t.opts.Persist {
		t.pending.forget(name)
	}
	return true
}
