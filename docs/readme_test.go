package docs

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// README stays short: what does not fit belongs to a page of docs.
func TestREADMEIsShort(t *testing.T) {
	const maxLines, maxWords = 150, 1000
	page := readPage(t, filepath.Join(testutil.Root(t), "README.md"))
	if n := strings.Count(page, "\n"); n > maxLines {
		t.Errorf("README.md has %d lines, at most %d are allowed", n, maxLines)
	}
	if n := len(strings.Fields(page)); n > maxWords {
		t.Errorf("README.md has %d words, at most %d are allowed", n, maxWords)
	}
}

// The metrics that README names exist.
func TestREADMENamesMetrics(t *testing.T) {
	page, metrics := readPage(t, filepath.Join(testutil.Root(t), "README.md")), readPage(t, "metrics.md")
	names := regexp.MustCompile("\\| `(ftd_\\w+)` \\|").FindAllStringSubmatch(page, -1)
	if len(names) != 10 {
		t.Errorf("%d metrics in the table of README.md, want 10", len(names))
	}
	for _, name := range names {
		if !strings.Contains(metrics, "| `"+name[1]+"` |") {
			t.Errorf("README.md: there is no metric %s", name[1])
		}
	}
}

// Each direct dependency has its reason in architecture.md, and nothing else has.
func TestDependenciesHaveReasons(t *testing.T) {
	page := readPage(t, "architecture.md")
	_, section, _ := strings.Cut(page, "## Dependencies")
	var given []string
	row := regexp.MustCompile("(?m)^\\| (`.*`) \\| .+ \\|$")
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		owner := ""
		for name := range strings.SplitSeq(strings.ReplaceAll(m[1], "`", ""), ", ") {
			if strings.Contains(name, "/") {
				owner = name[:strings.LastIndexByte(name, '/')+1]
			} else {
				name = owner + name // Of the same owner as the one before.
			}
			given = append(given, name)
		}
	}
	var direct []string
	for _, file := range []string{"go.mod", "blocks/go.mod"} {
		direct = append(direct, directModules(t, filepath.Join(testutil.Root(t), file))...)
	}
	for _, m := range direct {
		if !slices.Contains(given, m) {
			t.Errorf("docs/architecture.md does not have the reason for the dependency %s", m)
		}
	}
	for _, m := range given {
		if !slices.Contains(direct, m) {
			t.Errorf("docs/architecture.md has %s, which is not a direct dependency", m)
		}
	}
}

// directModules returns the modules that a go.mod requires directly, without those of
// the project.
func directModules(t *testing.T, path string) (all []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "require "))
		if len(words) == 2 && strings.HasPrefix(words[1], "v") && strings.Contains(words[0], "/") && !strings.Contains(words[0], "ftd-exporter") {
			all = append(all, words[0])
		}
	}
	return all
}
