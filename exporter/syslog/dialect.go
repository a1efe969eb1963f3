package syslog

import (
	"bytes"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// This file finds messages that have another header than a tag of a firewall. They
// are
//
//	HMNOTIFY: module (Sensor NAME): Severity: word: text
//	[Fnnnn][severity][cause][dn] text
//
// the health alerts of a management center and the faults of a chassis (fault.go).
// Texts and commands quote such messages, so one counts only where nothing but a
// header precedes it.

// parseDialect looks for a message of another dialect in b[i:], whose header begins
// at b[i]. Tag is where the first tag of a firewall begins, or -1; the message
// must begin before it. If it returns true, h and l are set; otherwise they are as
// before.
func (h *Header) parseDialect(b []byte, i, tag int, l *layout) bool {
	end := min(len(b), i+maxPrefix)
	if tag >= 0 {
		end = min(end, tag)
	}
	if !l.fields.isEmpty() && isHealthProgram(l.fields.of(b)) {
		l.prefix = span{i, i}
		h.setHealth(b[i:])
		return true
	}
	if at, start := findHealth(b[:end], i); at >= 0 {
		if text, ok := h.endHeader(b, i, at, b[start:], l); ok {
			h.setHealth(text)
			return true
		}
	}
	if f, ok := findFault(b, i, end); ok {
		if text, ok := h.endHeader(b, i, f.start, b[f.code:], l); ok {
			h.setFault(&f, FXOS, text)
			return true
		}
	}
	return false
}

// endHeader reports whether what precedes a message that begins at b[at] is a
// header, and sets l if it is. It returns the text without the words of a relay
// that has summarized repetitions, which go into h.Count.
func (h *Header) endHeader(b []byte, i, at int, text []byte, l *layout) ([]byte, bool) {
	before, count := *l, h.Count
	l.prefix = span{i, at}
	if bytes.IndexByte(b[i:at], '[') >= 0 {
		text = h.cutOuterRepetition(b, l, text)
	}
	if isHeader(l.outer.of(b)) && isHeader(l.prefix.of(b)) {
		return text, true
	}
	*l, h.Count = before, count
	return nil, false
}

// maxHeaderWords is how many words may stand between a timestamp and a message: a
// host and the tag of an alert response, which may have a space.
const maxHeaderWords = 3

// isHeader reports whether b consists of headers: timestamps and PRIs, after each
// of them a few words such as names of hosts and programs, the last of them with a
// colon or without. A sentence, and a command that quotes a message, are not.
func isHeader(b []byte) bool {
	n, closed := 0, false
	for i := 0; i < len(b); {
		if isSpace(b[i]) {
			i++
			continue
		}
		if colons := cutColons(b[i:]); colons > 0 {
			i += colons
			continue
		}
		if t, length := cutTimestamp(b[i:]); length > 0 {
			s := scan{timestamp: t}
			i, _ = s.cutZone(b, i+length, true)
			n, closed = 0, false
			continue
		}
		if _, end := cutPRI(b, i); end > i {
			i, n, closed = end, 0, false
			continue
		}
		end := wordEnd(b, i)
		word := b[i:end]
		i = end
		name := trimColons(word)
		if isNumber(name) {
			continue // A sequence number.
		}
		if n++; closed || n > maxHeaderWords || !isHeaderWord(name) {
			return false
		}
		// After a colon comes the message, unless the word is a host.
		closed = len(name) < len(word) && !(n == 1 && isDistinct(name) && hostIn(word) != nil)
	}
	return true
}

// isHeaderWord reports whether a word may be the name of a host or of a program,
// which may have its process id in brackets after it.
func isHeaderWord(b []byte) bool {
	if n := len(b) - 1; n > 0 && b[n] == ']' {
		for n > 0 && isDigit(b[n-1]) {
			n--
		}
		if n == len(b)-1 || n == 0 || b[n-1] != '[' {
			return false
		}
		b = b[:n-1]
	}
	for _, c := range b {
		switch {
		case isLetter(c), isDigit(c), c >= 0x80:
		case c == '.', c == '-', c == '_', c == ':', c == '/', c == '*', c == '~':
		default:
			return false
		}
	}
	return len(b) > 0
}

// firstCarrier and lastCarrier are the ids under which an FTD or ASA sends what
// the programs of its operating system have logged: one for each severity but 0
// (cisco.com, syslog guide, 199013 to 199019).
const firstCarrier, lastCarrier = 199013, 199019

// isCarrier reports whether the text of a message may be a fault of the chassis.
func isCarrier(id catalog.ID) bool { return id-firstCarrier <= lastCarrier-firstCarrier }

// readCarried reads the fault in the text of h, if there is one. The text is a line
// of its own, mostly without a host. The sender, and so the severity and the
// product, are those of the message that carries it.
func (h *Header) readCarried() {
	f, ok := findFault(h.Text, 0, min(len(h.Text), maxPrefix))
	if ok && isHeader(h.Text[:f.start]) {
		f.severity = h.Severity
		h.setFault(&f, h.Product, h.Text[f.code:])
	}
}

// healthMarker is the word with which a health alert begins.
const healthMarker = "HMNOTIFY"

const (
	// maxModule and maxSubject bound the names in a health alert, in bytes. They
	// are much shorter in practice.
	maxModule  = 64
	maxSubject = 128
)

// findHealth looks for the start of a health alert in b[i:]. It returns where that
// is, or -1, and where its text begins.
func findHealth(b []byte, i int) (at, text int) {
	n := bytes.Index(b[i:], []byte(healthMarker))
	if n < 0 {
		return -1, 0
	}
	at = i + n
	if n := cutHealthMarker(b[at:]); n > 0 {
		return at, at + n
	}
	return -1, 0
}

// cutHealthMarker returns the length of the word with which a health alert begins,
// a process id in brackets, and a colon, or 0 if b does not begin so.
func cutHealthMarker(b []byte) int {
	if !hasPrefix(b, healthMarker) {
		return 0
	}
	i := len(healthMarker)
	if i < len(b) && b[i] == '[' {
		start := i + 1
		for i = start; i < len(b) && isDigit(b[i]); {
			i++
		}
		if i == start || i == len(b) || b[i] != ']' {
			return 0
		}
		i++
	}
	if i == len(b) || b[i] != ':' {
		return 0
	}
	return i + 1
}

// isHealthProgram reports whether a relay has made the word the name of the program
// in the fields of an RFC 5424 header.
func isHealthProgram(fields []byte) bool {
	i := 0
	for range 3 { // VERSION, TIMESTAMP, HOSTNAME
		i = skipSpace(fields, wordEnd(fields, i))
	}
	name := trimColons(fields[i:wordEnd(fields, i)])
	return string(name) == healthMarker
}

// setHealth sets the contents of a health alert, from its text.
func (h *Header) setHealth(text []byte) {
	h.Product, h.Class, h.ID, h.Severity = FMC, nil, catalog.HealthAlert, 6
	if h.PRI >= 0 {
		h.Severity = uint8(h.PRI & 7)
	}
	h.setText(trimEscapedEnd(text[skipJunk(text, 0):]))
	left, _, ok := bytes.Cut(h.Text, []byte(catalog.HealthSeverity))
	module, subject, valid := catalog.CutHealthSubject(left)
	if ok && (!valid || len(module) > maxModule || len(subject) > maxSubject || bytes.ContainsFunc(left, isControl)) {
		h.Text = h.Text[:0]
		return
	}
	h.Subject = subject
}

func isControl(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 }

// trimEscapedEnd is trimEnd, but also removes the line end and the NUL that a
// management center escapes in its own way.
func trimEscapedEnd(b []byte) []byte {
	for {
		b = trimEnd(b)
		if !hasSuffix(b, ".x0a") && !hasSuffix(b, ".x00") {
			return b
		}
		b = b[:len(b)-len(".x0a")]
	}
}
