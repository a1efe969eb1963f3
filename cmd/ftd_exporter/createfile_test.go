package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.om")
	write := func(content string, err error) error {
		return createFile(name, func(w io.Writer) error {
			_, werr := io.WriteString(w, content)
			return errors.Join(werr, err)
		})
	}
	if err := write("old", nil); err != nil {
		t.Fatal(err)
	}
	if err := write("half", io.ErrShortWrite); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "old" {
		t.Errorf("a failed write left %q", got)
	}
	if err := write("new", nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "new" {
		t.Errorf("got %q", got)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files in the directory", len(left))
	}
}
