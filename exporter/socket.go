package exporter

import (
	"net"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// A socketCollector shows what the kernel knows about the UDP sockets: the size
// of their receive buffers and how many datagrams found them full.
type socketCollector struct {
	dropped, buffer *prometheus.Desc

	mu      sync.Mutex
	sockets []*socket
}

type socket struct {
	name string
	conn *net.UDPConn
}

func newSocketCollector() *socketCollector {
	listener := []string{"listener"}
	return &socketCollector{
		dropped: prometheus.NewDesc("ftd_exporter_syslog_dropped_total",
			"Datagrams that the kernel dropped because the receive buffer was full.", listener, nil),
		buffer: prometheus.NewDesc("ftd_exporter_syslog_receive_buffer_bytes",
			"Size of the kernel's receive buffer; to enlarge it, raise the sysctl net.core.rmem_max.", listener, nil),
	}
}

func (c *socketCollector) add(name string, conn *net.UDPConn) *socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &socket{name, conn}
	c.sockets = append(c.sockets, s)
	return s
}

func (c *socketCollector) remove(s *socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sockets = slices.DeleteFunc(c.sockets, func(x *socket) bool { return x == s })
}

// Describe implements [prometheus.Collector].
func (c *socketCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.dropped
	ch <- c.buffer
}

// Collect implements [prometheus.Collector]. Where the kernel does not tell, it
// shows nothing: a made-up 0 would look like no loss.
func (c *socketCollector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		buffer, drops, ok := socketMemory(s.conn)
		if !ok {
			continue
		}
		ch <- prometheus.MustNewConstMetric(c.dropped, prometheus.CounterValue, float64(drops), s.name)
		ch <- prometheus.MustNewConstMetric(c.buffer, prometheus.GaugeValue, float64(buffer), s.name)
	}
}
