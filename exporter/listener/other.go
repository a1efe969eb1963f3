//go:build !linux

package listener

import (
	"context"
	"errors"
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

// socketMemory is known on Linux only.
func socketMemory(rawConn) (buffer, drops uint32, ok bool) { return 0, 0, false }

func socketCookie(rawConn) uint64 { return 0 }

// sharePort works on Linux only.
func sharePort(rawConn) error {
	return errors.New("on this system, two sockets cannot share a port; restart the exporter to change the form of an address, and leave sockets out")
}

func allowSharing(any) {}

func spreadBySender(rawConn, int) error { return nil } // sharePort has failed.

// isListening is true: without systemd, nothing else is passed.
func isListening(net.Listener) bool { return true }
