package runlog

import (
	"fmt"
	"slices"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// Run is what a run log says. The zero value is an empty run that Apply fills.
// A Run is not safe for concurrent use.
type Run struct {
	Info     RunInfo
	Meta     *messages.Meta
	Features []*Feature
	// Cells are in plan order.
	Cells    []*CellRun
	Servants []Servant
	Started  time.Time
	// Finished is zero while the run goes on, and for a log without an end.
	Finished time.Time
	// Outcome is nil until the run has ended; Read puts OutcomeIncomplete when the
	// log has no end.
	Outcome *Outcome
	// Torn is the broken last line of the log; nil when it is whole.
	Torn *Torn

	success   bool
	lastSeen  time.Time
	byCase    map[string]*CellRun
	byStarted map[string]*Attempt
	byURI     map[string]*Feature
}

// CellRun is a cell and its attempts.
type CellRun struct {
	Cell
	Attempts []*Attempt
	// Document is the feature's; nil when the log holds none.
	Document *messages.GherkinDocument

	positions map[string]int // test step id → position in Cell.Steps
}

// Attempt is one run of a cell.
type Attempt struct {
	// ID is the testCaseStarted id in the log.
	ID   string
	Cell *CellRun
	// Number counts from 1.
	Number   int
	Started  time.Time
	Finished time.Time
	// Result is nil while the cell runs.
	Result *CellResult
	// Steps has one entry per step of the cell, in order.
	Steps []*StepRun
}

// StepRun is a step in an attempt.
type StepRun struct {
	Step
	Started  time.Time
	Finished time.Time
	// Result is nil until the step has ended.
	Result *StepResult
}

// Running reports whether the step was sent and has not ended.
func (s *StepRun) Running() bool { return !s.Started.IsZero() && s.Finished.IsZero() }

// Verdict is the step's verdict, empty until it has ended.
func (s *StepRun) Verdict() Verdict {
	if s.Result == nil || s.Finished.IsZero() {
		return ""
	}
	return s.Result.Verdict
}

// Running reports whether the attempt has not ended.
func (a *Attempt) Running() bool { return a.Finished.IsZero() }

// Failures returns the steps that ended badly, in the order of the scenario.
func (a *Attempt) Failures() []*StepRun {
	var bad []*StepRun
	for _, s := range a.Steps {
		if s.Verdict().Bad() {
			bad = append(bad, s)
		}
	}
	return bad
}

// Last returns the last attempt, nil before the first.
func (c *CellRun) Last() *Attempt {
	if len(c.Attempts) == 0 {
		return nil
	}
	return c.Attempts[len(c.Attempts)-1]
}

// Result is the result of the cell: of its last attempt. It is nil until the cell
// has ended, also between two attempts.
func (c *CellRun) Result() *CellResult {
	last := c.Last()
	if last == nil || last.Running() || last.Result == nil || last.Result.WillBeRetried {
		return nil
	}
	return last.Result
}

// Verdict is the cell's verdict, empty until it has ended.
func (c *CellRun) Verdict() Verdict {
	if r := c.Result(); r != nil {
		return r.Verdict
	}
	return ""
}

// Reason is why the cell was skipped or, when no step says it, went wrong.
func (c *CellRun) Reason() string {
	if r := c.Result(); r != nil && r.Reason != "" {
		return r.Reason
	}
	return c.Skip
}

// Bad reports whether the cell counts against the run: its verdict is bad and
// the ledger does not expect it.
func (c *CellRun) Bad() bool {
	r := c.Result()
	return r != nil && r.Verdict.Bad() && r.Expected == ""
}

// Counts are cells by how they count for the run.
type Counts struct {
	// Passed includes flaky cells and those that failed as the ledger expects.
	Passed, Failed, Skipped int
	// Running and Waiting are cells that have not ended.
	Running, Waiting int
	// Expected are the failures that the ledger expects; part of Passed.
	Expected int
	// Verdicts counts the cells that ended by verdict.
	Verdicts map[Verdict]int
}

// Counts counts the cells.
func (r *Run) Counts() Counts {
	n := Counts{Verdicts: map[Verdict]int{}}
	for _, c := range r.Cells {
		v := c.Verdict()
		switch {
		case v == "":
			if last := c.Last(); last != nil && last.Running() {
				n.Running++
			} else {
				n.Waiting++
			}
			continue
		case c.Bad():
			n.Failed++
		case v == Skipped:
			n.Skipped++
		default:
			n.Passed++
		}
		if v.Bad() && !c.Bad() {
			n.Expected++
		}
		n.Verdicts[v]++
	}
	return n
}

// Passed reports whether the run passed: it has an end that says so, and no cell
// counts against it or never ended.
func (r *Run) Passed() bool {
	n := r.Counts()
	return r.success && r.Outcome != nil && r.Outcome.Kind == OutcomePassed && n.Failed+n.Running+n.Waiting == 0
}

// Casts returns the casts of the run in order of first appearance.
func (r *Run) Casts() []string {
	var casts []string
	seen := map[string]bool{}
	for _, c := range r.Cells {
		if !seen[c.Cast] {
			seen[c.Cast] = true
			casts = append(casts, c.Cast)
		}
	}
	return casts
}

// Duration is the time from the start of the run to its end; to now when it goes
// on; and to the last thing that its log tells when that has no end.
func (r *Run) Duration(now time.Time) time.Duration {
	switch {
	case r.Started.IsZero():
		return 0
	case r.Finished.IsZero() && r.Outcome != nil:
		return r.lastSeen.Sub(r.Started)
	case r.Finished.IsZero():
		return now.Sub(r.Started)
	}
	return r.Finished.Sub(r.Started)
}

// Attempt finds an attempt by its testCaseStarted id, and the cell's step by the
// id of its test step: nil for an empty id and for the hook.
func (r *Run) Attempt(startedID, testStepID string) (*Attempt, *StepRun) {
	a := r.byStarted[startedID]
	if a == nil {
		return nil, nil
	}
	if i, ok := a.Cell.positions[testStepID]; ok {
		return a, a.Steps[i]
	}
	return a, nil
}

// CellByID finds a cell by its id in the plan, nil when there is none.
func (r *Run) CellByID(id string) *CellRun {
	if i := slices.IndexFunc(r.Cells, func(c *CellRun) bool { return c.ID == id }); i >= 0 {
		return r.Cells[i]
	}
	return nil
}

func (r *Run) attempt(startedID string) (*Attempt, error) {
	if a := r.byStarted[startedID]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("testCaseStarted %q is not in the log", startedID)
}
