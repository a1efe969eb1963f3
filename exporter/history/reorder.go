package history

import (
	"bytes"
	"container/heap"
)

// lineOverhead is what a line in a reorderBuffer costs besides its text, in
// bytes.
const lineOverhead = 104

// A reorderBuffer puts lines in order of time. Lines of the same time stay in the
// order in which they were pushed.
type reorderBuffer struct {
	lines  lineHeap
	pushed uint64
	bytes  int // The memory that the lines take.
}

// A line has its time in nanoseconds since 1970.
type line struct {
	at   int64
	seq  uint64 // Lines are numbered as they are pushed.
	text []byte
	from position
}

func (b *reorderBuffer) len() int { return len(b.lines) }

// first returns the time of the oldest line. The buffer must not be empty.
func (b *reorderBuffer) first() int64 { return b.lines[0].at }

// push adds a copy of text.
func (b *reorderBuffer) push(at int64, text []byte, from position) {
	b.pushed++
	b.bytes += len(text) + lineOverhead
	heap.Push(&b.lines, &line{at, b.pushed, bytes.Clone(text), from})
}

// pop removes the oldest line. The buffer must not be empty.
func (b *reorderBuffer) pop() *line {
	l := heap.Pop(&b.lines).(*line)
	b.bytes -= len(l.text) + lineOverhead
	return l
}

// lineHeap implements [heap.Interface].
type lineHeap []*line

func (h lineHeap) Len() int      { return len(h) }
func (h lineHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *lineHeap) Push(x any)   { *h = append(*h, x.(*line)) }

func (h lineHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}

func (h *lineHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil // The array must not keep it.
	*h = (*h)[:last]
	return l
}
