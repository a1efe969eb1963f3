package state

import (
	"bytes"
	"sync"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// What stands for a state where there is none.
const (
	stateUnknown  = "unknown"  // Nothing has been reported.
	stateReported = "reported" // An alert, which is not a state.
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
	// From and To are names of states. From is unknown before the first report
	// and empty for an alert, To is reported for an alert.
	From string `json:"from"`
	To   string `json:"to"`
	// Level is how bad To is: ok, warning, critical or failed; empty if it is
	// unknown, and for an alert.
	Level string `json:"level"`
	// MessageID is the printed id. Summary belongs to the entry whose template
	// matched, which decides where text and id contradict each other.
	MessageID string `json:"message_id"`
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
	since int64 // When the state began, or 0 if that was before a restart.
	id    catalog.ID
	text  []byte // Owned and overwritten.
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

// reported remembers the last report of a state, which s has, and adds an event
// if the state has changed. The caller holds d's lock.
func (t *Table) reported(d *device, o *Observation, s *series, from, to int) {
	r := s.report
	if r == nil {
		r = &lastReport{}
		s.report = r
	}
	r.id = o.Message.ID
	t.setText(d, s, o.Text)
	if from == to {
		return
	}
	r.since = o.Time.UnixNano()
	if from != noState || s.metric.state(to).Level != collectors.OK {
		t.events.add(d, o, s, from, to)
	}
}

// An eventRing keeps the last events. All its memory is allocated at once, so an
// event costs none.
type eventRing struct {
	mu      sync.Mutex // See Table.
	entries []ringEntry
	written int // How many were ever written; the next goes to written modulo their number.
}

type ringEntry struct {
	time     int64
	device   string
	metric   *metric
	key      string // Of the series.
	from, to int    // Indexes of states; both are noState for an alert.
	void     bool   // Whether it has turned out that it was not an event.
	id       catalog.ID
	entry    *catalog.Entry
	length   int // Of text.
	text     [maxReportText]byte
}

// add adds an event. For an alert, from and to are noState.
func (r *eventRing) add(d *device, o *Observation, s *series, from, to int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := &r.entries[r.written%len(r.entries)]
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
	}
}

// rename gives the events of a device to another.
func (r *eventRing) rename(from, to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.entries {
		if e := &r.entries[i]; e.device == from {
			e.device = to
		}
	}
}

func (e *ringEntry) event() Event {
	x := Event{
		Time: time.Unix(0, e.time).UTC(), Device: e.device, Metric: e.metric.Name, Labels: e.metric.labelMap(e.key),
		MessageID: e.id.String(), Summary: e.entry.Summary, Text: string(e.text[:e.length]),
	}
	x.Component, x.Unit = x.Labels["component"], x.Labels["unit"]
	if e.from == noState && e.to == noState {
		x.To = stateReported
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
// as many as [Options] has room for, in memory only.
func (t *Table) Events(since time.Time, limit int) []Event {
	var entries []ringEntry
	r := &t.events
	r.mu.Lock()
	for i := max(0, r.written-len(r.entries)); i < r.written; i++ {
		if e := &r.entries[i%len(r.entries)]; !e.void && !time.Unix(0, e.time).Before(since) {
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
