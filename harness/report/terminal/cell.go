package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"parley.dev/parley/harness/runlog"
)

const (
	// maxReason is how much of an error a cell's line shows, in columns.
	maxReason = 160
	// maxSkipReason is less: the summary gives each reason in full once.
	maxSkipReason = 60
)

// columns are the widths that make the lines of a run's cells align.
type columns struct {
	label, cast int
	repeats     bool
}

func columnsOf(run *runlog.Run) columns {
	var c columns
	for _, cell := range run.Cells {
		if cell.Number != "" {
			c.label = max(c.label, ansi.StringWidth(cell.Label()))
		}
		c.cast = max(c.cast, ansi.StringWidth(cell.Cast))
		c.repeats = c.repeats || cell.Repeat > 1
	}
	return c
}

// name is the scenario and the cast, aligned, and then the title.
func (c columns) name(cell *runlog.CellRun) string {
	var b strings.Builder
	if c.label > 0 {
		label := cell.Number + cell.Row
		b.WriteString(pad(label, c.label) + " ")
	}
	if c.cast > 0 {
		b.WriteString(pad(cell.Cast, c.cast) + "  ")
	}
	b.WriteString(clean(cell.Title()))
	if cell.Number == "" {
		b.WriteString(cell.Row)
	}
	if c.repeats {
		fmt.Fprintf(&b, " (repeat %d)", max(cell.Repeat, 1))
	}
	return b.String()
}

// cellLine is the line of a finished cell.
func (s style) cellLine(c columns, cell *runlog.CellRun) string {
	v := cell.Verdict()
	line := s.glyph(markOf([]*runlog.CellRun{cell})) + " " + c.name(cell)
	switch {
	case v == runlog.Skipped:
		return line + "  " + s.faint(s.cut(strings.TrimSpace("skipped: "+firstLine(cell.Reason())), maxSkipReason))
	case v == runlog.Passed:
		return line + "  " + s.faint(seconds(cell.Result().Duration))
	}
	paint := s.bad
	if !cell.Bad() {
		paint = s.warn
	}
	return line + "  " + s.faint(seconds(cell.Result().Duration)) + "  " + paint(s.headline(cell))
}

// retryLine is the line of an attempt after which another comes.
func (s style) retryLine(c columns, a *runlog.Attempt) string {
	return s.warn("~") + " " + c.name(a.Cell) + "  " + s.warn(fmt.Sprintf("attempt %d %s; again", a.Number, a.Result.Verdict))
}

// headline says in one line what is wrong with a cell.
func (s style) headline(cell *runlog.CellRun) string {
	r := cell.Result()
	text := string(r.Verdict)
	if r.Expected != "" {
		text += " as expected"
	}
	if r.Verdict == runlog.Flaky {
		return fmt.Sprintf("flaky: passed at attempt %d", len(cell.Attempts))
	}
	reason := firstLine(r.Reason)
	if bad := cell.Last().Failures(); len(bad) > 0 {
		// The step that decided the verdict: where one crashed, what others say of it
		// comes after.
		decisive := max(0, slices.IndexFunc(bad, func(st *runlog.StepRun) bool { return st.Verdict() == r.Verdict }))
		reason = stepReason(bad[decisive].Result)
	} else if len(r.Leaks) > 0 {
		reason = cmp.Or(firstLine(r.Leaks[0]), reason)
	}
	if reason = strings.TrimPrefix(reason, text+": "); reason != "" && reason != text {
		text += ": " + reason
	}
	return s.cut(text, maxReason)
}

// stepReason says in one line why a step ended badly.
func stepReason(r *runlog.StepResult) string {
	reason := firstLine(r.Error)
	if reason == "" && (r.Expected != "" || r.Actual != "") {
		reason = fmt.Sprintf("expected %s, got %s", cmp.Or(firstLine(r.Expected), "nothing"), cmp.Or(firstLine(r.Actual), "nothing"))
	}
	return withType(r.FailureType, reason)
}

// withType puts the type of a failure before its message, unless it says it.
func withType(failureType, message string) string {
	if failureType == "" || strings.Contains(message, failureType) {
		return message
	}
	return strings.TrimSuffix(clean(failureType)+": "+message, ": ")
}
