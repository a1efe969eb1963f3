package state

import (
	"bytes"
	"sync"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// States as snapshots and events name them; a temperature can also be
// critical or warm.
const (
	stateFailed   = "failed"
	stateOK       = "ok"
	stateUnknown  = "unknown"
	stateReported = "reported"
)

// A Event is a change of the state of a component or a temperature, or an
// alarm that nothing ever withdraws. That a component heard of for the first
// time works is none.
type Event struct {
	// Time is the time of receipt.
	Time   time.Time `json:"time"`
	Device string    `json:"device"`
	// Component and Unit are as in the metrics; both are empty for an alarm
	// about no component.
	Component string `json:"component"`
	Unit      string `json:"unit"`
	// From is failed, critical, warm, ok or unknown; it is empty for an alarm.
	From string `json:"from"`
	// To is failed, critical, warm or ok, or reported for an alarm.
	To string `json:"to"`
	// MessageID is the printed id. Summary is about the wording, which decides
	// where it contradicts the id.
	MessageID string `json:"message_id"`
	Summary   string `json:"summary"`
	// Text is the text as received, made harmless: at most 256 bytes of valid
	// UTF-8 without control characters.
	Text string `json:"text"`
}

// componentMetrics are those that tell about components. A metric that the
// collectors lack is nil.
type componentMetrics struct {
	ok, failures, changed, celsius, temperature *metric
}

func findComponentMetrics(byName map[string]*metric) componentMetrics {
	return componentMetrics{
		ok:          byName["ftd_component_ok"],
		failures:    byName["ftd_component_failures_total"],
		changed:     byName["ftd_component_state_changed_timestamp_seconds"],
		celsius:     byName["ftd_temperature_celsius"],
		temperature: byName["ftd_temperature_state"],
	}
}

// A outcome is what one message says about the state of hardware.
type outcome struct {
	// state is the series of a state that the message tells, nil if none.
	state    *series
	from, to string
	// alarm is the counter of an alarm, nil if the message is none.
	alarm *series
}

// okState names the state that a value of ftd_component_ok shows, NaN if there
// is none.
func okState(value float64) string {
	switch value {
	case 0:
		return stateFailed
	case 1:
		return stateOK
	}
	return stateUnknown
}

// A lastReport is what is remembered of the last report of a state besides its value.
type lastReport struct {
	since int64 // When the state began, or 0 if that was before a restart.
	id    uint32
	text  []byte // Owned and overwritten.
}

// noteBlock is the step in which the memory of a note's text grows. Most texts
// fit one.
const noteBlock = 64

func (n *lastReport) setText(text []byte) {
	text = bytes.TrimSpace(text)
	if bytes.Equal(n.text, text) {
		return // As nearly always, and already tame.
	}
	if need := min(len(text), maxReportText); cap(n.text) < need {
		n.text = make([]byte, 0, (need+noteBlock-1)/noteBlock*noteBlock)
	}
	n.text = appendHarmless(n.text[:0], text, maxReportText)
}

// record remembers what a message said about a state, and enters a change in
// the journal. The caller holds d's lock.
func (t *Table) record(d *device, e *Observation, r *outcome, b *binding) {
	switch {
	case r.state != nil:
		n := b.report
		if n == nil {
			if n = d.reports[r.state]; n == nil {
				if d.reports == nil {
					d.reports = map[*series]*lastReport{}
				}
				n = &lastReport{}
				d.reports[r.state] = n
			}
			b.report = n
		}
		n.id = e.Message.ID
		n.setText(e.Text)
		if r.from == r.to {
			return
		}
		n.since = e.Time.UnixNano()
		if r.from != stateUnknown || r.to != stateOK {
			t.events.add(d, e, r.state, r.from, r.to)
		}
	case r.alarm != nil:
		t.events.add(d, e, r.alarm, "", stateReported)
	}
}

// A eventRing keeps the last events. All its memory is made at once, so
// that an entry costs none.
type eventRing struct {
	mu      sync.Mutex // May be locked while a device is, never the other way.
	entries []ringEntry
	written int // How many were ever written; the next goes to written modulo their number.
}

type ringEntry struct {
	time                    int64
	device, component, unit string
	from, to                string
	id                      uint32
	entry                   *catalog.Entry
	length                  int
	text                    [maxReportText]byte
}

func (j *eventRing) add(d *device, e *Observation, c *series, from, to string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	x := &j.entries[j.written%len(j.entries)]
	j.written++
	x.time, x.device, x.from, x.to = e.Time.UnixNano(), d.name, from, to
	x.component, x.unit = c.label("component"), c.label("unit")
	x.id, x.entry = e.Message.ID, e.Message.Entry
	x.length = len(appendHarmless(x.text[:0], bytes.TrimSpace(e.Text), maxReportText))
}

// Events returns the last events received at since or later, in the
// order in which they came. Of more than limit it returns the last ones. The
// table keeps as many as [Options] says, in memory only.
func (t *Table) Events(since time.Time, limit int) []Event {
	j := &t.events
	j.mu.Lock()
	defer j.mu.Unlock()
	events := []Event{}
	for i := max(0, j.written-len(j.entries)); i < j.written; i++ {
		x := &j.entries[i%len(j.entries)]
		at := time.Unix(0, x.time).UTC()
		if at.Before(since) {
			continue
		}
		events = append(events, Event{
			Time: at, Device: x.device, Component: x.component, Unit: x.unit, From: x.from, To: x.to,
			MessageID: formatID(x.id), Summary: x.entry.Summary, Text: string(x.text[:x.length]),
		})
	}
	return events[max(0, len(events)-limit):]
}
