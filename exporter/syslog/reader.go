package syslog

import (
	"bytes"
	"errors"
	"io"
)

// A Reader cuts a stream into frames, by one of the two ways of RFC 6587: an
// octet count in front of a frame (section 3.4.1), or a terminator behind it
// (section 3.4.2). The way is chosen anew for each frame, because a relay may
// mix them. It keeps one buffer, whatever arrives.
type Reader struct {
	r        io.Reader
	max      int
	lines    bool // Terminators only.
	buf      []byte
	start    int // buf[start:end] has been read and not yet returned.
	end      int
	err      error // Of the last read.
	skip     int   // Octets to skip.
	skipLine bool  // Whether to skip up to a line feed.
}

// NewReader returns a Reader for frames of at most maxFrame octets.
func NewReader(r io.Reader, maxFrame int) *Reader {
	return &Reader{r: r, max: maxFrame, buf: make([]byte, max(64<<10, 2*maxFrame))}
}

// NewLineReader returns a Reader for lines, as log files have them. What looks
// like an octet count is part of the line.
func NewLineReader(r io.Reader, maxFrame int) *Reader {
	x := NewReader(r, maxFrame)
	x.lines = true
	return x
}

// maxCountDigits bounds an octet count; more digits begin a line.
const maxCountDigits = 6

// Next returns the next frame, without its count or terminator. The frame
// aliases the Reader's buffer and is valid until the next call. Frames that are
// blank lines are left out.
//
// A frame that is longer than the limit is returned once, cut, with [TooLong].
// After a count that cannot be right, the frame is what stands there, with
// [BadFrame], and reading goes on behind the next line feed. The error is that
// of the underlying reader, [io.EOF] at its end; what an orderly end leaves
// without terminator is a frame, what an error cuts off is not.
func (r *Reader) Next() ([]byte, Reason, error) {
	for {
		if !r.discard() {
			return nil, OK, r.err
		}
		b := r.buf[r.start:r.end]
		if len(b) > 0 && (b[0] == '\n' || b[0] == '\r' || b[0] == 0) {
			r.start++
			continue
		}
		frame, reason, size := r.cut(b)
		if size > 0 {
			r.start += size
			if len(frame) == 0 {
				continue
			}
			return frame, reason, nil
		}
		if r.err != nil {
			return nil, OK, r.err
		}
		r.fill()
	}
}

// cut returns the frame at the start of b and its size with count and
// terminator, or size 0 if more of the stream is needed to tell. It must
// decide the same whatever part of the stream has arrived.
func (r *Reader) cut(b []byte) (frame []byte, reason Reason, size int) {
	if !r.lines && len(b) > 0 && isDigit(b[0]) {
		n, digits := octets(b)
		switch {
		case digits == len(b) && digits <= maxCountDigits && r.err == nil:
			return nil, OK, 0
		case digits > maxCountDigits || digits == len(b) || b[digits] != ' ':
			// No count; a line that begins with digits.
		case r.isYear(b, n, digits):
			if len(b) < digits+4 && r.err == nil {
				return nil, OK, 0
			}
		case b[0] == '0':
			return r.resync(b)
		case n > r.max && len(b) < digits+1+r.max && r.err == nil:
			return nil, OK, 0 // What is reported must not depend on how it arrives.
		case n > r.max:
			r.skip = max(0, digits+1+n-len(b))
			return b[digits+1 : min(len(b), digits+1+n, digits+1+r.max)], TooLong, min(len(b), digits+1+n)
		case len(b) < digits+1+n && errors.Is(r.err, io.EOF):
			return b[:min(len(b), r.max)], BadFrame, len(b)
		case len(b) < digits+1+n:
			return nil, OK, 0
		default:
			return trimCR(b[digits+1 : digits+1+n]), OK, digits + 1 + n
		}
	}
	line := b[:min(len(b), r.max+2)] // Two more for CR LF.
	n := bytes.IndexByte(line, '\n')
	if n >= 0 {
		line = line[:n]
	}
	if nul := bytes.IndexByte(line, 0); nul >= 0 {
		n = nul
	}
	if n < 0 && len(line) < r.max+2 {
		if !errors.Is(r.err, io.EOF) {
			return nil, OK, 0
		}
		n = len(line) // An orderly end ends the line.
	}
	if n >= 0 {
		if frame = trimCR(b[:n]); len(frame) <= r.max {
			return frame, OK, min(n+1, len(b))
		}
		return frame[:r.max], TooLong, min(n+1, len(b))
	}
	r.skipLine = true
	return b[:r.max], TooLong, r.max
}

// resync reports a bad count and skips the rest of the line.
func (r *Reader) resync(b []byte) ([]byte, Reason, int) {
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		return b[:min(n, r.max)], BadFrame, n + 1
	}
	if len(b) < r.max && r.err == nil {
		return nil, OK, 0
	}
	r.skipLine = true
	return b[:min(len(b), r.max)], BadFrame, len(b)
}

// octets reads the digits at the start of b.
func octets(b []byte) (n, digits int) {
	for digits < len(b) && digits <= maxCountDigits && isDigit(b[digits]) {
		n = n*10 + int(b[digits]-'0')
		digits++
	}
	return n, digits
}

// isYear reports whether what looks like a count begins a stamp such as 2026
// Mar 17, or may do so when more has arrived.
func (r *Reader) isYear(b []byte, n, digits int) bool {
	if digits != 4 || n < 1990 || n > 2099 {
		return false
	}
	rest := b[digits+1:]
	if len(rest) < 3 {
		return r.err == nil
	}
	s := scanner{b: rest}
	return s.month() > 0
}

func trimCR(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\r' || b[len(b)-1] == '\n' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	return b
}

// discard drops what is to be skipped. It returns false at the end of the
// stream if nothing is left.
func (r *Reader) discard() bool {
	for {
		b := r.buf[r.start:r.end]
		switch {
		case r.skip > 0:
			n := min(r.skip, len(b))
			r.skip -= n
			r.start += n
		case r.skipLine:
			if n := bytes.IndexByte(b, '\n'); n >= 0 {
				r.start += n + 1
				r.skipLine = false
			} else {
				r.start = r.end
			}
		}
		if r.skip == 0 && !r.skipLine && r.start < r.end {
			return true
		}
		if r.err != nil {
			return false
		}
		r.fill()
	}
}

// fill reads once. If the reader keeps returning nothing, it gives up.
func (r *Reader) fill() {
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, r.end-r.start
	}
	for range 100 {
		n, err := r.r.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}
