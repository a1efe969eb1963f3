package syslog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// limit is the longest frame in these tests.
const limit = 16

// frames reads a stream to its end. Rejected frames have their reason before
// them, and an error other than io.EOF comes last.
func frames(r *Reader) (all []string) {
	for {
		switch frame, reason, err := r.Next(); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			return append(all, "error: "+err.Error())
		case reason != OK:
			all = append(all, fmt.Sprintf("%s: %s", reason, frame))
		default:
			all = append(all, string(frame))
		}
	}
}

// arrivals are the ways in which a stream is cut into pieces on its way.
func arrivals() map[string]func(io.Reader) io.Reader {
	return map[string]func(io.Reader) io.Reader{
		"whole":        func(r io.Reader) io.Reader { return r },
		"bytes":        iotest.OneByteReader,
		"halves":       iotest.HalfReader,
		"with the EOF": iotest.DataErrReader,
		"in threes":    func(r io.Reader) io.Reader { return &hesitant{r: r} },
	}
}

// A hesitant reader gives at most three bytes, and nothing every other time.
type hesitant struct {
	r    io.Reader
	idle bool
}

func (h *hesitant) Read(b []byte) (int, error) {
	if h.idle = !h.idle; h.idle {
		return 0, nil
	}
	return h.r.Read(b[:min(3, len(b))])
}

func TestFrames(t *testing.T) {
	f := func(stream string, want ...string) {
		t.Helper()
		for name, arrival := range arrivals() {
			if got := frames(NewReader(arrival(strings.NewReader(stream)), limit)); !slices.Equal(got, want) {
				t.Errorf("%q %s:\ngot  %q\nwant %q", stream, name, got, want)
			}
		}
	}
	full := "ABCDEFGHIJKLMNOP"

	// Trailers.
	f("")
	f("a\nb\n", "a", "b")
	f("a\r\nb\r\n", "a", "b")
	f("a\x00b\x00", "a", "b")
	f("a\n\x00b\n\x00", "a", "b")
	f("a b\nc", "a b", "c")
	f("a\r", "a")
	f("\n\r\n \n\t \r\n\x00a\n\n", "a")
	f(full+"\n"+full, full, full)
	f(full+"\r\n"+full+"\r", full, full)

	// Lengths before frames. What is counted belongs to the frame.
	f("1 a2 bc", "a", "bc")
	f("3 a\nb3 c\rd", "a\nb", "c\rd")
	f("2 a\n1 b\n\r\n1 c\x00", "a\n", "b", "c")
	f("5 <1>ab", "<1>ab")
	f("2  a1  ", " a", " ")
	f("16 "+full+"1 a", full, "a")

	// Each frame in its own way.
	f("a\n1 b\nc\n2 de", "a", "b", "c", "de")

	// Lines that begin with digits.
	f("2020-02-04T11:00:54Z h  x\n", "too_long: 2020-02-04T11:00")
	f("12:30 a\n12\n", "12:30 a", "12")
	f("12", "12")
	f("12\x00b", "12", "b")
	f("2024 Aug 07 a\n1990 Jan a\n2099 Dec b", "2024 Aug 07 a", "1990 Jan a", "2099 Dec b")
	f("2024 Avg\nb\n", "too_long: Avg\nb\n")
	f("21 Feb 2026 09:15:22 fw1\n1 Jan a\n31 Dec b", "too_long: 21 Feb 2026 09:1", "1 Jan a", "31 Dec b")
	f("9 Feb a\n12 Febru\n", "9 Feb a", "bad_frame: Febru\n")
	f("1989 Aug\nb\n", "too_long: Aug\nb\n")
	f("123456789012345678901 x\n", "too_long: 1234567890123456")

	// Too long.
	f(full+"Q\nb\n", "too_long: "+full, "b")
	f(full+"Q\r\nb\n", "too_long: "+full, "b")
	f(full+full+full+"\x00b", "too_long: "+full, "b")
	f(full+full, "too_long: "+full)
	f("17 "+full+"Q1 b", "too_long: "+full, "b")
	f("40 "+full+full+"\n1 \n\n\n\nx1 b", "too_long: "+full, "b")
	f("99 "+full+full, "too_long: "+full)
	f("99 ab", "too_long: ab")

	// Bad counts.
	f("0 a\nb\n", "bad_frame: 0 a", "b")
	f("012 a\r\n1 b", "bad_frame: 012 a", "b")
	f("12345678 a\nb\n", "bad_frame: 12345678 a", "b")
	f("0 "+full+full+"\n1 b", "bad_frame: 0 ABCDEFGHIJKLMN", "b")
	f("0 a", "bad_frame: 0 a")
	f("9 a", "bad_frame: a")
	f("9 ", "bad_frame: ")
}

// An indented line belongs to the message before it, if it has arrived with it.
func TestContinuedLines(t *testing.T) {
	const first = "<164>fw1 : %ASA-4-733100: [ x"
	f := func(stream string, want ...string) {
		t.Helper()
		if got := frames(NewReader(strings.NewReader(stream), 99)); !slices.Equal(got, want) {
			t.Errorf("%q:\ngot  %q\nwant %q", stream, got, want)
		}
	}
	f(first+"\n   ] y\n"+first+"\n", first+"\n   ] y", first)
	f(first+"\n\ta\n b\n"+first, first+"\n\ta\n b", first)
	f(first+"\n] y\n", first, "] y")
	f(first+"\n ] y", first, " ] y") // It may not be all.
	f(first+"\n   \n", first)
	f(first+"\n <161>x\n", first, " <161>x")
	f(first+"\n fw1 : %ASA-1-735002: x\n", first, " fw1 : %ASA-1-735002: x")
	f("no tag\n y\n", "no tag", " y")
	f(first+"\n "+strings.Repeat("y", 70)+"\n", first, " "+strings.Repeat("y", 70))
	f("3 a\nb\n c\n", "a\nb", " c")
	if got := frames(NewLineReader(strings.NewReader(first+"\n y\n"), 99)); len(got) != 2 {
		t.Errorf("lines of a file: %q", got)
	}
}

func TestLines(t *testing.T) {
	f := func(stream string, want ...string) {
		t.Helper()
		for name, arrival := range arrivals() {
			if got := frames(NewLineReader(arrival(strings.NewReader(stream)), limit)); !slices.Equal(got, want) {
				t.Errorf("%q %s:\ngot  %q\nwant %q", stream, name, got, want)
			}
		}
	}
	f("1 a2 bc\n12 x", "1 a2 bc", "12 x")
	f("0 a\r\n\n", "0 a", "")
	f("\n \na\x00b\n", "", " ", "a\x00b")
	f("12345678901234567\n0", "too_long: 1234567890123456", "0")
}

// A frame fits whatever its length is, even if the buffer has to grow.
func TestLongestFrames(t *testing.T) {
	for _, size := range []int{8 << 10, 64<<10 - 1, 64 << 10, 1 << 16} {
		text := strings.Repeat("x", size)
		stream := fmt.Sprintf("%s\r\n%d %s%sy\n%d %sy1 z", text, size, text, text, size+1, text)
		for name, arrival := range arrivals() {
			if name == "bytes" && size > 8<<10 {
				continue
			}
			got := frames(NewReader(arrival(strings.NewReader(stream)), size))
			if want := []string{text, text, "too_long: " + text, "too_long: " + text, "z"}; !slices.Equal(got, want) {
				t.Errorf("%d %s: got %d frames", size, name, len(got))
			}
		}
	}
}

// What remains at the end of a stream is a frame, wherever in the buffer it is.
func TestLastFrameAnywhere(t *testing.T) {
	for before := range 70 {
		lines := strings.Repeat(strings.Repeat("x", 1023)+"\n", before)
		for _, last := range []string{"the end", "7 the end", "0 the end", "9 the end"} {
			for name, arrival := range arrivals() {
				if name == "bytes" && before > 3 {
					continue
				}
				got := frames(NewReader(arrival(strings.NewReader(lines+last)), 2000))
				want := map[string]string{"7 the end": "the end", "0 the end": "bad_frame: 0 the end", "9 the end": "bad_frame: the end"}[last]
				if want == "" {
					want = last
				}
				if len(got) != before+1 || got[before] != want {
					t.Fatalf("%q after %d KiB, %s: %d frames, the last %.40q", last, before, name, len(got), got[len(got)-1])
				}
			}
		}
	}
}

func TestErrorsEndTheStream(t *testing.T) {
	broken := errors.New("broken")
	for stream, want := range map[string][]string{
		"a\nb":      {"a"}, // Half of a message is none.
		"1 a9 b":    {"a"},
		"1 a2024 A": {"a"},
		"":          nil,
	} {
		r := NewReader(io.MultiReader(strings.NewReader(stream), iotest.ErrReader(broken)), limit)
		if got := frames(r); !slices.Equal(got, append(want, "error: broken")) {
			t.Errorf("%q: got %q", stream, got)
		}
		if _, _, err := r.Next(); !errors.Is(err, broken) {
			t.Errorf("%q: then got %v", stream, err)
		}
	}
	if _, _, err := NewReader(idle{}, limit).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a source that gives nothing: got %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// A pausing source gives what it has in pieces as large as they fit. After each
// burst its deadline passes once.
type pausing struct {
	bursts []string
	sizes  []int // Of the buffers that it was given.
}

func (p *pausing) Read(b []byte) (int, error) {
	p.sizes = append(p.sizes, len(b))
	if len(p.bursts) == 0 {
		return 0, io.EOF
	}
	if p.bursts[0] == "" {
		p.bursts = p.bursts[1:]
		return 0, fmt.Errorf("read: %w", os.ErrDeadlineExceeded)
	}
	n := copy(b, p.bursts[0])
	p.bursts[0] = p.bursts[0][n:]
	return n, nil
}

// The buffer grows while it is filled, and Shrink makes it small, whatever is
// left of a frame. No frame is the worse for it.
func TestBufferFollowsTheSource(t *testing.T) {
	line := strings.Repeat("x", 199) + "\n"
	much := strings.Repeat(line, 2000)
	p := &pausing{bursts: []string{line, line, much, "half a ", "line\n", much + strings.Repeat("y", 5000), "z\n7 " + "counted" + much}}
	r := NewReader(p, 8192)
	var got []string
	pauses := 0
	for {
		frame, reason, err := r.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			pauses++
			r.Shrink()
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if reason != OK || err != nil {
			t.Fatal(reason, err)
		}
		got = append(got, string(frame))
	}
	if len(got) != 6005 || got[2002] != "half a line" || len(got[4003]) != 5001 || got[4004] != "counted" || pauses != 7 {
		t.Errorf("%d frames, %d pauses", len(got), pauses)
	}
	if p.sizes[0] != IdleBuffer || slices.Max(p.sizes) > 64<<10 || slices.Max(p.sizes) < 60<<10 {
		t.Errorf("it was given room for %d at first and %d at most", p.sizes[0], slices.Max(p.sizes))
	}
	if last := p.sizes[len(p.sizes)-1]; last > IdleBuffer {
		t.Errorf("room for %d after a pause", last)
	}
	// What remains is what has been read, and room for a little more.
	p = &pausing{bursts: []string{much + strings.Repeat("y", 5000), "z\n"}}
	r = NewReader(p, 8192)
	for range 2000 {
		if _, reason, err := r.Next(); reason != OK || err != nil {
			t.Fatal(reason, err)
		}
	}
	if _, _, err := r.Next(); !errors.Is(err, os.ErrDeadlineExceeded) || r.Buffered() != 5000 {
		t.Errorf("%v, %d bytes", err, r.Buffered())
	}
	r.Shrink()
	if frame, reason, err := r.Next(); len(frame) != 5001 || reason != OK || err != nil || r.Buffered() != 0 {
		t.Errorf("%d bytes, %s, %v", len(frame), reason, err)
	}
	if last := p.sizes[len(p.sizes)-1]; last != IdleBuffer {
		t.Errorf("room for %d beside what remains", last)
	}
	r.Shrink()
	r.Shrink()
	if len(p.sizes) == 0 || r.Buffered() != 0 {
		t.Errorf("%d bytes", r.Buffered())
	}
}

// A deadline that passes takes nothing away, wherever in a frame it does.
func TestDeadlinesPass(t *testing.T) {
	const stream = "a b\n12 <1>%FTD-1-73\n0 x\n30 yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy2024 Aug\nzzzzzzzzzzzzzzzzzzzz\n2 c"
	whole := frames(NewReader(strings.NewReader(stream), limit))
	for at := range len(stream) {
		r := NewReader(&pausing{bursts: []string{stream[:at], "", stream[at:]}}, limit)
		var got []string
		passed := 0
		for all := false; !all; {
			frame, reason, err := r.Next()
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
				passed++
				r.Shrink()
			case err != nil:
				all = true
			case reason != OK:
				got = append(got, fmt.Sprintf("%s: %s", reason, frame))
			default:
				got = append(got, string(frame))
			}
		}
		if !slices.Equal(got, whole) || passed != 3 {
			t.Errorf("cut at %d: %d deadlines, %q, want %q", at, passed, got, whole)
		}
	}
}

// A read may bring data and a deadline together.
func TestDeadlineWithData(t *testing.T) {
	r := NewReader(iotest.DataErrReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(os.ErrDeadlineExceeded))), limit)
	if frame, _, err := r.Next(); string(frame) != "a" || err != nil {
		t.Errorf("%q, %v", frame, err)
	}
	for range 2 {
		if _, _, err := r.Next(); !errors.Is(err, os.ErrDeadlineExceeded) || r.Buffered() != 1 {
			t.Errorf("%v, %d bytes", err, r.Buffered())
		}
	}
}

// The two halves of Next return the frames of each read together. A | stands for
// a read.
func TestFrameAndFill(t *testing.T) {
	f := func(want string, pieces ...string) {
		t.Helper()
		var sources []io.Reader
		for _, piece := range pieces {
			sources = append(sources, strings.NewReader(piece))
		}
		r := NewReader(io.MultiReader(sources...), limit)
		var got strings.Builder
		for err := error(nil); !errors.Is(err, io.EOF); err = r.Fill() {
			got.WriteByte('|')
			for frame, reason, ok := r.Frame(); ok; frame, reason, ok = r.Frame() {
				fmt.Fprintf(&got, "%s%s,", reason, frame)
			}
		}
		if got.String() != want {
			t.Errorf("%q: got %s, want %s", pieces, got.String(), want)
		}
	}
	f("|")
	f("||a,|b,c,|d,", "a\n", "b\nc\nd")
	f("||a,|b,c,", "a\n", "b\nc\n\n")
	f("||a,|too_longABCDEFGHIJKLMNOP,||b,", "1 a", "99 ABCDEFGHIJKLMNOPQ", "x", strings.Repeat("x", 81)+"b\n")
}

// A loop is a stream that never ends.
type loop struct {
	text string
	at   int
}

func (l *loop) Read(b []byte) (int, error) {
	n := copy(b, l.text[l.at:])
	l.at = (l.at + n) % len(l.text)
	return n, nil
}

func TestNextDoesNotAllocate(t *testing.T) {
	r := NewReader(&loop{text: "a\n12 <1>%FTD-1-73\n0 x\n9999 " + strings.Repeat("x", 9999) + strings.Repeat("y", 9000) + "\n \n"}, 8192)
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReader(b *testing.B) {
	line := samples()["Built302013"]
	for name, text := range map[string]string{
		"Lines":  line + "\n",
		"Counts": fmt.Sprintf("%d %s", len(line), line),
		"NULs":   "a\x00", // The worst case of a search for LF.
	} {
		b.Run(name, func(b *testing.B) {
			r := NewReader(&loop{text: strings.Repeat(text, 10000)}, 8192)
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
