package syslog

// What relays, collectors and exports make of a date. Devices do not write these.

// monthNames and weekdayNames are in lower case, for names that are written out.
const (
	monthNames   = "january   february  march     april     may       june      july      august    september october   november  december  "
	weekdayNames = "sunday    monday    tuesday   wednesday thursday  friday    saturday  "
	nameWidth    = len("september ")
)

// cutOtherDate reads a date at b[i:] and what separates it from a time of day. It
// returns the position after both, or 0, and whether a weekday came first. These
// are the forms, each with or without a weekday, and with a month as a name or, in
// the last three, as a number:
//
//	Mmm dd, yyyy     yyyy Mmm dd      dd Mmm       dd Mmm yyyy
//	yyyy/mm/dd       dd/mm/yyyy       mm/dd/yyyy
//
// Hyphens or full stops may stand in the place of the slashes, and the names may be
// written out. A month and a day that could be either are in the American order,
// and after full stops in the European one; with slashes and hyphens
// [timestamp.eitherOrder] is set. A year of two digits is read only if it can be
// nothing else.
func (t *timestamp) cutOtherDate(b []byte, i int) (end int, weekday bool) {
	if n, _ := cutName(b[i:], weekdayNames); n > 0 {
		weekday = true
		i += n
		if i < len(b) && b[i] == ',' {
			i++
		}
		if i = skipSpace(b, i); i == len(b) {
			return 0, false
		}
	}
	switch {
	case isLetter(b[i]):
		i = t.cutMonthFirst(b, i)
	case year(b[i:]) > 0:
		t.year = year(b[i:])
		i = t.cutYearFirst(b, i+len("yyyy"))
	case isDigit(b[i]):
		i = t.cutDayFirst(b, i)
	default:
		return 0, false
	}
	if i == 0 || i == len(b) || t.month == 0 || t.month > 12 || t.day == 0 || t.day > 31 {
		return 0, false
	}
	switch b[i] {
	case ':', 'T': // As web servers and RFC 3339 print it.
		return i + 1, weekday
	case ',':
		return skipSpace(b, i+1), weekday
	}
	if end = skipSpace(b, i); end == i {
		return 0, false
	}
	return end, weekday
}

// cutMonthFirst reads "Mmm dd", "Mmm dd yyyy" or "Mmm dd, yyyy" at b[i:]. It
// returns the position after it, or 0, as the functions that follow do.
func (t *timestamp) cutMonthFirst(b []byte, i int) int {
	n, month := cutName(b[i:], monthNames)
	if i += n; n == 0 || i == len(b) || !isDateSeparator(b[i]) {
		return 0
	}
	separator := b[i]
	i = skipSpace(b, i+1)
	day, n := cutOneOrTwo(b[i:])
	t.month, t.day = month, day
	if i += n; n == 0 {
		return 0
	}
	next := i
	if next < len(b) && (b[next] == ',' || b[next] == separator) {
		next++
	}
	next = skipSpace(b, next)
	if y := year(b[next:]); next > i && y > 0 {
		t.year = y
		return next + len("yyyy")
	}
	if !isSpace(separator) { // A date without spaces has all parts.
		return 0
	}
	return i
}

// cutYearFirst reads what follows the year of "yyyy Mmm dd" or "yyyy/mm/dd".
func (t *timestamp) cutYearFirst(b []byte, i int) int {
	if i == len(b) || !isDateSeparator(b[i]) {
		return 0
	}
	separator := b[i]
	i = skipSpace(b, i+1)
	n, month := cutName(b[i:], monthNames)
	if n == 0 {
		if month, n = cutOneOrTwo(b[i:]); isSpace(separator) {
			return 0 // Numbers between spaces are not a date.
		}
	}
	if i += n; n == 0 || i == len(b) || b[i] != separator {
		return 0
	}
	i = skipSpace(b, i+1)
	day, n := cutOneOrTwo(b[i:])
	if n == 0 {
		return 0
	}
	t.month, t.day = month, day
	return i + n
}

// cutDayFirst reads "dd Mmm", "dd Mmm yyyy", "dd/mm/yyyy" or "mm/dd/yyyy".
func (t *timestamp) cutDayFirst(b []byte, i int) int {
	first, n := cutOneOrTwo(b[i:])
	if i += n; n == 0 || i == len(b) || !isDateSeparator(b[i]) {
		return 0
	}
	separator := b[i]
	i = skipSpace(b, i+1)
	if n, month := cutName(b[i:], monthNames); n > 0 {
		t.month, t.day = month, first
		i += n
		next := i
		if next < len(b) && (b[next] == separator || b[next] == ',') {
			next++
		}
		next = skipSpace(b, next)
		if y := year(b[next:]); next > i && y > 0 {
			t.year = y
			return next + len("yyyy")
		}
		if !isSpace(separator) {
			return 0
		}
		return i
	}
	second, n := cutOneOrTwo(b[i:])
	if i += n; n == 0 || isSpace(separator) || i == len(b) || b[i] != separator {
		return 0
	}
	i++
	n = len("yyyy")
	if t.year = year(b[i:]); t.year == 0 {
		last, digits := cutOneOrTwo(b[i:])
		if digits != 2 || separator != '.' && second <= 12 {
			return 0 // It may as well be the year that comes first.
		}
		t.year, n = 2000+int32(last), digits
	}
	switch {
	case first > 12, separator == '.' && second <= 12:
		t.day, t.month = first, second
	default:
		t.month, t.day = first, second
		t.eitherOrder = second <= 12 && first != second
	}
	return i + n
}

// cutName returns the length of the name at the start of b and its number from 1
// on, or 0. Names are those of names, or their first three letters, in any case;
// a full stop and a space may follow.
func cutName(b []byte, names string) (n int, number uint8) {
	for n < len(b) && n < nameWidth && isLetter(b[n]) {
		n++
	}
	if n < 3 {
		return 0, 0
	}
	for start := 0; start < len(names); start += nameWidth {
		name := names[start : start+nameWidth]
		if (n == 3 || n < nameWidth && name[n] == ' ') && foldPrefix(b[:n], name) {
			if n == 3 && len(b) > n+1 && b[n] == '.' && isSpace(b[n+1]) {
				n++
			}
			return n, uint8(start/nameWidth) + 1
		}
	}
	return 0, 0
}

// foldPrefix reports whether s, in lower case, begins with the letters b.
func foldPrefix(b []byte, s string) bool {
	for i, c := range b {
		if c|0x20 != s[i] {
			return false
		}
	}
	return true
}

// cutOneOrTwo reads a number of one digit or two at the start of b, which another
// digit must not follow. It returns the number and its length, or 0.
func cutOneOrTwo(b []byte) (number uint8, n int) {
	for n < len(b) && n < 3 && isDigit(b[n]) {
		number = number*10 + b[n] - '0'
		n++
	}
	if n == 3 {
		return 0, 0
	}
	return number, n
}

// isDateSeparator reports whether c can stand between the parts of a date.
func isDateSeparator(c byte) bool { return c == '/' || c == '-' || c == '.' || isSpace(c) }
