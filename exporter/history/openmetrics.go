package history

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// writeTo writes all samples as OpenMetrics text. It returns how many series and
// bytes it wrote.
func (r *recorder) writeTo(ctx context.Context, w io.Writer) (series, bytes int64, err error) {
	counted := &countingWriter{w: w}
	out := bufio.NewWriterSize(counted, 256<<10)
	for _, f := range r.families {
		if len(f.series) == 0 {
			continue
		}
		if err := r.writeFamily(ctx, out, f); err != nil {
			return series, counted.n, err
		}
		series += int64(len(f.series))
	}
	if _, err := out.WriteString("# EOF\n"); err != nil {
		return series, counted.n, err
	}
	err = out.Flush()
	return series, counted.n, err
}

// writeFamily writes a metric, its series in order of their labels.
func (r *recorder) writeFamily(ctx context.Context, out *bufio.Writer, f *family) error {
	line := r.table.AppendHeader(nil, f.Name, state.OpenMetrics)
	if _, err := out.Write(line); err != nil {
		return err
	}
	slices.SortFunc(f.series, func(a, b *series) int { return cmp.Compare(a.text, b.text) })
	for _, s := range f.series {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = append(line[:0], s.text...)
		start := len(line)
		err := r.file.each(&s.samples, func(v sample) error {
			// OpenMetrics reads the numbers of the other format, which are shorter.
			line = state.AppendValue(line[:start], v.value, state.Text)
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
