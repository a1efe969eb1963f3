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
// the health alerts of a management center (health.go) and the faults of a chassis
// (fault.go). Texts and commands quote such messages, so one counts only where
// nothing but a header precedes it.

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
