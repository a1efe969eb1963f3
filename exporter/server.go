package exporter

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// webLimits bound what HTTP clients can take, all of them.
type webLimits struct {
	// header is the size of a request's header, in bytes. Net/http reads 4 KiB
	// more before it refuses.
	header int
	// readHeader and read are the time for a header and for a whole request.
	readHeader, read time.Duration
	// write is the time for an answer, and stall how long one of a scrape may
	// make no progress.
	write, stall time.Duration
	// idle is how long a connection may wait for its next request.
	idle time.Duration
	// connections is the number of connections, scrapes that of scrapes that
	// are being answered.
	connections, scrapes int
}

func defaultWebLimits() webLimits {
	return webLimits{
		header:     16 << 10,
		readHeader: 10 * time.Second, read: 30 * time.Second,
		write: time.Minute, stall: 10 * time.Second,
		idle:        2 * time.Minute,
		connections: 512, scrapes: 16,
	}
}

// NewServer returns a server for a handler that [NewHandler] made. It bounds the
// time and the memory that a client can take, and the number of connections: of
// too many it closes that which has been idle for longest, so that neither
// syslog nor Prometheus finds the process without a descriptor.
func (e *Exporter) NewServer(h http.Handler) *http.Server { return e.newServer(h, defaultWebLimits()) }

func (e *Exporter) newServer(h http.Handler, limits webLimits) *http.Server {
	c := &webConnections{
		max: limits.connections, states: map[net.Conn]connectionState{},
		open: e.metrics.httpConnections, evicted: e.metrics.httpEvicted,
	}
	return &http.Server{
		Handler:        h,
		MaxHeaderBytes: limits.header, ReadHeaderTimeout: limits.readHeader, ReadTimeout: limits.read,
		WriteTimeout: limits.write, IdleTimeout: limits.idle,
		ConnState: c.note,
	}
}

// webConnections bounds the number of connections of a server.
type webConnections struct {
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
func (c *webConnections) note(conn net.Conn, state http.ConnState) {
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
		if _, ok := c.states[conn]; ok { // Else it has been evicted.
			c.states[conn] = connectionState{state == http.StateActive, time.Now()}
		}
	case http.StateHijacked, http.StateClosed:
		delete(c.states, conn)
	}
}

// evict closes the connection that has been idle for longest or, if each is
// being answered, that which has been for longest: it is the most likely to be a
// client that reads slowly on purpose.
func (c *webConnections) evict() {
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
		victim = t.NetConn() // TLS would say goodbye first, and wait for the client.
	}
	victim.Close()
}
