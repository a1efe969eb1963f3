package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
)

// border is where a block ends and the next begins.
const border = 3000 * blockRange

// A sample is a sample of a series, of which the stream has several.
type sample struct {
	series int
	at     int64
	value  float64
}

// stream returns a stream of samples of series with the given names. It ends with
// end unless it is cut.
func stream(t *testing.T, names []string, list []sample, cut bool) io.Reader {
	t.Helper()
	var out bytes.Buffer
	w := samples.NewWriter(&out)
	for _, name := range names {
		if err := w.Series([]samples.Label{{Name: "__name__", Value: name}, {Name: "device", Value: "fw-" + name}, {Name: "unit", Value: ""}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range list {
		if err := w.Sample(s.series, s.at, s.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if cut {
		out.Truncate(out.Len() - 2)
	}
	return &out
}

// read returns the samples of all series in a block, and checks meta.json
// of them.
func read(t *testing.T, dir string) (m meta, found map[string][]sample) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	ir, err := index.NewFileReader(filepath.Join(dir, "index"), index.DecodePostingsRaw)
	if err != nil {
		t.Fatal(err)
	}
	defer ir.Close()
	cr, err := chunks.NewDirReader(filepath.Join(dir, "chunks"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cr.Close()
	name, value := index.AllPostingsKey()
	p, err := ir.Postings(t.Context(), name, value)
	if err != nil {
		t.Fatal(err)
	}
	var counted stats
	found = map[string][]sample{}
	for p.Next() {
		var b labels.ScratchBuilder
		var metas []chunks.Meta
		if err := ir.Series(p.At(), &b, &metas); err != nil {
			t.Fatal(err)
		}
		key := b.Labels().String()
		counted.Series++
		for _, c := range metas {
			counted.Chunks++
			chunk, _, err := cr.ChunkOrIterable(c)
			if err != nil {
				t.Fatal(err)
			}
			first := true
			it := chunk.Iterator(nil)
			for it.Next() == chunkenc.ValFloat {
				at, v := it.At()
				if first && at != c.MinTime || at > c.MaxTime || at < m.MinTime || at >= m.MaxTime {
					t.Errorf("%s has a sample at %d in a chunk from %d to %d of a block from %d to %d", key, at, c.MinTime, c.MaxTime, m.MinTime, m.MaxTime)
				}
				first = false
				found[key] = append(found[key], sample{0, at, v})
				counted.Samples++
			}
			if it.Err() != nil {
				t.Fatal(it.Err())
			}
		}
	}
	if counted.Floats = counted.Samples; counted != m.Stats {
		t.Errorf("meta.json has %+v, the block %+v", m.Stats, counted)
	}
	return m, found
}

func TestWrite(t *testing.T) {
	names := []string{"zeta", "alpha", "later", "never"}
	var list []sample
	want := map[string][]sample{}
	add := func(series int, at int64, value float64) {
		list = append(list, sample{series, at, value})
		key := fmt.Sprintf(`{__name__="%s", device="fw-%s"}`, names[series], names[series])
		want[key] = append(want[key], sample{0, at, value})
	}
	// Several chunks of series that are not in order of their labels, over a border,
	// where the samples of different series are out of order.
	const minute = 60_000
	for at := border - 300*minute; at < border+500*minute; at += minute {
		add(0, at, float64(at%7))
		if late := at - 4*minute - 1; at%3 == 0 {
			add(1, late, 1)
		}
	}
	// A block is left out, and one has a series only.
	add(2, border+2*blockRange+5, 42)
	dir := filepath.Join(t.TempDir(), "out")
	sum, err := write(t.Context(), dir, stream(t, names, list, false))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]sample{}
	var times []string
	size := int64(0)
	for _, e := range entries {
		m, found := read(t, filepath.Join(dir, e.Name()))
		if m.ULID.String() != e.Name() || m.Version != 1 || m.Compaction.Level != 1 || len(m.Compaction.Sources) != 1 {
			t.Errorf("%s has %+v", e.Name(), m)
		}
		if m.MinTime/blockRange != (m.MaxTime-1)/blockRange {
			t.Errorf("a block from %d to %d", m.MinTime, m.MaxTime)
		}
		times = append(times, fmt.Sprint(m.MinTime-border, " ", m.MaxTime-border))
		for key, samples := range found {
			got[key] = append(got[key], samples...)
		}
		files, err := filepath.Glob(filepath.Join(dir, e.Name(), "*"))
		if err != nil {
			t.Fatal(err)
		}
		chunkFiles, err := filepath.Glob(filepath.Join(dir, e.Name(), "chunks", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(files, chunkFiles...) {
			if info, err := os.Stat(name); err == nil && !info.IsDir() {
				size += info.Size()
			}
		}
		if len(files) != 4 || len(chunkFiles) != 1 {
			t.Errorf("files %q and %q", files, chunkFiles)
		}
	}
	if len(times) != 3 || sum.Blocks != 3 || sum.Bytes != size {
		t.Errorf("blocks of %q; summary %+v, files of %d bytes", times, sum, size)
	}
	for _, list := range got {
		slices.SortFunc(list, func(a, b sample) int { return int(a.at - b.at) })
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %d series, want %d, or their samples differ", len(got), len(want))
	}
}

// After an error nothing is left, and nothing is overwritten.
func TestWriteFails(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	one := []sample{{0, border, 1}}
	for _, tc := range []struct {
		name   string
		ctx    context.Context
		stream io.Reader
		err    string
	}{
		{"cut", t.Context(), stream(t, []string{"a"}, one, true), "the stream of samples is not complete"},
		{"nothing", t.Context(), strings.NewReader(""), "the stream of samples is not complete"},
		{"interrupted", canceled, stream(t, []string{"a"}, one, false), "context canceled"},
		{"version", t.Context(), strings.NewReader("ftd_exporter samples 0\n"), "must be of the same version"},
		{"late", t.Context(), stream(t, []string{"a", "b"}, []sample{{0, border + blockRange, 1}, {1, border - 1, 1}}, false), "too long before others"},
		{"negative", t.Context(), stream(t, []string{"a"}, []sample{{0, -1, 1}}, false), "too long before others"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			if _, err := write(tc.ctx, dir, tc.stream); err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got %v, want %s", err, tc.err)
			}
			if left, _ := os.ReadDir(parent); len(left) > 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		})
	}

	dir := t.TempDir() // It is there and empty.
	if _, err := write(t.Context(), dir, stream(t, []string{"a"}, one, true)); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if _, err := write(t.Context(), dir, stream(t, []string{"a"}, one, false)); err != nil {
		t.Error(err)
	}
	if _, err := write(t.Context(), dir, stream(t, []string{"a"}, one, false)); err == nil || !strings.Contains(err.Error(), "is not empty; name a new directory") {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%v", left)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, filepath.Join(dir, "none", "out")} {
		if _, err := write(t.Context(), name, stream(t, []string{"a"}, one, false)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no") }

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct {
		args        []string
		status      int
		out, stderr string
	}{
		{nil, 2, "", "usage: ftd_exporter_blocks DIR"},
		{[]string{"--nothing", "x"}, 2, "", "usage: ftd_exporter_blocks DIR"},
		{[]string{"--help"}, 0, "", "usage: ftd_exporter_blocks DIR"},
		{[]string{"--version"}, 0, "ftd_exporter_blocks, version ", ""},
		{[]string{"--", filepath.Join(dir, "out")}, 0, `{"blocks":1,"bytes":`, ""},
		{[]string{"--", filepath.Join(dir, "out")}, 1, "", "is not empty"},
	} {
		var out, stderr strings.Builder
		status := run(t.Context(), tc.args, stream(t, []string{"a"}, []sample{{0, border, 1}}, false), &out, &stderr)
		if status != tc.status || !strings.HasPrefix(out.String(), tc.out) || tc.out == "" && out.Len() > 0 || !strings.Contains(stderr.String(), tc.stderr) {
			t.Errorf("%q: status %d, %q, %q", tc.args, status, out.String(), stderr.String())
		}
	}
	if status := run(t.Context(), []string{filepath.Join(dir, "other")}, stream(t, []string{"a"}, []sample{{0, border, 1}}, false), failing{}, io.Discard); status != 1 {
		t.Errorf("status %d", status)
	}
}
