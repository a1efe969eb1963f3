package docs

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// words.txt has the words of the field that a dictionary does not have, sorted.
const fieldWords = "words.txt"

// plainWord finds words that are spelled in lower case, perhaps with a capital at
// the beginning. Others are names and abbreviations.
var plainWord = regexp.MustCompile(`[\pL\d_./:@%$-]*\pL[\pL\d'’_./:@%$-]*`)

// TestSpelling checks the spelling of what users read by the American dictionary and
// [fieldWords].
func TestSpelling(t *testing.T) {
	hunspell, err := exec.LookPath("hunspell")
	if err != nil {
		t.Skip("hunspell is missing: apt-get install hunspell hunspell-en-us")
	}
	known := strings.Fields(readPage(t, fieldWords))
	if !slices.IsSorted(known) || len(slices.Compact(slices.Clone(known))) != len(known) {
		t.Errorf("%s is not sorted, or has a word twice", fieldWords)
	}
	places := map[string]string{}
	for _, p := range prose(t) {
		if p.code {
			continue
		}
		for _, word := range plainWord.FindAllString(p.text, -1) {
			word = strings.Trim(word, ".:'’-")
			word = strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s")
			if strings.ContainsAny(word, "0123456789_./:@%$") || word != strings.ToLower(word) && word[1:] != strings.ToLower(word[1:]) {
				continue
			}
			for part := range strings.SplitSeq(word, "-") {
				if places[part] == "" {
					places[part] = p.place
				}
			}
		}
	}
	if len(places) < 2000 {
		t.Errorf("only %d words were found", len(places))
	}
	var input strings.Builder
	for word := range places {
		input.WriteString(word + "\n")
	}
	cmd := exec.Command(hunspell, "-d", "en_US", "-l")
	cmd.Stdin = strings.NewReader(input.String())
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("hunspell has no American dictionary: apt-get install hunspell-en-us (%v)", err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		if !slices.Contains(known, word) && !slices.Contains(known, strings.ToLower(word)) {
			t.Errorf("%s: %q is not a word; correct it, or add it to docs/%s", places[word], word, fieldWords)
		}
	}
	for _, word := range known {
		if places[word] == "" && places[strings.ToUpper(word[:1])+word[1:]] == "" {
			t.Errorf("docs/%s: %q is no longer used; remove it", fieldWords, word)
		}
	}
}
