package terminal

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"parley.dev/parley/harness/runlog"
)

// Print writes what remains to be said about a run that has ended: its failures
// in full, the matrix and the summary.
func Print(w io.Writer, run *runlog.Run, o Options) error {
	var b bytes.Buffer
	newStyle(o).ending(&b, run, o)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the run's report: %w", err)
	}
	return nil
}

func (s style) ending(w io.Writer, run *runlog.Run, o Options) {
	width, _ := o.size()
	width = min(width, maxMatrixWidth)
	for _, c := range run.Cells {
		if c.Bad() {
			fmt.Fprintln(w)
			s.failure(w, c)
		}
	}
	// A single cell has said everything already.
	if rows := matrixRows(run); len(run.Cells) > 1 && len(rows) > 0 {
		fmt.Fprintln(w)
		s.matrix(w, rows, run.Casts(), width)
		fmt.Fprintln(w)
		s.legend(w, rows, width)
	}
	s.figures(w, run, o)
	fmt.Fprintln(w)
	s.summary(w, run, o)
}

func (s style) summary(w io.Writer, run *runlog.Run, o Options) {
	n := run.Counts()
	s.totals(w, run, n, o)
	for _, group := range skipGroups(run) {
		fmt.Fprintln(w, s.faint(group))
	}
	if left := run.Info.LeftOut; left != nil {
		fmt.Fprintln(w, s.faint(clean(left.Note)))
	}
	for _, c := range run.Cells {
		r := c.Result()
		if r != nil && r.Verdict == runlog.Flaky {
			fmt.Fprintf(w, "%s %s\n", s.warn("flaky:"), strings.TrimSpace(c.Label()+" "+c.Cast))
		}
		if r != nil && r.Verdict.Bad() && r.Expected != "" {
			fmt.Fprintf(w, "%s %s: %s\n", s.warn("failed as expected:"), strings.TrimSpace(c.Label()+" "+c.Cast), firstLine(r.Expected))
		}
	}
	if n.Passed+n.Failed+n.Running == 0 {
		fmt.Fprintln(w, s.warn("nothing was run"))
	}
	s.outcome(w, run)
	if run.Torn != nil {
		fmt.Fprintln(w, s.bad("the run log is torn: "+run.Torn.String()))
	}
	if run.Info.Folder != "" {
		fmt.Fprintln(w, s.faint("run folder: ")+run.Info.Folder)
	}
	unfinished := ""
	if left := n.Running + n.Waiting; left > 0 {
		unfinished = fmt.Sprintf("%d never finished\n", left)
	}
	fmt.Fprintf(w, "%s%d passed, %d failed, %d skipped\n", unfinished, n.Passed, n.Failed, n.Skipped)
}

func (s style) totals(w io.Writer, run *runlog.Run, n runlog.Counts, o Options) {
	var parts []string
	for _, v := range runlog.Verdicts() {
		if count := n.Verdicts[v]; count > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", s.glyph(mark(v)), count, v))
		}
	}
	line := fmt.Sprintf("%s in %s", plural(len(run.Cells), "cell"), seconds(run.Duration(o.now())))
	if run.Info.Jobs > 0 {
		line += fmt.Sprintf(", %d at a time", run.Info.Jobs)
	}
	if run.Info.WaitingJobs > 0 {
		line += fmt.Sprintf(" and %d that wait", run.Info.WaitingJobs)
	}
	if run.Info.Seed != nil {
		line += fmt.Sprintf(", shuffled with seed %d", *run.Info.Seed)
	}
	fmt.Fprintln(w, line)
	width, _ := o.size()
	for _, line := range wrap(parts, width) {
		fmt.Fprintln(w, line)
	}
}

// outcome says why the run is not simply what its cells are.
func (s style) outcome(w io.Writer, run *runlog.Run) {
	if run.Outcome == nil {
		return
	}
	message := clean(run.Outcome.Message)
	switch run.Outcome.Kind {
	case runlog.OutcomeInterrupted, runlog.OutcomeAborted, runlog.OutcomeIncomplete:
		fmt.Fprintln(w, s.bad(strings.TrimSuffix(string(run.Outcome.Kind)+": "+message, ": ")))
	case runlog.OutcomeFailed:
		if message == "" && len(run.Outcome.Problems) == 0 && run.Counts().Failed == 0 {
			message = "the run failed, and gave no reason"
		}
		fallthrough
	default:
		if message != "" {
			fmt.Fprintln(w, message)
		}
	}
	for _, p := range run.Outcome.Problems {
		fmt.Fprintln(w, s.bad("problem: ")+clean(p))
	}
}

// skipGroups has one line per reason why cells were skipped, with their casts.
func skipGroups(run *runlog.Run) []string {
	type group struct {
		cells int
		casts []string
	}
	groups := map[string]*group{}
	var order []string
	for _, c := range run.Cells {
		if c.Verdict() != runlog.Skipped {
			continue
		}
		reason := cmp.Or(firstLine(c.Reason()), "no reason was given")
		g := groups[reason]
		if g == nil {
			g = &group{}
			groups[reason] = g
			order = append(order, reason)
		}
		g.cells++
		if c.Cast != "" && !slices.Contains(g.casts, c.Cast) {
			g.casts = append(g.casts, c.Cast)
		}
	}
	var lines []string
	for _, reason := range order {
		g := groups[reason]
		casts := strings.Join(g.casts, ", ")
		if len(g.casts) > 4 {
			casts = plural(len(g.casts), "cast")
		}
		lines = append(lines, strings.Replace(fmt.Sprintf("%d skipped (%s): %s", g.cells, casts, reason), " ()", "", 1))
	}
	return lines
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
