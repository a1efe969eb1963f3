package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A valve is a writer that does not write while it is shut, or fails.
type valve struct {
	testutil.Buffer
	mu   sync.Mutex // Shut while it is locked.
	fail error
}

func (v *valve) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fail != nil {
		return 0, v.fail
	}
	return v.Buffer.Write(b)
}

// A log that is read has every line, in order, and those of many goroutines are
// whole.
func TestLogQueueWritesAll(t *testing.T) {
	var out testutil.Buffer
	q := newLogQueue(&out)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 1000 {
				fmt.Fprintf(q, "writer %d line %d\n", w, i)
			}
		})
	}
	writers.Wait()
	q.close(time.Minute)
	next := [4]int{}
	for line := range strings.Lines(out.String()) {
		var w, i int
		if _, err := fmt.Sscanf(line, "writer %d line %d\n", &w, &i); err != nil || i != next[w] {
			t.Fatalf("line %q, want number %d: %v", line, next[w], err)
		}
		next[w]++
	}
	if next != [4]int{1000, 1000, 1000, 1000} || q.Dropped() != 0 {
		t.Errorf("written %v, dropped %d", next, q.Dropped())
	}
}

// A log that nobody reads keeps nobody waiting and takes no more memory than it
// may. When it is read again, it reports how many lines are missing.
func TestLogQueueDropsWhatNobodyReads(t *testing.T) {
	v := &valve{}
	v.mu.Lock()
	q := newLogQueue(v)
	q.tell(func(lines uint64) { fmt.Fprintf(q, "lines dropped: %d\n", lines) })
	line := []byte(strings.Repeat("x", 1023) + "\n")
	const sent = 5000
	for range sent {
		q.Write(line)
	}
	dropped := q.Dropped()
	if kept := sent - dropped; kept < 1024 || kept > 2*1024 { // One queue full is being written.
		t.Errorf("%d lines are kept", kept)
	}
	v.mu.Unlock()
	testutil.Eventually(t, "the report", func() bool { return strings.Contains(v.String(), fmt.Sprintf("\nlines dropped: %d\n", dropped)) })
	q.Write([]byte("last\n"))
	q.close(time.Minute)
	log := v.String()
	if n := uint64(strings.Count(log, string(line))); n != sent-dropped {
		t.Errorf("%d lines are written, %d dropped", n, dropped)
	}
	if !strings.HasSuffix(log, "\nlast\n") || strings.Count(log, "lines dropped") != 1 {
		t.Errorf("the log ends with %q", log[max(0, len(log)-100):])
	}
}

// Lines that cannot be written count as dropped, and the queue goes on.
func TestLogQueueOfABrokenWriter(t *testing.T) {
	v := &valve{fail: errors.New("broken pipe")}
	q := newLogQueue(v)
	q.tell(func(lines uint64) { fmt.Fprintf(q, "lines dropped: %d\n", lines) })
	for range 10 {
		q.Write([]byte("one\ntwo\n"))
	}
	testutil.Eventually(t, "20 dropped", func() bool { return q.Dropped() == 20 })
	v.mu.Lock()
	v.fail = nil
	v.mu.Unlock()
	q.Write([]byte("again\n"))
	testutil.Eventually(t, "the report", func() bool { return v.String() == "again\nlines dropped: 20\n" })
	q.close(time.Minute)
}

// The end of the program does not wait for a reader for long.
func TestLogQueueClosesInTime(t *testing.T) {
	v := &valve{}
	v.mu.Lock()
	q := newLogQueue(v)
	q.Write([]byte("line\n"))
	began := time.Now()
	q.close(10 * time.Millisecond)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	q.Write([]byte("late\n"))
	if q.Dropped() != 1 {
		t.Errorf("%d dropped, want 1", q.Dropped())
	}
	v.mu.Unlock()
	<-q.done
	if !bytes.Equal([]byte(v.String()), []byte("line\n")) {
		t.Errorf("written: %q", v.String())
	}
}
