package catalog

import (
	"fmt"
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
		used := make([]bool, len(e.Text))
		seen := map[string]bool{}
		for _, s := range e.Samples {
			if seen[s] {
				t.Errorf("%d: sample %q stands twice", e.ID, s)
			}
			seen[s] = true
			if c.Match(e.ID, []byte(s), &m) != Matched {
				t.Errorf("%d: sample %q matches no text", e.ID, s)
				continue
			}
			if m.Contradicted || m.Entry != e {
				t.Errorf("%d: sample %q was read as %d", e.ID, s, m.Entry.ID)
				continue
			}
			used[m.Variant] = true
		}
		for v, ok := range used {
			if !ok {
				t.Errorf("%d: text %d is the first fit of no sample: %s", e.ID, v+1, e.Text[v])
			}
		}
	}
}

func TestKinSamplesAreReadByTheirText(t *testing.T) {
	c := compileAll(t)
	var m Message
	for i := range c.Len() {
		for _, id := range c.At(i).Kin {
			for _, s := range c.At(c.Index(id)).Samples {
				if c.Match(c.At(i).ID, []byte(s), &m) != Matched {
					t.Errorf("%d does not read %q of its kin %d", c.At(i).ID, s, id)
				} else if own := fmt.Sprint(m.Entry.ID); m.Contradicted && m.Entry.ID != id && m.Entry.Family != c.At(i).Family {
					t.Errorf("%d reads %q of its kin %d as %s", c.At(i).ID, s, id, own)
				}
			}
		}
	}
}
