package exporter

import (
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	devices "github.com/ftd-exporter/ftd_exporter/state"
)

// metrics are those about the exporter itself. None has a label device: who
// does not get into the table must not get into these either.
type metrics struct {
	frames, bytes, rejected *prometheus.CounterVec
	tcpEvicted              *prometheus.CounterVec
	proxyFailures           *prometheus.CounterVec
	tcpConnections          *prometheus.GaugeVec
	uncatalogued, ignored   prometheus.Counter
	reloadSuccess           prometheus.Gauge
	reloadTime              prometheus.Gauge
	scrapes                 *prometheus.CounterVec
	httpConnections         prometheus.Gauge
	httpEvicted             prometheus.Counter
	unmatched, contradicted *idCounter
	state                   *devices.Table
	sockets                 *socketCollector
	tls                     tlsMetrics
}

// tlsMetrics are those of the tls:// listeners.
type tlsMetrics struct {
	handshakeFailures       *prometheus.CounterVec
	reloadSuccess, notAfter *prometheus.GaugeVec
}

func newTLSMetrics() tlsMetrics {
	listener := []string{"listener"}
	return tlsMetrics{
		handshakeFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_tls_handshake_failures_total",
			Help: "Connections that ended before the TLS handshake was done: no TLS, a certificate that one side refused, or more than 10 s.",
		}, listener),
		reloadSuccess: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tls_certificate_reload_successful",
			Help: "Whether the certificate files could be used when they were last read; if not, the last good ones are in use.",
		}, listener),
		notAfter: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tls_certificate_not_after_timestamp_seconds",
			Help: "Time at which the certificate in use expires, or the first of its chain.",
		}, listener),
	}
}

// forget removes the certificate of a listener that is gone.
func (m *tlsMetrics) forget(name string) {
	m.reloadSuccess.DeleteLabelValues(name)
	m.notAfter.DeleteLabelValues(name)
}

func newMetrics(c *catalog.Catalog, state *devices.Table) *metrics {
	listener := []string{"listener"}
	return &metrics{
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_syslog_frames_total",
			Help: "Datagrams and stream frames received, whatever they contain.",
		}, listener),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_syslog_bytes_total",
			Help: "Bytes in the received frames.",
		}, listener),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_syslog_rejected_total",
			Help: "Frames that are no message of a firewall: no_tag has no tag like %FTD-1-735004, too_long is longer than 8 KiB, bad_frame has a wrong octet count, not_allowed comes from a sender that may not send or is unknown, empty is blank.",
		}, []string{"listener", "reason"}),
		tcpConnections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tcp_connections",
			Help: "Open syslog connections.",
		}, listener),
		tcpEvicted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_tcp_connections_evicted_total",
			Help: "Connections closed because the limit was reached and they had been idle for longest.",
		}, listener),
		proxyFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_proxy_header_failures_total",
			Help: "Connections of trusted proxies that were closed because they did not begin with a good PROXY header within 5 s.",
		}, listener),
		uncatalogued: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ftd_exporter_messages_uncatalogued_total",
			Help: "Messages whose id the catalogue does not have; most of a firewall's traffic.",
		}),
		ignored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ftd_exporter_messages_ignored_total",
			Help: "Messages whose id the configuration ignores.",
		}),
		reloadSuccess: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_config_last_reload_successful",
			Help: "Whether the last attempt to load the configuration succeeded.",
		}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_config_last_reload_success_timestamp_seconds",
			Help: "Time of the last successful load of the configuration.",
		}),
		scrapes: newScrapeResults(),
		httpConnections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_http_connections",
			Help: "Open HTTP connections.",
		}),
		httpEvicted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ftd_exporter_http_connections_evicted_total",
			Help: "HTTP connections closed because the limit was reached and they had been idle, or read slowly, for longest.",
		}),
		unmatched: newIDCounter(c, "ftd_exporter_messages_unmatched_total",
			"Messages whose id the catalogue has but whose text fits no known wording; they changed nothing. Please report them."),
		contradicted: newIDCounter(c, "ftd_exporter_messages_contradicted_total",
			"Messages whose text is that of another id than the printed one; the text decided."),
		state:   state,
		sockets: newSocketCollector(),
		tls:     newTLSMetrics(),
	}
}

// Register registers the metrics of the exporter and of the process. Those of
// the devices are the table's own. It returns the first error, which means that something else in reg
// has one of their names.
func (e *Exporter) Register(reg prometheus.Registerer) error {
	m := e.metrics
	for _, c := range []prometheus.Collector{
		m.frames, m.bytes, m.rejected, m.tcpConnections, m.tcpEvicted, m.proxyFailures,
		m.uncatalogued, m.ignored, m.unmatched, m.contradicted, m.sockets,
		m.reloadSuccess, m.reloadTime, m.scrapes, m.httpConnections, m.httpEvicted,
		m.tls.handshakeFailures, m.tls.reloadSuccess, m.tls.notAfter,
		inventoryCollector{e},
		&tableCollector{m.state},
		version.NewCollector("ftd_exporter"),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := reg.Register(c); err != nil {
			return err
		}
	}
	return nil
}

// listenerMetrics are the counters of one listener, looked up once.
type listenerMetrics struct {
	name           string
	frames, bytes  prometheus.Counter
	rejected       [syslog.NumReasons]prometheus.Counter
	tcpConnections prometheus.Gauge
	tcpEvicted     prometheus.Counter
	losses         *lossLog // Nil if nobody wants to read of them.
	proxyFailures  prometheus.Counter
	// handshakeFailures is that of a tls:// listener.
	handshakeFailures prometheus.Counter
}

// listener returns the counters of the listener called name. Every reason
// starts at 0, so that its first rejection is visible as an increase.
func (m *metrics) listener(name string, tcp bool) *listenerMetrics {
	l := &listenerMetrics{name: name, frames: m.frames.WithLabelValues(name), bytes: m.bytes.WithLabelValues(name)}
	for r := syslog.OK + 1; r < syslog.NumReasons; r++ {
		l.rejected[r] = m.rejected.WithLabelValues(name, r.String())
	}
	if tcp {
		l.tcpConnections = m.tcpConnections.WithLabelValues(name)
		l.tcpEvicted = m.tcpEvicted.WithLabelValues(name)
		l.proxyFailures = m.proxyFailures.WithLabelValues(name)
	}
	return l
}

// An idCounter counts by message id for the ids of the catalogue. A
// CounterVec would make a string of the id for each message.
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

func (c *idCounter) add(id, n uint32) {
	if i := c.catalog.Index(id); i >= 0 {
		c.counts[i].Add(uint64(n))
	}
}

// Describe implements [prometheus.Collector].
func (c *idCounter) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements [prometheus.Collector].
func (c *idCounter) Collect(ch chan<- prometheus.Metric) {
	for i := range c.counts {
		if n := c.counts[i].Load(); n > 0 {
			id := strconv.FormatUint(uint64(c.catalog.At(i).ID), 10)
			ch <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(n), id)
		}
	}
}

// A tableCollector shows the size of the table and what its limits refused.
type tableCollector struct{ state *devices.Table }

func tableDescs() (devices, series, rejected *prometheus.Desc) {
	return prometheus.NewDesc("ftd_exporter_devices", "Devices in the table.", nil, nil),
		prometheus.NewDesc("ftd_exporter_series", "Series in the table.", nil, nil),
		prometheus.NewDesc("ftd_exporter_series_rejected_total",
			"Series or whole devices that the table refused, once for each message that wanted them: devices is at its limit, device_name is not valid UTF-8, series_per_metric or series is at its limit.",
			[]string{"reason"}, nil)
}

// Describe implements [prometheus.Collector].
func (c *tableCollector) Describe(ch chan<- *prometheus.Desc) {
	devices, series, rejected := tableDescs()
	ch <- devices
	ch <- series
	ch <- rejected
}

// Collect implements [prometheus.Collector].
func (c *tableCollector) Collect(ch chan<- prometheus.Metric) {
	devices, series, rejected := tableDescs()
	stats := c.state.Stats()
	ch <- prometheus.MustNewConstMetric(devices, prometheus.GaugeValue, float64(stats.Devices))
	ch <- prometheus.MustNewConstMetric(series, prometheus.GaugeValue, float64(stats.Series))
	c.state.Rejected(func(reason string, n uint64) {
		ch <- prometheus.MustNewConstMetric(rejected, prometheus.CounterValue, float64(n), reason)
	})
}
