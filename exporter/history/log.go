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

	"github.com/klauspost/compress/zstd"
)

// A Log is an opened log file: its lines, uncompressed if it was compressed.
type Log struct {
	io.Reader
	// Size is the size of the file, or 0 for a stream.
	Size int64

	read   atomic.Int64
	closer []io.Closer
}

// Open opens a log file. The name "-" stands for stdin. Files compressed by
// gzip or zstd are recognized by their first bytes, whatever their name.
func Open(name string, stdin io.Reader) (*Log, error) {
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
