package listener

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
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

const (
	// handshakeTime is how long a TLS handshake may take.
	handshakeTime = 10 * time.Second
	// idleAfter is after how long without any data a connection gives its large
	// buffer back.
	idleAfter = 10 * time.Second
	// The pause after a failed attempt to accept a connection grows from one to
	// the other. A connection that is closed to make room needs a moment to be
	// gone.
	minAcceptPause, maxAcceptPause = time.Millisecond, 100 * time.Millisecond
)

// A streamReceiver accepts every connection: a firewall that is refused may stop
// passing traffic. If there are too many, another one is closed: see
// [connections.makeRoom]. For the same reason no connection is closed for being
// idle; keep-alive finds the senders that are gone.
type streamReceiver struct {
	listener net.Listener
	newFeed  func(clientName string) Feed
	now      func() time.Time
	arrival  *arrival
	losses   *lossLog
	logger   *slog.Logger
	pulse    pulse         // Of the loop that accepts connections.
	certs    *certReloader // Nil unless the listener is a tls:// one.
	config   atomic.Pointer[Config]

	maxConnections    *atomic.Int64 // The set's.
	evicted           atomic.Uint64
	connected         prometheus.Gauge
	evictedTotal      prometheus.Counter
	proxyFailures     prometheus.Counter
	handshakeFailures prometheus.Counter // Nil if certs is, and so is namesRefused.
	namesRefused      prometheus.Counter

	// These limit the log of what fails before the first frame.
	acceptLog, handshakeLog, proxyLog, nameLog rate.Sometimes

	conns connections
	wait  sync.WaitGroup
}

// newStreamReceiver returns the receiver for an open socket.
func (s *Set) newStreamReceiver(o *socket) *streamReceiver {
	name := o.config.Address
	logger := s.logger(name)
	r := &streamReceiver{
		listener:       o.stream,
		newFeed:        func(clientName string) Feed { return s.options.NewFeed(name, clientName, true) },
		now:            s.options.Now,
		losses:         newLossLog(logger, 1),
		arrival:        s.metrics.arrivals.of(name),
		logger:         logger,
		maxConnections: &s.maxConnections,
		connected:      s.metrics.connections.WithLabelValues(name),
		evictedTotal:   s.metrics.evicted.WithLabelValues(name),
		proxyFailures:  s.metrics.proxyFailures.WithLabelValues(name),
		acceptLog:      rate.Sometimes{Interval: time.Minute},
		handshakeLog:   rate.Sometimes{Interval: time.Minute},
		proxyLog:       rate.Sometimes{Interval: time.Minute},
		nameLog:        rate.Sometimes{Interval: time.Minute},
		conns:          newConnections(),
	}
	r.config.Store(&o.config)
	if o.keypair != nil {
		r.certs = newCertReloader(name, o.keypair, s.metrics, logger)
		r.handshakeFailures = s.metrics.handshakeFailures.WithLabelValues(name)
		r.namesRefused = s.metrics.namesRefused.WithLabelValues(name)
	}
	return r
}

// configure implements receiver. Open connections keep what they have.
func (r *streamReceiver) configure(c Config, pair *keypair) {
	r.config.Store(&c)
	if pair != nil {
		r.certs.set(pair)
	}
}

// stats implements receiver.
func (r *streamReceiver) stats(s *Stats) {
	s.Connections, s.Evicted, s.LastFrame = r.conns.len(), r.evicted.Load(), r.arrival.last()
}

// probe implements receiver. A connection passes if it is not in the middle of a
// batch, or is done with it.
func (r *streamReceiver) probe() (passed func() bool) {
	return allOf([]func() bool{r.pulse.probe(), r.losses.free, r.conns.probe()})
}

// serve implements receiver.
func (r *streamReceiver) serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		r.listener.Close()
		r.conns.stop()
	})
	defer stop()
	defer r.losses.close()
	defer r.wait.Wait()
	if r.certs != nil {
		defer r.certs.close()
		r.wait.Go(func() { r.certs.watch(ctx) })
	}

	if l, ok := r.listener.(interface{ SetDeadline(time.Time) error }); ok {
		r.pulse.begin(func() { l.SetDeadline(time.Now()) })
		defer r.pulse.end()
	}
	pause := minAcceptPause
	for {
		r.pulse.beat()
		conn, err := r.listener.Accept()
		switch {
		case err == nil:
			pause = minAcceptPause
			r.start(&tcpConn{Conn: conn, receiver: r})
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case errors.Is(err, os.ErrDeadlineExceeded):
			if l, ok := r.listener.(interface{ SetDeadline(time.Time) error }); ok {
				l.SetDeadline(time.Time{})
			}
		default:
			// Out of file descriptors, most likely. Closing a connection helps;
			// giving up would cut every firewall off.
			r.logger.Log(ctx, levelOf(&r.acceptLog), "Accepting a connection failed; more within a minute are logged at level debug", "err", err)
			r.evict(0, nil)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, maxAcceptPause)
		}
	}
}

// levelOf returns the level of a log line: a warning once a minute, else debug.
// Anybody can cause thousands of such lines.
func levelOf(minutely *rate.Sometimes) slog.Level {
	level := slog.LevelDebug
	minutely.Do(func() { level = slog.LevelWarn })
	return level
}

// start serves a connection in a goroutine of its own, handshake included, so
// that no client can keep another one waiting.
func (r *streamReceiver) start(c *tcpConn) {
	if t, ok := c.Conn.(*net.TCPConn); ok {
		// After a failure the system's own settings apply, which are slower.
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4})
	}
	c.active.Store(time.Now().UnixNano())
	r.conns.add(c, c.remote())
	r.connected.Inc()
	for r.evict(r.maxConnections.Load(), c) { // More than one if the limit has been lowered.
	}
	r.wait.Go(func() {
		defer func() {
			c.Close()
			r.conns.remove(c)
			r.connected.Dec()
		}()
		r.handle(c)
	})
}

// evict closes a connection if there are more than limit, and reports whether it
// has. Newest is not closed.
func (r *streamReceiver) evict(limit int64, newest *tcpConn) bool {
	c := r.conns.makeRoom(limit, newest)
	if c == nil {
		return false
	}
	r.evicted.Add(1)
	r.evictedTotal.Inc()
	c.Close()
	return true
}

// A tcpConn is one connection. Its Read notes when something arrived.
type tcpConn struct {
	net.Conn
	receiver *streamReceiver
	active   atomic.Int64 // Unix time of the last data, in nanoseconds.
	trusted  atomic.Bool  // A message of a firewall has arrived.
	batches  pulse        // Beats when a batch begins and when it ends.
	origin   *origin      // Nil if it is not one of the open connections; has their lock.
	// These two are for Read and its callers only.
	gotData bool   // Anything at all has arrived.
	unread  []byte // What arrived with a PROXY header and is still to be read.
}

// Read implements [io.Reader]. It returns the errors of the connection as they
// are: crypto/tls goes on after a timeout only if it can recognize it.
func (c *tcpConn) Read(b []byte) (int, error) {
	if len(c.unread) > 0 {
		n := copy(b, c.unread)
		c.unread = c.unread[n:]
		return n, nil
	}
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.active.Store(time.Now().UnixNano())
		c.gotData = true
	}
	return n, err
}

// setTimeout sets how long reads and writes may take from now on, 0 for ever. It
// reports false, and changes nothing, if the listener is stopping.
func (c *tcpConn) setTimeout(d time.Duration) bool {
	return c.receiver.conns.setDeadline(c.SetDeadline, d)
}

// setReadTimeout is setTimeout for reads only: a write that times out would end a
// TLS session.
func (c *tcpConn) setReadTimeout(d time.Duration) bool {
	return c.receiver.conns.setDeadline(c.SetReadDeadline, d)
}

// remote returns the address that the connection comes from, which may be that of
// a proxy. It is invalid if the connection does not have one.
func (c *tcpConn) remote() netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr()
	}
	return netip.Addr{}
}

// idle reports whether nothing has arrived for some time.
func (c *tcpConn) idle() bool { return time.Since(time.Unix(0, c.active.Load())) >= idleAfter }

// handle reads a connection to its end.
func (r *streamReceiver) handle(c *tcpConn) {
	from := c.remote()
	if r.config.Load().trustsProxy(from) {
		client, err := c.readProxyHeader(from)
		if err != nil {
			if !errors.Is(err, io.EOF) || c.gotData {
				r.proxyFailures.Inc()
				r.logFailure(&r.proxyLog, "Reading a PROXY header failed", c, err)
			}
			return
		}
		from = client
		r.conns.move(c, from)
	}
	var source io.Reader = c
	var name string
	if r.certs != nil {
		t := tls.Server(c, r.certs.current.Load().config)
		defer t.Close() // Sends the client an alert, too.
		if err := r.handshake(c, t); err != nil {
			return
		}
		source, name = t, r.clientName(c, t)
	}
	if err := r.receive(c, source, from, r.newFeed(name)); !errors.Is(err, io.EOF) {
		r.logger.Debug("Connection ended", "sender", c.RemoteAddr(), "err", err)
	}
}

// receive hands the frames of a connection to a feed until the connection ends,
// and returns why it ended. The frames that one read completes are a batch.
// Source is the connection itself or its TLS session.
//
// The buffer grows while much arrives. A connection with a large buffer has a
// read deadline, which is not moved with each read; when it is over and the
// connection has been idle, the buffer shrinks.
func (r *streamReceiver) receive(c *tcpConn, source io.Reader, from netip.Addr, feed Feed) error {
	reader := syslog.NewReader(source, syslog.MaxFrame)
	timed := false // The connection has the read deadline.
	for {
		err := reader.Fill()
		switch {
		case err == nil:
		case timed && errors.Is(err, os.ErrDeadlineExceeded):
			timeout := idleAfter
			if timed = !c.idle(); !timed {
				reader.Shrink()
				timeout = 0
			}
			if !c.setReadTimeout(timeout) {
				return err // The deadline was that of a listener that stops.
			}
			continue
		default:
			return err
		}
		// A buffer grows only after a read that has filled it.
		if !timed && reader.Buffered() >= syslog.IdleBuffer {
			timed = c.setReadTimeout(idleAfter)
		}
		now := r.now()
		r.arrival.at(now)
		c.batches.beat()
		feed.Begin(now)
		for {
			frame, bad, ok := reader.Frame()
			if !ok {
				break
			}
			if reason := feed.Frame(frame, len(frame), from, bad); reason != syslog.OK {
				r.losses.note(lossCause(reason), from, frame)
			} else if !c.trusted.Load() {
				c.trusted.Store(true)
			}
		}
		feed.End()
		c.batches.beat()
	}
}

// handshake opens a session of TLS and counts what fails. A client that sends
// nothing and disconnects is not a failure: load balancers check in that way
// whether a port is open.
func (r *streamReceiver) handshake(c *tcpConn, t *tls.Conn) error {
	c.setTimeout(handshakeTime)
	err := t.Handshake()
	if err == nil {
		c.setTimeout(0)
		return nil
	}
	if !c.gotData && errors.Is(err, io.EOF) {
		return err
	}
	r.handshakeFailures.Inc()
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &notTLS):
		err = fmt.Errorf("%w: the sender does not use TLS; turn it on there (secure, on an ASA) or let it send to a tcp:// listener", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("not done within %s", handshakeTime)
	}
	r.logFailure(&r.handshakeLog, "TLS handshake failed", c, err)
	return err
}

// clientName returns the name in the client's certificate, or nothing if it cannot
// name a device. Then other sources have to.
func (r *streamReceiver) clientName(c *tcpConn, t *tls.Conn) string {
	state := t.ConnectionState()
	name, ok := clientName(&state)
	if ok {
		return name
	}
	r.namesRefused.Inc()
	r.logger.Log(context.Background(), levelOf(&r.nameLog), "The name in a client certificate cannot name a device; more within a minute are logged at level debug",
		"name", strconv.QuoteToASCII(name[:min(len(name), exampleLength)]), "sender", c.RemoteAddr(), "remedy", "issue a certificate with the host name of the device")
	return ""
}

// logFailure logs why a connection has ended before its first frame.
func (r *streamReceiver) logFailure(minutely *rate.Sometimes, what string, c *tcpConn, err error) {
	r.logger.Log(context.Background(), levelOf(minutely), "A connection ended before the first message; more within a minute are logged at level debug", "reason", what, "sender", c.RemoteAddr(), "err", err)
}
