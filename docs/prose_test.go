package docs

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A passage is a piece of prose, such as a paragraph, a comment or a string of the
// program.
type passage struct {
	place string // Where it is: FILE:LINE.
	text  string
	code  bool // It is a comment in code.
}

// A habit is a pattern that plain English does not have.
type habit struct {
	name    string
	pattern *regexp.Regexp
	// except matches what is fine although the pattern matches it.
	except *regexp.Regexp
	remedy string
	// forUsers is for what users read only, not for comments in code.
	forUsers bool
}

// habits are patterns that do not occur in documentation, comments and strings.
func habits() []habit {
	return []habit{
		{
			"no", regexp.MustCompile(`(?i)(\w+ )?\b(is|are|was|were|has|have|had) no \w+`),
			regexp.MustCompile(`(?i)\bthere (is|are|was|were) no |no (longer|more|better|less|sooner|later|other)\b`),
			`write "is not a", "does not have a"`, false,
		},
		{
			"pronoun", regexp.MustCompile(`(?i)(^|[.;:] |\b(of|by|from|to|for|with|and|or|than) )(whoever|who|whose) \w+|\bwhat (comes|came|arrives|arrived|is left|is lost|is there|goes|is new|is gone) `),
			regexp.MustCompile(`(?i)\bwho (are|is) (you|it)\b`),
			"name the thing: the sender, incoming frames", true,
		},
		{
			"verb", regexp.MustCompile(`\b(tells|says|knows|hears|speaks|heard)\b`),
			nil,
			"a page covers, a log reports, a device sends, an exporter receives", false,
		},
		{
			"that of", regexp.MustCompile(`(?i)\b(that of|those of|the one that|the ones that)\b`),
			nil,
			"repeat the noun", true,
		},
		{
			"fragment", regexp.MustCompile(`(^|[.:;] )Of [a-z][^.]{0,40},`),
			nil,
			"begin with the subject, or with In", true,
		},
		{
			"superlative", regexp.MustCompile(`(?i)\bthe (idlest|worst|oldest|newest|latest|smallest|largest|hottest|least|most)[.,;:]`),
			nil,
			"repeat the noun", true,
		},
		{
			"word", regexp.MustCompile(`(?i)\b(octets?( counting)?|catalogued?|wordings?|idlest|kin|signs? of life|boxes)\b|\b(blanks?|stamps?)\b`),
			regexp.MustCompile(`(?i)octet counting`),
			"byte, space, timestamp, catalog, template, device", false,
		},
		{
			"British", regexp.MustCompile(`(?i)\b\w*(colour|behaviour|favour|neighbour|honour|labour|licence|cancelled|labelled|modelled|travell|grey|centre|(recogn|organ|normal|initial|sanit|summar|anonym|serial|categor|emphas|minim|maxim|optim|synchron|author)is(e[ds]?|ing|ation)?)\b`),
			nil,
			"American spelling", false,
		},
	}
}

// TestProse reads all prose against [habits].
func TestProse(t *testing.T) {
	all := prose(t)
	if len(all) < 3000 {
		t.Errorf("only %d passages were found", len(all))
	}
	for _, p := range all {
		for _, h := range habits() {
			for _, found := range h.pattern.FindAllString(p.text, -1) {
				if p.code && h.forUsers {
					continue
				}
				if h.except == nil || !h.except.MatchString(found) {
					t.Errorf("%s: %s: %q; %s", p.place, h.name, found, h.remedy)
				}
			}
		}
	}
}

// prose returns the prose of the repository.
func prose(t *testing.T) []passage {
	t.Helper()
	all := slices.Concat(pageProse(t), programProse(t), schemaProse(t), ruleProse(t))
	for _, e := range catalog.Messages() {
		place := "catalog: " + e.ID.String()
		all = append(all, passage{place, e.Summary, false}, passage{place, e.Meaning, false}, passage{place, e.Action, false})
	}
	return all
}

var (
	fence       = regexp.MustCompile("(?s)\n *```.*?\n *```")
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	indented    = regexp.MustCompile(`(?m)^( {4}|\t).*$`)
	inlineCode  = regexp.MustCompile("`[^`]*`")
	linkTarget  = regexp.MustCompile(`\]\([^)]*\)`)
	address     = regexp.MustCompile(`<?https?://[^ >)]*>?`)
)

// pageProse returns the paragraphs, rows and items of all pages, without code.
func pageProse(t *testing.T) (all []passage) {
	t.Helper()
	keepLines := func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }
	for _, path := range pages(t) {
		name, _ := filepath.Rel(testutil.Root(t), path)
		text := readPage(t, path)
		for _, p := range []*regexp.Regexp{fence, htmlComment, indented} {
			text = p.ReplaceAllStringFunc(text, keepLines)
		}
		for i, line := range strings.Split(text, "\n") {
			line = inlineCode.ReplaceAllString(line, "CODE")
			line = address.ReplaceAllString(linkTarget.ReplaceAllString(line, ""), "")
			line = strings.NewReplacer("[", "", "]", "", "*", "").Replace(line)
			for cell := range strings.SplitSeq(line, " | ") {
				if cell = strings.TrimLeft(strings.TrimSpace(cell), "|#-0123456789. "); cell != "" {
					all = append(all, passage{fmt.Sprintf("%s:%d", name, i+1), cell, false})
				}
			}
		}
	}
	return all
}

// programProse returns the comments and the strings with several words of the
// program, without what devices print.
func programProse(t *testing.T) (all []passage) {
	t.Helper()
	root := testutil.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == ".relays" || d.Name() == "dist" || d.Name() == "data" || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go"):
			name, _ := filepath.Rel(root, path)
			all = append(all, fileProse(t, path, filepath.ToSlash(name))...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// foreign are files whose strings are what devices or other programs print, or lists
// of words in headers.
func foreign(name string) bool {
	return strings.HasPrefix(name, "simulator/") || strings.HasPrefix(name, "examples/") || strings.HasPrefix(name, "internal/testutil/") ||
		strings.HasPrefix(name, "bench/") || strings.HasPrefix(name, "exporter/syslog/") || name == "docs/prose_test.go"
}

// fileProse returns the prose of a Go file. Of tests, it is the comments.
func fileProse(t *testing.T, path, name string) (all []passage) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	add := func(at token.Pos, text string, code bool) {
		all = append(all, passage{fmt.Sprintf("%s:%d", name, set.Position(at).Line), text, code})
	}
	for _, group := range f.Comments {
		for paragraph := range strings.SplitSeq(group.Text(), "\n\n") {
			add(group.Pos(), strings.ReplaceAll(indented.ReplaceAllString(paragraph, ""), "\n", " "), true)
		}
	}
	if foreign(name) || strings.HasSuffix(name, "_test.go") {
		return all
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Templates" || key.Name == "Samples") {
				return false
			}
		case *ast.ImportSpec, *ast.Field: // Tags of fields.
			return false
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && strings.Count(text, " ") > 1 && !strings.HasPrefix(name, "catalog/") {
				add(n.Pos(), inlineCode.ReplaceAllString(text, "CODE"), false)
			}
		}
		return true
	})
	return all
}

// schemaProse returns the descriptions in config.schema.json.
func schemaProse(t *testing.T) (all []passage) {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(readPage(t, "config.schema.json")), &root); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				if text, ok := value.(string); ok && key == "description" {
					all = append(all, passage{"config.schema.json: " + path, text, false})
				}
				walk(path+"."+key, value)
			}
		case []any:
			for _, value := range v {
				walk(path, value)
			}
		}
	}
	walk("", root)
	return all
}

// ruleProse returns the comments of YAML files, and the texts of alerts.
func ruleProse(t *testing.T) (all []passage) {
	t.Helper()
	root := testutil.Root(t)
	for _, pattern := range []string{"dashboards/prometheus/*.yml", "examples/*.yml", "examples/stack/*.yml", "packaging/*.yml", "deploy/helm/*/values.yaml", "deploy/helm/*/Chart.yaml"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			name, _ := filepath.Rel(root, file)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var document yaml.Node
			if err := yaml.Unmarshal(data, &document); err != nil {
				t.Fatal(err)
			}
			all = append(all, yamlProse(name, &document)...)
		}
	}
	return all
}

func yamlProse(name string, n *yaml.Node) (all []passage) {
	place := fmt.Sprintf("%s:%d", name, n.Line)
	for _, comment := range []string{n.HeadComment, n.LineComment, n.FootComment} {
		if comment != "" {
			all = append(all, passage{place, strings.Join(strings.Fields(strings.ReplaceAll(comment, "#", "")), " "), true})
		}
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == yaml.ScalarNode && slices.Contains([]string{"summary", "description"}, n.Content[i-1].Value) {
			all = append(all, passage{place, c.Value, false})
		}
		all = append(all, yamlProse(name, c)...)
	}
	return all
}
