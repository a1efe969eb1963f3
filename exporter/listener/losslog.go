package listener

import (
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// lossInterval is the minimum time between two log lines about one cause.
const lossInterval = time.Minute

// exampleLength is how much of a message the log shows, in bytes.
const exampleLength = 64

// A lossCause is why messages of a listener are lost. The reasons for which a
// frame is rejected come first, with the values that [syslog.Reason] gives them.
type lossCause uint8

const (
	// lossKernel is a full receive buffer.
	lossKernel lossCause = lossCause(syslog.NumReasons) + iota
	// lossReceive is an error of the kernel instead of datagrams. It is not a
	// loss yet, but if it lasts it becomes one.
	lossReceive

	numLossCauses
)

// A lossLog logs what a listener loses, with one line for each cause: the first
// loss immediately, then the number of further ones at most once in each
// [lossInterval], and the rest when it is closed. In between, a loss costs an
// atomic addition. Any number of goroutines may use it at a time.
type lossLog struct {
	logger *slog.Logger
	// remedy is what helps against lossKernel. It is set before the first loss.
	remedy string
	users  atomic.Int32 // Of close, before the last of which nothing is closed.
	causes [numLossCauses]loss
}

type loss struct {
	count atomic.Uint64 // Since the last line.

	mu      sync.Mutex
	timer   *time.Timer // Runs until the next line may be written; nil if it may be now.
	closed  bool
	from    netip.Addr // The sender of the example.
	example [exampleLength]byte
	length  int // Of the example before it was cut.
}

// newLossLog returns a log that as many users will close.
func newLossLog(logger *slog.Logger, users int) *lossLog {
	l := &lossLog{logger: logger}
	l.users.Store(int32(users))
	return l
}

// free reports whether nobody is writing to the log at this moment. If that is
// never so, the log has been stuck.
func (l *lossLog) free() bool {
	for cause := range l.causes {
		mu := &l.causes[cause].mu
		if !mu.TryLock() {
			return false
		}
		mu.Unlock()
	}
	return true
}

// note notes the loss of one message, of which it keeps a copy only.
func (l *lossLog) note(cause lossCause, from netip.Addr, message []byte) {
	l.add(cause, 1, from, message)
}

// add notes n losses, of which message is an example.
func (l *lossLog) add(cause lossCause, n uint64, from netip.Addr, message []byte) {
	c := &l.causes[cause]
	if c.count.Add(n) > n {
		return // The first since the last line is the example, and is about to have its line.
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from, c.length = from, len(message)
	copy(c.example[:], message)
	if c.timer == nil && !c.closed {
		l.write(cause)
		c.timer = time.AfterFunc(lossInterval, func() { l.again(cause) })
	}
}

// again writes the next line about a cause if there was another loss.
func (l *lossLog) again(cause lossCause) {
	c := &l.causes[cause]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if c.count.Load() == 0 {
		c.timer = nil
		return
	}
	l.write(cause)
	c.timer.Reset(lossInterval)
}

// close writes what has not been written yet. After the last user's call nothing
// is written.
func (l *lossLog) close() {
	if l.users.Add(-1) > 0 {
		return
	}
	for cause := range numLossCauses {
		c := &l.causes[cause]
		c.mu.Lock()
		if c.timer != nil {
			c.timer.Stop()
		}
		if !c.closed && c.count.Load() > 0 {
			l.write(cause)
		}
		c.closed = true
		c.mu.Unlock()
	}
}

// write writes a line. The caller must hold the lock of the cause.
func (l *lossLog) write(cause lossCause) {
	c := &l.causes[cause]
	n := c.count.Swap(0)
	switch cause {
	case lossKernel:
		l.logger.Warn("The kernel dropped datagrams because the receive buffer was full", "count", n, "remedy", l.remedy)
	case lossReceive:
		l.logger.Warn("Receiving failed; trying again", "count", n, "err", string(c.example[:min(c.length, exampleLength)]))
	default:
		sender := "local"
		if c.from.IsValid() {
			sender = c.from.Unmap().String()
		}
		l.logger.Warn("Rejected messages", "reason", syslog.Reason(cause).String(), "count", n, "sender", sender, "example", c.quoted(), "meaning", "each "+syslog.Reason(cause).Meaning())
	}
}

// quoted returns the example without anything that a terminal or a parser of
// logs could take for its own.
func (c *loss) quoted() string {
	s := strconv.QuoteToASCII(string(c.example[:min(c.length, exampleLength)]))
	s = s[1 : len(s)-1]
	if c.length > exampleLength {
		s += "..."
	}
	return s
}
