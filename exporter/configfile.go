package exporter

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// A configFile reads YAML into structs by their tags, collects all mistakes
// that it meets, and remembers where each value stands, so that a later check
// can name the line.
//
// The rules are stricter than those of YAML decoders: a key must be known and
// be there once, a value must be there and have the type of its field. A number
// in the place of a text is a mistake, because 1.10 would have become 1.1.
type configFile struct {
	name     string
	at       map[any]place // By pointer to the value, or by mapEntry.
	mistakes []mistake
	warnings []mistake // What is no mistake but does harm.
}

// A mapEntry identifies a value in a map, which has no address of its own.
type mapEntry struct {
	mapping any // The pointer to the map.
	key     string
}

// A place is where a value stands in the file.
type place struct {
	path string // As in devices[2].name; empty for the whole file.
	node *yaml.Node
}

type mistake struct {
	line, column int
	path         string
	err          error
}

func newMistake(p place, format string, args ...any) mistake {
	return mistake{p.node.Line, p.node.Column, p.path, fmt.Errorf(format, args...)}
}

func newConfigFile(name string) *configFile {
	return &configFile{name: name, at: map[any]place{}}
}

// has reports whether the file gives the value that where points to.
func (f *configFile) has(where any) bool {
	_, ok := f.at[where]
	return ok
}

// line returns the line that a value stands on; 1 if the file does not give it.
func (f *configFile) line(where any) int {
	if p, ok := f.at[where]; ok {
		return p.node.Line
	}
	return 1
}

// text returns a scalar as the file spells it. That of a map entry is its key.
func (f *configFile) text(where any) string {
	if e, ok := where.(mapEntry); ok {
		return e.key
	}
	if p, ok := f.at[where]; ok {
		return p.node.Value
	}
	return ""
}

// fail reports a mistake in the value that where points to.
func (f *configFile) fail(where any, format string, args ...any) {
	f.failAt(f.place(where), format, args...)
}

// warn reports what is no mistake but does harm.
func (f *configFile) warn(where any, format string, args ...any) {
	f.warnings = append(f.warnings, newMistake(f.place(where), format, args...))
}

// place returns where a value stands, or the start of the file.
func (f *configFile) place(where any) place {
	if p, ok := f.at[where]; ok {
		return p
	}
	return place{node: &yaml.Node{Line: 1}}
}

func (f *configFile) failAt(p place, format string, args ...any) {
	f.mistakes = append(f.mistakes, newMistake(p, format, args...))
}

// list returns mistakes in the order of the file. Those in what YAML repeats by
// an alias are there once.
func (f *configFile) list(mistakes []mistake) []error {
	slices.SortStableFunc(mistakes, func(a, b mistake) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.err.Error(), b.err.Error()))
	})
	mistakes = slices.CompactFunc(mistakes, func(a, b mistake) bool {
		return a.line == b.line && a.column == b.column && a.err.Error() == b.err.Error()
	})
	var errs []error
	for _, m := range mistakes {
		if m.path != "" {
			m.err = fmt.Errorf("%s: %w", m.path, m.err)
		}
		errs = append(errs, fmt.Errorf("%s:%d: %w", f.name, m.line, m.err))
	}
	return errs
}

// read sets the fields of the struct that dst points to. Those that data does
// not give, or gives wrongly, stay as they are. Data may be empty.
func (f *configFile) read(data []byte, dst any) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	err := d.Decode(&doc)
	if err == nil {
		f.value(place{"", doc.Content[0]}, reflect.ValueOf(dst).Elem())
		err = d.Decode(&next)
	}
	switch {
	case err == nil:
		f.failAt(place{"", &next}, "a second document begins; remove what follows ---")
	case !errors.Is(err, io.EOF):
		f.failSyntax(data, err)
	}
}

// failSyntax reports an error of the YAML library, which names the line in its
// text, and that not always.
func (f *configFile) failSyntax(data []byte, err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if number, what, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok {
		if n, err := strconv.Atoi(number); err == nil {
			line, text = n, what
		}
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		before, _, _ := bytes.Cut(data, []byte("*"+strings.TrimSuffix(name, "' referenced")))
		line += bytes.Count(before, []byte("\n"))
	}
	f.failAt(place{"", &yaml.Node{Line: line}}, "not YAML: %s; check indentation, colons and quotes here and above", text)
}

// value reads what stands at p into v. If it can't, v stays as it is.
func (f *configFile) value(p place, v reflect.Value) {
	if p.node.Kind == yaml.AliasNode {
		p.node = p.node.Alias
	}
	f.at[v.Addr().Interface()] = p
	if p.node.ShortTag() == "!!null" {
		if p.path != "" { // Else there is nothing but a document start.
			f.failAt(p, "has no value; give one or remove the key")
		}
		return
	}
	switch dst := v.Addr().Interface().(type) {
	case *time.Duration:
		scalar(f, p, dst, parseDuration, "a duration such as 90s, 15m or 30d", "!!str")
		return
	case *netip.Prefix:
		scalar(f, p, dst, parseNetwork, "an address or network such as 192.0.2.1 or 192.0.2.0/24", "!!str")
		return
	case *uint32:
		scalar(f, p, dst, parseMessageID, "a message id such as 735002", "!!int")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		f.fields(p, v)
	case reflect.Map:
		f.entries(p, v)
	case reflect.Slice:
		f.items(p, v)
	case reflect.Bool:
		scalar(f, p, v.Addr().Interface().(*bool), strconv.ParseBool, "true or false", "!!bool")
	case reflect.Int:
		scalar(f, p, v.Addr().Interface().(*int), parseInt, "a whole number such as 1000", "!!int")
	case reflect.String:
		var s string
		want := "a text"
		if p.node.Kind == yaml.ScalarNode && p.node.ShortTag() != "!!str" {
			want = fmt.Sprintf("%q, in quotes", p.node.Value)
		}
		scalar(f, p, &s, parseText, want, "!!str")
		if s != "" {
			v.SetString(s)
		}
	}
}

// fields reads a mapping into a struct.
func (f *configFile) fields(p place, v reflect.Value) {
	fields := map[string]reflect.Value{}
	var keys []string
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("yaml")
		if key == "" {
			continue
		}
		keys = append(keys, key)
		fields[key] = v.Field(i)
	}
	f.pairs(p, func(key string, k, value *yaml.Node) {
		field, ok := fields[key]
		if !ok {
			f.failAt(place{p.path, k}, "key %q is unknown%s", key, suggest(key, keys))
			return
		}
		f.value(place{strings.TrimPrefix(p.path+"."+key, "."), value}, field)
	})
}

// entries reads a mapping into a map of texts.
func (f *configFile) entries(p place, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	f.pairs(p, func(key string, k, value *yaml.Node) {
		entry := place{p.path + "." + key, value}
		f.at[mapEntry{v.Addr().Interface(), key}] = place{entry.path, k}
		var text string
		f.value(entry, reflect.ValueOf(&text).Elem())
		if text != "" {
			v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(text))
		}
	})
}

// pairs calls read for each key of a mapping that is there for the first time.
func (f *configFile) pairs(p place, read func(key string, k, value *yaml.Node)) {
	if p.node.Kind != yaml.MappingNode {
		f.failType(p, `keys with values, one "key: value" a line`)
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		k := p.node.Content[i]
		if k.Kind != yaml.ScalarNode || k.Value == "" {
			f.failAt(place{p.path, k}, "a key is not a text; write key: value")
			continue
		}
		if line, ok := first[k.Value]; ok {
			f.failAt(place{p.path, k}, "key %q is given twice, first on line %d; remove one", k.Value, line)
			continue
		}
		first[k.Value] = k.Line
		read(k.Value, k, p.node.Content[i+1])
	}
}

// items reads a list into a slice.
func (f *configFile) items(p place, v reflect.Value) {
	if p.node.Kind != yaml.SequenceNode {
		f.failType(p, `a list, one "- item" a line`)
		return
	}
	n := len(p.node.Content)
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i, item := range p.node.Content {
		f.value(place{fmt.Sprintf("%s[%d]", p.path, i), item}, v.Index(i))
	}
}

// scalar sets dst to what parse makes of a scalar with this tag.
func scalar[T any](f *configFile, p place, dst *T, parse func(string) (T, error), want, tag string) {
	if p.node.Kind != yaml.ScalarNode || p.node.ShortTag() != tag {
		f.failType(p, want)
		return
	}
	v, err := parse(p.node.Value)
	if err != nil {
		f.failAt(p, "%w; write %s", err, want)
		return
	}
	*dst = v
}

// failType reports a value of the wrong type.
func (f *configFile) failType(p place, want string) {
	var is string
	switch n := p.node; {
	case n.Kind == yaml.MappingNode:
		is = "keys with values are given"
	case n.Kind == yaml.SequenceNode:
		is = "a list is given"
	case n.ShortTag() == "!!str":
		is = fmt.Sprintf("%q is a text", n.Value)
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float":
		is = plain(n.Value) + " is a number"
	case n.ShortTag() == "!!bool":
		is = plain(n.Value) + " is true or false"
	default:
		is = fmt.Sprintf("%q has the type %s", n.Value, plain(strings.TrimPrefix(n.ShortTag(), "!!")))
	}
	f.failAt(p, "%s; write %s", is, want)
}

// plain returns what needs no quotes as a rule, in one line. Even a number can
// be anything if the file says in its tag that it is one.
func plain(s string) string {
	s = strconv.Quote(s)
	return s[1 : len(s)-1]
}

func parseText(s string) (string, error) {
	if s == "" {
		return "", errors.New("is empty")
	}
	return s, nil
}

func parseInt(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%s is no decimal number", plain(s))
	}
	return n, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return time.Duration(d), nil
}

func parseMessageID(s string) (uint32, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil || id < 100_000 || id > 999_999 {
		return 0, fmt.Errorf("%s is not 100000 to 999999", plain(s))
	}
	return uint32(id), nil
}

// parseNetwork parses an address, which is a network of one, or a network. An
// IPv4 network in IPv6 form becomes what it is.
func parseNetwork(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%q is no address", s)
		}
		if a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q has the zone of a link", s)
		}
		a = plainAddr(a)
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if err != nil || !p.IsValid() {
		return netip.Prefix{}, fmt.Errorf("%q is no network", s)
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%q is an address in the network %s", s, p.Masked())
	}
	return p, nil
}

// suggest returns the end of a message about an unknown word.
func suggest(word string, known []string) string {
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
	if d := distance(word, nearest); d <= 2 && d < len(nearest)/2 {
		return "; did you mean " + nearest + "?"
	}
	return "; use " + strings.Join(known, ", ")
}

// distance returns how many letters to insert, delete or replace to turn a
// into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
