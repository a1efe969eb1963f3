package catalog

import (
	"bytes"
	"slices"
	"strings"
)

// set makes m.text[start:end], without surrounding spaces, the value of field i.
// It reports whether that is a value of its kind.
func (m *Message) set(i int, spec *FieldSpec, start, end int) bool {
	k := spec.Kind
	for start < end && isSpace(m.text[start]) {
		start++
	}
	for end > start && isSpace(m.text[end-1]) {
		end--
	}
	v := &m.fields[i]
	*v = value{start: int32(start), end: int32(max(start, end))}
	if k == Text {
		return true
	}
	if start >= end {
		return false
	}
	text := m.text[start:end]
	var ok bool
	switch k {
	case Word:
		ok = !slices.ContainsFunc(text, isSpace)
	case Int:
		var n int
		v.number, n = parseNumber(text)
		ok = n == len(text) && bytes.IndexByte(text, '.') < 0
	case Number:
		var n int
		v.number, n = parseNumber(text)
		ok = n == len(text)
	case Celsius:
		v.number, ok = parseCelsius(text)
	case Ratio:
		var n int
		v.number, n = parseNumber(text)
		v.number /= 100
		ok = n > 0 && v.number >= 0 && v.number <= 1 && isPercent(trimSpace(text[n:]))
	case Hex:
		ok = isHex(text)
	case PCI:
		ok = isPCI(text)
	case OneOf:
		ok = isOneOf(spec.Words, text)
	case Name:
		ok = !bytes.ContainsAny(text, ":,;")
	case Address:
		ok = isAddress(text)
	}
	return ok
}

// rulesOut reports whether no value of kind k begins with text, so that trying
// a longer one is useless.
func (k Kind) rulesOut(text []byte) bool {
	for i, c := range text {
		switch k {
		case Word, Address:
			if isSpace(c) {
				return true
			}
		case Name:
			if c == ':' || c == ',' || c == ';' {
				return true
			}
		case Int:
			if !isDigit(c) && !(i == 0 && (c == '-' || c == '+')) {
				return true
			}
		case Hex:
			if !isHexDigit(c) && !(i == 1 && (c == 'x' || c == 'X')) {
				return true
			}
		}
	}
	return false
}

// parseNumber reads a decimal number at the start of b and returns the number
// of bytes read, 0 if there is none. It reads at most 15 digits, because a
// float64 holds that many exactly.
func parseNumber(b []byte) (f float64, n int) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		n = 1
	}
	start := n
	number, scale := int64(0), int64(0) // Scale is 0 before the point.
	digits := 0
	for ; n < len(b) && digits <= 15; n++ {
		c := b[n]
		if c == '.' && scale == 0 && n > start && n+1 < len(b) && isDigit(b[n+1]) {
			scale = 1
			continue
		}
		if !isDigit(c) {
			break
		}
		number = number*10 + int64(c-'0')
		scale *= 10
		digits++
	}
	if digits == 0 || digits > 15 {
		return 0, 0
	}
	if f = float64(number); scale > 1 {
		f /= float64(scale)
	}
	if negative {
		f = -f
	}
	return f, n
}

// parseCelsius reads a temperature. It rejects a temperature that no sensor can
// have measured, because a wrong gauge is worse than none.
func parseCelsius(b []byte) (float64, bool) {
	f, n := parseNumber(b)
	if n == 0 {
		return 0, false
	}
	unit := trimSpace(b[n:])
	unit = trimSpace(bytes.TrimPrefix(unit, []byte("°")))
	switch string(unit) {
	case "C", "c":
	case "F", "f":
		f = (f - 32) * 5 / 9
	default:
		return 0, false
	}
	return f, f >= -273.15 && f <= 1000
}

// isPercent reports whether b is what may follow a percentage.
func isPercent(b []byte) bool {
	return len(b) == 0 || b[0] == '%' && (len(b) == 1 || len(b) == 2 && b[1] == '%') || foldsTo(b, "percent")
}

// isAddress reports whether b can be an address or a name. IPv6 addresses have
// eight groups or a double colon (RFC 4291 section 2.2).
func isAddress(b []byte) bool {
	if slices.ContainsFunc(b, isSpace) {
		return false
	}
	colons := bytes.Count(b, []byte{':'})
	short := bytes.Contains(b, []byte("::"))
	return colons == 0 || short && colons <= 8 && (b[len(b)-1] != ':' || bytes.HasSuffix(b, []byte("::"))) || !short && colons == 7
}

// isNumeric reports whether c may be part of a number.
func isNumeric(c byte) bool { return isDigit(c) || c == '.' || c == '-' || c == '+' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hasHexPrefix(b []byte) bool {
	return len(b) > 2 && b[0] == '0' && (b[1] == 'x' || b[1] == 'X')
}

func isHex(b []byte) bool {
	if hasHexPrefix(b) {
		b = b[2:]
	}
	for _, c := range b {
		if !isHexDigit(c) {
			return false
		}
	}
	return 0 < len(b) && len(b) <= 16
}

// isPCI accepts three numbers separated by ":" and by any of "." "," space, with
// or without a domain and ":" before them.
func isPCI(b []byte) bool {
	if b = b[domainLen(b):]; len(b) == 0 {
		return false
	}
	part, i := 0, 0
	for part < 3 {
		start := i
		for i < len(b) && (isHexDigit(b[i]) || i == start+1 && (b[i] == 'x' || b[i] == 'X')) {
			i++
		}
		if !isHex(b[start:i]) {
			return false
		}
		if part++; part == 3 {
			break
		}
		start = i
		for i < len(b) && (isSpace(b[i]) || b[i] == ':' && part == 1 || (b[i] == '.' || b[i] == ',') && part == 2) {
			i++
		}
		if i == start || part == 1 && bytes.IndexByte(b[start:i], ':') < 0 {
			return false
		}
	}
	return i == len(b)
}

// isOneOf reports whether b is one of the words separated by |.
func isOneOf(words string, b []byte) bool {
	b = Unbracketed(b)
	for word := range strings.SplitSeq(words, "|") {
		if EqualFold(word, b) {
			return true
		}
	}
	return false
}

// Unbracketed returns b without the angle brackets that some releases print around
// a value.
func Unbracketed(b []byte) []byte {
	if n := len(b); n > 2 && b[0] == '<' && b[n-1] == '>' {
		return b[1 : n-1]
	}
	return b
}

// EqualFold reports whether two ASCII texts are equal but for letter case.
func EqualFold(s string, b []byte) bool {
	if len(s) != len(b) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// domainLen returns the length of the domain of a PCI address and its colon, or 0.
func domainLen(b []byte) int {
	if n := run(b, isHexDigit); n == 4 && n < len(b) && b[n] == ':' && bytes.IndexByte(b[n+1:], ':') > 0 {
		return n + 1
	}
	return 0
}

// AppendLabel appends field i as a label value: as printed, except that
// hexadecimal numbers start with 0x and PCI addresses read bus:device.function.
func (m *Message) AppendLabel(dst []byte, i int) []byte {
	text := m.fieldText(i)
	switch m.template.fields[i].Kind {
	case Hex:
		if hasHexPrefix(text) {
			text = text[2:]
		}
		return append(append(dst, "0x"...), text...)
	case PCI:
		if n := domainLen(text); n > 0 {
			if domain := text[:n]; run(domain, func(c byte) bool { return c == '0' }) < n-1 {
				dst = append(dst, domain...)
			}
			text = text[n:]
		}
		part, separated := 0, true
		for _, c := range text {
			if isHexDigit(c) || c == 'x' || c == 'X' {
				separated = false
				dst = append(dst, c)
			} else if !separated {
				separated = true
				dst = append(dst, ":."[part])
				part++
			}
		}
		return dst
	}
	return append(dst, text...)
}
