package config

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reportSyntax reports an error of the YAML library, on the line where it is met: the
// library names the line where what is wrong begins, or none.
func (d *document) reportSyntax(data []byte, err error) {
	lines := slices.Collect(strings.Lines(string(data)))
	sameError := func(n int) bool {
		decoder := yaml.NewDecoder(strings.NewReader(strings.Join(lines[:n], "")))
		got := decoder.Decode(new(yaml.Node))
		if got == nil {
			got = decoder.Decode(new(yaml.Node))
		}
		return got != nil && got.Error() == err.Error()
	}
	line := 1 + sort.Search(len(lines)-1, func(i int) bool { return sameError(i + 1) })
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if number, what, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok {
		if begin, err := strconv.Atoi(number); err == nil {
			text = what
			if begin < line {
				text += fmt.Sprintf(" in what begins on line %d", begin)
			}
		}
	}
	d.reportAt(position{d.name, "", &yaml.Node{Line: line}}, "not YAML: %s; %s", text, syntaxRemedy(lines[:line], text))
}

// syntaxRemedy returns what to do about an error of the YAML library on the last of
// some lines.
func syntaxRemedy(lines []string, text string) string {
	last := lines[len(lines)-1]
	switch begin := strings.TrimLeft(last, " "); {
	case strings.HasPrefix(begin, "\t"):
		return "the line is indented with a tab; indent with spaces"
	case strings.Contains(text, "unknown anchor"):
		return "define it above with &, or write the value"
	case strings.Contains(text, "unexpected end of stream"), strings.Contains(text, "end of document"):
		return "a quote is not closed"
	case strings.Contains(text, "expected ',' or"):
		return "a brace or bracket is not closed, or a comma is missing"
	}
	if remedy := indentationRemedy(lines); remedy != "" {
		return remedy
	}
	switch {
	case specialValue.MatchString(last):
		return "put the value in quotes, because it begins with a special character"
	case strings.Count(last, ": ") > 1:
		return "put a value that has a colon in quotes, and each key on a line of its own"
	}
	return "check indentation, colons and quotes here and above"
}

// specialValue finds a value that cannot begin as it does.
var specialValue = regexp.MustCompile("(: |- )[@`%]")

// A level is a column in which keys or items begin.
type level struct {
	column, line int
}

// indentationRemedy returns what is wrong with the indentation of the last line, or
// "" if it begins in the column of a line above that it can belong to.
func indentationRemedy(lines []string) string {
	var levels []level
	above := 0 // The number of the last line with content above the last one.
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		if strings.TrimSpace(text) == "" || text[0] == '#' {
			continue
		}
		column := len(line) - len(text)
		if i == len(lines)-1 {
			return wrongColumn(lines, levels, column, above)
		}
		levels = slices.DeleteFunc(levels, func(l level) bool { return l.column >= column })
		for levels = append(levels, level{column, i + 1}); strings.HasPrefix(text, "- "); text = text[2:] {
			column += 2
			levels = append(levels, level{column, i + 1})
		}
		above = i + 1
	}
	return ""
}

// wrongColumn is indentationRemedy for a line that begins in a column, with the
// levels that are open above it.
func wrongColumn(lines []string, levels []level, column, above int) string {
	if above == 0 || slices.ContainsFunc(levels, func(l level) bool { return l.column == column }) {
		return ""
	}
	before := strings.TrimSpace(lines[above-1])
	if deepest := levels[len(levels)-1]; column > deepest.column {
		switch {
		case !strings.Contains(before, ":") && !strings.HasPrefix(before, "-"):
			return fmt.Sprintf("write a colon after %s on line %d", before, above)
		case strings.HasSuffix(before, ":"):
			return ""
		}
	}
	nearest := slices.MinFunc(levels, func(a, b level) int { return abs(a.column-column) - abs(b.column-column) })
	spaces := "spaces"
	if column == 1 {
		spaces = "space"
	}
	return fmt.Sprintf("the line is indented by %d %s, which matches no line above; write %d, as on line %d", column, spaces, nearest.column, nearest.line)
}

func abs(n int) int { return max(n, -n) }
