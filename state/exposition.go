package state

import (
	"bufio"
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// A Format is a text format for metrics.
type Format uint8

// The text formats.
const (
	// Text is the Prometheus text format, version 0.0.4.
	Text Format = iota
	// OpenMetrics is the OpenMetrics text format, versions 0.0.1 and 1.0.0.
	OpenMetrics
)

// WriteText writes all series in the Prometheus text format.
func (t *Table) WriteText(w io.Writer) error {
	x := t.Expose()
	defer x.Release()
	b := bufio.NewWriter(w)
	for i := range x.Len() {
		if err := x.WriteFamily(b, i, Text); err != nil {
			return err
		}
	}
	return b.Flush()
}

// An Exposition is what a scrape shows of the table: the series of each device
// as they were at one moment. It does not change, and has no lock, however long
// the reader takes. Several goroutines may write it at a time.
type Exposition struct {
	index    *textIndex
	families []exposedFamily
	values   []float64 // By slot.
	times    []int64   // By slot, in milliseconds; nil without Options.Timestamps.
}

// An exposedFamily is the series of a metric in the order in which they are
// shown.
type exposedFamily struct {
	metric *metric
	chunks []*chunk
}

// Len returns the number of metrics that have series.
func (x *Exposition) Len() int { return len(x.families) }

// Name returns the name of a metric, by index from 0. The names are sorted.
func (x *Exposition) Name(i int) string { return x.families[i].metric.Name }

// Release gives the memory back for later expositions. The Exposition must not
// be used afterwards.
func (x *Exposition) Release() { x.index.release(x) }

// WriteFamily writes a metric, by index from 0, with all its series: the same
// bytes as expfmt writes for what a registry gathers. It returns the errors of
// w.
func (x *Exposition) WriteFamily(w *bufio.Writer, i int, format Format) error {
	f := &x.families[i]
	b := append(w.AvailableBuffer(), f.metric.layout.headers[format]...)
	name := f.metric.Name
	var values [maxChunk]float64
	for _, c := range f.chunks {
		// The values are far from each other in memory: fetched in one go, they
		// are waited for together.
		for j := range c.lines {
			values[j] = x.values[c.lines[j].slot]
		}
		start := uint32(0)
		for j, line := range c.lines {
			labels := c.text[start:line.end]
			start = line.end
			if cap(b)-len(b) < len(name)+len(labels)+maxNumbers {
				if _, err := w.Write(b); err != nil {
					return err
				}
				if err := w.Flush(); err != nil {
					return err
				}
				b = w.AvailableBuffer()
			}
			b = append(append(b, name...), labels...)
			b = appendFloat(b, values[j], format)
			if x.times != nil && line.slot != slotOne {
				b = appendTime(append(b, ' '), x.times[line.slot], format)
			}
			b = append(b, '\n')
		}
	}
	_, err := w.Write(b)
	return err
}

// maxNumbers is more than the value, the time, the space between them and the
// end of a line can take.
const maxNumbers = 64

// appendFloat appends a value as expfmt writes it.
func appendFloat(b []byte, f float64, format Format) []byte {
	// What is shorter without an exponent is the usual case, and easy.
	if i := int64(f); -1e6 < f && f < 1e6 && float64(i) == f {
		if uint64(i) < 10 {
			b = append(b, byte('0'+i))
		} else {
			b = strconv.AppendInt(b, i, 10)
		}
		if format == OpenMetrics {
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
	if format == OpenMetrics {
		return appendFloat(b, float64(ms)/1000, OpenMetrics)
	}
	return strconv.AppendInt(b, ms, 10)
}

// A layout is how a metric looks as text.
type layout struct {
	names []string // Of the labels, sorted.
	// places are those of the values in a key, in the order of names; that of
	// the device is ofDevice.
	places []int
	// openings are what stands before each value: {a=" and then ",b=" and so on.
	openings []string
	headers  [2]string // The lines # HELP and # TYPE, by Format.
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
	l.headers[OpenMetrics] = "# HELP " + family + " " + help + "\n# TYPE " + family + " " + typ + "\n"
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

// compareTexts compares the labels of two series of a metric, as
// [layout.appendLabels] writes them, by the values, first that of the first label.
func compareTexts(a, b []byte) int {
	i := 0
	for n := min(len(a), len(b)); i < n && a[i] == b[i]; {
		i++
	}
	if i == len(a) || i == len(b) {
		return cmp.Compare(len(a), len(b))
	}
	// What is between the values is the same, so that this is in a value or at
	// the end of one.
	escapes := 0
	for escapes < i && a[i-1-escapes] == '\\' {
		escapes++
	}
	return cmp.Compare(textRank(a[i:], escapes%2 == 1), textRank(b[i:], escapes%2 == 1))
}

// textRank returns the octet of a value that escaped text begins with, and what
// is less than any at its end. Escaped says that the escape is already behind.
func textRank(text []byte, escaped bool) int {
	switch c := text[0]; {
	case escaped:
		return unescape(c)
	case c == '"':
		return math.MinInt
	case c == '\\':
		return unescape(text[1])
	default:
		return int(c)
	}
}

func unescape(c byte) int {
	if c == 'n' {
		return '\n'
	}
	return int(c)
}
