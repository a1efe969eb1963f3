package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// root is the root of the repository.
const root = "../.."

// sampleLog is the log of the sample fleet.
const sampleLog = root + "/examples/fleet.log"

// A page is a page of the documentation.
type page struct {
	name   string // Relative to the root.
	source []byte
	tree   ast.Node
}

// A codeBlock is an example in a page.
type codeBlock struct {
	page string
	line int // The first line of its text.
	// language is the first word after the fence, and about the rest. A block
	// without a fence is for the shell.
	language, about string
	// note is the HTML comment right before it.
	note string
	text string
}

// pages returns the documentation for users, in the order of names.
func pages(t *testing.T) (all []*page) {
	t.Helper()
	names := []string{"README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/stack/README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			name, _ := filepath.Rel(root, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, readPage(t, name))
	}
	return all
}

func readPage(t *testing.T, name string) *page {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM))
	return &page{name, source, markdown.Parser().Parse(text.NewReader(source))}
}

// walk calls f for every node of the page.
func (p *page) walk(f func(ast.Node)) {
	_ = ast.Walk(p.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			f(n)
		}
		return ast.WalkContinue, nil
	})
}

// blocks returns the examples of the page.
func (p *page) blocks() (all []codeBlock) {
	p.walk(func(n ast.Node) {
		b := codeBlock{page: p.name, language: "sh"}
		switch n := n.(type) {
		case *ast.CodeBlock:
		case *ast.FencedCodeBlock:
			b.language = ""
			if n.Info != nil {
				b.language, b.about, _ = strings.Cut(string(n.Info.Segment.Value(p.source)), " ")
			}
		default:
			return
		}
		lines := n.Lines()
		if lines.Len() > 0 {
			b.line = 1 + bytes.Count(p.source[:lines.At(0).Start], []byte("\n"))
		}
		b.text = string(lines.Value(p.source))
		if comment, ok := n.PreviousSibling().(*ast.HTMLBlock); ok {
			note := string(comment.Lines().Value(p.source))
			note = strings.TrimSuffix(strings.TrimSpace(note), "-->")
			b.note = strings.TrimSpace(strings.TrimPrefix(note, "<!--"))
		}
		all = append(all, b)
	})
	return all
}

// content returns the text within a node, without its markup.
func (p *page) content(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(p.source))
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
