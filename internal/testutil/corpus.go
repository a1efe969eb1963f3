package testutil

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A CorpusLine is a line from a device, a relay or a file.
type CorpusLine struct {
	ID     string // Six digits; a hyphen if the line must be rejected.
	Source string // The header form, or the origin of the line.
	Text   string
}

// Corpus returns lines in every known header form, from
// exporter/syslog/testdata/corpus.tsv, which describes the file format, and from
// the file that FTD_CORPUS in the environment names, and from new.tsv beside it if
// there is one. Published lines of real devices are not part of this repository.
func Corpus(t testing.TB) []CorpusLine {
	t.Helper()
	names := []string{filepath.Join(Root(t), "exporter", "syslog", "testdata", "corpus.tsv")}
	if name := os.Getenv("FTD_CORPUS"); name != "" {
		names = append(names, name)
		if added := filepath.Join(filepath.Dir(name), "new.tsv"); exists(added) {
			names = append(names, added)
		}
	}
	var lines []CorpusLine
	for _, name := range names {
		before := len(lines)
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for row := range strings.SplitSeq(string(content), "\n") {
			f := strings.SplitN(row, "\t", 3)
			if len(f) != 3 || f[2] == "" || strings.HasPrefix(row, "#") || f[0] == "message_id" {
				continue
			}
			if strings.HasPrefix(f[1], "[escaped]") {
				f[2] = strings.ReplaceAll(f[2], `\n`, "\n")
			}
			lines = append(lines, CorpusLine{f[0], f[1], f[2]})
		}
		if len(lines)-before < 100 && filepath.Base(name) != "new.tsv" {
			t.Fatalf("%s has only %d lines of three columns", name, len(lines)-before)
		}
	}
	return lines
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
