// Package terminal shows a run to the person who waits for it: one line per cell
// as it finishes, a live region while cells run (on a terminal), and at the end
// the failures in full, the matrix and a summary, whose last line machines can
// read: "N passed, N failed, N skipped".
package terminal

import (
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Options say how to write.
type Options struct {
	// Color allows colours.
	Color bool
	// ASCII keeps to ASCII in everything that is ours.
	ASCII bool
	// Live shows what runs in a region that is redrawn in place; the output must be
	// a terminal.
	Live bool
	// Verbose shows every step with its role, platform, clocks and logs.
	Verbose bool
	// Size returns the size of the terminal in columns and rows; nil means 80 × 24.
	Size func() (width, height int)
	// Now is the clock of elapsed times; nil means time.Now.
	Now func() time.Time
}

// Detect returns the options that suit the output: colours and the live region
// only on a terminal that can show them, colours not with NO_COLOR, ASCII when
// the locale is not UTF-8.
func Detect(f *os.File, getenv func(string) string) Options {
	fd := int(f.Fd())
	capable := term.IsTerminal(fd) && getenv("TERM") != "dumb"
	return Options{
		Color: capable && getenv("NO_COLOR") == "",
		ASCII: !utf8Locale(getenv),
		Live:  capable,
		Size: func() (int, int) {
			if w, h, err := term.GetSize(fd); err == nil && w > 0 && h > 0 {
				return w, h
			}
			return defaultWidth, defaultHeight
		},
	}
}

const (
	defaultWidth  = 80
	defaultHeight = 24
	// maxMatrixWidth keeps the matrix readable on very wide terminals.
	maxMatrixWidth = 160
)

func (o Options) size() (width, height int) {
	if o.Size == nil {
		return defaultWidth, defaultHeight
	}
	return o.Size()
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// utf8Locale follows the order in which the C library reads the locale.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
