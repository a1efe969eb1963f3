package identity

// normalize returns host as the configuration wants it: without a dot at its
// end, which says that the name is complete (RFC 1034 section 3.1), without
// domain, in lower case. The result aliases host, or is in the space behind dst.
func (id *Identifier) normalize(dst, host []byte) []byte {
	if n := len(host) - 1; n > 0 && host[n] == '.' {
		host = host[:n]
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

func (id *Identifier) normalizeString(host string) string {
	return string(id.normalize(nil, []byte(host)))
}

// strip removes the domain that the configuration wants to be removed. An
// address does not have one.
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
