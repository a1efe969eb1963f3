package exporter

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// A scraper answers scrapes: it takes a snapshot of all metrics and streams it.
// The table writes its own series as text; whatever a client asks for that is
// not text, and the few metrics of the exporter itself, are the business of
// client_golang. An answer is what promhttp would give.
type scraper struct {
	state   *collectors.Table
	own     prometheus.Gatherer
	table   *prometheus.Registry // Has the state only.
	store   *Store               // Nil if there is no state file.
	logger  *slog.Logger
	results *prometheus.CounterVec
	limits  webLimits

	slots         chan struct{} // Full if no more scrapes are answered.
	text, objects flight

	buffers sync.Pool             // Of *bufio.Writer.
	packers map[string]*sync.Pool // Of packer, by content encoding.
}

// A packer compresses.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

// scrapeBuffer is how much of an answer is written at a time, in bytes.
const scrapeBuffer = 64 << 10

func newScraper(o HandlerOptions, limits webLimits) (*scraper, error) {
	table := prometheus.NewRegistry()
	if err := table.Register(o.State); err != nil {
		return nil, err
	}
	s := &scraper{
		state: o.State, own: o.Gatherer, table: table, store: o.Store,
		logger: o.Logger, limits: limits, slots: make(chan struct{}, limits.scrapes),
	}
	if o.Exporter != nil {
		s.results = o.Exporter.metrics.scrapes
	} else {
		s.results = newScrapeResults()
	}
	s.buffers.New = func() any { return bufio.NewWriterSize(nil, scrapeBuffer) }
	s.packers = map[string]*sync.Pool{
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

// zstdWindow bounds the memory of a compressed scrape, on both sides. Series of
// the same kind follow each other, so that more would gain little.
const zstdWindow = 256 << 10

// Results of scrapes, as in ftd_exporter_scrapes_total.
const (
	scrapeComplete = "complete"
	scrapeRefused  = "refused"
	scrapeFailed   = "failed"
	scrapeAborted  = "aborted"
)

func newScrapeResults() *prometheus.CounterVec {
	results := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ftd_exporter_scrapes_total",
		Help: "Requests for metrics by result: complete, refused because too many were being answered (503), failed because metrics could not be gathered (500), aborted because the client left or read too slowly.",
	}, []string{"result"})
	for _, result := range []string{scrapeComplete, scrapeRefused, scrapeFailed, scrapeAborted} {
		results.WithLabelValues(result)
	}
	return results
}

// ServeHTTP implements [http.Handler].
func (s *scraper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		s.results.WithLabelValues(scrapeRefused).Inc()
		http.Error(w, fmt.Sprintf("Limit of concurrent requests reached (%d), try again later.", s.limits.scrapes), http.StatusServiceUnavailable)
		return
	}
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	snap := s.snapshot(format)
	defer snap.release()
	if snap.err != nil {
		s.results.WithLabelValues(scrapeFailed).Inc()
		http.Error(w, "An error has occurred while serving metrics:\n\n"+snap.err.Error(), http.StatusInternalServerError)
		return
	}
	encoding := negotiateEncoding(r.Header)
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Add("Vary", "Accept-Encoding")
	header.Set("Content-Type", string(format))
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if r.Method != http.MethodHead {
		out := &stallingWriter{ResponseWriter: w, control: http.NewResponseController(w), stall: s.limits.stall, end: time.Now().Add(s.limits.write)}
		if err := s.stream(out, encoding, snap, format, r.URL.Query()["name[]"]); err != nil {
			s.results.WithLabelValues(scrapeAborted).Inc()
			s.logger.Debug("Scrape aborted", "client", r.RemoteAddr, "err", err)
			// What has been sent must not look complete.
			panic(http.ErrAbortHandler)
		}
	}
	s.results.WithLabelValues(scrapeComplete).Inc()
}

// stream writes a snapshot, or of it the metrics with the given names.
func (s *scraper) stream(out io.Writer, encoding string, snap *snapshot, format expfmt.Format, names []string) error {
	b := s.buffers.Get().(*bufio.Writer)
	defer func() {
		b.Reset(nil)
		s.buffers.Put(b)
	}()
	pool := s.packers[encoding]
	if pool == nil {
		b.Reset(out)
		return errors.Join(snap.write(b, format, names), b.Flush())
	}
	p := pool.Get().(packer)
	defer func() {
		p.Reset(io.Discard)
		pool.Put(p)
	}()
	p.Reset(out)
	b.Reset(p)
	if err := errors.Join(snap.write(b, format, names), b.Flush()); err != nil {
		return err
	}
	return p.Close()
}

// snapshot returns all metrics as they are now.
func (s *scraper) snapshot(format expfmt.Format) *snapshot {
	switch format.FormatType() {
	case expfmt.TypeTextPlain, expfmt.TypeOpenMetrics:
		return s.text.join(func(snap *snapshot) {
			snap.table = s.state.Expose()
			s.gather(snap, s.own)
		})
	default: // Protocol buffers.
		return s.objects.join(func(snap *snapshot) { s.gather(snap, s.own, s.table) })
	}
}

// gather adds what gatherers have to a snapshot, and waits for the file. No two
// may have a metric of the same name.
func (s *scraper) gather(snap *snapshot, gatherers ...prometheus.Gatherer) {
	for _, g := range gatherers {
		families, err := g.Gather()
		if err != nil {
			s.logger.Error("Gathering metrics failed", "err", err)
			snap.err = err
			return
		}
		snap.families = append(snap.families, families...)
	}
	slices.SortFunc(snap.families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	snap.err = nil
	if s.store != nil {
		s.store.Wait(scrapeWait) // What a scrape has shown survives the process.
	}
}

// A snapshot is all metrics at one moment.
type snapshot struct {
	families []*dto.MetricFamily
	table    *collectors.Exposition // Nil if the families have all.
	err      error

	ready   chan struct{}
	readers atomic.Int32
}

// release must be called once by each who got the snapshot.
func (s *snapshot) release() {
	if s.readers.Add(-1) == 0 && s.table != nil {
		s.table.Release()
	}
}

// write writes the metrics in the order of their names. If names are given, it
// leaves out all others.
func (s *snapshot) write(b *bufio.Writer, format expfmt.Format, names []string) error {
	wanted := func(string) bool { return true }
	if len(names) > 0 {
		set := make(map[string]bool, len(names))
		for _, name := range names {
			set[name] = true
		}
		wanted = func(name string) bool { return set[name] }
	}
	text := collectors.Text
	if format.FormatType() == expfmt.TypeOpenMetrics {
		text = collectors.OpenMetrics
	}
	next, devices := 0, 0
	if s.table != nil {
		devices = s.table.Len()
	}
	// writeDevices writes the table's metrics before a name.
	writeDevices := func(name string) error {
		for ; next < devices && (name == "" || s.table.Name(next) < name); next++ {
			if wanted(s.table.Name(next)) {
				if err := s.table.WriteFamily(b, next, text); err != nil {
					return err
				}
			}
		}
		return nil
	}
	encoder := expfmt.NewEncoder(b, format)
	for _, family := range s.families {
		if err := writeDevices(family.GetName()); err != nil {
			return err
		}
		if wanted(family.GetName()) {
			if err := encoder.Encode(family); err != nil {
				return err
			}
		}
	}
	if err := writeDevices(""); err != nil {
		return err
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}

// A flight lets all who come while a snapshot is taken, or waited for, share
// it.
type flight struct {
	mu     sync.Mutex
	taking *snapshot // Nil if none is.
}

// errNoSnapshot is what the others get if taking a snapshot panics.
var errNoSnapshot = errors.New("taking a snapshot of the metrics failed")

// join returns the snapshot that is being taken, or calls take to fill a new
// one.
func (f *flight) join(take func(*snapshot)) *snapshot {
	f.mu.Lock()
	if snap := f.taking; snap != nil {
		snap.readers.Add(1)
		f.mu.Unlock()
		<-snap.ready
		return snap
	}
	snap := &snapshot{ready: make(chan struct{}), err: errNoSnapshot}
	snap.readers.Add(1)
	f.taking = snap
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.taking = nil
		f.mu.Unlock()
		close(snap.ready)
	}()
	take(snap)
	return snap
}

// A stallingWriter fails if the client does not read: if nothing can be written
// for some time, or all takes too long.
type stallingWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	end     time.Time
}

// Write implements [io.Writer].
func (w *stallingWriter) Write(p []byte) (int, error) {
	deadline := time.Now().Add(w.stall)
	if deadline.After(w.end) {
		deadline = w.end
	}
	// Some writers of tests have no deadlines.
	if err := w.control.SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

// negotiateEncoding returns the content encoding that the client likes best of
// those that are offered, or "" for none. Of what it likes equally, none comes
// first, then gzip, as in promhttp.
func negotiateEncoding(h http.Header) string {
	best, bestQuality := "", -1.0
	for _, offer := range []string{"identity", "gzip", "zstd"} {
		for _, line := range h["Accept-Encoding"] {
			for part := range strings.SplitSeq(line, ",") {
				name, parameter, weighted := strings.Cut(part, ";")
				if name = strings.TrimSpace(name); name != offer && name != "*" {
					continue
				}
				quality := 1.0
				if weighted {
					var err error
					q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
					if quality, err = strconv.ParseFloat(q, 64); !ok || err != nil || quality < 0 {
						continue
					}
				}
				if quality > bestQuality {
					best, bestQuality = offer, quality
				}
			}
		}
	}
	if best == "identity" || bestQuality <= 0 {
		return ""
	}
	return best
}
