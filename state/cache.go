package state

import (
	"hash/maphash"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A binding is the effect of messages with the same template and labels on a
// device: the series that they touch, each looked up once. Devices repeat themselves, and
// looking a series up costs more than setting it: without bindings a message
// takes 20 to 58% longer (BenchmarkReplay).
//
// A binding never outlives a series of its device: [device.bindings] is dropped
// when one is deleted.
type binding struct {
	length uint8
	key    [maxBindingKey]byte // As bindingFor makes it.
	// id has the series about the id, unless the text is that of another id.
	id idSeries
	// series are those of the instructions, in order; see instruction.place.
	// Those that no message has touched yet, or that a limit refuses, are nil.
	series [maxProgramSeries]*series
}

const (
	// maxProgramSeries is the maximum number of series that the rules for one
	// template may touch. A binding has room for all of them, so that it needs one
	// allocation.
	maxProgramSeries = 9
	// maxBindingKey is the maximum length of a key that is remembered.
	maxBindingKey = 47
)

// Bindings are the bindings of a device, each in one of a few places. If all
// are taken, the table grows, up to maxBindings; then the later one replaces an
// earlier one, in its memory. So a message that a limit refuses, or that comes
// once, costs no more than looking up its series.
type bindings []bindingPlace // Groups of bindingGroup, as many as a power of two.

// A bindingPlace has the hash beside the pointer, so that a search reads only
// bindings whose hash matches.
type bindingPlace struct {
	hash uint64
	*binding
}

const (
	maxBindings  = 128
	bindingGroup = 4
	// maxAllBindings bounds the bindings of all devices: 40 MB, so that senders of
	// ever new labels cannot make them the larger part of the table. A fleet of
	// 10,000 devices with all their parts needs 100,000.
	maxAllBindings = 250_000
)

// group returns the places for a hash.
func (t bindings) group(hash uint64) []bindingPlace {
	i := int(hash) & (len(t)/bindingGroup - 1) * bindingGroup
	return t[i : i+bindingGroup]
}

// find returns the binding with this key, or nil.
func (t bindings) find(hash uint64, key []byte) *binding {
	if t == nil {
		return nil
	}
	group := t.group(hash)
	for i := range group {
		if p := &group[i]; p.hash == hash && p.binding != nil && string(p.key[:p.length]) == string(key) {
			return p.binding
		}
	}
	return nil
}

// add returns an empty binding with this key, which it copies. A binding whose
// key is too long is not reused. Room is how many more bindings all devices may
// have; if there is none, add may return nil.
func (t *bindings) add(hash uint64, key []byte, room *atomic.Int64) *binding {
	if *t == nil {
		*t = make(bindings, bindingGroup)
	}
	place := t.free(hash)
	for place == nil && len(*t) < maxBindings && room.Load() > 0 {
		before := *t
		*t = make(bindings, 2*len(before))
		for _, b := range before {
			if b.binding != nil {
				*t.free(b.hash) = b
			}
		}
		place = t.free(hash)
	}
	if place == nil {
		place = &t.group(hash)[hash>>62]
	}
	if place.binding == nil {
		if room.Add(-1) < 0 {
			room.Add(1)
			return nil
		}
		place.binding = &binding{}
	}
	place.hash = hash
	*place.binding = binding{}
	place.length = uint8(copy(place.key[:], key))
	return place.binding
}

// size returns how many bindings there are.
func (t bindings) size() (n int64) {
	for i := range t {
		if t[i].binding != nil {
			n++
		}
	}
	return n
}

// dropBindings forgets all bindings of a device. The caller holds its lock.
func (t *Table) dropBindings(d *device) {
	t.bindingRoom.Add(d.bindings.size())
	d.bindings = nil
}

// free returns a free place for a hash, or nil.
func (t bindings) free(hash uint64) *bindingPlace {
	group := t.group(hash)
	for i := range group {
		if group[i].binding == nil {
			return &group[i]
		}
	}
	return nil
}

// The idSeries are the series about an id that has been received. Those that
// do not exist yet, or that a limit refuses, are nil.
type idSeries struct{ messages, last *series }

// idPage is how many ids that follow each other in the catalog share a piece
// of memory. A device that sends one of a family sends others.
const idPage = 16

// id returns the series of the id with an index in the catalog.
func (d *device) id(index int) *idSeries {
	page := &d.ids[index/idPage]
	if *page == nil {
		*page = new([idPage]idSeries)
	}
	return &(*page)[index%idPage]
}

// idSeriesFor returns the series of the id with an index in the catalog, which it
// creates if need be and a limit allows it.
func (t *Table) idSeriesFor(d *device, index int, now int64) idSeries {
	id := d.id(index)
	if id.messages == nil {
		id.messages = t.seriesOf(d, t.metrics[metricMessages], t.ids[index], now)
	}
	if id.last == nil && t.programs[index] != nil {
		id.last = t.seriesOf(d, t.metrics[metricLastReceived], t.ids[index], now)
	}
	return *id
}

// A labelSource is a field of a text that becomes a label.
type labelSource struct {
	field int
	label *collectors.Label
}

// appendTo appends the label value that the source has in m, made harmless.
func (l *labelSource) appendTo(d *scratch, m *catalog.Message) {
	start := len(d.key)
	d.text = m.AppendLabel(d.text[:0], l.field)
	d.key = l.label.AppendValue(d.key, d.text)
	d.key = appendHarmless(d.key[:start], d.key[start:], MaxLabelValue)
}

// bindingFor returns the binding for a message with the program p. It belongs to d and
// is valid while the caller holds d's lock.
func (t *Table) bindingFor(d *device, p *program, m *catalog.Message) *binding {
	d.key = append(d.key[:0], byte(m.Index), byte(m.Index>>8), byte(m.TemplateIndex))
	for i := range p.sources {
		p.sources[i].appendTo(d.scratch, m)
		d.key = endKeyValue(d.key)
	}
	hash := maphash.Bytes(t.seed, d.key)
	if b := d.bindings.find(hash, d.key); b != nil {
		return b
	}
	if b := d.bindings.add(hash, d.key, &t.bindingRoom); b != nil {
		return b
	}
	d.unkept = binding{}
	return &d.unkept
}

// seriesFor returns the series of an instruction, which it creates if need be, or
// nil if a limit forbids that.
func (t *Table) seriesFor(d *device, b *binding, in *instruction, m *catalog.Message, now int64) *series {
	s := b.series[in.place]
	if s == nil {
		d.buildKey(in, m)
		s = t.series(d, in.metric, now)
		b.series[in.place] = s
	}
	return s
}

// statesFor returns the series of a state set, one for each state, which it
// creates if need be, or nil if a limit forbids that.
func (t *Table) statesFor(d *device, b *binding, in *instruction, m *catalog.Message, now int64) []*series {
	states := in.metric.states
	all := b.series[in.place : in.place+len(states)]
	if all[0] != nil {
		return all
	}
	d.buildKey(in, m)
	prefix := len(d.key)
	d.key = appendKeyValue(d.key, states[0].Name)
	if d.series[string(d.key)] == nil {
		// All or none: of a state set, a part would be wrong.
		t.createStateSet(d, in.metric, now)
	}
	for i := range states {
		d.key = appendKeyValue(d.key[:prefix], states[i].Name)
		all[i] = d.series[string(d.key)]
	}
	if slices.Contains(all, nil) {
		clear(all)
		return nil
	}
	return all
}

// same reports whether two sources always give the same value.
func (l labelSource) same(other labelSource) bool {
	return l.field == other.field && slices.Equal(l.label.Values, other.label.Values) &&
		reflect.ValueOf(l.label.Append).Pointer() == reflect.ValueOf(other.label.Append).Pointer()
}
