package exporter

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// A Log is an opened log file: its lines, uncompressed if it was compressed.
type Log struct {
	io.Reader
	// Size is the size of the file, or 0 for a stream.
	Size int64

	read   atomic.Int64
	closer []io.Closer
}

// OpenLog opens a log file. The name "-" stands for stdin. Files compressed by
// gzip or zstd are recognised by their first bytes, whatever their name.
func OpenLog(name string, stdin io.Reader) (*Log, error) {
	l := &Log{}
	source := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		l.closer = append(l.closer, f)
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("open %s: is a directory; name the files in it", name)
		}
		if err != nil {
			l.Close()
			return nil, err
		}
		if info.Mode().IsRegular() {
			l.Size = info.Size()
		}
		source = f
	}
	// It is for looking at the first bytes. The small buffer lets larger reads
	// pass without a copy.
	buffered := bufio.NewReaderSize(&countingReader{source, &l.read}, 4<<10)
	l.Reader = buffered
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		l.Close()
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(buffered)
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		l.Reader = z
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		l.closer = append(l.closer, z.IOReadCloser())
		l.Reader = zstdReader{z}
	}
	return l, nil
}

// maxWindow bounds the memory that a zstd file can ask for, as the program zstd
// does by default.
const maxWindow = 128 << 20

// A zstdReader adds the remedy to the error of a file that wants more.
type zstdReader struct{ *zstd.Decoder }

func (z zstdReader) Read(b []byte) (int, error) {
	n, err := z.Decoder.Read(b)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = fmt.Errorf("%w: the file wants more than 128 MiB of memory; pipe it in: zstd -d --long=31 -c FILE | ftd_exporter replay -", err)
	}
	return n, err
}

// BytesRead returns how much of the file has been read, before decompression.
// It may be called while another goroutine reads.
func (l *Log) BytesRead() int64 { return l.read.Load() }

// Close closes the file.
func (l *Log) Close() error {
	var errs []error
	for _, c := range slices.Backward(l.closer) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// A Summary counts what a replay met.
type Summary struct {
	// Lines counts all lines. Each is one of the others.
	Lines, Matched, Unmatched, Uncatalogued atomic.Int64
	Rejected                                [syslog.NumReasons]atomic.Int64
}

// A LogClock is the time within a log: the latest stamp that a line has had, or
// the real time before the first.
type LogClock struct{ latest time.Time }

// Now returns the time within the log.
func (c *LogClock) Now() time.Time {
	if c.latest.IsZero() {
		return time.Now()
	}
	return c.latest
}

// advance notes a line's stamp and returns the time that the line has. Time
// within a log does not go back: a line out of order has the latest time.
func (c *LogClock) advance(stamp time.Time) time.Time {
	if stamp.After(c.latest) {
		c.latest = stamp
	}
	return c.latest
}

// Replay reads the lines of r as if a device had sent them, and applies them
// to the table. Lines that name no host belong to peer. If clock is not nil,
// the stamps of the lines are their times of receipt; it must then be the
// clock of the exporter and its table. Replay adds to summary, which another
// goroutine may read meanwhile. The exporter's own metrics count the lines
// under the listener "replay".
func (e *Exporter) Replay(r io.Reader, peer string, clock *LogClock, summary *Summary) error {
	f := e.newFeed(e.metrics.listener("replay", false))
	f.stamps = clock
	f.peer = []byte(peer)
	lines := syslog.NewLineReader(batches{r, f}, MaxFrame)
	defer f.end()
	var outcomes [catalog.Matched + 1]int64
	note := func() {
		summary.Uncatalogued.Add(outcomes[catalog.UnknownID])
		summary.Unmatched.Add(outcomes[catalog.Unmatched])
		summary.Matched.Add(outcomes[catalog.Matched])
		summary.Lines.Add(outcomes[catalog.UnknownID] + outcomes[catalog.Unmatched] + outcomes[catalog.Matched])
		clear(outcomes[:])
	}
	defer note()
	for n := 1; ; n++ {
		line, reason, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if reason = f.next(line, netip.Addr{}, reason); reason != syslog.OK {
			summary.Lines.Add(1)
			summary.Rejected[reason].Add(1)
		} else {
			outcomes[f.decoder.Outcome]++
		}
		if n%1024 == 0 { // Often enough for a progress line.
			note()
		}
	}
}
