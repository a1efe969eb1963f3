package listener

import (
	"net/netip"
	"sync"
	"time"
)

// connections are the open connections of a listener, counted by the address that
// they come from. All methods may be called by any number of goroutines at a
// time.
type connections struct {
	mu      sync.Mutex
	open    map[*tcpConn]struct{}
	origins map[netip.Addr]*origin
	stopped bool // All have their last deadline, and so gets each that is added.
}

// An origin is an address that connections come from. Its fields belong to the
// lock of [connections].
type origin struct {
	addr  netip.Addr
	conns int // Open ones.
}

func newConnections() connections {
	return connections{open: map[*tcpConn]struct{}{}, origins: map[netip.Addr]*origin{}}
}

// len returns how many connections are open.
func (s *connections) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// add adds a connection that comes from an address.
func (s *connections) add(c *tcpConn, from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[c] = struct{}{}
	s.join(c, from)
	if s.stopped { // The others have theirs already.
		c.SetDeadline(time.Now().Add(drainTime))
	}
}

// move notes that a connection comes from another address, the one that a PROXY
// header names.
func (s *connections) move(c *tcpConn, from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[c]; ok {
		s.leave(c)
		s.join(c, from)
	}
}

// remove removes a connection, once.
func (s *connections) remove(c *tcpConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeLocked(c)
}

func (s *connections) removeLocked(c *tcpConn) {
	if _, ok := s.open[c]; ok {
		delete(s.open, c)
		s.leave(c)
	}
}

func (s *connections) join(c *tcpConn, from netip.Addr) {
	o := s.origins[from.Unmap()]
	if o == nil {
		o = &origin{addr: from.Unmap()}
		s.origins[o.addr] = o
	}
	o.conns++
	c.origin = o
}

func (s *connections) leave(c *tcpConn) {
	if c.origin.conns--; c.origin.conns == 0 {
		delete(s.origins, c.origin.addr)
	}
	c.origin = nil
}

// makeRoom removes and returns the connection that has to make room if there are
// more than limit, or nil if there are not. It is one of the address that has the
// most connections, so an address loses its only one after all others: whoever
// opens many connections closes its own. Among those it is the one idle longest,
// and one that has never brought a message of a firewall before one that has.
// Newest, which has just been added, counts and stays; it may be nil.
func (s *connections) makeRoom(limit int64, newest *tcpConn) *tcpConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(s.open)) <= limit {
		return nil
	}
	var first *tcpConn
	for c := range s.open {
		if c != newest && (first == nil || c.before(first)) {
			first = c
		}
	}
	if first != nil { // At once, so that it is not chosen twice.
		s.removeLocked(first)
	}
	return first
}

// before reports whether c makes room rather than other. The caller must hold the
// lock of the connections.
func (c *tcpConn) before(other *tcpConn) bool {
	if a, b := c.origin.conns, other.origin.conns; a != b {
		return a > b
	}
	if a, b := c.trusted.Load(), other.trusted.Load(); a != b {
		return b
	}
	return c.active.Load() < other.active.Load()
}

// probe returns a function that reports whether the connections that are handling
// frames now have got on.
func (s *connections) probe() (passed func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var busy []func() bool
	for c := range s.open {
		if c.batches.beats.Load()%2 == 1 {
			busy = append(busy, c.batches.probe())
		}
	}
	return allOf(busy)
}

// stop gives all connections a last deadline.
func (s *connections) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for c := range s.open {
		c.SetDeadline(time.Now().Add(drainTime))
	}
}

// setDeadline calls set with a deadline that is d away, or with none if d is 0.
// It reports false, and does not call it, if the listener is stopping.
func (s *connections) setDeadline(set func(time.Time) error, d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	set(deadline)
	return true
}
