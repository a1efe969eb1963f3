package state

import (
	"iter"
	"slices"
	"strings"
	"sync"
)

// A textIndex is what expositions need and scrapes have in common: the labels
// of each series as text, in the order in which they are shown, and for each
// series a slot, its place among the values.
//
// It belongs to expositions alone and is brought up to date by each, so that
// the way of a message into the table has nothing to do with it: an exposition
// finds new series when it copies the values, and is told of deleted ones by
// bury. A slot becomes free after a later exposition has both copied the values
// and taken the series out of the order; until then no other series can get it
// and be shown under wrong labels.
type textIndex struct {
	// mu is held while an Exposition is made. It is locked before all others.
	mu       sync.Mutex
	metrics  []*metric    // Sorted by name.
	families []textFamily // By metric.
	infos    []bool       // By catalogue index: whether ftd_message_info has it.
	slots    uint32       // How many there are.
	free     []uint32
	devices  []*device // Space.
	scratch  textScratch

	// The lock of what follows may be locked while a device is.
	buriedMu sync.Mutex
	buried   []removed

	spareMu sync.Mutex
	spare   *Exposition // For the next one, or nil.
}

// slotOne is the slot whose value is always 1, that of ftd_message_info. In a
// series it means that it has no slot yet.
const slotOne = 0

// A removed is what is left of a deleted series.
type removed struct {
	slot   uint32
	metric byte
}

// A textFamily is the order of the series of a metric.
type textFamily struct {
	// chunks are never modified, and neither is the slice: expositions have it.
	chunks []*chunk
	added  []addedSeries // Since the last exposition.
	buried bool          // Whether a series was, since then.
}

// An addedSeries is a series that is not in the order yet.
type addedSeries struct {
	device, key string
	slot        uint32
}

// A chunk is some series that follow each other. It is never modified, so that
// a change of the order copies only what is near.
type chunk struct {
	text  []byte
	lines []line
}

// A line is a series in a chunk: where its labels end, and its slot.
type line struct{ end, slot uint32 }

// maxChunk is how many series a chunk has at most.
const maxChunk = 128

// first returns the labels of the first series.
func (c *chunk) first() []byte { return c.text[:c.lines[0].end] }

// textScratch is space to change the order in.
type textScratch struct {
	text          []byte
	ends          []int
	values        []string
	added, merged []piece
	gone          []uint64 // The set of buried slots.
}

// A piece is a series on its way into a chunk.
type piece struct {
	text []byte
	slot uint32
}

func (t *textIndex) init(metrics []*metric, entries int) {
	t.metrics = slices.SortedFunc(slices.Values(metrics), func(a, b *metric) int { return strings.Compare(a.Name, b.Name) })
	t.families = make([]textFamily, len(metrics))
	t.infos = make([]bool, entries)
	t.slots = slotOne + 1
}

// remove notes that series are deleted, all at once. The caller holds the lock of
// their device.
func (t *textIndex) remove(deleted iter.Seq[*series]) {
	t.buriedMu.Lock()
	defer t.buriedMu.Unlock()
	for c := range deleted {
		if c.slot != slotOne {
			t.buried = append(t.buried, removed{c.slot, c.metric.index})
			c.slot = slotOne
		}
	}
}

// Expose returns the table as it is now. It holds the lock of one device at a
// time, and only to copy its values; what takes longer is done without. Release
// it.
func (s *Table) Expose() *Exposition {
	t := &s.index
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.take()
	if n := int(s.nseries.Load()) + 1 - len(x.values); n > 0 {
		x.values = slices.Grow(x.values, n)
	}
	now := s.opts.Now().UnixNano()
	t.devices = s.appendDevices(t.devices[:0])
	for _, d := range t.devices {
		s.copyValues(x, d, now)
	}
	clear(t.devices)
	for i := range s.seen {
		if s.seen[i].Load() && !t.infos[i] {
			t.infos[i] = true
			key := startKey(nil, s.metrics[metricMessageInfo])
			for _, v := range s.infoValues(i) {
				key = appendKeyValue(key, v)
			}
			t.families[metricMessageInfo].added = append(t.families[metricMessageInfo].added, addedSeries{key: string(key), slot: slotOne})
		}
	}
	t.update()
	for _, m := range t.metrics {
		if chunks := t.families[m.index].chunks; len(chunks) > 0 {
			x.families = append(x.families, exposedFamily{m, chunks})
		}
	}
	return x
}

// take returns an Exposition without families.
func (t *textIndex) take() *Exposition {
	t.spareMu.Lock()
	defer t.spareMu.Unlock()
	x := t.spare
	t.spare = nil
	if x == nil {
		x = &Exposition{index: t}
	}
	x.grow(t.slots)
	x.values[slotOne] = 1
	return x
}

func (t *textIndex) release(x *Exposition) {
	t.spareMu.Lock()
	defer t.spareMu.Unlock()
	clear(x.families)
	x.families = x.families[:0]
	t.spare = x
}

// grow makes room for the values of so many slots.
func (x *Exposition) grow(slots uint32) {
	if n := int(slots) - len(x.values); n > 0 {
		x.values = append(x.values, make([]float64, n)...)
	}
}

// copyValues copies the values of a device, and drops what has expired.
func (s *Table) copyValues(x *Exposition, d *device, now int64) {
	t := &s.index
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range s.shown(d, now) {
		if c.slot == slotOne {
			c.slot = t.slot()
			x.grow(t.slots)
			f := &t.families[c.metric.index]
			if len(f.added) == cap(f.added) {
				f.added = slices.Grow(f.added, len(f.added)) // Append grows large ones in many steps.
			}
			f.added = append(f.added, addedSeries{d.name, c.key, c.slot})
		}
		x.values[c.slot] = c.value
		if s.opts.Timestamps {
			if n := len(x.values) - len(x.times); n > 0 {
				x.times = append(x.times, make([]int64, n)...)
			}
			x.times[c.slot] = c.set / 1e6
		}
	}
}

// slot returns a slot that no series has.
func (t *textIndex) slot() uint32 {
	if n := len(t.free); n > 0 {
		slot := t.free[n-1]
		t.free = t.free[:n-1]
		return slot
	}
	t.slots++
	return t.slots - 1
}

// update puts added series into the order and takes buried ones out.
func (t *textIndex) update() {
	t.buriedMu.Lock()
	gone := t.buried
	t.buried = nil
	t.buriedMu.Unlock()

	if n := int(t.slots+63)/64 - len(t.scratch.gone); n > 0 {
		t.scratch.gone = append(t.scratch.gone, make([]uint64, n)...)
	}
	for _, b := range gone {
		t.scratch.gone[b.slot/64] |= 1 << (b.slot % 64)
		t.families[b.metric].buried = true
	}
	for _, m := range t.metrics {
		if f := &t.families[m.index]; len(f.added) > 0 || f.buried {
			f.update(&m.layout, &t.scratch)
		}
	}
	for _, b := range gone {
		t.scratch.gone[b.slot/64] = 0
		t.free = append(t.free, b.slot)
	}
	t.scratch.trim()
}

// update makes a new order.
func (f *textFamily) update(l *layout, x *textScratch) {
	added := x.render(l, f.added)
	chunks := make([]*chunk, 0, len(f.chunks)+len(added)/maxChunk+1)
	for i, c := range f.chunks {
		n := len(added)
		if i+1 < len(f.chunks) {
			next := f.chunks[i+1].first()
			for n = 0; n < len(added) && compareTexts(added[n].text, next) < 0; {
				n++
			}
		}
		if n == 0 && (!f.buried || !slices.ContainsFunc(c.lines, func(l line) bool { return x.isGone(l.slot) })) {
			chunks = append(chunks, c)
			continue
		}
		x.merged = x.appendMerged(x.merged[:0], c, added[:n])
		chunks = appendChunks(chunks, x.merged)
		added = added[n:]
	}
	chunks = appendChunks(chunks, added) // If there was no chunk.

	lines := 0
	for _, c := range chunks {
		lines += len(c.lines)
	}
	if len(chunks) > 4*(lines/maxChunk+1) {
		// Deletions have left many small ones.
		x.merged = x.merged[:0]
		for _, c := range chunks {
			x.merged = x.appendMerged(x.merged, c, nil)
		}
		chunks = appendChunks(chunks[:0], x.merged)
	}
	f.chunks, f.added, f.buried = chunks, keep(f.added), false
}

// keep returns space to be used again: empty, without references to what is no
// longer needed, and not the space that a start with a large table needs once.
func keep[T any](space []T) []T {
	if cap(space) > 1<<14 {
		return nil
	}
	clear(space[:cap(space)])
	return space[:0]
}

// isGone reports whether a slot is that of a buried series.
func (x *textScratch) isGone(slot uint32) bool { return x.gone[slot/64]&(1<<(slot%64)) != 0 }

// trim makes the space ready for another update.
func (x *textScratch) trim() {
	x.text, x.ends, x.values, x.added, x.merged = keep(x.text), keep(x.ends), keep(x.values), keep(x.added), keep(x.merged)
}

// render returns added series, sorted, but those that are gone again. The
// memory is that of x.
func (x *textScratch) render(l *layout, added []addedSeries) []piece {
	x.text, x.ends, x.added = x.text[:0], x.ends[:0], x.added[:0]
	for i := range added {
		if x.isGone(added[i].slot) {
			continue
		}
		x.values = appendKeyValues(x.values[:0], added[i].key)
		x.text = l.appendLabels(x.text, added[i].device, x.values)
		x.ends = append(x.ends, len(x.text))
		x.added = append(x.added, piece{slot: added[i].slot})
	}
	start := 0
	for i, end := range x.ends {
		x.added[i].text = x.text[start:end]
		start = end
	}
	slices.SortFunc(x.added, func(a, b piece) int { return compareTexts(a.text, b.text) })
	return x.added
}

// appendMerged appends the series of a chunk that are not gone, and added ones,
// in order.
func (x *textScratch) appendMerged(dst []piece, c *chunk, added []piece) []piece {
	start := uint32(0)
	for _, l := range c.lines {
		text := c.text[start:l.end]
		start = l.end
		for len(added) > 0 && compareTexts(added[0].text, text) < 0 {
			dst = append(dst, added[0])
			added = added[1:]
		}
		if !x.isGone(l.slot) {
			dst = append(dst, piece{text, l.slot})
		}
	}
	return append(dst, added...)
}

// appendChunks appends chunks of about the same size that have the pieces.
func appendChunks(chunks []*chunk, pieces []piece) []*chunk {
	for n := (len(pieces) + maxChunk - 1) / maxChunk; n > 0; n-- {
		some := pieces[:len(pieces)/n]
		pieces = pieces[len(some):]
		size := 0
		for i := range some {
			size += len(some[i].text)
		}
		c := &chunk{text: make([]byte, 0, size), lines: make([]line, 0, len(some))}
		for i := range some {
			c.text = append(c.text, some[i].text...)
			c.lines = append(c.lines, line{uint32(len(c.text)), some[i].slot})
		}
		chunks = append(chunks, c)
	}
	return chunks
}
