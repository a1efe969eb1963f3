package syslog

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

const testMax = 32

// readAll returns the frames of a stream, a rejected one with its reason in
// front, and the error that ended it if that is not the end of the stream.
func readAll(r *Reader) (frames []string) {
	for {
		frame, reason, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return frames
		case err != nil:
			return append(frames, "error: "+err.Error())
		case reason != OK:
			frames = append(frames, fmt.Sprintf("%s: %s", reason, frame))
		default:
			frames = append(frames, string(frame))
		}
	}
}

// readers are ways in which a stream can arrive.
var readers = map[string]func(io.Reader) io.Reader{
	"whole":      func(r io.Reader) io.Reader { return r },
	"one octet":  iotest.OneByteReader,
	"halves":     iotest.HalfReader,
	"early data": iotest.DataErrReader,
}

func TestFrames(t *testing.T) {
	f := func(stream string, want ...string) {
		t.Helper()
		for name, wrap := range readers {
			if got := readAll(NewReader(wrap(strings.NewReader(stream)), testMax)); !slices.Equal(got, want) {
				t.Errorf("%q (%s):\ngot  %q\nwant %q", stream, name, got, want)
			}
		}
	}
	long := strings.Repeat("x", testMax)

	// Terminators.
	f("")
	f("a\nb\n", "a", "b")
	f("a\r\nb\r\n", "a", "b")
	f("a\x00b\x00", "a", "b")
	f("a\nb", "a", "b")
	f("\n\r\n\x00\na\n", "a")
	f("a b\n", "a b")
	f(" \n", " ")
	f(long+"\n", long)
	f(long+"\r\n", long)

	// Octet counts.
	f("1 a2 bc", "a", "bc")
	f("3 a\nb3 c\rd", "a\nb", "c\rd")
	f("2 a\n1 b\n\n1 c", "a", "b", "c")
	f("5 <1>ab", "<1>ab")
	f("32 "+long, long)

	// Both.
	f("a\n1 b\nc\n2 de", "a", "b", "c", "de")

	// Lines that begin with digits.
	f("2026-03-17T11:59:58Z x\n", "2026-03-17T11:59:58Z x")
	f("2026 Mar 17 x\nb\n", "2026 Mar 17 x", "b")
	f("12:30\n", "12:30")
	f("7\n", "7")
	f("12", "12")
	f("1234567 a\nb\n", "1234567 a", "b")

	// Too long.
	f(long+"y\nb\n", "too_long: "+long, "b")
	f(long+long+long+"\nb\n", "too_long: "+long, "b")
	f(long+long, "too_long: "+long)
	f("33 "+long+"y1 b", "too_long: "+long, "b")
	f("99 "+long+long+long+"yyy1 b", "too_long: "+long, "b")
	f("99 "+long+long+long, "too_long: "+long)

	// Bad counts.
	f("0 a\nb\n", "bad_frame: 0 a", "b")
	f("01 a\nb\n", "bad_frame: 01 a", "b")
	f("0 a", "bad_frame: 0 a")
	f("9 a", "bad_frame: 9 a")
}

func TestLines(t *testing.T) {
	for stream, want := range map[string][]string{
		"1 a2 bc\n12 x\n":                        {"1 a2 bc", "12 x"},
		"0 a\r\n\nb":                             {"0 a", "b"},
		strings.Repeat("x", testMax+1) + "\nb\n": {"too_long: " + strings.Repeat("x", testMax), "b"},
	} {
		for name, wrap := range readers {
			if got := readAll(NewLineReader(wrap(strings.NewReader(stream)), testMax)); !slices.Equal(got, want) {
				t.Errorf("%q (%s):\ngot  %q\nwant %q", stream, name, got, want)
			}
		}
	}
}

// A broken connection may cut a message in two; half of it is not read.
func TestErrorsEndTheStream(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(errors.New("broken")))
	if got, want := readAll(NewReader(broken, testMax)), []string{"a", "error: broken"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := readAll(NewReader(idle{}, testMax)); !slices.Equal(got, []string{"error: " + io.ErrNoProgress.Error()}) {
		t.Errorf("a reader that never returns anything: %q", got)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// endless repeats a text for ever.
type endless struct {
	text []byte
	at   int
}

func (r *endless) Read(b []byte) (int, error) {
	n := copy(b, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func TestNextDoesNotAllocate(t *testing.T) {
	r := NewReader(&endless{text: []byte("<161>fw1 : %FTD-1-735002: Cooling Fan 1: OK\n12 <1>%FTD-1-73\n" + strings.Repeat("x", 9000) + "\n")}, 8192)
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReader(b *testing.B) {
	line := benchmarks["Built"]
	for name, text := range map[string]string{"Lines": line + "\n", "Octets": fmt.Sprintf("%d %s", len(line), line)} {
		b.Run(name, func(b *testing.B) {
			r := NewReader(&endless{text: []byte(strings.Repeat(text, 1000))}, 8192)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
