package history

import (
	"bytes"
	"cmp"
	"container/heap"
)

const (
	// maxBufferBytes bounds the memory of the lines that wait to be put in
	// order; lineOverhead is what each costs besides its text.
	maxBufferBytes = 64 << 20
	lineOverhead   = 64
)

// A reorderBuffer puts lines in order of time. Lines of the same time stay in the
// order of their arrival. Its zero value is empty.
type reorderBuffer struct {
	lines  lineHeap
	pushed uint64
	bytes  int // What the lines take.
}

// A line is a line of a log with its time in nanoseconds since 1970.
type line struct {
	at     int64
	number uint64 // The order of arrival.
	text   []byte
}

// push adds a copy of text.
func (b *reorderBuffer) push(at int64, text []byte) {
	b.pushed++
	b.bytes += len(text) + lineOverhead
	heap.Push(&b.lines, line{at, b.pushed, bytes.Clone(text)})
}

// pop removes the oldest line. There must be one.
func (b *reorderBuffer) pop() line {
	l := heap.Pop(&b.lines).(line)
	b.bytes -= len(l.text) + lineOverhead
	return l
}

func (b *reorderBuffer) len() int { return len(b.lines) }

// oldest returns the time of the oldest line. There must be one.
func (b *reorderBuffer) oldest() int64 { return b.lines[0].at }

// A lineHeap implements [heap.Interface].
type lineHeap []line

func (h lineHeap) Len() int { return len(h) }

func (h lineHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].at, h[j].at), cmp.Compare(h[i].number, h[j].number)) < 0
}

func (h lineHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *lineHeap) Push(x any) { *h = append(*h, x.(line)) }

func (h *lineHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = line{}
	*h = (*h)[:last]
	return x
}
