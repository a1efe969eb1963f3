package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/fileutil"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// samplesPerChunk is how many samples Prometheus itself puts into a chunk.
const samplesPerChunk = 120

// A block is a block of Prometheus that is being written: a directory with chunks
// of samples, an index, a file of tombstones, which is empty, and meta.json.
// https://github.com/prometheus/prometheus/tree/main/tsdb/docs/format has the
// formats. Chunks wait in a temporary file, because they are complete in order of
// time and belong into the block in order of series.
type block struct {
	id     ulid.ULID
	dir    string
	spool  *os.File // Removed in the end.
	buffer *bufio.Writer
	size   int64       // Of the spool.
	series []chunkList // By the number of the series; those without samples are empty.

	minTime, maxTime int64
	stats            stats
}

// A chunkList is the samples of a series in a block.
type chunkList struct {
	spooled []spooledChunk
	chunk   *chunkenc.XORChunk // The last one, which is not in the spool yet.
	open    chunkenc.Appender  // Of the chunk; nil if it is empty.
	minTime int64              // Of the chunk.
	maxTime int64
}

// A spooledChunk is where a chunk lies in the spool.
type spooledChunk struct {
	minTime, maxTime int64
	at               int64
	length           int32
}

// meta is the content of meta.json, version 1.
type meta struct {
	ULID       ulid.ULID  `json:"ulid"`
	MinTime    int64      `json:"minTime"`
	MaxTime    int64      `json:"maxTime"` // Exclusive.
	Stats      stats      `json:"stats"`
	Compaction compaction `json:"compaction"`
	Version    int        `json:"version"`
}

type stats struct {
	Samples uint64 `json:"numSamples"`
	Floats  uint64 `json:"numFloatSamples"`
	Series  uint64 `json:"numSeries"`
	Chunks  uint64 `json:"numChunks"`
}

type compaction struct {
	Level   int         `json:"level"`
	Sources []ulid.ULID `json:"sources"`
}

// newBlock begins a block in a directory of its own in dir.
func newBlock(dir string) (*block, error) {
	id, err := ulid.New(ulid.Now(), rand.Reader)
	if err != nil {
		return nil, err
	}
	b := &block{id: id, dir: filepath.Join(dir, id.String()), minTime: math.MaxInt64, maxTime: math.MinInt64}
	if err := os.Mkdir(b.dir, 0o755); err != nil {
		return nil, err
	}
	if b.spool, err = os.CreateTemp(dir, "chunks-*"); err != nil {
		return nil, err
	}
	b.buffer = bufio.NewWriterSize(b.spool, 256<<10)
	return b, nil
}

// close closes the temporary file, which is in a directory that is removed.
func (b *block) close() error { return b.spool.Close() }

// add adds a sample, which must be later than the one before it of the same
// series.
func (b *block) add(series int, at int64, value float64) error {
	if series >= len(b.series) {
		b.series = append(b.series, make([]chunkList, series+1-len(b.series))...)
	}
	s := &b.series[series]
	if s.open == nil {
		if s.chunk == nil {
			s.chunk = chunkenc.NewXORChunk()
		} else {
			s.chunk.Reset(append(s.chunk.Bytes()[:0], 0, 0)) // The number of samples.
		}
		var err error
		if s.open, err = s.chunk.Appender(); err != nil {
			return err
		}
		s.minTime = at
	}
	s.open.Append(0, at, value)
	s.maxTime = at
	b.minTime, b.maxTime = min(b.minTime, at), max(b.maxTime, at)
	if s.chunk.NumSamples() < samplesPerChunk {
		return nil
	}
	return b.cut(s)
}

// cut writes the last chunk of a series to the spool.
func (b *block) cut(s *chunkList) error {
	data := s.chunk.Bytes()
	if _, err := b.buffer.Write(data); err != nil {
		return err
	}
	s.spooled = append(s.spooled, spooledChunk{s.minTime, s.maxTime, b.size, int32(len(data))})
	b.size += int64(len(data))
	b.stats.Samples += uint64(s.chunk.NumSamples())
	b.stats.Chunks++
	s.open = nil
	return nil
}

// finish writes the block for the series with the given labels, and returns its
// size in bytes.
func (b *block) finish(ctx context.Context, series []labels.Labels) (size int64, err error) {
	var order []int // Of the series that have samples.
	for i := range b.series {
		s := &b.series[i]
		if s.open != nil {
			if err := b.cut(s); err != nil {
				return 0, err
			}
		}
		if len(s.spooled) > 0 {
			order = append(order, i)
		}
	}
	if err := b.buffer.Flush(); err != nil {
		return 0, err
	}
	slices.SortFunc(order, func(x, y int) int { return labels.Compare(series[x], series[y]) })
	if err := b.writeSeries(ctx, series, order); err != nil {
		return 0, err
	}
	b.series = nil
	b.stats.Series, b.stats.Floats = uint64(len(order)), b.stats.Samples
	if err := b.writeMeta(); err != nil {
		return 0, err
	}
	if _, err := tombstones.WriteFile(slog.New(slog.DiscardHandler), b.dir, tombstones.NewMemTombstones()); err != nil {
		return 0, err
	}
	if err := syncDirectory(b.dir); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(b.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

// writeSeries writes the index and the chunks of the series in the given order,
// which is that of their labels. The index begins with all strings, sorted.
func (b *block) writeSeries(ctx context.Context, series []labels.Labels, order []int) (err error) {
	chunkFiles, err := chunks.NewWriter(filepath.Join(b.dir, "chunks"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, chunkFiles.Close()) }()
	w, err := index.NewWriter(ctx, filepath.Join(b.dir, "index"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	symbols := map[string]struct{}{"": {}}
	for _, i := range order {
		series[i].Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = struct{}{}, struct{}{} })
	}
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		if err := w.AddSymbol(s); err != nil {
			return err
		}
	}
	var metas []chunks.Meta
	for n, i := range order {
		if metas, err = b.load(metas[:0], b.series[i].spooled); err != nil {
			return err
		}
		if err := chunkFiles.WriteChunks(metas...); err != nil { // It sets where they are.
			return err
		}
		if err := w.AddSeries(storage.SeriesRef(n), series[i], metas...); err != nil {
			return err
		}
	}
	return nil
}

// load appends chunks from the spool to metas.
func (b *block) load(metas []chunks.Meta, spooled []spooledChunk) ([]chunks.Meta, error) {
	for _, c := range spooled {
		data := make([]byte, c.length)
		if _, err := b.spool.ReadAt(data, c.at); err != nil {
			return nil, err
		}
		chunk, err := chunkenc.FromData(chunkenc.EncXOR, data)
		if err != nil {
			return nil, err
		}
		metas = append(metas, chunks.Meta{Chunk: chunk, MinTime: c.minTime, MaxTime: c.maxTime})
	}
	return metas, nil
}

func (b *block) writeMeta() error {
	text, err := json.MarshalIndent(meta{
		ULID: b.id, MinTime: b.minTime, MaxTime: b.maxTime + 1, Stats: b.stats,
		Compaction: compaction{Level: 1, Sources: []ulid.ULID{b.id}}, Version: 1,
	}, "", "\t")
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(b.dir, "meta.json"))
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDirectory(dir string) error {
	d, err := fileutil.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
