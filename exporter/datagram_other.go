//go:build !linux

package exporter

import (
	"context"
	"net"
)

func (l *datagramListener) receive(ctx context.Context) error { return l.receiveOneByOne(ctx) }

// enlargeReceiveBuffer believes that it gets what it asks for.
func (l *datagramListener) enlargeReceiveBuffer(n int) (int, error) {
	return n, l.conn.(*net.UDPConn).SetReadBuffer(n)
}
