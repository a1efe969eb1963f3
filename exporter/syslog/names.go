package syslog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// What a word of a header can be: a host, or something that never is one.

// hostIn returns the host's name or address in a word, without the colon after it,
// the brackets around an address, its zone and its port; or nil if it cannot be
// one.
func hostIn(word []byte) []byte {
	host := trimAddress(trimColons(word))
	if len(host) == 0 || len(host) > maxHost {
		return nil
	}
	var letter, colon, other bool
	for i, c := range host {
		switch {
		case isLetter(c):
			letter = true
		case isDigit(c) || c == '.':
		case c == ':':
			colon = true
		case c == '<' && i == 0 && host[len(host)-1] == '>', c == '>' && i == len(host)-1 && host[0] == '<':
			// A name in angle brackets stands for one that was removed.
		case c >= utf8.RuneSelf:
			other = true
		case !isHostPunctuation(c) || c == '/':
			return nil
		}
	}
	switch {
	case other && !isPrintable(host):
		return nil
	case colon:
		if !isIPv6(host) {
			return nil
		}
		return host
	case letter || other:
		if _, c := zoneOf(host); c != noZone {
			return nil
		}
		return host
	case !isIPv4(host):
		// Digits are a number or a time, unless they form an address.
		return nil
	}
	return host
}

// trimAddress removes what surrounds an address: brackets, a port, and the zone of
// an IPv6 address, which means something only on the machine that printed it (RFC
// 4007 section 11). Of a name it removes a port.
func trimAddress(b []byte) []byte {
	if len(b) < 2 {
		return b
	}
	if closing := closingBracket(b[0]); closing != 0 {
		end := bytes.IndexByte(b, closing)
		if end < 0 || !isPort(b[end+1:]) {
			return b
		}
		if inside := trimZone(b[1:end]); isAddress(inside) {
			return inside
		}
		return b
	}
	if zoneless := trimZone(b); len(zoneless) < len(b) {
		return zoneless
	}
	if at := bytes.IndexByte(b, ':'); at > 0 && isPort(b[at:]) {
		return b[:at]
	}
	if n := len(b) - 1; b[n] == '.' && isIPv4(b[:n]) {
		return b[:n]
	}
	return b
}

func closingBracket(c byte) byte {
	switch c {
	case '[':
		return ']'
	case '(':
		return ')'
	case '<':
		return '>'
	}
	return 0
}

// isPort reports whether b is empty or a colon and the number of a port.
func isPort(b []byte) bool {
	return len(b) == 0 || b[0] == ':' && isRun(b[1:], 1, 5, isDigit)
}

// trimZone removes the zone of an IPv6 address.
func trimZone(b []byte) []byte {
	if at := bytes.IndexByte(b, '%'); at > 0 && at < len(b)-1 && isIPv6(b[:at]) && isRun(b[at+1:], 1, 32, isZoneID) {
		return b[:at]
	}
	return b
}

func isZoneID(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '_'
}

// IsHost reports whether a name from elsewhere, such as a certificate, could be
// the host of a header: it is the name or address of one host, without spaces,
// control characters and what a terminal or a reader could take for something
// else.
func IsHost(name string) bool { return len(hostIn([]byte(name))) == len(name) && name != "" }

// isHostPunctuation reports whether a name may have c, apart from the dot and
// the colon. It may not have what encloses or separates things in a text.
func isHostPunctuation(c byte) bool {
	switch c {
	case '[', ']', '(', ')', '{', '}', '<', '>', '"', '\'', '=', ',', ';', '%', 0x7f:
		return false
	}
	return c > ' '
}

func isPrintable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 || !unicode.IsPrint(r) {
			return false
		}
		b = b[n:]
	}
	return true
}

func isAddress(b []byte) bool { return isIPv4(b) || isIPv6(b) }

// isIPv4 reports whether b is an IPv4 address: four numbers up to 255.
func isIPv4(b []byte) bool {
	dots, digits, n := 0, 0, 0
	for _, c := range b {
		switch {
		case isDigit(c):
			digits++
			if n = n*10 + int(c-'0'); n > 255 {
				return false
			}
		case c == '.' && digits > 0:
			dots++
			digits, n = 0, 0
		default:
			return false
		}
	}
	return dots == 3 && digits > 0
}

// hasAddressForm reports whether b is an address, or an IPv4 address whose digits were
// replaced by x.
func hasAddressForm(b []byte) bool {
	return isAddress(b) || bytes.Count(b, []byte(".")) == 3 && isRun(b, 7, 15, isAddressByte)
}

func isAddressByte(c byte) bool { return isDigit(c) || c == '.' || c|0x20 == 'x' }

// isIPv6 reports whether b looks like an IPv6 address: groups of hexadecimal
// digits, eight of them unless "::" stands for some, the last perhaps an IPv4
// address.
func isIPv6(b []byte) bool {
	colons, gaps, digits := 0, 0, 0
	for i, c := range b {
		switch {
		case c == ':':
			colons++
			if i > 0 && b[i-1] == ':' {
				gaps++
			}
			digits = 0
		case isDigit(c), c == '.', 'a' <= c|0x20 && c|0x20 <= 'f':
			digits++
		default:
			return false
		}
	}
	switch {
	case colons < 2, gaps > 1, b[0] == ':' && b[1] != ':', digits == 0 && !hasSuffix(b, "::"):
		return false
	}
	return gaps == 1 && len(b) > 2 || colons == 7 || colons == 6 && bytes.IndexByte(b, '.') > 0
}

// trimColons removes the colons after a word, but not those of an address.
func trimColons(word []byte) []byte {
	for len(word) > 0 && word[len(word)-1] == ':' && !isIPv6(word) {
		word = word[:len(word)-1]
	}
	return word
}

// cutColons returns the number of colons at the start of b, or 0 if an address
// begins with them.
func cutColons(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ':' {
		n++
	}
	if n == 2 && isIPv6(trimZone(trimColons(b[:wordEnd(b, 0)]))) {
		if _, timestamp := cutTimestamp(b[n:]); timestamp == 0 {
			return 0
		}
	}
	return n
}

// isDistinct reports whether a word is more likely a host's name or address
// than a word of a sentence.
func isDistinct(b []byte) bool {
	for _, c := range b {
		if isDigit(c) || c == '.' || c == '-' || c == '_' {
			return true
		}
	}
	return false
}

func hasDigitOrDot(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return r == '.' || '0' <= r && r <= '9' })
}

// isNumber reports whether a word is a sequence number as IOS prints it, a date, a
// time, an offset or a hyphen in place of something, and not an address.
func isNumber(b []byte) bool {
	slash := false
	for _, c := range b {
		switch {
		case c == '/':
			slash = true
		case !isDigit(c) && c != '-' && c != ':' && c != '.' && c != ',' && c != '+':
			return false
		}
	}
	if slash { // A date, or a chain of addresses.
		return hostOf(b) == nil
	}
	return len(b) > 0 && hostIn(b) == nil
}

// isUptime reports whether a word is a time since the start as IOS prints it:
// 2y10w, 3d04h.
func isUptime(b []byte) bool {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n > 0 && n < len(b)-1 && bytes.IndexByte([]byte("ywdh"), b[n]) >= 0 && isDigit(b[n+1]) && bytes.IndexByte([]byte("ywdh"), b[len(b)-1]) >= 0
}

// calendarWords are parts of dates that no form of timestamp has.
const calendarWords = " Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC " +
	"January February March April June July August September October November December " +
	"Mon Tue Wed Thu Fri Sat Sun MON TUE WED THU FRI Monday Tuesday Wednesday Thursday Friday Saturday Sunday "

func isCalendar(b []byte) bool {
	if n := len(b) - 1; n > 0 && (b[n] == ',' || b[n] == '.') {
		b = b[:n]
	}
	return len(b) >= 3 && isUpper(b[0]) && hasWord(calendarWords, b)
}

// isMeridiem reports whether a word states which half of the day it is.
func isMeridiem(b []byte) bool {
	switch string(b) {
	case "AM", "PM", "am", "pm", "Am", "Pm", "A.M.", "P.M.", "a.m.", "p.m.", "A.M", "P.M", "a.m", "p.m":
		return true
	}
	return false
}

const (
	facilities = " auth authpriv cron daemon ftp kern kernel lpr mail news ntp security console syslog user uucp clock system " +
		"local0 local1 local2 local3 local4 local5 local6 local7 "
	levels = " emerg emergency panic alert crit critical err error warning warn notice info informational debug "
)

// isPriority reports whether a word is a priority in words, as Kiwi writes it to
// files: Local4.Alert.
func isPriority(b []byte) bool {
	dot := bytes.IndexByte(b, '.')
	return dot > 0 && hasLower(facilities, b[:dot]) && hasLower(levels, b[dot+1:])
}

// isLevel reports whether a word is the severity of a message, or its facility.
func isLevel(b []byte) bool { return hasLower(levels, b) || hasLower(facilities, b) }

// programs are names of programs that relays are known to put before a message.
const programs = " asa ftd pix fwsm cisco cisco-asa cisco-ftd cisco_asa cisco_ftd ciscoftd syslog syslogd rsyslogd syslog-ng syslogng logger kernel " +
	"sfims snort daemon root user message msg event fluentd fluent-bit td-agent vector logstash nxlog filebeat promtail telegraf kiwi sc4s splunk " +
	"localhost systemd journal systemd-journald log-forwarder log-relay syslog-relay "

// isProgram reports whether a name is that of a program, perhaps with its version.
func isProgram(name []byte) bool {
	if hasLower(programs, name) {
		return true
	}
	n := len(name)
	for n > 0 && (isDigit(name[n-1]) || name[n-1] == '.' || name[n-1] == '-') {
		n--
	}
	switch string(name[:n]) {
	case "rsyslogd", "syslog-ng", "nxlog", "logstash", "fluentd", "fluent-bit", "vector":
		return true
	}
	return false
}

// isFactoryName reports whether a name is that of a device as it leaves the
// factory.
func isFactoryName(name []byte) bool { return hasLower(" ciscoasa firepower ", name) }

// hasLower is hasWord for a word in any case, with a list in lower case.
func hasLower(list string, word []byte) bool {
	var b [32]byte
	if len(word) > len(b) {
		return false
	}
	for i, c := range word {
		b[i] = toLower(c)
	}
	return hasWord(list, b[:len(word)])
}
