package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"
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

// Listen opens the listener that address describes: udp://HOST:PORT or
// tcp://HOST:PORT, where an empty host means all addresses, IPv4 and IPv6, and
// port 0 any free one; unixgram:///PATH, a Unix datagram socket; or
// unixgram://@NAME, one with an abstract name of Linux. The caller must call
// Serve on it, which closes it.
func (e *Exporter) Listen(ctx context.Context, address string, logger *slog.Logger) (Listener, error) {
	scheme, hostport, err := parseListenAddress(address)
	if err != nil {
		return nil, fmt.Errorf("listen address %w", err)
	}
	logger = logger.With("listener", address)
	switch scheme {
	case "udp":
		return e.listenUDP(ctx, address, hostport, logger)
	case "unixgram":
		return e.listenUnixgram(ctx, address, hostport, logger)
	}
	return e.listenTCP(ctx, address, hostport, logger)
}

// parseListenAddress splits an address for [Exporter.Listen], or says what is
// wrong with it and what to write.
func parseListenAddress(address string) (scheme, hostport string, err error) {
	const examples = "write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514"
	scheme, hostport, ok := strings.Cut(address, "://")
	if !ok {
		return "", "", fmt.Errorf("%q lacks a scheme; %s", address, examples)
	}
	if scheme == "unixgram" {
		if name, abstract := strings.CutPrefix(hostport, "@"); !filepath.IsAbs(hostport) && (!abstract || name == "") {
			return "", "", fmt.Errorf("%q has no absolute path; write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket", address)
		}
		return scheme, hostport, nil
	}
	if scheme != "udp" && scheme != "tcp" {
		return "", "", fmt.Errorf("%q: scheme %q is unknown; use udp, tcp or unixgram", address, scheme)
	}
	_, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return "", "", fmt.Errorf("%q has no HOST:PORT; %s", address, examples)
	}
	if _, err := net.LookupPort(scheme, port); err != nil || port == "" {
		return "", "", fmt.Errorf("%q: port %q is not 0 to 65535; %s", address, port, examples)
	}
	return scheme, hostport, nil
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
