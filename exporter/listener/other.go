//go:build !linux

package listener

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
)

// serve implements receiver.
func (r *datagramReceiver) serve(ctx context.Context) error { return r.receiveOneByOne(ctx) }

// leaving returns the steps by which a socket that is about to be closed receives
// no more. Windows may discard what has arrived when a socket is connected, and
// the systems that are left do when a Unix socket is shut down; there the socket is
// read until it is closed.
func leaving(o *socket) []func(rawConn) error {
	if o.address.Scheme == Unixgram || runtime.GOOS == "windows" {
		return nil
	}
	return []func(rawConn) error{leavePort}
}

// enlargeReceiveBuffer assumes that it gets what it asks for.
func (r *datagramReceiver) enlargeReceiveBuffer(n int) (int, error) {
	return n, r.conn.(*net.UDPConn).SetReadBuffer(n)
}

// socketMemory is known on Linux only.
func socketMemory(rawConn) (buffer, drops uint32, ok bool) { return 0, 0, false }

func socketCookie(rawConn) uint64 { return 0 }

// sharePort works on Linux only.
func sharePort(rawConn) error {
	return fmt.Errorf("on this system, two sockets cannot share a port; leave sockets out: %w", errors.ErrUnsupported)
}

func allowSharing(any) {}

func spreadBySender(rawConn, int) error { return nil } // sharePort has failed.

// isListening is true: without systemd, nothing else is passed.
func isListening(net.Listener) bool { return true }
