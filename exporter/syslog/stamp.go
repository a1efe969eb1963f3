package syslog

import (
	"bytes"
	"time"
)

// A stamp is a time as a device prints it.
type stamp struct {
	year                             int32 // 0 if it was not printed.
	nanosecond                       int32
	offset                           int32 // East of UTC, in seconds.
	zoned                            bool  // The offset is known.
	month, day, hour, minute, second uint8 // Month is 0 if there is no stamp.
}

// Time returns the device's own time: the one nearest to the tag, if a relay has
// put another before it. It reports false if there is none, or if it is no date
// of the calendar.
//
// Zoned says that the device has told its offset from UTC, with a number or
// with a name of a time zone that means the same everywhere; then t is in UTC.
// Otherwise t is what the device's clock would show in ref's location. A stamp
// without a year gets the one that brings it nearest to ref, which is usually
// the time of receipt.
func (h *Header) Time(ref time.Time) (t time.Time, zoned, ok bool) {
	h.scan()
	s := &h.stamp
	if s.month == 0 {
		return time.Time{}, false, false
	}
	m, loc := &h.minutes[0], ref.Location()
	if s.zoned {
		m, loc = &h.minutes[1], time.UTC
	}
	// Most lines are of the same minute as the one before. Nothing can be nearer
	// than what is less than half a year away.
	if m.has(s, loc) {
		if t = m.at(s); s.year != 0 || t.Sub(ref).Abs() < 180*24*time.Hour {
			return t, s.zoned, true
		}
	}
	if s.year != 0 {
		if !m.set(s, int(s.year), loc) {
			return time.Time{}, s.zoned, false
		}
		return m.at(s), s.zoned, true
	}
	// Only February 29 needs to look further than a year: at most eight years
	// lie between two of them.
	ref = ref.In(loc)
	for years := 1; years <= 8 && !ok; years += 7 {
		for y := ref.Year() - years; y <= ref.Year()+years; y++ {
			var n minute
			if n.set(s, y, loc) && (!ok || n.at(s).Sub(ref).Abs() < t.Sub(ref).Abs()) {
				t, ok, *m = n.at(s), true, n
			}
		}
	}
	return t, s.zoned, ok
}

// A minute is one of the calendar of a place, and when it began. The zero value
// is none.
type minute struct {
	begin                    time.Time
	year                     int32 // 0 if the stamps of this minute have none.
	offset                   int32 // East of the place, in seconds.
	month, day, hour, minute uint8 // Month is 0 if there is none.

	// The last that at has returned, and for what.
	last                     time.Time
	lastSecond, lastFraction int32
}

// has reports whether m is the minute of s, or may be in some year if s has
// none.
func (m *minute) has(s *stamp, loc *time.Location) bool {
	return m.minute == s.minute && m.hour == s.hour && m.day == s.day && m.month == s.month &&
		m.year == s.year && m.offset == s.offset && m.begin.Location() == loc
}

// set makes m the minute of s in a year. It reports false, and does not change
// m, if the year has no such day.
func (m *minute) set(s *stamp, year int, loc *time.Location) bool {
	month, day := time.Month(s.month), int(s.day)
	if time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day() != day {
		return false
	}
	begin := time.Date(year, month, day, int(s.hour), int(s.minute), 0, 0, loc).Add(-time.Duration(s.offset) * time.Second)
	*m = minute{begin: begin, year: s.year, offset: s.offset, month: s.month, day: s.day, hour: s.hour, minute: s.minute, last: begin}
	return true
}

// at returns the time of s, of which m is the minute.
func (m *minute) at(s *stamp) time.Time {
	if second := int32(s.second); second != m.lastSecond || s.nanosecond != m.lastFraction {
		m.last = m.begin.Add(time.Duration(second)*time.Second + time.Duration(s.nanosecond))
		m.lastSecond, m.lastFraction = second, s.nanosecond
	}
	return m.last
}

// cutStamp reads a stamp at the start of b and returns its length, or 0. These
// are the forms, each of them with or without a fraction of a second, and with
// * or . before it if the clock is not synchronised:
//
//	Mmm dd hh:mm:ss
//	Mmm dd yyyy hh:mm:ss
//	yyyy Mmm dd hh:mm:ss
//	yyyy-mm-ddThh:mm:ss, then Z, an offset or nothing (RFC 3339)
//
// A stamp ends at a blank, a colon or the end of b.
func cutStamp(b []byte) (s stamp, n int) {
	if n = s.cutUsual(b); n > 0 {
		return s, n
	}
	return cutAnyStamp(b)
}

// cutUsual is cutAnyStamp for the three forms that devices print if nobody
// tells them otherwise, which it reads by their columns:
//
//	Mmm dd yyyy hh:mm:ss
//	Mmm dd hh:mm:ss
//	yyyy-mm-ddThh:mm:ssZ
//
// It returns 0 for what is not of a form, or is no time.
func (s *stamp) cutUsual(b []byte) (n int) {
	if len(b) <= len("Mmm dd yyyy hh:mm:ss") {
		return 0
	}
	var (
		clock         int
		century, year uint8
	)
	switch {
	case b[10] == 'T' && b[4] == '-' && b[7] == '-' && b[19] == 'Z' && b[20] == ' ':
		century, year = digits(b[0], b[1]), digits(b[2], b[3])
		s.month, s.day = digits(b[5], b[6]), digits(b[8], b[9])
		s.zoned = true
		clock, n = 11, 20
	case b[3] != ' ' || b[6] != ' ':
		return 0
	case b[11] == ' ' && b[20] == ' ':
		century, year = digits(b[7], b[8]), digits(b[9], b[10])
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
		s.month, s.day = month(b), digits(tens, b[5])
	}
	if b[clock+2] != ':' || b[clock+5] != ':' {
		n = 0
	}
	s.hour, s.minute, s.second = digits(b[clock], b[clock+1]), digits(b[clock+3], b[clock+4]), digits(b[clock+6], b[clock+7])
	s.year = int32(century)*100 + int32(year)
	if n == 0 || century > 99 || year > 99 || s.year == 0 && clock != 7 || s.month-1 > 11 || s.day-1 > 30 || s.hour > 23 || s.minute > 59 || s.second > 60 {
		*s = stamp{}
		return 0
	}
	return n
}

// digits returns the number that two digits are, or 255 if one is none.
func digits(tens, ones byte) uint8 {
	if tens, ones = tens-'0', ones-'0'; tens <= 9 && ones <= 9 {
		return tens*10 + ones
	}
	return 255
}

func cutAnyStamp(b []byte) (s stamp, n int) {
	i := 0
	if len(b) > 0 && (b[0] == '*' || b[0] == '.') {
		i = 1
	}
	if len(b)-i < len("Jan 1 00:00:00") {
		return s, 0
	}
	iso := false
	switch {
	case isUpper(b[i]):
		if i = s.cutDay(b, i); i == 0 {
			return s, 0
		}
		if y := year(b[i:]); y > 0 && i+4 < len(b) && isSpace(b[i+4]) {
			s.year = y
			i = skipSpace(b, i+4)
		}
	case hasISODate(b[i:]):
		iso = true
		s.year = year(b[i:])
		s.month, s.day = uint8(twoDigits(b[i+5:])), uint8(twoDigits(b[i+8:]))
		i += len("yyyy-mm-ddT")
	case isDigit(b[i]):
		s.year = year(b[i:])
		if s.year == 0 || !isSpace(b[i+4]) {
			return s, 0
		}
		if i = s.cutDay(b, skipSpace(b, i+4)); i == 0 {
			return s, 0
		}
	default:
		return s, 0
	}

	if i = s.cutClock(b, i); i == 0 {
		return s, 0
	}
	if iso && i < len(b) {
		if b[i] == 'Z' || b[i] == 'z' {
			s.zoned = true
			i++
		} else if offset, n := cutOffset(b[i:]); n > 0 {
			s.offset, s.zoned = offset, true
			i += n
		}
	}
	if i < len(b) && !isSpace(b[i]) && b[i] != ':' {
		return s, 0
	}
	return s, i
}

// cutDay reads "Mmm dd" and the blanks after it at b[i:] and returns the
// position after them, or 0.
func (s *stamp) cutDay(b []byte, i int) int {
	if len(b)-i < 5 || !isSpace(b[i+3]) {
		return 0
	}
	s.month = month(b[i : i+3])
	i = skipSpace(b, i+3)
	start := i
	for i < len(b) && i < start+2 && isDigit(b[i]) {
		s.day = s.day*10 + b[i] - '0'
		i++
	}
	end := skipSpace(b, i)
	if s.month == 0 || s.day == 0 || s.day > 31 || end == i {
		return 0
	}
	return end
}

// cutClock reads "hh:mm:ss" and a fraction at b[i:] and returns the position
// after it, or 0. Of a fraction nine digits count.
func (s *stamp) cutClock(b []byte, i int) int {
	if len(b)-i < len("hh:mm:ss") || b[i+2] != ':' || b[i+5] != ':' {
		return 0
	}
	hour, minute, second := twoDigits(b[i:]), twoDigits(b[i+3:]), twoDigits(b[i+6:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return 0
	}
	s.hour, s.minute, s.second = uint8(hour), uint8(minute), uint8(second)
	i += len("hh:mm:ss")
	if len(b)-i >= 2 && (b[i] == '.' || b[i] == ',') && isDigit(b[i+1]) {
		unit := int32(100_000_000)
		for i++; i < len(b) && isDigit(b[i]); i++ {
			s.nanosecond += int32(b[i]-'0') * unit
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
	month, day := twoDigits(b[5:]), twoDigits(b[8:])
	return year(b) > 0 && 1 <= month && month <= 12 && 1 <= day && day <= 31
}

// year returns the year of four digits at the start of b, or 0.
func year(b []byte) int32 {
	if len(b) < 4 {
		return 0
	}
	century, rest := twoDigits(b), twoDigits(b[2:])
	if century < 0 || rest < 0 {
		return 0
	}
	return int32(century*100 + rest)
}

// twoDigits returns the number in the first two octets of b, or -1. The caller
// sees to it that there are two.
func twoDigits(b []byte) int {
	if tens, ones := b[0]-'0', b[1]-'0'; tens <= 9 && ones <= 9 {
		return int(tens)*10 + int(ones)
	}
	return -1
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
	hours, minutes := 0, 0
	switch n {
	case 2:
		hours = int(b[1] - '0')
	case 3:
		hours = twoDigits(b[1:])
	case 5:
		hours, minutes = twoDigits(b[1:]), twoDigits(b[3:])
	default:
		return 0, 0
	}
	if n <= 3 && len(b)-n >= 3 && b[n] == ':' && isDigit(b[n+1]) {
		minutes = twoDigits(b[n+1:])
		n += 3
	}
	if hours > 15 || minutes < 0 || minutes > 59 {
		return 0, 0
	}
	seconds = int32(hours*3600 + minutes*60)
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

// A certainty says what is known of a word that may be a time zone.
type certainty uint8

const (
	noZone    certainty = iota
	ambiguous           // It is a zone, but its offset differs from place to place.
	exact               // It is a zone with one offset.
)

// zoneOf says whether name is a time zone and, if that is exact, its offset in
// seconds. Zones are known by their usual abbreviations, by pairs of such for
// winter and summer as in MSK/MSD, and as UTC+3.
func zoneOf(name []byte) (offset int32, c certainty) {
	const hour = 3600
	if len(name) < 3 || !isUpper(name[0]) || !isUpper(name[1]) || !isUpper(name[2]) {
		return 0, noZone
	}
	if len(name) > 4 {
		if hasPrefix(name, "UTC") || hasPrefix(name, "GMT") {
			if offset, n := cutOffset(name[3:]); n > 0 && n == len(name)-3 {
				return offset, exact
			}
		}
		if isPair(name, 3, 5, isUpper) {
			return 0, ambiguous
		}
	}
	switch string(name) {
	case "UTC", "GMT", "WET":
		return 0, exact
	case "WEST", "CET":
		return 1 * hour, exact
	case "CEST", "EET", "SAST":
		return 2 * hour, exact
	case "EEST", "MSK":
		return 3 * hour, exact
	case "MSD":
		return 4 * hour, exact
	case "HKT", "SGT", "AWST":
		return 8 * hour, exact
	case "JST", "KST":
		return 9 * hour, exact
	case "ACST":
		return 9*hour + hour/2, exact
	case "AEST":
		return 10 * hour, exact
	case "ACDT":
		return 10*hour + hour/2, exact
	case "AEDT":
		return 11 * hour, exact
	case "NZST":
		return 12 * hour, exact
	case "NZDT":
		return 13 * hour, exact
	case "BRT":
		return -3 * hour, exact
	case "EDT":
		return -4 * hour, exact
	case "EST", "CDT":
		return -5 * hour, exact
	case "MDT":
		return -6 * hour, exact
	case "MST", "PDT":
		return -7 * hour, exact
	case "PST", "AKDT":
		return -8 * hour, exact
	case "AKST":
		return -9 * hour, exact
	case "HST":
		return -10 * hour, exact
	case "CST", "IST", "BST", "AST", "ADT", "GST", "SST", "NST", "NDT":
		return 0, ambiguous
	}
	return 0, noZone
}

// isZoneShape reports whether name can be a time zone where one is expected. A
// device prints whatever name its configuration gives to the zone.
func isZoneShape(name []byte) bool {
	return isRun(name, 2, 6, isLetter) || isPair(name, 2, 6, isLetter)
}

// isPair reports whether b is two runs of least to most octets of a class, with
// a slash between them.
func isPair(b []byte, least, most int, class func(byte) bool) bool {
	slash := bytes.IndexByte(b, '/')
	return slash > 0 && isRun(b[:slash], least, most, class) && isRun(b[slash+1:], least, most, class)
}

// isRun reports whether b is least to most octets, all of a class.
func isRun(b []byte, least, most int, class func(byte) bool) bool {
	if len(b) < least || len(b) > most {
		return false
	}
	for _, c := range b {
		if !class(c) {
			return false
		}
	}
	return true
}
