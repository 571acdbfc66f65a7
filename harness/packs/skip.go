package packs

import "fmt"

// Skip ends a step, and with it its scenario, as skipped: what it needs is not
// here, and nothing has failed.
type Skip struct{ Reason string }

func (s *Skip) Error() string { return s.Reason }

// Skipf returns a *Skip with a reason.
func Skipf(format string, a ...any) error { return &Skip{fmt.Sprintf(format, a...)} }
