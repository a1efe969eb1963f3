package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

const (
	// receiveBuffer is the size of the socket buffer that a UDP listener asks
	// for. A burst of a busy firewall fills the usual 200 KiB within
	// milliseconds.
	receiveBuffer = 8 << 20

	// coalescePause is how long a UDP listener lets datagrams gather while they
	// come one upon the other. Most of the cost of a datagram is to be woken for
	// it; it does not grow if there are hundreds.
	coalescePause = 2 * time.Millisecond
	// coalesceBuffer is the size of the socket buffer from which on a listener
	// pauses: what comes in a pause, at a million datagrams a second, is half of
	// it. The kernel counts 1,300 bytes for a usual one, and makes the buffer
	// twice as large.
	coalesceBuffer = 2 << 20

	// errorPause is how long a listener waits if the kernel cannot hand over
	// what it has, for lack of memory.
	errorPause = 10 * time.Millisecond
	// dropsInterval is how often the kernel is asked what it has dropped while
	// datagrams come in.
	dropsInterval = time.Second
)

// A datagramListener receives a message with each datagram, from a UDP socket
// or a Unix socket.
type datagramListener struct {
	name   string
	conn   datagramConn
	addr   net.Addr
	feed   *feed
	logger *slog.Logger
	// read reads one datagram from conn.
	read func([]byte) (int, netip.Addr, error)
	// pause is how long to let datagrams gather; 0 for never.
	pause   time.Duration
	sockets *socketCollector
	socket  *socket // Nil if the kernel does not tell what it drops.
	unlink  func()  // Removes the socket's file; nil if it is not ours.
}

type datagramConn interface {
	net.PacketConn
	syscall.Conn
}

// newDatagramListener returns a listener for a socket that is open. Serve closes
// the socket.
func (e *Exporter) newDatagramListener(name string, conn datagramConn, logger *slog.Logger) *datagramListener {
	metrics := e.metrics.listener(name, false)
	metrics.losses = newLossLog(logger)
	return &datagramListener{
		name:    name,
		conn:    conn,
		addr:    conn.LocalAddr(),
		feed:    e.newFeed(metrics),
		logger:  logger,
		sockets: e.metrics.sockets,
	}
}

// newUDP returns a listener for a UDP socket that is open. It enlarges the
// socket's receive buffer as far as the system allows. Serve closes the socket,
// but not its copies that other processes have.
func (e *Exporter) newUDP(name string, conn *net.UDPConn, logger *slog.Logger) *datagramListener {
	l := e.newDatagramListener(name, conn, logger)
	l.read = func(b []byte) (int, netip.Addr, error) {
		n, from, err := conn.ReadFromUDPAddrPort(b)
		return n, from.Addr(), err
	}
	losses := l.feed.listener.losses
	losses.remedy = "send less, or give the exporter more CPU"
	granted, err := l.enlargeReceiveBuffer(receiveBuffer)
	switch {
	case err != nil: // What the kernel grants is exported; the default is no reason to fail.
		logger.Warn("Could not enlarge the receive buffer", "err", err)
	case granted < receiveBuffer:
		losses.remedy = fmt.Sprintf("sysctl -w net.core.rmem_max=%d, and restart", receiveBuffer)
		logger.Warn("The receive buffer is smaller than it should be; bursts may be lost",
			"bytes", granted, "wanted", receiveBuffer, "remedy", losses.remedy)
	}
	if granted >= coalesceBuffer {
		l.pause = coalescePause
	}
	if raw, err := conn.SyscallConn(); err == nil {
		l.socket = l.sockets.add(name, raw, losses)
	}
	return l
}

// newUnixgram returns a listener for a Unix datagram socket that is open. It
// loses nothing: if nobody reads, who sends has to wait. Serve closes the
// socket, but leaves its file where it is.
func (e *Exporter) newUnixgram(name string, conn *net.UnixConn, logger *slog.Logger) *datagramListener {
	l := e.newDatagramListener(name, conn, logger)
	l.read = func(b []byte) (int, netip.Addr, error) {
		n, err := conn.Read(b)
		return n, netip.Addr{}, err
	}
	return l
}

func (e *Exporter) listenUDP(ctx context.Context, name, address string, logger *slog.Logger) (Listener, error) {
	var config net.ListenConfig
	conn, err := config.ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, wrapListenError(name, err)
	}
	return e.newUDP(name, conn.(*net.UDPConn), logger), nil
}

func (l *datagramListener) Name() string   { return l.name }
func (l *datagramListener) Addr() net.Addr { return l.addr }

// Serve reads in one goroutine, because the order of a device's messages
// counts: the last of "failed" and "OK" wins.
func (l *datagramListener) Serve(ctx context.Context) error { return l.receive(ctx) }

// finish does what must be done while the socket is still open.
func (l *datagramListener) finish() {
	l.sockets.remove(l.socket)
	l.feed.listener.losses.close()
	if l.unlink != nil {
		l.unlink()
	}
}

// next handles a datagram of size bytes, of which b has what fitted in. Its
// caller begins and ends the batch.
func (l *datagramListener) next(b []byte, size int, from netip.Addr) {
	reason := syslog.OK
	if size > MaxFrame {
		reason = syslog.TooLong
	}
	l.feed.bytes += uint64(size - len(b)) // What has been cut off arrived too.
	l.feed.next(b, from, reason)
}

// receiveOneByOne receives with the means of the standard library, where the
// system has no better ones.
func (l *datagramListener) receiveOneByOne(ctx context.Context) error {
	defer l.conn.Close()
	defer l.finish()
	stop := context.AfterFunc(ctx, func() { l.conn.SetReadDeadline(time.Now().Add(drainTime)) })
	defer stop()

	// One byte more than the longest frame tells a cut datagram from a full one.
	buf := make([]byte, MaxFrame+1)
	for {
		n, from, err := l.read(buf)
		if err == nil {
			l.feed.begin()
			l.next(buf[:n], n, from)
			l.feed.end()
			continue
		}
		if ctx.Err() != nil && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed)) {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		// A pending ICMP error of another datagram; the socket still works.
		l.logger.Debug("Reading a datagram failed", "err", err)
	}
}
