package syslog

import (
	"bytes"
	"encoding/binary"
)

// parseUsual is parse for a frame as nearly all are: a PRI, a timestamp, whatever
// names the device, and the tag of an FTD or ASA without a class and with ": "
// behind it. It reports false if b is not so; h is then to be set by parse.
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
	severity, id, ok := cutNumbers(t[4:])
	if !ok || severity > 7 || t[12] != ':' || t[13] != ' ' || t[14] <= ' ' {
		return false
	}
	number := int(twoDigits(b[2], b[3])) + 100
	text := b[at+len(tag):]
	if number > 191 || mayBeRepeated(text) || bytes.IndexByte(b[len(pri):at], '[') >= 0 {
		return false
	}
	h.PRI, h.Product, h.Class, h.Severity, h.ID, h.Count, h.Text = number, product, nil, severity, id, 1, text
	l.prefix = span{len(pri), at}
	return true
}

// mayBeRepeated reports false if neither the beginning of a text nor its end
// looks like the words that introduce a number of repetitions. It asks for
// little, and is branch-free because the last bytes are unpredictable.
func mayBeRepeated(text []byte) bool {
	if text[0] == 'm' || len(text) < 4 {
		return true
	}
	end := binary.LittleEndian.Uint32(text[len(text)-4:])
	return bytesEqual(end, ')')&((bytesEqual(end, 's')|bytesEqual(end, 'd'))<<8) != 0
}

// bytesEqual sets the highest bit of each byte of x that is c, and maybe of some
// that are not.
func bytesEqual(x uint32, c byte) uint32 {
	const each = 0x01010101
	x ^= uint32(c) * each
	return (x - each) &^ x & (each << 7)
}

// cutUsual is cutAny for the three forms that devices print unless they
// are configured otherwise, which it reads by their columns:
//
//	Mmm dd yyyy hh:mm:ss
//	Mmm dd hh:mm:ss
//	yyyy-mm-ddThh:mm:ssZ
//
// It returns 0 for anything else, and for what is not a time.
func (t *timestamp) cutUsual(b []byte) (n int) {
	if len(b) <= len("Mmm dd yyyy hh:mm:ss") {
		return 0
	}
	var (
		clock         int
		century, year uint8
	)
	switch {
	case b[10] == 'T' && b[4] == '-' && b[7] == '-' && b[19] == 'Z' && b[20] == ' ':
		century, year = twoDigits(b[0], b[1]), twoDigits(b[2], b[3])
		t.month, t.day = twoDigits(b[5], b[6]), twoDigits(b[8], b[9])
		t.zoned = true
		clock, n = 11, 20
	case b[3] != ' ' || b[6] != ' ':
		return 0
	case b[11] == ' ' && b[20] == ' ':
		century, year = twoDigits(b[7], b[8]), twoDigits(b[9], b[10])
		clock, n = 12, 20
	case b[15] == ' ' && b[9] == ':':
		clock, n = 7, 15
	default:
		return 0
	}
	if clock != 11 {
		tens := b[4]
		if tens == ' ' {
			tens = '0'
		}
		t.month, t.day = month(b), twoDigits(tens, b[5])
	}
	if b[clock+2] != ':' || b[clock+5] != ':' {
		n = 0
	}
	t.hour, t.minute, t.second = twoDigits(b[clock], b[clock+1]), twoDigits(b[clock+3], b[clock+4]), twoDigits(b[clock+6], b[clock+7])
	t.year = int32(century)*100 + int32(year)
	if n == 0 || century > 99 || year > 99 || t.year == 0 && clock != 7 || t.month-1 > 11 || t.day-1 > 30 || t.hour > 23 || t.minute > 59 || t.second > 60 {
		*t = timestamp{}
		return 0
	}
	return n
}
