package syslog

// A stamp is a time as written. Its month is 0 if there is none, its year is 0
// if it has none.
type stamp struct {
	year, month, day     int
	hour, minute, second int
	nano                 int
	offset               int // Seconds east of Greenwich, if zoned.
	zoned                bool
}

// parseStamp reads a stamp at the start of b and returns its length, or 0. The
// forms are
//
//	Mar 17 12:00:00          Mar 17 2026 12:00:00     2026 Mar 17 12:00:00
//	2026-03-17T12:00:00Z     2026-03-17T12:00:00+02:00
//
// with any number of blanks, with a fraction, and with the mark of an
// unsynchronised clock, * or ., in front.
func parseStamp(b []byte) (s stamp, length int) {
	r := scanner{b: b}
	if len(b) > 0 && (b[0] == '*' || b[0] == '.') {
		r.i = 1
	}
	if r.i < len(b) && isDigit(b[r.i]) {
		s.year = r.digits(4, 4)
		if r.byte('-') {
			s.month = r.digits(2, 2)
			r.expect('-')
			s.day = r.digits(2, 2)
			if !r.byte('T') {
				r.expect(' ')
			}
		} else {
			r.blanks()
			s.month = r.month()
			r.blanks()
			s.day = r.digits(1, 2)
			r.blanks()
		}
	} else {
		s.month = r.month()
		r.blanks()
		s.day = r.digits(1, 2)
		r.blanks()
		if r.i+4 < len(b) && isBlank(b[r.i+4]) {
			s.year = r.digits(4, 4)
			r.blanks()
		}
	}
	s.hour = r.digits(2, 2)
	r.expect(':')
	s.minute = r.digits(2, 2)
	r.expect(':')
	s.second = r.digits(2, 2)
	if !r.bad && r.i+1 < len(b) && b[r.i] == '.' && isDigit(b[r.i+1]) {
		r.i++
		for scale := int(1e8); r.i < len(b) && isDigit(b[r.i]); scale /= 10 {
			s.nano += int(b[r.i]-'0') * scale
			r.i++
		}
	}
	r.zone(&s)
	if r.bad || s.month > 12 || s.day < 1 || s.day > 31 || s.hour > 23 || s.minute > 59 || s.second > 60 {
		return stamp{}, 0
	}
	if r.i < len(b) && !isBlank(b[r.i]) && b[r.i] != ':' {
		return stamp{}, 0
	}
	return s, r.i
}

// A scanner reads the parts of a stamp. After the first that does not fit it
// is bad, and reads nothing more.
type scanner struct {
	b   []byte
	i   int
	bad bool
}

func (r *scanner) digits(least, most int) (n int) {
	start := r.i
	for !r.bad && r.i < len(r.b) && r.i-start < most && isDigit(r.b[r.i]) {
		n = n*10 + int(r.b[r.i]-'0')
		r.i++
	}
	r.bad = r.bad || r.i-start < least
	return n
}

func (r *scanner) byte(c byte) bool {
	if r.bad || r.i == len(r.b) || r.b[r.i] != c {
		return false
	}
	r.i++
	return true
}

func (r *scanner) expect(c byte) { r.bad = !r.byte(c) || r.bad }

func (r *scanner) blanks() {
	start := r.i
	for !r.bad && r.i < len(r.b) && r.b[r.i] == ' ' {
		r.i++
	}
	r.bad = r.bad || r.i == start
}

func (r *scanner) month() int {
	if !r.bad && r.i+3 <= len(r.b) {
		const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
		for m := range 12 {
			if names[3*m] == r.b[r.i] && names[3*m+1] == r.b[r.i+1] && names[3*m+2] == r.b[r.i+2] {
				r.i += 3
				return m + 1
			}
		}
	}
	r.bad = true
	return 0
}

// zone reads Z or an offset that is glued to the time.
func (r *scanner) zone(s *stamp) {
	if r.byte('Z') {
		s.zoned = true
		return
	}
	if r.bad || r.i == len(r.b) || r.b[r.i] != '+' && r.b[r.i] != '-' {
		return
	}
	sign := 1
	if r.b[r.i] == '-' {
		sign = -1
	}
	r.i++
	hours := r.digits(2, 2)
	r.byte(':')
	minutes := r.digits(2, 2)
	r.bad = r.bad || hours > 15 || minutes > 59
	s.offset, s.zoned = sign*(hours*3600+minutes*60), true
}
