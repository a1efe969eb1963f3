package syslog

import (
	"bytes"
	"net/netip"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

const (
	// maxPrefix limits how much is read of what precedes a tag. Real headers
	// are a tenth as long.
	maxPrefix = 1 << 10
	// nearTag is how far from the start of a header a tag may be for the line to be
	// a firewall's for sure. What precedes a tag that a message of another dialect
	// quotes is longer, since it has a header and the start of the message.
	nearTag = 40
	// nearTagInMessage is the same after an RFC 5424 header.
	nearTagInMessage = 8
)

// Parse finds the message in a frame that came from an address, which may be the
// zero Addr, and fills h. It returns [OK], [Empty] or [NoTag]; of a rejected frame,
// h has at most the PRI and the ID. The frame is only read; h keeps a reference
// to it, p does not. Parse accepts any input, takes time in proportion to its
// length, and allocates only what it remembers.
//
// The tag of a message is the first one in the frame, since a text may quote
// others. Messages of other dialects are those that dialect.go lists; they have
// another header, and whichever comes first in the frame is the message's own. The
// grammar of a tag, with spaces only for legibility, is
//
//	% product - [ class ] - severity - id
//	% product - severity - id
//
// where a product may be marked, as in %FTD<Up>-4-411001, and the id has six or
// seven digits and ends at a colon, a space, ">" or the end of the frame. At the
// very start of a message the % may be missing.
//
// A message counts more than once if it has one of these forms:
//
//	%ASA-2-106006: message repeated 2 times: [ text]
//	message repeated 27 times: [Mar 19 15:14:53 MSK: %ASA-session-6-106015: text]
//	%ASA-4-733100: text (35 instances received)
//	%ASA-4-106023: text (Message repeated 2 times)
func (p *Parser) Parse(frame []byte, from netip.Addr, h *Header) Reason {
	var l layout
	b := trimEnd(frame)
	if !h.parseUsual(b, &l) {
		if reason := h.parse(b, &l); reason != OK {
			return reason
		}
	}
	h.Origin = p.origin(b, &l, from, h)
	return OK
}

// parse is Parse for a frame whose end is trimmed, but for the origin. It resets
// h, and sets in l, which must be zero, where the header is.
func (h *Header) parse(b []byte, l *layout) Reason {
	*h = Header{PRI: -1, Count: 1}
	i := 0
	if len(b) == 0 || b[0] != '<' { // This is rare.
		if i = skipJunk(b, skipBOM(b, 0)); i == len(b) {
			return Empty
		}
		i = skipLength(b, i)
	}
	h.PRI, i = cutPRI(b, i)

	if sd, msg, ok := cutFields(b, i); ok {
		l.fields, l.data = span{i, sd}, msg
		// A relay that takes the tag for the name of a program makes it
		// APP-NAME and leaves the fields after it nil. If they are not, the
		// header only looked complete.
		if at, end := h.findTag(b[:sd], i); at >= 0 {
			if isNil(b[end:sd]) {
				end = msg
			}
			h.setText(skipSeparator(b[end:]))
			if isCarrier(h.ID) {
				h.readCarried()
			}
			return OK
		}
		i = msg
	}

	i = skipSpace(b, i)
	at, end := i, h.tagAt(b, i)
	if end == 0 {
		at, end = h.findTag(b, i)
		near := nearTag
		if !l.fields.isEmpty() {
			near = nearTagInMessage
		}
		if (at < 0 || at > i+near) && h.parseDialect(b, i, at, l) {
			return OK
		}
		if at < 0 {
			return NoTag
		}
	}
	l.prefix = span{i, min(at, i+maxPrefix)}
	l.class = hasClass(b[at:end])
	text := skipSeparator(b[end:])
	if bytes.IndexByte(l.prefix.of(b), '[') >= 0 {
		text = h.cutOuterRepetition(b, l, text)
	}
	h.setText(text)
	if isCarrier(h.ID) {
		h.readCarried()
	}
	return OK
}

// trimEnd removes what devices and relays append to a message: line ends, NULs,
// spaces, and line ends and NULs as rsyslog escapes them.
func trimEnd(b []byte) []byte {
	for n := len(b); n > 0; n = len(b) {
		switch c := b[n-1]; {
		case c == 0 || isSpace(c):
			b = b[:n-1]
		case n >= len("#000") && b[n-len("#000")] == '#' && isEscapedEnd(b[n-len("#000"):]):
			b = b[:n-len("#000")]
		default:
			return b
		}
	}
	return b
}

func isEscapedEnd(b []byte) bool {
	return string(b) == "#000" || string(b) == "#012" || string(b) == "#015"
}

// skipBOM skips a byte order mark, with which a text in UTF-8 may begin (RFC
// 5424 section 6.4).
func skipBOM(b []byte, i int) int {
	if hasPrefix(b[i:], "\xef\xbb\xbf") {
		i += 3
	}
	return i
}

// skipLength skips the length of the frame, if a relay has left it before a PRI.
func skipLength(b []byte, i int) int {
	end := i
	for end < len(b) && isDigit(b[end]) {
		end++
	}
	if end > i && hasPrefix(b[end:], " <") {
		return end + 1
	}
	return i
}

// cutPRI reads a PRI (RFC 5424 section 6.2.1) at b[i:] and returns its value and
// the position after it. A number that is not a PRI gives -1 and is skipped all
// the same.
func cutPRI(b []byte, i int) (pri, end int) {
	if i == len(b) || b[i] != '<' {
		return -1, i
	}
	end = i + 1
	for end < len(b) && isDigit(b[end]) {
		// Saturated, so that no number of digits overflows.
		pri = min(pri*10+int(b[end]-'0'), 1000)
		end++
	}
	digits := end - i - 1
	if digits == 0 || end == len(b) || b[end] != '>' {
		return -1, i
	}
	if pri > 191 || digits > 1 && b[i+1] == '0' {
		pri = -1
	}
	return pri, end + 1
}

// cutFields reads an RFC 5424 header (section 6) after its PRI. It returns the
// positions of the structured data and of the message. It reports false unless
// the header is complete.
func cutFields(b []byte, i int) (sd, msg int, ok bool) {
	if !hasPrefix(b[i:], "1 ") {
		return 0, 0, false
	}
	i = skipSpace(b, i+1)
	if !hasPrefix(b[i:], "- ") && !hasISODate(b[i:]) {
		return 0, 0, false
	}
	for range 5 { // TIMESTAMP, HOSTNAME, APP-NAME, PROCID, MSGID
		i = skipSpace(b, wordEnd(b, i))
	}
	sd = i
	if i == len(b) || b[i] != '-' && b[i] != '[' {
		return 0, 0, false
	}
	if b[i] == '-' {
		i++
	} else {
		for i < len(b) && b[i] == '[' {
			if i = elementEnd(b, i); i == 0 {
				return 0, 0, false
			}
		}
	}
	if i < len(b) && !isSpace(b[i]) {
		return 0, 0, false
	}
	return sd, skipBOM(b, skipSpace(b, i)), true
}

// isNil reports whether all fields of an RFC 5424 header in b are nil.
func isNil(b []byte) bool {
	for _, c := range b {
		if c != '-' && c != ':' && !isSpace(c) {
			return false
		}
	}
	return true
}

// elementEnd returns the position after the element of structured data that
// begins at b[i], or 0 if it does not have an end. In quoted values a backslash protects
// the next byte (RFC 5424 section 6.3.3).
func elementEnd(b []byte, i int) int {
	quoted := false
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ']' && !quoted:
			return i + 1
		}
	}
	return 0
}

// findTag looks for the first tag in b[i:], sets its contents and returns where
// it begins and ends. Without one it returns -1.
func (h *Header) findTag(b []byte, i int) (start, end int) {
	for {
		n := bytes.IndexByte(b[i:], '%')
		if n < 0 {
			return -1, -1
		}
		i += n + 1
		if end := h.tagAt(b, i); end > 0 {
			return i - 1, end
		}
	}
}

// tagAt reads the tag that begins, without its %, at b[i]. It sets what is in
// the tag and returns the position after the id. If there is no tag it returns 0.
func (h *Header) tagAt(b []byte, i int) int {
	product, n := cutProduct(b[i:])
	if n == 0 {
		return 0
	}
	i += n
	var class []byte
	if i < len(b) && b[i] == '-' { // An empty class.
		i++
	} else {
		// A class may itself have a hyphen, as tag-switching does.
		start := i
		for i < len(b) && isLetter(b[i]) {
			for i < len(b) && (isLetter(b[i]) || isDigit(b[i]) || b[i] == '_') {
				i++
			}
			if i == len(b) || b[i] != '-' {
				return 0
			}
			class = b[start:i]
			i++
		}
	}
	severity, id, n := cutNumbers(b[i:])
	if n == 0 {
		return 0
	}
	i += n
	if i < len(b) && b[i] != ':' && b[i] != '>' && b[i] != 0 && !isSpace(b[i]) {
		return 0
	}
	if severity > 7 {
		if h.ID == 0 {
			h.ID = id
		}
		return 0
	}
	h.Product, h.Class, h.Severity, h.ID = product, class, severity, id
	return i
}

// numbers are a severity and an id of six digits as in a tag.
const numbers = "S-NNNNNN"

// cutNumbers reads a severity and an id of six or seven digits at the start of b,
// and returns their length, or 0. The severity is any digit.
func cutNumbers(b []byte) (severity uint8, id catalog.ID, n int) {
	if len(b) < len(numbers) || !isDigit(b[0]) || b[1] != '-' {
		return 0, 0, 0
	}
	for _, c := range b[len("S-"):len(numbers)] {
		if !isDigit(c) {
			return 0, 0, 0
		}
		id = id*10 + catalog.ID(c-'0')
	}
	if n = len(numbers); n < len(b) && isDigit(b[n]) {
		id = id*10 + catalog.ID(b[n]-'0')
		n++
	}
	return b[0] - '0', id, n
}

// cutProduct returns the product whose name begins b, and the length of that
// name with the hyphen after it, or 0.
func cutProduct(b []byte) (Product, int) {
	if len(b) < 4 {
		return 0, 0
	}
	// One after the other, because nearly always it is none of them or the first.
	switch {
	case hasPrefix(b, "FTD-"):
		return FTD, len("FTD-")
	case hasPrefix(b, "ASA-"):
		return ASA, len("ASA-")
	case hasPrefix(b, "PIX-"):
		return PIX, len("PIX-")
	case hasPrefix(b, "FWSM-"):
		return FWSM, len("FWSM-")
	case hasPrefix(b, "NGIPS-"):
		return NGIPS, len("NGIPS-")
	case hasPrefix(b, "Threat Defense-"):
		return ThreatDefense, len("Threat Defense-")
	}
	return cutMarkedProduct(b)
}

// skipSeparator skips what stands between an id and a text: a colon with or
// without spaces around it, or the > of a tag that lost its angle bracket.
func skipSeparator(b []byte) []byte {
	i := 0
	if i < len(b) && (b[i] == ':' || b[i] == '>') {
		i++
	} else if j := skipSpace(b, i); j+1 < len(b) && b[j] == ':' && isSpace(b[j+1]) {
		i = j + 1
	}
	return b[skipJunk(b, i):]
}
