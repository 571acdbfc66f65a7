package terminal

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"parley.dev/parley/harness/runlog"
)

const (
	// maxLogLines is how many of a step's last log lines a failure shows.
	maxLogLines = 10
	// maxTextLines is how many lines of a long text (stack, difference, stray
	// output) it shows.
	maxTextLines = 20
	// maxStackLines is less: the first frames tell where it was.
	maxStackLines = 6
	fieldWidth    = 10
)

// failure writes everything about a cell that went wrong.
func (s style) failure(w io.Writer, cell *runlog.CellRun) {
	result := cell.Result()
	fmt.Fprintf(w, "%s %s\n", s.glyph(markOf([]*runlog.CellRun{cell})), s.bold(columns{label: 1, cast: 1, repeats: cell.Repeat > 1}.name(cell)))
	fmt.Fprintf(w, "  %s\n", s.bad(s.headline(cell)))
	bad := cell.Last().Failures()
	for _, step := range bad {
		s.failedStep(w, cell, step)
	}
	if len(result.Leaks) == 0 && !strings.Contains(s.headline(cell), result.Reason) {
		s.field(w, "reason", result.Reason)
	}
	for i, leak := range result.Leaks {
		if i == maxLogLines {
			s.field(w, "leaked", fmt.Sprintf("(%d more are in the run log)", len(result.Leaks)-i))
			break
		}
		s.field(w, "leaked", leak)
	}
	for _, note := range result.Notes {
		s.field(w, "note", note)
	}
	s.field(w, "again", cell.Rerun)
}

func (s style) failedStep(w io.Writer, cell *runlog.CellRun, step *runlog.StepRun) {
	s.field(w, "step", strings.TrimSpace(step.Keyword+" "+step.Text))
	s.field(w, "at", fmt.Sprintf("%s:%d", cell.URI, step.Line))
	for _, part := range step.Result.Processes() {
		if len(step.Result.Parts) > 0 && !part.Verdict.Bad() {
			s.field(w, "process", s.process(part.Role)+": "+string(part.Verdict))
			continue
		}
		s.field(w, "process", s.process(part.Role))
		if text := withType(part.FailureType, part.Error); !strings.Contains(s.headline(cell), text) {
			s.field(w, "error", text)
		}
		if part.Expected != "" || part.Actual != "" {
			s.field(w, "expected", orNothing(part.Expected))
			s.field(w, "actual", orNothing(part.Actual))
		}
		s.limited(w, "stack", part.Stack, maxStackLines)
	}
	s.logs(w, step.Result.Logs)
	for _, part := range step.Result.Processes() {
		s.field(w, "stray", part.Stray)
	}
	for _, a := range step.Result.Attachments {
		s.field(w, "attached", fmt.Sprintf("%s (%s, %d bytes)", a.Name, a.MediaType, len(a.Body)))
	}
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}

// process names who performed a step: writer#2 (go).
func (s style) process(r runlog.Role) string {
	name := r.String()
	if r.Platform != "" {
		name = strings.TrimSpace(name + " (" + r.Platform + ")")
	}
	return name
}

// field writes a labelled text, its further lines aligned under the first;
// nothing when the text is empty.
func (s style) field(w io.Writer, label, text string) {
	s.limited(w, label, text, maxTextLines)
}

func (s style) limited(w io.Writer, label, text string, limit int) {
	text = strings.TrimRight(clean(text), "\n ")
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	if more := len(lines) - limit; more > 0 {
		lines = append(lines[:limit], fmt.Sprintf("(%d more lines are in the run log)", more))
	}
	for i, line := range lines {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "  %s%s\n", s.faint(pad(label, fieldWidth)), strings.TrimRight(line, " "))
	}
}

// logs writes the last log lines of a step.
func (s style) logs(w io.Writer, logs []runlog.LogLine) {
	if more := len(logs) - maxLogLines; more > 0 {
		s.field(w, "log", fmt.Sprintf("(%d earlier lines are in the run log)", more))
		logs = logs[more:]
	}
	roles := map[string]bool{}
	for _, l := range logs {
		roles[l.Role] = true
	}
	for _, l := range logs {
		s.field(w, "log", logText(l, len(roles) > 1))
	}
}

func logText(l runlog.LogLine, withRole bool) string {
	level := l.Level
	if l.Source == runlog.SourceStderr {
		level = runlog.SourceStderr
	}
	parts := []string{pad(level, 6), l.Text}
	if withRole {
		parts = slices.Insert(parts, 0, l.Role)
	}
	return strings.Join(parts, " ")
}
