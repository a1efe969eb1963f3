package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
)

// blockRange is the length of time of a block, in milliseconds. Prometheus joins
// blocks in steps of three: 2, 6, 18, 54 and 162 hours. A block lies between two
// multiples of its length.
const blockRange = int64(162 * time.Hour / time.Millisecond)

// A summary is what was written. Its names in JSON are the exporter's.
type summary struct {
	Blocks int   `json:"blocks"`
	Bytes  int64 `json:"bytes"`
}

// A writer turns a stream of samples into blocks.
type writer struct {
	dir    string
	series []labels.Labels
	// open has the blocks that can still get samples, by the number of their range,
	// at most two: the stream is almost in order of time.
	open   map[int64]*block
	latest int64 // The latest time of a sample.
	// complete is the range before which all blocks are written.
	complete int64
	blocks   []*block
	summary  summary
}

// write writes the samples of a stream as blocks into a directory, which must be
// empty or not exist. The blocks appear when all are complete. After an error,
// nothing is left.
func write(ctx context.Context, dir string, stream io.Reader) (sum summary, err error) {
	made, err := makeEmpty(dir)
	if err != nil {
		return sum, err
	}
	defer func() {
		if err != nil && made {
			_ = os.Remove(dir)
		}
	}()
	// Within the directory, which may be a file system of its own. Prometheus
	// ignores and removes directories of such names.
	temporary, err := os.MkdirTemp(dir, "backfill-*.tmp-for-creation")
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	w := &writer{dir: temporary, open: map[int64]*block{}}
	err = w.readAll(ctx, stream)
	for _, b := range w.open {
		err = errors.Join(err, b.close())
	}
	if err != nil {
		return sum, err
	}
	for i, b := range w.blocks {
		if err := os.Rename(b.dir, filepath.Join(dir, b.id.String())); err != nil {
			for _, b := range w.blocks[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, b.id.String())))
			}
			return sum, err
		}
	}
	return w.summary, syncDirectory(dir)
}

// makeEmpty makes a directory, unless it is there and empty, and reports whether it
// was made.
func makeEmpty(dir string) (made bool, err error) {
	err = os.Mkdir(dir, 0o755)
	if !errors.Is(err, fs.ErrExist) {
		return err == nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	if len(files) > 0 {
		return false, fmt.Errorf("%s is not empty; name a new directory", dir)
	}
	return false, nil
}

func (w *writer) readAll(ctx context.Context, stream io.Reader) error {
	r := samples.NewReader(stream)
	var record samples.Record
	for n := 0; ; n++ {
		if n&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := r.Next(&record)
		switch {
		case errors.Is(err, io.EOF):
			return w.finish(ctx, w.complete, false)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return errors.New("the stream of samples is not complete")
		case errors.Is(err, samples.ErrVersion):
			return fmt.Errorf("%w; ftd_exporter and ftd_exporter_blocks must be of the same version", err)
		case err != nil:
			return err
		case record.Labels != nil:
			w.series = append(w.series, labelsOf(record.Labels))
		default:
			if err := w.add(ctx, &record); err != nil {
				return err
			}
		}
	}
}

// labelsOf returns labels in the form of Prometheus, for which an empty label is
// the same as none.
func labelsOf(list []samples.Label) labels.Labels {
	b := labels.NewScratchBuilder(len(list))
	for _, l := range list {
		if l.Value != "" {
			b.Add(l.Name, l.Value)
		}
	}
	b.Sort()
	return b.Labels()
}

func (w *writer) add(ctx context.Context, r *samples.Record) error {
	number := r.At / blockRange // Not negative; the exporter does not believe times before 2000.
	if r.At > w.latest {
		w.latest = r.At
		if before := (r.At - samples.Disorder.Milliseconds()) / blockRange; before > w.complete {
			if err := w.finish(ctx, before, true); err != nil {
				return err
			}
		}
	}
	if r.At < 0 || number < w.complete {
		return fmt.Errorf("a sample of %s is at %s, too long before others", w.series[r.Series], time.UnixMilli(r.At).UTC().Format(time.RFC3339))
	}
	b := w.open[number]
	if b == nil {
		var err error
		if b, err = newBlock(w.dir); err != nil {
			return err
		}
		w.open[number] = b
	}
	return b.add(r.Series, r.At, r.Value)
}

// finish writes the open blocks, if limited those before a range only.
func (w *writer) finish(ctx context.Context, before int64, limited bool) error {
	var numbers []int64
	for number := range w.open {
		if !limited || number < before {
			numbers = append(numbers, number)
		}
	}
	slices.SortFunc(numbers, cmp.Compare)
	for _, number := range numbers {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := w.open[number]
		size, err := b.finish(ctx, w.series)
		delete(w.open, number)
		if err = errors.Join(err, b.close(), os.Remove(b.spool.Name())); err != nil {
			return err
		}
		w.blocks = append(w.blocks, b)
		w.summary.Blocks++
		w.summary.Bytes += size
	}
	w.complete = before
	return nil
}
