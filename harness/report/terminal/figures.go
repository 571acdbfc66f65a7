package terminal

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"parley.dev/parley/harness/runlog"
)

// manyCells is the number of cells above which figures are not shown, unless most
// of the cells have some.
const manyCells = 100

// figureTable holds what one scenario measured under one title: a row per cast.
type figureTable struct {
	scenario, title string
	names           []string // of the columns: name and unit
	rows            []figureRow
}

type figureRow struct {
	label  string
	values map[string]string // by column
}

// figures writes what the cells measured. A run of many cells of which few do has
// one line instead.
func (s style) figures(w io.Writer, run *runlog.Run, o Options) {
	tables, measured := figureTables(run)
	if measured == 0 {
		return
	}
	fmt.Fprintln(w)
	if !o.Verbose && len(run.Cells) > manyCells && 2*measured < len(run.Cells) {
		fmt.Fprintln(w, s.faint(fmt.Sprintf("figures of %s are in the run log; -v shows them here", plural(measured, "cell"))))
		return
	}
	for _, t := range tables {
		s.figureTable(w, t)
	}
}

// figureTables returns the tables in plan order, and how many cells have figures.
func figureTables(run *runlog.Run) (tables []*figureTable, measured int) {
	index := map[string]*figureTable{}
	for _, c := range run.Cells {
		all := c.Figures()
		if len(all) > 0 {
			measured++
		}
		for _, f := range all {
			key := fmt.Sprint(c.URI, "\x00", c.Line, "\x00", f.Title)
			t := index[key]
			if t == nil {
				t = &figureTable{scenario: columns{label: 1}.name(withoutRepeat(c)), title: clean(f.Title)}
				index[key] = t
				tables = append(tables, t)
			}
			t.add(c, f)
		}
	}
	return tables, measured
}

func (t *figureTable) add(c *runlog.CellRun, f runlog.Figures) {
	r := figureRow{label: c.Cast, values: map[string]string{}}
	if c.Repeat > 1 {
		r.label += fmt.Sprintf(" (repeat %d)", c.Repeat)
	}
	r.label = strings.TrimSpace(r.label + " " + clean(f.Role))
	for _, one := range f.Figures {
		name := strings.TrimSpace(clean(one.Name) + " " + clean(one.Unit))
		if !slices.Contains(t.names, name) {
			t.names = append(t.names, name)
		}
		r.values[name] = figure(one.Value)
	}
	t.rows = append(t.rows, r)
}

// figure writes a number with four digits, and all of those before the point.
func figure(v float64) string {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	decimals := 3 - int(math.Floor(math.Log10(math.Abs(v))))
	return strconv.FormatFloat(v, 'f', min(max(decimals, 0), 6), 64)
}

func (s style) figureTable(w io.Writer, t *figureTable) {
	head := t.scenario
	if !strings.Contains(strings.ToLower(head), strings.ToLower(t.title)) {
		head += ": " + t.title
	}
	fmt.Fprintln(w, head)
	label := 0
	for _, r := range t.rows {
		label = max(label, ansi.StringWidth(r.label))
	}
	lines := make([]string, len(t.rows)+1)
	lines[0] = strings.Repeat(" ", label)
	for i, r := range t.rows {
		lines[i+1] = pad(r.label, label)
	}
	for _, name := range t.names {
		width := ansi.StringWidth(name)
		for _, r := range t.rows {
			width = max(width, ansi.StringWidth(r.values[name]))
		}
		lines[0] += "  " + s.faint(padLeft(name, width))
		for i, r := range t.rows {
			lines[i+1] += "  " + padLeft(r.values[name], width)
		}
	}
	for _, line := range lines {
		fmt.Fprintln(w, "  "+strings.TrimRight(line, " "))
	}
}

func padLeft(text string, width int) string {
	return strings.Repeat(" ", max(0, width-ansi.StringWidth(text))) + text
}
