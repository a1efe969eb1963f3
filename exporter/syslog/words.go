package syslog

import "bytes"

// words are the words of one header, after its timestamp if it has one.
type words struct {
	timestamped bool
	closed      bool // A colon directly follows the timestamp, so that a host is unlikely to.
	record      bool // They are fields of a record.
	colon       bool // A colon of its own follows the last word.
	clock       bool // The last word that was left out is a number.
	n           int
	words       [maxNames]headerWord // The first ones.
}

// A headerWord is a word of a header.
type headerWord struct {
	text  []byte
	host  []byte // The host in it, or nil if it cannot be one.
	glued bool   // A colon ends it.
}

// add adds the next word. Words that can be neither a host nor part of a sentence
// are left out.
func (w *words) add(s *scan, word []byte) {
	w.colon = false
	if n := len(word) - 1; n > 0 && (word[n] == ',' || word[n] == ';' || word[n] == '|') {
		word = word[:n]
	}
	name := trimColons(word)
	if w.clock && isMeridiem(name) {
		return
	}
	if w.clock = isNumber(name); w.clock || isCalendar(name) || isPriority(name) || w.record && isLevel(name) {
		return
	}
	if _, c := zoneOf(trimParentheses(name)); c != noZone || isMeridiem(name) && isUpper(name[0]) {
		s.add(trimParentheses(name), weak)
		return
	}
	if w.n < len(w.words) {
		w.words[w.n] = headerWord{word, hostOf(word), len(name) < len(word)}
	}
	w.n++
}

// endHeader adds the names of a header that has ended.
func (s *scan) endHeader(w *words, innermost bool) {
	kinds := w.kinds() // Those of words that are not among the first are weak.
	if place := w.zone(innermost && s.emblem, innermost && s.before(s.last) >= 0); place != nil && kinds[0] == plain {
		kinds[0] = weak
		if s.zone == nil {
			s.zone = place
		}
	}
	for i := range min(w.n, len(w.words)) {
		s.addHost(w.words[i].text, kinds[i])
	}
}

// kinds returns how much each word counts as a name. A header has one name, or that
// of a relay and then that of the device, or two of relays before it. The name of a
// program may follow. More words than these are a sentence.
func (w *words) kinds() (k [maxNames]nameKind) {
	isProgram := func(i int) bool { return w.words[i].isProgram() }
	switch {
	case w.n == 0:
	case w.closed && (w.n > 1 || !w.colon || isProgram(0)): // Only with the colon of a device ID, "fw1 :".
	case w.n == 1:
		k[0] = plain
	case w.n == 2 && w.isSecond(1):
		k[0], k[1] = plain, plain
	case w.n == 2 && (w.timestamped || isProgram(1)):
		k[0] = plain
	case w.n == 3 && isDistinct(w.words[1].host) && w.isSecond(1) && w.isSecond(2) && w.words[0].host != nil && isDistinct(w.words[2].host):
		k[0], k[1], k[2] = plain, plain, plain
	case w.n == 3 && isDistinct(w.words[1].host) && w.isSecond(1) && isProgram(2):
		k[0], k[1] = plain, plain
	case w.n == 3 && w.timestamped && isProgram(1) && w.isSecond(2):
		k[0], k[2] = plain, plain
	case w.timestamped && (w.n <= 3 || isDistinct(w.words[0].host)):
		k[0] = plain
	}
	return k
}

// isSecond reports whether the word with index i, which follows another, can be the
// name of a device, and not that of a program or the end of a sentence.
func (w *words) isSecond(i int) bool {
	word := &w.words[i]
	switch {
	case word.host == nil || word.isProgram() || isUptime(word.host):
		return false
	case isDistinct(word.host) || isFactoryName(word.host):
		return true
	}
	// Without a colon, a word after an address is not certain to be a name, and the
	// address may be the device's.
	return i == w.n-1 && (w.colon || w.timestamped && !word.glued && !hasAddressForm(w.words[i-1].host))
}

// isProgram reports whether a word is the name of a program as RFC 3164 has it
// before the message (section 4.1.3): with its number in brackets, or with a colon.
func (word *headerWord) isProgram() bool {
	name := trimColons(word.text)
	switch {
	case len(name) == 0 || !isLetter(name[0]):
		return false
	case isProgram(name) || word.host == nil && bytes.IndexByte(name, '[') > 0:
		return true
	}
	return word.glued && !isDistinct(name) && !isFactoryName(name)
}

// zone returns the first word if it is a time zone by its position. Only a name of
// letters that directly follows a timestamp can be: if another name follows it, or
// if its colon is glued to it and it is known as the name of a place, or if the tag
// that follows is that of EMBLEM, which never has the name of a device, or if a relay
// has named the sender already and it looks like an abbreviation.
func (w *words) zone(emblem, relayed bool) []byte {
	if !w.timestamped || w.n == 0 {
		return nil
	}
	word := &w.words[0]
	name := trimColons(word.text)
	if !isZoneShape(name) || isFactoryName(name) {
		return nil
	}
	switch {
	case w.n == 1 && word.glued && (emblem || isPlace(name) || relayed && isRun(name, 3, 5, isUpper)):
		return name
	case w.n == 2 && isUpper(name[0]) && w.isSecond(1):
		return name
	}
	return nil
}
