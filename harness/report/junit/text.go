package junit

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"parley.dev/parley/harness/runlog"
)

// text makes any bytes fit for XML 1.0: characters that it forbids are written
// out as \x1b, and what is not UTF-8 is replaced.
func text(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch {
		case r == '\t', r == '\n', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			b.WriteRune(r)
		case r == '\r':
		default:
			fmt.Fprintf(&b, "\\x%02x", r)
		}
	}
	return b.String()
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return text(strings.TrimSpace(first))
}

// reasonOf says why the cell ended badly.
func reasonOf(run *runlog.Run, c *runlog.CellRun) string {
	r := c.Result()
	if r == nil {
		message := "the cell never finished"
		if run.Outcome != nil && run.Outcome.Message != "" {
			message += ": " + run.Outcome.Message
		}
		return message
	}
	if bad := c.Last().Failures(); len(bad) > 0 {
		s := bad[0].Result
		return fmt.Sprintf("%s: %s", s.Role, cmp.Or(s.Error, s.FailureType, string(s.Verdict)))
	}
	return cmp.Or(r.Reason, strings.Join(r.Leaks, "\n"), string(r.Verdict))
}

// details says everything about a cell that ended badly.
func details(run *runlog.Run, c *runlog.CellRun) string {
	var b strings.Builder
	field := func(label, value string) {
		if value = strings.TrimRight(value, "\n"); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", label, strings.ReplaceAll(value, "\n", "\n  "))
		}
	}
	if last := c.Last(); last != nil {
		for _, s := range last.Failures() {
			field("step", strings.TrimSpace(s.Keyword+" "+s.Text))
			field("at", fmt.Sprintf("%s:%d", c.URI, s.Line))
			for _, p := range s.Result.Processes() {
				field("process", fmt.Sprintf("%s (%s): %s", p.Role, p.Role.Platform, p.Verdict))
				field("failure type", p.FailureType)
				field("error", p.Error)
				field("expected", p.Expected)
				field("actual", p.Actual)
				field("stack", p.Stack)
				field("stray", p.Stray)
			}
		}
	}
	r := c.Result()
	if r == nil {
		field("reason", reasonOf(run, c))
	} else {
		field("reason", r.Reason)
		for _, leak := range r.Leaks {
			field("leaked", leak)
		}
		for _, note := range r.Notes {
			field("note", note)
		}
	}
	field("again", c.Rerun)
	return b.String()
}

// output is what the cell's steps did and logged, and what its servants wrote to
// standard error.
func output(c *runlog.CellRun) (out, stderr string) {
	var o, e strings.Builder
	name := strings.TrimSpace(c.Label() + " " + c.Cast)
	for _, a := range c.Attempts {
		verdict := "did not finish"
		if a.Result != nil {
			verdict = string(a.Result.Verdict)
		}
		fmt.Fprintf(&o, "%s, attempt %d: %s\n", name, a.Number, verdict)
		for _, s := range a.Steps {
			stepOutput(&o, &e, name, s)
		}
	}
	return o.String(), e.String()
}

func stepOutput(out, stderr *strings.Builder, name string, s *runlog.StepRun) {
	step := strings.TrimSpace(s.Keyword + " " + s.Text)
	if s.Result == nil {
		fmt.Fprintf(out, "  %s: did not finish\n", step)
		return
	}
	for _, p := range s.Result.Processes() {
		fmt.Fprintf(out, "  %s: %s", step, p.Verdict)
		if p.Verdict == runlog.Skipped {
			fmt.Fprintf(out, ": %s\n", cmp.Or(s.Result.SkipReason, "no reason was given"))
			continue
		}
		fmt.Fprintf(out, " (%s, coordinator %s, servant %s, wire %s)\n", strings.TrimSpace(p.Role.String()+" "+p.Role.Platform),
			p.Coordinator, p.Servant, p.Wire)
		if p.Stray != "" {
			fmt.Fprintf(out, "    %s stray: %s\n", p.Role, strings.TrimRight(p.Stray, "\n"))
		}
	}
	for _, l := range s.Result.Logs {
		at := l.Time.UTC().Format(time.RFC3339Nano)
		if l.Source == runlog.SourceStderr {
			fmt.Fprintf(stderr, "%s %s %s: %s\n", at, name, l.Role, l.Text)
			continue
		}
		fmt.Fprintf(out, "    %s %s %s: %s\n", at, l.Role, l.Level, l.Text)
	}
}
