package listener

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// A socket is what a listener receives on. It is open, but nothing reads from it
// yet.
type socket struct {
	config  Config
	address Address
	// The one of these two that the scheme has; of packets usually one.
	packets []datagramConn
	stream  net.Listener
	bound   net.Addr
	// keypair is that of a tls:// listener, else nil.
	keypair   *keypair
	inherited bool   // Systemd has opened it, and keeps it open.
	unlink    func() // Removes the socket's file; nil if there is none, or if it is not ours.
	// beside is the listener whose port it has, too, until that is closed; nil
	// if there is none.
	beside *socket
}

// openSocket opens the socket of a listener, or takes it over if inherited is
// not nil. If beside is not nil, the listener of that socket has the port and is
// about to be closed.
func openSocket(ctx context.Context, c Config, inherited *activatedSocket, beside *socket) (*socket, error) {
	address, err := ParseAddress(c.Address)
	if err != nil {
		return nil, fmt.Errorf("listen address %w", err)
	}
	s := &socket{config: c, address: address, inherited: inherited != nil, beside: beside}
	if address.Scheme == TLS {
		if s.keypair, err = c.TLS.load(); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", c.Address, err)
		}
	}
	switch {
	case inherited != nil:
		err = s.inherit(inherited)
	case address.Scheme == Unixgram:
		err = s.openUnixgram(ctx)
	case address.Scheme == UDP:
		err = wrapped(c.Address, s.openUDP(ctx))
		for _, conn := range s.packets {
			// What comes before there is a receiver has to wait. The receiver
			// reports what it gets.
			_, _ = (&datagramReceiver{conn: conn}).enlargeReceiveBuffer(receiveBuffer)
		}
	default:
		config := s.listenConfig()
		if s.stream, err = config.Listen(ctx, "tcp", address.Target); err == nil {
			allowSharing(s.stream)
		}
		err = wrapped(c.Address, err)
	}
	if err != nil {
		return nil, err
	}
	if s.stream != nil {
		s.bound = s.stream.Addr()
	} else {
		s.bound = s.packets[0].LocalAddr()
	}
	return s, nil
}

// listenConfig returns how to open a socket that may have to share its port.
func (s *socket) listenConfig() (c net.ListenConfig) {
	if s.beside != nil {
		c.Control = func(_, _ string, conn syscall.RawConn) error { return sharePort(conn) }
	}
	return c
}

// openUDP opens the UDP sockets of a listener.
func (s *socket) openUDP(ctx context.Context) error {
	config, target := s.listenConfig(), s.address.Target
	n := s.config.sockets()
	if n == 1 || s.beside == nil {
		conn, err := config.ListenPacket(ctx, "udp", target)
		if err != nil {
			return err
		}
		if n == 1 {
			s.packets = []datagramConn{conn.(*net.UDPConn)}
			allowSharing(s.packets[0])
			return nil
		}
		// Sockets that share a port do not notice those of another process that
		// do, too. This one would have.
		target = conn.LocalAddr().String()
		conn.Close()
	}
	for i := range n {
		config.Control = func(_, _ string, conn syscall.RawConn) error {
			if err := sharePort(conn); err != nil || i > 0 {
				return err
			}
			return spreadBySender(conn, n)
		}
		conn, err := config.ListenPacket(ctx, "udp", target)
		if err != nil {
			for _, conn := range s.packets {
				conn.Close()
			}
			return fmt.Errorf("sockets: %d: %w", n, err)
		}
		s.packets = append(s.packets, conn.(*net.UDPConn))
	}
	return nil
}

// overlaps reports whether other cannot be open beside s as a rule, because they
// have a port in common. The address of other has been resolved.
func (s *socket) overlaps(network string, other netip.AddrPort) bool {
	bound, err := netip.ParseAddrPort(s.bound.String())
	if err != nil || s.address.Scheme.network() != network || bound.Port() != other.Port() {
		return false
	}
	a, b := bound.Addr(), other.Addr()
	return a.IsUnspecified() || b.IsUnspecified() || a.Unmap() == b.Unmap()
}

// resolve returns where a listener of HOST:PORT would be bound, as package net
// does.
func (a Address) resolve() (netip.AddrPort, error) {
	resolved, err := net.ResolveUDPAddr("udp", a.Target)
	if a.Scheme.Stream() {
		var tcp *net.TCPAddr
		if tcp, err = net.ResolveTCPAddr("tcp", a.Target); err == nil {
			resolved = (*net.UDPAddr)(tcp)
		}
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	if resolved.IP == nil {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(resolved.Port)), nil
	}
	return resolved.AddrPort(), nil
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
	if s.config.sockets() > 1 {
		return inheritedSocketsError(&s.config)
	}
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
		s.packets = []datagramConn{conn}
	case *net.UnixConn:
		s.packets = []datagramConn{conn}
	default:
		conn.Close()
		return fmt.Errorf("listen on %s: systemd passes %s, which is of another kind", s.config.Address, from)
	}
	return nil
}

// inheritedSocketsError is about a listener that receives on a socket of systemd.
func inheritedSocketsError(c *Config) error {
	return fmt.Errorf("listen on %s: sockets is %d, but systemd has opened the socket, of which there is one; leave sockets out, or remove the socket from the socket unit", c.Address, c.Sockets)
}

// close closes the socket without reading from it.
func (s *socket) close() {
	if s.stream != nil {
		s.stream.Close()
		return
	}
	for _, conn := range s.packets {
		conn.Close()
	}
	if s.unlink != nil {
		s.unlink()
	}
}
