package listener

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
)

// WebSocketName is the FileDescriptorName= of a socket for the web server.
const WebSocketName = "web"

// An Activation has the sockets that systemd has opened for the process (socket
// activation). Systemd keeps them open when the process ends, so that no sender
// meets a closed port and the kernel keeps what arrives until the next process
// reads it.
//
// Every socket must have a listener, because systemd keeps it open either way:
// without one, its data would be lost unnoticed. Nil does not have sockets.
type Activation struct {
	sockets []*activatedSocket
}

type activatedSocket struct {
	file *os.File
	addr net.Addr // With "udp", "unixgram", "tcp" or "unix" for the network.
	web  bool     // It belongs to the web server.
}

// NewActivation takes over the files that systemd has passed, each named by its
// FileDescriptorName=. It returns nil if there are none.
func NewActivation(files []*os.File) (*Activation, error) {
	if len(files) == 0 {
		return nil, nil
	}
	a := &Activation{}
	var errs []error
	for _, file := range files {
		addr, err := socketAddr(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("systemd passes %s: %w; correct the socket unit", file.Name(), err))
			continue
		}
		a.sockets = append(a.sockets, &activatedSocket{file: file, addr: addr})
	}
	return a, errors.Join(errs...)
}

// socketAddr returns the address that a socket is bound to, if it is of a kind
// that can be received on.
func socketAddr(file *os.File) (net.Addr, error) {
	const kinds = "only ListenDatagram= and ListenStream= make usable sockets"
	// Both functions below take Unix sockets of either kind; the network of
	// their addresses is what distinguishes them.
	if conn, err := net.FilePacketConn(file); err == nil {
		defer conn.Close()
		if addr := conn.LocalAddr(); addr.Network() == "udp" || addr.Network() == "unixgram" {
			return addr, nil
		}
	}
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("it is not a socket that can be received on (%w); %s", err, kinds)
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
func (s *activatedSocket) String() string {
	return fmt.Sprintf("the socket %s %s (FileDescriptorName=%s)", s.addr.Network(), s.addr, s.file.Name())
}

// Web returns the sockets for the web server: those called web or, if none is
// called so, the stream sockets that are at none of the listen addresses of
// syslog. It is an error if there are none. The caller must close them, and must
// call Web before [Set.Prepare].
func (a *Activation) Web(ctx context.Context, addresses []string) ([]net.Listener, error) {
	if a == nil {
		return nil, errors.New("--web.systemd-socket is set, but systemd passes no socket; start ftd_exporter by its socket unit, or leave the flag out")
	}
	isWeb := func(s *activatedSocket) bool { return s.file.Name() == WebSocketName }
	if !slices.ContainsFunc(a.sockets, isWeb) {
		sockets := a.match(ctx, addresses)
		isWeb = func(s *activatedSocket) bool {
			return s.stream() && !slices.ContainsFunc(addresses, func(address string) bool { return sockets[address] == s })
		}
	}
	var listeners []net.Listener
	var errs []error
	for _, s := range a.sockets {
		if !isWeb(s) {
			continue
		}
		s.web = true
		l, err := net.FileListener(s.file)
		if err == nil && !s.stream() {
			l.Close()
			err = errors.New("it is not a stream socket")
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

func (s *activatedSocket) stream() bool {
	return s.addr.Network() == "tcp" || s.addr.Network() == "unix"
}

// match returns the sockets for listen addresses, by address. An address with a
// host goes before one that stands for all addresses of the machine.
func (a *Activation) match(ctx context.Context, addresses []string) map[string]*activatedSocket {
	if a == nil {
		return nil
	}
	sockets := map[string]*activatedSocket{}
	taken := map[*activatedSocket]bool{}
	for _, all := range []bool{false, true} {
		for _, address := range addresses {
			if sockets[address] != nil {
				continue
			}
			for _, s := range a.sockets {
				if !s.web && !taken[s] && s.matches(ctx, address, all) {
					sockets[address], taken[s] = s, true
					break
				}
			}
		}
	}
	return sockets
}

// matches reports whether the socket is bound to a listen address. If all is true
// the address must stand for all addresses of the machine, else it must not.
func (s *activatedSocket) matches(ctx context.Context, address string, all bool) bool {
	a, err := ParseAddress(address)
	if err != nil || a.Scheme.network() != s.addr.Network() {
		return false
	}
	if a.Scheme == Unixgram {
		return !all && a.Target == s.addr.String()
	}
	host, service, err := net.SplitHostPort(a.Target)
	if err != nil || (host == "") != all {
		return false
	}
	bound, err := netip.ParseAddrPort(s.addr.String())
	if err != nil {
		return false
	}
	port, err := net.DefaultResolver.LookupPort(ctx, s.addr.Network(), service)
	if err != nil || port != int(bound.Port()) {
		return false
	}
	if all {
		return bound.Addr().IsUnspecified()
	}
	hosts, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	return err == nil && slices.ContainsFunc(hosts, func(h netip.Addr) bool { return h.Unmap() == bound.Addr().Unmap() })
}

// checkUsed returns an error for each socket that is neither in matched nor the
// web server's.
func (a *Activation) checkUsed(matched map[string]*activatedSocket) error {
	if a == nil {
		return nil
	}
	used := map[*activatedSocket]bool{}
	for _, s := range matched {
		used[s] = true
	}
	var errs []error
	for _, s := range a.sockets {
		if !used[s] && !s.web {
			errs = append(errs, fmt.Errorf("systemd passes %s, which does not have a listener, so that its data would be lost; %s, or remove it from the socket unit", s, s.remedy()))
		}
	}
	return errors.Join(errs...)
}

// remedy states how to give the socket a listener.
func (s *activatedSocket) remedy() string {
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
