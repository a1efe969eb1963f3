package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// repository is the prefix of absolute links to files of the project.
const repository = "https://github.com/ftd-exporter/ftd_exporter/blob/main/"

// Every link to a page or file of the project has a target.
func TestLinksOfTheDocumentation(t *testing.T) {
	anchors := map[string][]string{}
	all := pages(t)
	for _, p := range all {
		anchors[p.name] = p.anchors()
	}
	links := 0
	for _, p := range all {
		p.walk(func(n ast.Node) {
			var target string
			switch n := n.(type) {
			case *ast.Link:
				target = string(n.Destination)
			case *ast.Image:
				target = string(n.Destination)
			default:
				return
			}
			path, anchor, _ := strings.Cut(target, "#")
			switch {
			case strings.HasPrefix(target, repository):
				path = strings.TrimPrefix(path, repository)
			case strings.Contains(target, "://"):
				return // Outside of the project.
			case path == "":
				path = p.name
			default:
				path = filepath.Join(filepath.Dir(p.name), path)
			}
			links++
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: the target of %q does not exist", p.name, target)
			}
			if anchor != "" && !slices.Contains(anchors[path], anchor) {
				t.Errorf("%s: the heading of %q does not exist", p.name, target)
			}
		})
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
	for _, p := range all {
		if dir, name := filepath.Split(p.name); dir == "docs/" && name != "README.md" && !strings.Contains(string(readFile(t, root+"/docs/README.md")), "("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// anchors returns the anchors that GitHub generates for the headings.
func (p *page) anchors() (all []string) {
	p.walk(func(n ast.Node) {
		if _, ok := n.(*ast.Heading); !ok {
			return
		}
		name := strings.Map(func(c rune) rune {
			switch {
			case c == ' ':
				return '-'
			case c == '-', c == '_', unicode.IsLetter(c), unicode.IsNumber(c):
				return unicode.ToLower(c)
			}
			return -1
		}, p.content(n))
		unique := name
		for i := 1; slices.Contains(all, unique); i++ {
			unique = name + "-" + strconv.Itoa(i)
		}
		all = append(all, unique)
	})
	return all
}
