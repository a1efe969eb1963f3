// Package listener receives syslog on sockets and hands the frames to a [Feed],
// each in the goroutine that read it. It supports these transports: UDP, TCP, TLS, the
// PROXY protocol, Unix sockets, and sockets that systemd has opened. It does not
// know what a frame means, and imports neither the catalog nor the table:
//
//	socket ──► Set ──► Feed (package ingest)
//
// There is no queue between a socket and its feed. The kernel's receive buffer is
// the queue; what it drops is counted.
//
// A [Set] has the open listeners. Package exporter changes it in two steps:
// [Set.Prepare] opens the sockets that a new configuration adds and checks its
// certificates, which can fail; [Change.Commit] makes the rest of the change,
// which cannot. In between package exporter applies the configuration elsewhere.
//
// The package may import syslog, which cuts streams into frames, and of others
// client_golang, go-proxyproto, x/sys and x/time.
package listener

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// drainTime is how long a listener that is stopped still reads what the kernel
// has already received.
const drainTime = 100 * time.Millisecond

// A Feed takes the frames of one socket or connection, in their order. It belongs
// to one goroutine. Frames that have arrived together are a batch: one Begin, a
// Frame for each, one End.
type Feed interface {
	// Begin means that frames have arrived, at this time.
	Begin(now time.Time)
	// Frame handles one frame. B is valid during the call only. Size is how
	// many bytes arrived, more than b has if it was cut. From is the sender's
	// address; it is invalid if the sender does not have one. Bad is what the
	// listener has already found to be wrong with the frame, usually [syslog.OK].
	// Frame returns why the frame was rejected, or [syslog.OK].
	Frame(b []byte, size int, from netip.Addr, bad syslog.Reason) syslog.Reason
	// End means that nothing more has arrived. The listener may now wait for
	// long and give back the memory of the frames, so after End the feed keeps
	// no reference to it.
	End()
}

// Options are what a [Set] needs from the outside.
type Options struct {
	// NewFeed returns the feed for a socket or, if stream is true, for one
	// connection. Listener is [Config.Address], clientName the name in the
	// client's TLS certificate, or empty. Any number of goroutines may call it
	// at a time.
	NewFeed func(listener, clientName string, stream bool) Feed
	// Activation has the sockets that systemd has opened, or is nil.
	Activation *Activation
	Logger     *slog.Logger
	// Metrics is where the metrics of the listeners are registered.
	Metrics prometheus.Registerer
	// Now is the clock of receipt, [time.Now] if nil.
	Now func() time.Time
}

// Limits are what clients cannot exceed.
type Limits struct {
	TCPConnections int // Of each listener.
}

// Stats is what is known about an open listener.
type Stats struct {
	Name    string // [Config.Address].
	Address string // Where the socket is bound.
	Stream  bool   // It has connections, and the next two fields.
	// Connections are open, Evicted were closed since the listener was opened
	// because there were too many.
	Connections int
	Evicted     uint64
	// LastFrame is when the listener has last received something; zero if it
	// has not yet.
	LastFrame time.Time
	// Dropped is how many datagrams the kernel has dropped because the receive
	// buffer was full, in all sockets that the listener has had; ReceiveBuffer
	// is the size of the smallest buffer in bytes. Both are known only if
	// DropsKnown.
	DropsKnown    bool
	Dropped       uint64
	ReceiveBuffer int
}

// wrapListenError adds the remedy to common errors.
func wrapListenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s: %w; another syslog server uses the port: stop it or choose another port", address, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s: %w; ports below 1024 need CAP_NET_BIND_SERVICE: grant it or use a port such as 5514", address, err)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}
