package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

// reconnectPause is the minimum time between two attempts to connect.
const reconnectPause = time.Second

// A Target is the destination of a Sender.
type Target struct {
	Network string // udp or tcp.
	Address string // HOST:PORT.
}

// ParseTarget reads udp://HOST:PORT or tcp://HOST:PORT.
func ParseTarget(s string) (Target, error) {
	network, address, ok := strings.Cut(s, "://")
	if !ok || network != "udp" && network != "tcp" {
		return Target{}, errors.New("write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514")
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || port == "") {
		err = errors.New("host or port is missing")
	}
	if err != nil {
		return Target{}, fmt.Errorf("%w; write %s://127.0.0.1:5514", err, network)
	}
	return Target{network, address}, nil
}

// Host returns the host of the address.
func (t Target) Host() string {
	host, _, _ := net.SplitHostPort(t.Address)
	return host
}

// IsLocal reports whether t is certainly this machine: localhost or a loopback
// address.
func (t Target) IsLocal() bool {
	ip, err := netip.ParseAddr(t.Host())
	return t.Host() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// A Dialer connects a Sender to its target, as [net.Dialer.DialContext] does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// A Sender sends messages to a target: as one datagram each, or over TCP as one
// line each. After a failure it connects again, at most once a second. It
// belongs to one goroutine, except for [Sender.Errors].
type Sender struct {
	target     Target
	dial       Dialer
	firstError func(error)

	errors    atomic.Int64
	lastError error

	conn    net.Conn
	unwatch func() bool // Keeps the end of the context from closing conn.
	dialed  time.Time   // When the last attempt to connect began.
}

// NewSender returns a sender that connects with dial. It calls firstError, if it
// is not nil, with the first error only.
func NewSender(target Target, dial Dialer, firstError func(error)) *Sender {
	return &Sender{target: target, dial: dial, firstError: firstError}
}

// Errors returns how often connecting or sending has failed. Any goroutine may
// call it.
func (s *Sender) Errors() int64 { return s.errors.Load() }

// LastError returns the error of the last failure to connect or send, or nil.
func (s *Sender) LastError() error { return s.lastError }

// Send sends a message, given without a newline. It reconnects until it succeeds,
// and returns an error only if ctx is done.
func (s *Sender) Send(ctx context.Context, message string) error {
	if s.target.Network == "tcp" {
		message += "\n"
	}
	for {
		err := s.try(ctx, message)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.Close()
		if s.errors.Add(1) == 1 && s.firstError != nil {
			s.firstError(err)
		}
		s.lastError = err
	}
}

func (s *Sender) try(ctx context.Context, message string) error {
	if s.conn == nil {
		if err := sleepUntil(ctx, s.dialed.Add(reconnectPause)); err != nil {
			return err
		}
		s.dialed = time.Now()
		conn, err := s.dial(ctx, s.target.Network, s.target.Address)
		if err != nil {
			return err
		}
		// Close conn with ctx, because a receiver that does not read would block
		// Send.
		s.conn, s.unwatch = conn, context.AfterFunc(ctx, func() { conn.Close() })
	}
	_, err := io.WriteString(s.conn, message)
	return err
}

// Close closes the connection. The next Send opens another.
func (s *Sender) Close() {
	if s.conn != nil {
		s.unwatch()
		s.conn.Close()
		s.conn = nil
	}
}

// sleepUntil returns early, with an error, when ctx is done.
func sleepUntil(ctx context.Context, t time.Time) error {
	wait := time.Until(t)
	if wait <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}
