package listener

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// A rawConn gives access to the descriptor of a socket, as [syscall.RawConn]
// does. After f has returned, the descriptor may belong to another file.
type rawConn interface {
	Control(f func(fd uintptr)) error
}

// A dropCollector exports what the kernel reports about the UDP sockets: the size
// of their receive buffers and how many datagrams found them full. The losses of
// a listener stay counted when its socket is closed.
type dropCollector struct {
	dropped, buffer *prometheus.Desc

	mu        sync.Mutex
	listeners map[string]*trackedListener // By [Config.Address].
}

// A trackedListener has the sockets of the listeners of one name, of which
// usually one is open at a time.
type trackedListener struct {
	dropped uint64 // By all sockets that there were.
	open    []*trackedSocket
	closed  dropCount // Of the last one that was closed.
}

// A trackedSocket is a socket whose losses are counted.
type trackedSocket struct {
	listener *trackedListener
	conn     rawConn
	losses   *lossLog
	dropCount
}

// A dropCount has the losses of one socket that have been counted.
type dropCount struct {
	cookie uint64 // Identifies the socket for as long as the system runs; 0 if unknown.
	drops  uint32 // As the kernel counts, which may wrap around.
}

func newDropCollector() *dropCollector {
	label := []string{"listener"}
	return &dropCollector{
		dropped: prometheus.NewDesc("ftd_exporter_syslog_dropped_total",
			"Datagrams that the kernel dropped because the receive buffer was full, or because a listener with several sockets was being closed.", label, nil),
		buffer: prometheus.NewDesc("ftd_exporter_syslog_receive_buffer_bytes",
			"Size of the kernel's receive buffer; to enlarge it, raise the sysctl net.core.rmem_max.", label, nil),
		listeners: map[string]*trackedListener{},
	}
}

// add takes in the socket of the listener called name. It returns nil, which the
// other methods accept, where the kernel does not report losses.
//
// A socket that was inherited brings the losses of the process before along, and
// the counter starts with them: for Prometheus it continues.
func (c *dropCollector) add(name string, conn rawConn, losses *lossLog) *trackedSocket {
	if _, _, ok := socketMemory(conn); !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.listeners[name]
	if l == nil {
		l = &trackedListener{}
		c.listeners[name] = l
	}
	s := &trackedSocket{listener: l, conn: conn, losses: losses, dropCount: dropCount{cookie: socketCookie(conn)}}
	if s.cookie != 0 && s.cookie == l.closed.cookie {
		s.dropCount = l.closed
	}
	s.count() // Old losses are not for the log.
	l.open = append(l.open, s)
	return s
}

// replace changes the descriptor through which the kernel is asked.
func (c *dropCollector) replace(s *trackedSocket, conn rawConn) {
	if s == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.conn = conn
}

// check counts what the kernel has dropped since the last time.
func (c *dropCollector) check(s *trackedSocket) {
	if s == nil {
		return
	}
	c.mu.Lock()
	lost, _ := s.count()
	c.mu.Unlock()
	s.note(lost)
}

// remove is the last check of a socket, which must still be open.
func (c *dropCollector) remove(s *trackedSocket) {
	if s == nil {
		return
	}
	c.mu.Lock()
	lost, _ := s.count()
	l := s.listener
	l.open = slices.DeleteFunc(l.open, func(x *trackedSocket) bool { return x == s })
	l.closed = s.dropCount
	c.mu.Unlock()
	s.note(lost)
}

// count returns what the kernel has dropped since the last time, and the size of
// the buffer. The caller must hold the lock of the collector.
func (s *trackedSocket) count() (lost uint64, buffer uint32) {
	buffer, drops, ok := socketMemory(s.conn)
	if !ok {
		return 0, 0
	}
	lost = uint64(drops - s.drops)
	s.drops = drops
	s.listener.dropped += lost
	return lost, buffer
}

func (s *trackedSocket) note(lost uint64) {
	if lost > 0 {
		s.losses.add(lossKernel, lost, netip.Addr{}, nil)
	}
}

// A dropReport is what is known about the sockets of a listener now.
type dropReport struct {
	name    string
	dropped uint64
	buffer  uint32 // The smallest; 0 if no socket is open.
}

// report asks the kernel about all sockets.
func (c *dropCollector) report() []dropReport {
	type loss struct {
		socket *trackedSocket
		lost   uint64
	}
	var losses []loss
	var reports []dropReport
	c.mu.Lock()
	for name, l := range c.listeners {
		r := dropReport{name: name}
		for _, s := range l.open {
			lost, buffer := s.count()
			losses = append(losses, loss{s, lost})
			if r.buffer == 0 || buffer < r.buffer {
				r.buffer = buffer
			}
		}
		r.dropped = l.dropped
		reports = append(reports, r)
	}
	c.mu.Unlock()
	for _, l := range losses { // Not under the lock, because a log may be slow.
		l.socket.note(l.lost)
	}
	return reports
}

// Describe implements [prometheus.Collector].
func (c *dropCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.dropped
	ch <- c.buffer
}

// Collect implements [prometheus.Collector]. Where the kernel does not report
// losses, it exports nothing: a made-up 0 would look like no loss.
func (c *dropCollector) Collect(ch chan<- prometheus.Metric) {
	for _, r := range c.report() {
		ch <- prometheus.MustNewConstMetric(c.dropped, prometheus.CounterValue, float64(r.dropped), r.name)
		if r.buffer > 0 {
			ch <- prometheus.MustNewConstMetric(c.buffer, prometheus.GaugeValue, float64(r.buffer), r.name)
		}
	}
}
