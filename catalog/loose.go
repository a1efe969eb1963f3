package catalog

// A text that no template matches exactly is read once more, with the
// tolerances in this file. It is not on the path of ordinary messages, so it is
// written for clarity.

const (
	// maxFolded is the length in bytes up to which a text is compared without
	// regard to case. Texts of alarms are much shorter.
	maxFolded = 320
	// Candidates for the ends of fields that are tried for one template.
	tailBudget, foldedBudget = 64, 16
)

// matchWithoutTail matches a text that a template with an open end has matched,
// without what follows the text. If that matches no template, m is as it was.
func (c *Catalog) matchWithoutTail(i int, m *Message) {
	end := textEnd(m.text)
	if end == len(m.text) {
		return
	}
	before := *m
	m.text, m.TextOf = trim(m.text[:end]), 0
	if !c.matchEntry(i, m) && !c.matchCarried(i, m) {
		*m = before
	}
}

// matchLoosely is Match for a text that no template matches exactly. What follows
// the text is removed, as far as it can be recognized from the end; see [textEnd].
// Then a text that begins as a template and continues with something that does not
// belong to a message matches; see [tailOf]. In the families of alarms, upper and
// lower case and spaces around punctuation do not matter either.
//
// Templates for the entry's own id only come last, so that a state in the text
// always decides.
func (c *Catalog) matchLoosely(i int, m *Message) bool {
	if end := textEnd(m.text); end < len(m.text) {
		m.text = trim(m.text[:end])
		if c.matchEntry(i, m) || c.matchCarried(i, m) {
			return true
		}
	}
	folds := len(m.text) <= maxFolded && isAlarm(c.entries[i].Family)
	for _, fold := range [...]bool{false, true} {
		if fold && !folds {
			break
		}
		if c.matchEntryLoosely(i, m, fold) {
			return true
		}
		for _, k := range c.entries[i].mayCarry {
			if c.matchEntryLoosely(k, m, fold) {
				m.TextOf = m.Entry.ID
				return true
			}
		}
	}
	return c.matchOwn(i, m, folds)
}

// matchOwn matches the templates that are for the entry's own id only.
func (c *Catalog) matchOwn(i int, m *Message, folds bool) bool {
	e := &c.entries[i]
	for pass := range 3 {
		for n := len(e.shared); n < len(e.templates); n++ {
			x := loose{m: m, t: &e.templates[n], own: true}
			if pass == 0 && x.t.match(m) || pass == 1 && x.match() || pass == 2 && folds && x.matchFolded() {
				m.Index, m.Entry, m.TemplateIndex = i, e.Entry, n
				return true
			}
		}
	}
	return false
}

func (c *Catalog) matchEntryLoosely(i int, m *Message, fold bool) bool {
	e := &c.entries[i]
	for n := range e.shared {
		x := loose{m: m, t: &e.shared[n]}
		if fold && x.matchFolded() || !fold && x.match() {
			m.Index, m.Entry, m.TemplateIndex = i, e.Entry, n
			return true
		}
	}
	return false
}

// loose matches one template.
type loose struct {
	m *Message
	t *template
	// own is set if the template is for its own id only. It then accepts only
	// what can be no part of any message after its end.
	own    bool
	fold   bool
	budget int
}

func (x *loose) match() bool {
	x.budget = tailBudget
	return x.matchAll()
}

func (x *loose) matchFolded() bool {
	x.fold, x.budget = true, foldedBudget
	return x.matchAll()
}

func (x *loose) matchAll() bool {
	pos := x.literal(0, x.t.literals[0])
	if pos < 0 || !x.matchFields(pos, 0) {
		return false
	}
	x.m.template = x.t
	return true
}

// matchFields matches the text from pos against field i and the rest of the
// template.
func (x *loose) matchFields(pos, i int) bool {
	text := x.m.text
	if i == len(x.t.fields) {
		return x.isEnd(pos)
	}
	spec, next := &x.t.fields[i], x.t.literals[i+1]
	if next == "" {
		return x.matchLast(pos, i, spec)
	}
	from := pos
	for from < len(text) && isSpace(text[from]) {
		from++
	}
	if spec.Kind == Text && from > 0 && isSpace(text[from-1]) {
		from-- // An empty text between two spaces, of which there is only one.
	}
	for end := from; end <= len(text) && x.budget > 0; end++ {
		if end = x.find(end, next); end < 0 {
			return false
		}
		x.budget--
		if x.m.set(i, spec, pos, end) && x.matchFields(x.literal(end, next), i+1) {
			return true
		}
	}
	return false
}

// matchLast matches a field at the end of the template.
func (x *loose) matchLast(pos, i int, spec *FieldSpec) bool {
	for end := pos; end <= len(x.m.text); end++ {
		// Text may contain punctuation.
		if x.isEnd(end) && (spec.Kind != Text || tailOf(x.m.text[end:]) == foreign) && x.m.set(i, spec, pos, end) {
			return true
		}
	}
	return false
}

// isEnd reports whether the message may end at pos. What follows an OK must not
// contradict it.
func (x *loose) isEnd(pos int) bool {
	switch rest := x.m.text[pos:]; tailOf(rest) {
	case foreign:
		return true
	case prose:
		return !x.own && !(x.t.assures && hasState(rest))
	}
	return false
}

// find returns the first position at or after from where a literal matches, or -1.
func (x *loose) find(from int, lit string) int {
	if !x.fold {
		return findLiteral(x.m.text, from, lit)
	}
	for text := x.m.text; from <= len(text); from++ {
		if c := lit[0]; isAlnum(c) && from < len(text) && lower(text[from]) != lower(c) {
			continue
		}
		if matchFolded(text, from, lit) >= 0 {
			return from
		}
	}
	return -1
}

func (x *loose) literal(pos int, lit string) int {
	if !x.fold {
		return matchLiteral(x.m.text, pos, lit)
	}
	return matchFolded(x.m.text, pos, lit)
}

// matchFolded is [matchLiteral] without regard to the case of letters and to
// spaces around punctuation and before a number.
func matchFolded(text []byte, pos int, lit string) int {
	skip := func() {
		for pos < len(text) && isSpace(text[pos]) {
			pos++
		}
	}
	for i := range len(lit) {
		c := lit[i]
		if c == ' ' {
			start := pos
			skip()
			if pos == start && pos > 0 && pos < len(text) && isAlnum(text[pos-1]) && isAlnum(text[pos]) &&
				(isDigit(text[pos-1]) || !isDigit(text[pos])) {
				return -1
			}
			continue
		}
		if !isAlnum(c) {
			skip()
		}
		if pos == len(text) || lower(text[pos]) != lower(c) {
			return -1
		}
		pos++
		if !isAlnum(c) {
			skip()
		}
	}
	return pos
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// isAlnum reports whether c is a letter or a digit. Bytes outside of ASCII count
// as letters.
func isAlnum(c byte) bool {
	l := lower(c)
	return isDigit(c) || 'a' <= l && l <= 'z' || c >= 0x80
}
