package listener

import "github.com/prometheus/client_golang/prometheus"

// metrics are those of all listeners. Frames are counted by the feeds.
type metrics struct {
	connections       *prometheus.GaugeVec
	evicted           *prometheus.CounterVec
	proxyFailures     *prometheus.CounterVec
	handshakeFailures *prometheus.CounterVec
	certReloaded      *prometheus.GaugeVec
	certNotAfter      *prometheus.GaugeVec
	namesRefused      *prometheus.CounterVec
	drops             *dropCollector
	arrivals          *arrivals
}

func newMetrics() *metrics {
	label := []string{"listener"}
	return &metrics{
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tcp_connections",
			Help: "Open syslog connections.",
		}, label),
		evicted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_tcp_connections_evicted_total",
			Help: "Connections closed to make room for new ones: of the address with the most connections, the one idle longest.",
		}, label),
		proxyFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_proxy_header_failures_total",
			Help: "Connections of trusted proxies that were closed because they did not begin with a valid PROXY header within 5 s.",
		}, label),
		handshakeFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_tls_handshake_failures_total",
			Help: "Connections that ended before the TLS handshake was complete: not TLS, a certificate that one side refused, or more than 10 s.",
		}, label),
		certReloaded: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tls_certificate_reload_successful",
			Help: "Whether the certificate files were valid when they were last read; if not, the last valid ones stay in use.",
		}, label),
		certNotAfter: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ftd_exporter_tls_certificate_not_after_timestamp_seconds",
			Help: "Time at which the certificate in use expires, or the first of its chain.",
		}, label),
		namesRefused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftd_exporter_tls_client_names_refused_total",
			Help: "Connections whose client certificate has a name that cannot name a device, such as *.example.com; their messages are identified by other means.",
		}, label),
		drops:    newDropCollector(),
		arrivals: newArrivals(),
	}
}

func (m *metrics) register(r prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{
		m.connections, m.evicted, m.proxyFailures, m.handshakeFailures, m.certReloaded, m.certNotAfter, m.namesRefused, m.drops, m.arrivals,
	} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}
