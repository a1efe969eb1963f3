package catalog

import (
	"fmt"
	"strings"
)

// MaxFields is the largest number of fields in one template.
const MaxFields = 20

// A Kind defines which values a field accepts and how they are read.
type Kind uint8

// The kinds of fields. Word, Int, Number, Hex and Address do not accept spaces.
const (
	// Word is one run of characters without white space: a name, an address.
	// It is the default and may be written {name} or {name:word}.
	Word Kind = iota
	// Int is a decimal integer with an optional sign.
	Int
	// Number is a decimal number with optional sign and fraction.
	Number
	// Celsius is a temperature with its unit, C or F, with or without a
	// degree sign and a space: "63 C", "145.4F". Its value is in degrees
	// Celsius whatever the device prints.
	Celsius
	// Ratio is a percentage, 0 to 100, with or without the sign or the word
	// percent: "85 %" has value 0.85.
	Ratio
	// Hex is a hexadecimal number with or without 0x; as a label value it has
	// the 0x.
	Hex
	// PCI is a bus:device.function address as the guide's editions print it,
	// "3:0.1" or "3:0, 1", with or without a domain before it; as a label it
	// reads "3:0.1", and "0001:3:0.1" if the domain is not 0.
	PCI
	// Text is anything, including spaces, and may be empty.
	Text
	// Name is one or more words without colon, comma and semicolon: the name of
	// a part that is "module 1" instead of "1".
	Name
	// Address is a word that is not a part of an IPv6 address, so that the last
	// group of an address without a port is not read as the port.
	Address
	// OneOf is one of the words in [FieldSpec.Words], which templates list in
	// place of the kind: {status:up|down}. Letter case is ignored, as are angle
	// brackets around the word. A text with any other word does not match.
	OneOf
)

var kindNames = [...]string{"word", "int", "number", "celsius", "ratio", "hex", "pci", "text", "name", "address", "word|word"}

// String returns the kind's name as templates spell it.
func (k Kind) String() string { return kindNames[k] }

// A FieldSpec is a field of a template.
type FieldSpec struct {
	Name string
	Kind Kind
	// Words has the words of OneOf, separated by |, else it is empty.
	Words string
}

// A template is an alternation of literals and fields: literal i precedes
// field i, and the last literal ends the text. Literals are normalized so that
// matchLiteral can ignore the spaces that it tolerates: one space for a run of
// spaces, none before punctuation or after an opening bracket.
type template struct {
	literals     []string // len(fields)+1
	fields       []FieldSpec
	literalBytes int // total length of literals
	// assures is set if a literal has the word OK, open if the last field is at the
	// end and takes whatever is there.
	assures, open bool
}

func parseTemplate(s string) (t template, problems []string) {
	bad := func(column int, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("column %d: %s", column+1, fmt.Sprintf(format, args...)))
	}
	for _, prefix := range [...]string{monitorPrefix, clusterPrefix} {
		if strings.HasPrefix(s, prefix) {
			bad(0, "leave %q out, it is optional everywhere", prefix)
		}
	}
	if strings.TrimSpace(s) == "" {
		bad(0, "template is empty")
	}
	var lit strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '{' && strings.HasPrefix(s[i:], "{{"), c == '}' && strings.HasPrefix(s[i:], "}}"):
			lit.WriteByte(c)
			i++
		case c == '}':
			bad(i, "} without {; write }} for a literal brace")
		case c == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				bad(i, "{ is not closed; write {{ for a literal brace")
				i = len(s)
				break
			}
			spec, problem := parseField(s[i+1 : i+end])
			if problem != "" {
				bad(i, "%s", problem)
			}
			for _, f := range t.fields {
				if f.Name == spec.Name {
					bad(i, "field %q appears twice", spec.Name)
				}
			}
			if len(t.fields) > 0 && strings.TrimSpace(lit.String()) == "" && lit.Len() == 0 {
				bad(i, "field %q follows another field with nothing between them", spec.Name)
			}
			if len(t.fields) == MaxFields {
				bad(i, "more than %d fields", MaxFields)
			}
			if last := len(t.fields) - 1; last >= 0 && t.fields[last].Kind == Text && strings.TrimSpace(lit.String()) == "" {
				bad(i, "only spaces separate text field %q from field %q, so its end is undefined", t.fields[last].Name, spec.Name)
			}
			t.literals = append(t.literals, normalize(lit.String()))
			t.fields = append(t.fields, spec)
			lit.Reset()
			i += end
		case c < ' ' || c == 0x7f:
			bad(i, "control character %#02x", c)
		default:
			lit.WriteByte(c)
		}
	}
	t.literals = append(t.literals, strings.TrimRight(strings.TrimSuffix(strings.TrimRight(normalize(lit.String()), " "), "."), " "))
	t.literals[0] = strings.TrimLeft(t.literals[0], " ")
	if last := len(t.fields) - 1; last >= 0 && t.literals[last+1] == "" {
		t.open = t.fields[last].Kind == Text || t.fields[last].Kind == Word
	}
	for _, l := range t.literals {
		t.literalBytes += len(l)
		t.assures = t.assures || strings.Contains(" "+l+" ", " OK ")
	}
	return t, problems
}

func parseField(s string) (FieldSpec, string) {
	name, kind, typed := strings.Cut(s, ":")
	spec := FieldSpec{Name: name}
	if !isSnakeCase(name) {
		return spec, fmt.Sprintf("field name %q is not snake_case", name)
	}
	if !typed {
		return spec, ""
	}
	if strings.Contains(kind, "|") {
		for word := range strings.SplitSeq(kind, "|") {
			if word == "" || strings.TrimSpace(word) != word {
				return spec, fmt.Sprintf("an alternative of field %q is empty or begins or ends with a space", name)
			}
			if strings.ContainsAny(word, "<>") || textEnd([]byte(word)) != len(word) {
				return spec, fmt.Sprintf("alternative %q of field %q has angle brackets or an escape in it, which texts may have around a value", word, name)
			}
		}
		spec.Kind, spec.Words = OneOf, kind
		return spec, ""
	}
	for k, n := range kindNames[:OneOf] {
		if n == kind {
			spec.Kind = Kind(k)
			return spec, ""
		}
	}
	return spec, fmt.Sprintf("unknown kind %q, want one of %s", kind, strings.Join(kindNames[:], ", "))
}

func isSnakeCase(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == '_')) {
			return false
		}
	}
	return s != ""
}

func normalize(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		last := byte(0)
		if len(b) > 0 {
			last = b[len(b)-1]
		}
		switch {
		case isSpace(c):
			if last != ' ' && last != '[' {
				b = append(b, ' ')
			}
		case absorbsSpace(c) && last == ' ':
			b[len(b)-1] = c
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// isSpace reports whether c is white space. Line breaks count: one sample
// carries a line feed inside the brackets of 733100.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// absorbsSpace reports whether spaces before c are ignored.
func absorbsSpace(c byte) bool {
	return c == ':' || c == ',' || c == ';' || c == '.' || c == ']'
}
