// Package nearest finds the names a user may have meant.
package nearest

import (
	"fmt"
	"slices"
	"strings"
)

// Names returns up to three candidates close to word, closest first. Case,
// blanks, dashes and underscores do not count.
func Names(word string, candidates []string) []string {
	type scored struct {
		name     string
		distance int
	}
	folded := Fold(word)
	limit := max(2, len(folded)/3)
	var close []scored
	for _, c := range candidates {
		d := distance(folded, Fold(c))
		if len(folded) >= 3 && strings.Contains(Fold(c), folded) {
			d = min(d, 1)
		}
		// At the length of the longer one no letter is shared.
		if d <= limit && d < max(len(folded), len(Fold(c))) && !slices.ContainsFunc(close, func(s scored) bool { return s.name == c }) {
			close = append(close, scored{c, d})
		}
	}
	slices.SortStableFunc(close, func(a, b scored) int { return a.distance - b.distance })
	var names []string
	for _, s := range close[:min(3, len(close))] {
		names = append(names, s.name)
	}
	return names
}

// Hint returns ` (did you mean 'a' or 'b'?)`, or "" when nothing is close.
func Hint(word string, candidates []string) string {
	names := Names(word, candidates)
	if len(names) == 0 {
		return ""
	}
	for i, n := range names {
		names[i] = "'" + n + "'"
	}
	return fmt.Sprintf(" (did you mean %s?)", strings.Join(names, " or "))
}

var fold = strings.NewReplacer(" ", "", "-", "", "_", "", "\t", "")

// Fold lowers s and takes blanks, dashes and underscores away: the form in
// which names on the command line are compared.
func Fold(s string) string { return fold.Replace(strings.ToLower(s)) }

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours.
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	rows := make([][]int, len(ra)+1)
	for i := range rows {
		rows[i] = make([]int, len(rb)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(ra); i++ {
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(ra)][len(rb)]
}
