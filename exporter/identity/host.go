package identity

import (
	"bytes"
	"net/netip"
)

// normalize returns host in the form in which it is looked up. An address is as
// netip prints it, without brackets, port and zone, and IPv4 if it can be. A name is
// as the configuration wants it: without a port, without a dot at its end, which
// means that the name is complete (RFC 1034 section 3.1), without domain, in lower
// case. The result aliases host, or is in the space behind dst.
func (id *Identifier) normalize(dst, host []byte) []byte {
	host = trimPort(host)
	if n := len(host) - 1; n > 0 && host[n] == '.' {
		host = host[:n]
	}
	if a, ok := parseAddr(host); ok {
		return appendAddr(dst, a)[len(dst):]
	}
	host = id.strip(host)
	if !id.lowerCase {
		return host
	}
	for i, c := range host {
		if 'A' <= c && c <= 'Z' {
			dst = append(dst, host...)
			host = dst[len(dst)-len(host):]
			for ; i < len(host); i++ {
				host[i] = lower(host[i])
			}
			break
		}
	}
	return host
}

// trimPort removes the brackets around an address, and the port of an address or of
// a name.
func trimPort(host []byte) []byte {
	if len(host) > 0 && host[0] == '[' {
		if end := bytes.IndexByte(host, ']'); end > 0 && isPort(host[end+1:]) {
			return host[1:end]
		}
		return host
	}
	if at := bytes.IndexByte(host, ':'); at > 0 && at < len(host)-1 && isPort(host[at:]) {
		return host[:at]
	}
	return host
}

// isPort reports whether b is empty, or a colon and a number.
func isPort(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	for _, c := range b[1:] {
		if c < '0' || '9' < c {
			return false
		}
	}
	return b[0] == ':' && len(b) > 1 && len(b) <= len(":65535")
}

// parseAddr returns the address that host is, in any notation, in the form in which
// it is looked up. It allocates for an IPv6 address only.
func parseAddr(host []byte) (netip.Addr, bool) {
	if bytes.IndexByte(host, ':') < 0 {
		return parseIPv4(host)
	}
	a, err := netip.ParseAddr(string(host))
	if err != nil {
		return netip.Addr{}, false
	}
	return plainAddr(a), true
}

// parseIPv4 is [netip.ParseAddr] for an IPv4 address, whose numbers may begin with
// zeros.
func parseIPv4(b []byte) (netip.Addr, bool) {
	var a [4]byte
	part, digits, n := 0, 0, 0
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			digits++
			if n = n*10 + int(c-'0'); n > 255 {
				return netip.Addr{}, false
			}
		case c == '.' && digits > 0 && part < len(a)-1:
			a[part] = byte(n)
			part++
			digits, n = 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if part < len(a)-1 || digits == 0 {
		return netip.Addr{}, false
	}
	a[part] = byte(n)
	return netip.AddrFrom4(a), true
}

func (id *Identifier) normalizeString(host string) string {
	return string(id.normalize(nil, []byte(host)))
}

// strip removes the domain that the configuration wants to be removed from a name.
func (id *Identifier) strip(host []byte) []byte {
	for _, domain := range id.stripDomains {
		if n := len(host) - len(domain); n > 0 && equalFold(host[n:], domain) {
			return host[:n]
		}
	}
	if !id.stripDomain {
		return host
	}
	dot, numeric := 0, true
	for i, c := range host {
		switch {
		case c == ':':
			return host
		case c == '.':
			if dot == 0 {
				dot = i
			}
		case c < '0' || '9' < c:
			numeric = false
		}
	}
	if numeric || dot == 0 {
		return host
	}
	return host[:dot]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// equalFold compares a host to a string in lower case of the same length.
func equalFold(host []byte, s string) bool {
	for i, c := range host {
		if lower(c) != s[i] {
			return false
		}
	}
	return true
}
