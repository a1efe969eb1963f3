// Package samples is the stream by which a backfill hands its samples to a
// program that writes them in another form, such as blocks of Prometheus. The
// exporter writes it; ftd_exporter_blocks, a module of its own, reads it.
//
// A stream begins with a line that has its version, and goes on with records. All
// numbers are unsigned varints, as in encoding/binary. The first number of a
// record has its kind in the two lowest bits, and above them a number n:
//
//	0 again   a sample of series n at the present time, with the value of the sample before
//	1 value   a sample of series n at the present time; its value, 8 bytes, IEEE 754, little endian
//	2 time    the present time is n, zigzag encoded, milliseconds later; it begins at 1970
//	3 series  the next series has n labels; each is two strings with their lengths before them
//	          (n = 0 ends the stream; the number of samples follows)
//
// Series are numbered from 0 in the order of their records. The samples of a
// series are in order of time. Those of different series may be out of order by
// [Disorder].
//
// It imports the standard library only.
package samples

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Disorder is the longest time by which a sample may be older than any sample
// before it in a stream.
const Disorder = 10 * time.Minute

// The magic line has the version of the format.
const magic = "ftd_exporter samples 1\n"

const (
	again = iota
	value
	timestamp
	series
)

// Limits of what a Reader accepts. The exporter's own labels are far below.
const (
	maxLabels = 1 << 10
	maxString = 1 << 20
)

// A Label is a label of a series. Its name may be __name__.
type Label struct{ Name, Value string }

// A Writer writes a stream. Its methods must not be called by two goroutines at a
// time.
type Writer struct {
	w       *bufio.Writer
	buf     []byte
	now     int64
	last    []uint64 // The bits of the last value of each series, or noValue.
	samples uint64
}

// noValue stands for the value of a series without a sample. It is a NaN that no
// calculation yields.
const noValue = 0x7ff4_dead_beef_0000

// NewWriter returns a Writer that buffers what it writes to w.
func NewWriter(w io.Writer) *Writer {
	b := &Writer{w: bufio.NewWriterSize(w, 256<<10)}
	_, _ = b.w.WriteString(magic) // An error stays, and the next write returns it.
	return b
}

// Series announces the next series. The labels must have different names, of which
// one is __name__.
func (b *Writer) Series(labels []Label) error {
	b.buf = b.buf[:0]
	b.head(series, uint64(len(labels)))
	for _, l := range labels {
		for _, s := range [2]string{l.Name, l.Value} {
			b.buf = binary.AppendUvarint(b.buf, uint64(len(s)))
			b.buf = append(b.buf, s...)
		}
	}
	b.last = append(b.last, noValue)
	_, err := b.w.Write(b.buf)
	return err
}

// Sample adds a sample of a series that was announced, at a time in milliseconds
// since 1970.
func (b *Writer) Sample(number int, at int64, v float64) error {
	b.buf = b.buf[:0]
	if at != b.now {
		delta := at - b.now
		b.head(timestamp, uint64(delta<<1^delta>>63))
		b.now = at
	}
	if bits := math.Float64bits(v); bits == b.last[number] && bits != noValue {
		b.head(again, uint64(number))
	} else {
		b.last[number] = bits
		b.head(value, uint64(number))
		b.buf = binary.LittleEndian.AppendUint64(b.buf, bits)
	}
	b.samples++
	_, err := b.w.Write(b.buf)
	return err
}

// head begins a record.
func (b *Writer) head(kind, n uint64) { b.buf = binary.AppendUvarint(b.buf, n<<2|kind) }

// Close ends the stream, which is not complete without. It does not close the
// writer beneath.
func (b *Writer) Close() error {
	b.buf = b.buf[:0]
	b.head(series, 0)
	b.buf = binary.AppendUvarint(b.buf, b.samples)
	if _, err := b.w.Write(b.buf); err != nil {
		return err
	}
	return b.w.Flush()
}

// A Reader reads a stream.
type Reader struct {
	r       *bufio.Reader
	begun   bool
	now     int64
	last    []uint64
	samples uint64
}

// NewReader returns a Reader of r. It does not read yet.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, 256<<10)} }

// ErrVersion is the error of a stream that another version wrote, or that is not
// a stream of samples.
var ErrVersion = errors.New("not a stream of samples of this version")

// A Record is a series or a sample.
type Record struct {
	// Labels are those of the next series, or nil for a sample. They belong to the
	// caller.
	Labels []Label
	// Series is the number of the series.
	Series int
	At     int64 // In milliseconds since 1970.
	Value  float64
}

// Next reads the next record. It returns io.EOF at the end of a complete stream,
// io.ErrUnexpectedEOF if the end is missing, and another error if the stream is
// wrong.
func (b *Reader) Next(r *Record) error {
	if !b.begun {
		if err := b.begin(); err != nil {
			return err
		}
	}
	for {
		head, err := b.number()
		if err != nil {
			return err
		}
		n := head >> 2
		switch head & 3 {
		case timestamp:
			b.now += int64(n>>1) ^ -int64(n&1)
		case series:
			if n == 0 {
				return b.end()
			}
			*r = Record{Series: len(b.last)}
			b.last = append(b.last, noValue)
			r.Labels, err = b.labels(n)
			return err
		default:
			return b.sample(r, n, head&3 == value)
		}
	}
}

func (b *Reader) begin() error {
	line := make([]byte, len(magic))
	if _, err := io.ReadFull(b.r, line); err != nil {
		return unexpected(err)
	}
	if string(line) != magic {
		return ErrVersion
	}
	b.begun = true
	return nil
}

// sample reads the rest of a sample, which has a value or repeats the last one.
func (b *Reader) sample(r *Record, n uint64, hasValue bool) error {
	if n >= uint64(len(b.last)) {
		return fmt.Errorf("sample of series %d, of which there are %d", n, len(b.last))
	}
	if hasValue {
		bits, err := b.r.Peek(8)
		if err != nil {
			return unexpected(err)
		}
		b.last[n] = binary.LittleEndian.Uint64(bits)
		_, _ = b.r.Discard(8)
	} else if b.last[n] == noValue {
		return fmt.Errorf("series %d repeats a value before it has one", n)
	}
	b.samples++
	*r = Record{Series: int(n), At: b.now, Value: math.Float64frombits(b.last[n])}
	return nil
}

func (b *Reader) labels(n uint64) ([]Label, error) {
	if n > maxLabels {
		return nil, fmt.Errorf("series of %d labels", n)
	}
	labels := make([]Label, n)
	for i := range labels {
		for _, s := range [2]*string{&labels[i].Name, &labels[i].Value} {
			length, err := b.number()
			if err != nil {
				return nil, err
			}
			if length > maxString {
				return nil, fmt.Errorf("label of %d bytes", length)
			}
			text := make([]byte, length)
			if _, err := io.ReadFull(b.r, text); err != nil {
				return nil, unexpected(err)
			}
			*s = string(text)
		}
	}
	return labels, nil
}

// end reads the end of the stream.
func (b *Reader) end() error {
	n, err := b.number()
	if err != nil {
		return err
	}
	if n != b.samples {
		return fmt.Errorf("stream of %d samples, of which %d arrived", n, b.samples)
	}
	return io.EOF
}

func (b *Reader) number() (uint64, error) {
	n, err := binary.ReadUvarint(b.r)
	return n, unexpected(err)
}

// unexpected is the error of a stream that ends within a record or between two.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
