package state

import "unicode/utf8"

const (
	// maxLabelValue bounds what a sender can store in one label value, in bytes.
	// Names of parts, modules and resources are shorter; a longer value is cut off.
	maxLabelValue = 64
	// maxStoredValue is the same for the first versions, whose files have values up
	// to there.
	maxStoredValue = 128
	// maxReportText bounds the remembered text of a message, in bytes.
	maxReportText = 256
)

// isHarmless reports whether a text is valid UTF-8 without control characters.
func isHarmless(text []byte) bool {
	for _, r := range string(text) {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return false
		}
	}
	return utf8.Valid(text)
}

// appendHarmless appends a text that a sender chose: at most limit bytes of
// valid UTF-8, with a question mark for each control character and each invalid
// byte. The text may be the memory that follows dst, since the result is never
// longer.
func appendHarmless(dst, text []byte, limit int) []byte {
	for {
		n := 0
		for n < min(len(text), limit) && ' ' <= text[n] && text[n] < 0x7f {
			n++
		}
		dst = append(dst, text[:n]...)
		text, limit = text[n:], limit-n
		if len(text) == 0 {
			return dst
		}
		r, n := utf8.DecodeRune(text)
		if n > limit {
			return dst
		}
		if r == utf8.RuneError && n == 1 || r < ' ' || 0x7f <= r && r < 0xa0 {
			dst = append(dst, '?')
			limit--
		} else {
			dst = append(dst, text[:n]...)
			limit -= n
		}
		text = text[n:]
	}
}
