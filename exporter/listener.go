package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// drainTime is how long a listener that is told to stop still reads what the
// kernel has already received.
const drainTime = 100 * time.Millisecond

// A Listener receives syslog on one address.
type Listener interface {
	// Name is the address as it was configured, such as "udp://:5514". It is
	// the value of the label listener.
	Name() string
	// Addr is the address that the socket is bound to.
	Addr() net.Addr
	// Serve receives until ctx is done, then reads what has already arrived,
	// closes all sockets, and returns nil. It returns an error only if the
	// socket is lost.
	Serve(ctx context.Context) error
}

// Listen opens the listener that address describes, configured by what
// [Exporter.Configure] was last called with. The caller must call Serve on it,
// which closes it. An address is one of
//
//	udp://HOST:PORT
//	tcp://HOST:PORT
//	tls://HOST:PORT       TLS over TCP (RFC 5425); its port by custom is 6514
//	unixgram:///PATH      a Unix datagram socket
//	unixgram://@NAME      one in Linux' abstract name space
//
// where an empty host means all addresses, IPv4 and IPv6, and port 0 any free
// one.
func (e *Exporter) Listen(ctx context.Context, address string, logger *slog.Logger) (Listener, error) {
	return e.listen(ctx, address, e.policy.Load().config, logger)
}

// listen is Listen with a configuration that is not in force yet.
func (e *Exporter) listen(ctx context.Context, address string, c *Config, logger *slog.Logger) (Listener, error) {
	scheme, target, err := parseListenAddress(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %w", err)
	}
	logger = logger.With("listener", address)
	switch scheme {
	case schemeUDP:
		return e.listenUDP(ctx, address, target, logger)
	case schemeUnixgram:
		return e.listenUnixgram(ctx, address, target, logger)
	}
	return e.listenTCP(ctx, address, target, c, logger)
}

// The schemes of listen addresses.
const (
	schemeUDP      = "udp"
	schemeTCP      = "tcp"
	schemeTLS      = "tls"
	schemeUnixgram = "unixgram"
)

// maxSocketPath is the longest path of a Unix socket, in bytes. The system
// keeps it with a NUL in 108.
const maxSocketPath = 107

// parseListenAddress splits an address for [Exporter.Listen], or says what is
// wrong with it and what to write. The target is HOST:PORT, or for unixgram the
// path, which begins with @ if it is abstract.
func parseListenAddress(address string) (scheme, target string, err error) {
	const examples = "write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514"
	if !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl) {
		return "", "", fmt.Errorf("%q has a byte that is no text, and no label can have it; %s", address, examples)
	}
	scheme, target, ok := strings.Cut(address, "://")
	if !ok {
		return "", "", fmt.Errorf("%q lacks a scheme; %s", address, examples)
	}
	switch scheme {
	case schemeUDP, schemeTCP, schemeTLS:
		_, port, err := net.SplitHostPort(target)
		if err != nil {
			return "", "", fmt.Errorf("%q has no HOST:PORT; %s", address, examples)
		}
		if _, err := net.LookupPort(networkOf(scheme), port); err != nil || port == "" {
			return "", "", fmt.Errorf("%q: port %q is not 0 to 65535; %s", address, port, examples)
		}
	case schemeUnixgram:
		const examples = "write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket"
		switch name, abstract := strings.CutPrefix(target, "@"); {
		case !abstract && !strings.HasPrefix(target, "/"), abstract && name == "", strings.HasSuffix(target, "/"):
			return "", "", fmt.Errorf("%q has no absolute path of a socket; %s", address, examples)
		case len(target) > maxSocketPath:
			return "", "", fmt.Errorf("%q: the path has %d bytes, and the system allows %d; choose a shorter one", address, len(target), maxSocketPath)
		}
	default:
		return "", "", fmt.Errorf("%q: scheme %q is unknown; use udp, tcp, tls or unixgram", address, scheme)
	}
	return scheme, target, nil
}

// networkOf returns the network, as package net calls it, below a scheme.
func networkOf(scheme string) string {
	if scheme == schemeTLS {
		return schemeTCP
	}
	return scheme
}

// wrapListenError adds the remedy to the errors that everybody meets.
func wrapListenError(address string, err error) error {
	switch {
	case errors.Is(err, errAddressInUse):
		return fmt.Errorf("listen on %s: %w; another syslog server uses the port: stop it or choose another port", address, err)
	case errors.Is(err, errPermission):
		return fmt.Errorf("listen on %s: %w; ports below 1024 need CAP_NET_BIND_SERVICE: grant it or use a port such as 5514", address, err)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}
