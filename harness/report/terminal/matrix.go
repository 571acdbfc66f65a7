package terminal

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"parley.dev/parley/harness/runlog"
)

const (
	// manyScenarios is the number of scenarios above which the matrix has one row
	// per feature, and scenarios only where something is not plainly green.
	manyScenarios = 30
	// minTitle is how much room the matrix leaves for titles, in columns.
	minTitle = 26
)

// row is one row of the matrix: cells by cast. A row without cells is a heading.
type row struct {
	title string
	cells map[string][]*runlog.CellRun
}

// featureCells are the cells of one feature: as one row, and by scenario.
type featureCells struct {
	uri, name string
	all       row
	scenarios []row
	index     map[string]int
}

func byFeature(run *runlog.Run) []*featureCells {
	var features []*featureCells
	index := map[string]*featureCells{}
	for _, c := range run.Cells {
		f := index[c.URI]
		if f == nil {
			f = &featureCells{uri: c.URI, name: clean(c.Feature), index: map[string]int{},
				all: row{title: clean(cmp.Or(c.Feature, c.URI)), cells: map[string][]*runlog.CellRun{}}}
			index[c.URI] = f
			features = append(features, f)
		}
		f.all.cells[c.Cast] = append(f.all.cells[c.Cast], c)
		key := fmt.Sprint(c.Label(), "\x00", c.Name, "\x00", c.Line)
		i, known := f.index[key]
		if !known {
			i = len(f.scenarios)
			f.index[key] = i
			f.scenarios = append(f.scenarios, row{title: columns{label: 1}.name(withoutRepeat(c)), cells: map[string][]*runlog.CellRun{}})
		}
		f.scenarios[i].cells[c.Cast] = append(f.scenarios[i].cells[c.Cast], c)
	}
	return features
}

// withoutRepeat is for a row, which holds all repetitions.
func withoutRepeat(c *runlog.CellRun) *runlog.CellRun {
	plain := *c
	plain.Repeat, plain.Cast = 0, ""
	return &plain
}

// matrixRows has one row per scenario, under a heading per feature when there are
// several. A run of many scenarios has one row per feature instead, and below it
// those of its scenarios that are not plainly green.
func matrixRows(run *runlog.Run) []row {
	features := byFeature(run)
	scenarios := 0
	for _, f := range features {
		scenarios += len(f.scenarios)
	}
	var rows []row
	for _, f := range features {
		switch {
		case scenarios > manyScenarios:
			rows = append(rows, f.all)
			for _, r := range f.scenarios {
				if !r.plain() {
					rows = append(rows, row{title: "  " + r.title, cells: r.cells})
				}
			}
		case len(features) > 1:
			rows = append(rows, row{title: f.all.title})
			for _, r := range f.scenarios {
				rows = append(rows, row{title: "  " + r.title, cells: r.cells})
			}
		default:
			rows = append(rows, f.scenarios...)
		}
	}
	return rows
}

// plain reports whether nothing in the row needs a look.
func (r row) plain() bool {
	for _, cells := range r.cells {
		if m := markOf(cells); m != mark(runlog.Passed) && m != mark(runlog.Skipped) {
			return false
		}
	}
	return true
}

// header says how the casts head their columns: lines of words, all columns equal
// or wider than their word.
type header struct {
	lines  int
	words  map[string][]string // cast → word per line
	widths map[string]int
	key    []string // what abbreviations mean
}

// headerFor writes casts in full when that fits, and otherwise one role below the
// other, with platforms abbreviated.
func headerFor(casts []string, width int) header {
	h := header{lines: 1, words: map[string][]string{}, widths: map[string]int{}}
	total := minTitle
	for _, cast := range casts {
		word := cmp.Or(cast, "all")
		h.words[cast] = []string{word}
		h.widths[cast] = ansi.StringWidth(word)
		total += h.widths[cast] + 2
	}
	if total <= width {
		return h
	}
	short := abbreviations(casts)
	h.lines = 0
	for _, cast := range casts {
		words := strings.Split(cmp.Or(cast, "all"), "_")
		h.widths[cast] = 1
		for i, word := range words {
			if s := short[word]; s != "" {
				words[i] = s
			}
			h.widths[cast] = max(h.widths[cast], ansi.StringWidth(words[i]))
		}
		h.words[cast] = words
		h.lines = max(h.lines, len(words))
	}
	for name, s := range short {
		if s != name {
			h.key = append(h.key, s+" "+name)
		}
	}
	slices.Sort(h.key)
	return h
}

// abbreviations are the shortest beginnings, of two letters or more, that tell
// the platforms apart.
func abbreviations(casts []string) map[string]string {
	var names []string
	for _, cast := range casts {
		names = append(names, strings.Split(cast, "_")...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	short := map[string]string{}
	for _, name := range names {
		letters := []rune(name)
		for n := min(2, len(letters)); n <= len(letters); n++ {
			prefix := string(letters[:n])
			alone := !slices.ContainsFunc(names, func(other string) bool { return other != name && strings.HasPrefix(other, prefix) })
			if alone || n == len(letters) {
				short[name] = prefix
				break
			}
		}
	}
	return short
}

// matrix writes rows × casts in at most width columns: in several blocks below
// each other when the casts do not fit side by side.
func (s style) matrix(w io.Writer, rows []row, casts []string, width int) {
	if len(rows) == 0 {
		return
	}
	h := headerFor(casts, width)
	title := 0
	for _, r := range rows {
		title = max(title, ansi.StringWidth(r.title))
	}
	for len(casts) > 0 {
		n, used := 0, 0
		for n < len(casts) {
			next := h.widths[casts[n]] + gap(h)
			if n > 0 && min(title, minTitle)+used+next > width {
				break
			}
			used += next
			n++
		}
		s.block(w, rows, casts[:n], h, min(title, max(width-used, 8)))
		if casts = casts[n:]; len(casts) > 0 {
			fmt.Fprintln(w)
		}
	}
	if len(h.key) > 0 {
		for _, line := range wrap(h.key, width) {
			fmt.Fprintln(w, s.faint(line))
		}
	}
}

func gap(h header) int {
	if h.lines > 1 {
		return 1
	}
	return 2
}

func (s style) block(w io.Writer, rows []row, casts []string, h header, title int) {
	space := strings.Repeat(" ", gap(h))
	line := func(head string, entry func(cast string) string) {
		text := pad(s.cut(head, title), title)
		for _, cast := range casts {
			text += space + pad(entry(cast), h.widths[cast])
		}
		fmt.Fprintln(w, strings.TrimRight(text, " "))
	}
	for i := range h.lines {
		line("", func(cast string) string {
			if words := h.words[cast]; i < len(words) {
				return s.faint(words[i])
			}
			return ""
		})
	}
	for _, r := range rows {
		line(r.title, func(cast string) string { return s.glyph(markOf(r.cells[cast])) })
	}
}

// legend explains the marks that the rows use.
func (s style) legend(w io.Writer, rows []row, width int) {
	used := map[mark]bool{}
	for _, r := range rows {
		for _, cells := range r.cells {
			used[markOf(cells)] = true
		}
	}
	var words []string
	for _, m := range marks() {
		if used[m] {
			words = append(words, s.glyph(m)+" "+s.faint(string(m)))
		}
	}
	for _, line := range wrap(words, width) {
		fmt.Fprintln(w, line)
	}
}

// wrap joins words by two blanks into lines of at most width columns.
func wrap(words []string, width int) []string {
	var lines []string
	for _, word := range words {
		if n := len(lines); n > 0 && ansi.StringWidth(lines[n-1])+2+ansi.StringWidth(word) <= width {
			lines[n-1] += "  " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
