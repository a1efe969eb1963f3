package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"golang.org/x/sync/singleflight"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A scraper answers scrapes: it takes a snapshot of all metrics and streams it.
// The table writes its own series. Protobuf as text for people, and the exporter's
// own few metrics, are left to client_golang. An answer is what
// promhttp would give, but for the order of the series of a metric.
type scraper struct {
	table    Table
	gatherer prometheus.Gatherer
	objects  *prometheus.Registry // Has the table only.
	stored   func(limit time.Duration) bool
	labels   func(device string) map[string]string
	// interfaces is [Options.Interfaces].
	interfaces func(device string) []string
	logger     *slog.Logger
	results    *prometheus.CounterVec
	places     *places

	// snapshots lets scrapes that come while a snapshot is being taken, or is on
	// its way to the disk, share it.
	snapshots singleflight.Group

	buffers     sync.Pool             // Of *bufio.Writer.
	compressors map[string]*sync.Pool // Of compressor, by content encoding.
}

// A compressor is a writer that can be used again.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

const (
	// scrapeBuffer is how much of an answer is written at a time, in bytes.
	scrapeBuffer = 64 << 10
	// zstdWindow bounds the memory of a compressed scrape, in bytes, on both
	// sides. Similar series follow each other, so more would gain little.
	zstdWindow = 256 << 10
	// commitWait bounds how long an answer waits until what it shows is on disk.
	commitWait = time.Second
)

func newScraper(o *Options, l limits) (*scraper, error) {
	s := &scraper{
		table: o.Table, gatherer: o.Gatherer, objects: prometheus.NewRegistry(), stored: o.Stored, labels: o.Labels, interfaces: o.Interfaces,
		logger: o.Logger, results: newScrapeResults(), places: newPlaces(l.scrapes, l),
	}
	if err := register(s.objects, o.Table); err != nil {
		return nil, err
	}
	if err := register(o.Registerer, s.results); err != nil {
		return nil, err
	}
	s.buffers.New = func() any { return bufio.NewWriterSize(nil, scrapeBuffer) }
	s.compressors = map[string]*sync.Pool{
		"gzip": {New: func() any {
			w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // It fails for unknown levels only.
			return w
		}},
		"zstd": {New: func() any {
			w, _ := zstd.NewWriter(nil, // It fails for wrong options only.
				zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
				zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true))
			return w
		}},
	}
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *scraper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := s.places.take(w, r)
	if out == nil {
		s.results.WithLabelValues(scrapeRefused).Inc()
		refuseText(w, http.StatusServiceUnavailable, tooMany, s.places.max)
		return
	}
	defer out.free()
	format := negotiateFormat(r.Header)
	query := r.URL.Query()
	take := s.snapshot
	if names := query["device"]; names != nil {
		take = func(f expfmt.Format) (*snapshot, func(), error) { return s.devices(f, names) }
	}
	snap, release, err := take(format)
	if unknown, ok := errors.AsType[unknownDeviceError](err); ok {
		s.results.WithLabelValues(scrapeFailed).Inc()
		http.Error(w, unknown.Error(), http.StatusNotFound)
		return
	}
	if err != nil {
		s.results.WithLabelValues(scrapeFailed).Inc()
		http.Error(w, "An error has occurred while serving metrics:\n\n"+err.Error(), http.StatusInternalServerError)
		return
	}
	defer release()
	encoding := negotiateEncoding(r.Header)
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Add("Vary", "Accept-Encoding")
	header.Set("Content-Type", string(format))
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if r.Method != http.MethodHead {
		if err := s.stream(out, encoding, snap, format, query["name[]"]); err != nil {
			s.results.WithLabelValues(scrapeAborted).Inc()
			s.logger.Debug("Scrape aborted", "client", r.RemoteAddr, "err", err)
			// What has been sent must not look complete.
			panic(http.ErrAbortHandler)
		}
	}
	s.results.WithLabelValues(scrapeComplete).Inc()
}

// stream writes a snapshot or, if names are given, its metrics with these names.
func (s *scraper) stream(out io.Writer, encoding string, snap *snapshot, format expfmt.Format, names []string) error {
	b := s.buffers.Get().(*bufio.Writer)
	defer func() {
		b.Reset(nil)
		s.buffers.Put(b)
	}()
	pool := s.compressors[encoding]
	if pool == nil {
		b.Reset(out)
		return errors.Join(snap.write(b, format, names), b.Flush())
	}
	c := pool.Get().(compressor)
	defer func() {
		c.Reset(io.Discard)
		pool.Put(c)
	}()
	c.Reset(out)
	b.Reset(c)
	if err := errors.Join(snap.write(b, format, names), b.Flush()); err != nil {
		return err
	}
	return c.Close()
}

// A snapshot is all metrics at one moment.
type snapshot struct {
	families []*dto.MetricFamily // Sorted by name.
	table    *state.Exposition   // Nil if families has the table's metrics, too.
}

// snapshot returns all metrics as they are now, once they are on disk. The caller
// calls release when it no longer needs them.
func (s *scraper) snapshot(format expfmt.Format) (snap *snapshot, release func(), err error) {
	key, take := "objects", s.takeObjects
	if f, ok := tableFormat(format); ok {
		starts := hasStarts(f)
		key, take = fmt.Sprint("table ", starts), func() (*snapshot, error) { return s.takeTable(starts) }
	}
	v, err, shared := s.snapshots.Do(key, func() (any, error) {
		snap, err := take()
		if err != nil {
			s.logger.Error("Gathering metrics failed", "err", err)
			return nil, err
		}
		s.stored(commitWait) // What a scrape has shown survives the process.
		return snap, nil
	})
	if err != nil {
		return nil, nil, err
	}
	snap = v.(*snapshot)
	if shared || snap.table == nil {
		// It is not known which of its users is the last one to write it, so
		// its memory is left to the garbage collector.
		return snap, func() {}, nil
	}
	return snap, snap.table.Release, nil
}

// takeTable returns a snapshot for the formats that the table writes by itself, with
// the times when counters began if starts is set.
func (s *scraper) takeTable(starts bool) (*snapshot, error) {
	table := s.table.Expose(starts)
	families, err := gather(s.gatherer)
	if err != nil {
		table.Release()
		return nil, err
	}
	return &snapshot{families, table}, nil
}

// takeObjects returns a snapshot for all other formats.
func (s *scraper) takeObjects() (*snapshot, error) {
	families, err := gather(s.gatherer, s.objects)
	if err != nil {
		return nil, err
	}
	return &snapshot{families: families}, nil
}

// gather returns the metrics of all gatherers, sorted by name, each with the unit
// that its name ends with. No two of them may have a metric of the same name.
func gather(gatherers ...prometheus.Gatherer) ([]*dto.MetricFamily, error) {
	var all []*dto.MetricFamily
	for _, g := range gatherers {
		families, err := g.Gather()
		if err != nil {
			return nil, err
		}
		all = append(all, families...)
	}
	for _, f := range all {
		if unit := state.Unit(f.GetName()); unit != "" {
			f.Unit = &unit
		}
	}
	slices.SortFunc(all, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return all, nil
}

// write writes the metrics in the order of their names. If names are given, it
// leaves out all others.
func (s *snapshot) write(b *bufio.Writer, format expfmt.Format, names []string) error {
	wanted := func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	own, _ := tableFormat(format)
	next, tables := 0, 0
	if s.table != nil {
		tables = s.table.Len()
	}
	// writeTable writes the table's metrics that come before a name.
	writeTable := func(name string) error {
		for ; next < tables && (name == "" || s.table.Name(next) < name); next++ {
			if wanted(s.table.Name(next)) {
				if err := s.table.WriteFamily(b, next, own); err != nil {
					return err
				}
			}
		}
		return nil
	}
	encoder := expfmt.NewEncoder(b, format)
	for _, family := range s.families {
		if err := writeTable(family.GetName()); err != nil {
			return err
		}
		if wanted(family.GetName()) {
			if err := encoder.Encode(family); err != nil {
				return err
			}
		}
	}
	if err := writeTable(""); err != nil {
		return err
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}
