package exporter

import "bytes"

// A window puts lines in order: a heap whose first line is the oldest. Lines of
// the same time stay in the order of their arrival.
type window struct {
	lines  []datedLine
	pushed uint64
	limit  int // Of bytes; it is the caller who keeps to it.
	bytes  int
}

// A datedLine is a line with its time in nanoseconds.
type datedLine struct {
	at   int64
	seq  uint64
	text []byte
}

func (l *datedLine) before(m *datedLine) bool {
	return l.at < m.at || l.at == m.at && l.seq < m.seq
}

func (w *window) len() int { return len(w.lines) }

func (w *window) first() int64 { return w.lines[0].at }

// push adds a copy of text.
func (w *window) push(at int64, text []byte) {
	w.pushed++
	w.bytes += len(text) + lineOverhead
	w.lines = append(w.lines, datedLine{at, w.pushed, bytes.Clone(text)})
	for i := len(w.lines) - 1; i > 0; {
		parent := (i - 1) / 2
		if !w.lines[i].before(&w.lines[parent]) {
			break
		}
		w.lines[i], w.lines[parent] = w.lines[parent], w.lines[i]
		i = parent
	}
}

// pop removes the oldest line.
func (w *window) pop() datedLine {
	first := w.lines[0]
	n := len(w.lines) - 1
	w.lines[0], w.lines[n] = w.lines[n], datedLine{}
	w.lines = w.lines[:n]
	w.bytes -= len(first.text) + lineOverhead
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < n && w.lines[child+1].before(&w.lines[child]) {
			child++
		}
		if child >= n || !w.lines[child].before(&w.lines[i]) {
			return first
		}
		w.lines[i], w.lines[child] = w.lines[child], w.lines[i]
		i = child
	}
}
