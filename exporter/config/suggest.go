package config

import (
	"cmp"
	"slices"
	"strings"
)

// suggest returns the end of a message about an unknown word: which of the
// known words to use.
func suggest(word string, known []string) string {
	if nearest, ok := Nearest(word, known); ok {
		return "; did you mean " + nearest + "?"
	}
	return "; use " + strings.Join(known, ", ")
}

// Nearest returns the one of the known words that was probably meant by another
// word, and false if none is similar.
func Nearest(word string, known []string) (string, bool) {
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
	d := distance(word, nearest)
	return nearest, d <= 2 && d < len(nearest)/2
}

// distance returns how many letters to insert, delete or replace to turn a
// into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
