package syslog

import "bytes"

// maxCount is the largest number of repetitions that is believed of one line; a
// larger one counts as this. Devices and relays summarize some hundreds, and a
// forged line must not make a counter useless.
const maxCount = 10_000

// setText sets the text, and the count if the text has one.
func (h *Header) setText(text []byte) {
	if n, inside := cutRepeated(text); inside != nil && hasSuffix(text, "]") {
		h.multiply(n)
		text = trimEnd(inside[skipJunk(inside[:len(inside)-1], 0) : len(inside)-1])
	}
	h.Text = h.cutSuffix(text)
}

// cutOuterRepetition looks in the prefix for the words with which a relay
// encloses a whole line. It takes them out of the prefix and their closing
// bracket off the text, which it returns.
func (h *Header) cutOuterRepetition(b []byte, l *layout, text []byte) []byte {
	prefix := l.prefix.of(b)
	for i := 0; ; i++ {
		next := bytes.Index(prefix[i:], []byte("message repeated "))
		if next < 0 {
			return text
		}
		i += next
		n, inside := cutRepeated(prefix[i:])
		if inside == nil {
			continue
		}
		l.outer = span{l.prefix.start, l.prefix.start + i}
		l.prefix.start = l.prefix.end - len(inside)
		if hasSuffix(text, "]") {
			h.multiply(n)
			text = trimEnd(text[:len(text)-1])
		}
		return text
	}
}

// cutRepeated reads the words with which rsyslog introduces a repetition. It
// returns what follows their opening bracket, or nil if b does not begin so.
func cutRepeated(b []byte) (n uint32, inside []byte) {
	const before, after = "message repeated ", " times: ["
	if !hasPrefix(b, before) {
		return 0, nil
	}
	n, digits := cutNumber(b[len(before):])
	b = b[len(before)+digits:]
	if digits == 0 || !hasPrefix(b, after) {
		return 0, nil
	}
	return n, b[len(after):]
}

// cutSuffix takes the number of repetitions off the end of a text. A full stop
// or a quote may follow it.
func (h *Header) cutSuffix(text []byte) []byte {
	b := text
	for n := 0; n < 2 && len(b) > 0; n++ {
		if c := b[len(b)-1]; c != '.' && c != '"' && c != '\'' {
			break
		}
		b = b[:len(b)-1]
	}
	before := "("
	switch {
	case !hasSuffix(b, ")"):
		return text
	case hasSuffix(b, " instances received)"):
		b = b[:len(b)-len(" instances received)")]
	case hasSuffix(b, " times)"):
		b = b[:len(b)-len(" times)")]
		before = "(Message repeated "
	default:
		return text
	}
	start := len(b)
	for start > 0 && isDigit(b[start-1]) {
		start--
	}
	n, digits := cutNumber(b[start:])
	if digits == 0 || !hasSuffix(b[:start], before) {
		return text
	}
	h.multiply(n)
	return trimEnd(b[:start-len(before)])
}

// cutNumber reads the digits at the start of b. It returns their value, or
// maxCount+1 if that is larger, and how many they are.
func cutNumber(b []byte) (n uint32, digits int) {
	for digits < len(b) && isDigit(b[digits]) {
		n = uint32(min(uint64(n)*10+uint64(b[digits]-'0'), maxCount+1))
		digits++
	}
	return n, digits
}

// multiply makes h stand for n times as many messages, up to maxCount. Zero
// changes nothing.
func (h *Header) multiply(n uint32) {
	if n > 0 {
		h.Count = min(h.Count*min(n, maxCount), maxCount)
	}
}
