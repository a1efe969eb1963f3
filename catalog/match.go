package catalog

import (
	"bytes"
	"math"
)

// An Outcome is how far a message was recognized.
type Outcome uint8

// The outcomes of [Catalog.Match].
const (
	// UnknownID means that the id is not in the catalog.
	UnknownID Outcome = iota
	// Unmatched means that the id is known and the text matches none of its
	// templates. The message must then change nothing.
	Unmatched
	// Matched means that the message is filled.
	Matched
)

// A Message is one matched message text. It belongs to the caller, which may reuse
// it. The field texts alias the text given to [Catalog.Match]
// and are valid only as long as that is not overwritten.
type Message struct {
	// ID is the id that the device printed.
	ID ID
	// Index and Entry are the entry whose template matched: the entry of ID, or
	// the entry of TextOf. Entry is nil after [UnknownID] and [Unmatched].
	Index int
	Entry *Entry
	// TemplateIndex is the position in [Entry.Templates] of the template that
	// matched.
	TemplateIndex int
	// TextOf is the id whose text the message carries if it differs from ID,
	// else 0. If it is set, the text decides what the message means, not ID. The
	// catalog may not have ID then: see [AnyFault].
	TextOf ID

	template *template
	text     []byte // Trimmed; see trim.
	fields   [MaxFields]value
}

// A value is the position of a field in the text, and its number. It does not have
// pointers, because setting a pointer costs more than finding the value.
type value struct {
	start, end int32
	number     float64
}

// A Field is a value found in a text.
type Field struct {
	FieldSpec
	// Text is the value as printed, without surrounding spaces. It aliases
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

// Release drops the reference to the text that m was matched with. The fields
// of m are no longer valid.
func (m *Message) Release() { m.text, m.template = nil, nil }

// Match matches text against the entry for id and then against the entries that
// id may carry: exactly first, and if no template matches, with the tolerances
// of a text that something has been appended to. It resets and fills m, and does
// not allocate or modify text.
func (c *Catalog) Match(id ID, text []byte, m *Message) Outcome {
	m.ID, m.Index, m.Entry, m.TemplateIndex, m.TextOf, m.template, m.text = id, -1, nil, 0, 0, nil, nil
	i := c.index(id)
	if i < 0 {
		return c.matchAny(id, text, m)
	}
	m.reset(text)
	if c.matchEntry(i, m) || c.matchCarried(i, m) {
		if m.template.open && mayHaveTail(m.text) {
			c.matchWithoutTail(i, m)
		}
		return Matched
	}
	if c.matchLoosely(i, m) {
		return Matched
	}
	return Unmatched
}

// matchCarried matches the entries whose texts the entry i may carry.
func (c *Catalog) matchCarried(i int, m *Message) bool {
	for _, k := range c.entries[i].mayCarry {
		if c.matchEntry(k, m) {
			m.TextOf = m.Entry.ID
			return true
		}
	}
	return false
}

// matchAny is Match for an id that is not in the catalog. Faults without an entry
// of their own are read as those of an entry that stands for all of them: they
// have one form, and their text states how bad they are and where.
func (c *Catalog) matchAny(id ID, text []byte, m *Message) Outcome {
	if !id.IsFault() {
		return UnknownID
	}
	stand := c.index(id.any())
	if stand < 0 {
		return UnknownID
	}
	m.reset(text)
	if !c.matchEntry(stand, m) {
		return UnknownID
	}
	m.TextOf = m.Entry.ID
	return Matched
}

// reset makes text the one that templates are matched against. A text longer
// than an int32 can count, which no frame is, matches none.
func (m *Message) reset(text []byte) {
	if m.text = trim(text); len(m.text) > math.MaxInt32 {
		m.text = nil
	}
}

func (c *Catalog) matchEntry(i int, m *Message) bool {
	e := &c.entries[i]
	for n := range e.shared {
		if e.shared[n].match(m) {
			m.Index, m.Entry, m.TemplateIndex = i, e.Entry, n
			return true
		}
	}
	return false
}

// match reports whether t matches the whole text of m, and fills m's fields.
func (t *template) match(m *Message) bool {
	text := m.text
	pos := matchLiteral(text, 0, t.literals[0])
	if pos < 0 {
		return false
	}
	// The budget bounds the cost of a text made to force backtracking. Genuine
	// texts need less than a tenth of it.
	budget := 64
	if !t.matchFields(m, pos, 0, &budget) {
		return false
	}
	m.template = t
	return true
}

// The words that editions of the guides and releases put in front of some texts or
// leave out, so that templates do not have them.
const (
	monitorPrefix = "IPMI:"
	clusterPrefix = "Clustering:"
)

// trim removes the parts that templates leave out: surrounding spaces, one optional
// prefix, one final full stop.
func trim(text []byte) []byte {
	text = trimSpace(text)
	for _, prefix := range [...]string{monitorPrefix, clusterPrefix} {
		if len(text) == 0 || text[0] != prefix[0] {
			continue
		}
		if rest, ok := bytes.CutPrefix(text, []byte(prefix)); ok {
			text = trimSpace(rest)
			break
		}
	}
	if n := len(text); n > 0 && text[n-1] == '.' {
		text = trimSpace(text[:n-1])
	}
	return text
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// matchFields matches m.text[pos:] against field i and the rest of the
// template. A field ends where the next literal begins; if the rest does not
// match there, the next occurrence of that literal is tried.
func (t *template) matchFields(m *Message, pos, i int, budget *int) bool {
	text := m.text
	if i == len(t.fields) {
		return pos == len(text)
	}
	for pos < len(text) && isSpace(text[pos]) {
		pos++
	}
	kind, next := t.fields[i].Kind, t.literals[i+1]
	if next == "" {
		return m.set(i, &t.fields[i], pos, len(text))
	}
	from := pos // Where the search for next begins.
	switch kind {
	case Text:
		if next[0] != ' ' || pos == 0 || !isSpace(text[pos-1]) {
			break
		}
		// If the text is empty, next begins with the space before it.
		if after := matchLiteral(text, pos-1, next); after >= 0 {
			m.fields[i] = value{start: int32(pos), end: int32(pos)}
			if t.matchFields(m, after, i+1, budget) {
				return true
			}
		}
	case Word:
		// Search for next up to the first space. If next begins with a space,
		// the word ends there, whatever follows.
		end := pos + wordEnd(text[pos:], next[0])
		for end < len(text) && !isSpace(text[end]) {
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
		// A number ends by itself, without a search for next.
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
		if m.set(i, &t.fields[i], pos, end) {
			if after := matchLiteral(text, end, next); after >= 0 && t.matchFields(m, after, i+1, budget) {
				return true
			}
		} else if kind.rulesOut(trimSpace(text[pos:max(pos, end)])) {
			return false
		}
	}
	return false
}

// wordEnd returns the position of the first c or space in b, or its length.
func wordEnd(b []byte, c byte) int {
	i := 0
	for i < len(b) && b[i] != c && !isSpace(b[i]) {
		i++
	}
	return i
}

// findLiteral returns the first position at or after from where lit matches, or
// -1.
func findLiteral(text []byte, from int, lit string) int {
	if lit == " " {
		for i := from; i < len(text); i++ {
			if isSpace(text[i]) {
				return i
			}
		}
		return -1
	}
	// If the literal begins with a space, search for the byte after it. The
	// literal then starts at the first of the spaces before that byte.
	space := 0
	if lit[0] == ' ' {
		space = 1
	}
	for i := from + space; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], lit[space])
		if n < 0 {
			return -1
		}
		i += n
		start := i
		for space > 0 && start > from && isSpace(text[start-1]) {
			start--
		}
		if (space == 0 || start < i) && matchLiteral(text, start, lit) >= 0 {
			return start
		}
	}
	return -1
}

// matchLiteral matches text[pos:] against lit and returns the position after
// it, or -1.
func matchLiteral(text []byte, pos int, lit string) int {
	// Nearly all texts are spelled exactly like the template.
	if end := pos + len(lit); len(lit) > 0 && end <= len(text) && string(text[pos:end]) == lit {
		if c := lit[len(lit)-1]; c == ' ' || c == '[' {
			for end < len(text) && isSpace(text[end]) {
				end++
			}
		}
		return end
	}
	for i := 0; i < len(lit); i++ {
		c := lit[i]
		if c == ' ' {
			start := pos
			for pos < len(text) && isSpace(text[pos]) {
				pos++
			}
			if pos == start && (i < len(lit)-1 || pos < len(text)) {
				return -1 // At the end of the text, it has been trimmed.
			}
			continue
		}
		if absorbsSpace(c) {
			for pos < len(text) && isSpace(text[pos]) {
				pos++
			}
		}
		if pos == len(text) || text[pos] != c {
			return -1
		}
		pos++
		if c == '[' {
			for pos < len(text) && isSpace(text[pos]) {
				pos++
			}
		}
	}
	return pos
}
