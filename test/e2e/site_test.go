package e2e

import (
	"html"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The static site has each page of the documentation, and its links have targets.
func TestSite(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command(filepath.Join(root, "scripts", "site.sh"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	content, ids := map[string]string{}, map[string]map[string]bool{}
	id := regexp.MustCompile(` id="([^"]*)"`)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" {
			return err
		}
		text, err := os.ReadFile(path)
		content[path], ids[path] = string(text), map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(string(text), -1) {
			ids[path][html.UnescapeString(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages(t) {
		name := strings.TrimSuffix(p.name, ".md") + ".html"
		if filepath.Base(p.name) == "README.md" {
			name = filepath.Join(filepath.Dir(p.name), "index.html")
		}
		if content[filepath.Join(dir, name)] == "" {
			t.Errorf("the site does not have %s", name)
		}
	}
	links := 0
	link := regexp.MustCompile(` (?:href|src)="([^"]*)"`)
	for page, text := range content {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, err := url.Parse(html.UnescapeString(m[1]))
			if err != nil {
				t.Errorf("%s: %v", page, err)
				continue
			}
			if target.Scheme != "" {
				continue // Outside of the site; TestLinksOfTheDocumentation has the files of the project.
			}
			links++
			file := page
			if target.Path != "" {
				file = filepath.Join(filepath.Dir(page), target.Path)
			}
			if _, err := os.Stat(file); err != nil || !strings.HasPrefix(file, dir) {
				t.Errorf("%s: the target of %q does not exist", page, m[1])
			} else if target.Fragment != "" && !ids[file][target.Fragment] {
				t.Errorf("%s: the heading of %q does not exist", page, m[1])
			}
		}
		if strings.Contains(text, "<title> ") || strings.Contains(text, "<title></title>") {
			t.Errorf("%s does not have a title", page)
		}
	}
	if links < 1000 {
		t.Errorf("only %d links were found", links)
	}
}
