package syslog

import "bytes"

// A certainty is how certainly a word is a time zone.
type certainty uint8

const (
	noZone    certainty = iota
	ambiguous           // It is a time zone, but its offset differs from place to place.
	exact               // It is a time zone with one offset.
)

// zoneOf returns whether name is a time zone and, if that is exact, its offset in
// seconds. Time zones are recognized by their usual abbreviations, by pairs of
// these for winter and summer as in MSK/MSD, and as UTC+3.
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
// device prints whatever name its configuration gives to the time zone.
func isZoneShape(name []byte) bool {
	return isRun(name, 2, 6, isLetter) || isPair(name, 2, 6, isLetter)
}

// isPair reports whether b is two runs of low to high bytes of a class, with a
// slash between them.
func isPair(b []byte, low, high int, class func(byte) bool) bool {
	slash := bytes.IndexByte(b, '/')
	return slash > 0 && isRun(b[:slash], low, high, class) && isRun(b[slash+1:], low, high, class)
}
