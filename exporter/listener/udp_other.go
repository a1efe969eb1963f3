//go:build !linux

package listener

import (
	"context"
	"net"
)

// serve implements receiver.
func (r *datagramReceiver) serve(ctx context.Context) error { return r.receiveOneByOne(ctx) }

// leaving is not supported.
func leaving(*socket) []func(rawConn) error { return nil }

// enlargeReceiveBuffer assumes that it gets what it asks for.
func (r *datagramReceiver) enlargeReceiveBuffer(n int) (int, error) {
	return n, r.conn.(*net.UDPConn).SetReadBuffer(n)
}
