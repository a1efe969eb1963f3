package syslog

import (
	"bytes"
	"errors"
	"io"
	"os"
)

const (
	// bufferSize is the size of the buffer of a Reader that has much to read,
	// unless its frames are larger. A busy device then costs few system calls.
	bufferSize = 64 << 10
	// bufferGrowth is the factor by which a buffer grows that a read has filled.
	bufferGrowth = 4
	// maxCountDigits is the length of the largest message length that is
	// believed. With a larger one, a single wrong digit would silence a device
	// for long.
	maxCountDigits = 5
	// maxLineDigits is the number of digits after which a frame is a line,
	// whatever follows.
	maxLineDigits = 20
	// maxEmptyReads is how often in succession a source may return nothing.
	maxEmptyReads = 100
)

// IdleBuffer is the room in the buffer of a [Reader] of a stream that has little
// to read, in bytes. There may be thousands of such streams.
const IdleBuffer = 2 << 10

// A Reader splits a stream into frames. It owns one buffer, in which it finds
// the frames and from which it returns them, without a copy. A Reader belongs to
// one goroutine.
//
// [Reader.Next] is all that most callers need. A caller that has something to do
// before it waits for the source, as counting what has arrived together, calls
// the two halves of it instead:
//
//	for {
//		for {
//			frame, reason, ok := r.Frame()
//			if !ok {
//				break
//			}
//			...
//		}
//		// Everything that has arrived has been returned.
//		if err := r.Fill(); err != nil {
//			...
//		}
//	}
type Reader struct {
	source io.Reader
	err    error // What ended the source. Returned when the buffer is empty.
	max    int
	lines  bool // Every line is a frame; there are no message lengths.

	buf        []byte
	start, end int // The bytes that were read and not yet returned.
	minSize    int // The room in the buffer while there is little to read.
	maxSize    int // The size beyond which it does not grow. The longest frame fits.
	// There is no LF in buf[start:lf] and no NUL in buf[start:nul], so that no
	// byte is searched twice.
	lf, nul int

	// The rest of a frame that was too long: so many bytes, or all up to the end
	// of the line.
	skipBytes int
	skipLine  bool
}

// NewReader returns a Reader of frames as they come over TCP (RFC 6587). Each
// frame may be in either of the two forms that are in use:
//
//	MSG-LEN SP MSG     octet counting, section 3.4.1
//	MSG TRAILER        non-transparent framing, section 3.4.2
//
// A trailer is LF, CR LF or NUL. Frames are at most maxFrame bytes long, not
// counting MSG-LEN and trailer.
//
// The buffer has room for [IdleBuffer] bytes and grows while reads fill it. It
// shrinks only by [Reader.Shrink].
func NewReader(r io.Reader, maxFrame int) *Reader { return newReader(r, maxFrame, IdleBuffer) }

func newReader(r io.Reader, maxFrame, minSize int) *Reader {
	maxFrame = max(maxFrame, 1)
	return &Reader{source: r, max: maxFrame, minSize: minSize, maxSize: max(bufferSize, maxFrame+64), buf: make([]byte, minSize)}
}

// NewLineReader returns a Reader of the lines of a log file. It differs from
// [NewReader] in that every line is a frame, even if it is empty or has NULs in
// it, and that a number at its start is not a length. Its buffer is large from
// the start.
func NewLineReader(r io.Reader, maxFrame int) *Reader {
	reader := newReader(r, maxFrame, bufferSize)
	reader.lines = true
	return reader
}

// Next returns the next frame, without its length or trailer, and reads from the
// source until it has one. The frame aliases the Reader's buffer and is valid
// until the next call of Next, Fill or Shrink. In a stream, lines of white space
// are skipped.
//
// If the frame must be rejected, reason states why, and the frame is only its
// beginning, for the log:
//
//   - After [TooLong] the rest of the frame is skipped.
//   - After [BadFrame] the frame is what the stream held up to the next end of a
//     line, or the part of a counted frame that came before the stream ended.
//
// What remains at the orderly end of a stream is a frame even without a trailer;
// what an error has cut off is not. After the last frame Next returns the error
// that ended the stream: [io.EOF], another error of the source, or
// [io.ErrNoProgress] if the source keeps returning nothing. How the source cuts
// the stream into pieces does not have influence on the frames, but for a line end within a
// message: an indented line without a PRI or a tag that has arrived with the line
// before it belongs to that.
//
// [os.ErrDeadlineExceeded] does not end the stream. It is returned once, nothing
// is lost, and the next call reads on.
func (r *Reader) Next() (frame []byte, reason Reason, err error) {
	for {
		if frame, reason, ok := r.Frame(); ok {
			return frame, reason, nil
		}
		if err := r.Fill(); err != nil {
			return nil, OK, err
		}
	}
}

// Frame returns the next frame as [Reader.Next] does, but only from the buffer.
// It reports false if there is no complete frame in it; then [Reader.Fill] must
// be called. The frame is valid until the next call of Fill, Next or Shrink.
func (r *Reader) Frame() (frame []byte, reason Reason, ok bool) {
	if frame = r.usualLine(); frame != nil {
		return frame, OK, true
	}
	for r.skip() {
		if frame, reason, ok = r.cut(); !ok || frame != nil {
			return frame, reason, ok
		}
	}
	return nil, OK, false
}

// Fill reads once from the source, making room in the buffer if need be. It must
// be called only after [Reader.Frame] has reported false. If the stream has ended
// and a last frame remains, Fill returns nil, and the next call the error. The
// errors are those of [Reader.Next].
func (r *Reader) Fill() error {
	if r.err != nil {
		r.start = r.end // Half of a message that an error has cut off.
		return r.err
	}
	// What is left is part of one frame, so that it is cheap to move.
	if full := r.end == len(r.buf); full && len(r.buf) < r.maxSize {
		r.resize(min(len(r.buf)*bufferGrowth, r.maxSize))
	} else if r.start > 0 {
		r.move(r.buf)
	}
	for range maxEmptyReads {
		n, err := r.source.Read(r.buf[r.end:])
		r.end += n
		switch {
		case err == nil && n == 0:
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Only this one passes. Other errors are timeouts by their method,
			// such as that of a TCP keep-alive, and end the connection.
			if n > 0 {
				return nil
			}
			return err
		case err != nil:
			if r.err = err; r.start == r.end {
				return err
			}
		}
		return nil
	}
	r.err = io.ErrNoProgress
	return r.err
}

// Buffered returns the number of bytes that were read from the source and not
// yet returned. They may be only the beginning of a frame, as after most reads of a
// busy stream; so they do not mean that Next returns without reading.
func (r *Reader) Buffered() int { return r.end - r.start }

// Shrink replaces the buffer by one with room for [IdleBuffer] bytes more than
// [Reader.Buffered], if that is smaller. It is meant for a source that has been
// quiet. Frames that were returned keep the old buffer in memory as long as the
// caller refers to them.
func (r *Reader) Shrink() {
	if n := r.Buffered() + r.minSize; n < len(r.buf) {
		r.resize(n)
	}
}

// skip drops the rest of a frame that was too long, and whatever ends lines, so
// that the first byte of a frame is the next in the buffer. It reports false if
// the buffer ends before.
func (r *Reader) skip() bool {
	if n := min(r.skipBytes, r.Buffered()); n > 0 {
		r.start += n
		r.skipBytes -= n
	}
	if r.skipLine {
		end, found := r.lineEnd()
		r.start, r.skipLine = afterLine(end, found), !found
	}
	if r.skipBytes > 0 || r.skipLine {
		return false
	}
	for !r.lines && r.start < r.end && isTrailer(r.buf[r.start]) {
		r.start++
	}
	return r.start < r.end
}

// cut takes the next frame out of the buffer. It reports false if more of it must
// be read. For a line of white space in a stream it returns nil.
func (r *Reader) cut() (frame []byte, reason Reason, ok bool) {
	if r.lines {
		return r.line(OK)
	}
	length, digits, kind := messageLength(r.buf[r.start:r.end])
	switch kind {
	case undecided:
		if r.err == nil {
			return nil, OK, false
		}
	case counted:
		return r.counted(length, digits+1)
	case miscounted:
		return r.line(BadFrame)
	case line:
	}
	return r.line(OK)
}

// counted takes a frame of length bytes that begins after a header. It reports
// false if more of it must be read.
func (r *Reader) counted(length, header int) (frame []byte, reason Reason, ok bool) {
	want := min(length, r.max)
	if r.Buffered()-header < want && !r.ended() {
		return nil, OK, false
	}
	frame = r.buf[r.start+header : r.end]
	frame = frame[:min(len(frame), want)]
	r.start += header + len(frame)
	switch {
	case length > r.max:
		r.skipBytes = length - len(frame)
		reason = TooLong
	case len(frame) < length:
		reason = BadFrame
	}
	return frame, reason, true
}

// line takes the frame up to the end of the line, with the given reason if it is
// not [OK]. It returns what cut does.
func (r *Reader) line(reason Reason) (frame []byte, _ Reason, ok bool) {
	end, found := r.lineEnd()
	if found && reason == OK {
		end = r.continued(end)
	}
	// A line of max+1 bytes may be a frame of max and the CR of a CR LF.
	if !found && end-r.start < r.max+2 && !r.ended() {
		return nil, OK, false
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
	if !r.lines && reason == OK && isWhiteSpace(frame) {
		return nil, OK, true
	}
	return frame, reason, true
}

// continued returns the end of the message whose line ends at end. Some messages have
// a line end in them, after which devices indent what follows. So an indented line
// without a PRI or a tag is part of the message before it. This is decided by what
// has arrived: a message does not wait for what may follow.
func (r *Reader) continued(end int) int {
	for !r.lines {
		next := r.buf[end+1 : r.end]
		if len(next) == 0 || next[0] != ' ' && next[0] != '\t' {
			break
		}
		n := bytes.IndexByte(next, '\n')
		if n < 0 || end+1+n-r.start > r.max || bytes.IndexByte(next[:n], 0) >= 0 {
			break
		}
		var h Header
		text := skipSpace(next[:n], 0)
		if text == n || next[text] == '<' {
			break
		}
		if at, _ := h.findTag(next[:n], 0); at >= 0 {
			break
		}
		if at, _ := h.findTag(r.buf[r.start:end], 0); at < 0 {
			break
		}
		end += 1 + n
	}
	return end
}

// ended reports whether the source has come to its orderly end.
func (r *Reader) ended() bool { return errors.Is(r.err, io.EOF) }

// lineEnd returns the position of the first LF or NUL in the buffer. It reports
// false, and returns the position after the last byte, if there is none.
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

// resize replaces the buffer by one of n bytes, in which what is left fits.
func (r *Reader) resize(n int) { r.move(make([]byte, n)) }

// move moves what is left to the start of buf, which becomes the buffer.
func (r *Reader) move(buf []byte) {
	r.end = copy(buf, r.buf[r.start:r.end])
	r.lf, r.nul = max(r.lf-r.start, 0), max(r.nul-r.start, 0)
	r.start, r.buf = 0, buf
}

// A frameKind is the way in which a frame is delimited.
type frameKind uint8

const (
	line       frameKind = iota // By the end of the line.
	counted                     // By its length.
	miscounted                  // By a length that cannot be right.
	undecided                   // More of the frame is needed to decide.
)

// messageLength reads the length at the start of a frame: digits, the first of
// them not 0, and a space. It returns the number and how many digits it has.
// Lines too may begin with digits, even with a year and a space.
func messageLength(b []byte) (length, digits int, kind frameKind) {
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
		length = length*10 + int(c-'0')
	}
	// A date begins as a length does. It is 2024 Aug 07, or 21 Aug, before which a
	// length would be larger.
	if isYear := digits == 4 && 1990 <= length && length <= 2099; isYear || length <= 31 {
		const name = len("Aug ")
		switch after := b[digits+1:]; {
		case len(after) >= name:
			if month(after) != 0 && (isYear || isSpace(after[name-1])) {
				return 0, 0, line
			}
		case isYear, len(after) > 0 && isUpper(after[0]):
			return length, digits, undecided
		}
	}
	return length, digits, counted
}

// isTrailer reports whether c ends a line, or is part of a line end.
func isTrailer(c byte) bool { return c == '\n' || c == '\r' || c == 0 }

// isWhiteSpace reports whether b contains only white space.
func isWhiteSpace(b []byte) bool { return skipSpace(b, 0) == len(b) }
