package listener

import (
	"context"
	"fmt"
	"net"
)

// A socket is what a listener receives on. It is open, but nothing reads from it
// yet.
type socket struct {
	config  Config
	address Address
	// The one of these two that the scheme has.
	packets datagramConn
	stream  net.Listener
	bound   net.Addr
	// keypair is that of a tls:// listener, else nil.
	keypair   *keypair
	inherited bool   // Systemd has opened it, and keeps it open.
	unlink    func() // Removes the socket's file; nil if there is none, or if it is not ours.
}

// openSocket opens the socket of a listener, or takes it over if inherited is
// not nil.
func openSocket(ctx context.Context, c Config, inherited *activatedSocket) (*socket, error) {
	address, err := ParseAddress(c.Address)
	if err != nil {
		return nil, fmt.Errorf("listen address %w", err)
	}
	s := &socket{config: c, address: address, inherited: inherited != nil}
	if address.Scheme == TLS {
		if s.keypair, err = c.TLS.load(); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", c.Address, err)
		}
	}
	var config net.ListenConfig
	switch {
	case inherited != nil:
		err = s.inherit(inherited)
	case address.Scheme == Unixgram:
		err = s.openUnixgram(ctx)
	case address.Scheme == UDP:
		var conn net.PacketConn
		if conn, err = config.ListenPacket(ctx, "udp", address.Target); err == nil {
			s.packets = conn.(*net.UDPConn)
			// What comes before there is a receiver has to wait. The receiver
			// reports what it gets.
			_, _ = (&datagramReceiver{conn: s.packets}).enlargeReceiveBuffer(receiveBuffer)
		}
		err = wrapped(c.Address, err)
	default:
		s.stream, err = config.Listen(ctx, "tcp", address.Target)
		err = wrapped(c.Address, err)
	}
	if err != nil {
		return nil, err
	}
	if s.stream != nil {
		s.bound = s.stream.Addr()
	} else {
		s.bound = s.packets.LocalAddr()
	}
	return s, nil
}

// wrapped is [wrapListenError] for what may be no error.
func wrapped(address string, err error) error {
	if err == nil {
		return nil
	}
	return wrapListenError(address, err)
}

// inherit takes over a copy of a socket of systemd. Closing it leaves the
// original open, with what is in its buffer.
func (s *socket) inherit(from *activatedSocket) error {
	if from.stream() {
		var err error
		s.stream, err = net.FileListener(from.file)
		return wrapped(s.config.Address, err)
	}
	conn, err := net.FilePacketConn(from.file)
	if err != nil {
		return wrapListenError(s.config.Address, err)
	}
	switch conn := conn.(type) {
	case *net.UDPConn:
		s.packets = conn
	case *net.UnixConn:
		s.packets = conn
	default:
		conn.Close()
		return fmt.Errorf("listen on %s: systemd passes %s, which is of another kind", s.config.Address, from)
	}
	return nil
}

// close closes the socket without reading from it.
func (s *socket) close() {
	if s.stream != nil {
		s.stream.Close()
		return
	}
	s.packets.Close()
	if s.unlink != nil {
		s.unlink()
	}
}
