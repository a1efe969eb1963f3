package web

import "github.com/prometheus/client_golang/prometheus"

// Results of scrapes, as in ftd_exporter_scrapes_total.
const (
	scrapeComplete = "complete"
	scrapeRefused  = "refused"
	scrapeFailed   = "failed"
	scrapeAborted  = "aborted"
)

// newScrapeResults returns the counter of scrapes by result. Each result starts
// at 0, so that the first one is visible as an increase.
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

func newOpenConnections() prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ftd_exporter_http_connections",
		Help: "Open HTTP connections.",
	})
}

func newEvictedConnections() prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ftd_exporter_http_connections_evicted_total",
		Help: "HTTP connections closed because the limit was reached and they had been idle, or read slowly, longest.",
	})
}

// register registers metrics. It returns the first error, which means that one of
// the names is taken.
func register(reg prometheus.Registerer, metrics ...prometheus.Collector) error {
	for _, m := range metrics {
		if err := reg.Register(m); err != nil {
			return err
		}
	}
	return nil
}
