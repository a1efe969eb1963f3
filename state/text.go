package state

import "unicode/utf8"

const (
	// maxLabelValue bounds what a sender can store in one label value, in bytes.
	maxLabelValue = 128
	// maxReportText bounds the remembered text of a message, in bytes.
	maxReportText = 256
)

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
