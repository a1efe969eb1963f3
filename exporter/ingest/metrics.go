package ingest

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// metrics count frames by outcome. None of them has a label device, because
// senders that limits keep out of the table must not create series here either.
type metrics struct {
	uncatalogued, ignored   prometheus.Counter
	unmatched, contradicted *idCounter
	sources                 sourceMetrics
}

func newMetrics(c *catalog.Catalog) *metrics {
	return &metrics{
		uncatalogued: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ftd_exporter_messages_uncatalogued_total",
			Help: "Messages whose id is not in the catalog; most of a firewall's traffic.",
		}),
		ignored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ftd_exporter_messages_ignored_total",
			Help: "Messages whose id the configuration ignores.",
		}),
		unmatched: newIDCounter(c, "ftd_exporter_messages_unmatched_total",
			"Messages whose id is in the catalog, but whose text does not match any of its templates. They changed nothing. Please report them."),
		contradicted: newIDCounter(c, "ftd_exporter_messages_contradicted_total",
			"Messages whose text belongs to another id than the printed one; the text decided."),
		sources: newSourceMetrics(),
	}
}

func (m *metrics) register(reg prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{&m.sources, m.uncatalogued, m.ignored, m.unmatched, m.contradicted} {
		if err := reg.Register(c); err != nil {
			return err
		}
	}
	return nil
}

// SourceStats has the counts of a source since the start of the process.
type SourceStats struct {
	Frames, Bytes uint64
	Rejected      [syslog.NumReasons]uint64 // By reason; nothing at [syslog.OK].
}

// Stats returns the counts of each source, by its name.
func (p *Pipeline) Stats() map[string]SourceStats { return p.metrics.sources.stats() }

// Unmatched returns how many messages did not match any template of their id.
func (p *Pipeline) Unmatched() uint64 { return p.metrics.unmatched.sum() }

// sourceCounts are the counters of one source, whose Feeds share them.
type sourceCounts struct {
	frames, bytes atomic.Uint64
	rejected      [syslog.NumReasons]atomic.Uint64
}

// sourceMetrics has the counters of all sources there have been. Every reason
// starts at 0, so that its first rejection is visible as an increase.
type sourceMetrics struct {
	frames, bytes, rejected *prometheus.Desc

	mu     sync.Mutex
	byName map[string]*sourceCounts
}

func newSourceMetrics() sourceMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"listener"}, labels...), nil)
	}
	return sourceMetrics{
		frames: desc("ftd_exporter_syslog_frames_total", "Messages received in datagrams and streams, whatever they contain. A datagram or line that has several messages counts as that many."),
		bytes:  desc("ftd_exporter_syslog_bytes_total", "Bytes in the received datagrams and lines."),
		rejected: desc("ftd_exporter_syslog_rejected_total",
			"Frames that are not a message of a firewall: no_tag does not have a tag like %FTD-1-735004, too_long is longer than 8 KiB, bad_frame has a wrong length before it, not_allowed comes from a sender that may not send or is unknown, empty contains only white space.",
			"reason"),
		byName: map[string]*sourceCounts{},
	}
}

// of returns the counters of the source called name.
func (m *sourceMetrics) of(name string) *sourceCounts {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.byName[name]
	if c == nil {
		c = &sourceCounts{}
		m.byName[name] = c
	}
	return c
}

func (m *sourceMetrics) stats() map[string]SourceStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]SourceStats, len(m.byName))
	for name, c := range m.byName {
		s := SourceStats{Frames: c.frames.Load(), Bytes: c.bytes.Load()}
		for r := range c.rejected {
			s.Rejected[r] = c.rejected[r].Load()
		}
		all[name] = s
	}
	return all
}

// Describe implements [prometheus.Collector].
func (m *sourceMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.frames
	ch <- m.bytes
	ch <- m.rejected
}

// Collect implements [prometheus.Collector].
func (m *sourceMetrics) Collect(ch chan<- prometheus.Metric) {
	count := func(desc *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
	}
	for name, s := range m.stats() {
		count(m.frames, s.Frames, name)
		count(m.bytes, s.Bytes, name)
		for r := syslog.OK + 1; r < syslog.NumReasons; r++ {
			count(m.rejected, s.Rejected[r], name, r.String())
		}
	}
}

// An idCounter counts by message id for the ids of the catalog. A CounterVec
// would make a string of the id for each message.
type idCounter struct {
	desc    *prometheus.Desc
	catalog *catalog.Catalog
	counts  []atomic.Uint64
}

func newIDCounter(c *catalog.Catalog, name, help string) *idCounter {
	return &idCounter{
		desc:    prometheus.NewDesc(name, help, []string{"message_id"}, nil),
		catalog: c,
		counts:  make([]atomic.Uint64, c.Len()),
	}
}

func (c *idCounter) add(id catalog.ID, n uint32) {
	if i := c.catalog.Index(id); i >= 0 {
		c.counts[i].Add(uint64(n))
	}
}

func (c *idCounter) sum() (n uint64) {
	for i := range c.counts {
		n += c.counts[i].Load()
	}
	return n
}

// Describe implements [prometheus.Collector].
func (c *idCounter) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements [prometheus.Collector].
func (c *idCounter) Collect(ch chan<- prometheus.Metric) {
	for i := range c.counts {
		if n := c.counts[i].Load(); n > 0 {
			ch <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(n), c.catalog.At(i).ID.String())
		}
	}
}
