package catalog

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"
)

// FuzzTemplate checks that every template that compiles matches a text built
// from its literals and a sample value for each field.
func FuzzTemplate(f *testing.F) {
	for _, e := range Messages() {
		f.Add(e.Templates[0])
	}
	for _, s := range []string{"{", "}", "{{{a}}}", "{a:int}.", "{a}{b}", " {a:text} ", "[ {a} ]", "a .", "{a:pci}", "{a:celsius} {b:ratio}:", "{a:x|yy z}!"} {
		f.Add(s)
	}
	samples := map[Kind]string{Word: "w0rd", Int: "-42", Number: "4.25", Celsius: "63 C", Ratio: "85%", Hex: "0x8086", PCI: "3:0.1", Text: "two words", Name: "module 1", Address: "2001:db8::1"}
	f.Fuzz(func(t *testing.T, s string) {
		tmpl, problems := parseTemplate(s)
		if len(problems) > 0 {
			return
		}
		if len(tmpl.literals) != len(tmpl.fields)+1 || len(tmpl.fields) > MaxFields {
			t.Fatalf("%d literals, %d fields", len(tmpl.literals), len(tmpl.fields))
		}
		var text strings.Builder
		for i, l := range tmpl.literals {
			text.WriteString(l)
			if i < len(tmpl.fields) {
				sample := samples[tmpl.fields[i].Kind]
				if words := tmpl.fields[i].Words; words != "" {
					sample, _, _ = strings.Cut(words, "|")
				}
				text.WriteString(sample)
			}
		}
		if out := text.String(); out != string(trim([]byte(out))) {
			return // It begins or ends with text that trim removes.
		}
		var m Message
		m.reset([]byte(text.String()))
		if !tmpl.match(&m) {
			t.Fatalf("template %q does not match %q", s, text.String())
		}
	})
}

// FuzzMatch checks that fields lie within the text, whatever the text, and that
// Match does not write to it.
func FuzzMatch(f *testing.F) {
	for _, e := range Messages() {
		for _, s := range e.Samples {
			f.Add(uint32(e.ID), []byte(s))
		}
	}
	c := compileAll(f)
	f.Fuzz(func(t *testing.T, id uint32, text []byte) {
		before := bytes.Clone(text)
		var m Message
		outcome := c.Match(ID(id), text, &m)
		if !bytes.Equal(before, text) {
			t.Fatal("the text was changed")
		}
		if (outcome == Matched) != (m.Entry != nil) || outcome != Matched && m.Len() != 0 {
			t.Fatalf("outcome %d, entry %v, %d fields", outcome, m.Entry, m.Len())
		}
		if (outcome == UnknownID) != (c.Index(ID(id)) < 0) {
			t.Fatalf("outcome %d for id %d", outcome, id)
		}
		for i := range m.Len() {
			field := m.Field(i)
			if len(field.Text) > 0 && !within(field.Text, text) {
				t.Fatalf("field %s lies outside the text", field.Name)
			}
			label := m.AppendLabel(nil, i)
			if field.Kind != Text && len(label) == 0 {
				t.Fatalf("field %s of kind %s is empty", field.Name, field.Kind)
			}
			if field.Value != field.Value {
				t.Fatalf("field %s is not a number", field.Name)
			}
		}
	})
}

func within(part, whole []byte) bool {
	p, w := uintptr(unsafe.Pointer(unsafe.SliceData(part))), uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return p >= w && p+uintptr(len(part)) <= w+uintptr(len(whole))
}

// FuzzTail checks that what follows a text is found within it, that nothing is
// removed that does not look like a tail, and that letters and digits directly
// after an OK are never ignored.
func FuzzTail(f *testing.F) {
	for _, tail := range tails {
		f.Add([]byte(tail))
	}
	for _, s := range []string{"AY", "2", "-x", ".x", ", not", "x: OK", `\`, `\u00`, "<01", "#01", "&;", "_x", "é", "\xe2\x90"} {
		f.Add([]byte(s))
	}
	c := compileAll(f)
	f.Fuzz(func(t *testing.T, tail []byte) {
		if n := escapeLen(tail); n < 0 || n > len(tail) {
			t.Fatalf("an escape of %d bytes in %q", n, tail)
		}
		end := textEnd(tail)
		if end < 0 || end > len(tail) {
			t.Fatalf("the text in %q ends at %d", tail, end)
		}
		if end < len(tail) && !mayHaveTail(tail) && !bytes.ContainsRune(tail, '"') {
			t.Fatalf("mayHaveTail overlooks the tail of %q", tail)
		}
		var m Message
		if len(tail) > 0 && tail[0] < 0x80 && isAlnum(tail[0]) && c.Match(735001, append([]byte("Cooling Fan 1: OK"), tail...), &m) == Matched {
			t.Fatalf("%q after an OK is ignored", tail)
		}
		if c.Match(735002, append([]byte(`Cooling Fan 1: Failure Detected\n`), tail...), &m) != Matched || m.Entry.ID != 735002 {
			t.Fatalf("%q after a line break hides a failure", tail)
		}
	})
}
