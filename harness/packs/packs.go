// Package packs holds the steps that the coordinator performs itself. A pack is
// a named list of step definitions; each works on the running cell through the
// small Cell interface, so that packs know neither engine nor stage.
package packs

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"parley.dev/parley/servant/contract"
)

// Process is a servant of the running cell as packs see it.
type Process interface {
	PID() int
	// Signal sends sig to the whole process group. An end by SIGKILL or SIGSEGV
	// counts as the scenario's wish from then on.
	Signal(sig syscall.Signal) error
	// Exited is closed once the process is gone and reaped.
	Exited() <-chan struct{}
	// Ended says how it ended.
	Ended() string
}

// Cell is the running cell as packs see it.
type Cell interface {
	// Resource returns the name under which the cell's servants create what the
	// scenario calls name.
	Resource(name string) string
	// Process returns the servant that plays an instance (from 1) of a role.
	Process(role string, instance int) (Process, error)
	// Restart ends that servant and starts a fresh one in its place.
	Restart(ctx context.Context, role string, instance int) error
	// RunAs ends that servant and starts one in its place that runs as a user of
	// this machine. Where that cannot be, the error is a *Skip with the reason.
	RunAs(ctx context.Context, role string, instance int, user string) error
	// Owns reports whether a file of this name in /dev/shm or /tmp/zerobuffer was
	// made by the cell: it carries the cell's own names.
	Owns(file string) bool
	// AtEnd registers what must be undone when the cell ends, however it does.
	// The last one registered is the first one called, before the servants clean
	// up.
	AtEnd(undo func() error)
	// Notes is the cell's own memory, for steps that compare with earlier ones.
	// Overlapping steps may use it at the same time.
	Notes() *sync.Map
}

// Call is one step to perform. Role and Instances are those the step names,
// Table is nil without one.
type Call struct {
	Cell      Cell
	Role      string
	Instances []int
	Args      []string
	Table     *contract.Table
	Report    *Report
}

// Int returns the argument at i as a whole number.
func (c Call) Int(i int) (int64, error) {
	n, err := strconv.ParseInt(c.Args[i], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("'%s' is no whole number", c.Args[i])
	}
	return n, nil
}

// Uint returns the argument at i as a number from 0 to 2^64-1.
func (c Call) Uint(i int) (uint64, error) {
	n, err := strconv.ParseUint(c.Args[i], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("'%s' is no number from 0 to %d", c.Args[i], uint64(math.MaxUint64))
	}
	return n, nil
}

// Seconds returns the argument at i, in seconds, as a duration.
func (c Call) Seconds(i int) (time.Duration, error) {
	s, err := strconv.ParseFloat(c.Args[i], 64)
	if err != nil || s < 0 {
		return 0, fmt.Errorf("'%s' is no number of seconds", c.Args[i])
	}
	return time.Duration(s * float64(time.Second)), nil
}

// Mismatch is a check that found something else than the step says.
type Mismatch struct{ What, Expected, Actual string }

func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s: expected %s, got %s", m.What, m.Expected, m.Actual)
}

// Definition is one step of a pack. Pattern is anchored on both sides.
type Definition struct {
	Pattern string
	Summary string
	Run     func(ctx context.Context, c Call) error
	// Changes is true when the step does something, or measures; others only look,
	// and `within 'N' seconds` repeats them until they pass.
	Changes bool
}

// Pack is a named list of steps.
type Pack struct {
	Name  string
	Steps []Definition
}

// Set is the packs of a run, ready to match.
type Set struct {
	entries []entry
}

type entry struct {
	pack string
	def  Definition
	expr *regexp.Regexp
}

// NewSet compiles packs. It panics on a pattern that is no regular expression:
// packs are part of the program.
func NewSet(list ...Pack) *Set {
	s := &Set{}
	for _, p := range list {
		for _, d := range p.Steps {
			s.entries = append(s.entries, entry{p.Name, d, regexp.MustCompile(`^(?:` + d.Pattern + `)$`)})
		}
	}
	return s
}

// Match returns the definition for a step's text with the captured arguments.
func (s *Set) Match(text string) (Definition, []string, bool) {
	i, args := s.find(text)
	if i < 0 {
		return Definition{}, nil, false
	}
	return s.entries[i].def, args, true
}

// MatchPack returns the name of the pack that defines a step's text, and the
// definition's pattern.
func (s *Set) MatchPack(text string) (pack, pattern string, ok bool) {
	i, _ := s.find(text)
	if i < 0 {
		return "", "", false
	}
	return s.entries[i].pack, s.entries[i].def.Pattern, true
}

// Packs returns the packs in the order given to NewSet.
func (s *Set) Packs() []Pack {
	var out []Pack
	for _, e := range s.entries {
		i := slices.IndexFunc(out, func(p Pack) bool { return p.Name == e.pack })
		if i < 0 {
			out = append(out, Pack{Name: e.pack})
			i = len(out) - 1
		}
		out[i].Steps = append(out[i].Steps, e.def)
	}
	return out
}

func (s *Set) find(text string) (int, []string) {
	for i, e := range s.entries {
		if m := e.expr.FindStringSubmatch(text); m != nil {
			return i, m[1:]
		}
	}
	return -1, nil
}
