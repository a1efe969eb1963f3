package state

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A Format is a format for metrics.
type Format uint8

// The formats.
const (
	// Text is the Prometheus text format, version 0.0.4.
	Text Format = iota
	// OpenMetrics is the OpenMetrics text format, versions 0.0.1 and 1.0.0.
	OpenMetrics
	// OpenMetrics2 is version 2.0.0 of it. Its counters have the time they began,
	// if the Exposition has it.
	OpenMetrics2
	// Protobuf is the Prometheus protobuf format: each metric is a MetricFamily
	// with its length before it. Its counters have the time they began, too.
	Protobuf
	numTextFormats = Protobuf
)

// WriteText writes all series in the Prometheus text format.
func (t *Table) WriteText(w io.Writer) error {
	x := t.Expose(false)
	defer x.Release()
	b := bufio.NewWriter(w)
	for i := range x.Len() {
		if err := x.WriteFamily(b, i, Text); err != nil {
			return err
		}
	}
	return b.Flush()
}

// An Exposition is a snapshot of the table for scrapes: the series of each device
// as they were at one moment. It does not change until it is released, and does
// not hold a lock, however long the reader takes. Several goroutines may write it at a
// time.
type Exposition struct {
	index    *textIndex
	families []exposedFamily
	shown    slotSet   // The slots of the series that it has.
	values   []float64 // By slot.
	times    []int64   // By slot, in milliseconds; nil without Options.Timestamps.
	// began has, by slot, when a counter began, in nanoseconds since 1970. It is
	// only in use if starts is set.
	began  []int64
	starts bool
}

// An exposedFamily is the list of series of a metric as it was.
type exposedFamily struct {
	metric *metric
	textFamily
}

// Len returns the number of metrics that have series.
func (e *Exposition) Len() int { return len(e.families) }

// Name returns the name of a metric, by index from 0. The names are sorted.
func (e *Exposition) Name(i int) string { return e.families[i].metric.Name }

// Release gives the memory back for later expositions. The Exposition must not
// be used afterward.
func (e *Exposition) Release() { e.index.release(e) }

// grow makes room for so many slots.
func (e *Exposition) grow(slots uint32) {
	if n := int(slots) - len(e.values); n > 0 {
		e.values = append(e.values, make([]float64, n)...)
	}
	e.shown.grow(uint32(len(e.values)))
}

// shows reports whether the Exposition has any series of a family.
func (e *Exposition) shows(f *textFamily) bool {
	for block := range f.blocks {
		for i := range block.entries {
			if e.shown.has(block.entries[i].slot) {
				return true
			}
		}
	}
	return false
}

// WriteFamily writes a metric, by index from 0, with all its series in any
// order, as expfmt would write them. It returns the errors of w.
//
// [Table.Collect] defines what an Exposition shows: the same series with the
// same values. Through a registry and expfmt, a scrape of 500,000 series takes
// 3.5 to 4 seconds of CPU time, here 0.06.
func (e *Exposition) WriteFamily(w *bufio.Writer, i int, format Format) error {
	f := &e.families[i]
	if format == Protobuf {
		return e.writeProtobuf(w, f)
	}
	b := append(w.AvailableBuffer(), f.metric.layout.headers[format]...)
	for block := range f.blocks {
		var err error
		if b, err = e.writeBlock(w, b, f.metric, block, format); err != nil {
			return err
		}
	}
	_, err := w.Write(b)
	return err
}

// writeBlock appends the series of a block to b, the available buffer of w,
// which it writes whenever it is full. It returns the buffer that is in use then.
func (e *Exposition) writeBlock(w *bufio.Writer, b []byte, m *metric, block *textBlock, format Format) ([]byte, error) {
	name, starts := m.Name, format == OpenMetrics2 && e.starts && m.Type == collectors.Counter
	// The values are far from each other in memory. Read in one go, they are
	// waited for together.
	var values [blockSize]float64
	for i := range block.entries {
		values[i] = e.values[block.entries[i].slot]
	}
	start := uint32(0)
	for i, entry := range block.entries {
		labels := block.text[start:entry.end]
		start = entry.end
		if !e.shown.has(entry.slot) {
			continue
		}
		if cap(b)-len(b) < len(name)+len(labels)+maxNumbers {
			if _, err := w.Write(b); err != nil {
				return nil, err
			}
			if err := w.Flush(); err != nil {
				return nil, err
			}
			b = w.AvailableBuffer()
		}
		b = append(append(b, name...), labels...)
		b = appendFloat(b, values[i], format)
		if e.times != nil && entry.slot != slotOne {
			b = appendTime(append(b, ' '), e.times[entry.slot], format)
		}
		if starts {
			b = appendStart(append(b, " st@"...), e.began[entry.slot])
		}
		b = append(b, '\n')
	}
	return b, nil
}

// maxNumbers is more than the value, the times, what stands between them and the
// end of a line can take.
const maxNumbers = 96

// appendFloat appends a value as expfmt writes it.
func appendFloat(b []byte, f float64, format Format) []byte {
	// What is shorter without an exponent is the usual case, and easy.
	if i := int64(f); -1e6 < f && f < 1e6 && float64(i) == f {
		if uint64(i) < 10 {
			b = append(b, byte('0'+i))
		} else {
			b = strconv.AppendInt(b, i, 10)
		}
		if format != Text {
			b = append(b, ".0"...)
		}
		return b
	}
	// The rest has a point or an exponent, or is NaN or infinite.
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

// appendTime appends a time, given in milliseconds since 1970, as expfmt writes
// it.
func appendTime(b []byte, ms int64, format Format) []byte {
	switch format {
	case OpenMetrics:
		return appendFloat(b, float64(ms)/1000, OpenMetrics)
	case OpenMetrics2:
		return strconv.AppendFloat(b, float64(ms)/1000, 'f', -1, 64)
	}
	return strconv.AppendInt(b, ms, 10)
}

// appendStart appends the time when a counter began, given in nanoseconds since
// 1970, in seconds with as many decimals as it has.
func appendStart(b []byte, ns int64) []byte {
	b = strconv.AppendInt(b, ns/1e9, 10)
	rest := ns % 1e9
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for digit := int64(1e8); rest > 0; digit /= 10 {
		b = append(b, byte('0'+rest/digit))
		rest %= digit
	}
	return b
}

// A layout is how a metric looks as text.
type layout struct {
	names []string // Of the labels, sorted.
	// places are the places of the values in a key, in the order of names, and
	// ofDevice for the device.
	places []int
	// openings are what stands before each value: {a=" and then ",b=" and so on.
	openings []string
	headers  [numTextFormats]string // The lines # HELP, # TYPE and # UNIT, by Format.
	// protobuf is a MetricFamily without its series.
	protobuf []byte
}

const ofDevice = -1

func newLayout(m *metric) layout {
	var l layout
	if m.device {
		l.places = append(l.places, ofDevice)
	}
	for i := range m.Labels {
		l.places = append(l.places, i)
	}
	name := func(place int) string {
		if place == ofDevice {
			return "device"
		}
		return m.Labels[place].Name
	}
	slices.SortFunc(l.places, func(a, b int) int { return cmp.Compare(name(a), name(b)) })
	before := "{"
	for _, place := range l.places {
		l.names = append(l.names, name(place))
		l.openings = append(l.openings, before+name(place)+`="`)
		before = `",`
	}
	help := strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(m.help)
	l.headers[Text] = "# HELP " + m.Name + " " + help + "\n# TYPE " + m.Name + " " + m.Type.String() + "\n"
	// Of a counter, OpenMetrics has the name without the ending that its series
	// have, and an unknown type if they lack it.
	family, typ := m.Name, m.Type.String()
	if m.Type == collectors.Counter {
		var ok bool
		if family, ok = strings.CutSuffix(m.Name, "_total"); !ok {
			typ = "unknown"
		}
	}
	help = strings.ReplaceAll(help, `"`, `\"`)
	header := func(family, typ string) string {
		s := "# HELP " + family + " " + help + "\n# TYPE " + family + " " + typ + "\n"
		if unit := collectors.UnitOf(m.Name); unit != "" {
			s += "# UNIT " + family + " " + string(unit) + "\n"
		}
		return s
	}
	l.headers[OpenMetrics] = header(family, typ)
	l.headers[OpenMetrics2] = header(m.Name, m.Type.String())
	l.protobuf = newFamily(m)
	return l
}

// appendText appends the labels of a series and a space.
func (l *layout) appendLabels(b []byte, device string, values []string) []byte {
	for i, place := range l.places {
		b = append(b, l.openings[i]...)
		if place == ofDevice {
			b = appendEscaped(b, device)
		} else {
			b = appendEscaped(b, values[place])
		}
	}
	return append(b, `"} `...)
}

// appendEscaped appends a label value as it is written between quotes.
func appendEscaped(b []byte, value string) []byte {
	for {
		i := strings.IndexAny(value, "\\\n\"")
		if i < 0 {
			return append(b, value...)
		}
		b = append(append(b, value[:i]...), '\\')
		if value[i] == '\n' {
			b = append(b, 'n')
		} else {
			b = append(b, value[i])
		}
		value = value[i+1:]
	}
}

// These methods are for a caller that keeps series itself and writes them as the
// table does, such as a backfill. The metrics are named as in [Table.Docs]; a
// name that is not there is a mistake of the caller, and panics.

// AppendHeader appends the lines # HELP and # TYPE of a metric of the table.
func (t *Table) AppendHeader(b []byte, metric string, format Format) []byte {
	return append(b, t.byName[metric].layout.headers[format]...)
}

// AppendValue appends a value.
func AppendValue(b []byte, value float64, format Format) []byte {
	return appendFloat(b, value, format)
}

// Expiry returns how long a series of a metric is shown after its last report, or
// 0 if it does not expire.
func (t *Table) Expiry(metric string) time.Duration {
	m := t.byName[metric]
	if !m.Expires {
		return 0
	}
	return time.Duration(m.expiry.Load())
}
