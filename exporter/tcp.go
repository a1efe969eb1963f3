package exporter

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// A tcpListener accepts whoever comes: a firewall that is refused may stop
// passing traffic. If there are too many connections, the one that has been
// idle for longest makes room.
type tcpListener struct {
	name     string
	exporter *Exporter
	listener net.Listener
	metrics  *listenerMetrics
	logger   *slog.Logger

	mu    sync.Mutex
	conns map[*tcpConn]struct{}
	wait  sync.WaitGroup
}

// A tcpConn is one connection. Its Read notes when something arrived.
type tcpConn struct {
	net.Conn
	active atomic.Int64 // Unix time of the last octets, in nanoseconds.
}

func (c *tcpConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.active.Store(time.Now().UnixNano())
	return n, err
}

func (e *Exporter) listenTCP(ctx context.Context, name, address string, logger *slog.Logger) (*tcpListener, error) {
	config := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}}
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, wrapListenError(name, err)
	}
	metrics := e.metrics.listener(name, true)
	metrics.losses = newLossLog(logger)
	return &tcpListener{
		name: name, exporter: e, listener: l, logger: logger,
		metrics: metrics,
		conns:   map[*tcpConn]struct{}{},
	}, nil
}

func (l *tcpListener) Name() string   { return l.name }
func (l *tcpListener) Addr() net.Addr { return l.listener.Addr() }

func (l *tcpListener) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		l.listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.conns {
			c.SetReadDeadline(time.Now().Add(drainTime))
		}
	})
	defer stop()
	defer l.metrics.losses.close()
	defer l.wait.Wait()

	for {
		conn, err := l.listener.Accept()
		switch {
		case err == nil:
			l.start(ctx, &tcpConn{Conn: conn})
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			// Out of file descriptors, most likely. Closing the idlest
			// connection helps, giving up would cut every firewall off.
			l.logger.Warn("Accepting a connection failed", "err", err)
			l.evict()
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

func (l *tcpListener) start(ctx context.Context, c *tcpConn) {
	c.active.Store(time.Now().UnixNano())
	for l.full() { // More than one if the limit has been lowered.
		l.evict()
	}
	l.mu.Lock()
	l.conns[c] = struct{}{}
	if ctx.Err() != nil { // Serve has set the other deadlines already.
		c.SetReadDeadline(time.Now().Add(drainTime))
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
		l.read(c)
	})
}

func (l *tcpListener) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.conns)) >= l.exporter.maxConnections.Load()
}

// evict closes the connection that has been idle for longest.
func (l *tcpListener) evict() {
	l.mu.Lock()
	defer l.mu.Unlock()
	var idlest *tcpConn
	for c := range l.conns {
		if idlest == nil || c.active.Load() < idlest.active.Load() {
			idlest = c
		}
	}
	if idlest != nil {
		l.metrics.tcpEvicted.Inc()
		delete(l.conns, idlest) // At once, so that it is not chosen twice.
		idlest.Close()
	}
}

func (l *tcpListener) read(c *tcpConn) {
	var peer netip.Addr
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		peer = a.AddrPort().Addr()
	}
	f := l.exporter.newFeed(l.metrics)
	defer f.end()
	r := syslog.NewReader(batches{c, f}, MaxFrame)
	for {
		frame, reason, err := r.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				l.logger.Debug("Connection ended", "peer", c.RemoteAddr(), "err", err)
			}
			return
		}
		f.next(frame, peer, reason)
	}
}
