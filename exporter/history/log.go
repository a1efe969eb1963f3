package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A Log is an open log file: its lines, uncompressed if it was compressed.
type Log struct {
	io.Reader
	// Name is the name that it was opened by.
	Name string
	// Size is the size of the file in bytes, compressed as it is, or 0 for a
	// stream.
	Size int64
	// Modified is when the file was last written to, or when a stream was opened.
	// Its location is the local time zone.
	Modified time.Time

	read    atomic.Int64
	closers []io.Closer // To be closed from the last on.
}

// maxWindow bounds the memory that a zstd file can ask for, as the program zstd
// does by default.
const maxWindow = 128 << 20

// The first bytes of compressed files.
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// Open opens a log file. The name "-" stands for stdin, which [Log.Close] leaves
// open. Files compressed by gzip or zstd are recognized by their first bytes,
// whatever their name. The errors name the file.
func Open(name string, stdin io.Reader) (*Log, error) {
	l := &Log{Name: name, Modified: time.Now()}
	source := stdin
	if name != "-" {
		f, err := l.openFile()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		source = f
	}
	if err := l.decompress(source); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", name, err), l.Close())
	}
	return l, nil
}

// Check returns the error with which [Open] would fail, as far as it can be seen
// without reading anything: that of a name without a file, of a directory, or of a
// file that must not be read.
func Check(name string) error {
	if name == "-" {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return checkMode(name, info) // To open a pipe would wait for its writer.
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return f.Close()
}

func checkMode(name string, info os.FileInfo) error {
	if info.IsDir() {
		return fmt.Errorf("open %s: is a directory; name the files in it", name)
	}
	return nil
}

func (l *Log) openFile() (*os.File, error) {
	f, err := os.Open(l.Name)
	if err != nil {
		return nil, err
	}
	l.closers = append(l.closers, f)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkMode(l.Name, info); err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		l.Size = info.Size()
	}
	l.Modified = info.ModTime()
	return f, nil
}

// decompress sets the Reader of the log to the lines in source.
func (l *Log) decompress(source io.Reader) error {
	// The buffer is for looking at the first bytes. It is small, so that larger
	// reads pass without a copy.
	buffered := bufio.NewReaderSize(&countingReader{source, &l.read}, 4<<10)
	l.Reader = buffered
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return err
		}
		l.Reader = z
	case bytes.Equal(magic, zstdMagic):
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return err
		}
		l.closers = append(l.closers, z.IOReadCloser())
		l.Reader = zstdReader{z}
	}
	return nil
}

// A zstdReader adds the remedy to the error of a file that needs too much memory.
type zstdReader struct{ *zstd.Decoder }

func (z zstdReader) Read(b []byte) (int, error) {
	n, err := z.Decoder.Read(b)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = fmt.Errorf("%w: the file needs more than 128 MiB of memory; pipe it in: zstd -d --long=31 -c FILE | ftd_exporter replay -", err)
	}
	return n, err
}

// BytesRead returns how much of the file has been read, before decompression.
// It may be called while another goroutine reads.
func (l *Log) BytesRead() int64 { return l.read.Load() }

// Close closes the file.
func (l *Log) Close() error {
	var errs []error
	for _, c := range slices.Backward(l.closers) {
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
