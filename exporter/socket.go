package exporter

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// A control gives access to the descriptor of a socket, as [syscall.RawConn]
// does. After f has returned, the descriptor may be another's.
type control interface {
	Control(f func(fd uintptr)) error
}

// A socketCollector shows what the kernel knows about the UDP sockets: the size
// of their receive buffers and how many datagrams found them full. What a
// listener has lost stays counted when its socket is closed.
type socketCollector struct {
	dropped, buffer *prometheus.Desc

	mu        sync.Mutex
	listeners map[string]*listenerSockets
}

// listenerSockets are the sockets of the listeners of one name, of which
// usually one is open at a time.
type listenerSockets struct {
	dropped uint64 // By all sockets that there were.
	open    []*socket
	closed  socketDrops // The last one that was closed.
}

// A socket is a socket whose losses are counted.
type socket struct {
	listener *listenerSockets
	control  control
	losses   *lossLog
	socketDrops
}

// socketDrops are the losses of one socket that have been counted.
type socketDrops struct {
	cookie uint64 // Tells sockets from each other, for as long as the system runs.
	drops  uint32 // As the kernel counts, which may go around.
}

func newSocketCollector() *socketCollector {
	listener := []string{"listener"}
	return &socketCollector{
		dropped: prometheus.NewDesc("ftd_exporter_syslog_dropped_total",
			"Datagrams that the kernel dropped because the receive buffer was full.", listener, nil),
		buffer: prometheus.NewDesc("ftd_exporter_syslog_receive_buffer_bytes",
			"Size of the kernel's receive buffer; to enlarge it, raise the sysctl net.core.rmem_max.", listener, nil),
		listeners: map[string]*listenerSockets{},
	}
}

// add takes in the socket of the listener called name. It returns nil, which
// the other methods accept, where the kernel does not tell of losses.
//
// A socket that was inherited brings the losses of the process before along,
// and the counter starts with them: for Prometheus it goes on.
func (c *socketCollector) add(name string, control control, losses *lossLog) *socket {
	if _, _, ok := socketMemory(control); !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.listeners[name]
	if l == nil {
		l = &listenerSockets{}
		c.listeners[name] = l
	}
	s := &socket{listener: l, control: control, losses: losses, socketDrops: socketDrops{cookie: socketCookie(control)}}
	if s.cookie != 0 && s.cookie == l.closed.cookie {
		s.socketDrops = l.closed
	}
	s.count() // What is not news is not for the log.
	l.open = append(l.open, s)
	return s
}

// replace changes the descriptor through which the socket is asked.
func (c *socketCollector) replace(s *socket, control control) {
	if s == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.control = control
}

// check counts what the kernel has dropped since the last time.
func (c *socketCollector) check(s *socket) {
	if s == nil {
		return
	}
	c.mu.Lock()
	lost, _ := s.count()
	c.mu.Unlock()
	s.note(lost)
}

// remove is the last check of a socket, which must still be open.
func (c *socketCollector) remove(s *socket) {
	if s == nil {
		return
	}
	c.mu.Lock()
	lost, _ := s.count()
	l := s.listener
	l.open = slices.DeleteFunc(l.open, func(x *socket) bool { return x == s })
	l.closed = s.socketDrops
	c.mu.Unlock()
	s.note(lost)
}

// count returns what the kernel has dropped since the last time, and the size
// of the buffer. The caller must hold the lock of the collector.
func (s *socket) count() (lost uint64, buffer uint32) {
	buffer, drops, ok := socketMemory(s.control)
	if !ok {
		return 0, 0
	}
	lost = uint64(drops - s.drops)
	s.drops = drops
	s.listener.dropped += lost
	return lost, buffer
}

func (s *socket) note(lost uint64) {
	if lost > 0 {
		s.losses.add(lossKernel, lost, netip.Addr{}, nil)
	}
}

// Describe implements [prometheus.Collector].
func (c *socketCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.dropped
	ch <- c.buffer
}

// Collect implements [prometheus.Collector]. Where the kernel does not tell, it
// shows nothing: a made-up 0 would look like no loss.
func (c *socketCollector) Collect(ch chan<- prometheus.Metric) {
	type loss struct {
		socket *socket
		lost   uint64
	}
	var losses []loss
	c.mu.Lock()
	for name, l := range c.listeners {
		var smallest uint32
		for _, s := range l.open {
			lost, buffer := s.count()
			losses = append(losses, loss{s, lost})
			if smallest == 0 || buffer < smallest {
				smallest = buffer
			}
		}
		ch <- prometheus.MustNewConstMetric(c.dropped, prometheus.CounterValue, float64(l.dropped), name)
		if smallest > 0 {
			ch <- prometheus.MustNewConstMetric(c.buffer, prometheus.GaugeValue, float64(smallest), name)
		}
	}
	c.mu.Unlock()
	for _, l := range losses { // Not under the lock, because a log may be slow.
		l.socket.note(l.lost)
	}
}
