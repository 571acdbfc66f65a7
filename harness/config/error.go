package config

import "fmt"

// Error is a mistake in the configuration, with its place. Line and Column
// count from 1; 0 means the file as a whole.
type Error struct {
	Path         string
	Line, Column int
	Detail, Hint string
}

func (e *Error) Error() string {
	s := e.Path
	if e.Line > 0 {
		s = fmt.Sprintf("%s:%d:%d", s, e.Line, e.Column)
	}
	s += ": " + e.Detail
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}
