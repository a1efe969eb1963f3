package syslog

import "bytes"

// maxHeader is how far a tag may be from the start of a message without a PRI that
// follows another one in a frame, in bytes.
const maxHeader = 256

// CutMessage returns the first message of a frame and the frame from the next
// message on, which is nil if there is none. RFC 5426 section 3.1 allows one
// message in a datagram; senders and relays put several there, and rsyslog then
// escapes what separates them. The messages of a frame have the same sender.
//
// A message begins at a PRI, or at a header with a tag, which stands
//
//   - after a line break or NUL: LF, CR LF, or one in the notation of a relay, such
//     as #012, \n or <010>;
//   - after the number of bytes that the message before was said to have (RFC 6587
//     section 3.4.1), or before its own;
//   - immediately after the text before it, as on a connection over which a device
//     sends no line ends. Then the header must be that of the first message but for
//     PRI and time, and isComplete must report that the first message ends there,
//     since a text may quote anything: somebody who logs in chooses the name that a
//     text has. A nil isComplete means that it does.
//
// What separates two messages belongs to neither. A line break that neither PRI nor
// tag follows is part of a text.
func CutMessage(frame []byte, isComplete func(message []byte) bool) (message, rest []byte) {
	start := skipBreaks(frame, skipBOM(frame, 0))
	if next := countedEnd(frame, start); next > 0 {
		if end := skipBreaks(frame, next); end == len(frame) {
			return frame, nil
		} else if beginsWithPRI(frame, skipLength(frame, end)) {
			return frame[:next], frame[end:]
		}
	}
	for i := start + 1; i < len(frame); i++ {
		if cutBreak(frame[i:]) > 0 {
			next := skipBreaks(frame, i)
			if beginsWithPRI(frame, skipLength(frame, next)) || beginsWithHeader(frame, next) {
				return frame[:i], frame[next:]
			}
			i = next - 1
		} else if frame[i] == '<' && beginsWithPRI(frame, i) {
			if count := countBefore(frame, i); count > start {
				return frame[:count], frame[count:]
			}
			if isTextEnd(frame[:i]) && sameHeader(frame[start:i], frame[i:]) && (isComplete == nil || isComplete(frame[:i])) {
				return frame[:i], frame[i:]
			}
		}
	}
	return frame, nil
}

// HasMoreTags reports whether the frame that h was read from may have another tag. A
// frame with messages after the one with the tag must be cut with [CutMessage] and
// read again.
func (h *Header) HasMoreTags() bool {
	if h.Origin.mixed {
		return true
	}
	for text := h.Text; ; {
		i := bytes.IndexByte(text, '%')
		if i < 0 {
			return false
		}
		text = text[i+1:]
		if _, n := cutProduct(text); n > 0 {
			return true
		}
	}
}

// HasMorePRIs reports whether the text of h has another PRI in it.
func (h *Header) HasMorePRIs() bool {
	for text := h.Text; ; {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			return false
		}
		if text = text[i:]; len(text) > 1 && isDigit(text[1]) && beginsWithPRI(text, 0) {
			return true
		}
		text = text[1:]
	}
}

// countedEnd returns the end of the message at b[i:] if its length stands before a
// PRI there and is not more than what follows, or 0.
func countedEnd(b []byte, i int) int {
	pri := skipLength(b, i)
	if pri == i || pri-i > maxCountDigits+1 {
		return 0
	}
	length := 0
	for _, c := range b[i : pri-1] {
		length = length*10 + int(c-'0')
	}
	if length == 0 || length > len(b)-pri {
		return 0
	}
	return pri + length
}

// countBefore returns where a length begins that stands before the PRI at b[i] and
// is that of the message there, or 0. Digits before it may belong to a text.
func countBefore(b []byte, i int) int {
	if b[i-1] != ' ' {
		return 0
	}
	for start := i - 2; start > 0 && isDigit(b[start]) && i-start <= maxCountDigits+1; start-- {
		end := countedEnd(b, start)
		if end == 0 || b[start] == '0' {
			continue
		}
		if next := skipBreaks(b, end); next == len(b) || next > end && beginsWithPRI(b, skipLength(b, next)) ||
			beginsWithPRI(b, skipLength(b, end)) {
			return start
		}
	}
	return 0
}

// beginsWithPRI reports whether a PRI begins at b[i].
func beginsWithPRI(b []byte, i int) bool {
	if i >= len(b) || b[i] != '<' {
		return false
	}
	pri, _ := cutPRI(b, i)
	return pri >= 0
}

// beginsWithHeader reports whether a message without a PRI begins at b[i]: a tag,
// or a header and a tag before the next line break.
func beginsWithHeader(b []byte, i int) bool {
	line := b[i:min(len(b), i+maxHeader)]
	var h Header
	at := -1
	for j := range line {
		if line[j] == '%' && h.tagAt(b, i+j+1) > 0 {
			at = j
			break
		}
		if cutBreak(line[j:]) > 0 {
			return false
		}
	}
	if at <= 0 {
		return at == 0
	}
	// Not a sentence that quotes a tag.
	words, timestamped := 0, false
	for j := 0; j < at; {
		if isSpace(line[j]) || line[j] == ':' {
			j++
		} else if _, n := cutTimestamp(line[j:at]); n > 0 {
			words, timestamped = 0, true
			j += n
		} else {
			words++
			end := wordEnd(line, j)
			if !timestamped && hostIn(line[j:end]) == nil {
				return false
			}
			j = end
		}
	}
	return words <= 2 || timestamped && words <= 4
}

// isTextEnd reports whether a text may end where b does: not after a space, nor
// after what opens a quotation.
func isTextEnd(b []byte) bool {
	n := len(b) - 1
	switch c := b[n]; {
	case c == '.', c == ')', c == ']', isLetter(c), isDigit(c):
		return true
	case c == '\'', c == '"':
		return n > 0 && (isLetter(b[n-1]) || isDigit(b[n-1]) || b[n-1] == '.')
	}
	return false
}

// sameHeader reports whether two messages have a tag and the same header, apart
// from PRI and time. The second begins with its PRI, and the tag must be near.
func sameHeader(first, second []byte) bool {
	a, ok := untimedHeader(first)
	b, alsoOK := untimedHeader(second[:min(len(second), maxHeader)])
	return ok && alsoOK && bytes.Equal(a, b)
}

// untimedHeader returns what stands between the PRI and the timestamp of a message
// and its tag. It reports false if there is no tag.
func untimedHeader(b []byte) ([]byte, bool) {
	var h Header
	_, i := cutPRI(b, skipLength(b, 0))
	at, _ := h.findTag(b, i)
	if at < 0 {
		return nil, false
	}
	for i < at && (b[i] == ':' || isSpace(b[i])) { // As EMBLEM has it.
		i++
	}
	_, n := cutTimestamp(b[i:at])
	return bytes.TrimSpace(b[i+n : at]), true
}

// skipBreaks returns the position after line breaks and the spaces among them.
func skipBreaks(b []byte, i int) int {
	for i < len(b) {
		if n := cutBreak(b[i:]); n > 0 {
			i += n
		} else if isSpace(b[i]) {
			i++
		} else {
			break
		}
	}
	return i
}

// cutBreak returns the length of the line break or NUL at the start of b, as such
// or in a notation that is in use, or 0.
func cutBreak(b []byte) int {
	switch b[0] {
	case '\n', '\r', 0:
		return 1
	case '#': // In octal, of rsyslog.
		return prefixLength(b, "#012", "#015", "#000")
	case '\\': // As programming languages have it.
		return prefixLength(b, `\n`, `\r`, `\012`, `\015`, `\000`, `\x0a`, `\x0A`, `\x0d`, `\x0D`, `\x00`, `\0x0a`, `\0x0A`, `\0x0d`, `\0x0D`,
			`\u000a`, `\u000A`, `\u000d`, `\u000D`)
	case '<': // In decimal, of Kiwi Syslog Server.
		return prefixLength(b, "<010>", "<013>", "<000>")
	case '^': // Of BSD.
		return prefixLength(b, "^J", "^M", "^@")
	}
	return 0
}

// prefixLength returns the length of the first of some strings that begins b, or 0.
func prefixLength(b []byte, all ...string) int {
	for _, s := range all {
		if hasPrefix(b, s) {
			return len(s)
		}
	}
	return 0
}
