package listener

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Config is one address to receive syslog on. Its tags are the keys of the
// configuration file.
type Config struct {
	// Address is in the form that [ParseAddress] reads. It is also the name of
	// the listener: the value of the label listener, and the key by which a new
	// configuration is compared with the present one.
	Address string `yaml:"address"`
	// Allow has the networks that may send here, in the order of the file. If
	// it is empty, every sender may. This package only carries it: the check is
	// the feed's.
	Allow []netip.Prefix `yaml:"allow"`
	// ProxyProtocol has the proxies and load balancers in front of the
	// listener. Each must begin a connection with a header of the PROXY
	// protocol, version 1 or 2; the address in it becomes the sender's.
	ProxyProtocol []netip.Prefix `yaml:"proxy_protocol"`
	// Sockets is how many sockets a udp:// listener has, each read in a
	// goroutine of its own, 1 by default and at most [MaxSockets]. The kernel
	// chooses one by the sender's address, so each sender's datagrams stay in
	// order. It works on Linux only.
	Sockets int `yaml:"sockets"`
	// TLS is for tls:// listeners. In the file it has the settings that differ from
	// the top of the file; see [TLSConfig.WithDefaults].
	TLS TLSConfig `yaml:"tls"`
}

// MaxSockets is the largest value of [Config.Sockets].
const MaxSockets = 64

// sockets returns how many sockets the listener has.
func (c *Config) sockets() int { return max(1, c.Sockets) }

// trustsProxy reports whether a is a proxy of the listener.
func (c *Config) trustsProxy(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range c.ProxyProtocol {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// A TLSConfig has the certificate of a tls:// listener, and its requirements for
// clients. An empty field is not set.
type TLSConfig struct {
	// CertFile has the certificate of the listener and those between it and
	// its root, in PEM form, KeyFile its private key. A relative path is
	// relative to the working directory; the reader of a configuration file
	// makes it relative to that file, with [TLSConfig.Path].
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// ClientCAFile has the certificates of the authorities that sign client
	// certificates.
	ClientCAFile string `yaml:"client_ca_file"`
	// ClientAuth is [ClientAuthRequire] by default if there is a ClientCAFile,
	// else [ClientAuthNone].
	ClientAuth ClientAuth `yaml:"client_auth"`
	// MinVersion is the oldest version of TLS that is accepted, [TLS12] by
	// default.
	MinVersion TLSVersion `yaml:"min_version"`
}

// WithDefaults returns t with the empty fields filled from defaults, and fields
// that are still empty from the defaults of this package. It applies the settings
// at the top of a configuration file to a listener.
func (t TLSConfig) WithDefaults(defaults TLSConfig) TLSConfig {
	t = TLSConfig{
		CertFile:     cmp.Or(t.CertFile, defaults.CertFile),
		KeyFile:      cmp.Or(t.KeyFile, defaults.KeyFile),
		ClientCAFile: cmp.Or(t.ClientCAFile, defaults.ClientCAFile),
		ClientAuth:   cmp.Or(t.ClientAuth, defaults.ClientAuth),
		MinVersion:   cmp.Or(t.MinVersion, defaults.MinVersion, TLS12),
	}
	if t.ClientAuth == "" {
		t.ClientAuth = ClientAuthNone
		if t.ClientCAFile != "" {
			t.ClientAuth = ClientAuthRequire
		}
	}
	return t
}

// A ClientAuth defines whether clients need a certificate.
type ClientAuth string

// What is required of clients. A certificate that a client sends must be valid
// with any of them but [ClientAuthNone], which does not ask for one.
const (
	ClientAuthNone     ClientAuth = "none"
	ClientAuthOptional ClientAuth = "optional"
	ClientAuthRequire  ClientAuth = "require"
)

// ClientAuths returns all values, as a configuration file spells them.
func ClientAuths() []ClientAuth {
	return []ClientAuth{ClientAuthNone, ClientAuthOptional, ClientAuthRequire}
}

// A TLSVersion is a version of TLS.
type TLSVersion string

// The versions that are supported.
const (
	TLS12 TLSVersion = "1.2"
	TLS13 TLSVersion = "1.3"
)

// TLSVersions returns all values, as a configuration file spells them.
func TLSVersions() []TLSVersion { return []TLSVersion{TLS12, TLS13} }

// An Address is where a listener receives.
type Address struct {
	Scheme Scheme
	// Target is HOST:PORT, or for [Unixgram] the path, which begins with @ if
	// it is a name of Linux' abstract name space.
	Target string
}

// A Scheme is the transport of a listen address.
type Scheme string

// The schemes of listen addresses.
const (
	UDP      Scheme = "udp"
	TCP      Scheme = "tcp"
	TLS      Scheme = "tls" // Over TCP (RFC 5425).
	Unixgram Scheme = "unixgram"
)

// Stream reports whether there are connections, rather than datagrams.
func (s Scheme) Stream() bool { return s == TCP || s == TLS }

// network returns the name that package net has for the transport.
func (s Scheme) network() string {
	if s == TLS {
		s = TCP
	}
	return string(s)
}

// maxSocketPath is the longest path of a Unix socket, in bytes. The system
// keeps it with a NUL in 108.
const maxSocketPath = 107

// ParseAddress reads a listen address, which is one of
//
//	udp://HOST:PORT
//	tcp://HOST:PORT
//	tls://HOST:PORT       TLS over TCP (RFC 5425); its port by custom is 6514
//	unixgram:///PATH      a Unix datagram socket
//	unixgram://@NAME      one in Linux' abstract name space
//
// where an empty host means all addresses, IPv4 and IPv6, and port 0 any free
// one. The error begins with the address in quotes and states what to write.
func ParseAddress(address string) (Address, error) {
	const examples = "write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514"
	if !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl) {
		return Address{}, fmt.Errorf("%q has a byte that is not text and cannot be in a label value; %s", address, examples)
	}
	scheme, target, ok := strings.Cut(address, "://")
	if !ok {
		return Address{}, fmt.Errorf("%q lacks a scheme; %s", address, examples)
	}
	a := Address{Scheme(scheme), target}
	switch a.Scheme {
	case UDP, TCP, TLS:
		_, port, err := net.SplitHostPort(target)
		if err != nil {
			return Address{}, fmt.Errorf("%q lacks HOST:PORT; %s", address, examples)
		}
		if _, err := net.LookupPort(a.Scheme.network(), port); err != nil || port == "" {
			return Address{}, fmt.Errorf("%q: port %q is not 0 to 65535; %s", address, port, examples)
		}
	case Unixgram:
		const examples = "write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket"
		switch name, abstract := strings.CutPrefix(target, "@"); {
		case !abstract && !strings.HasPrefix(target, "/"), abstract && name == "", strings.HasSuffix(target, "/"):
			return Address{}, fmt.Errorf("%q lacks the absolute path of a socket; %s", address, examples)
		case len(target) > maxSocketPath:
			return Address{}, fmt.Errorf("%q: the path has %d bytes, and the system allows %d; choose a shorter one", address, len(target), maxSocketPath)
		}
	default:
		return Address{}, fmt.Errorf("%q: scheme %q is unknown; use udp, tcp, tls or unixgram", address, scheme)
	}
	return a, nil
}
