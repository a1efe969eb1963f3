package identity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A HeaderRule states where a header has the name of the device. Exactly one of its
// fields is set.
type HeaderRule struct {
	// After is a text, in any case, that the name follows.
	After string
	// Word is the number of a word, 1 for the first after the timestamp, -1 for the
	// last before the tag.
	Word int
}

// maxHeaderWord is the largest number of a word that makes sense.
const maxHeaderWord = 20

// ParseHeaderRule reads a rule as the configuration file spells it: after "TEXT", or
// word N.
func ParseHeaderRule(s string) (HeaderRule, error) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	rest = strings.TrimSpace(rest)
	switch kind {
	case "after":
		text, err := strconv.Unquote(rest)
		switch {
		case err != nil:
			return HeaderRule{}, fmt.Errorf("%q does not have a text in double quotes after the word after", s)
		case strings.TrimSpace(text) == "":
			return HeaderRule{}, fmt.Errorf("%q has an empty text", s)
		}
		return HeaderRule{After: text}, nil
	case "word":
		n, err := strconv.Atoi(rest)
		if err != nil || n == 0 || n < -maxHeaderWord || n > maxHeaderWord {
			return HeaderRule{}, fmt.Errorf("%q does not have the number of a word, 1 to %d or -1 to -%d", s, maxHeaderWord, maxHeaderWord)
		}
		return HeaderRule{Word: n}, nil
	}
	return HeaderRule{}, errors.New(strconv.Quote(s) + " begins with neither after nor word")
}
