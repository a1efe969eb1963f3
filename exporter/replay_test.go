package exporter

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// compressed writes what write writes into a file.
func compressed(t *testing.T, wrap func(io.Writer) io.WriteCloser, write func(io.Writer)) string {
	t.Helper()
	var b bytes.Buffer
	z := wrap(&b)
	write(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReplayOfABombNeedsLittleMemory replays files that are small and become
// large: one endless line, and lines without end.
func TestReplayOfABombNeedsLittleMemory(t *testing.T) {
	const size = 16 << 20
	formats := map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
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
	for format, wrap := range formats {
		for name, bomb := range bombs {
			t.Run(format+" "+name, func(t *testing.T) {
				file := compressed(t, wrap, func(w io.Writer) {
					for range bomb.size / len(bomb.block) {
						io.WriteString(w, bomb.block)
					}
				})
				f := newFixture(t)
				log, err := OpenLog(file, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer log.Close()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				var sum Summary
				if err := f.Replay(log, "replay", nil, &sum); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if n := sum.Lines.Load(); n != bomb.lines || sum.Rejected[bomb.rejected].Load() != n {
					t.Errorf("%d lines, %d of them %s; want %d", n, sum.Rejected[bomb.rejected].Load(), bomb.rejected, bomb.lines)
				}
				if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 8 {
					t.Errorf("%d MiB allocated", n)
				}
			})
		}
	}
}

func TestZstdThatWantsTooMuchMemoryIsRefused(t *testing.T) {
	// The header of a frame with a window of 2 GiB, then a block of one byte
	// repeated (RFC 8878 sections 3.1.1 and 3.1.1.2).
	const rle, last = 1 << 1, 1
	frame := binary.LittleEndian.AppendUint32(nil, 0xfd2fb528)
	frame = append(frame, 0, 21<<3, rle|last|64<<3&0xff, 64<<3>>8, 0, 'x')
	name := filepath.Join(t.TempDir(), "log.zst")
	if err := os.WriteFile(name, frame, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := OpenLog(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var sum Summary
	err = newFixture(t).Replay(log, "replay", nil, &sum)
	if !errors.Is(err, zstd.ErrWindowSizeExceeded) || !strings.Contains(err.Error(), "zstd -d") {
		t.Errorf("%v", err)
	}
}
