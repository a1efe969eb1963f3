package syslog

import (
	"bytes"
	"strings"
)

// A certainty is how certainly a word is a time zone.
type certainty uint8

const (
	noZone    certainty = iota
	ambiguous           // It is a time zone, but its offset differs from place to place.
	exact               // It is a time zone with one offset.
)

// zoneOf returns whether name is a time zone, wherever it stands in a header, and, if
// that is exact, its offset in seconds. Time zones are recognized by their
// abbreviations, by what is made of these, as in MSK/MSD, EET-DST, E.S.T and
// EST5EDT, as UTC+3, and by names of the IANA database, such as Europe/Paris. Case
// matters: a host may be called cat.
func zoneOf(name []byte) (offset int32, c certainty) {
	if len(name) < 3 || !isUpper(name[0]) {
		return 0, noZone
	}
	if hasPrefix(name, "UTC") || hasPrefix(name, "GMT") {
		if offset, n := cutOffset(name[3:]); n > 0 && n == len(name)-3 {
			return offset, exact
		}
		if isRun(name[3:], 1, 2, isDigit) {
			return 0, ambiguous // GMT0, or another that is not defined.
		}
	}
	if offset, c = offsetOf(name); c != noZone {
		return offset, c
	}
	if isAbbreviation(name) || isDotted(name) || isPair(name, 3, 5, isUpper) && isZoneOrBoth(name) || isRuled(name) {
		return 0, ambiguous
	}
	if slash := bytes.IndexByte(name, '/'); slash > 0 && slash < len(name)-1 && hasWord(zoneAreas, name[:slash]) {
		return 0, ambiguous
	}
	return 0, noZone
}

// offsetOf is zoneOf for the abbreviations whose offset is the same everywhere.
func offsetOf(name []byte) (offset int32, c certainty) {
	const hour = 3600
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
	}
	return 0, noZone
}

// isAbbreviation reports whether name is an abbreviation of a time zone, perhaps
// with -DST after it.
func isAbbreviation(name []byte) bool {
	for _, summer := range []string{"-DST", "_DST", "/DST", "DST"} {
		if n := len(name) - len(summer); n >= 3 && hasSuffix(name, summer) {
			name = name[:n]
			break
		}
	}
	return hasWord(zoneNames, name)
}

// isDotted reports whether name is an abbreviation with dots, as in E.S.T.
func isDotted(name []byte) bool {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) < len("E.T") || len(name) > len("C.E.S.T") || len(name)%2 == 0 || name[len(name)-1] != 'T' && string(name) != "U.T.C" && string(name) != "G.M.T" {
		return false
	}
	for i, c := range name {
		if i%2 == 0 && !isUpper(c) || i%2 == 1 && c != '.' {
			return false
		}
	}
	return true
}

// isZoneOrBoth reports whether one of two words with a slash between them is an
// abbreviation: a pair is that of winter and that of summer.
func isZoneOrBoth(name []byte) bool {
	slash := bytes.IndexByte(name, '/')
	return isAbbreviation(name[:slash]) || isAbbreviation(name[slash+1:])
}

// isRuled reports whether name is a time zone as POSIX spells it, with the
// abbreviation for summer: EST5EDT, CET-1CEST.
func isRuled(name []byte) bool {
	i := 0
	for i < len(name) && isUpper(name[i]) {
		i++
	}
	digits := i
	if digits < len(name) && (name[digits] == '-' || name[digits] == '+') {
		digits++
	}
	end := digits
	for end < len(name) && isDigit(name[end]) {
		end++
	}
	summer := end
	for summer < len(name) && isUpper(name[summer]) {
		summer++
	}
	return digits < end && end <= digits+2 && summer == len(name) && isAbbreviation(name[:i]) && isAbbreviation(name[end:])
}

// isPlace reports whether name is that of a place after which a time zone is named.
// Hosts are named so, too; what stands around it decides.
func isPlace(name []byte) bool {
	if len(name) == 0 || !isUpper(name[0]) {
		return false
	}
	var b [32]byte
	if len(name) <= len(b) && isRun(name, 4, len(b), isUpper) {
		n := copy(b[:], name)
		for i := 1; i < n; i++ {
			b[i] = toLower(b[i])
		}
		return hasWord(zonePlaces, b[:n])
	}
	return hasWord(zonePlaces, name)
}

// maxZoneWords is how many words the name of a time zone has at most.
const maxZoneWords = 4

// longZone returns the length of a time zone of more than one word at the start of
// b, with the colon after it: a place, as New York, or what ends with the word time,
// as Central European Summer Time. It returns 0 if there is none.
func longZone(b []byte) int {
	var place [64]byte
	n := 0
	for start, words := 0, 1; words <= maxZoneWords; words++ {
		end := wordEnd(b, start)
		word := trimColons(b[start:end])
		if len(word) == 0 || !isRun(word, 1, 15, isZoneByte) {
			return 0
		}
		if n > 0 {
			place[n] = '_'
			n++
		}
		n += copy(place[n:], word)
		if words > 1 && (len(word) == len("time") && hasFold(word, "time") || isPlace(place[:n])) {
			return end
		}
		if len(word) < end-start || end == len(b) || b[end] != ' ' {
			return 0
		}
		start = end + 1
	}
	return 0
}

// hasWord reports whether a list, which has a space before and after each word, has
// this one.
func hasWord(list string, word []byte) bool {
	var b [32]byte
	if len(word) == 0 || len(word) > len(b)-2 {
		return false
	}
	b[0] = ' '
	n := 1 + copy(b[1:], word)
	b[n] = ' '
	return strings.Contains(list, string(b[:n+1]))
}

// isZoneShape reports whether name can be a time zone where one is expected. A
// device prints whatever name its configuration gives to the time zone.
func isZoneShape(name []byte) bool {
	return isRun(name, 2, 32, isZoneByte) && isLetter(name[0]) || isPair(name, 2, 6, isLetter)
}

func isZoneByte(c byte) bool { return isLetter(c) || c == '.' || c == '_' }

// isPair reports whether b is two runs of low to high bytes of a class, with a
// slash between them.
func isPair(b []byte, low, high int, class func(byte) bool) bool {
	slash := bytes.IndexByte(b, '/')
	return slash > 0 && isRun(b[:slash], low, high, class) && isRun(b[slash+1:], low, high, class)
}
