package packs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// Figure is one measured number. Unit is µs, ns, s, frames/s, MB/s, % or empty
// for a ratio.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Figures are what one step measured, as reports show it and as the attachment
// of media type [FiguresMediaType] carries it.
type Figures struct {
	Title   string   `json:"title"`
	Figures []Figure `json:"figures"`
}

// How figures are attached to a step.
const (
	FiguresName      = "figures.json"
	FiguresMediaType = "application/vnd.parley.figures+json"
)

// String is one readable line, like `1024 bytes: p50 12.3 µs, p99 40.1 µs`.
func (f Figures) String() string {
	list := make([]string, len(f.Figures))
	for i, one := range f.Figures {
		list[i] = strings.TrimSpace(fmt.Sprintf("%s %s %s", one.Name, readable(one.Value), one.Unit))
	}
	return f.Title + ": " + strings.Join(list, ", ")
}

// readable has four significant digits, and all that stand before the point.
func readable(v float64) string {
	if math.Abs(v) >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// Report is what a step hands to the reports besides its verdict. A nil Report
// takes everything and keeps nothing.
type Report struct {
	mu      sync.Mutex
	lines   []string
	figures []Figures
}

// Log adds a line at information level.
func (r *Report) Log(format string, a ...any) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, a...))
}

// Measured attaches figures and logs their line.
func (r *Report) Measured(f Figures) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, f.String())
	r.figures = append(r.figures, f)
}

// Lines returns what was logged, in order.
func (r *Report) Lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines
}

// Figures returns what was measured, in order.
func (r *Report) Figures() []Figures {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.figures
}
