package syslog

import (
	"bytes"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

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

// setHealth sets what a health alert says, from its text.
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
