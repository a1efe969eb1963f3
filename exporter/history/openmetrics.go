package history

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// writeAll writes all samples and returns how many bytes they take.
func (b *Backfill) writeAll(ctx context.Context, w io.Writer) (int64, error) {
	counted := &countingWriter{w: w}
	out := bufio.NewWriterSize(counted, 256<<10)
	for _, f := range b.families {
		if len(f.series) == 0 {
			continue
		}
		if err := b.writeFamily(ctx, out, f); err != nil {
			return counted.n, err
		}
	}
	fmt.Fprintln(out, "# EOF")
	err := out.Flush()
	return counted.n, err
}

func (b *Backfill) writeFamily(ctx context.Context, out *bufio.Writer, f *family) error {
	line := f.AppendHeader(nil, state.OpenMetrics)
	if _, err := out.Write(line); err != nil {
		return err
	}
	slices.SortFunc(f.series, func(a, b *series) int { return strings.Compare(a.labels, b.labels) })
	for _, x := range f.series {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Summary.Series++
		line = append(append(line[:0], f.Name...), x.labels...)
		start := len(line)
		err := b.samples.each(x, func(p point) error {
			// OpenMetrics permits a number without a point, which is shorter.
			line = state.AppendValue(line[:start], p.value, state.Text)
			line = append(line, ' ')
			line = appendTimestamp(line, p.at)
			line = append(line, '\n')
			_, err := out.Write(line)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// appendTimestamp appends a time, given in milliseconds, in seconds.
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
