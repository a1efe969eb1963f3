package syslog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxHost is the length of the longest host name (RFC 5424 section 6.2.4).
const maxHost = 255

// A scan is what scanHeader finds in the header of a frame. Its slices alias the
// frame. For their meaning see [Origin].
type scan struct {
	host, deviceID, relayed, zone []byte
	timestamp                     timestamp // The last one.
	timestamps                    int       // How many there are.
	offset                        bool      // The offset of the last one stands after it.
}

// scanHeader reads what precedes the tag. The headers of relays come first, so
// what is found later replaces what was found before.
func scanHeader(b []byte, l *layout) (s scan) {
	if !l.fields.isEmpty() {
		s.fields(l.fields.of(b))
	}
	s.prefix(l.outer.of(b))
	s.prefix(l.prefix.of(b))
	return s
}

// fields reads "1 TIMESTAMP HOSTNAME", the start of an RFC 5424 header.
func (s *scan) fields(b []byte) {
	i := skipSpace(b, len("1 "))
	var n int
	if s.timestamp, n = cutTimestamp(b[i:]); n > 0 {
		s.timestamps++
	}
	i = skipSpace(b, wordEnd(b, i))
	s.setHost(hostIn(b[i:wordEnd(b, i)]))
}

// prefix reads headers as devices and older relays write them: timestamps, each
// with a time zone, a host and the name of a program after it or without.
func (s *scan) prefix(b []byte) {
	var w words
	colon := false // A colon of its own precedes b[i].
	for i := 0; i < len(b); {
		if isSpace(b[i]) {
			i++
			continue
		}
		if n := cutColons(b[i:]); n > 0 {
			colon = true
			i += n
			continue
		}
		if t, n := cutTimestamp(b[i:]); n > 0 {
			s.setHost(w.host())
			s.timestamp, s.offset, s.zone, s.deviceID = t, false, nil, nil
			s.timestamps++
			w = words{timestamped: true}
			i, w.closed = s.cutZone(b, i+n, colon)
		} else if _, end := cutPRI(b, i); end > i {
			// The device's header begins here, and the relay's ends.
			s.setHost(w.host())
			s.deviceID = nil
			w = words{}
			i = end
		} else {
			end := wordEnd(b, i)
			w.add(b[i:end])
			i = end
		}
		colon = false
	}
	s.setHost(w.host())
}

// cutZone reads the time zone after a timestamp that ends at b[i]. It returns the
// position after it, and whether a colon has closed the header there. Emblem
// says that the timestamp follows a colon. In this form, which Cisco calls
// EMBLEM, a time zone is more likely than a host.
func (s *scan) cutZone(b []byte, i int, emblem bool) (end int, closed bool) {
	if i < len(b) && b[i] == ':' {
		return i + 1, true
	}
	start := skipSpace(b, i)
	end = wordEnd(b, start)
	word := b[start:end]
	name := trimColons(word)
	offset, certainty := zoneOf(name)
	switch {
	case certainty == exact && !s.timestamp.zoned:
		s.timestamp.offset, s.timestamp.zoned, s.offset = offset, true, true
	case certainty == noZone && !s.timestamp.zoned && emblem && isZoneShape(name):
		certainty = ambiguous
	}
	if certainty != noZone {
		s.zone = name
		if len(name) < len(word) {
			return end, true
		}
		i = end
		start = skipSpace(b, i)
	}
	// A number may follow the name, and is more exact.
	offset, n := cutOffset(b[start:])
	if n == 0 || start+n < len(b) && b[start+n] != ':' && !isSpace(b[start+n]) {
		return i, false
	}
	s.timestamp.offset, s.timestamp.zoned, s.offset = offset, true, true
	i = start + n
	return i, i < len(b) && b[i] == ':'
}

// setHost sets the host of a header that has ended, if it has one.
func (s *scan) setHost(host []byte) {
	if host == nil {
		return
	}
	s.host, s.deviceID = host, host
	if s.relayed == nil {
		s.relayed = host
	}
}

// words are the words of one header, after its timestamp if it has one. Only the
// first of them can be a host.
type words struct {
	timestamped bool
	closed      bool // A colon right after the timestamp says that no host follows.
	program     bool // The second word is the name of a program.
	n           int
	first       []byte // The first word, if it can be a host.
}

// add adds the next word. Words that can be neither a host nor part of a sentence
// are left out: nil fields, and sequence numbers as IOS prints them.
func (w *words) add(word []byte) {
	name := trimColons(word)
	if w.closed || isRun(name, 0, len(name), isDigitOrHyphen) {
		return
	}
	w.n++
	switch w.n {
	case 1:
		w.first = hostIn(word)
	case 2:
		w.program = isLetter(word[0]) && (len(name) < len(word) || bytes.IndexByte(name, '[') > 0)
	}
}

// host returns the host of the header, or nil.
func (w *words) host() []byte {
	switch {
	case w.timestamped && w.n > 3 && !isDistinct(w.first):
		// A sentence that happens to quote a tag.
		return nil
	case !w.timestamped && w.n > 1 && !(w.n == 2 && w.program):
		return nil
	}
	return w.first
}

// isDistinct reports whether a word is more likely a host's name or address
// than a word of a sentence.
func isDistinct(b []byte) bool {
	for _, c := range b {
		if isDigit(c) || c == '.' || c == '-' || c == '_' {
			return true
		}
	}
	return false
}

// hostIn returns the host's name or address in a word, without the colon after
// it, or nil if it cannot be one.
func hostIn(word []byte) []byte {
	host := trimColons(word)
	if len(host) == 0 || len(host) > maxHost {
		return nil
	}
	var letter, digit, dot, colon, other bool
	for i, c := range host {
		switch {
		case isLetter(c):
			letter = true
		case isDigit(c):
			digit = true
		case c == '.':
			dot = true
		case c == ':':
			colon = true
		case c == '<' && i == 0 && host[len(host)-1] == '>', c == '>' && i == len(host)-1 && host[0] == '<':
			// A name in angle brackets stands for one that was removed.
		case c >= utf8.RuneSelf:
			other = true
		case !isHostPunctuation(c):
			return nil
		}
	}
	switch {
	case other && !isPrintable(host):
		return nil
	case letter || other:
		if _, c := zoneOf(host); c != noZone {
			return nil
		}
		return host
	case !digit || colon && !isIPv6(host) || !colon && !dot:
		// Digits alone are a number or a time, unless they form an address.
		return nil
	}
	return host
}

// IsHost reports whether a name from elsewhere, such as a certificate, could be
// the host of a header: it is the name or address of one host, without spaces,
// control characters and what a terminal or a reader could take for something
// else.
func IsHost(name string) bool { return len(hostIn([]byte(name))) == len(name) && name != "" }

// isHostPunctuation reports whether a name may have c, apart from the dot and
// the colon. It may not have what encloses or separates things in a text.
func isHostPunctuation(c byte) bool {
	switch c {
	case '[', ']', '(', ')', '{', '}', '<', '>', '"', '\'', '=', ',', ';', '%', 0x7f:
		return false
	}
	return c > ' '
}

func isPrintable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 || !unicode.IsPrint(r) {
			return false
		}
		b = b[n:]
	}
	return true
}

// isIPv6 reports whether b looks like an IPv6 address: groups of hexadecimal
// digits, eight of them unless "::" stands for some, the last perhaps an IPv4
// address.
func isIPv6(b []byte) bool {
	colons, gaps, digits := 0, 0, 0
	for i, c := range b {
		switch {
		case c == ':':
			colons++
			if i > 0 && b[i-1] == ':' {
				gaps++
			}
			digits = 0
		case isDigit(c), c == '.', 'a' <= c|0x20 && c|0x20 <= 'f':
			digits++
		default:
			return false
		}
	}
	switch {
	case colons < 2, gaps > 1, b[0] == ':' && b[1] != ':', digits == 0 && !hasSuffix(b, "::"):
		return false
	}
	return gaps == 1 && len(b) > 2 || colons == 7
}

// trimColons removes the colons after a word, but not those of an address.
func trimColons(word []byte) []byte {
	for len(word) > 0 && word[len(word)-1] == ':' && !isIPv6(word) {
		word = word[:len(word)-1]
	}
	return word
}

// cutColons returns the number of colons at the start of b, or 0 if an address
// begins with them.
func cutColons(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ':' {
		n++
	}
	if n == 2 && isIPv6(trimColons(b[:wordEnd(b, 0)])) {
		if _, timestamp := cutTimestamp(b[n:]); timestamp == 0 {
			return 0
		}
	}
	return n
}

func isDigitOrHyphen(c byte) bool { return isDigit(c) || c == '-' }
