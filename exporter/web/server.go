package web

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// limits bound what HTTP clients can take, all of them together.
type limits struct {
	// header is the size of a request's header, in bytes. Package net/http reads
	// 4 KiB more before it refuses.
	header int
	// readHeader and read are the time for a header and for a whole request.
	readHeader, read time.Duration
	// write is the time for an answer, stall the time in which one that has a
	// place must make progress.
	write, stall time.Duration
	// queue is how long a request waits for a place. A client for which an answer
	// has waited longer than patience loses its place to one that waits.
	queue, patience time.Duration
	// idle is how long a connection may wait for its next request.
	idle time.Duration
	// connections is the number of open connections; scrapes, reads and pages are
	// the numbers of scrapes, of reading calls of the API and of pages that are
	// being answered.
	connections, scrapes, reads, pages int
}

func defaultLimits() limits {
	return limits{
		header:     16 << 10,
		readHeader: 10 * time.Second, read: 30 * time.Second,
		write: time.Minute, stall: 10 * time.Second,
		queue: 2 * time.Second, patience: time.Second,
		idle:        2 * time.Minute,
		connections: 512, scrapes: 16, reads: 4, pages: 16,
	}
}

// EachLimit calls f with the name and the value of each limit of what HTTP clients
// can take at a time: connections, scrapes, pages, and reading calls of the API.
// MaxRequests is that of [Options].
func EachLimit(maxRequests int, f func(name string, value int)) {
	l := defaultLimits()
	f("http_connections", l.connections)
	f("http_scrapes", cmp.Or(maxRequests, l.scrapes))
	f("http_pages", l.pages)
	f("http_api_calls", l.reads)
}

// NewServer returns a server for a handler made by [New], which may also be set
// later. The server bounds the time and the memory that a client can take, and
// the number of connections: if there are too many, it closes the connection idle
// longest, so that neither syslog nor Prometheus finds the process out of file
// descriptors. Its metrics are registered with reg; an error means that they are
// registered already.
func NewServer(h http.Handler, reg prometheus.Registerer, logger *slog.Logger) (*http.Server, error) {
	return newServer(h, reg, logger, defaultLimits())
}

func newServer(h http.Handler, reg prometheus.Registerer, logger *slog.Logger, l limits) (*http.Server, error) {
	c := &connections{
		max: l.connections, states: map[net.Conn]connectionState{},
		open: newOpenConnections(), evicted: newEvictedConnections(),
	}
	if err := register(reg, c.open, c.evicted); err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:        h,
		MaxHeaderBytes: l.header, ReadHeaderTimeout: l.readHeader, ReadTimeout: l.read,
		WriteTimeout: l.write, IdleTimeout: l.idle,
		ConnState: c.note,
		ErrorLog:  slog.NewLogLogger(newErrorLog(logger), slog.LevelError),
	}, nil
}

// connections bounds the number of connections of a server.
type connections struct {
	max     int
	open    prometheus.Gauge
	evicted prometheus.Counter

	mu     sync.Mutex
	states map[net.Conn]connectionState
}

// A connectionState is what a connection does, and since when.
type connectionState struct {
	active bool // Whether a request is being answered.
	since  time.Time
}

// note is the server's [http.Server.ConnState].
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.open.Set(float64(len(c.states))) }()
	switch state {
	case http.StateNew:
		if len(c.states) >= c.max {
			c.evict()
		}
		c.states[conn] = connectionState{since: time.Now()}
	case http.StateActive, http.StateIdle:
		if _, ok := c.states[conn]; ok { // Otherwise it has been evicted.
			c.states[conn] = connectionState{state == http.StateActive, time.Now()}
		}
	case http.StateHijacked, http.StateClosed:
		delete(c.states, conn)
	}
}

// evict closes the connection that has been idle longest. If all of them are
// being answered, it closes the one that has been longest: it is the most likely
// to belong to a client that reads slowly on purpose.
func (c *connections) evict() {
	var victim net.Conn
	for conn, state := range c.states {
		if worst := c.states[victim]; victim == nil || worst.active && !state.active ||
			worst.active == state.active && state.since.Before(worst.since) {
			victim = conn
		}
	}
	delete(c.states, victim)
	c.evicted.Inc()
	if t, ok := victim.(*tls.Conn); ok {
		victim = t.NetConn() // TLS would send a closing alert first, and wait for the client.
	}
	victim.Close()
}
