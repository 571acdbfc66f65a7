package terminal

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"parley.dev/parley/harness/runlog"
)

// style turns verdicts and texts into what the terminal can show.
type style struct {
	ascii                        bool
	good, bad, warn, faint, bold func(string) string
}

func newStyle(o Options) style {
	plain := func(s string) string { return s }
	s := style{ascii: o.ASCII, good: plain, bad: plain, warn: plain, faint: plain, bold: plain}
	if o.Color {
		paint := func(st lipgloss.Style) func(string) string { return func(s string) string { return st.Render(s) } }
		s.good = paint(lipgloss.NewStyle().Foreground(lipgloss.Green))
		s.bad = paint(lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true))
		s.warn = paint(lipgloss.NewStyle().Foreground(lipgloss.Yellow))
		s.faint = paint(lipgloss.NewStyle().Faint(true))
		s.bold = paint(lipgloss.NewStyle().Bold(true))
	}
	return s
}

// mark is what one place of the matrix shows. Besides the verdicts there are
// expected, running and waiting.
type mark string

const (
	markExpected mark = "failed as expected"
	markRunning  mark = "running"
	markWaiting  mark = "not run"
)

// markOf is the mark of several cells in one place: the worst, with a failure
// that the ledger expects as bad as a flaky cell.
func markOf(cells []*runlog.CellRun) mark {
	var worst runlog.Verdict
	expected, running, waiting := false, false, false
	for _, c := range cells {
		v := c.Verdict()
		switch {
		case v == "":
			last := c.Last()
			if last != nil && last.Running() {
				running = true
			} else {
				waiting = true
			}
		case v.Bad() && !c.Bad():
			expected = true
		default:
			worst = runlog.Worst(worst, v)
		}
	}
	switch {
	case worst.Bad():
		return mark(worst)
	case running:
		return markRunning
	case waiting:
		return markWaiting
	case expected:
		return markExpected
	}
	return mark(worst)
}

// glyph is one column wide. Letters rather than pictures: they are as wide as
// they look, in every font.
func (s style) glyph(m mark) string {
	letter := func(unicode, ascii string) string {
		if s.ascii {
			return ascii
		}
		return unicode
	}
	switch m {
	case mark(runlog.Passed):
		return s.good(letter("✓", "+"))
	case mark(runlog.Failed):
		return s.bad(letter("✗", "x"))
	case mark(runlog.Skipped):
		return s.faint("-")
	case mark(runlog.Flaky):
		return s.warn("~")
	case markExpected:
		return s.warn("e")
	case markRunning:
		return s.warn(letter("•", "*"))
	case markWaiting:
		return s.faint(letter("·", "."))
	case "":
		return " "
	}
	return s.bad(strings.ToUpper(string(m[0])))
}

// marks in the order of the legend.
func marks() []mark {
	var all []mark
	for _, v := range runlog.Verdicts() {
		all = append(all, mark(v))
	}
	return append(all, markExpected, markRunning, markWaiting)
}

// seconds shows a duration of a cell or a run.
func seconds(d time.Duration) string {
	switch {
	case d < 100*time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// clock shows a duration of a step.
func clock(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond))
	}
	return seconds(d)
}

func (s style) clock(d time.Duration) string {
	if s.ascii {
		return strings.Replace(clock(d), "µ", "u", 1)
	}
	return clock(d)
}

// clean makes text of other programs harmless: escape sequences and other
// control characters are shown, not obeyed.
func clean(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '\t':
			b.WriteString("    ")
		case unicode.IsControl(r):
			fmt.Fprintf(&b, "\\x%02x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// firstLine is the first line of a text that is not blank.
func firstLine(text string) string {
	for line := range strings.Lines(clean(text)) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// cut shortens text to width columns.
func (s style) cut(text string, width int) string {
	tail := "…"
	if s.ascii {
		tail = "..."
	}
	if width < ansi.StringWidth(tail) {
		tail = ""
	}
	return ansi.Truncate(text, max(width, 0), tail)
}

// pad fills text with blanks to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-ansi.StringWidth(text), 0))
}
