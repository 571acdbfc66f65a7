package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	beginSync  = "\x1b[?2026h"
	endSync    = "\x1b[?2026l"
	clearRest  = "\x1b[K"
	clearBelow = "\x1b[J"
)

// screen redraws a region of lines below everything that was printed. The cursor
// rests at the start of the line after the region.
type screen struct {
	drawn  []int // widths of the region's lines as drawn
	hidden bool
}

// frame returns what to write so that text is printed for good and the region
// stands below it. An empty region shows the cursor again. When the terminal has
// become narrower, it has broken the drawn lines; the rows that they take now are
// counted, so that nothing of them stays behind.
func (s *screen) frame(text string, region []string, width, height int) string {
	var b strings.Builder
	b.WriteString(beginSync)
	if len(region) > 0 && !s.hidden {
		b.WriteString(hideCursor)
		s.hidden = true
	}
	rows := 0
	for _, w := range s.drawn {
		rows += max(1, (w+width-1)/max(width, 1))
	}
	b.WriteString("\r")
	if rows = min(rows, max(height-1, 0)); rows > 0 {
		b.WriteString(ansi.CursorUp(rows))
	}
	if text != "" {
		// Cleared before and not after each line: after a line that fills its row,
		// clearing the rest would take its last character.
		b.WriteString(clearBelow + strings.TrimSuffix(text, "\n") + "\n")
	}
	s.drawn = s.drawn[:0]
	for _, line := range region {
		line = ansi.Truncate(line, max(width-1, 0), "")
		b.WriteString(line + clearRest + "\n")
		s.drawn = append(s.drawn, ansi.StringWidth(line))
	}
	b.WriteString(clearBelow)
	if len(region) == 0 && s.hidden {
		b.WriteString(showCursor)
		s.hidden = false
	}
	b.WriteString(endSync)
	return b.String()
}
