package syslog

import "bytes"

// A Rule states where a header has the name of the device. Exactly one of its fields is
// set.
//
// It applies to what stands between the first timestamp of a header, or its start,
// and the tag. Words are separated by spaces, and by the commas, semicolons or bars of
// a record that has two or more. Quotes around a word do not belong to it. Timestamps, priorities and punctuation
// on its own are not words; the colon after a word does not belong to it.
type Rule struct {
	// After is a text, in any case, that the name follows directly, or after spaces.
	After string
	// Word is the number of a word, 1 for the first and -1 for the last.
	Word int
}

// SetRules sets the rules, of which the first that yields a host decides
// [Origin.DeviceID], and forgets all origins as Forget does. It keeps the rules.
func (p *Parser) SetRules(rules []Rule) {
	p.rules = rules
	p.Forget()
}

// apply applies the rules to the header of the frame b, whose key is given if there
// is one.
func (o *Origin) apply(rules []Rule, b []byte, l *layout, key []byte) {
	header := key
	if header == nil {
		header = b[min(l.fields.start, l.outer.start, l.prefix.start):l.prefix.end]
		if l.inFields() {
			header = l.fields.of(b)
		}
	}
	for i := range rules {
		if name := rules[i].find(header); name != nil {
			former := o.DeviceID
			o.DeviceID, o.Ruled = o.keep(name), true
			if former != nil {
				o.addOther(former)
			}
			return
		}
	}
}

// find returns the host that the rule finds in a header, or nil.
func (r *Rule) find(header []byte) []byte {
	if r.After != "" {
		for i := range header {
			if hasFold(header[i:], r.After) {
				return hostOf(afterText(header[i+len(r.After):]))
			}
		}
		return nil
	}
	n, words := 0, 0
	if r.Word < 0 {
		for range wordsOf(header) {
			words++
		}
	}
	for word := range wordsOf(header) {
		if n++; n == r.Word || n == words+1+r.Word {
			return hostOf(word)
		}
	}
	return nil
}

// afterText returns the word that follows a text, up to a space, a quote, a comma, a
// semicolon or a bracket that the word does not open.
func afterText(b []byte) []byte {
	b = b[skipSpace(b, 0):]
	closing := byte(0)
	if len(b) > 0 {
		closing = closingBracket(b[0])
	}
	for i, c := range b {
		if isSpace(c) || isClosing(c) && c != closing || c == '<' && i > 0 {
			return b[:i]
		}
	}
	return b
}

// wordsOf yields the words of a header for a rule.
func wordsOf(b []byte) func(yield func([]byte) bool) {
	separator := separatorOf(b)
	isEnd := func(c byte) bool { return isSpace(c) || c == separator }
	return func(yield func([]byte) bool) {
		for i := 0; i < len(b); {
			if isEnd(b[i]) {
				i++
				continue
			}
			if _, n := cutTimestamp(b[i:]); n > 0 {
				i += n
				continue
			}
			if _, end := cutPRI(b, i); end > i {
				i = end
				continue
			}
			end := i
			for end < len(b) && !isEnd(b[end]) {
				end++
			}
			word := b[i:end]
			for len(word) > 0 && word[0] == ':' && !isIPv6(trimColons(word)) {
				// An EMBLEM timestamp may follow the colon directly.
				word = word[1:]
				i++
			}
			if _, n := cutTimestamp(b[i:]); n > 0 {
				i += n
				continue
			}
			if isPunctuation(word) {
				i = end
				continue
			}
			if !yield(bytes.Trim(word, `"'`)) {
				return
			}
			i = end
		}
	}
}

// isPunctuation reports whether there is neither a letter nor a digit in b.
func isPunctuation(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x80 || isLetter(byte(r)) || isDigit(byte(r)) })
}
