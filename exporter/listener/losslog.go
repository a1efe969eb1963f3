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

func newLossLog(logger *slog.Logger) *lossLog { return &lossLog{logger: logger} }

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

// close writes what has not been written yet. After it nothing is written.
func (l *lossLog) close() {
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
		l.logger.Warn("Rejected messages", "reason", syslog.Reason(cause).String(), "count", n, "sender", sender, "example", c.quoted())
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
