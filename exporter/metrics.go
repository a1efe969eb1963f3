package exporter

import (
	"regexp"

	"github.com/prometheus/client_golang/prometheus"
	process "github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// metrics are about the configuration. Every package registers its own.
type metrics struct {
	reloadSuccessful prometheus.Gauge
	reloadTime       prometheus.Gauge
	devicesRead      prometheus.Gauge
}

// newMetrics registers them, those of the process, of the inventory and of the
// size of the table. The configuration has been loaded.
func newMetrics(reg prometheus.Registerer, e *Exporter) (*metrics, error) {
	m := &metrics{
		reloadSuccessful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_config_last_reload_successful",
			Help: "Whether the last attempt to load the configuration succeeded.",
		}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_config_last_reload_success_timestamp_seconds",
			Help: "Time of the last successful load of the configuration.",
		}),
		devicesRead: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ftd_exporter_devices_files_last_read_successful",
			Help: "Whether the files with devices could be used when they were last read; 1 if the configuration names none.",
		}),
	}
	for _, c := range []prometheus.Collector{
		m.reloadSuccessful, m.reloadTime, m.devicesRead,
		inventoryCollector{e},
		newTableCollector(e.table),
		newLimitCollector(e),
		version.NewCollector("ftd_exporter"),
		newGoCollector(),
		process.NewProcessCollector(process.ProcessCollectorOpts{}),
	} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	if dropped := e.options.LogLinesDropped; dropped != nil {
		lines := prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "ftd_exporter_log_lines_dropped_total",
			Help: "Lines of the log that were dropped because nobody read them fast enough.",
		}, func() float64 { return float64(dropped()) })
		if err := reg.Register(lines); err != nil {
			return nil, err
		}
	}
	m.reloaded(nil)
	return m, nil
}

// newGoCollector returns the metrics of the Go runtime. Those of memory are not from
// MemStats, where a gauge and a counter have the same name in OpenMetrics.
func newGoCollector() prometheus.Collector {
	return process.NewGoCollector(
		process.WithGoCollectorMemStatsMetricsDisabled(),
		process.WithGoCollectorRuntimeMetrics(process.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/(memory/classes/(heap/objects|total):bytes|gc/heap/allocs:(bytes|objects)|gc/heap/goal:bytes)$`)}),
	)
}

// reloaded notes whether the configuration could be applied.
func (m *metrics) reloaded(err error) {
	if err != nil {
		m.reloadSuccessful.Set(0)
		return
	}
	m.reloadSuccessful.Set(1)
	m.reloadTime.SetToCurrentTime()
}

// A tableCollector exports the size of the table and what its limits refused.
type tableCollector struct {
	table                                          *state.Table
	devices, series, labelBytes, rejected, evicted *prometheus.Desc
}

func newTableCollector(table *state.Table) *tableCollector {
	return &tableCollector{
		table:   table,
		devices: prometheus.NewDesc("ftd_exporter_devices", "Devices in the table.", nil, nil),
		series:  prometheus.NewDesc("ftd_exporter_series", "Series in the table.", nil, nil),
		rejected: prometheus.NewDesc("ftd_exporter_series_rejected_total",
			"Series or whole devices that the table refused, once for each message that wanted them: devices, series_per_metric, series, label_bytes or device_label_bytes is at its limit; device_name is longer than 255 bytes, not valid UTF-8, or has a control character; sender_share is an address that has as much as is left for all others.",
			[]string{"reason"}, nil),
		labelBytes: prometheus.NewDesc("ftd_exporter_label_bytes", "Bytes that device names, label values and the texts of last reports take, counted for each series, as limits.label_bytes does.", nil, nil),
		evicted:    prometheus.NewDesc("ftd_exporter_devices_evicted_total", "Devices without states of hardware that were forgotten because a device of the inventory, or a stored one with states of hardware, needed the place.", nil, nil),
	}
}

// Describe implements [prometheus.Collector].
func (c *tableCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.devices
	ch <- c.series
	ch <- c.labelBytes
	ch <- c.rejected
	ch <- c.evicted
}

// Collect implements [prometheus.Collector].
func (c *tableCollector) Collect(ch chan<- prometheus.Metric) {
	stats := c.table.Stats()
	ch <- prometheus.MustNewConstMetric(c.devices, prometheus.GaugeValue, float64(stats.Devices))
	ch <- prometheus.MustNewConstMetric(c.series, prometheus.GaugeValue, float64(stats.Series))
	ch <- prometheus.MustNewConstMetric(c.labelBytes, prometheus.GaugeValue, float64(stats.LabelBytes))
	ch <- prometheus.MustNewConstMetric(c.evicted, prometheus.CounterValue, float64(c.table.Evicted()))
	c.table.Rejected(func(reason string, n uint64) {
		ch <- prometheus.MustNewConstMetric(c.rejected, prometheus.CounterValue, float64(n), reason)
	})
}

// A limitCollector exports the limits in force, so that a board and an alert can
// compare them with what is in use.
type limitCollector struct {
	exporter *Exporter
	limit    *prometheus.Desc
}

func newLimitCollector(e *Exporter) *limitCollector {
	return &limitCollector{e, prometheus.NewDesc("ftd_exporter_limit",
		"Limits in force: devices, series, series_per_metric, label_bytes and label_bytes_per_device of the table, tcp_connections of each listener, frame_bytes of a message; http_connections of the web server, and the http_scrapes, http_pages and http_api_calls that it answers at a time.",
		[]string{"limit"}, nil)}
}

// Describe implements [prometheus.Collector].
func (c *limitCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.limit }

// Collect implements [prometheus.Collector].
func (c *limitCollector) Collect(ch chan<- prometheus.Metric) {
	add := func(name string, value int) {
		ch <- prometheus.MustNewConstMetric(c.limit, prometheus.GaugeValue, float64(value), name)
	}
	limits := c.exporter.config.Load().Limits
	limits.Table().Each(add)
	add("tcp_connections", limits.TCPConnections)
	add("frame_bytes", syslog.MaxFrame)
	web.EachLimit(c.exporter.options.MaxRequests, add)
}
