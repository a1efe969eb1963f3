// Package catalog lists, as data, every system message of Cisco's firewalls
// that ftd_exporter recognizes, and matches received texts against that list.
//
// It has three types. An [Entry] describes one message id: its templates, its
// meaning, and the recommended action. [Compile] turns entries into a
// [Catalog]. [Catalog.Match] matches a received text against an entry and
// fills a [Message] with the values found in it.
//
//	c, err := catalog.Compile(catalog.Messages())
//	var m catalog.Message
//	if c.Match(735004, []byte("Power Supply 1: Failure Detected"), &m) == catalog.Matched {
//		unit, _ := m.Lookup("unit") // unit.Text is "1"
//	}
//
// What a message does to a metric is defined in package collectors. This
// package imports the standard library only and does not have a state besides the
// compiled tables, so a Catalog may be shared by any number of goroutines.
//
// The message ids, severities and texts follow Cisco's Firepower Threat Defense
// syslog guide, its chapter "722001 to 776254" in full, and the matching chapters
// of the Secure Firewall ASA guide, which also has the messages about failover,
// interfaces, modules, resources, certificates and licenses. Meanings and actions
// are our own words.
package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Entry is what Cisco documents about one message id.
type Entry struct {
	// ID is what messages have in their tag.
	ID ID
	// Severity is the syslog severity in the guide, 0 to 7. An operator can
	// move a message to another severity, so it never decides anything.
	Severity int
	// Family groups entries of one subsystem, in snake_case.
	Family string
	// Summary is one line in English that fits in a table cell.
	Summary string
	// Templates lists the known forms of the text; see [Compile] for their
	// grammar. The first one that matches a received text wins.
	Templates []string
	// Own is how many of the last Templates are for this id only: they lack the
	// state, which then follows from the id, or have only the beginning of an
	// alarm. They are tried after everything else.
	Own int
	// Samples are message texts as a device prints them, without the tag.
	// Every template has at least one sample.
	Samples []string
	// Meaning describes what has happened on the device.
	Meaning string
	// Action describes what an operator should do about it.
	Action string
	// Rule is the name of the rule of an FXOS fault, and Component the part of the
	// device that the fault is about; see [Faults]. Both are empty in other entries.
	Rule, Component string
	// MayCarry lists other ids whose text has been seen, or is documented in
	// some edition of the guide, under this id. A text that matches none of the
	// entry's own templates, but matches one of these entries, is read as that
	// entry's message, because the text is what the device observed.
	MayCarry []ID
}

// A Catalog is a compiled, immutable set of entries.
type Catalog struct {
	entries []compiledEntry
	// byID finds the entry of an id of six digits in two steps: the thousands of
	// the id choose a page, the rest a slot in it, which holds the entry's index
	// plus one. Most traffic consists of ids that are not in the catalog, so
	// rejecting an id must be cheap.
	byID [1000]*[1000]uint16
	// others has the index of the entries of all other ids.
	others map[ID]int
}

type compiledEntry struct {
	*Entry
	templates []template
	shared    []template // Those that are not for the entry's id only.
	mayCarry  []int
}

// Messages returns all known entries, sorted by id. The caller owns the slice.
func Messages() []Entry {
	var all []Entry
	for _, family := range families() {
		all = append(all, family...)
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Compile checks the entries and prepares them for matching. It reports every
// mistake at once, each with the entry's id and, within a template, the column
// (counted in bytes from 1).
//
// A template is literal text with fields in braces: {name} or {name:kind}.
// {{ and }} stand for literal braces. Names are snake_case, unique within a
// template; two fields need literal text between them. See [Kind] for kinds.
//
// Matching is exact, apart from these tolerances, which hold everywhere:
// a space stands for one or more spaces, tabs or line breaks; spaces before
// any of : , ; . ] and after [ are ignored, as are spaces around a field; a
// final full stop is ignored, and so is a leading "IPMI: " or "Clustering: ".
//
// A text that matches no template exactly is read once more: what follows its
// end, such as an escaped line break, a closing quote or the rest of a JSON
// object, is ignored unless it continues the text with letters or digits; and
// in the families of alarms, upper and lower case and spaces around punctuation
// do not matter. Any other difference needs another template.
func Compile(entries []Entry) (*Catalog, error) {
	c := &Catalog{entries: make([]compiledEntry, 0, len(entries)), others: map[ID]int{}}
	var errs []error
	fail := func(e *Entry, format string, args ...any) {
		errs = append(errs, fmt.Errorf("catalog: %s: %s", e.ID, fmt.Sprintf(format, args...)))
	}
	for i := range entries {
		e := &entries[i]
		for _, problem := range e.problems() {
			fail(e, "%s", problem)
		}
		k := compiledEntry{Entry: e}
		for n, s := range e.Templates {
			t, problems := parseTemplate(s)
			for _, p := range problems {
				fail(e, "template %d: %s", n+1, p)
			}
			if j := slices.Index(e.Templates[:n], s); j >= 0 {
				fail(e, "template %d: same as template %d", n+1, j+1)
			}
			k.templates = append(k.templates, t)
		}
		k.shared = k.templates[:len(k.templates)-min(max(e.Own, 0), len(k.templates))]
		if c.index(e.ID) >= 0 {
			fail(e, "id is used by another entry")
			continue
		}
		c.entries = append(c.entries, k)
		if e.ID >= pagedIDs {
			c.others[e.ID] = len(c.entries) - 1
			continue
		}
		page := &c.byID[e.ID/1000]
		if *page == nil {
			*page = new([1000]uint16)
		}
		(*page)[e.ID%1000] = uint16(len(c.entries))
	}
	for i := range c.entries {
		e := &c.entries[i]
		for _, id := range e.MayCarry {
			k := c.index(id)
			switch {
			case id == e.ID:
				fail(e.Entry, "MayCarry names the entry itself")
			case k < 0:
				fail(e.Entry, "MayCarry names %s, which is not in the catalog", id)
			default:
				e.mayCarry = append(e.mayCarry, k)
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

func (e *Entry) problems() []string {
	var p []string
	if n, ok := e.ID.Number(); ok && (n < 100_000 || n > MaxNumber) {
		p = append(p, "id must have six or seven digits")
	}
	if e.Severity < 0 || e.Severity > 7 {
		p = append(p, fmt.Sprintf("severity %d is not within 0 to 7", e.Severity))
	}
	if !isSnakeCase(e.Family) {
		p = append(p, fmt.Sprintf("family %q is not snake_case", e.Family))
	}
	for _, f := range []struct{ name, value string }{
		{"summary", e.Summary}, {"meaning", e.Meaning}, {"action", e.Action},
	} {
		if strings.TrimSpace(f.value) == "" {
			p = append(p, f.name+" is empty")
		} else if strings.ContainsAny(f.value, "\n\r\t") {
			p = append(p, f.name+" must be a single line")
		}
	}
	if len(e.Templates) == 0 {
		p = append(p, "templates are missing")
	}
	if e.Own < 0 || e.Own > len(e.Templates) {
		p = append(p, fmt.Sprintf("own is %d, of %d templates", e.Own, len(e.Templates)))
	}
	if len(e.Samples) == 0 {
		p = append(p, "samples are missing")
	}
	return p
}

// Len returns the number of entries.
func (c *Catalog) Len() int { return len(c.entries) }

// At returns the i-th entry in the order given to [Compile]. It is shared and
// must not be modified.
func (c *Catalog) At(i int) *Entry { return c.entries[i].Entry }

// Index returns the position of id for [Catalog.At], or -1 if id is not in the
// catalog.
func (c *Catalog) Index(id ID) int { return c.index(id) }

// pagedIDs is the end of the ids that [Catalog.byID] has.
const pagedIDs = 1_000_000

func (c *Catalog) index(id ID) int {
	if id >= pagedIDs {
		if i, ok := c.others[id]; ok {
			return i
		}
		return -1
	}
	page := c.byID[id/1000]
	if page == nil {
		return -1
	}
	return int(page[id%1000]) - 1
}

// Fields returns the fields of one template of an entry, in the order of the
// text. The arguments are the positions of the entry and of the template in
// [Entry.Templates]. The slice is shared and must not be modified.
func (c *Catalog) Fields(entry, template int) []FieldSpec {
	return c.entries[entry].templates[template].fields
}

// MatchText returns the entry that matches a text without a tag, and false if
// no entry or only a very general template matches. It searches the whole
// catalog: it is for diagnosis, never for traffic.
func (c *Catalog) MatchText(text []byte, m *Message) (*Entry, bool) {
	const minLiteral = 12 // Bytes of literal text below which a match proves nothing.
	m.reset(text)
	for i := range c.entries {
		for n := range c.entries[i].templates {
			t := &c.entries[i].templates[n]
			if t.literalBytes >= minLiteral && t.match(m) {
				m.ID, m.Entry, m.Index, m.TemplateIndex = c.entries[i].ID, c.entries[i].Entry, i, n
				return m.Entry, true
			}
		}
	}
	return nil, false
}
