package syslog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxHost is the length of the longest host name (RFC 5424 section 6.2.4).
const maxHost = 255

// Host returns the name or address by which the line calls its sender, or nil
// if it does not. Of two headers the inner one, which is the device's, decides
// if it names a host; otherwise the name is the one that the relay gave.
//
// The name is at most 255 octets of valid, printable UTF-8 without blanks,
// brackets, quotes, commas and the like.
func (h *Header) Host() []byte {
	h.scan()
	return h.host
}

// Hosts returns the name that the innermost header gives, which is the device's
// own, and the one that the outermost header gives, which is a relay's word for
// the sender. With one header they are the same. Either may be nil. What holds
// for [Header.Host] holds for both.
func (h *Header) Hosts() (own, relayed []byte) {
	h.scan()
	return h.own, h.relayed
}

// Zone returns the name of the time zone after the device's stamp, or nil if
// there is none. It is what the configuration calls the zone: most often an
// abbreviation, and sometimes a pair like MSK/MSD.
func (h *Header) Zone() []byte {
	h.scan()
	return h.zone
}

// scan reads what precedes the tag, once. The headers of relays come first, so
// what is found later replaces what was found before.
func (h *Header) scan() {
	if h.scanned {
		return
	}
	h.scanned = true
	h.host, h.own, h.relayed, h.zone, h.stamp, h.stamps = nil, nil, nil, nil, stamp{}, 0
	if h.fields.end > 0 {
		h.scanFields(h.fields.of(h.frame))
	}
	h.scanPrefix(h.outer.of(h.frame))
	h.scanPrefix(h.prefix.of(h.frame))
}

// scanFields reads "1 TIMESTAMP HOSTNAME", the start of an RFC 5424 header.
func (h *Header) scanFields(b []byte) {
	i := skipSpace(b, len("1 "))
	var n int
	if h.stamp, n = cutStamp(b[i:]); n > 0 {
		h.stamps++
	}
	i = skipSpace(b, wordEnd(b, i))
	h.name(hostIn(b[i:wordEnd(b, i)]))
}

// scanPrefix reads headers as devices and older relays write them: stamps, each
// with a zone, a host and the name of a program after it or without.
func (h *Header) scanPrefix(b []byte) {
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
		if s, n := cutStamp(b[i:]); n > 0 {
			h.settle(&w)
			h.stamp, h.zone, h.own = s, nil, nil
			h.stamps++
			w = words{stamped: true}
			i, w.closed = h.scanZone(b, i+n, colon)
		} else if _, end := cutPRI(b, i); end > i {
			// The device's header begins here, and the relay's ends.
			h.settle(&w)
			h.own = nil
			w = words{}
			i = end
		} else {
			end := wordEnd(b, i)
			w.add(b[i:end])
			i = end
		}
		colon = false
	}
	h.settle(&w)
}

// scanZone reads the zone after a stamp that ends at b[i]. It returns the
// position after it, and whether a colon has closed the header there. Emblem
// says that the stamp follows a colon. In this form, which Cisco calls EMBLEM, a
// zone is more likely than a host.
func (h *Header) scanZone(b []byte, i int, emblem bool) (end int, closed bool) {
	if i < len(b) && b[i] == ':' {
		return i + 1, true
	}
	start := skipSpace(b, i)
	end = wordEnd(b, start)
	word := b[start:end]
	name := trimColons(word)
	offset, certainty := zoneOf(name)
	switch {
	case certainty == exact && !h.stamp.zoned:
		h.stamp.offset, h.stamp.zoned = offset, true
	case certainty == noZone && !h.stamp.zoned && emblem && isZoneShape(name):
		certainty = ambiguous
	}
	if certainty != noZone {
		h.zone = name
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
	h.stamp.offset, h.stamp.zoned = offset, true
	i = start + n
	return i, i < len(b) && b[i] == ':'
}

// settle takes the host of a header that has ended.
func (h *Header) settle(w *words) { h.name(w.host()) }

// name notes the host of a header, if it has one.
func (h *Header) name(host []byte) {
	if host == nil {
		return
	}
	h.host, h.own = host, host
	if h.relayed == nil {
		h.relayed = host
	}
}

// words are the words of one header, from its stamp on if it has one. Only the
// first of them can be a host.
type words struct {
	stamped bool
	closed  bool // A colon right after the stamp says that no host follows.
	program bool // The second word is the name of a program.
	n       int
	first   []byte // The first word, if it can be a host.
}

// add notes the next word. What can be neither host nor prose is left out: nil
// fields, and sequence numbers as IOS prints them.
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
	case w.stamped && w.n > 3 && !isDistinct(w.first):
		// This is prose that happens to quote a tag.
		return nil
	case !w.stamped && w.n > 1 && !(w.n == 2 && w.program):
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
		if _, stamp := cutStamp(b[n:]); stamp == 0 {
			return 0
		}
	}
	return n
}

func isDigitOrHyphen(c byte) bool { return isDigit(c) || c == '-' }
