package main

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// logQueueSize is how much of the log waits for a reader, in bytes: some six
	// thousand lines.
	logQueueSize = 1 << 20
	// flushLimit is how long the end of the program waits for a reader of its log,
	// and for systemd.
	flushLimit = time.Second
)

// A logQueue is where a log is written to, so that it costs nothing but itself: a
// pipe that nobody reads, or a disk that hangs, must not stop those who log, which
// includes every listener. Lines that find the queue full are dropped and counted,
// and so are those that cannot be written. Any number of goroutines may use it.
type logQueue struct {
	out  io.Writer
	more chan struct{} // Has room for one.
	done chan struct{} // Closed when run has ended.

	mu      sync.Mutex   // Held for moments, never during a write.
	report  func(uint64) // As in tell.
	pending []byte       // Whole lines.
	dropped uint64       // Lines, since the start,
	told    uint64       // and how many of them the log has told of.
	closed  bool
}

// newLogQueue returns a queue for lines to out. It must be closed.
func newLogQueue(out io.Writer) *logQueue {
	q := &logQueue{out: out, more: make(chan struct{}, 1), done: make(chan struct{})}
	go q.run()
	return q
}

// tell sets a function that logs how many lines have been dropped since it was
// called last. It is called when the log can be written again, and may write to q.
func (q *logQueue) tell(report func(lines uint64)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.report = report
}

// Write takes in whole lines. It neither waits nor fails.
func (q *logQueue) Write(lines []byte) (int, error) {
	q.mu.Lock()
	if q.closed || len(q.pending)+len(lines) > logQueueSize {
		q.dropped += countLines(lines)
	} else {
		q.pending = append(q.pending, lines...)
	}
	q.mu.Unlock()
	q.wake()
	return len(lines), nil
}

// Dropped returns how many lines have been dropped.
func (q *logQueue) Dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// close waits until all lines are written, but not longer than limit. What is
// written to q later is dropped.
func (q *logQueue) close(limit time.Duration) {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.wake()
	select {
	case <-q.done:
	case <-time.After(limit):
	}
}

func (q *logQueue) wake() {
	select {
	case q.more <- struct{}{}:
	default: // It is about to look anyway.
	}
}

// run writes what comes, until the queue is closed.
func (q *logQueue) run() {
	defer close(q.done)
	var lines []byte
	for {
		q.mu.Lock()
		lines, q.pending = q.pending, lines[:0]
		closed := q.closed
		q.mu.Unlock()
		switch {
		case len(lines) > 0:
			_, err := q.out.Write(lines)
			q.written(lines, err)
		case closed:
			return
		default:
			<-q.more
		}
	}
}

// written counts lines that could not be written, or reports those that were
// dropped before.
func (q *logQueue) written(lines []byte, err error) {
	q.mu.Lock()
	if err != nil {
		q.dropped += countLines(lines)
	}
	n, report := q.dropped-q.told, q.report
	room := len(q.pending) < logQueueSize/2 // Or the report would be dropped, too.
	if err != nil || n == 0 || report == nil || q.closed || !room {
		q.mu.Unlock()
		return
	}
	q.told = q.dropped
	q.mu.Unlock()
	report(n)
}

func countLines(b []byte) uint64 { return uint64(bytes.Count(b, []byte("\n"))) }
