package syslog

// A timestamp is a time as a device prints it.
type timestamp struct {
	year                             int32 // 0 if it was not printed.
	nanosecond                       int32
	offset                           int32 // East of UTC, in seconds.
	zoned                            bool  // The offset is known.
	month, day, hour, minute, second uint8 // Month is 0 if there is no timestamp.
}

// cutTimestamp reads a timestamp at the start of b and returns its length, or 0.
// These are the forms, each of them with or without a fraction of a second, and
// with * or . before it if the clock is not synchronized:
//
//	Mmm dd hh:mm:ss
//	Mmm dd yyyy hh:mm:ss
//	yyyy Mmm dd hh:mm:ss
//	yyyy-mm-ddThh:mm:ss, then Z, an offset or nothing (RFC 3339)
//
// A timestamp ends at a space, a colon or the end of b.
func cutTimestamp(b []byte) (t timestamp, n int) {
	if n = t.cut(b); n == 0 {
		t = timestamp{}
	}
	return t, n
}

// cut is cutTimestamp into t. If it returns 0, it may have set parts of t.
func (t *timestamp) cut(b []byte) (n int) {
	i := 0
	if len(b) > 0 && (b[0] == '*' || b[0] == '.') {
		i = 1
	}
	if len(b)-i < len("Jan 1 00:00:00") {
		return 0
	}
	iso := false
	switch {
	case isUpper(b[i]):
		if i = t.cutDay(b, i); i == 0 {
			return 0
		}
		if y := year(b[i:]); y > 0 && i+4 < len(b) && isSpace(b[i+4]) {
			t.year = y
			i = skipSpace(b, i+4)
		}
	case hasISODate(b[i:]):
		iso = true
		t.year = year(b[i:])
		t.month, t.day = twoDigits(b[i+5], b[i+6]), twoDigits(b[i+8], b[i+9])
		i += len("yyyy-mm-ddT")
	case isDigit(b[i]):
		t.year = year(b[i:])
		if t.year == 0 || !isSpace(b[i+4]) {
			return 0
		}
		if i = t.cutDay(b, skipSpace(b, i+4)); i == 0 {
			return 0
		}
	default:
		return 0
	}

	if i = t.cutClock(b, i); i == 0 {
		return 0
	}
	if iso && i < len(b) {
		if b[i] == 'Z' || b[i] == 'z' {
			t.zoned = true
			i++
		} else if offset, n := cutOffset(b[i:]); n > 0 {
			t.offset, t.zoned = offset, true
			i += n
		}
	}
	if i < len(b) && !isSpace(b[i]) && b[i] != ':' {
		return 0
	}
	return i
}

// cutDay reads "Mmm dd" and the spaces after it at b[i:] and returns the position
// after them, or 0.
func (t *timestamp) cutDay(b []byte, i int) int {
	if len(b)-i < 5 || !isSpace(b[i+3]) {
		return 0
	}
	t.month = month(b[i : i+3])
	i = skipSpace(b, i+3)
	start := i
	for i < len(b) && i < start+2 && isDigit(b[i]) {
		t.day = t.day*10 + b[i] - '0'
		i++
	}
	end := skipSpace(b, i)
	if t.month == 0 || t.day == 0 || t.day > 31 || end == i {
		return 0
	}
	return end
}

// cutClock reads "hh:mm:ss" and a fraction at b[i:] and returns the position
// after it, or 0. Of a fraction nine digits count.
func (t *timestamp) cutClock(b []byte, i int) int {
	if len(b)-i < len("hh:mm:ss") || b[i+2] != ':' || b[i+5] != ':' {
		return 0
	}
	t.hour, t.minute, t.second = twoDigits(b[i], b[i+1]), twoDigits(b[i+3], b[i+4]), twoDigits(b[i+6], b[i+7])
	if t.hour > 23 || t.minute > 59 || t.second > 60 {
		return 0
	}
	i += len("hh:mm:ss")
	if len(b)-i >= 2 && (b[i] == '.' || b[i] == ',') && isDigit(b[i+1]) {
		unit := int32(100_000_000)
		for i++; i < len(b) && isDigit(b[i]); i++ {
			t.nanosecond += int32(b[i]-'0') * unit
			unit /= 10
		}
	}
	return i
}

// hasISODate reports whether b begins with a date like 2018-06-27T.
func hasISODate(b []byte) bool {
	if len(b) < len("yyyy-mm-ddT") || b[4] != '-' || b[7] != '-' || b[10] != 'T' && b[10] != ' ' {
		return false
	}
	month, day := twoDigits(b[5], b[6]), twoDigits(b[8], b[9])
	return year(b) > 0 && 1 <= month && month <= 12 && 1 <= day && day <= 31
}

// year returns the year of four digits at the start of b, or 0.
func year(b []byte) int32 {
	if len(b) < 4 {
		return 0
	}
	century, rest := twoDigits(b[0], b[1]), twoDigits(b[2], b[3])
	if century > 99 || rest > 99 {
		return 0
	}
	return int32(century)*100 + int32(rest)
}

// cutOffset reads an offset from UTC, as +02:00, -0330, +2:00 or +2, at the
// start of b. It returns the seconds and the length, or 0.
func cutOffset(b []byte) (seconds int32, n int) {
	if len(b) < 2 || b[0] != '+' && b[0] != '-' {
		return 0, 0
	}
	n = 1
	for n < len(b) && n < 6 && isDigit(b[n]) {
		n++
	}
	var hours, minutes uint8
	switch n {
	case 2:
		hours = b[1] - '0'
	case 3:
		hours = twoDigits(b[1], b[2])
	case 5:
		hours, minutes = twoDigits(b[1], b[2]), twoDigits(b[3], b[4])
	default:
		return 0, 0
	}
	if n <= 3 && len(b)-n >= 3 && b[n] == ':' && isDigit(b[n+1]) {
		minutes = twoDigits(b[n+1], b[n+2])
		n += 3
	}
	if hours > 15 || minutes > 59 {
		return 0, 0
	}
	seconds = int32(hours)*3600 + int32(minutes)*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, n
}

// month returns the number of the month whose abbreviation begins b, or 0. The
// caller sees to it that b is long enough.
func month(b []byte) uint8 {
	switch uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) {
	case 'J'<<16 | 'a'<<8 | 'n':
		return 1
	case 'F'<<16 | 'e'<<8 | 'b':
		return 2
	case 'M'<<16 | 'a'<<8 | 'r':
		return 3
	case 'A'<<16 | 'p'<<8 | 'r':
		return 4
	case 'M'<<16 | 'a'<<8 | 'y':
		return 5
	case 'J'<<16 | 'u'<<8 | 'n':
		return 6
	case 'J'<<16 | 'u'<<8 | 'l':
		return 7
	case 'A'<<16 | 'u'<<8 | 'g':
		return 8
	case 'S'<<16 | 'e'<<8 | 'p':
		return 9
	case 'O'<<16 | 'c'<<8 | 't':
		return 10
	case 'N'<<16 | 'o'<<8 | 'v':
		return 11
	case 'D'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}
