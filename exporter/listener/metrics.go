package listener

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

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

// An arrival has the time at which a listener has last received something. Any
// number of goroutines may use it at a time.
type arrival struct{ unix atomic.Int64 } // In nanoseconds; 0 for never.

// at notes that something has arrived.
func (a *arrival) at(now time.Time) { a.unix.Store(now.UnixNano()) }

// last returns the time, or the zero time if nothing has arrived yet.
func (a *arrival) last() time.Time {
	if n := a.unix.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// arrivals exports when the open listeners have last received something. One
// that has not received anything yet does not have a value.
type arrivals struct {
	desc *prometheus.Desc

	mu     sync.Mutex
	byName map[string]*arrival // By [Config.Address].
}

func newArrivals() *arrivals {
	return &arrivals{
		desc: prometheus.NewDesc("ftd_exporter_listener_last_frame_timestamp_seconds",
			"Time at which the listener last received a frame, whatever it contained.", []string{"listener"}, nil),
		byName: map[string]*arrival{},
	}
}

// of returns the arrival of the listener called name.
func (a *arrivals) of(name string) *arrival {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.byName[name]
	if one == nil {
		one = &arrival{}
		a.byName[name] = one
	}
	return one
}

// remove forgets a listener that is closed.
func (a *arrivals) remove(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byName, name)
}

// Describe implements [prometheus.Collector].
func (a *arrivals) Describe(ch chan<- *prometheus.Desc) { ch <- a.desc }

// Collect implements [prometheus.Collector].
func (a *arrivals) Collect(ch chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, one := range a.byName {
		if t := one.last(); !t.IsZero() {
			ch <- prometheus.MustNewConstMetric(a.desc, prometheus.GaugeValue, float64(t.UnixNano())/1e9, name)
		}
	}
}
