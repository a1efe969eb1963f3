package syslog

import "bytes"

// maxBracketed is the length that a timestamp in brackets can have.
const maxBracketed = 64

// A timestamp is a time as a device prints it.
type timestamp struct {
	year                             int32 // 0 if it was not printed.
	nanosecond                       int32
	offset                           int32 // East of UTC, in seconds.
	zoned                            bool  // The offset is known.
	eitherOrder                      bool  // Month and day may be the other way round.
	month, day, hour, minute, second uint8 // Month is 0 if there is no timestamp.
}

// cutTimestamp reads a timestamp at the start of b and returns its length, or 0.
// It is a date, a time of day and, for some, an offset. Devices write these dates:
//
//	Mmm dd
//	Mmm dd yyyy
//	yyyy Mmm dd
//	yyyy-mm-ddT
//
// [timestamp.cutOtherDate] has those of relays and exports. The time of day is
// hh:mm:ss, with one digit or two for the hour, with or without a fraction of a
// second, with AM or PM or neither. Z or an offset may follow immediately, as in
// RFC 3339. A * or . before the timestamp means that the clock is not synchronized.
// All of it may stand in brackets, then also with a time zone.
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
	if len(b)-i < len("Jan 1 0:00:00") {
		return 0
	}
	if b[i] == '[' || b[i] == '(' {
		if n = t.cutBracketed(b[i:]); n > 0 {
			n += i
		}
		return n
	}
	weekday := false
	clock := t.cutClock(b, t.cutUsualDate(b, i))
	if clock == 0 {
		*t = timestamp{}
		if i, weekday = t.cutOtherDate(b, i); i == 0 {
			return 0
		}
		if clock = t.cutClock(b, i); clock == 0 {
			return 0
		}
	}
	i = clock
	if n, pm := cutMeridiem(b[i:]); n > 0 {
		i += n
		switch {
		case pm && t.hour < 12:
			t.hour += 12
		case !pm && t.hour == 12:
			t.hour = 0
		}
	} else if offset, n := cutOffset(b[i:]); n > 0 {
		t.offset, t.zoned = offset, true
		i += n
	} else if i < len(b) && (b[i] == 'Z' || b[i] == 'z') {
		t.zoned = true
		i++
	}
	if i < len(b) && !isSpace(b[i]) && b[i] != ':' {
		return 0
	}
	if weekday && t.year == 0 { // As ctime prints it: Sat Feb 21 09:15:22 2026.
		start := skipSpace(b, i)
		if y := year(b[start:]); y > 0 && (start+4 == len(b) || b[start+4] == ':' || isSpace(b[start+4])) {
			t.year = y
			i = start + 4
		}
	}
	return i
}

// cutBracketed is cut for a timestamp in brackets.
func (t *timestamp) cutBracketed(b []byte) (n int) {
	end := bytes.IndexByte(b[:min(len(b), maxBracketed)], closingBracket(b[0]))
	if end <= 1 || closingBracket(b[1]) != 0 || end+1 < len(b) && !isSpace(b[end+1]) && b[end+1] != ':' {
		return 0
	}
	if n = t.cut(b[1:end]); n == 0 {
		return 0
	}
	zone := b[skipSpace(b, n+1):end]
	if len(zone) == 0 {
		return end + 1
	}
	certainty := exact
	offset, n := cutOffset(zone)
	if n < len(zone) {
		offset, certainty = zoneOf(zone)
	}
	switch certainty {
	case noZone:
		return 0
	case exact:
		t.offset, t.zoned = offset, true
	}
	return end + 1
}

// cutUsualDate reads a date as devices write it at b[i:], and what separates it
// from a time of day. It returns the position after both, or 0.
func (t *timestamp) cutUsualDate(b []byte, i int) int {
	switch {
	case isUpper(b[i]):
		if i = t.cutDay(b, i); i == 0 {
			return 0
		}
		if y := year(b[i:]); y > 0 && i+4 < len(b) && isSpace(b[i+4]) {
			t.year = y
			i = skipSpace(b, i+4)
		}
		return i
	case hasISODate(b[i:]):
		t.year = year(b[i:])
		t.month, t.day = twoDigits(b[i+5], b[i+6]), twoDigits(b[i+8], b[i+9])
		return skipSpace(b, i+len("yyyy-mm-ddT"))
	case isDigit(b[i]):
		t.year = year(b[i:])
		if t.year == 0 || !isSpace(b[i+4]) {
			return 0
		}
		return t.cutDay(b, skipSpace(b, i+4))
	}
	return 0
}

// hasMeridiem reports whether b begins with AM or PM, or a space and either.
func hasMeridiem(b []byte) bool {
	n, _ := cutMeridiem(b)
	return n > 0
}

// cutMeridiem reads AM or PM after a clock, with or without a space before it and
// full stops in it, and returns its length, or 0.
func cutMeridiem(b []byte) (n int, pm bool) {
	if n < len(b) && isSpace(b[n]) {
		n++
	}
	if n == len(b) || b[n]|0x20 != 'a' && b[n]|0x20 != 'p' {
		return 0, false
	}
	pm = b[n]|0x20 == 'p'
	n++
	if n < len(b) && b[n] == '.' {
		n++
	}
	if n == len(b) || b[n]|0x20 != 'm' {
		return 0, false
	}
	n++
	if n < len(b) && b[n] == '.' {
		n++
	}
	if n < len(b) && b[n] != ':' && !isSpace(b[n]) {
		return 0, false
	}
	return n, pm
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

// cutClock reads "hh:mm:ss" or "h:mm:ss" and a fraction, of which nine digits
// count, at b[i:]. It returns the position after it, or 0, also if i is 0: then
// there was no date.
func (t *timestamp) cutClock(b []byte, i int) int {
	digits := 2
	if i == 0 {
		return 0
	}
	if len(b)-i >= len("h:mm:ss") && b[i+1] == ':' && isDigit(b[i]) {
		digits = 1
		t.hour = b[i] - '0'
	} else if len(b)-i >= len("hh:mm:ss") {
		t.hour = twoDigits(b[i], b[i+1])
	} else {
		return 0
	}
	i += digits
	if b[i] != ':' || b[i+3] != ':' {
		return 0
	}
	t.minute, t.second = twoDigits(b[i+1], b[i+2]), twoDigits(b[i+4], b[i+5])
	if t.hour > 23 || t.minute > 59 || t.second > 60 {
		return 0
	}
	i += len(":mm:ss")
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
