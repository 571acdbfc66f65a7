package terminal

import (
	"fmt"
	"strings"
	"time"

	"parley.dev/parley/harness/runlog"
)

const (
	// maxRunning is how many running cells the live region shows.
	maxRunning = 8
	barWidth   = 20
)

// region is what the live region shows now: the features × casts so far, the
// cells that run, and how far the run is. It fits the terminal.
func (s style) region(run *runlog.Run, progress map[progressKey]runlog.Progress, now time.Time, width, height int) []string {
	budget := height - 2
	var running []string
	more := 0
	for _, c := range run.Cells {
		last := c.Last()
		if last == nil || !last.Running() {
			continue
		}
		if len(running) >= min(maxRunning, max(budget-1, 0)) {
			more++
			continue
		}
		running = append(running, s.runningLine(last, progress, now, width))
	}
	lines := s.liveMatrix(run, width, budget-len(running)-1)
	lines = append(lines, running...)
	return append(lines, s.progressLine(run, more, now, width))
}

// liveMatrix is empty when it does not fit into the rows that are left.
func (s style) liveMatrix(run *runlog.Run, width, height int) []string {
	var rows []row
	for _, f := range byFeature(run) {
		rows = append(rows, f.all)
	}
	if len(rows) >= height {
		return nil
	}
	var b strings.Builder
	s.matrix(&b, rows, run.Casts(), min(width-1, maxMatrixWidth))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines)+1 > height {
		return nil
	}
	return append(lines, "")
}

func (s style) runningLine(a *runlog.Attempt, progress map[progressKey]runlog.Progress, now time.Time, width int) string {
	elapsed := seconds(max(now.Sub(a.Started), 0))
	line := fmt.Sprintf("%s %s %s", s.spinner(now), strings.TrimSpace(a.Cell.Label()+" "+a.Cell.Cast), s.faint(elapsed))
	for _, step := range a.Steps {
		if !step.Running() {
			continue
		}
		if p, ok := progress[progressKey{a.Cell.ID, step.ID}]; ok {
			line += "  " + s.warn(progressText(p))
		}
		line += "  " + clean(step.Text)
	}
	return s.cut(line, width-1)
}

func (s style) spinner(now time.Time) string {
	frames := []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	if s.ascii {
		frames = []string{"-", "\\", "|", "/"}
	}
	return s.warn(frames[int(now.UnixMilli()/100)%len(frames)])
}

func progressText(p runlog.Progress) string {
	unit := ""
	if p.Unit != "" {
		unit = " " + clean(p.Unit)
	}
	if p.Total <= 0 {
		return fmt.Sprintf("%.4g%s", p.Done, unit)
	}
	return fmt.Sprintf("%.0f%% (%.10g of %.10g%s)", 100*p.Done/p.Total, p.Done, p.Total, unit)
}

func (s style) progressLine(run *runlog.Run, more int, now time.Time, width int) string {
	n := run.Counts()
	total := len(run.Cells)
	done := total - n.Running - n.Waiting
	filled := 0
	if total > 0 {
		filled = barWidth * done / total
	}
	full, empty := "━", "─"
	if s.ascii {
		full, empty = "#", "."
	}
	line := s.good(strings.Repeat(full, filled)) + s.faint(strings.Repeat(empty, barWidth-filled))
	line += fmt.Sprintf(" %d/%d  %s", done, total, seconds(run.Duration(now)))
	if n.Failed > 0 {
		line += "  " + s.bad(fmt.Sprintf("%d failed", n.Failed))
	}
	line += fmt.Sprintf("  %d passed", n.Passed)
	if n.Skipped > 0 {
		line += fmt.Sprintf("  %d skipped", n.Skipped)
	}
	if more > 0 {
		line += fmt.Sprintf("  and %d more run", more)
	}
	return s.cut(line, width-1)
}
