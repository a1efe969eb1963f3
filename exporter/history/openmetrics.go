package history

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// OpenMetrics is a [Sink] that writes OpenMetrics 1.0 text. Such a text has one
// series after the other, so the samples wait in a temporary file.
type OpenMetrics struct {
	file   *sampleFile
	series []textSeries
}

// A textSeries is a series with its samples.
type textSeries struct {
	metric string
	text   string // The name and the labels, as written, and a space.
	list   sampleList
}

// NewOpenMetrics returns an OpenMetrics that has not taken samples. It owns a
// temporary file in dir, or in the system's directory for such files if dir is
// empty, until Close is called, and keeps up to limit samples in memory.
func NewOpenMetrics(dir string, limit int) (*OpenMetrics, error) {
	file, err := newSampleFile(dir, limit)
	if err != nil {
		return nil, err
	}
	return &OpenMetrics{file: file}, nil
}

// Close removes the temporary file.
func (o *OpenMetrics) Close() error { return o.file.close() }

// Series implements [Sink].
func (o *OpenMetrics) Series(labels []samples.Label) error {
	var s textSeries
	var b strings.Builder
	separator := "{"
	for _, l := range labels {
		if l.Name == "__name__" {
			s.metric = l.Value
			continue
		}
		b.WriteString(separator + l.Name + `="`)
		_, _ = labelEscapes.WriteString(&b, l.Value) // A Builder does not fail.
		separator = `",`
	}
	if separator != "{" {
		b.WriteString(`"}`)
	}
	s.text = s.metric + b.String() + " "
	o.series = append(o.series, s)
	return nil
}

// labelEscapes writes a label value as it is written between quotes.
var labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// Sample implements [Sink].
func (o *OpenMetrics) Sample(series int, at int64, value float64) error {
	return o.file.add(&o.series[series].list, sample{at, value})
}

// WriteTo writes all samples: one family after the other in the order of the
// table's documentation, in each one series after the other, in each one sample
// after the other. It returns how many bytes it wrote. It ends early, with ctx's
// error, when ctx is done. It must be called only once, after the [Backfill] that
// filled it has finished, with the table of that.
func (o *OpenMetrics) WriteTo(ctx context.Context, table *state.Table, w io.Writer) (int64, error) {
	families := map[string][]*textSeries{}
	for i := range o.series {
		s := &o.series[i]
		families[s.metric] = append(families[s.metric], s)
	}
	counted := &countingWriter{w: w}
	out := bufio.NewWriterSize(counted, 256<<10)
	for _, doc := range table.Docs() {
		series := families[doc.Name]
		if len(series) == 0 {
			continue
		}
		if _, err := out.Write(table.AppendHeader(nil, doc.Name, state.OpenMetrics)); err != nil {
			return counted.n, err
		}
		slices.SortFunc(series, func(a, b *textSeries) int { return cmp.Compare(a.text, b.text) })
		if err := o.writeSeries(ctx, out, series); err != nil {
			return counted.n, err
		}
	}
	if _, err := out.WriteString("# EOF\n"); err != nil {
		return counted.n, err
	}
	err := out.Flush()
	return counted.n, err
}

func (o *OpenMetrics) writeSeries(ctx context.Context, out *bufio.Writer, series []*textSeries) error {
	var line []byte
	for _, s := range series {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = append(line[:0], s.text...)
		err := o.file.each(&s.list, func(v sample) error {
			// OpenMetrics reads the numbers of the other format, which are shorter.
			line = state.AppendValue(line[:len(s.text)], v.value, state.Text)
			line = appendTimestamp(append(line, ' '), v.at)
			_, err := out.Write(append(line, '\n'))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// appendTimestamp appends a time, given in milliseconds, in seconds. The table's
// own timestamps of OpenMetrics have an exponent, which makes them longer, and
// Prometheus would read some of them as a millisecond less.
func appendTimestamp(b []byte, ms int64) []byte {
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms%1000 == 0 {
		return b
	}
	b = append(b, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
	if int64(float64(ms)/1000*1000) != ms {
		// Prometheus multiplies by 1000 and cuts off the fraction, which would
		// be a millisecond less and could meet the sample before.
		b = append(b, "001"...)
	}
	return b
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
