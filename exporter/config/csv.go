package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// A column is what the column of a CSV file is in a device.
type column struct {
	key   string
	kind  reflect.Kind // Of the field for the key; Invalid for a label.
	title *yaml.Node   // The title of the column.
}

// csvColumns returns the columns for the first row of a file. Those that are keys of
// [identity.Device] have their values, and aliases are its hosts. All others are
// labels.
func csvColumns(titles []*yaml.Node) []column {
	kinds := map[string]reflect.Kind{}
	for field := range reflect.TypeFor[identity.Device]().Fields() {
		if key := field.Tag.Get("yaml"); key != "" {
			kinds[key] = field.Type.Kind()
		}
	}
	columns := make([]column, len(titles))
	for i, title := range titles {
		key := title.Value
		if strings.EqualFold(key, "aliases") {
			key = "hosts"
		}
		if _, ok := kinds[strings.ToLower(key)]; ok {
			key = strings.ToLower(key)
		}
		columns[i] = column{key, kinds[key], title}
	}
	return columns
}

// parseCSV returns the list of devices in a CSV file, as YAML has it, or nil if it
// cannot be read. It reports rows that are not CSV.
func (d *document) parseCSV(data []byte) *yaml.Node {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment, r.TrimLeadingSpace, r.Comma = '#', true, separatorOf(data)
	var columns []column
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: 1}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			d.reportAt(position{d.name, "", &yaml.Node{Line: wrong.Line, Column: wrong.Column}}, "not CSV: %w; write as many cells as the first row has, and quotes in pairs", wrong.Err)
			if !errors.Is(err, csv.ErrFieldCount) {
				return nil
			}
			continue
		}
		cells := make([]*yaml.Node, len(row))
		for i, text := range row {
			line, column := r.FieldPos(i)
			cells[i] = csvText(&yaml.Node{Line: line, Column: column}, strings.TrimSpace(text))
		}
		switch {
		case columns != nil:
			if row := csvDevice(columns, cells); row != nil {
				list.Content = append(list.Content, row)
			}
		case !slices.ContainsFunc(cells, func(c *yaml.Node) bool { return strings.EqualFold(c.Value, "name") }):
			d.reportAt(position{d.name, "", cells[0]}, "the first row does not have a column name; write the titles of the columns there, separated by commas, semicolons or tabs, such as name,addresses,hosts,site")
			return nil
		default:
			columns = csvColumns(cells)
			d.checkTitles(columns)
		}
	}
}

// separatorOf returns what separates the columns of a CSV file: a comma, or what its
// first row has instead of commas. Spreadsheets write semicolons where the decimal
// separator is a comma.
func separatorOf(data []byte) rune {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		for _, separator := range ",;\t" {
			if bytes.ContainsRune(line, separator) {
				return separator
			}
		}
		break
	}
	return ','
}

// keyOfTitle has titles that are labels and probably meant for a key of a device.
var keyOfTitle = map[string]string{
	"address": "addresses", "ip": "addresses", "ips": "addresses", "ip_address": "addresses",
	"host": "hosts", "hostname": "hosts", "alias": "aliases",
	"label": "labels", "interface": "interfaces", "time_zone": "timezone", "tz": "timezone",
}

// checkTitles reports columns that do not have a title, or the title of another, and warns of
// titles that are probably meant for a key.
func (d *document) checkTitles(columns []column) {
	for i, c := range columns {
		if c.key == "" {
			d.reportAt(position{d.name, "", c.title}, "column %d does not have a title; add one", i+1)
		}
		if j := slices.IndexFunc(columns, func(o column) bool { return o.key == c.key }); j < i && c.key != "" {
			d.reportAt(position{d.name, "", c.title}, "column %q is given twice; remove one", c.key)
		}
		if key := keyOfTitle[strings.ToLower(c.key)]; key != "" {
			d.warnings = append(d.warnings, newProblem(position{d.name, "", c.title}, "column %q is a label; call it %s if that is what it has", c.key, key))
		}
	}
}

// csvDevice returns a row as the keys and values of a device, or nil if all of its
// cells are empty, which stand for keys that are not there.
func csvDevice(columns []column, cells []*yaml.Node) *yaml.Node {
	device := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: cells[0].Line, Column: cells[0].Column}
	labels := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: cells[0].Line, Column: cells[0].Column}
	for i, cell := range cells {
		c := columns[i]
		if cell.Value == "" {
			continue
		}
		switch c.kind {
		case reflect.Invalid:
			labels.Content = append(labels.Content, csvText(cell, c.key), cell)
		case reflect.Map:
			for _, pair := range splitList(cell.Value, func(r rune) bool { return r == ';' }) {
				name, value, _ := strings.Cut(pair, "=")
				labels.Content = append(labels.Content, csvText(cell, strings.TrimSpace(name)), csvText(cell, strings.TrimSpace(value)))
			}
		case reflect.Slice:
			list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: cell.Line, Column: cell.Column}
			for _, item := range splitList(cell.Value, func(r rune) bool { return r == ';' || r == ',' || unicode.IsSpace(r) }) {
				list.Content = append(list.Content, csvText(cell, item))
			}
			device.Content = append(device.Content, csvText(cell, c.key), list)
		default:
			device.Content = append(device.Content, csvText(cell, c.key), cell)
		}
	}
	if len(labels.Content) > 0 {
		device.Content = append(device.Content, csvText(cells[0], "labels"), labels)
	}
	if len(device.Content) == 0 {
		return nil
	}
	return device
}

// csvText returns a text that stands in a cell.
func csvText(cell *yaml.Node, text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: cell.Line, Column: cell.Column}
}

// splitList returns the parts of a cell that are not empty.
func splitList(cell string, separator func(rune) bool) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(cell, separator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
