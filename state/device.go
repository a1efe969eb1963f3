package state

import (
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A device is the part of the table that belongs to one device. Its lock
// guards all of it. What each message needs comes first, since a message spends
// most of its time waiting for memory.
type device struct {
	mu           sync.Mutex // Locked by Table.settled to read series.
	queued       bool       // Whether it is in pending.devices,
	queuedUrgent bool       // and in pending.urgentDevices.
	forgotten    bool       // Whether it is no longer in the table.
	expected     bool       // Whether it is in the inventory.
	*scratch
	tally    tally
	last     *series
	ids      []*[idPage]idSeries // By index in the catalog; see device.id.
	skew     *series
	severity [8]*series
	bindings bindings
	// The last addresses that it sent from, the last one first, and their number.
	addresses    []senderAddress
	addressCount *series

	name      string
	series    map[string]*series // By key.
	list      []*series          // The same, faster to go through.
	slab      []series           // Memory for some more,
	infos     []seriesInfo       // and for what they are.
	perMetric []uint16
	deleted   map[string]struct{} // Keys of records to delete.
	bytes     int                 // What its series take of the limits in bytes.
	maker     uint16              // Who is charged for it; see shares.
}

// A scratch is memory to build the key of a series in, and has who pays for a new
// one. It belongs to the holder of the device's lock.
type scratch struct {
	key, text []byte
	sender    *netip.Addr // That of the Observation, or nil.
	unkept    binding     // For a message for which there is no room to keep one.
}

// accountable returns the address that is charged for what is new, if there is one.
func (d *scratch) accountable() (sender netip.Addr, ok bool) {
	if d.sender == nil || !d.sender.IsValid() {
		return netip.Addr{}, false
	}
	return *d.sender, true
}

// A series has what a message and a scrape need in half a cache line, so two of
// them often share one.
type series struct {
	*seriesInfo
	value float64
	set   int64  // When it was last set, in nanoseconds since 1970.
	slot  uint32 // See [textIndex].
	maker uint16 // Who is charged for it; see shares.
	flags flags
}

func (s *series) is(f flags) bool { return s.flags&f != 0 }

// mark sets or clears flags.
func (s *series) mark(f flags, set bool) {
	s.flags &^= f
	if set {
		s.flags |= f
	}
}

// A seriesInfo is what a series is, all its life.
type seriesInfo struct {
	metric *metric
	key    string      // In device.series; see key.go.
	began  int64       // When it began, in nanoseconds since 1970.
	report *lastReport // Of a series that is a state, or nil.
}

// flags are what is true of a series. Those of its metric are copied, to read less
// memory.
type flags uint8

const (
	ofHardware flags = 1 << iota // It is about the state of hardware.
	expiring                     // It is shown for some time only.
	unset                        // No message has set it yet.
	dirty                        // It has changed since it was stored,
	urgent                       // and must be stored at once.
)

// lockObserved returns the device of an observation, locked, or nil if it must
// not be created.
func (t *Table) lockObserved(o *Observation) *device {
	if o.scratch == nil {
		o.scratch = &scratch{sender: &o.Sender}
	}
	if o.Ref == nil {
		return t.lock(o.Device, o.Time, o.scratch, false)
	}
	if d := o.Ref.device; d != nil {
		if d.mu.Lock(); !d.forgotten {
			d.scratch = o.scratch
			return d
		}
		d.mu.Unlock()
	}
	d := t.lock(o.Device, o.Time, o.scratch, false)
	o.Ref.device = d
	return d
}

// settled locks a device for a reader of its series.
func (t *Table) settled(d *device) {
	d.mu.Lock()
	t.settle(d)
}

// lock returns the device called name, locked and with memory to build keys in,
// or nil if it must not be created. If the device must have a place, another may
// go for it.
func (t *Table) lock(name []byte, at time.Time, space *scratch, must bool) *device {
	for {
		d := t.device(name, at, space, must)
		if d == nil {
			return nil
		}
		if t.settled(d); !d.forgotten {
			d.scratch = space
			return d
		}
		d.mu.Unlock() // It was forgotten in between; the next one is new.
	}
}

// device returns the device called name, which it creates if need be, or nil
// if it must not.
func (t *Table) device(name []byte, at time.Time, space *scratch, must bool) *device {
	t.mu.RLock()
	d := t.devices[string(name)]
	t.mu.RUnlock()
	if d != nil {
		return d
	}
	if !validDeviceName(name) {
		t.rejected[rejectDeviceName].Add(1)
		return nil
	}
	if must {
		t.findVictims()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.devices[string(name)]; d != nil {
		return d
	}
	left := t.limits.Load().Devices - len(t.devices)
	if left <= 0 && !(must && t.evict()) {
		t.rejected[rejectDevices].Add(1)
		return nil
	}
	maker := uint16(nobody)
	if sender, ok := space.accountable(); ok {
		if maker, ok = t.shares.take(sender, charge{devices: 1}, charge{devices: left}); !ok {
			t.rejected[rejectSenderShare].Add(1)
			return nil
		}
	}
	return t.newDevice(name, at, space, maker)
}

// validDeviceName reports whether a device may have a name: all that senders and
// inventories have, but not what a damaged file may have.
func validDeviceName(name []byte) bool {
	return 0 < len(name) && len(name) <= maxDeviceName && isHarmless(name)
}

// newDevice creates a device, for which there is room. The caller holds t.mu.
func (t *Table) newDevice(name []byte, at time.Time, space *scratch, maker uint16) *device {
	d := &device{
		scratch:   space,
		maker:     maker,
		name:      string(name),
		ids:       make([]*[idPage]idSeries, len(t.ids)/idPage+1),
		series:    map[string]*series{},
		perMetric: make([]uint16, len(t.metrics)),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.devices[d.name] = d
	t.createZeros(d, at)
	return d
}

// createZeros creates the counters that a device has from the start, unless it has
// them. The caller holds its lock.
func (t *Table) createZeros(d *device, at time.Time) {
	for _, m := range t.metrics[firstRuleMetric:] {
		t.createZero(d, m, at.UnixNano())
	}
}

// find returns the device called name, or nil.
func (t *Table) find(name string) *device {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.devices[name]
}

// Devices returns the names of all devices, sorted.
func (t *Table) Devices() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Sorted(maps.Keys(t.devices))
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
	maker, ok := t.reserve(d, m, 1, d.cost(len(d.key)))
	if !ok {
		return nil
	}
	return t.insert(d, m, maker, now)
}

// createStateSet creates all series of the state set that d.key is one of,
// or none if a limit forbids it.
func (t *Table) createStateSet(d *device, m *metric, now int64) {
	prefix := withoutState(d.key)
	cost := 0
	for i := range m.states {
		cost += d.cost(len(prefix) + len(m.states[i].Name) + 1)
	}
	maker, ok := t.reserve(d, m, len(m.states), cost)
	if !ok {
		return
	}
	for i := range m.states {
		d.key = appendKeyValue(prefix, m.states[i].Name)
		t.insert(d, m, maker, now)
	}
}

// slabSize is how many series of a device share a piece of memory. Those that a
// message sets were mostly created by one message, and so lie side by side.
const slabSize = 16

// insert creates the series for d.key, for which reserve has made room.
func (t *Table) insert(d *device, m *metric, maker uint16, now int64) *series {
	key := string(d.key)
	if len(d.slab) == cap(d.slab) {
		d.slab = make([]series, 0, slabSize)
		d.infos = make([]seriesInfo, 0, slabSize)
	}
	d.infos = append(d.infos, seriesInfo{metric: m, key: key, began: now})
	d.slab = append(d.slab, series{seriesInfo: &d.infos[len(d.infos)-1], set: now, maker: maker, flags: m.flags() | unset})
	s := &d.slab[len(d.slab)-1]
	d.series[key] = s
	d.list = append(d.list, s)
	t.index.insert(d.name, s)
	if len(d.deleted) > 0 {
		t.keepRecord(d, s.recordKey())
	}
	t.changed(d, s, true)
	return s
}

// drop deletes a series that has expired. The caller removes it from d.list,
// and holds d's lock.
func (t *Table) drop(d *device, s *series) {
	if t.opts.Persist {
		t.deleteRecord(d, s.recordKey())
		t.pending.add(d)
	}
	t.index.remove(func(yield func(*series) bool) { yield(s) })
	delete(d.series, s.key)
	t.dropBindings(d)
	d.perMetric[s.metric.index]--
	t.release(d, s)
}

// replace drops the other series of a metric of type Info that a device has. The
// caller holds d's lock.
func (t *Table) replace(d *device, s *series) {
	if d.perMetric[s.metric.index] < 2 {
		return
	}
	for _, other := range d.list {
		if other != s && other.metric == s.metric {
			t.drop(d, other)
		}
	}
	d.list = slices.DeleteFunc(d.list, func(other *series) bool { return other != s && other.metric == s.metric })
}

// set sets a gauge and reports whether that changed it.
func (t *Table) set(d *device, s *series, value float64, now int64) bool {
	changed := s.is(unset) || s.value != value
	s.value, s.set = value, now
	s.flags &^= unset
	t.changed(d, s, changed)
	return changed
}

// noteEnd notes whether a series with a Grace has returned to 0, so that it and the
// time of its last change are shown for that time only. The caller holds d's lock.
func (t *Table) noteEnd(d *device, s *series) {
	ended := s.value == 0
	s.mark(expiring, ended)
	if m := s.metric; m.changed != nil {
		d.key = siblingKey(d.key, m, m.changed, s.key)
		if changed := d.series[string(d.key)]; changed != nil {
			changed.mark(expiring, ended)
		}
	}
}

// touch sets a gauge to the time of a message. It must be stored at once only with
// a state that the message has changed.
func (t *Table) touch(d *device, s *series, now int64, stateChanged bool) {
	s.value, s.set = seconds(now), now
	s.flags &^= unset
	t.changed(d, s, stateChanged)
}

// maxCounter is what counters do not reach. Below 2^53 a float64 has every integer;
// from there on, adding one changes nothing.
const maxCounter = 1 << 53

// add adds to a counter. One that has become too large starts again at 0.
func (t *Table) add(d *device, s *series, n float64, now int64) {
	if s.value += n; s.value >= maxCounter {
		s.value, s.began = n, now
	}
	s.set = now
	s.flags &^= unset
	t.changed(d, s, true)
}

// changed notes that s must be stored, at once if the caller wants that and it is
// about hardware. The caller holds d's lock.
func (t *Table) changed(d *device, s *series, atOnce bool) {
	if !t.opts.Persist {
		return
	}
	s.flags |= dirty
	t.pending.add(d)
	if atOnce && s.is(ofHardware) {
		s.flags |= urgent
		t.pending.addUrgent(d)
		t.pending.notify()
	}
}

// deleteRecord notes that a record must be deleted. Its key counts in the limits in
// bytes until a store takes it, which may be never. The
// caller holds d's lock.
func (t *Table) deleteRecord(d *device, key string) {
	if _, ok := d.deleted[key]; ok {
		return
	}
	if d.deleted == nil {
		d.deleted = map[string]struct{}{}
	}
	d.deleted[key] = struct{}{}
	d.bytes += len(key)
	t.nbytes.Add(int64(len(key)))
}

// keepRecord takes back that a record must be deleted. The caller holds d's lock.
func (t *Table) keepRecord(d *device, key string) {
	if _, ok := d.deleted[key]; ok {
		delete(d.deleted, key)
		d.bytes -= len(key)
		t.nbytes.Add(-int64(len(key)))
	}
}

// remove removes a device on a condition. The caller holds t.mu.
func (t *Table) remove(d *device, condition func(*device) bool) bool {
	t.settled(d)
	defer d.mu.Unlock()
	if d.forgotten || !condition(d) {
		return false
	}
	delete(t.devices, d.name)
	d.forgotten = true
	t.expect(d, false)
	t.shares.giveDevice(d.maker)
	t.release(d, d.list...)
	t.index.remove(func(yield func(*series) bool) {
		for _, s := range d.list {
			if !yield(s) {
				return
			}
		}
	})
	for key := range d.deleted {
		t.keepRecord(d, key) // Its bucket is deleted as a whole.
	}
	d.series, d.list = map[string]*series{}, nil
	clear(d.severity[:])
	clear(d.perMetric)
	d.last, d.skew, d.ids, d.tally = nil, nil, nil, tally{}
	d.addresses, d.addressCount = nil, nil
	t.dropBindings(d)
	return true
}
