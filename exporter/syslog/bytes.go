package syslog

// What all of this package needs to look at bytes. White space is ASCII.

// skipSpace returns the position of the first byte of b[i:] that is not white
// space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

// skipJunk skips white space and NULs.
func skipJunk(b []byte, i int) int {
	for i < len(b) && (isSpace(b[i]) || b[i] == 0) {
		i++
	}
	return i
}

// wordEnd returns the position of the first white space in b[i:].
func wordEnd(b []byte, i int) int {
	for i < len(b) && !isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isLetter(c byte) bool { return isUpper(c &^ 0x20) }

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }

// twoDigits returns the number that two digits are, or 255 if one of them is not
// a digit.
func twoDigits(tens, ones byte) uint8 {
	if tens, ones = tens-'0', ones-'0'; tens <= 9 && ones <= 9 {
		return tens*10 + ones
	}
	return 255
}

// isRun reports whether b is from low to high bytes long, all of them of a class.
func isRun(b []byte, low, high int, class func(byte) bool) bool {
	if len(b) < low || len(b) > high {
		return false
	}
	for _, c := range b {
		if !class(c) {
			return false
		}
	}
	return true
}

// cutMarkedProduct is cutProduct for a product with a word in angle brackets after
// it, as in %FTD<Up>-4-411001.
func cutMarkedProduct(b []byte) (Product, int) {
	product := FTD
	if hasPrefix(b, "ASA<") {
		product = ASA
	} else if !hasPrefix(b, "FTD<") {
		return 0, 0
	}
	end := len("FTD<")
	for end < len(b) && isLetter(b[end]) {
		end++
	}
	if !hasPrefix(b[end:], ">-") {
		return 0, 0
	}
	return product, end + len(">-")
}
