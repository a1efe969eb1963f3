// Package state is what is remembered: the one table of the present values of
// all devices.
//
// [New] compiles the rules of package collectors against the catalog and returns
// an empty [Table]. [Table.Update] applies an [Observation], which is a received
// message, to it. As a [prometheus.Collector], or faster by [Table.Expose], it
// shows the result; [Table.TakeChanges] and [Table.Restore] are for a store.
//
// The package knows no sockets, no files and no clock but the one it is given:
// every message carries its time. It imports catalog, collectors, client_golang
// and client_model.
package state

import (
	"cmp"
	"errors"
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Options sets the limits of a [Table]. Zero values stand for the defaults.
type Options struct {
	// CapacityExpiry is how long a gauge of capacity is shown after its last
	// report; 15 minutes by default.
	CapacityExpiry time.Duration
	// MaxDevices limits the number of devices; 10,000 by default.
	MaxDevices int
	// MaxSeriesPerMetric limits the series of one metric of one device; 200 by
	// default.
	MaxSeriesPerMetric int
	// MaxSeries limits the series of all devices; 1,000,000 by default.
	MaxSeries int
	// Persist says that changes are taken by [State.TakeChanges]. Without it
	// they are not recorded.
	Persist bool
	// Timestamps adds to each sample the time when its series was last set. It
	// is for dumps; Prometheus would take such a series for stale.
	Timestamps bool
	// MaxEvents is how many transitions are kept; 1,000 by default.
	MaxEvents int
	// Now returns the present time, for expiry; time.Now by default.
	Now func() time.Time
}

func (o *Options) setDefaults() {
	o.CapacityExpiry = cmp.Or(o.CapacityExpiry, 15*time.Minute)
	o.MaxDevices = cmp.Or(o.MaxDevices, 10_000)
	o.MaxSeriesPerMetric = cmp.Or(o.MaxSeriesPerMetric, 200)
	o.MaxSeries = cmp.Or(o.MaxSeries, 1_000_000)
	o.MaxEvents = cmp.Or(o.MaxEvents, 1_000)
	if o.Now == nil {
		o.Now = time.Now
	}
}

// An Observation is one received message as a State needs it.
type Observation struct {
	// Device names the sender in valid UTF-8. State copies it when it first
	// sees it, and keeps no reference.
	Device []byte
	// Ref is nil, or the caller's for the name in Device.
	Ref *DeviceRef
	// Severity is that of the received tag, 0 to 7.
	Severity uint8
	// Count is how many messages this one stands for; 0 means 1.
	Count uint32
	// Message is the matched message, or nil if the catalogue does not know
	// the id or no wording fitted. State only reads it, during the call.
	Message *catalog.Message
	// Text is the text of Message as received. State copies what it keeps.
	Text []byte
	// Time is the time of receipt.
	Time time.Time
	// CountID is an id that the catalogue does not have and that is counted all
	// the same, or 0. Each is a series of each device: the caller bounds them.
	CountID uint32
	// Stamp is the device's own time if the message has one with a zone, else
	// zero.
	Stamp time.Time

	scratch *scratch // Space; kept from one use of the Event to the next.
}

// A DeviceRef remembers the device that a name belongs to, which spares the search
// for it. Its zero value remembers none. It serves one State and one name; whose
// name changes, makes the DeviceRef zero. It must not be used by two goroutines at
// a time.
type DeviceRef struct{ device *device }

// Table is the table of current values of all devices. All methods may be
// called from any goroutine; messages of one device must come from one
// goroutine at a time for their order to mean anything.
type Table struct {
	catalog  *catalog.Catalog
	opts     Options // Limits and CapacityExpiry are only the first ones.
	limits   atomic.Pointer[Limits]
	metrics  []*metric // by index
	byName   map[string]*metric
	programs [][]program
	ids      []string // by catalogue index

	components componentMetrics
	events     eventRing
	text       textIndex
	seed       maphash.Seed

	mu      sync.RWMutex
	devices map[string]*device

	// What has changed since it was last taken.
	version     atomic.Uint64
	urgent      chan struct{}
	queueMu     sync.Mutex
	queue       []*device
	urgentQueue []*device
	forgotten   []string

	seen     []atomic.Bool // by catalogue index, for ftd_message_info
	nseries  atomic.Int64
	rejected [len(rejectReasons)]atomic.Uint64
}

// Reasons why State refuses something; see [Table.Rejected].
const (
	rejectDevices = iota
	rejectDeviceName
	rejectPerMetric
	rejectSeries
)

var rejectReasons = [...]string{"devices", "device_name", "series_per_metric", "series"}

// A device is the part of the table that belongs to one device. Its lock
// guards all of it. What each message needs comes first, since most of the time
// that a message takes is spent on waiting for memory.
type device struct {
	mu           sync.Mutex
	queued       bool // Whether it is in the queue of changed devices,
	queuedUrgent bool // and in that of urgent changes.
	gone         bool // Whether it was forgotten.
	*scratch
	last     *series
	ids      []*[idPage]idSeries // By catalogue index; see device.id.
	skew     *series
	severity [8]*series
	// bindings are dropped when a series is deleted.
	bindings bindings
	// notes are those of the states of components and temperatures.
	notes map[*series]*lastReport

	name      string
	series    map[string]*series
	list      []*series    // The same, faster to go through.
	slab      []series     // Memory for some more,
	names     []seriesInfo // and for what they are.
	perMetric []uint16
	deleted   map[string]struct{} // Keys of records to delete.
}

// A scratch is space to build the key of a series in. It belongs to whoever has
// locked the device.
type scratch struct{ key, text []byte }

// A series is a cell of the table. It has what a message and a scrape need in
// half a cache line, so that two of them that one message sets often take one.
type series struct {
	*seriesInfo
	value  float64
	set    int64  // When it was last set, in nanoseconds.
	slot   uint32 // See [textIndex]; 0 before an Exposition has had the series.
	traits flags
	fresh  bool // Whether it has never been set.
	dirty  bool // Whether it has changed since it was stored,
	urgent bool // and must be stored at once.
}

// An seriesInfo is what a series is, all its life.
type seriesInfo struct {
	metric *metric
	key    string // That in device.series.
	began  int64  // When it began, in nanoseconds.
}

// Traits are copied from the metric of a series, from which they are far.
type flags uint8

const (
	ofHardware flags = 1 << iota // It is about the state of hardware.
	expiring                     // It is shown for some time only.
)

// New returns an empty State for the rules of the collectors. It reports every
// rule that does not suit the catalogue. It keeps c and the collectors'
// metrics, which must not be modified afterwards.
func New(c *catalog.Catalog, families []collectors.Collector, opts Options) (*Table, error) {
	opts.setDefaults()
	if opts.CapacityExpiry < 0 || opts.MaxDevices < 0 || opts.MaxSeriesPerMetric < 0 || opts.MaxSeries < 0 || opts.MaxEvents < 0 {
		return nil, errors.New("state: limits must not be negative")
	}
	metrics, programs, err := compile(c, families)
	if err != nil {
		return nil, err
	}
	s := &Table{
		catalog:  c,
		opts:     opts,
		metrics:  append(accountingMetrics(), metrics...),
		programs: programs,
		byName:   map[string]*metric{},
		devices:  map[string]*device{},
		urgent:   make(chan struct{}, 1),
		seen:     make([]atomic.Bool, c.Len()),
		seed:     maphash.MakeSeed(),
	}
	for _, m := range s.metrics {
		s.byName[m.Name] = m
		m.expiry.Store(int64(opts.CapacityExpiry))
		m.layout = newLayout(m)
	}
	s.text.init(s.metrics, c.Len())
	s.SetLimits(Limits{Devices: opts.MaxDevices, SeriesPerMetric: opts.MaxSeriesPerMetric, Series: opts.MaxSeries})
	s.components = findComponentMetrics(s.byName)
	s.events.entries = make([]ringEntry, opts.MaxEvents)
	for i := range c.Len() {
		s.ids = append(s.ids, formatID(c.At(i).ID))
	}
	return s, nil
}

// Update applies a message to the table. It allocates only for a device or
// series that is new, when an Event is first used, and when the text to remember
// of a component outgrows its memory, which ends at 256 bytes.
func (s *Table) Update(e *Observation) {
	d := s.lockEvent(e)
	if d == nil {
		return
	}
	s.update(d, e)
	d.mu.Unlock() // Not deferred, which would cost as much as locking it.
}

// update is Update for a device, whose lock the caller holds.
func (s *Table) update(d *device, e *Observation) {
	now := e.Time.UnixNano()
	count := float64(max(e.Count, 1))
	severity := d.severity[e.Severity&7]
	if severity == nil {
		severity = s.seriesOf(d, s.metrics[metricSyslogMessages], severityNames[e.Severity&7], now)
		d.severity[e.Severity&7] = severity
	}
	if severity != nil {
		s.add(d, severity, count, now)
	}
	if d.last == nil {
		d.last = s.seriesOf(d, s.metrics[metricDeviceLast], "", now)
	}
	if d.last != nil {
		s.set(d, d.last, seconds(now), now)
	}
	if !e.Stamp.IsZero() {
		if d.skew == nil {
			d.skew = s.seriesOf(d, s.metrics[metricClockSkew], "", now)
		}
		if d.skew != nil {
			s.set(d, d.skew, e.Stamp.Sub(e.Time).Seconds(), now)
		}
	}
	if e.CountID != 0 {
		d.key = startKey(d.key, s.metrics[metricMessages])
		d.key = endKeyValue(strconv.AppendUint(d.key, uint64(e.CountID), 10))
		if c := s.series(d, s.metrics[metricMessages], now); c != nil {
			s.add(d, c, count, now)
		}
	}
	if e.Message != nil {
		s.apply(d, e, count, now)
	}
}

// severityNames spares a conversion for each new series.
var severityNames = [8]string{"0", "1", "2", "3", "4", "5", "6", "7"}

// apply runs the rules for a message. The caller holds d's lock.
func (s *Table) apply(d *device, e *Observation, count float64, now int64) {
	m := e.Message
	printed := m.Index
	if m.TextOf != 0 {
		printed = s.catalog.Index(m.ID)
	}
	if seen := &s.seen[printed]; !seen.Load() {
		seen.Store(true)
	}
	id := d.id(printed)
	if id.messages == nil {
		id.messages = s.seriesOf(d, s.metrics[metricMessages], s.ids[printed], now)
	}
	if id.messages != nil {
		s.add(d, id.messages, count, now)
	}
	if s.programs[printed] != nil {
		if id.last == nil {
			id.last = s.seriesOf(d, s.metrics[metricLastReceived], s.ids[printed], now)
		}
		if id.last != nil {
			s.set(d, id.last, seconds(now), now)
		}
	}
	if s.programs[m.Index] == nil {
		return
	}
	var (
		changed *metric
		said    outcome
	)
	p := &s.programs[m.Index][m.Variant]
	b := s.bindingFor(d, p, m)
	program := p.instructions
	for i := range program {
		in := &program[i]
		switch in.op {
		case collectors.OpSet, collectors.OpField, collectors.OpChange:
			value := in.number
			if in.op == collectors.OpField {
				value = m.Number(in.field)
			} else if in.op == collectors.OpChange {
				if changed != in.of {
					continue
				}
				value = seconds(now)
			}
			c := s.seriesFor(d, b, in, m, now)
			if c == nil {
				continue
			}
			from := c.value
			if c.fresh {
				from = math.NaN()
			}
			if s.set(d, c, value, now) {
				changed = in.metric
			}
			if in.metric == s.components.ok {
				said.state, said.from, said.to = c, okState(from), okState(value)
			}
		case collectors.OpAdd:
			if c := s.seriesFor(d, b, in, m, now); c != nil {
				s.add(d, c, count, now)
				if in.metric.hardware && in.metric != s.components.failures {
					said.alarm = c
				}
			}
		case collectors.OpCreate:
			s.seriesFor(d, b, in, m, now)
		case collectors.OpState:
			from := stateUnknown
			states := in.metric.states()
			for i, c := range s.statesFor(d, b, in, m, now) {
				value := 0.0
				if states[i] == in.state {
					value = 1
				}
				if c.value == 1 {
					from = states[i]
				}
				if s.set(d, c, value, now) {
					changed = in.metric
				}
				if states[i] == in.state && in.metric == s.components.temperature {
					said.state, said.to = c, states[i]
				}
			}
			if in.metric == s.components.temperature {
				said.from = from
			}
		}
	}
	s.record(d, e, &said, b)
}

// maxLabelLength bounds what a sender can store in one label value.
const maxLabelLength = 128

// buildKey puts the key of the series that an instruction touches in d.key:
// the number of the metric and the label values.
func (d *scratch) buildKey(in *instruction, m *catalog.Message) {
	d.key = startKey(d.key, in.metric)
	labels := in.metric.ruleLabels()
	for i := range in.labels {
		if src := &in.labels[i]; src.field < 0 {
			d.key = append(d.key, src.fixed...)
		} else {
			source := labelSource{src.field, &labels[i]}
			source.appendTo(d, m)
		}
		d.key = endKeyValue(d.key)
	}
}

// sanitise makes a label value of a text that a sender chose: at most
// maxLabelLength bytes of valid UTF-8 without control characters. It works in
// place and returns the new length.
func sanitise(b []byte) int {
	if len(b) > maxLabelLength {
		b = b[:maxLabelLength]
		for len(b) > maxLabelLength-utf8.UTFMax && !utf8.Valid(b) {
			b = b[:len(b)-1]
		}
	}
	plain := 0
	for plain < len(b) && ' ' <= b[plain] && b[plain] < 0x7f {
		plain++
	}
	for i := plain; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 || r < ' ' || 0x7f <= r && r < 0xa0 {
			b[i] = '?'
			b = slices.Delete(b, i+1, i+n)
			n = 1
		}
		i += n
	}
	return len(b)
}

// seriesOf returns the series of a metric with seriesOf most one label.
func (s *Table) seriesOf(d *device, m *metric, label string, now int64) *series {
	d.key = startKey(d.key, m)
	if len(m.Labels) > 0 {
		d.key = appendKeyValue(d.key, label)
	}
	return s.series(d, m, now)
}

// series returns the series for d.key, which it creates if need be. It returns
// nil if a limit forbids that.
func (s *Table) series(d *device, m *metric, now int64) *series {
	if c := d.series[string(d.key)]; c != nil {
		return c
	}
	if !s.reserve(d, m, 1) {
		return nil
	}
	return s.insert(d, m, now)
}

// slabSize is how many series of a device share a piece of memory. Those that a
// message touches were mostly made by one, and so lie side by side.
const slabSize = 16

// insert creates the series for d.key, for which there is room.
func (s *Table) insert(d *device, m *metric, now int64) *series {
	key := string(d.key)
	if len(d.slab) == cap(d.slab) {
		d.slab = make([]series, 0, slabSize)
		d.names = make([]seriesInfo, 0, slabSize)
	}
	d.names = append(d.names, seriesInfo{metric: m, key: key, began: now})
	d.slab = append(d.slab, series{seriesInfo: &d.names[len(d.names)-1], set: now, traits: m.traits(), fresh: true})
	c := &d.slab[len(d.slab)-1]
	d.series[key] = c
	d.list = append(d.list, c)
	if len(d.deleted) > 0 {
		delete(d.deleted, c.recordKey())
	}
	s.changed(d, c, true)
	return c
}

// reserve makes room for n more series of a metric. If the limits do not allow
// that, it counts a refusal and returns false.
func (s *Table) reserve(d *device, m *metric, n int) bool {
	limits := s.limits.Load()
	if m.index >= firstRuleMetric && int(d.perMetric[m.index])+n > limits.SeriesPerMetric {
		s.rejected[rejectPerMetric].Add(1)
		return false
	}
	if s.nseries.Add(int64(n)) > int64(limits.Series) {
		s.nseries.Add(-int64(n))
		s.rejected[rejectSeries].Add(1)
		return false
	}
	d.perMetric[m.index] += uint16(n)
	return true
}

// set sets a gauge and reports whether that changed it.
func (s *Table) set(d *device, c *series, value float64, now int64) bool {
	changed := c.fresh || c.value != value
	c.value, c.set, c.fresh = value, now, false
	s.changed(d, c, changed)
	return changed
}

// add adds to a counter.
func (s *Table) add(d *device, c *series, n float64, now int64) {
	c.value += n
	c.set, c.fresh = now, false
	s.changed(d, c, true)
}

func seconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }

// lockEvent returns the device of an event, locked, or nil if it must not be
// created.
func (s *Table) lockEvent(e *Observation) *device {
	if e.scratch == nil {
		e.scratch = &scratch{}
	}
	if e.Ref == nil {
		return s.lock(e.Device, e.Time, e.scratch)
	}
	if d := e.Ref.device; d != nil {
		if d.mu.Lock(); !d.gone {
			d.scratch = e.scratch
			return d
		}
		d.mu.Unlock()
	}
	d := s.lock(e.Device, e.Time, e.scratch)
	e.Ref.device = d
	return d
}

// lock returns the device called name, locked and with space to build keys in,
// or nil if it must not be created.
func (s *Table) lock(name []byte, at time.Time, space *scratch) *device {
	for {
		d := s.device(name, at, space)
		if d == nil {
			return nil
		}
		if d.mu.Lock(); !d.gone {
			d.scratch = space
			return d
		}
		d.mu.Unlock() // It was forgotten in between; it is new now.
	}
}

// device returns the device called name, which it creates if need be, or nil
// if it must not.
func (s *Table) device(name []byte, at time.Time, space *scratch) *device {
	s.mu.RLock()
	d := s.devices[string(name)]
	s.mu.RUnlock()
	if d != nil {
		return d
	}
	if len(name) == 0 || !utf8.Valid(name) {
		s.rejected[rejectDeviceName].Add(1)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.devices[string(name)]; d != nil {
		return d
	}
	if len(s.devices) >= s.limits.Load().Devices {
		s.rejected[rejectDevices].Add(1)
		return nil
	}
	d = &device{
		scratch:   space,
		name:      string(name),
		ids:       make([]*[idPage]idSeries, len(s.ids)/idPage+1),
		series:    map[string]*series{},
		perMetric: make([]uint16, len(s.metrics)),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.devices[d.name] = d
	for _, m := range s.metrics[firstRuleMetric:] {
		for _, values := range m.zero {
			d.key = startKey(d.key, m)
			for _, v := range values {
				d.key = appendKeyValue(d.key, v)
			}
			s.series(d, m, at.UnixNano())
		}
	}
	return d
}

func formatID(id uint32) string { return strconv.FormatUint(uint64(id), 10) }
