package testutil

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// Updating reports whether golden files are rewritten rather than compared,
// because the environment has UPDATE=1. Golden and GoldenPart do so themselves.
func Updating() bool { return os.Getenv("UPDATE") == "1" }

// Golden fails the test unless the file at path has the content got, and shows
// the first line that differs. With UPDATE=1 in the environment it writes the
// file instead.
func Golden[T ~string | ~[]byte](t testing.TB, path string, got T) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil && !(Updating() && errors.Is(err, fs.ErrNotExist)) {
		t.Fatalf("%v; make golden writes it", err)
	}
	if err == nil && string(old) == string(got) {
		return
	}
	if !Updating() {
		t.Fatalf("%s is out of date: %s\nmake golden rewrites it; read the diff", path, FirstDifference(string(got), string(old)))
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is rewritten", path)
}

// GoldenPart is Golden for the part of a file between two marks, each of which
// the file has exactly once. Marks are not part of got.
func GoldenPart(t testing.TB, path, begin, end, got string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 || strings.Contains(before+after, begin) || strings.Contains(before+after, end) {
		t.Fatalf("%s does not have the marks %q and %q once each, in this order", path, begin, end)
	}
	Golden(t, path, before+begin+got+end+after)
}

// FirstDifference describes the first line in which two texts differ, or their
// numbers of lines if one begins with the other.
func FirstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
