package syslog

import (
	"bytes"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// A fault is where a fault is in a line, and the contents of its header.
type fault struct {
	// start is where its header begins, which may have a tag, and code is where the
	// code in brackets does.
	start, code int
	id          catalog.ID
	severity    uint8
}

// findFault looks for a fault that begins in b[i:end]. These are the forms:
//
//	%FPRM-2-MNEMONIC: [F0374][major][cause][dn] text
//	<<%FPRM-2-MNEMONIC>> [F0374][major][cause][dn] text
//	[F0374][major][cause][dn] text
//
// With a tag, the fault is what follows the first one directly: events, audits and
// the faults of other systems have the same tags and brackets with other contents.
func findFault(b []byte, i, end int) (f fault, ok bool) {
	start := i
	for {
		n := bytes.IndexByte(b[i:end], '%')
		if n < 0 {
			break
		}
		i += n
		if severity, n := cutProgramTag(b[i:]); n > 0 {
			f.start = i
			for f.start > start && b[f.start-1] == '<' {
				f.start--
			}
			f.code = skipSpace(b, i+n)
			if f.id, _, ok = cutFaultCode(b[f.code:]); !ok {
				return fault{}, false
			}
			f.severity = severity
			return f, true
		}
		i++
	}
	for i = start; ; i++ {
		n := bytes.Index(b[i:end], []byte("[F"))
		if n < 0 {
			return fault{}, false
		}
		i += n
		if f.id, f.severity, ok = cutFaultCode(b[i:]); ok {
			f.start, f.code = i, i
			return f, true
		}
	}
}

// cutProgramTag reads the tag of a program of FXOS, or of a system that has the
// same faults, at the start of b: %, the name of the program in capitals, a
// severity, a mnemonic, and what separates them from the text. It returns the
// severity and the length, or 0.
func cutProgramTag(b []byte) (severity uint8, n int) {
	i := 1
	for i < len(b) && isUpper(b[i]) {
		i++
	}
	if i < len("%IPS") || i > len("%MAXIMUM8") || len(b) < i+len("-2-X") || b[i] != '-' || !isDigit(b[i+1]) || b[i+1] > '7' || b[i+2] != '-' {
		return 0, 0
	}
	severity = b[i+1] - '0'
	i += len("-2-")
	start := i
	for i < len(b) && (isUpper(b[i]) || isDigit(b[i]) || b[i] == '_') {
		i++
	}
	if i == start {
		return 0, 0
	}
	for i < len(b) && b[i] == '>' {
		i++
	}
	if i < len(b) && b[i] == ':' {
		i++
	}
	return severity, i
}

// cutFaultCode reads "[F0374][major]" at the start of b. The severity is what the
// word stands for in a tag (Cisco UCS Manager, monitoring with syslog). It reports
// false if the second bracket has another word: other systems put other things
// there.
func cutFaultCode(b []byte) (id catalog.ID, severity uint8, ok bool) {
	const maxDigits = 7
	if !hasPrefix(b, "[F") {
		return 0, 0, false
	}
	i := len("[F")
	var code uint32
	for i < len(b) && isDigit(b[i]) && i < len("[F")+maxDigits {
		code = code*10 + uint32(b[i]-'0')
		i++
	}
	if i == len("[F") || !hasPrefix(b[i:], "][") {
		return 0, 0, false
	}
	b = b[i+len("]["):]
	n := bytes.IndexByte(b, ']')
	if n < 0 {
		return 0, 0, false
	}
	severity, ok = faultSeverity(b[:n])
	return catalog.Fault(code), severity, ok
}

// faultSeverity returns the severity that the word in a fault stands for in a tag.
func faultSeverity(word []byte) (severity uint8, ok bool) {
	for _, s := range [...]struct {
		word     string
		severity uint8
	}{
		{"critical", 2}, {"major", 3}, {"minor", 4}, {"warning", 5}, {"info", 6}, {"condition", 6}, {"cleared", 6},
	} {
		if len(word) == len(s.word) && bytes.EqualFold(word, []byte(s.word)) {
			return s.severity, true
		}
	}
	return 0, false
}

// setFault sets what a fault and its text say.
func (h *Header) setFault(f *fault, product Product, text []byte) {
	h.Product, h.Class, h.ID, h.Severity = product, nil, f.id, f.severity
	h.setText(text)
}
