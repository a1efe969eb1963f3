package packages

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// archived returns the sorted names of the files in an archive.
func archived(t *testing.T, name string) (names []string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".zip") {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			names = append(names, f.Name)
		}
	} else {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if h.Uname != "root" || h.Gname != "root" || h.Mode&^0o755 != 0 {
				t.Errorf("%s: owner %s, group %s, mode %o", h.Name, h.Uname, h.Gname, h.Mode)
			}
			names = append(names, h.Name)
		}
	}
	slices.Sort(names)
	return names
}

// members returns the mode, size, time, name and checksum of each file in an
// archive.
func members(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		content := sha256.New()
		if _, err := io.Copy(content, r); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%o %d %s %s %x\n", h.Mode, h.Size, h.ModTime.UTC().Format(time.RFC3339), h.Name, content.Sum(nil))
	}
}
