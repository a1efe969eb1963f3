package history

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// formats are the ways in which a log may be stored.
var formats = map[string]func(testing.TB, io.Writer) io.WriteCloser{
	"plain": func(_ testing.TB, w io.Writer) io.WriteCloser { return nopCloser{w} },
	"gzip":  func(_ testing.TB, w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"zstd": func(t testing.TB, w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		return z
	},
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// stored returns in a format what write writes.
func stored(t testing.TB, format string, write func(io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := formats[format](t, &b)
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeFile writes a file with an ordinary name, and returns it.
func writeFile(t testing.TB, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// openLog opens a log until the test ends.
func openLog(t testing.TB, name string, stdin io.Reader) *Log {
	t.Helper()
	l, err := Open(name, stdin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func TestOpen(t *testing.T) {
	for _, want := range []string{"", "a", "one line\n", strings.Repeat("many lines\n", 10_000)} {
		for format := range formats {
			content := stored(t, format, func(w io.Writer) { io.WriteString(w, want) })
			name := writeFile(t, content)
			if err := os.Chtimes(name, epoch, epoch); err != nil {
				t.Fatal(err)
			}
			file, stream := openLog(t, name, nil), openLog(t, "-", bytes.NewReader(content))
			for _, l := range []*Log{file, stream} {
				got, err := io.ReadAll(l)
				if err != nil || string(got) != want {
					t.Errorf("%s, %s, %d bytes: got %d, %v", l.Name, format, len(want), len(got), err)
				}
				if n := l.BytesRead(); n != int64(len(content)) {
					t.Errorf("%s, %s: %d bytes read of %d", l.Name, format, n, len(content))
				}
			}
			if file.Size != int64(len(content)) || !file.Modified.Equal(epoch) {
				t.Errorf("file: size %d, modified %s", file.Size, file.Modified)
			}
			if stream.Size != 0 || time.Since(stream.Modified) > time.Minute {
				t.Errorf("stream: size %d, modified %s", stream.Size, stream.Modified)
			}
		}
	}
}

func TestOpenFailures(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open(dir, nil); err == nil || !strings.Contains(err.Error(), "is a directory; name the files in it") {
		t.Error(err)
	}
	if _, err := Open(writeFile(t, gzipMagic), nil); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "read ") {
		t.Error(err)
	}
}

// A file that is small and becomes large needs little memory to be replayed: one
// endless line, and lines without end.
func TestReplayOfABombNeedsLittleMemory(t *testing.T) {
	const size = 16 << 20
	bombs := map[string]struct {
		block    string
		rejected syslog.Reason
		size     int
		lines    int64
	}{
		"one line":    {strings.Repeat("%", 64<<10), syslog.TooLong, size, 1},
		"zeros":       {strings.Repeat("\x00", 64<<10), syslog.TooLong, size, 1},
		"empty lines": {strings.Repeat("\n", 64<<10), syslog.Empty, 1 << 20, 1 << 20},
	}
	c := newCatalog(t)
	for format := range formats {
		for name, bomb := range bombs {
			t.Run(format+" "+name, func(t *testing.T) {
				file := writeFile(t, stored(t, format, func(w io.Writer) {
					for range bomb.size / len(bomb.block) {
						io.WriteString(w, bomb.block)
					}
				}))
				p, table := newPipeline(t, c, nil)
				log := openLog(t, file, nil)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				r := NewReplay(p, table, "replay", &Clock{})
				if err := r.Read(t.Context(), log); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if n := r.Summary.Lines.Load(); n != bomb.lines || r.Summary.Rejected[bomb.rejected].Load() != n {
					t.Errorf("%d lines, %d of them %s; want %d", n, r.Summary.Rejected[bomb.rejected].Load(), bomb.rejected, bomb.lines)
				}
				if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 8 {
					t.Errorf("%d MiB allocated", n)
				}
			})
		}
	}
}

func TestZstdThatNeedsTooMuchMemoryIsRefused(t *testing.T) {
	// The header of a frame with a window of 2 GiB, then a block of one byte
	// repeated (RFC 8878 sections 3.1.1 and 3.1.1.2).
	const rle, last = 1 << 1, 1
	frame := binary.LittleEndian.AppendUint32(nil, 0xfd2fb528)
	frame = append(frame, 0, 21<<3, rle|last|64<<3&0xff, 64<<3>>8, 0, 'x')
	_, err := io.ReadAll(openLog(t, writeFile(t, frame), nil))
	if !errors.Is(err, zstd.ErrWindowSizeExceeded) || !strings.Contains(err.Error(), "zstd -d") {
		t.Errorf("%v", err)
	}
}

// Check reports what Open would, and reads nothing.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "fw.log")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"-": "", file: "", os.DevNull: "",
		dir:                         "is a directory; name the files in it",
		filepath.Join(dir, "a.log"): "no such file",
	} {
		err := Check(name)
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
