package catalog

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func compileAll(t testing.TB) *Catalog {
	t.Helper()
	c, err := Compile(Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEverySampleMatchesItsEntry(t *testing.T) {
	c := compileAll(t)
	var m Message
	for i := range c.Len() {
		e := c.At(i)
		used := make([]bool, len(e.Templates))
		seen := map[string]bool{}
		for _, s := range e.Samples {
			if seen[s] {
				t.Errorf("%s: sample %q is listed twice", e.ID, s)
			}
			seen[s] = true
			if c.Match(e.ID, []byte(s), &m) != Matched {
				t.Errorf("%s: sample %q matches no template", e.ID, s)
				continue
			}
			if m.TextOf != 0 || m.Entry != e {
				t.Errorf("%s: sample %q was read as %s", e.ID, s, m.Entry.ID)
				continue
			}
			used[m.TemplateIndex] = true
		}
		for n, ok := range used {
			if !ok {
				t.Errorf("%s: template %d is not the first match of any sample: %s", e.ID, n+1, e.Templates[n])
			}
		}
	}
}

func TestCarriedSamplesAreReadByTheirText(t *testing.T) {
	c := compileAll(t)
	var m Message
	for i := range c.Len() {
		for _, id := range c.At(i).MayCarry {
			for _, s := range c.At(c.Index(id)).Samples {
				if c.Match(id, []byte(s), &m); m.TemplateIndex >= len(m.Entry.Templates)-m.Entry.Own {
					continue // Without the state, or only the beginning.
				}
				if c.Match(c.At(i).ID, []byte(s), &m) != Matched {
					t.Errorf("%s does not match %q of %s, which it may carry", c.At(i).ID, s, id)
				} else if own := fmt.Sprint(m.Entry.ID); m.TextOf != 0 && m.Entry.ID != id && m.Entry.Family != c.At(i).Family {
					t.Errorf("%s reads %q of %s, which it may carry, as %s", c.At(i).ID, s, id, own)
				}
			}
		}
	}
}

// chapter.txt lists the ids and severities of the guide's chapter 722001 to
// 776254, and the neighbors that other chapters and later editions add.
func TestChapterIsComplete(t *testing.T) {
	list, err := os.ReadFile("testdata/chapter.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := compileAll(t)
	want := map[ID]bool{}
	for line := range strings.Lines(string(list)) {
		var id ID
		var severity int
		if _, err := fmt.Sscan(line, &id, &severity); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		want[id] = true
		i := c.Index(id)
		if i < 0 {
			t.Errorf("%s is missing", id)
			continue
		}
		if e := c.At(i); e.Severity != severity {
			t.Errorf("%s: severity %d, the guide has %d", id, e.Severity, severity)
		}
	}
	if len(want) != 335 {
		t.Errorf("the chapter has %d ids, want 335", len(want))
	}
	for _, id := range []ID{
		199001, 199002, 199005, 199006, 199013, 199014, 199015, 199016, 199017, 199018, 199019, 199020, 199021,
		321005, 321006, 733201, 747023, 747024, 747037, 747038, 747039, 747040, 747041,
	} {
		if c.Index(id) < 0 {
			t.Errorf("neighbor %s is missing", id)
		}
	}
}

func TestTextsAreTidy(t *testing.T) {
	for _, e := range Messages() {
		if strings.HasSuffix(e.Summary, ".") || len(e.Summary) > 72 {
			t.Errorf("%s: summary %q: want at most 72 bytes without a full stop", e.ID, e.Summary)
		}
		for _, s := range []string{e.Meaning, e.Action} {
			if !strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q is not a sentence", e.ID, s)
			}
		}
	}
}
