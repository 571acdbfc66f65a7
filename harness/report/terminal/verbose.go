package terminal

import (
	"fmt"
	"slices"
	"strings"

	"parley.dev/parley/harness/runlog"
)

// reached reports whether any step of the attempt was performed.
func reached(a *runlog.Attempt) bool {
	return slices.ContainsFunc(a.Steps, func(s *runlog.StepRun) bool { return s.Verdict() != "" && s.Verdict() != runlog.Skipped })
}

// stepLines are the lines of a step that has ended: who performed it, its three
// clocks, and what the servants logged.
func (s style) stepLines(c columns, cell *runlog.CellRun, step *runlog.StepRun) string {
	var b strings.Builder
	r := step.Result
	who := strings.TrimSpace(pad(cell.Number+cell.Row, c.label) + " " + pad(cell.Cast, c.cast))
	for _, part := range r.Processes() {
		text := strings.TrimSpace(step.Keyword + " " + step.Text)
		if part.Verdict == runlog.Skipped {
			reason := strings.TrimSuffix("skipped: "+firstLine(r.SkipReason), ": ")
			fmt.Fprintf(&b, "  %s  %s %s  %s\n", s.faint(who), s.glyph(mark(part.Verdict)), clean(text), s.faint(reason))
			continue
		}
		clocks := s.clock(part.Coordinator)
		if part.Servant > 0 {
			clocks += fmt.Sprintf(" = servant %s + wire %s", s.clock(part.Servant), s.clock(part.Wire))
		}
		fmt.Fprintf(&b, "  %s  %s %s  %s\n", s.faint(who), s.glyph(mark(part.Verdict)), clean(text), s.faint("["+s.process(part.Role)+", "+clocks+"]"))
		if part.Verdict.Bad() {
			fmt.Fprintf(&b, "      %s\n", s.bad(strings.TrimSuffix(string(part.Verdict)+": "+firstLine(part.Error), ": ")))
		}
	}
	for _, l := range r.Logs {
		fmt.Fprintf(&b, "      %s\n", s.faint(strings.ReplaceAll(clean(logText(l, true)), "\n", "\n      ")))
	}
	for _, part := range r.Processes() {
		if part.Stray != "" {
			fmt.Fprintf(&b, "      %s %s\n", s.warn("stray"), strings.ReplaceAll(strings.TrimRight(clean(part.Stray), "\n"), "\n", "\n            "))
		}
	}
	return b.String()
}
