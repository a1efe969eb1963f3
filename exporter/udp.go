package exporter

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// receiveBuffer is the size of the socket buffer that a UDP listener asks for.
// A burst of a busy firewall fills the usual 200 KiB within milliseconds.
const receiveBuffer = 8 << 20

type udpListener struct {
	name   string
	conn   *net.UDPConn
	feed   *feed
	socket *socket
	logger *slog.Logger
}

func (e *Exporter) listenUDP(ctx context.Context, name, address string, logger *slog.Logger) (*udpListener, error) {
	var config net.ListenConfig
	packetConn, err := config.ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, wrapListenError(name, err)
	}
	conn := packetConn.(*net.UDPConn)
	// What the kernel grants is exported; the default is no reason to fail.
	if err := setReceiveBuffer(conn, receiveBuffer); err != nil {
		logger.Warn("Could not enlarge the receive buffer", "err", err)
	}
	return &udpListener{
		name:   name,
		conn:   conn,
		feed:   e.newFeed(e.metrics.listener(name, false)),
		socket: e.metrics.sockets.add(name, conn),
		logger: logger,
	}, nil
}

func (l *udpListener) Name() string   { return l.name }
func (l *udpListener) Addr() net.Addr { return l.conn.LocalAddr() }

// Serve reads in one goroutine, because the order of a device's messages
// counts: the last of "failed" and "OK" wins.
func (l *udpListener) Serve(ctx context.Context) error {
	defer func() {
		l.feed.exporter.metrics.sockets.remove(l.socket)
		l.conn.Close()
	}()
	stop := context.AfterFunc(ctx, func() { l.conn.SetReadDeadline(time.Now().Add(drainTime)) })
	defer stop()

	// One byte more than the longest frame tells a cut datagram from a full one.
	buf := make([]byte, MaxFrame+1)
	for {
		n, addr, err := l.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if ctx.Err() != nil && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed)) {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return err
			}
			// A pending ICMP error of another datagram; the socket still works.
			l.logger.Debug("Reading a datagram failed", "err", err)
			continue
		}
		reason := syslog.OK
		if n > MaxFrame {
			reason = syslog.TooLong
		}
		l.feed.handle(buf[:n], addr.Addr(), reason)
	}
}
