package exporter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

const (
	// handshakeTime is how long a TLS handshake may take.
	handshakeTime = 10 * time.Second
	// quietTime is after how long without anything to read a connection gives
	// its large buffer back.
	quietTime = 10 * time.Second
	// The pause after a failed attempt to accept a connection grows from one to
	// the other. What is to make room needs a moment to be gone.
	minAcceptPause, maxAcceptPause = time.Millisecond, 100 * time.Millisecond
)

// A tcpListener accepts whoever comes: a firewall that is refused may stop
// passing traffic. If there are too many connections, the one that has been
// idle for longest makes room. For the same reason nobody is cut off for
// saying nothing; keep-alive finds the peers that are gone.
type tcpListener struct {
	name     string
	exporter *Exporter
	listener net.Listener
	metrics  *listenerMetrics
	logger   *slog.Logger
	// certificates are those of a tls:// listener, else nil.
	certificates *certificates
	// These limit the log of what failed before the first frame.
	acceptLog, handshakeLog, proxyLog occasionally

	mu      sync.Mutex
	conns   map[*tcpConn]struct{}
	stopped bool // The connections have their last deadline.
	wait    sync.WaitGroup
}

// A tcpConn is one connection. Its Read notes when something arrived.
type tcpConn struct {
	net.Conn
	listener *tcpListener
	active   atomic.Int64 // Unix time of the last octets, in nanoseconds.
	proven   atomic.Bool  // A message of a firewall has come.
	// These two are for Read and its callers only.
	heard bool   // Anything at all has come.
	rest  []byte // What came with a PROXY header and is still to be read.
}

func (c *tcpConn) Read(b []byte) (int, error) {
	if len(c.rest) > 0 {
		n := copy(b, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	}
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.active.Store(time.Now().UnixNano())
		c.heard = true
	}
	return n, err
}

// limit sets how long reads and writes may take from now on, 0 for ever. It
// reports false, and changes nothing, if the listener is stopping.
func (c *tcpConn) limit(d time.Duration) bool {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	if c.listener.stopped {
		return false
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	c.SetDeadline(deadline)
	return true
}

func (e *Exporter) listenTCP(ctx context.Context, name, address string, c *Config, logger *slog.Logger) (*tcpListener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, wrapListenError(name, err)
	}
	return e.newTCP(name, l, c, logger)
}

// newTCP returns a listener for the socket l, which it closes if there is an
// error.
func (e *Exporter) newTCP(name string, l net.Listener, c *Config, logger *slog.Logger) (*tcpListener, error) {
	t := &tcpListener{name: name, exporter: e, listener: l, logger: logger, conns: map[*tcpConn]struct{}{}}
	if scheme, _, _ := parseListenAddress(name); scheme == schemeTLS {
		var err error
		if t.certificates, err = e.newCertificates(name, c.tls(name), logger); err != nil {
			l.Close()
			return nil, err
		}
	}
	t.metrics = e.metrics.listener(name, true)
	t.metrics.losses = newLossLog(logger)
	if t.certificates != nil {
		t.metrics.handshakeFailures = e.metrics.tls.handshakeFailures.WithLabelValues(name)
	}
	return t, nil
}

func (l *tcpListener) Name() string   { return l.name }
func (l *tcpListener) Addr() net.Addr { return l.listener.Addr() }

func (l *tcpListener) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		l.listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.stopped = true
		for c := range l.conns {
			c.SetDeadline(time.Now().Add(drainTime))
		}
	})
	defer stop()
	defer l.metrics.losses.close()
	defer l.wait.Wait()
	if l.certificates != nil {
		defer l.certificates.close(l.exporter)
		l.wait.Go(func() { l.certificates.watch(ctx) })
	}

	pause := minAcceptPause
	for {
		conn, err := l.listener.Accept()
		switch {
		case err == nil:
			pause = minAcceptPause
			l.start(&tcpConn{Conn: conn, listener: l})
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			// Out of file descriptors, most likely. Closing the idlest
			// connection helps, giving up would cut every firewall off.
			l.logger.Log(ctx, l.acceptLog.level(), "Accepting a connection failed; more within a minute are logged at level debug", "err", err)
			l.evict()
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, maxAcceptPause)
		}
	}
}

// start serves a connection in a goroutine of its own, handshake included, so
// that no peer can keep another one waiting.
func (l *tcpListener) start(c *tcpConn) {
	if t, ok := c.Conn.(*net.TCPConn); ok {
		// A failure leaves the system's own, which are slower.
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4})
	}
	c.active.Store(time.Now().UnixNano())
	for l.full() { // More than one if the limit has been lowered.
		l.evict()
	}
	l.mu.Lock()
	l.conns[c] = struct{}{}
	if l.stopped { // Serve has set the other deadlines already.
		c.SetDeadline(time.Now().Add(drainTime))
	}
	l.mu.Unlock()
	l.metrics.tcpConnections.Inc()
	l.wait.Go(func() {
		defer func() {
			c.Close()
			l.mu.Lock()
			delete(l.conns, c)
			l.mu.Unlock()
			l.metrics.tcpConnections.Dec()
		}()
		l.serve(c)
	})
}

func (l *tcpListener) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.conns)) >= l.exporter.maxConnections.Load()
}

// evict closes the connection that has been idle for longest, if possible one
// that has never brought a message of a firewall.
func (l *tcpListener) evict() {
	l.mu.Lock()
	defer l.mu.Unlock()
	var first *tcpConn
	for c := range l.conns {
		if first == nil || c.before(first) {
			first = c
		}
	}
	if first != nil {
		l.metrics.tcpEvicted.Inc()
		delete(l.conns, first) // At once, so that it is not chosen twice.
		first.Close()
	}
}

// before reports whether c makes room rather than other.
func (c *tcpConn) before(other *tcpConn) bool {
	if a, b := c.proven.Load(), other.proven.Load(); a != b {
		return b
	}
	return c.active.Load() < other.active.Load()
}

// A stream is what a connection brings, behind TLS if that is spoken. If it is
// read into a large buffer and then quiet for a while, a deadline passes, by
// which the reader knows that a small one would do.
type stream struct {
	io.Reader
	conn  *tcpConn
	timed bool // The connection has a deadline.
	quiet bool // Nothing has come since the deadline passed.
}

func (s *stream) Read(b []byte) (int, error) {
	for {
		if len(b) > syslog.IdleBuffer && !s.timed && !s.quiet {
			s.timed = s.conn.limit(quietTime)
		}
		n, err := s.Reader.Read(b)
		if n > 0 || !s.timed || !errors.Is(err, os.ErrDeadlineExceeded) {
			s.quiet = false
			return n, err
		}
		// The deadline is not moved with each read, so it may be too early.
		s.quiet = time.Since(time.Unix(0, s.conn.active.Load())) >= quietTime
		if !s.conn.limit(0) {
			s.quiet = false // It was that of a listener that stops.
			return n, err
		}
		if s.timed = false; s.quiet {
			return 0, err
		}
	}
}

// isPause reports whether err is only the deadline by which the stream is quiet.
func (s *stream) isPause(err error) bool {
	return s.quiet && errors.Is(err, os.ErrDeadlineExceeded)
}

// serve reads a connection to its end.
func (l *tcpListener) serve(c *tcpConn) {
	var peer netip.Addr
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		peer = a.AddrPort().Addr()
	}
	if l.exporter.policy.Load().trustsProxy(l.name, peer) {
		client, err := c.readProxyHeader(peer)
		if err != nil {
			if !errors.Is(err, io.EOF) || c.heard {
				l.metrics.proxyFailures.Inc()
				l.logFailure(&l.proxyLog, "Reading a PROXY header failed", c, err)
			}
			return
		}
		peer = client
	}
	f := l.exporter.newFeed(l.metrics)
	f.decoder.Parser = syslog.NewParser(syslog.MaxStreamOrigins)
	var source io.Reader = c
	if l.certificates != nil {
		t := tls.Server(c, l.certificates.present.Load().config)
		defer t.Close() // Says goodbye.
		if err := l.handshake(c, t); err != nil {
			return
		}
		state := t.ConnectionState()
		f.clientName = []byte(clientName(&state))
		source = t
	}
	defer f.end()
	s := &stream{Reader: source, conn: c}
	r := syslog.NewReader(batches{s, f}, MaxFrame)
	for proven := false; ; {
		frame, reason, err := r.Next()
		if s.isPause(err) {
			r.Shrink()
			f.forget()
			continue
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				l.logger.Debug("Connection ended", "peer", c.RemoteAddr(), "err", err)
			}
			return
		}
		if f.next(frame, peer, reason) == syslog.OK && !proven {
			proven = true
			c.proven.Store(true)
		}
	}
}

// handshake opens a session of TLS and counts what fails. A peer that says
// nothing and goes is no failure: load balancers look that way whether a port
// is open.
func (l *tcpListener) handshake(c *tcpConn, t *tls.Conn) error {
	c.limit(handshakeTime)
	err := t.Handshake()
	if err == nil {
		c.limit(0)
		return nil
	}
	if !c.heard && errors.Is(err, io.EOF) {
		return err
	}
	l.metrics.handshakeFailures.Inc()
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &noTLS):
		err = fmt.Errorf("%w: the sender does not speak TLS; turn it on there (secure, on an ASA) or let it send to a tcp:// listener", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("not done within %s", handshakeTime)
	}
	l.logFailure(&l.handshakeLog, "TLS handshake failed", c, err)
	return err
}

// logFailure warns of the first failure of a minute. The others are for those
// who look for them: anybody can make thousands.
func (l *tcpListener) logFailure(limit *occasionally, what string, c *tcpConn, err error) {
	l.logger.Log(context.Background(), limit.level(), "A connection ended before the first message; more within a minute are logged at level debug", "reason", what, "peer", c.RemoteAddr(), "err", err)
}
