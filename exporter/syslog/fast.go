package syslog

import (
	"bytes"
	"encoding/binary"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// This file is for code that is fast rather than clear. A short cut names the
// function that defines it and the fuzz target that compares the two, and saves at
// least 5 percent of BenchmarkReplay, which takes the lines of a log into the table.
// What memory.go keeps must do so, too.

// parseUsual is parse for a frame as nearly all are: a PRI, a timestamp, whatever
// names the device, and the tag of an FTD or ASA without a class and with ": "
// behind it. It reports false, and leaves h to be set by parse, if b is not so.
//
// It saves 12 percent of BenchmarkReplay. FuzzParse compares it with parse.
func (h *Header) parseUsual(b []byte, l *layout) bool {
	const (
		pri = "<166>"
		tag = "%FTD-6-302013: "
	)
	if len(b) < 64 || b[0] != '<' || b[1] != '1' || b[4] != '>' {
		return false
	}
	// A timestamp of either kind, and nothing else that may begin a header.
	if first := b[len(pri)]; !(b[len(pri)+3] == ' ' && isUpper(first) || b[len(pri)+4] == '-' && first == '2') {
		return false
	}
	n := bytes.IndexByte(b[len(pri):], '%')
	at := len(pri) + n
	if n < 0 || n > maxPrefix || len(b)-at <= len(tag) {
		return false
	}
	t := b[at+1:][:len(tag)]
	var product Product
	switch string(t[:4]) {
	case "FTD-":
		product = FTD
	case "ASA-":
		product = ASA
	default:
		return false
	}
	severity, id, ok := usualNumbers(t[4:])
	if !ok || severity > 7 || isCarrier(id) || t[12] != ':' || t[13] != ' ' || t[14] <= ' ' {
		return false
	}
	if at > len(pri)+nearTag && bytes.Contains(b[len(pri):at], []byte(healthMarker)) {
		return false // Or a fault, which has a bracket.
	}
	number := int(twoDigits(b[2], b[3])) + 100
	if number > 191 || bytes.IndexByte(b[len(pri):at], '[') >= 0 {
		return false
	}
	h.PRI, h.Product, h.Class, h.Severity, h.ID, h.Count, h.Subject = number, product, nil, severity, id, 1, nil
	if h.Text = b[at+len(tag):]; mayBeRepeated(h.Text) {
		h.setText(h.Text)
	}
	l.prefix = span{len(pri), at}
	return true
}

// usualNumbers is cutNumbers for an id of six digits, all eight bytes at once: the
// first of them is the lowest of x, and a digit and a hyphen leave their value and 0
// in digits. Then neighbors are added up as pairs, and three pairs as the id.
//
// It saves a quarter of parseUsual, which FuzzParse compares with parse.
func usualNumbers(b []byte) (severity uint8, id catalog.ID, ok bool) {
	const (
		zeros = 0x30_30_30_30_30_30_2d_30 // "0-000000".
		high  = 0xf0_f0_f0_f0_f0_f0_ff_f0 // What a digit leaves no bit of,
		add   = 0x06_06_06_06_06_06_00_06 // nor with this added.
	)
	x := binary.LittleEndian.Uint64(b)
	digits := x ^ zeros
	if (digits|(digits+add))&high != 0 {
		return 0, 0, false
	}
	n := digits >> 16
	n = (n*10 + n>>8) & 0x00_ff_00_ff_00_ff
	return uint8(digits), catalog.ID(n&0xff*10_000 + n>>16&0xff*100 + n>>32), true
}

// mayBeRepeated reports whether a text may begin or end with one of the forms that
// [Header.setText] reads. If not, it is the text as it stands. FuzzParse compares
// the two.
func mayBeRepeated(text []byte) bool {
	if text[0] == 'm' {
		return true // As in "message repeated".
	}
	switch n := len(text); text[n-1] {
	case ')':
		return n > 1 && (text[n-2] == 's' || text[n-2] == 'd') // As in "times)" and "received)".
	case '.', '"', '\'':
		return true
	}
	return false
}

// usualLine is [Reader.Frame] for a line that begins with a PRI and ends with LF
// alone. It returns nil, and leaves the frame to the rest of Frame, if it is not so.
//
// It saves 5 percent of BenchmarkReplay. FuzzReader compares the two.
func (r *Reader) usualLine() (frame []byte) {
	b := r.buf[r.start:r.end]
	if len(b) == 0 || b[0] != '<' || r.skipLine || r.skipBytes > 0 {
		return nil
	}
	n := bytes.IndexByte(b, '\n')
	if n < 0 || n > r.max || b[n-1] == '\r' {
		return nil
	}
	if !r.lines && (r.nul < r.start+n || n+1 < len(b) && isSpace(b[n+1])) { // See continued.
		return nil
	}
	r.start += n + 1
	return b[:n]
}
