package samples

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// decode returns what a stream has, one record a line, and the error at its end.
func decode(stream []byte) (string, error) {
	var b strings.Builder
	var record Record
	for r := NewReader(bytes.NewReader(stream)); ; {
		if err := r.Next(&record); err != nil {
			return b.String(), err
		}
		if record.Labels != nil {
			fmt.Fprintf(&b, "%d %q\n", record.Series, record.Labels)
		} else {
			fmt.Fprintf(&b, "%d %d %x\n", record.Series, record.At, math.Float64bits(record.Value))
		}
	}
}

func stream(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, err := range []error{
		w.Series([]Label{{"__name__", "up"}, {"job", "a\xffb"}}),
		w.Sample(0, 1_773_748_800_000, 1),
		w.Series([]Label{{"__name__", "down"}, {"empty", ""}}),
		w.Sample(1, 1_773_748_800_000, 1),
		w.Sample(0, 1_773_748_799_000, 1),
		w.Sample(0, 1_773_748_801_000, math.NaN()),
		w.Sample(0, 1_773_748_801_001, math.NaN()),
		w.Sample(1, -5, math.Inf(-1)),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestStream(t *testing.T) {
	whole := stream(t)
	got, err := decode(whole)
	want := `0 [{"__name__" "up"} {"job" "a\xffb"}]
0 1773748800000 3ff0000000000000
1 [{"__name__" "down"} {"empty" ""}]
1 1773748800000 3ff0000000000000
0 1773748799000 3ff0000000000000
0 1773748801000 7ff8000000000001
0 1773748801001 7ff8000000000001
1 -5 fff0000000000000
`
	if !errors.Is(err, io.EOF) || got != want {
		t.Errorf("%v after\n%swant\n%s", err, got, want)
	}
	// However much is missing, the stream is not complete.
	for n := range whole {
		if _, err := decode(whole[:n]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestStreamIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"ftd_exporter samples 2\n":                "not a stream of samples of this version",
		"# HELP ftd_component_ok Whether a part ": "not a stream of samples of this version",
		magic + "\x00":                            "sample of series 0, of which there are 0",
		magic + "\x07\x01a\x01b\x00":              "series 0 repeats a value before it has one",
		magic + "\x07\x01a\x01b\x05":              "sample of series 1, of which there are 1",
		magic + "\x03\x01":                        "stream of 1 samples, of which 0 arrived",
		magic + "\xff\xff\xff\x0f":                "series of 8388607 labels",
		magic + "\x07\xff\xff\xff\x0f":            "label of 33554431 bytes",
		magic + strings.Repeat("\xff", 11):        "overflows a 64-bit integer",
	} {
		if _, err := decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteFails(t *testing.T) {
	w := NewWriter(full{})
	if err := w.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	if err := w.Series([]Label{{"__name__", strings.Repeat("x", 1<<20)}}); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
}

// What a Reader accepts, a Writer can write again.
func FuzzReader(f *testing.F) {
	f.Add(stream(f))
	f.Add([]byte(magic + "\x03\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		want, err := decode(in)
		if !errors.Is(err, io.EOF) {
			return
		}
		var out bytes.Buffer
		w := NewWriter(&out)
		var record Record
		for r := NewReader(bytes.NewReader(in)); r.Next(&record) == nil; {
			if record.Labels != nil {
				err = w.Series(slices.Clone(record.Labels))
			} else {
				err = w.Sample(record.Series, record.At, record.Value)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := decode(out.Bytes()); !errors.Is(err, io.EOF) || got != want {
			t.Errorf("%v after\n%swant\n%s", err, got, want)
		}
	})
}

func BenchmarkStream(b *testing.B) {
	w := NewWriter(io.Discard)
	for range 1000 {
		if err := w.Series([]Label{{"__name__", "up"}}); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; b.Loop(); i++ {
		if err := w.Sample(i%1000, int64(i/1000), 1); err != nil {
			b.Fatal(err)
		}
	}
}
