package syslog

import "bytes"

// Headers that say in words what they have: Kiwi's Original Address=192.0.2.11, and
// lines within an object of JSON, pairs of keys and values or a record of CSV.

const (
	// hostKeys are the keys whose value is the sender's name or address.
	hostKeys = " host hostname host_name host-name host.name fromhost fromhost-ip from-host originaladdress original_address original-address " +
		"orig_host orig_addr syslog_hostname _hostname "
	// addressKeys are those whose value is the sender if it is an address.
	addressKeys = " ip addr address host_ip hostip host.ip source source_ip sourceip src src_ip source_address source-address sender sender_ip " +
		"peer peer_ip client client_ip remote remote_addr remote_ip from device device_ip observer.ip log.source.address "
)

// cutStatement reads a key and its value at b[i], which begins a word. It returns
// the host that the value names, or nil, and the position after the value; or i if
// there is neither. Opens means that the value is an open quote, which holds the line
// of the device: then the position is that after the quote.
func cutStatement(b []byte, i int, separator byte) (host []byte, end int, opens bool) {
	start := i
	for i < len(b) && bytes.IndexByte([]byte("{[,}"), b[i]) >= 0 && opensQuote(b, i+1) {
		i = skipSpace(b, i+1)
	}
	i = skipBackslashes(b, i)
	if b[i] == '"' || b[i] == '\'' {
		return cutQuoted(b, i)
	}
	if host, end = cutPhrase(b, i); end > i {
		return host, end, false
	}
	key := i
	for i < len(b) && (isLetter(b[i]) || isDigit(b[i]) || b[i] == '_' || b[i] == '-' || b[i] == '.') {
		i++
	}
	if i == key || i == len(b) || b[i] != '=' {
		return nil, start, false
	}
	value := i + 1
	if opensQuote(b, value) {
		return cutValue(b, value, b[key:i])
	}
	end = value
	for end < len(b) && !isSpace(b[end]) && b[end] != separator {
		end++
	}
	return statedHost(b[key:i], b[value:end]), end, false
}

// cutPhrase is cutStatement for the words with which Kiwi Syslog Server, perhaps in
// brackets, and the syslogd of several kinds of Unix name the sender of a line that
// they relay.
func cutPhrase(b []byte, i int) (host []byte, end int) {
	const kiwi, unix = "original address", "message forwarded from "
	at := i
	if closingBracket(b[at]) != 0 {
		at++
	}
	switch {
	case hasFold(b[at:], kiwi):
		at = skipSpace(b, at+len(kiwi))
		if at == len(b) || b[at] != '=' && b[at] != ':' {
			return nil, i
		}
		at++
	case hasFold(b[i:], unix):
		at = i + len(unix)
	default:
		return nil, i
	}
	if at = skipSpace(b, at); at < len(b) && (b[at] == '"' || b[at] == '\'') {
		at++
	}
	name := afterText(b[at:])
	for end = at + len(name); end < len(b) && isClosing(b[end]); {
		end++
	}
	return hostOf(name), end
}

// isClosing reports whether c ends a word that it does not belong to.
func isClosing(c byte) bool { return bytes.IndexByte([]byte(`"',;|)]}`), c) >= 0 }

// skipBackslashes skips the backslashes before a quote that another text quotes.
func skipBackslashes(b []byte, i int) int {
	n := i
	for n < len(b) && b[n] == '\\' {
		n++
	}
	if n < len(b) && (b[n] == '"' || b[n] == '\'' || b[n] == '{') {
		return n
	}
	return i
}

// opensQuote reports whether a quote, or a brace before one, begins b[i:].
func opensQuote(b []byte, i int) bool {
	i = skipBackslashes(b, skipSpace(b, i))
	return i < len(b) && (b[i] == '"' || b[i] == '\'' || b[i] == '{')
}

// cutQuoted is cutStatement for a word that begins with a quote, at b[i]: a member of
// an object, or a field of a record.
func cutQuoted(b []byte, i int) (host []byte, end int, opens bool) {
	content, after := quoted(b, i)
	if after == 0 {
		return nil, i + 1, true
	}
	colon := skipSpace(b, after)
	if colon == len(b) || b[colon] != ':' {
		if isPriority(content) || isLevel(content) || isNumber(content) {
			return nil, after, false
		}
		return hostOf(content), after, false
	}
	value := skipSpace(b, colon+1)
	if opensQuote(b, value) {
		return cutValue(b, value, content)
	}
	end = value
	for end < len(b) && b[end] != ',' && b[end] != '}' && !isSpace(b[end]) {
		end++
	}
	return nil, end, false
}

// cutValue is cutStatement for a value that begins with a quote or a brace at b[i:].
func cutValue(b []byte, i int, key []byte) (host []byte, end int, opens bool) {
	i = skipBackslashes(b, skipSpace(b, i))
	if b[i] == '{' {
		return nil, i + 1, false
	}
	content, after := quoted(b, i)
	if after == 0 {
		return nil, i + 1, true
	}
	return statedHost(key, content), after, false
}

// isObject reports whether a frame is an object of JSON, in which the sender's name may
// follow the message.
func isObject(b []byte) bool { return len(b) > 0 && b[0] == '{' }

// members adds the sender that a member of an object after the message states. If
// there was a name before, it is only known or nothing.
func (s *scan) members(b []byte) {
	kind := stated
	if s.before(s.n) >= 0 {
		kind = weak
	}
	for {
		comma := bytes.IndexAny(b, ",{")
		if comma < 0 {
			return
		}
		b = b[comma+1:]
		i := skipBackslashes(b, skipSpace(b, 0))
		if i == len(b) || b[i] != '"' {
			continue
		}
		host, end, opens := cutQuoted(b, i)
		if opens {
			return
		}
		if b[end-1] == '"' && bytes.IndexByte(b[i:end], ':') > 0 {
			s.add(host, kind)
		}
		if b[end-1] == '{' {
			end--
		}
		b = b[end:]
	}
}

// quoted returns what stands between the quote at b[i] and the next one, and the
// position after that, or 0 if there is none.
func quoted(b []byte, i int) (content []byte, after int) {
	n := bytes.IndexByte(b[i+1:], b[i])
	if n < 0 {
		return nil, 0
	}
	content = b[i+1 : i+1+n]
	if m := len(content) - 1; m >= 0 && content[m] == '\\' {
		content = content[:m]
	}
	return content, i + n + 2
}

// statedHost returns the host in a value, or nil if its key does not name one.
func statedHost(key, value []byte) []byte {
	host := hostOf(value)
	if hasLower(hostKeys, key) || host != nil && isAddress(host) && hasLower(addressKeys, key) {
		return host
	}
	return nil
}

// hasFold is hasPrefix in any case.
func hasFold(b []byte, s string) bool {
	if len(b) < len(s) {
		return false
	}
	for i := range len(s) {
		if toLower(b[i]) != toLower(s[i]) {
			return false
		}
	}
	return true
}

func toLower(c byte) byte {
	if isUpper(c) {
		c |= 0x20
	}
	return c
}

// separatorOf returns what separates the fields of a record: a comma, a semicolon or
// a bar that occurs more than once; or a space.
func separatorOf(b []byte) byte {
	for _, c := range []byte(",;|") {
		if bytes.Count(b, []byte{c}) > 1 {
			return c
		}
	}
	return ' '
}
