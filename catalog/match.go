package catalog

import (
	"bytes"
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
	fields   [MaxFields]value
}

type value struct {
	text   []byte
	number float64
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
	return Field{FieldSpec: m.template.fields[i], Text: m.fields[i].text, Value: m.fields[i].number}
}

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
	m.ID, m.Index, m.Entry, m.Variant, m.Contradicted, m.template = id, -1, nil, 0, false, nil
	i := c.index(id)
	if i < 0 {
		return Unknown
	}
	if c.matchEntry(i, text, m) {
		return Matched
	}
	for _, k := range c.entries[i].kin {
		if c.matchEntry(k, text, m) {
			m.Contradicted = true
			return Matched
		}
	}
	return Mismatch
}

func (c *Catalog) matchEntry(i int, text []byte, m *Message) bool {
	e := &c.entries[i]
	for v := range e.templates {
		if e.templates[v].match(text, m) {
			m.Index, m.Entry, m.Variant = i, e.Entry, v
			return true
		}
	}
	return false
}

// match reports whether the whole text fits, and fills m's fields.
func (t *template) match(text []byte, m *Message) bool {
	text = trim(text)
	pos := matchLiteral(text, 0, t.literals[0])
	if pos < 0 {
		return false
	}
	// The budget bounds what a text made to force backtracking can cost. No
	// genuine text needs a tenth of it.
	budget := 64
	if !t.matchFields(text, pos, 0, m, &budget) {
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

// matchFields fits field i and all that follows it to text[pos:]. A field ends
// where the next literal begins; if what follows does not fit, the next place
// where that literal occurs is tried.
func (t *template) matchFields(text []byte, pos, i int, m *Message, budget *int) bool {
	if i == len(t.fields) {
		return pos == len(text)
	}
	for pos < len(text) && isBlank(text[pos]) {
		pos++
	}
	next := t.literals[i+1]
	if next == "" {
		return m.fields[i].set(t.fields[i].Kind, text[pos:])
	}
	if t.fields[i].Kind == Word && next[0] == ' ' {
		// A word ends at the first blank, whatever follows.
		end := pos
		for end < len(text) && !isBlank(text[end]) {
			end++
		}
		m.fields[i] = value{text: text[pos:end]}
		after := matchLiteral(text, end, next)
		return end > pos && after >= 0 && t.matchFields(text, after, i+1, m, budget)
	}
	tried := -1
	if kind := t.fields[i].Kind; (kind == Int || kind == Number) && !isNumeric(next[0]) {
		// The number itself tells where it ends.
		if number, n := parseNumber(text[pos:]); n > 0 && (kind == Number || bytes.IndexByte(text[pos:pos+n], '.') < 0) {
			m.fields[i] = value{text[pos : pos+n], number}
			tried = pos + n
			if after := matchLiteral(text, pos+n, next); after >= 0 && t.matchFields(text, after, i+1, m, budget) {
				return true
			}
		}
	}
	for from := pos; *budget > 0; {
		*budget--
		end := findLiteral(text, from, next)
		if end < 0 {
			return false
		}
		from = end + 1
		if end == tried {
			continue
		}
		v := trimBlanks(text[pos:max(pos, end)])
		if m.fields[i].set(t.fields[i].Kind, v) {
			if after := matchLiteral(text, end, next); after >= 0 && t.matchFields(text, after, i+1, m, budget) {
				return true
			}
		} else if t.fields[i].Kind.excludes(v) {
			return false
		}
	}
	return false
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

// set stores text as a value of kind k and reports whether it is one.
func (v *value) set(k Kind, text []byte) bool {
	v.text, v.number = text, 0
	if k == Text {
		return true
	}
	if len(text) == 0 {
		return false
	}
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
	scale := 1.0
	digits := 0
	for n < len(b) && digits <= 15 {
		c := b[n]
		if c == '.' && scale == 1 && n > start && n+1 < len(b) && isDigit(b[n+1]) {
			n++
			f = f*10 + float64(b[n]-'0')
			scale = 10
		} else if isDigit(c) {
			f = f*10 + float64(c-'0')
			if scale > 1 {
				scale *= 10
			}
		} else {
			break
		}
		digits++
		n++
	}
	if digits == 0 || digits > 15 {
		return 0, 0
	}
	if f /= scale; negative {
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
	text := m.fields[i].text
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
