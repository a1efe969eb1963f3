package catalog

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// An Outcome says how far a message was recognised.
type Outcome uint8

// The outcomes of [Catalog.Match].
const (
	// Unknown means that the catalogue has no such id.
	Unknown Outcome = iota
	// Mismatch means that the id is known and the text fits none of its
	// templates. The message must then change nothing.
	Mismatch
	// Matched means that the message is filled.
	Matched
)

// A Message is one matched message text. It belongs to the caller, who may use
// it again and again. The field texts alias the text given to [Catalog.Match]
// and are valid only as long as that is not overwritten.
type Message struct {
	// ID is the id that the device printed.
	ID uint32
	// Index and Entry are the entry whose wording fitted: that of ID, or that
	// of one of its kin if Contradicted is set. Entry is nil after Unknown
	// and after Mismatch.
	Index int
	Entry *Entry
	// Variant is the number of the template that fitted, from 0.
	Variant int
	// Contradicted is set if the text says something else than the id does.
	Contradicted bool

	template *template
	text     []byte // Without what no template spells out.
	fields   [MaxFields]value
}

// A value is where in the text a field stands, and the number that it is. It
// has no pointers, which would cost more to set than to find.
type value struct {
	start, end int32
	number     float64
}

// A Field is a value found in a text.
type Field struct {
	FieldSpec
	// Text is the value as printed, without surrounding blanks. It aliases
	// the matched text.
	Text []byte
	// Value is the numeric value of kinds Int, Number, Celsius and Ratio.
	Value float64
}

// Len returns the number of fields.
func (m *Message) Len() int {
	if m.template == nil {
		return 0
	}
	return len(m.template.fields)
}

// Field returns field i, in the order of the template.
func (m *Message) Field(i int) Field {
	return Field{FieldSpec: m.template.fields[i], Text: m.fieldText(i), Value: m.fields[i].number}
}

func (m *Message) fieldText(i int) []byte { return m.text[m.fields[i].start:m.fields[i].end] }

// Number returns the numeric value of field i; see [Field].
func (m *Message) Number(i int) float64 { return m.fields[i].number }

// Lookup returns the field called name.
func (m *Message) Lookup(name string) (Field, bool) {
	for i := range m.Len() {
		if m.template.fields[i].Name == name {
			return m.Field(i), true
		}
	}
	return Field{}, false
}

// Match fits text to the entry for id and, if that fails, to its kin. It fills
// m, which it resets first, and allocates nothing. Text is only read.
func (c *Catalog) Match(id uint32, text []byte, m *Message) Outcome {
	m.ID, m.Index, m.Entry, m.Variant, m.Contradicted, m.template, m.text = id, -1, nil, 0, false, nil, nil
	i := c.index(id)
	if i < 0 {
		return Unknown
	}
	m.setText(text)
	if c.matchEntry(i, m) {
		return Matched
	}
	for _, k := range c.entries[i].kin {
		if c.matchEntry(k, m) {
			m.Contradicted = true
			return Matched
		}
	}
	return Mismatch
}

// setText makes text the one that templates are fitted to. What is beyond all
// measure, as no frame is, fits none.
func (m *Message) setText(text []byte) {
	if m.text = trim(text); len(m.text) > math.MaxInt32 {
		m.text = nil
	}
}

func (c *Catalog) matchEntry(i int, m *Message) bool {
	e := &c.entries[i]
	for v := range e.templates {
		if e.templates[v].match(m) {
			m.Index, m.Entry, m.Variant = i, e.Entry, v
			return true
		}
	}
	return false
}

// match reports whether the whole text of m fits, and fills m's fields.
func (t *template) match(m *Message) bool {
	text := m.text
	pos := matchLiteral(text, 0, t.literals[0])
	if pos < 0 {
		return false
	}
	// The budget bounds what a text made to force backtracking can cost. No
	// genuine text needs a tenth of it.
	budget := 64
	if !t.matchFields(m, pos, 0, &budget) {
		return false
	}
	m.template = t
	return true
}

// trim removes what no template spells out: surrounding blanks, the optional
// prefix, one final full stop.
func trim(text []byte) []byte {
	text = trimBlanks(text)
	if rest, ok := bytes.CutPrefix(text, []byte("IPMI:")); ok {
		text = trimBlanks(rest)
	}
	if n := len(text); n > 0 && text[n-1] == '.' {
		text = trimBlanks(text[:n-1])
	}
	return text
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// matchFields fits field i and all that follows it to m.text[pos:]. A field ends
// where the next literal begins; if what follows does not fit, the next place
// where that literal occurs is tried.
func (t *template) matchFields(m *Message, pos, i int, budget *int) bool {
	text := m.text
	if i == len(t.fields) {
		return pos == len(text)
	}
	for pos < len(text) && isBlank(text[pos]) {
		pos++
	}
	kind, next := t.fields[i].Kind, t.literals[i+1]
	if next == "" {
		return m.set(i, kind, pos, len(text))
	}
	from := pos // Where the search for next begins.
	switch kind {
	case Word:
		// Next is sought up to the first blank. If it begins with a blank, the
		// word ends there, whatever follows.
		end := pos + wordEnd(text[pos:], next[0])
		for end < len(text) && !isBlank(text[end]) {
			if end > pos && *budget > 0 {
				if after := matchLiteral(text, end, next); after >= 0 {
					*budget--
					m.fields[i] = value{start: int32(pos), end: int32(end)}
					if t.matchFields(m, after, i+1, budget) {
						return true
					}
				}
			}
			end++
			end += wordEnd(text[end:], next[0])
		}
		if next[0] == ' ' {
			m.fields[i] = value{start: int32(pos), end: int32(end)}
			after := matchLiteral(text, end, next)
			return end > pos && after >= 0 && t.matchFields(m, after, i+1, budget)
		}
		from = end
	case Int, Number:
		if isNumeric(next[0]) {
			break
		}
		// The number itself tells where it ends.
		if number, n := parseNumber(text[pos:]); n > 0 && (kind == Number || bytes.IndexByte(text[pos:pos+n], '.') < 0) {
			m.fields[i] = value{int32(pos), int32(pos + n), number}
			if after := matchLiteral(text, pos+n, next); after >= 0 {
				if t.matchFields(m, after, i+1, budget) {
					return true
				}
				from = pos + n + 1
			}
		}
	}
	for *budget > 0 {
		*budget--
		end := findLiteral(text, from, next)
		if end < 0 {
			return false
		}
		from = end + 1
		if m.set(i, kind, pos, end) {
			if after := matchLiteral(text, end, next); after >= 0 && t.matchFields(m, after, i+1, budget) {
				return true
			}
		} else if kind.excludes(trimBlanks(text[pos:max(pos, end)])) {
			return false
		}
	}
	return false
}

// wordEnd returns the position of the first c or blank in b, or its length. It
// looks at eight bytes at a time.
func wordEnd(b []byte, c byte) int {
	const (
		each = 0x0101010101010101
		top  = 0x80 * each
		size = 8
	)
	i := 0
	for len(b)-i >= size {
		x := binary.LittleEndian.Uint64(b[i:])
		// The top bits of bytes that are c, and of those up to a blank. Above the
		// first of each there may be wrong ones.
		y := x ^ uint64(c)*each
		found := ((y-each)&^y | (x-(' '+1)*each)&^x) & top
		if found == 0 {
			i += size
			continue
		}
		i += bits.TrailingZeros64(found) / size
		if b[i] == c || isBlank(b[i]) {
			return i
		}
		i++ // Another control character.
	}
	for i < len(b) && b[i] != c && !isBlank(b[i]) {
		i++
	}
	return i
}

// findLiteral returns the first place at or after from where lit fits, or -1.
func findLiteral(text []byte, from int, lit string) int {
	if lit == " " {
		for i := from; i < len(text); i++ {
			if isBlank(text[i]) {
				return i
			}
		}
		return -1
	}
	// Of a literal that begins with a blank, the word is sought. The place is
	// the first of the blanks before it.
	blank := 0
	if lit[0] == ' ' {
		blank = 1
	}
	for i := from + blank; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], lit[blank])
		if n < 0 {
			return -1
		}
		i += n
		start := i
		for blank > 0 && start > from && isBlank(text[start-1]) {
			start--
		}
		if (blank == 0 || start < i) && matchLiteral(text, start, lit) >= 0 {
			return start
		}
	}
	return -1
}

// matchLiteral fits lit to text from pos on and returns the position behind
// it, or -1.
func matchLiteral(text []byte, pos int, lit string) int {
	// Nearly all texts are spelled as the template is.
	if end := pos + len(lit); len(lit) > 0 && end <= len(text) && string(text[pos:end]) == lit {
		if c := lit[len(lit)-1]; c == ' ' || c == '[' {
			for end < len(text) && isBlank(text[end]) {
				end++
			}
		}
		return end
	}
	for i := 0; i < len(lit); i++ {
		c := lit[i]
		if c == ' ' {
			start := pos
			for pos < len(text) && isBlank(text[pos]) {
				pos++
			}
			if pos == start {
				return -1
			}
			continue
		}
		if swallowsBlank(c) {
			for pos < len(text) && isBlank(text[pos]) {
				pos++
			}
		}
		if pos == len(text) || text[pos] != c {
			return -1
		}
		pos++
		if c == '[' {
			for pos < len(text) && isBlank(text[pos]) {
				pos++
			}
		}
	}
	return pos
}

// set makes what is in m's text from start to end, but for the blanks around
// it, field i, which is of kind k. It reports whether that is such a value.
func (m *Message) set(i int, k Kind, start, end int) bool {
	for start < end && isBlank(m.text[start]) {
		start++
	}
	for end > start && isBlank(m.text[end-1]) {
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
		ok = !slices.ContainsFunc(text, isBlank)
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
		rest := trimBlanks(text[n:])
		ok = n > 0 && v.number >= 0 && v.number <= 1 && (len(rest) == 0 || len(rest) == 1 && rest[0] == '%')
	case Hex:
		ok = isHex(text)
	case PCI:
		ok = isPCI(text)
	}
	return ok
}

// excludes reports whether no value of kind k begins with text, so that it is
// vain to seek a longer one.
func (k Kind) excludes(text []byte) bool {
	for i, c := range text {
		switch k {
		case Word:
			if isBlank(c) {
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
// of bytes it took, 0 if there is none. It takes at most 15 digits, which a
// float64 holds exactly.
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

// parseCelsius reads a temperature. It refuses one that no sensor can have
// measured, because a wrong gauge is worse than none.
func parseCelsius(b []byte) (float64, bool) {
	f, n := parseNumber(b)
	if n == 0 {
		return 0, false
	}
	unit := trimBlanks(b[n:])
	unit = trimBlanks(bytes.TrimPrefix(unit, []byte("°")))
	switch string(unit) {
	case "C", "c":
	case "F", "f":
		f = (f - 32) * 5 / 9
	default:
		return 0, false
	}
	return f, f >= -273.15 && f <= 1000
}

// isNumeric reports whether a number may have c.
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

// isPCI accepts three numbers separated by ":" and by any of "." "," blank.
func isPCI(b []byte) bool {
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
		for i < len(b) && (isBlank(b[i]) || b[i] == ':' && part == 1 || (b[i] == '.' || b[i] == ',') && part == 2) {
			i++
		}
		if i == start || part == 1 && bytes.IndexByte(b[start:i], ':') < 0 {
			return false
		}
	}
	return i == len(b)
}

// AppendLabel appends field i in the spelling that it has as a label value:
// as printed, but hexadecimal numbers start with 0x and PCI addresses read
// bus:device.function.
func (m *Message) AppendLabel(dst []byte, i int) []byte {
	text := m.fieldText(i)
	switch m.template.fields[i].Kind {
	case Hex:
		if hasHexPrefix(text) {
			text = text[2:]
		}
		return append(append(dst, "0x"...), text...)
	case PCI:
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
