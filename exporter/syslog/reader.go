package syslog

import (
	"bytes"
	"errors"
	"io"
)

const (
	// bufferSize is the size of the buffer of a Reader that has much to read,
	// unless its frames are larger. A busy device then costs few system calls.
	bufferSize = 64 << 10
	// bufferGrowth is by how much a buffer grows that a read has filled.
	bufferGrowth = 4
	// maxCountDigits is the length of the largest octet count that is
	// believed. With a larger one, a single wrong digit would silence a device
	// for long.
	maxCountDigits = 5
	// maxLineDigits is the number of digits after which a frame is a line,
	// whatever follows.
	maxLineDigits = 20
	// maxEmptyReads is how often in succession a source may give nothing.
	maxEmptyReads = 100
)

// IdleBuffer is the room in the buffer of a [Reader] of a stream that has little
// to read, in bytes. There may be thousands of those.
const IdleBuffer = 2 << 10

// A Reader splits a stream into frames. It holds one buffer, in which the frames
// are found and from which they are returned, so a frame is valid only until the
// next call of [Reader.Next]. A Reader must not be used by two goroutines at a
// time.
type Reader struct {
	source io.Reader
	err    error // What ended the source, returned when the buffer is empty.
	max    int
	lines  bool // There are no octet counts.

	buf        []byte
	start, end int // The octets that were read and not yet returned.
	least      int // The room in the buffer while there is little to read.
	most       int // The size beyond which it does not grow. The longest frame fits.
	// There is no LF in buf[start:lf] and no NUL in buf[start:nul], so that no
	// octet is searched twice.
	lf, nul int

	// What is left of a frame that was too long: so many octets, or all up to
	// the end of the line.
	skipOctets int
	skipLine   bool
}

// NewReader returns a Reader of frames as they come over TCP (RFC 6587). Each
// frame may be in either of the two ways that are in use:
//
//	MSG-LEN SP MSG     octet counting, section 3.4.1
//	MSG TRAILER        non-transparent framing, section 3.4.2
//
// A trailer is LF, CR LF or NUL. Frames are at most maxFrame octets long, not
// counting MSG-LEN and trailer.
//
// The buffer has room for [IdleBuffer] bytes, and grows as long as reads fill
// it. If r returns neither octets nor an error it shrinks again: so a source may
// say that it has been quiet.
func NewReader(r io.Reader, maxFrame int) *Reader { return newReader(r, maxFrame, IdleBuffer) }

func newReader(r io.Reader, maxFrame, least int) *Reader {
	maxFrame = max(maxFrame, 1)
	return &Reader{source: r, max: maxFrame, least: least, most: max(bufferSize, maxFrame+64), buf: make([]byte, least)}
}

// NewLineReader returns a Reader of the lines of a log file. It differs from
// [NewReader] in that each line is a frame: a blank one too, one with NULs is
// one, and a number at its start is no octet count. Its buffer is large from the
// start.
func NewLineReader(r io.Reader, maxFrame int) *Reader {
	reader := newReader(r, maxFrame, bufferSize)
	reader.lines = true
	return reader
}

// Next returns the next frame, without its octet count or trailer. The frame
// aliases the Reader's buffer and is valid until the next call. Of a
// stream, blank lines are skipped.
//
// If the frame must be rejected, reason says why, and the frame is only its
// beginning, for the log:
//
//   - After [TooLong] the rest of the frame is skipped.
//   - After [BadFrame] the frame is what the stream held up to the next end of a
//     line, or the part of a counted frame that came before the stream ended.
//
// What remains at the orderly end of a stream is a frame even without a trailer;
// what an error has cut off is not. Then Next returns what has ended the stream:
// [io.EOF], another error of the source, or [io.ErrNoProgress] if the source
// keeps giving nothing. How the source cuts
// the stream into pieces has no influence on the frames.
func (r *Reader) Next() (frame []byte, reason Reason, err error) {
	if frame, ok := r.plainLine(); ok {
		return frame, OK, nil
	}
	for {
		if !r.skip() {
			return nil, OK, r.err
		}
		b := r.buf[r.start:r.end]
		count, digits, kind := 0, 0, line
		if !r.lines {
			count, digits, kind = octetCount(b)
		}
		var done bool
		switch kind {
		case undecided:
			if r.fill() {
				continue
			}
			frame, reason, done = r.line(OK)
		case counted:
			frame, reason, done = r.counted(count, digits+1)
		case miscounted:
			frame, reason, done = r.line(BadFrame)
		case line:
			frame, reason, done = r.line(OK)
		}
		if done {
			return frame, reason, nil
		}
	}
}

// plainLine returns the next frame if it is a whole line in the buffer, with
// nothing about it that Next would have to look at. Most are.
func (r *Reader) plainLine() (frame []byte, ok bool) {
	b := r.buf[r.start:r.end]
	if len(b) == 0 || r.skipLine || r.skipOctets > 0 || b[0] != '<' && !r.lines {
		return nil, false
	}
	n := bytes.IndexByte(b, '\n')
	if n < 0 || n > r.max {
		return nil, false
	}
	if !r.lines {
		r.nul = r.find(r.nul, 0)
		if r.nul < r.start+n {
			return nil, false
		}
	}
	r.start += n + 1
	if n > 0 && b[n-1] == '\r' {
		n--
	}
	return b[:n], true
}

// skip drops the rest of a frame that was too long, and whatever ends lines,
// until the first octet of a frame is in the buffer. It reports false if the
// stream ends before.
func (r *Reader) skip() bool {
	for {
		if n := min(r.skipOctets, r.end-r.start); n > 0 {
			r.start += n
			r.skipOctets -= n
		}
		if r.skipLine {
			end, found := r.lineEnd()
			r.start, r.skipLine = afterLine(end, found), !found
		}
		if r.skipOctets == 0 && !r.skipLine {
			for !r.lines && r.start < r.end && isTrailer(r.buf[r.start]) {
				r.start++
			}
			if r.start < r.end {
				return true
			}
		}
		if !r.fill() {
			return false
		}
	}
}

// counted returns a frame of count octets that begins after a header. It
// reports false if it has read more of it and must be called again.
func (r *Reader) counted(count, header int) (frame []byte, reason Reason, done bool) {
	want := min(count, r.max)
	if r.end-r.start-header < want {
		if r.fill() {
			return nil, OK, false
		}
		if !errors.Is(r.err, io.EOF) {
			r.start = r.end
			return nil, OK, false
		}
	}
	frame = r.buf[r.start+header : r.end]
	frame = frame[:min(len(frame), want)]
	r.start += header + len(frame)
	switch {
	case count > r.max:
		r.skipOctets = count - len(frame)
		reason = TooLong
	case len(frame) < count:
		reason = BadFrame
	}
	return frame, reason, true
}

// line returns the frame up to the end of the line, with the given reason if it
// is not [OK]. It reports false if the line is blank, or if it has read more of
// it and must be called again.
func (r *Reader) line(reason Reason) (frame []byte, _ Reason, done bool) {
	end, found := r.lineEnd()
	// A line of max+1 octets may be a frame of max and the CR of a CR LF.
	if !found && end-r.start < r.max+2 {
		if r.fill() {
			return nil, OK, false
		}
		if !errors.Is(r.err, io.EOF) {
			r.start = r.end // Half of a message; skip returns the error.
			return nil, OK, false
		}
		end = r.end // Fill may have moved it.
	}
	frame = r.buf[r.start:end]
	r.start, r.skipLine = afterLine(end, found), !found
	if n := len(frame); n > 0 && frame[n-1] == '\r' {
		frame = frame[:n-1]
	}
	if len(frame) > r.max {
		frame = frame[:r.max]
		if reason == OK {
			reason = TooLong
		}
	}
	return frame, reason, r.lines || reason != OK || !isBlank(frame)
}

// lineEnd returns the position of the first LF or NUL in the buffer. It reports
// false, and returns the position after the last octet, if there is none.
func (r *Reader) lineEnd() (end int, found bool) {
	r.lf = r.find(r.lf, '\n')
	end = r.lf
	if !r.lines { // In a file, a NUL is noise within a line.
		r.nul = r.find(r.nul, 0)
		end = min(end, r.nul)
	}
	return end, end < r.end
}

// afterLine returns the position after a line, its terminator included.
func afterLine(end int, found bool) int {
	if found {
		end++
	}
	return end
}

// find returns the position of the first c in the buffer, or its end. There is
// none before from.
func (r *Reader) find(from int, c byte) int {
	from = max(from, r.start)
	if from < r.end && r.buf[from] == c {
		return from
	}
	if n := bytes.IndexByte(r.buf[from:r.end], c); n >= 0 {
		return from + n
	}
	return r.end
}

// fill reads more from the source, making room in the buffer if need be. It
// reports false if the source has ended.
func (r *Reader) fill() bool {
	// What is left is part of one frame, so that it is cheap to move.
	full := r.end == len(r.buf)
	if full && len(r.buf) < r.most {
		r.resize(min(len(r.buf)*bufferGrowth, r.most))
	} else if r.start > 0 {
		r.move(r.buf)
	}
	for n := 0; r.err == nil; n++ {
		if n == maxEmptyReads {
			r.err = io.ErrNoProgress
			break
		}
		var read int
		read, r.err = r.source.Read(r.buf[r.end:])
		if read > 0 {
			r.end += read
			return true
		}
		if n := r.end + r.least; r.err == nil && n < len(r.buf) {
			r.resize(n)
		}
	}
	return false
}

// resize replaces the buffer by one of n bytes, in which what is left fits.
func (r *Reader) resize(n int) { r.move(make([]byte, n)) }

// move moves what is left to the start of buf, which becomes the buffer.
func (r *Reader) move(buf []byte) {
	r.end = copy(buf, r.buf[r.start:r.end])
	r.lf, r.nul = max(r.lf-r.start, 0), max(r.nul-r.start, 0)
	r.start, r.buf = 0, buf
}

// A kind says how a frame is delimited.
type kind uint8

const (
	line       kind = iota // By the end of the line.
	counted                // By an octet count.
	miscounted             // By an octet count that cannot be right.
	undecided              // More of the frame is needed to tell.
)

// octetCount reads the octet count at the start of a frame: digits, the first
// of them not 0, and a blank. It returns the number and how many digits it has.
// Other lines too may begin with digits, even with a year and a blank.
func octetCount(b []byte) (count, digits int, k kind) {
	for digits < len(b) && digits <= maxLineDigits && isDigit(b[digits]) {
		digits++
	}
	switch {
	case digits == 0 || digits > maxLineDigits:
		return 0, 0, line
	case digits == len(b):
		return 0, 0, undecided
	case b[digits] != ' ':
		return 0, 0, line
	case b[0] == '0' || digits > maxCountDigits:
		return 0, 0, miscounted
	}
	for _, c := range b[:digits] {
		count = count*10 + int(c-'0')
	}
	if digits == 4 && 1990 <= count && count <= 2099 {
		const length = len("2024 Aug")
		if len(b) < length {
			return count, digits, undecided
		}
		if month(b[length-3:length]) != 0 {
			return 0, 0, line
		}
	}
	return count, digits, counted
}

// isTrailer reports whether c ends a line, or is part of what does.
func isTrailer(c byte) bool { return c == '\n' || c == '\r' || c == 0 }

func isBlank(b []byte) bool {
	return skipSpace(b, 0) == len(b)
}
