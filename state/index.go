package state

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A textIndex is shared by all expositions: the labels of each series as text,
// and its slot, which is its place among the values of an [Exposition].
//
// A series is entered when it is created, so that every scrape costs the same. The lists of series are only appended to; a deleted series leaves a
// tombstone, and a list of which a quarter are tombstones is built anew. The slot
// of a tombstone belongs to it until then, and no list is built anew while an
// exposition copies values, so no value is ever shown under the labels of
// another series.
type textIndex struct {
	exposing sync.Mutex // Held while an Exposition is made; see Table.
	devices  []*device  // Space for that.

	mu       sync.Mutex   // Guards the rest; see Table.
	metrics  []*metric    // By name.
	families []textFamily // By index of the metric.
	infos    []bool       // By index in the catalog: whether ftd_message_info has it.
	slots    uint32       // How many there are.
	free     []uint32     // The slots that no series has.
	dead     slotSet      // The slots of tombstones.
	copying  bool         // Whether an exposition copies values.
	values   []string     // Space for the values of labels.
	spare    *Exposition  // Memory for the next one, or nil.
}

// slotOne is the slot of all series of ftd_message_info. Its value is always 1.
const slotOne = 0

// A textFamily is the list of series of a metric, in the order in which they
// were created. Expositions have parts of it, so nothing that it has is modified
// up to its length.
type textFamily struct {
	full       []*textBlock
	last       textBlock
	size, dead int // The number of entries, and of the tombstones among them.
}

// A textBlock is some series of a metric: their labels as text, one after the
// other, and where each ends.
type textBlock struct {
	text    []byte
	entries []textEntry
}

type textEntry struct{ end, slot uint32 }

// blockSize is how many series a full block has.
const blockSize = 128

// A slotSet is a set of slots.
type slotSet []uint64

func (s slotSet) has(slot uint32) bool { return s[slot/64]&(1<<(slot%64)) != 0 }
func (s slotSet) add(slot uint32)      { s[slot/64] |= 1 << (slot % 64) }
func (s slotSet) remove(slot uint32)   { s[slot/64] &^= 1 << (slot % 64) }

// grow makes room for so many slots.
func (s *slotSet) grow(slots uint32) {
	if n := int(slots+63)/64 - len(*s); n > 0 {
		*s = append(*s, make(slotSet, n)...)
	}
}

func (x *textIndex) init(metrics []*metric, entries int) {
	x.metrics = slices.SortedFunc(slices.Values(metrics), func(a, b *metric) int { return strings.Compare(a.Name, b.Name) })
	x.families = make([]textFamily, len(metrics))
	x.infos = make([]bool, entries)
	x.slots = slotOne + 1
	x.dead.grow(x.slots)
}

// insert enters a new series. The caller holds the lock of its device.
func (x *textIndex) insert(device string, s *series) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.free); n > 0 {
		s.slot = x.free[n-1]
		x.free = x.free[:n-1]
	} else {
		s.slot = x.slots
		x.slots++
		x.dead.grow(x.slots)
	}
	x.values = appendKeyValues(x.values[:0], s.key)
	x.families[s.metric.index].add(&s.metric.layout, device, x.values, s.slot)
}

// remove deletes series, all at once. The caller holds the lock of their device.
func (x *textIndex) remove(deleted iter.Seq[*series]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for s := range deleted {
		x.dead.add(s.slot)
		x.families[s.metric.index].dead++
	}
	x.compact()
}

// compact builds the lists anew that have too many tombstones, unless it must
// wait for an exposition. The caller holds x.mu.
func (x *textIndex) compact() {
	if x.copying {
		return
	}
	for i := range x.families {
		if f := &x.families[i]; f.dead > f.size/4 {
			x.rebuild(f)
		}
	}
}

// rebuild removes the tombstones of a family, and makes their slots free.
func (x *textIndex) rebuild(f *textFamily) {
	old := *f
	*f = textFamily{}
	for block := range old.blocks {
		start := uint32(0)
		for _, e := range block.entries {
			labels := block.text[start:e.end]
			start = e.end
			if x.dead.has(e.slot) {
				x.dead.remove(e.slot)
				x.free = append(x.free, e.slot)
				continue
			}
			f.last.text = append(f.last.text, labels...)
			f.end(e.slot)
		}
	}
}

// blocks yields all blocks.
func (f *textFamily) blocks(yield func(*textBlock) bool) {
	for _, block := range f.full {
		if !yield(block) {
			return
		}
	}
	yield(&f.last)
}

// add appends a series.
func (f *textFamily) add(l *layout, device string, values []string, slot uint32) {
	f.last.text = l.appendLabels(f.last.text, device, values)
	f.end(slot)
}

// end makes an entry of the labels that the caller has appended to the last
// block.
func (f *textFamily) end(slot uint32) {
	b := &f.last
	b.entries = append(b.entries, textEntry{uint32(len(b.text)), slot})
	f.size++
	if len(b.entries) == blockSize {
		f.full = append(f.full, &textBlock{b.text, b.entries})
		n := len(b.text)
		*b = textBlock{make([]byte, 0, n+n/16), make([]textEntry, 0, blockSize)}
	}
}

// Expose returns the table as it is now. It holds the lock of one device at a
// time, and only to copy its values. With starts, it has the times when counters
// began, which cost a third more. Release it.
func (t *Table) Expose(starts bool) *Exposition {
	x := &t.index
	x.exposing.Lock()
	defer x.exposing.Unlock()
	e := x.begin(starts)
	now := t.opts.Now().UnixNano()
	x.devices = t.appendDevices(x.devices[:0])
	for _, d := range x.devices {
		t.copyValues(e, d, now)
	}
	clear(x.devices)
	t.end(e, true)
	return e
}

// ExposeDevices returns the series of the named devices as they are now, and the
// series that do not have a device if "" is among the names. It costs what these
// devices cost, however large the table is. Names without a device, and repeated
// ones, add nothing. Release it.
func (t *Table) ExposeDevices(starts bool, names ...string) *Exposition {
	x := &textIndex{}
	x.init(t.metrics, len(t.seen))
	e := x.begin(starts)
	now := t.opts.Now().UnixNano()
	for i, name := range names {
		if d := t.find(name); d != nil && !slices.Contains(names[:i], name) {
			t.exposeDevice(e, d, now)
		}
	}
	t.end(e, slices.Contains(names, ""))
	return e
}

// exposeDevice enters the series of a device into the index of e, which only e
// uses, and copies their values.
func (t *Table) exposeDevice(e *Exposition, d *device, now int64) {
	t.settled(d)
	defer d.mu.Unlock()
	x := e.index
	for s := range t.shown(d, now) {
		x.values = appendKeyValues(x.values[:0], s.key)
		x.families[s.metric.index].add(&s.metric.layout, d.name, x.values, x.slots)
		e.put(x.slots, s, t.opts.Timestamps)
		x.slots++
	}
}

// put sets the value of a slot.
func (e *Exposition) put(slot uint32, s *series, timestamps bool) {
	if int(slot) >= len(e.values) {
		e.grow(slot + 1)
	}
	e.values[slot] = s.value
	e.shown.add(slot)
	if timestamps {
		if n := len(e.values) - len(e.times); n > 0 {
			e.times = append(e.times, make([]int64, n)...)
		}
		e.times[slot] = s.set / 1e6
	}
	if e.starts && s.metric.Type == collectors.Counter {
		if n := len(e.values) - len(e.began); n > 0 {
			e.began = append(e.began, make([]int64, n)...)
		}
		e.began[slot] = s.began
	}
}

// begin returns an Exposition without series. Until end, no slot changes hands.
func (x *textIndex) begin(starts bool) *Exposition {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.copying = true
	e := x.spare
	x.spare = nil
	if e == nil {
		e = &Exposition{index: x}
	}
	e.starts = starts
	clear(e.shown)
	e.grow(x.slots)
	e.values[slotOne] = 1
	e.shown.add(slotOne)
	return e
}

// copyValues copies the values of a device, and drops what has expired.
func (t *Table) copyValues(e *Exposition, d *device, now int64) {
	t.settled(d)
	defer d.mu.Unlock()
	for s := range t.shown(d, now) {
		e.put(s.slot, s, t.opts.Timestamps)
	}
}

// end gives an Exposition the lists of series. Each value that it has copied has
// its series there. Infos adds the series of ftd_message_info.
func (t *Table) end(e *Exposition, infos bool) {
	x := e.index
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range t.seen {
		if infos && t.seen[i].Load() && !x.infos[i] {
			x.infos[i] = true
			x.families[metricMessageInfo].add(&t.metrics[metricMessageInfo].layout, "", t.infoValues(i), slotOne)
		}
	}
	e.grow(x.slots)
	for _, m := range x.metrics {
		if f := (exposedFamily{m, x.families[m.index]}); e.shows(&f.textFamily) {
			e.families = append(e.families, f)
		}
	}
	x.copying = false
	x.compact()
}

// release takes the memory of an Exposition back.
func (x *textIndex) release(e *Exposition) {
	clear(e.families)
	e.families = e.families[:0]
	x.mu.Lock()
	defer x.mu.Unlock()
	x.spare = e
}
