package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A document reads YAML into structs by their tags, collects all problems that
// it meets, and remembers where each value stands, so that a later check can
// name the line.
//
// The rules are stricter than a YAML decoder's: a key must be known and
// occur once, a value must be there and have the type of its field. A number in
// the place of a string is a problem, because 1.10 would have become 1.1.
//
// A field may be a bool, an int, a string, a type in scalars, a struct or slice of
// these, or a map of strings. The keys of a struct are in the tags yaml of its
// fields; a field without a tag is left alone. A field with the tag [inlineTag] is
// a map with string keys: those that it has already are keys of the struct, too.
type document struct {
	name      string
	scalars   map[reflect.Type]scalar // Types that are read as a single value, beside bool, int and string.
	positions map[any]position        // By pointer to the value, or by mapKey.
	// origins has where items of lists stand that are from another file.
	origins  map[*yaml.Node]position
	problems []problem
	warnings []problem // Valid, but harmful.
}

const inlineTag = ",inline"

// A scalar defines how to read a type from a single value of YAML.
type scalar struct {
	tag   string // The type that the value has in YAML, such as !!str.
	want  string // What to write: completes "write ".
	parse func(string) (any, error)
	// or is another type that the value may have in YAML, or nil.
	or *scalar
}

// A mapKey identifies a value in a map, which does not have an address of its
// own.
type mapKey struct {
	mapping any // The pointer to the map.
	key     string
}

// A position is where a value stands in a file.
type position struct {
	file string
	path string // As in devices[2].name; empty for the whole file.
	node *yaml.Node
}

// below returns the position of the value of a key.
func (p position) below(key string, value *yaml.Node) position {
	return position{p.file, strings.TrimPrefix(p.path+"."+key, "."), value}
}

// at returns the position of a node that belongs to the value at p.
func (p position) at(node *yaml.Node) position { return position{p.file, p.path, node} }

type problem struct {
	file         string
	line, column int
	path         string
	err          error
}

func newProblem(p position, format string, args ...any) problem {
	return problem{p.file, p.node.Line, p.node.Column, p.path, fmt.Errorf(format, args...)}
}

func newDocument(name string, scalars map[reflect.Type]scalar) *document {
	return &document{name: name, scalars: scalars, positions: map[any]position{}, origins: map[*yaml.Node]position{}}
}

// has reports whether the file has the value that where points to.
func (d *document) has(where any) bool {
	_, ok := d.positions[where]
	return ok
}

// line returns the line that a value stands on; 1 if it is not in the file.
func (d *document) line(where any) int { return d.position(where).node.Line }

// text returns a scalar as the file spells it. For a map entry, it is the key.
func (d *document) text(where any) string {
	if k, ok := where.(mapKey); ok {
		return k.key
	}
	return d.position(where).node.Value
}

// position returns where a value stands, or the start of the file.
func (d *document) position(where any) position {
	if p, ok := d.positions[where]; ok {
		return p
	}
	return d.line1()
}

// line1 returns the start of the file.
func (d *document) line1() position { return position{d.name, "", &yaml.Node{Line: 1}} }

// place returns where a value stands, for the report of a problem with another one.
func (d *document) place(where, other any) string {
	p := d.position(where)
	if p.file == d.position(other).file {
		return fmt.Sprintf("line %d", p.node.Line)
	}
	return fmt.Sprintf("%s:%d", p.file, p.node.Line)
}

// report reports a problem with the value that where points to. The format states
// what is wrong and what to do, as in "is empty; write a string".
func (d *document) report(where any, format string, args ...any) {
	d.reportAt(d.position(where), format, args...)
}

func (d *document) reportAt(p position, format string, args ...any) {
	d.problems = append(d.problems, newProblem(p, format, args...))
}

// warn reports a value that is valid but does harm.
func (d *document) warn(where any, format string, args ...any) {
	d.warnings = append(d.warnings, newProblem(d.position(where), format, args...))
}

// inOrder returns problems in the order of the file, then of other files, each as
// "FILE:LINE: PATH: what is wrong; what to do". Problems in what YAML repeats by
// an alias are there once.
func (d *document) inOrder(problems []problem) []error {
	name := func(p *problem) string { // In which the own file comes first.
		if p.file == d.name {
			return ""
		}
		return p.file
	}
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(name(&a), name(&b)), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.err.Error(), b.err.Error()))
	})
	problems = slices.CompactFunc(problems, func(a, b problem) bool {
		return a.file == b.file && a.line == b.line && a.column == b.column && a.err.Error() == b.err.Error()
	})
	var errs []error
	for _, p := range problems {
		if p.path != "" {
			p.err = fmt.Errorf("%s: %w", p.path, p.err)
		}
		errs = append(errs, fmt.Errorf("%s:%d: %w", p.file, p.line, p.err))
	}
	return errs
}

// read sets the fields of the struct that dst points to. Fields that data does
// not have, or that cannot be read, stay as they are. Data may be empty.
func (d *document) read(data []byte, dst any) { d.readNode(d.parse(data), dst) }

// readNode is read for a document that has been parsed; nil is an empty one.
func (d *document) readNode(root *yaml.Node, dst any) {
	if root != nil {
		d.value(position{d.name, "", root}, reflect.ValueOf(dst).Elem())
	}
}

// checkUTF8 reports a file that is not UTF-8, such as one that a spreadsheet has
// written in the encoding of the system, and returns whether it is.
func (d *document) checkUTF8(data []byte) bool {
	if utf8.Valid(data) {
		return true
	}
	line := 1
	for text := range bytes.Lines(data) {
		if !utf8.Valid(text) {
			break
		}
		line++
	}
	d.reportAt(position{d.name, "", &yaml.Node{Line: line}}, "is not UTF-8; save the file as UTF-8")
	return false
}

// parse returns the root of a YAML document, and nil if data is empty or is not
// YAML.
func (d *document) parse(data []byte) *yaml.Node {
	if !d.checkUTF8(data) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	err := decoder.Decode(&first)
	parsed := err == nil
	if parsed {
		err = decoder.Decode(&second)
	}
	switch {
	case err == nil:
		d.reportAt(position{d.name, "", &second}, "a second document begins; remove what follows ---")
	case !errors.Is(err, io.EOF):
		d.reportSyntax(data, err)
	}
	if !parsed {
		return nil
	}
	return first.Content[0]
}

// value reads what stands at p into v. If it can't, v stays as it is.
func (d *document) value(p position, v reflect.Value) {
	if p.node.Kind == yaml.AliasNode {
		p.node = p.node.Alias
	}
	d.positions[v.Addr().Interface()] = p
	if p.node.ShortTag() == "!!null" {
		if p.path != "" { // Else there is nothing but the start of a document.
			d.reportAt(p, "does not have a value; add one or remove the key")
		}
		return
	}
	if s, ok := d.scalars[v.Type()]; ok {
		d.scalar(p, v, s)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(p, v)
	case reflect.Map:
		d.stringMap(p, v)
	case reflect.Slice:
		d.sequence(p, v)
	case reflect.Bool:
		d.scalar(p, v, scalar{tag: "!!bool", want: "true or false", parse: parseBool})
	case reflect.Int:
		d.scalar(p, v, scalar{tag: "!!int", want: "a whole number such as 1000", parse: parseInt})
	case reflect.String:
		want := "a string"
		if p.node.Kind == yaml.ScalarNode && p.node.ShortTag() != "!!str" {
			want = fmt.Sprintf("%q, in quotes", p.node.Value)
		}
		d.scalar(p, v, scalar{tag: "!!str", want: want, parse: parseString})
	}
}

// structure reads a mapping into a struct.
func (d *document) structure(p position, v reflect.Value) {
	fields, inlined := map[string]reflect.Value{}, map[string]reflect.Value{}
	var keys []string
	for i := range v.NumField() {
		switch key := v.Type().Field(i).Tag.Get("yaml"); key {
		case "":
		case inlineTag:
			m := v.Field(i)
			for _, key := range slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) }) {
				keys = append(keys, key.String())
				inlined[key.String()] = m
			}
		default:
			keys = append(keys, key)
			fields[key] = v.Field(i)
		}
	}
	d.mapping(p, func(key string, k, value *yaml.Node) {
		if field, ok := fields[key]; ok {
			d.value(p.below(key, value), field)
		} else if m, ok := inlined[key]; ok {
			name := reflect.ValueOf(key)
			item := reflect.New(m.Type().Elem()).Elem()
			item.Set(m.MapIndex(name))
			d.entry(p, m, k, value, item)
			m.SetMapIndex(name, item)
		} else {
			d.reportAt(p.at(k), "key %q is unknown%s", key, suggest(key, keys))
		}
	})
}

// stringMap reads a mapping into a map of strings.
func (d *document) stringMap(p position, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.mapping(p, func(key string, k, value *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.entry(p, v, k, value, item)
		if !item.IsZero() {
			v.SetMapIndex(reflect.ValueOf(key), item)
		}
	})
}

// entry reads an entry of the map m, which stands at p, into item.
func (d *document) entry(p position, m reflect.Value, key, value *yaml.Node, item reflect.Value) {
	at := p.below(key.Value, value)
	d.positions[mapKey{m.Addr().Interface(), key.Value}] = at.at(key)
	d.value(at, item)
}

// mapping calls read for each key of a mapping at its first occurrence.
func (d *document) mapping(p position, read func(key string, k, value *yaml.Node)) {
	if p.node.Kind != yaml.MappingNode {
		d.reportType(p, `keys with values, one "key: value" a line`)
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		k := p.node.Content[i]
		if k.Kind != yaml.ScalarNode || k.Value == "" {
			d.reportAt(p.at(k), "a key is not a string; write key: value")
			continue
		}
		if line, ok := first[k.Value]; ok {
			d.reportAt(p.at(k), "key %q is given twice, first on line %d; remove one", k.Value, line)
			continue
		}
		first[k.Value] = k.Line
		read(k.Value, k, p.node.Content[i+1])
	}
}

// sequence reads a list into a slice.
func (d *document) sequence(p position, v reflect.Value) {
	if p.node.Kind != yaml.SequenceNode {
		d.reportType(p, `a list, one "- item" a line`)
		return
	}
	n := len(p.node.Content)
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i, item := range p.node.Content {
		at, ok := d.origins[item]
		if !ok {
			at = position{p.file, fmt.Sprintf("%s[%d]", p.path, i), item}
		}
		d.value(at, v.Index(i))
	}
}

// scalar reads a single value into v.
func (d *document) scalar(p position, v reflect.Value, s scalar) {
	if p.node.Kind == yaml.ScalarNode && p.node.ShortTag() != s.tag && s.or != nil {
		s = *s.or
	}
	if p.node.Kind != yaml.ScalarNode || p.node.ShortTag() != s.tag {
		d.reportType(p, s.want)
		return
	}
	x, err := s.parse(p.node.Value)
	if err != nil {
		d.reportAt(p, "%w; write %s", err, s.want)
		return
	}
	v.Set(reflect.ValueOf(x).Convert(v.Type()))
}

// reportType reports a value of the wrong type.
func (d *document) reportType(p position, want string) {
	var is string
	switch n := p.node; {
	case n.Kind == yaml.MappingNode:
		is = "keys with values are given"
	case n.Kind == yaml.SequenceNode:
		is = "a list is given"
	case n.ShortTag() == "!!str":
		is = fmt.Sprintf("%q is a string", n.Value)
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float":
		is = unquoted(n.Value) + " is a number"
	case n.ShortTag() == "!!bool":
		is = unquoted(n.Value) + " is true or false"
	default:
		is = fmt.Sprintf("%q has the type %s", n.Value, unquoted(strings.TrimPrefix(n.ShortTag(), "!!")))
	}
	d.reportAt(p, "%s; write %s", is, want)
}

// unquoted returns what does not need quotes as a rule, in one line. Even a
// number can be anything if the file states in its tag that it is one.
func unquoted(s string) string {
	s = strconv.Quote(s)
	return s[1 : len(s)-1]
}

func parseBool(s string) (any, error) { return strconv.ParseBool(s) }

func parseString(s string) (any, error) {
	if s == "" {
		return nil, errors.New("is empty")
	}
	return s, nil
}

func parseInt(s string) (any, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil, fmt.Errorf("%s is not a decimal number", unquoted(s))
	}
	return n, nil
}
