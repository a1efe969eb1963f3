// Package syslog finds Cisco's messages in what arrives from the network.
//
// Firewalls do not write syslog as RFC 3164 or RFC 5424 describe it. There may
// be a priority, a time stamp in one of a dozen forms, a zone, a host, colons
// in odd places, and relays put headers of their own in front. One thing is
// always there: the tag, %FTD-1-735004. So [Parse] looks for the tag first and
// finds in it all that most messages are needed for: product, severity and id.
// What stands before the tag is read on demand by [Header.Host] and
// [Header.Time].
//
// [Reader] cuts the stream of a TCP connection into frames.
//
// Nothing here copies or allocates: results alias the input.
package syslog

import "bytes"

// A Reason says why a frame is no message.
type Reason uint8

// The reasons. OK is none.
const (
	OK         Reason = iota
	Empty             // The frame is blank.
	NoTag             // It has no tag like %FTD-1-735004.
	TooLong           // It is longer than the limit.
	BadFrame          // The octet count of a stream is wrong.
	NotAllowed        // The sender is not allowed. Only listeners know.

	NumReasons
)

// String returns the reason as a label value.
func (r Reason) String() string {
	switch r {
	case Empty:
		return "empty"
	case NoTag:
		return "no_tag"
	case TooLong:
		return "too_long"
	case BadFrame:
		return "bad_frame"
	case NotAllowed:
		return "not_allowed"
	}
	return ""
}

// A Product is the kind of device that a tag names.
type Product uint8

// The products.
const (
	FTD Product = iota + 1
	ASA
	PIX
	FWSM
	NGIPS
	// ThreatDefense is what some editions of the guide print for FTD.
	ThreatDefense
)

// String returns the product as tags spell it.
func (p Product) String() string {
	switch p {
	case FTD:
		return "FTD"
	case ASA:
		return "ASA"
	case PIX:
		return "PIX"
	case FWSM:
		return "FWSM"
	case NGIPS:
		return "NGIPS"
	case ThreatDefense:
		return "Threat Defense"
	}
	return ""
}

// A Header is what is known of a message before its text is read. Its slices
// alias the frame given to [Parse] and live as long as that does.
type Header struct {
	// PRI is the priority in front, or -1. It says nothing about the severity:
	// an operator may map one to the other at will.
	PRI     int
	Product Product
	// Class is the class of the message if the tag has one, as in
	// %ASA-session-6-302013. The EMBLEM format adds it.
	Class []byte
	// Severity is that of the tag, 0 to 7.
	Severity uint8
	// ID is the six-digit message id. After [NoTag] it is that of something
	// that would be a tag if its severity were possible, for diagnosis, or 0.
	ID uint32
	// Count is how many messages this one stands for, at least 1: devices and
	// relays compress repeats.
	Count uint32
	// Text is the text behind the tag, without what marks repeats and without
	// trailing junk.
	Text []byte

	prefix  []byte // Between the priority and the tag.
	scanned bool   // Whether scan has filled what follows.
	host    []byte // As Host returns it.
	inner   []byte // Named by the innermost header.
	outer   []byte // Named by the outermost header that names one.
	zone    []byte
	stamp   stamp
}

// maxPrefix bounds how much of the prefix is read for host and time.
const maxPrefix = 1 << 10

// Parse reads a frame: one message without the framing of a transport. It
// resets h and fills it as far as the frame goes; only after [OK] is h
// complete.
func Parse(frame []byte, h *Header) Reason {
	*h = Header{PRI: -1, Count: 1}
	start := skipBlank(frame, 0)
	if start == len(frame) {
		return Empty
	}
	body := frame[start:]
	if n := octetCount(body); n > 0 {
		body = body[n:]
	}
	if pri, n := parsePRI(body); n > 0 {
		h.PRI, body = pri, body[n:]
	}
	tag, end := findTag(body, h)
	if tag < 0 {
		if len(trimJunk(body)) == 0 {
			return Empty
		}
		return NoTag
	}
	h.prefix = body[:tag]
	text := body[end:]
	if len(text) > 0 && (text[0] == ':' || text[0] == '>') {
		text = text[1:]
	}
	h.Text = trimJunk(text[skipBlank(text, 0):])
	h.unwrap()
	return OK
}

// octetCount returns the length of an octet count that a relay has left in
// front of a priority, blank included, or 0.
func octetCount(b []byte) int {
	n := 0
	for n < len(b) && n < 6 && isDigit(b[n]) {
		n++
	}
	if n > 0 && n+1 < len(b) && b[n] == ' ' && b[n+1] == '<' {
		return n + 1
	}
	return 0
}

// parsePRI reads <0> to <191> and returns its length, or 0.
func parsePRI(b []byte) (pri, n int) {
	if len(b) < 3 || b[0] != '<' {
		return -1, 0
	}
	pri, n = 0, 1
	for n < len(b) && n < 4 && isDigit(b[n]) {
		pri = pri*10 + int(b[n]-'0')
		n++
	}
	if n == 1 || n == len(b) || b[n] != '>' || pri > 191 {
		return -1, 0
	}
	return pri, n + 1
}

// findTag finds the first plausible tag and fills h from it. It returns where
// the tag begins and where it ends, or -1.
func findTag(b []byte, h *Header) (start, end int) {
	// A tag that lost its percent sign is believed only where a tag must be.
	if i := skipBlank(b, 0); i < len(b) && b[i] != '%' {
		if end := parseTag(b, i, h); end > 0 {
			return i, end
		}
	}
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '%')
		if n < 0 {
			return -1, 0
		}
		i += n
		if end := parseTag(b, i+1, h); end > 0 {
			return i, end
		}
	}
}

// parseTag reads PRODUCT-[CLASS-]SEVERITY-ID at b[i:] and returns where it
// ends, or 0. In place of a class there may be nothing between two hyphens.
func parseTag(b []byte, i int, h *Header) (end int) {
	product, i := parseProduct(b, i)
	if product == 0 || i+9 > len(b) || b[i] != '-' {
		return 0
	}
	i++
	var class []byte
	if b[i] == '-' {
		i++
	} else if !isDigit(b[i]) {
		start := i
		for i < len(b) && isWordByte(b[i]) {
			i++
		}
		if i == start || i == len(b) || b[i] != '-' {
			return 0
		}
		class = b[start:i]
		i++
	}
	if i+8 > len(b) || !isDigit(b[i]) || b[i+1] != '-' {
		return 0
	}
	severity := b[i] - '0'
	i += 2
	var id uint32
	for range 6 {
		if !isDigit(b[i]) {
			return 0
		}
		id = id*10 + uint32(b[i]-'0')
		i++
	}
	if i < len(b) && b[i] != ':' && b[i] != '>' && !isBlank(b[i]) {
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

func parseProduct(b []byte, i int) (Product, int) {
	rest := b[i:]
	if len(rest) < 4 {
		return 0, i
	}
	switch rest[0] {
	case 'F':
		if rest[1] == 'T' && rest[2] == 'D' {
			return FTD, i + 3
		}
		if bytes.HasPrefix(rest, []byte("FWSM")) {
			return FWSM, i + 4
		}
	case 'A':
		if rest[1] == 'S' && rest[2] == 'A' {
			return ASA, i + 3
		}
	case 'P':
		if rest[1] == 'I' && rest[2] == 'X' {
			return PIX, i + 3
		}
	case 'N':
		if bytes.HasPrefix(rest, []byte("NGIPS")) {
			return NGIPS, i + 5
		}
	case 'T':
		if bytes.HasPrefix(rest, []byte("Threat Defense")) {
			return ThreatDefense, i + len("Threat Defense")
		}
	}
	return 0, i
}

// trimJunk removes trailing blanks, NULs and the escapes that rsyslog writes
// for CR, LF and NUL.
func trimJunk(b []byte) []byte {
	for n := len(b); n > 0; n = len(b) {
		switch c := b[n-1]; {
		case isBlank(c) || c == 0:
			b = b[:n-1]
		case n >= 4 && b[n-4] == '#' && b[n-3] == '0' &&
			(b[n-2] == '1' && (b[n-1] == '2' || b[n-1] == '5') || b[n-2] == '0' && b[n-1] == '0'):
			b = b[:n-4]
		default:
			return b
		}
	}
	return b
}

// unwrap takes the marks of repeats off: "message repeated 3 times: [text]",
// with or without the header inside, "text (3 instances received)" and "text
// (Message repeated 3 times)".
func (h *Header) unwrap() {
	if rest, n, ok := cutRepeated(h.Text); ok {
		h.Count, h.Text = n, trimJunk(rest[skipBlank(rest, 0):])
		return
	}
	if i := lastIndex(h.prefix, "message repeated "); i >= 0 {
		if _, n, ok := cutOpenRepeated(h.prefix[i:]); ok {
			h.Count = n
			if len(h.Text) > 0 && h.Text[len(h.Text)-1] == ']' {
				h.Text = trimJunk(h.Text[:len(h.Text)-1])
			}
			// The outer header, if any, names the host if the inner does not.
		}
		return
	}
	h.cutSuffix()
}

// cutRepeated reads "message repeated N times: [text]".
func cutRepeated(b []byte) (text []byte, n uint32, ok bool) {
	if len(b) == 0 || b[0] != 'm' && b[0] != 'M' || b[len(b)-1] != ']' {
		return nil, 0, false
	}
	rest, n, ok := cutOpenRepeated(b)
	if !ok || len(rest) == 0 {
		return nil, 0, false
	}
	return rest[:len(rest)-1], n, true
}

// cutOpenRepeated reads "message repeated N times: [" and returns what follows.
func cutOpenRepeated(b []byte) (rest []byte, n uint32, ok bool) {
	if len(b) < 17 || string(b[1:17]) != "essage repeated " {
		return nil, 0, false
	}
	n, i := parseCount(b[17:])
	if i == 0 {
		return nil, 0, false
	}
	rest, ok = bytes.CutPrefix(b[17+i:], []byte(" times: ["))
	return rest, n, ok
}

// cutSuffix takes the mark of a repeat off the end of the text.
func (h *Header) cutSuffix() {
	b := h.Text
	// A full stop or a quote may stand behind it.
	for len(b) > 0 && (b[len(b)-1] == '.' || b[len(b)-1] == '"') {
		b = b[:len(b)-1]
	}
	if len(b) == 0 || b[len(b)-1] != ')' {
		return
	}
	i := bytes.LastIndexByte(b, '(')
	if i < 0 {
		return
	}
	inner := b[i+1 : len(b)-1]
	if rest, ok := bytes.CutPrefix(inner, []byte("Message repeated ")); ok {
		if n, k := parseCount(rest); k > 0 && string(rest[k:]) == " times" {
			h.Count, h.Text = n, trimJunk(b[:i])
		}
		return
	}
	if n, k := parseCount(inner); k > 0 && (string(inner[k:]) == " instances received" || string(inner[k:]) == " instance received") {
		h.Count, h.Text = n, trimJunk(b[:i])
	}
}

// parseCount reads a number of repeats and returns its length, or 0. A number
// that cannot be true counts as one message.
func parseCount(b []byte) (n uint32, length int) {
	for length < len(b) && isDigit(b[length]) {
		if n < 1e9 {
			n = n*10 + uint32(b[length]-'0')
		}
		length++
	}
	if n == 0 || n >= 1e9 {
		n = 1
	}
	return n, length
}

func lastIndex(b []byte, s string) int {
	if len(b) > maxPrefix {
		return -1
	}
	return bytes.LastIndex(b, []byte(s))
}

func skipBlank(b []byte, i int) int {
	for i < len(b) && (isBlank(b[i]) || b[i] == 0) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }
