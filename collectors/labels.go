package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// A Label describes one label of a metric.
type Label struct {
	Name string
	// Field is the name of the field that fills the label in templates without a
	// field that is named like the label, or empty.
	Field string
	// Values is the closed set of values, if there is one. A reported value is
	// compared without regard to case; any other becomes "other".
	Values []string
	// Append, if set, appends the label value for a reported text. It must not
	// allocate or keep text, and must be a named function, because two labels
	// with the same function are treated as the same label.
	Append func(dst, text []byte) []byte
	// Appends lists, for documentation, the values that Append can append; it is
	// nil if that is not a closed set.
	Appends []string
}

// Other stands for every value outside a closed set.
const Other = "other"

// AppendValue appends the label value for a reported text.
func (l *Label) AppendValue(dst, text []byte) []byte {
	if l.Append != nil {
		return l.Append(dst, text)
	}
	if l.Values == nil {
		return append(dst, text...)
	}
	text = catalog.Unbracketed(text)
	for _, v := range l.Values {
		if catalog.EqualFold(v, text) {
			return append(dst, v...)
		}
	}
	return append(dst, Other...)
}

// appendUnbracketed appends text without the angle brackets that some releases
// print around names and numbers.
func appendUnbracketed(dst, text []byte) []byte { return append(dst, catalog.Unbracketed(text)...) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// appendLower appends text in lower case.
func appendLower(dst, text []byte) []byte {
	for _, c := range text {
		dst = append(dst, lower(c))
	}
	return dst
}

// appendSnakeCase appends text in lower case, with one underscore for each run
// of characters that are neither letters nor digits.
func appendSnakeCase(dst, text []byte) []byte {
	start := len(dst)
	for _, c := range text {
		switch {
		case 'a' <= lower(c) && lower(c) <= 'z', '0' <= c && c <= '9':
			dst = append(dst, lower(c))
		case len(dst) > start && dst[len(dst)-1] != '_':
			dst = append(dst, '_')
		}
	}
	if len(dst) > start && dst[len(dst)-1] == '_' {
		dst = dst[:len(dst)-1]
	}
	if len(dst) == start {
		dst = append(dst, Other...)
	}
	return dst
}
