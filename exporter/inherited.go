package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
)

// WebSocketName is the FileDescriptorName= of a socket for the web server.
const WebSocketName = "web"

// Inherited has the sockets that systemd has opened for the process (socket
// activation). Systemd keeps them open when the process ends, so that nobody
// meets a closed port and the kernel keeps what arrives until the next process
// reads it.
//
// Every socket must have a reader, because systemd keeps them open either way:
// what goes to one that nobody reads would be lost without anybody noticing.
// Nil has no sockets.
type Inherited struct {
	sockets []*inheritedSocket
}

type inheritedSocket struct {
	file *os.File
	addr net.Addr // With "udp", "unixgram", "tcp" or "unix" for the network.
	web  bool     // It belongs to the web server.
}

// Inherit takes over the files that systemd has passed, each named by its
// FileDescriptorName=. It returns nil if there is none.
func Inherit(files []*os.File) (*Inherited, error) {
	if len(files) == 0 {
		return nil, nil
	}
	in := &Inherited{}
	var errs []error
	for _, file := range files {
		addr, err := socketAddr(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("systemd passes %s: %w; correct the socket unit", file.Name(), err))
			continue
		}
		in.sockets = append(in.sockets, &inheritedSocket{file: file, addr: addr})
	}
	return in, errors.Join(errs...)
}

// socketAddr returns the address that a socket is bound to, if it is one that
// can be received on.
func socketAddr(file *os.File) (net.Addr, error) {
	const kinds = "only ListenDatagram= and ListenStream= make sockets of use"
	// Both functions below take Unix sockets of either kind; their addresses
	// tell which it is.
	if conn, err := net.FilePacketConn(file); err == nil {
		defer conn.Close()
		if addr := conn.LocalAddr(); addr.Network() == "udp" || addr.Network() == "unixgram" {
			return addr, nil
		}
	}
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("it is no socket that can be received on (%w); %s", err, kinds)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	defer l.Close()
	switch addr := l.Addr(); {
	case addr.Network() != "tcp" && addr.Network() != "unix":
		return nil, fmt.Errorf("it is a socket of the kind %s; %s", addr.Network(), kinds)
	case !isListening(l):
		return nil, errors.New("it is a connection, not a socket that accepts them; set Accept=no")
	default:
		return addr, nil
	}
}

// String names the socket and where it comes from.
func (s *inheritedSocket) String() string {
	return fmt.Sprintf("the socket %s %s (FileDescriptorName=%s)", s.addr.Network(), s.addr, s.file.Name())
}

// Web returns the sockets for the web server: those called web or, if none is
// called so, the stream sockets that are at none of the listen addresses of
// syslog. It is an error if there is none. The caller must close them.
func (in *Inherited) Web(ctx context.Context, addresses []string) ([]net.Listener, error) {
	if in == nil {
		return nil, errors.New("systemd passes no socket, and --web.systemd-socket wants one; start ftd_exporter by its socket unit, or leave the flag out")
	}
	named := func(s *inheritedSocket) bool { return s.file.Name() == WebSocketName }
	if !slices.ContainsFunc(in.sockets, named) {
		sockets := in.assign(ctx, addresses)
		named = func(s *inheritedSocket) bool {
			return s.stream() && !slices.ContainsFunc(addresses, func(a string) bool { return sockets[a] == s })
		}
	}
	var listeners []net.Listener
	var errs []error
	for _, s := range in.sockets {
		if !named(s) {
			continue
		}
		s.web = true
		l, err := net.FileListener(s.file)
		if err == nil && !s.stream() {
			l.Close()
			err = errors.New("it is no stream socket")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s is for the web server: %w; use ListenStream=", s, err))
			continue
		}
		listeners = append(listeners, l)
	}
	if len(listeners) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("systemd passes no stream socket for the web server; add ListenStream= with FileDescriptorName=%s to a socket unit, or leave --web.systemd-socket out", WebSocketName))
	}
	if len(errs) > 0 {
		for _, l := range listeners {
			l.Close()
		}
		return nil, errors.Join(errs...)
	}
	return listeners, nil
}

func (s *inheritedSocket) stream() bool {
	return s.addr.Network() == "tcp" || s.addr.Network() == "unix"
}

// assign returns the sockets for listen addresses, by address. An address that
// names a host goes before one that stands for all.
func (in *Inherited) assign(ctx context.Context, addresses []string) map[string]*inheritedSocket {
	if in == nil {
		return nil
	}
	sockets := map[string]*inheritedSocket{}
	taken := map[*inheritedSocket]bool{}
	for _, all := range []bool{false, true} {
		for _, address := range addresses {
			if sockets[address] != nil {
				continue
			}
			for _, s := range in.sockets {
				if !s.web && !taken[s] && s.isAt(ctx, address, all) {
					sockets[address], taken[s] = s, true
					break
				}
			}
		}
	}
	return sockets
}

// isAt reports whether a listen address is that of the socket. If all is true
// the address must stand for all addresses of the machine, else it must not.
func (s *inheritedSocket) isAt(ctx context.Context, address string, all bool) bool {
	scheme, target, err := parseListenAddress(address)
	if err != nil || networkOf(scheme) != s.addr.Network() {
		return false
	}
	if scheme == schemeUnixgram {
		return !all && target == s.addr.String()
	}
	host, service, err := net.SplitHostPort(target)
	if err != nil || (host == "") != all {
		return false
	}
	bound := netip.MustParseAddrPort(s.addr.String())
	port, err := net.DefaultResolver.LookupPort(ctx, s.addr.Network(), service)
	if err != nil || port != int(bound.Port()) {
		return false
	}
	if all {
		return bound.Addr().IsUnspecified()
	}
	hosts, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	return err == nil && slices.ContainsFunc(hosts, func(a netip.Addr) bool { return a.Unmap() == bound.Addr().Unmap() })
}

// check returns an error for each socket that nobody reads.
func (in *Inherited) check(sockets map[string]*inheritedSocket) error {
	if in == nil {
		return nil
	}
	used := map[*inheritedSocket]bool{}
	for _, s := range sockets {
		used[s] = true
	}
	var errs []error
	for _, s := range in.sockets {
		if !used[s] && !s.web {
			errs = append(errs, fmt.Errorf("systemd passes %s, and nobody reads it: what is sent there would be lost; %s, or remove it from the socket unit", s, s.remedy()))
		}
	}
	return errors.Join(errs...)
}

// remedy says how somebody would read the socket.
func (s *inheritedSocket) remedy() string {
	address := s.addr.String()
	if bound, err := netip.ParseAddrPort(address); err == nil && bound.Addr().IsUnspecified() {
		address = fmt.Sprintf(":%d", bound.Port())
	}
	const web = "--web.systemd-socket if it is for the web server"
	switch s.addr.Network() {
	case "tcp":
		return fmt.Sprintf("receive on tcp://%s or tls://%[1]s, set %s", address, web)
	case "unix":
		return "set " + web
	}
	return fmt.Sprintf("receive on %s://%s", s.addr.Network(), address)
}

// listenOn returns a listener for an inherited socket.
func (e *Exporter) listenOn(s *inheritedSocket, name string, c *Config, logger *slog.Logger) (Listener, error) {
	logger = logger.With("listener", name)
	if s.stream() {
		l, err := net.FileListener(s.file)
		if err != nil {
			return nil, wrapListenError(name, err)
		}
		return e.newTCP(name, l, c, logger)
	}
	conn, err := net.FilePacketConn(s.file)
	if err != nil {
		return nil, wrapListenError(name, err)
	}
	switch conn := conn.(type) {
	case *net.UDPConn:
		return e.newUDP(name, conn, logger), nil
	case *net.UnixConn:
		return e.newUnixgram(name, conn, logger), nil
	}
	conn.Close()
	return nil, fmt.Errorf("listen on %s: systemd passes %s, which is of another kind", name, s)
}
