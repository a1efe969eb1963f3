package state

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// What stands for a state where there is none.
const (
	stateUnknown  = "unknown"  // Nothing has been reported.
	stateAlarm    = "alarm"    // Something that no message withdraws was reported,
	stateReported = "reported" // or that is of no concern any more.
)

// An Event is a change of a state, or an alert that no message ever withdraws. A
// part that is first reported to be in a good state is not an event.
type Event struct {
	// Time is the time of receipt.
	Time   time.Time `json:"time"`
	Device string    `json:"device"`
	// Metric is the state or, for an alert, the counter, and Labels are its
	// labels without the device and the state.
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"`
	// Component and Unit are the labels of these names, empty without them.
	Component string `json:"component"`
	Unit      string `json:"unit"`
	// From and To are names of states. For an alert From is empty, and To is alarm,
	// or reported if it does not count as a state. From is unknown before the first
	// report.
	From string `json:"from"`
	To   string `json:"to"`
	// Level is how bad To is: ok, warning, critical or failed; empty if it is
	// unknown or reported.
	Level string `json:"level"`
	// MessageID is the printed id. Summary belongs to the entry whose template
	// matched, which decides where text and id contradict each other: TextOf is
	// its id if it is another, else empty.
	MessageID string `json:"message_id"`
	TextOf    string `json:"text_of"`
	Summary   string `json:"summary"`
	// Text is the text as received, made harmless: at most 256 bytes of valid
	// UTF-8 without control characters.
	Text string `json:"text"`
}

// noState is the index of a state that is not known.
const noState = -1

// stateOf returns the index of the state that a value of a gauge stands for, or
// noState.
func (m *metric) stateOf(value float64) int {
	if i := int(value); 0 <= i && i < len(m.states) && float64(i) == value {
		return i
	}
	return noState
}

// state returns the state with an index, or an unknown one.
func (m *metric) state(i int) collectors.State {
	if i == noState {
		return collectors.State{Name: stateUnknown}
	}
	return m.states[i]
}

// A lastReport is what is remembered of the last report of a state besides its
// value.
type lastReport struct {
	since  int64      // When the state began, or 0 if that was before a restart.
	id     catalog.ID // The printed one.
	textOf catalog.ID // The id whose text it is if that is another, else 0.
	text   []byte     // Owned and overwritten.
}

// view returns the report for a reader, an empty one for nil.
func (r *lastReport) view() LastReport {
	if r == nil {
		return LastReport{}
	}
	x := LastReport{Text: string(r.text), MessageID: r.id.String()}
	if r.textOf != 0 {
		x.TextOf = r.textOf.String()
	}
	if r.since != 0 {
		x.Since = moment(r.since)
	}
	return x
}

// reportBlock is the step in which the memory of a remembered text grows. Most
// texts fit in one.
const reportBlock = 64

// setText remembers the text of the last report of a state, or as much of it as the
// limits have room for.
func (t *Table) setText(d *device, s *series, text []byte) {
	r := s.report
	text = bytes.TrimSpace(text)
	if bytes.Equal(r.text, text) {
		return // As nearly always, and it is harmless.
	}
	if need := min(len(text), maxReportText); cap(r.text) < need {
		size := (need + reportBlock - 1) / reportBlock * reportBlock
		if t.reserveText(d, s, size-cap(r.text)) {
			r.text = make([]byte, 0, size)
		}
	}
	r.text = appendHarmless(r.text[:0], text, cap(r.text))
}

// remember remembers the last report of a state or an alert, which s has. The
// caller holds d's lock.
func (t *Table) remember(d *device, o *Observation, s *series) {
	r := s.report
	if r == nil {
		r = &lastReport{}
		s.report = r
	}
	r.id, r.textOf = o.Message.ID, o.Message.TextOf
	t.setText(d, s, o.Text)
}

// reported remembers the last report of a state, which s has, and adds an event
// if the state has changed. The caller holds d's lock.
func (t *Table) reported(d *device, o *Observation, s *series, from, to int) {
	t.remember(d, o, s)
	if from == to {
		return
	}
	s.report.since = o.Time.UnixNano()
	if from != noState || s.metric.state(to).Level != collectors.OK {
		t.events.add(d, o, s, from, to)
	}
}

// alerted remembers the report that s counts if it counts as a state, and adds its
// event. The caller holds d's lock.
func (t *Table) alerted(d *device, o *Observation, s *series) {
	if s.metric.isAlarm(s.key) {
		t.remember(d, o, s)
	}
	if s.metric.isAlert() {
		t.events.add(d, o, s, noState, noState)
	}
}

// An eventRing keeps the last events. All its memory is allocated at once, so an
// event costs none.
type eventRing struct {
	mu      sync.Mutex // See Table.
	entries []ringEntry
	// written is how many were ever written, in earlier runs too. The next one has
	// it as number, and goes to the entry of that number modulo that of entries.
	written uint64
	stored  uint64 // From which number on no store has taken them.
}

// at returns the entry of a number.
func (r *eventRing) at(number uint64) *ringEntry { return &r.entries[number%uint64(len(r.entries))] }

// first returns the number of the first event that is kept.
func (r *eventRing) first() uint64 { return r.written - min(r.written, uint64(len(r.entries))) }

type ringEntry struct {
	time     int64
	device   string
	metric   *metric
	key      string // Of the series.
	from, to int    // Indexes of states; both are noState for an alert.
	void     bool   // Whether it was not an event, as has turned out, or is not known.
	id       catalog.ID
	entry    *catalog.Entry
	length   int // Of text.
	text     [maxReportText]byte
}

// add adds an event. For an alert, from and to are noState.
func (r *eventRing) add(d *device, o *Observation, s *series, from, to int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(r.written)
	r.written++
	e.time, e.device, e.metric, e.key, e.from, e.to = o.Time.UnixNano(), d.name, s.metric, s.key, from, to
	e.id, e.entry, e.void = o.Message.ID, o.Message.Entry, false
	e.length = len(appendHarmless(e.text[:0], bytes.TrimSpace(o.Text), maxReportText))
}

// correct corrects the events of a device that are first reports of its states,
// when it turns out what the states were before, by stateKey: a state that is the
// same has not changed.
func (r *eventRing) correct(device string, states map[string]*storedSeries) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.entries {
		e := &r.entries[i]
		if e.device != device || e.from != noState || e.to == noState {
			continue
		}
		before := states[stateKey(e.metric, e.key)]
		if before == nil {
			continue
		}
		e.from = before.state()
		e.void = e.from == e.to
		r.stored = r.first()
	}
}

// rename gives the events of a device to another.
func (r *eventRing) rename(from, to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.entries {
		if e := &r.entries[i]; e.device == from {
			e.device = to
			r.stored = r.first()
		}
	}
}

func (e *ringEntry) event() Event {
	x := Event{
		Time: time.Unix(0, e.time).UTC(), Device: e.device, Metric: e.metric.Name, Labels: e.metric.labelMap(e.key),
		MessageID: e.id.String(), Summary: e.entry.Summary, Text: string(e.text[:e.length]),
	}
	if e.entry.ID != e.id {
		x.TextOf = e.entry.ID.String()
	}
	x.Component, x.Unit = x.Labels["component"], x.Labels["unit"]
	if e.from == noState && e.to == noState {
		if x.To = stateReported; e.metric.isAlarm(e.key) {
			x.To, x.Level = stateAlarm, e.metric.Alarm.Level.String()
		}
		return x
	}
	x.From, x.To = e.metric.state(e.from).Name, e.metric.state(e.to).Name
	if e.to != noState {
		x.Level = e.metric.state(e.to).Level.String()
	}
	return x
}

// Events returns the last events received at since or later, in the order in
// which they came. Of more than limit it returns the last ones. The table keeps
// as many as [Options] has room for; see [Table.RestoreEvents] for those of earlier
// runs.
func (t *Table) Events(since time.Time, limit int) []Event {
	var entries []ringEntry
	r := &t.events
	r.mu.Lock()
	for i := r.first(); i < r.written; i++ {
		if e := r.at(i); !e.void && !time.Unix(0, e.time).Before(since) {
			entries = append(entries, *e)
		}
	}
	r.mu.Unlock()
	entries = entries[max(0, len(entries)-limit):]
	events := make([]Event, len(entries))
	for i := range entries {
		events[i] = entries[i].event()
	}
	return events
}

// An EventRecord is an event as it is stored.
type EventRecord struct {
	// Number grows with each event, over restarts.
	Number uint64
	// Data is for [Table.RestoreEvents], also of other versions of the program. Nil
	// stands for a number without an event.
	Data []byte
}

// eventForm is the first byte of [EventRecord.Data]. What follows in this form is
// the time of receipt in nanoseconds since 1970 (big endian), and texts that are
// ended as in the key of a series: the device, the former and the new state, both
// empty for an alert, the printed id, that of the entry and the text of the message.
// The key of a record is the rest.
const eventForm = 1

// data returns the event as it is stored, or nil if there is none.
func (e *ringEntry) data() []byte {
	if e.void {
		return nil
	}
	var from, to string
	if e.from != noState || e.to != noState {
		from, to = e.metric.state(e.from).Name, e.metric.state(e.to).Name
	}
	b := binary.BigEndian.AppendUint64([]byte{eventForm}, uint64(e.time))
	for _, s := range []string{e.device, from, to, e.id.String(), e.entry.ID.String(), string(e.text[:e.length])} {
		b = appendKeyValue(b, s)
	}
	return append(b, e.metric.Name+separatorString+e.key[1:]...)
}

// take returns the events that no store has taken, and the number of the first one
// that is kept.
func (r *eventRing) take() (records []EventRecord, first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first = r.first()
	for i := max(r.stored, first); i < r.written; i++ {
		records = append(records, EventRecord{i, r.at(i).data()})
	}
	r.stored = r.written
	return records, first
}

// putBack makes the events from a number on be taken once more.
func (r *eventRing) putBack(number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stored = min(r.stored, max(number, r.first()))
}

// maxEventNumber is what the numbers of events do not reach.
const maxEventNumber = 1 << 62

// RestoreEvents puts stored events before those that the table has, as far as there
// is room, and gives their texts to the states that they began. It returns how many
// are events for this version of the program. Call it once, after all devices are
// restored.
func (t *Table) RestoreEvents(records []EventRecord) (restored int) {
	entries := map[uint64]*ringEntry{}
	next := uint64(0)
	for i := range records {
		r := &records[i]
		if e := t.parseEvent(r.Data); e != nil && r.Number < maxEventNumber {
			entries[r.Number] = e
			next = max(next, r.Number+1)
		}
	}
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(entries))) {
		t.restoreReport(entries[number])
	}
	t.events.restore(entries, next)
	return len(entries)
}

// restore puts entries before those that there are, which get numbers from next on.
func (r *eventRing) restore(entries map[uint64]*ringEntry, next uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := make([]ringEntry, 0, r.written-r.first())
	for i := r.first(); i < r.written; i++ {
		old = append(old, *r.at(i))
	}
	r.stored, r.written = next, next
	for i := r.first(); i < next; i++ {
		*r.at(i) = ringEntry{void: true}
		if e := entries[i]; e != nil {
			*r.at(i) = *e
		}
	}
	for _, e := range old {
		*r.at(r.written) = e
		r.written++
	}
}

// parseEvent returns the entry for a stored event, or nil if it is not one of the
// table's.
func (t *Table) parseEvent(data []byte) *ringEntry {
	const texts, head = 6, 1 + 8
	if len(data) < head || data[0] != eventForm {
		return nil
	}
	parts := strings.SplitN(string(data[head:]), separatorString, texts+1)
	if len(parts) <= texts {
		return nil
	}
	now := t.opts.Now().UnixNano()
	e := &ringEntry{time: min(int64(binary.BigEndian.Uint64(data[1:])), now), device: parts[0], from: noState, to: noState}
	series, ok := t.parseRecord(&Record{Key: parts[texts]}, now)
	id, idErr := catalog.ParseID(parts[3])
	entryID, entryErr := catalog.ParseID(parts[4])
	i := t.catalog.Index(entryID)
	if !ok || idErr != nil || entryErr != nil || i < 0 || !validDeviceName([]byte(e.device)) {
		return nil
	}
	e.metric, e.key, e.id, e.entry = series.metric, series.key, id, t.catalog.At(i)
	if from, to := parts[1], parts[2]; e.metric.isState() {
		if e.from, e.to = e.metric.stateCalled(from), e.metric.stateCalled(to); e.to == noState {
			return nil
		}
	} else if !e.metric.isAlert() || from+to != "" {
		return nil
	}
	e.length = len(appendHarmless(e.text[:0], []byte(parts[5]), maxReportText))
	return e
}

// restoreReport gives the text of an event to the state that it began or the alert
// that it reports, unless there was a report or an event later.
func (t *Table) restoreReport(e *ringEntry) {
	d := t.find(e.device)
	if d == nil {
		return
	}
	t.settled(d)
	defer d.mu.Unlock()
	s := d.series[e.key]
	switch m := e.metric; {
	case d.forgotten || s == nil || s.report != nil:
		return
	case m.Type == collectors.StateSet && s.value != 1, m.Type == collectors.Gauge && m.stateOf(s.value) != e.to:
		return
	}
	s.report = &lastReport{id: e.id}
	if e.entry.ID != e.id {
		s.report.textOf = e.entry.ID
	}
	if e.to != noState && e.metric.changed == nil {
		s.report.since = e.time
	}
	t.setText(d, s, e.text[:e.length])
}
