package catalog

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tail is what follows a text that begins as a template.
type tail uint8

const (
	// part means that the text goes on, with a letter or a digit.
	part tail = iota
	// prose means that the text goes on with punctuation, such as a comma or a
	// bracket, or with another sentence: a device or a relay has appended something.
	prose
	// foreign means that what follows can be no part of a message: nothing, an
	// escaped control character, a closing quote or bracket, the next field of
	// JSON or CSV.
	foreign
)

// tailOf returns what b, the rest of a text, is.
func tailOf(b []byte) tail {
	if word := trimSpace(b); len(word) < len(b) && len(word) > 0 {
		switch {
		case beginsBareEscape(word):
			return foreign
		case word[0] == '%' && beginsWord(word[1:]): // The tag of another message.
			return prose
		}
	}
	b = trimSpace(b)
	sentence := false
	for len(b) > 0 && b[0] == '.' && !beginsWord(b[1:]) {
		sentence = true
		b = trimSpace(b[1:])
	}
	if len(b) == 0 || escapeLen(b) > 0 {
		return foreign
	}
	r, n := utf8.DecodeRune(b)
	rest := b[n:]
	joined := beginsWord(rest)
	switch {
	case sentence && beginsWord(b):
		return prose
	case beginsWord(b), b[0] == '%': // A percentage has its sign.
		return part
	case strings.IndexByte("\"`)]}>", b[0]) >= 0, r >= 0x80, b[0] == '\'' && !joined:
		return foreign
	case (b[0] == ',' || b[0] == ';' || b[0] == '|') && bytes.HasPrefix(trimSpace(rest), []byte(`"`)):
		return foreign
	case joined && strings.IndexByte(".:-_/+'&@*=~#$%^", b[0]) >= 0:
		return part
	}
	return prose
}

// beginsBareEscape reports whether b begins with a word such as x0a or 0x0a, which is
// what some relays leave of an escaped control character.
func beginsBareEscape(b []byte) bool {
	n := run(b, isAlnum)
	word := b[:n]
	if hasHexPrefix(word) {
		word = word[1:]
	}
	return len(word) == len("x0a") && lower(word[0]) == 'x' && (word[1] == '0' || word[1] == '1') && isHexDigit(word[2])
}

// beginsWord reports whether b begins with a letter or a digit.
func beginsWord(b []byte) bool {
	r, n := utf8.DecodeRune(b)
	return n > 0 && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// hasState reports whether b has a word for a bad state, so that an OK before it
// may not be the whole report.
func hasState(b []byte) bool {
	for len(b) > 0 {
		n := run(b, isAlnum)
		for _, w := range [...]string{"failure", "failed", "fail", "fails", "failing", "fault", "faulty", "lost", "warm", "hot", "critical", "down", "not", "no"} {
			if foldsTo(b[:n], w) {
				return true
			}
		}
		b = b[max(n, 1):]
	}
	return false
}

// foldsTo reports whether b is s, which is in lower case, without regard to case.
func foldsTo(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range len(s) {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}

// escapeLen returns the length of a control character, or of one that a device,
// a relay or a file format has escaped, at the start of b, or 0.
//
//	\n \r\n \0x0a \x0a \u000a \012   C, JSON, a device's own (\0x0a)
//	#012 #015#012                    rsyslog
//	<013><010> <0x0a> <CR> [LF]      Kiwi and others
//	^M %0A =0A &#10; _x000D_         terminals, URL, MIME, XML, PowerShell
func escapeLen(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	rest := b[1:]
	switch c := b[0]; c {
	case '\\':
		return backslashLen(b)
	case '#':
		if run(rest, isOctal) >= 3 && rest[0] == '0' && rest[1] <= '3' {
			return 4
		}
	case '<', '[', '{':
		return bracketLen(b)
	case '^':
		if len(rest) > 0 && '@' <= rest[0] && rest[0] <= '_' && (len(rest) == 1 || !isAlnum(rest[1])) {
			return 2
		}
	case '%', '=':
		if n := run(rest, isHexDigit); n >= 2 && (rest[0] == '0' || rest[0] == '1') {
			return 3
		}
	case '&':
		if end := bytes.IndexByte(rest, ';'); 2 <= end && end <= 8 && run(rest, func(c byte) bool { return c == '#' || isAlnum(c) }) == end {
			return end + 2
		}
	case '_':
		if len(rest) >= 6 && lower(rest[0]) == 'x' && run(rest[1:], isHexDigit) == 4 && rest[5] == '_' {
			return 7
		}
	default:
		if c < ' ' || c >= 0x7f {
			return controlLen(b)
		}
	}
	return 0
}

// controlLen is escapeLen for a control character, one of its pictures, or bytes
// that are not characters.
func controlLen(b []byte) int {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || 0x2400 <= r && r <= 0x2426 {
		return n
	}
	return 0
}

// backslashLen is escapeLen for a backslash.
func backslashLen(b []byte) int {
	n := run(b, func(c byte) bool { return c == '\\' }) // Escaped more than once.
	if n == len(b) {
		return n
	}
	rest := b[n:]
	switch c := lower(rest[0]); {
	case hasHexPrefix(rest) && isHexDigit(rest[2]):
		return n + 2 + min(2, run(rest[2:], isHexDigit))
	case c == 'x' && run(rest[1:], isHexDigit) > 0:
		return n + 1 + min(2, run(rest[1:], isHexDigit))
	case c == 'u' && run(rest[1:], isHexDigit) >= 4:
		return n + 5
	case isOctal(rest[0]):
		return n + min(3, run(rest, isOctal))
	case strings.IndexByte(`abefnrtv"'/`, c) >= 0:
		return n + 1
	}
	return 0
}

// bracketLen is escapeLen for a number or a name in brackets.
func bracketLen(b []byte) int {
	end := bytes.IndexAny(b[1:min(len(b), 7)], ">]}")
	if end < 0 {
		return 0
	}
	inside := b[1 : 1+end]
	if b[0] == '<' && isControlNumber(inside) {
		return end + 2
	}
	for _, name := range [...]string{"cr", "lf", "nl", "crlf", "nul", "null", "tab", "ht", "eol"} {
		if foldsTo(inside, name) {
			return end + 2
		}
	}
	return 0
}

// isControlNumber reports whether b is the number of a control character: three
// decimal digits, two hexadecimal ones or 0x and two of them.
func isControlNumber(b []byte) bool {
	switch {
	case len(b) == 4 && hasHexPrefix(b):
		return isHex(b)
	case len(b) == 2:
		return b[0] == '0' && strings.IndexByte("09aAdD", b[1]) >= 0
	}
	return len(b) == 3 && b[0] == '0' && run(b, isDigit) == 3
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

// run returns how many bytes at the start of b satisfy is.
func run(b []byte, is func(byte) bool) int {
	for i, c := range b {
		if !is(c) {
			return i
		}
	}
	return len(b)
}

// textEnd returns the end of the text in b: before the quote that ends it if it
// was a string in JSON or CSV, and before escaped control characters.
func textEnd(b []byte) int {
	if !mayHaveTail(b) && bytes.IndexByte(b, '"') < 0 {
		return len(b)
	}
	for quotes, i := 0, 0; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		// A quote that opens has an even number before it, and a word after it.
		if quotes++; quotes%2 == 1 && endsString(b[i+1:]) {
			for i > 0 && b[i-1] == '\\' {
				i--
			}
			b = b[:i]
			break
		}
	}
	for i := max(0, len(b)-maxEscapes); i < len(b); i++ {
		if escapesLen(b[i:]) == len(b)-i && !isWithinRune(b, i) {
			return i
		}
	}
	return len(b)
}

// endsString reports whether b, which follows a quote, shows that it is one that
// closes.
func endsString(b []byte) bool {
	b = trimSpace(b)
	return len(b) == escapesLen(b) || strings.IndexByte(",;}])", b[0]) >= 0
}

// isWithinRune reports whether b[i] is a byte of a character in UTF-8, but not its
// first.
func isWithinRune(b []byte, i int) bool {
	for j := max(0, i-utf8.UTFMax+1); j < i; j++ {
		if _, n := utf8.DecodeRune(b[j:]); j+n > i {
			return true
		}
	}
	return false
}

// maxEscapes is the length of the escapes that textEnd removes.
const maxEscapes = 24

// escapesLen returns the length of the escapes at the start of b.
func escapesLen(b []byte) int {
	i := 0
	for {
		n := escapeLen(b[i:])
		if n == 0 {
			return i
		}
		i += n
	}
}

// mayHaveTail reports whether the end of b looks like one that textEnd removes. It
// is cheap: of the ends, only a string's reaches further than the longest escape.
func mayHaveTail(b []byte) bool {
	for _, c := range b[max(0, len(b)-len(`\u000a`)):] {
		if c >= 0x7f || marks[c>>6]>>(c&63)&1 != 0 {
			return true
		}
	}
	return false
}

// marks has the bits of the characters that an escape has among its last six.
var marks = [2]uint64{
	1<<' ' - 1 | 1<<'"' | 1<<'#' | 1<<'%' | 1<<'<' | 1<<'>' | 1<<'=' | 1<<';',
	1<<('\\'-64) | 1<<('^'-64) | 1<<('_'-64) | 1<<('['-64) | 1<<('{'-64),
}
