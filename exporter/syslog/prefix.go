package syslog

import (
	"bytes"
	"time"
	"unicode/utf8"
)

// Host returns the host that the line names as its sender, or nil. Of two
// headers, the inner one is the device's own and decides if it names a host.
func (h *Header) Host() []byte {
	h.scan()
	return h.host
}

// Hosts returns the host that the innermost header names, which is the device's
// own, and the one that the outermost header names, which may be a relay's view
// of the sender. With one header they are the same. Either may be nil.
func (h *Header) Hosts() (inner, outer []byte) {
	h.scan()
	return h.inner, h.outer
}

// Zone returns the name of the time zone that follows the device's stamp, or
// nil.
func (h *Header) Zone() []byte {
	h.scan()
	return h.zone
}

// Time returns the device's own stamp, the inner one of two headers. A year
// that is missing is the one that brings the stamp nearest to ref. A stamp
// whose zone is missing, or names more than one zone of the world, is taken to
// be in ref's location, and zoned is false. If there is no stamp, ok is false.
func (h *Header) Time(ref time.Time) (t time.Time, zoned, ok bool) {
	h.scan()
	s := h.stamp
	if s.month == 0 {
		return time.Time{}, false, false
	}
	loc := ref.Location()
	if s.zoned {
		loc = time.UTC
	}
	at := func(year int) (time.Time, bool) {
		t := time.Date(year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nano, loc).Add(-time.Duration(s.offset) * time.Second)
		// 29 February exists in some years only.
		return t, time.Date(year, time.Month(s.month), s.day, 0, 0, 0, 0, time.UTC).Day() == s.day
	}
	if s.year != 0 {
		t, ok = at(s.year)
		return t, s.zoned, ok
	}
	for year := ref.Year() - 1; year <= ref.Year()+1; year++ {
		if c, valid := at(year); valid && (!ok || c.Sub(ref).Abs() < t.Sub(ref).Abs()) {
			t, ok = c, true
		}
	}
	return t, s.zoned, ok
}

// scan reads the prefix once.
//
// The prefix is a run of headers, in the order in which relays put them in
// front of each other. A header is a stamp, perhaps a zone, perhaps a host and
// perhaps a program. A colon glued to stamp or zone ends it: no host follows.
// In front of the first stamp there may be a host alone.
func (h *Header) scan() {
	if h.scanned {
		return
	}
	h.scanned = true
	p := h.prefix[:min(len(h.prefix), maxPrefix)]
	emblem := len(p) > 0 && p[0] == ':'
	i := h.scanRFC5424(p)

	// Tokens of the present header, and its first, which may be the host.
	tokens, first := 0, []byte(nil)
	stamped, closed := false, false
	finish := func() {
		// Without a stamp in front only a lone token is a host, with at most a
		// program behind it; otherwise it is prose that mentions a tag.
		if first != nil && (stamped || tokens == 1) {
			h.name(first)
		}
	}
	for i < len(p) {
		if isBlank(p[i]) || p[i] == ':' {
			i++
			continue
		}
		if n := repeatMark(p[i:]); n > 0 {
			i += n
			continue
		}
		if s, n := parseStamp(p[i:]); n > 0 {
			finish()
			tokens, first, h.inner = 0, nil, nil
			stamped, closed = true, false
			h.stamp, h.zone = s, nil
			if i += n; i < len(p) && p[i] == ':' {
				closed = true
				i++
			} else {
				i, closed = h.scanZone(p, i, emblem)
			}
			continue
		}
		end := i
		for end < len(p) && !isBlank(p[end]) {
			end++
		}
		token := p[i:end]
		i = end
		if closed || isSequenceNumber(token) {
			continue
		}
		if isProgram(token) && (tokens > 0 || token[len(token)-2] == ']') {
			if tokens == 0 {
				closed = true // A program without a host.
			}
			continue
		}
		if tokens++; tokens == 1 {
			name := bytes.TrimSuffix(token, []byte(":"))
			if isHost(name) && (stamped || !isZone(name, false)) {
				first = name
			}
		}
	}
	finish()
}

// name notes the host of a header.
func (h *Header) name(host []byte) {
	h.host, h.inner = host, host
	if h.outer == nil {
		h.outer = host
	}
}

// scanZone reads what may follow a stamp as its zone: a name, and a numeric
// offset behind that. It returns where it ends and whether a colon glued to it
// ends the header.
func (h *Header) scanZone(p []byte, i int, emblem bool) (end int, closed bool) {
	start := skipBlank(p, i)
	end = start
	for end < len(p) && !isBlank(p[end]) && p[end] != ':' {
		end++
	}
	name := p[start:end]
	if !isZone(name, emblem) {
		return i, false
	}
	h.zone = name
	if offset, ok := zoneOffset(name); ok && !h.stamp.zoned {
		h.stamp.offset, h.stamp.zoned = offset, true
	}
	if end < len(p) && p[end] == ':' {
		return end + 1, true
	}
	// PDT -8:00
	if j := skipBlank(p, end); j+1 < len(p) && (p[j] == '-' || p[j] == '+') && isDigit(p[j+1]) {
		for end = j + 1; end < len(p) && (isDigit(p[end]) || p[end] == ':'); {
			end++
		}
	}
	return end, false
}

// scanRFC5424 reads the header of RFC 5424, section 6, and returns its length,
// or 0 if there is none. A header of the device's own may follow it.
func (h *Header) scanRFC5424(p []byte) int {
	if h.PRI < 0 || len(p) < 4 || p[0] != '1' || p[1] != ' ' {
		return 0
	}
	i := 2
	var s stamp
	if p[i] == '-' {
		i++
	} else {
		var n int
		if s, n = parseStamp(p[i:]); n == 0 {
			return 0
		}
		i += n
	}
	var host []byte
	for field := range 4 { // HOSTNAME, APP-NAME, PROCID, MSGID.
		if i >= len(p) || p[i] != ' ' {
			return 0
		}
		i++
		start := i
		for i < len(p) && p[i] != ' ' {
			i++
		}
		if i == start {
			return 0
		}
		if field == 0 && string(p[start:i]) != "-" && isHost(p[start:i]) {
			host = p[start:i]
		}
	}
	n := structuredData(p[min(i+1, len(p)):])
	if i >= len(p) || n == 0 {
		return 0
	}
	i += 1 + n
	h.stamp = s
	if host != nil {
		h.name(host)
	}
	if i < len(p) && p[i] == ' ' {
		i++
	}
	if bytes.HasPrefix(p[i:], []byte("\xef\xbb\xbf")) {
		i += 3
	}
	return i
}

// structuredData returns the length of the STRUCTURED-DATA at the start of b.
func structuredData(b []byte) int {
	if len(b) > 0 && b[0] == '-' {
		return 1
	}
	i := 0
	for i < len(b) && b[i] == '[' {
		quoted := false
		for i++; i < len(b) && (quoted || b[i] != ']'); i++ {
			switch {
			case b[i] == '\\' && quoted:
				i++
			case b[i] == '"':
				quoted = !quoted
			}
		}
		if i >= len(b) {
			return 0
		}
		i++
	}
	return i
}

// repeatMark returns the length of "message repeated N times: [" at the start
// of b.
func repeatMark(b []byte) int {
	if b[0] != 'm' && b[0] != 'M' {
		return 0
	}
	rest, _, ok := cutOpenRepeated(b)
	if !ok {
		return 0
	}
	return len(b) - len(rest)
}

// isProgram reports whether a token is the name of a program as relays put it
// behind the host: "syslogd:", "CiscoASA[999]:".
func isProgram(token []byte) bool {
	return len(token) > 1 && token[len(token)-1] == ':'
}

// isSequenceNumber reports whether a token is a number as IOS puts it in front
// of its messages: "3132517:".
func isSequenceNumber(token []byte) bool {
	return isProgram(token) && allDigits(token[:len(token)-1])
}

func isHost(b []byte) bool {
	if len(b) == 0 || len(b) > 255 || !utf8.Valid(b) {
		return false
	}
	if b[0] == '<' && isDigit(b[1%len(b)]) {
		return false // A priority out of range.
	}
	named := false
	for _, c := range b {
		switch {
		case c <= ' ' || c == 0x7f:
			return false
		case isLetter(c) || isDigit(c) || c >= utf8.RuneSelf:
			named = true
		default:
			switch c {
			case '[', ']', '(', ')', '{', '}', '"', '\'', '=', ',', ';', '%':
				return false
			}
		}
	}
	return named && !allDigits(b)
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

// isZone reports whether b is the name of a time zone. An operator can invent
// one; in the EMBLEM format, where the zone has a fixed place, any short word
// is taken for one.
func isZone(b []byte, emblem bool) bool {
	if i := bytes.IndexByte(b, '/'); i > 0 {
		return isAbbreviation(b[:i]) && isAbbreviation(b[i+1:])
	}
	if _, ok := zoneOffset(b); ok {
		return true
	}
	switch string(b) {
	case "ADT", "AMT", "AST", "BST", "CST", "ECT", "GST", "IST", "MYT", "PKT", "PYT", "SST", "SGT", "HKT", "WIB", "PHT", "ICT",
		"BRT", "ART", "CLT", "COT", "PET", "UYT", "AKST", "AKDT", "HST", "NST", "NDT", "IDT", "IRST", "TRT", "EAT", "CAT", "WAT", "SAMT", "YEKT":
		return true
	}
	return emblem && isAbbreviation(b)
}

func isAbbreviation(b []byte) bool {
	for _, c := range b {
		if !isLetter(c) {
			return false
		}
	}
	return 2 <= len(b) && len(b) <= 6
}

// zoneOffset returns the seconds east of Greenwich of a zone whose name is used
// nowhere else in the world.
func zoneOffset(b []byte) (seconds int, ok bool) {
	const hour = 3600
	switch string(b) {
	case "UTC", "GMT", "Z", "WET":
		return 0, true
	case "WEST", "CET", "MEZ":
		return hour, true
	case "CEST", "EET", "SAST", "MESZ":
		return 2 * hour, true
	case "EEST", "MSK":
		return 3 * hour, true
	case "MSD":
		return 4 * hour, true
	case "AWST":
		return 8 * hour, true
	case "JST", "KST":
		return 9 * hour, true
	case "ACST":
		return 9*hour + hour/2, true
	case "AEST":
		return 10 * hour, true
	case "ACDT":
		return 10*hour + hour/2, true
	case "AEDT":
		return 11 * hour, true
	case "NZST":
		return 12 * hour, true
	case "NZDT":
		return 13 * hour, true
	case "EDT":
		return -4 * hour, true
	case "EST", "CDT":
		return -5 * hour, true
	case "MDT":
		return -6 * hour, true
	case "MST", "PDT":
		return -7 * hour, true
	case "PST":
		return -8 * hour, true
	}
	return 0, false
}
