package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestReorderBuffer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b reorderBuffer
	type pushed struct {
		at   int64
		text string
	}
	var want []pushed
	text := make([]byte, 0, 10)
	for i := range 1000 {
		at := rnd.Int64N(100)
		text = fmt.Append(text[:0], i) // The buffer must copy it.
		b.push(at, text, position{})
		want = append(want, pushed{at, string(text)})
		if i%3 == 0 {
			slices.SortStableFunc(want, func(a, b pushed) int { return cmp.Compare(a.at, b.at) })
			if b.first() != want[0].at {
				t.Fatalf("%d is first, want %d", b.first(), want[0].at)
			}
			if l := b.pop(); l.at != want[0].at || string(l.text) != want[0].text {
				t.Fatalf("got %d %s, want %v", l.at, l.text, want[0])
			}
			want = want[1:]
		}
	}
	slices.SortStableFunc(want, func(a, b pushed) int { return cmp.Compare(a.at, b.at) })
	for _, w := range want {
		if l := b.pop(); l.at != w.at || string(l.text) != w.text {
			t.Fatalf("got %d %s, want %v", l.at, l.text, w)
		}
	}
	if b.len() != 0 || b.bytes != 0 {
		t.Errorf("%d lines, %d bytes are left", b.len(), b.bytes)
	}
}
