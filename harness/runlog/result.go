package runlog

import (
	"cmp"
	"fmt"
	"time"
)

// LogLine is one line that a servant logged or wrote to standard error.
type LogLine struct {
	Time time.Time `json:"time"`
	// Level is trace, debug, info, warn, error or critical; empty for standard error.
	Level string `json:"level,omitempty"`
	// Source is SourceLog or SourceStderr.
	Source string `json:"source"`
	// Role is the role whose process wrote it, as Role.String writes it.
	Role string `json:"role,omitempty"`
	Text string `json:"text"`
}

// Sources of a LogLine.
const (
	SourceLog    = "log"
	SourceStderr = "stderr"
)

// Attachment is data that a step hands to the reports.
type Attachment struct {
	Name      string
	MediaType string
	Body      []byte
	// Role is the role whose process made it, as Role.String writes it.
	Role string
}

// Part is what one process did in a step. Coordinator is the time from send to
// answer, Servant what the servant measured (0 when it does not measure), Wire
// the difference.
type Part struct {
	Role        Role          `json:"role"`
	Verdict     Verdict       `json:"verdict"`
	Error       string        `json:"error,omitempty"`
	FailureType string        `json:"failureType,omitempty"`
	Expected    string        `json:"expected,omitempty"`
	Actual      string        `json:"actual,omitempty"`
	Stack       string        `json:"stack,omitempty"`
	Coordinator time.Duration `json:"coordinatorNs"`
	Servant     time.Duration `json:"servantNs"`
	Wire        time.Duration `json:"wireNs"`
	// Stray is what the process wrote to standard output outside of the protocol.
	Stray string `json:"stray,omitempty"`
}

// StepResult is how a step ended. A step of one process fills Part. A step of
// several processes (broadcast, two processes of a role) fills Parts, one per
// process; what it leaves empty of its own Verdict, Error and clocks is taken
// from the worst part and the slowest.
type StepResult struct {
	// Cell and Step are the ids of the plan.
	Cell string `json:"-"`
	Step string `json:"-"`
	Part
	// SkipReason is why a skipped step did not run.
	SkipReason string `json:"skipReason,omitempty"`
	Parts      []Part `json:"parts,omitempty"`

	Logs        []LogLine    `json:"-"`
	Attachments []Attachment `json:"-"`
}

// Processes returns what each process did: Parts, or the one part that the
// result itself is.
func (r StepResult) Processes() []Part {
	if len(r.Parts) > 0 {
		return r.Parts
	}
	return []Part{r.Part}
}

// summarised fills what a step of several processes left empty, and checks the verdicts.
func (r StepResult) summarised() (StepResult, error) {
	var worst, slowest Part
	for _, p := range r.Parts {
		if err := p.Verdict.check(); err != nil {
			return r, fmt.Errorf("in %s: %w", p.Role, err)
		}
		if p.Verdict.Worse(worst.Verdict) {
			worst = p
		}
		if p.Coordinator > slowest.Coordinator {
			slowest = p
		}
	}
	if worst.Verdict.Worse(r.Verdict) {
		r.Verdict = worst.Verdict
	}
	if worst.Verdict.Bad() && r.Error == "" {
		r.Error, r.FailureType = worst.Error, worst.FailureType
		r.Expected, r.Actual, r.Stack = worst.Expected, worst.Actual, worst.Stack
	}
	r.Role.Name = cmp.Or(r.Role.Name, worst.Role.Name)
	r.Role.Platform = cmp.Or(r.Role.Platform, worst.Role.Platform)
	if r.Coordinator == 0 {
		r.Coordinator, r.Servant, r.Wire = slowest.Coordinator, slowest.Servant, slowest.Wire
	}
	return r, r.Verdict.check()
}

// ProcessUse is what one process of a cell used.
type ProcessUse struct {
	Role Role          `json:"role"`
	PID  int           `json:"pid"`
	CPU  time.Duration `json:"cpuNs"`
	// PeakRSS is the largest resident set, in bytes.
	PeakRSS     uint64 `json:"peakRssBytes"`
	Descriptors int    `json:"descriptors"`
	Threads     int    `json:"threads"`
}

// CellResult is how one attempt at a cell ended.
type CellResult struct {
	Cell    string  `json:"-"`
	Verdict Verdict `json:"verdict"`
	// Reason is why, when no step says it: why it was skipped, what leaked, what
	// went wrong between steps.
	Reason   string        `json:"reason,omitempty"`
	Duration time.Duration `json:"durationNs"`
	Notes    []string      `json:"notes,omitempty"`
	// Expected is the ledger's reason for a failure that it expects; the verdict
	// stays what it is, and the cell does not count against the run.
	Expected string `json:"expected,omitempty"`
	// WillBeRetried announces a further attempt: CellStarted for the same cell.
	WillBeRetried bool `json:"willBeRetried,omitempty"`

	Resources []ProcessUse `json:"-"`
	// Leaks are what the cell left behind, one line each.
	Leaks []string `json:"-"`
}

// Servant is a process that was started to play roles.
type Servant struct {
	Platform string `json:"platform"`
	// Role is the role it was started for; it may play others later.
	Role     string `json:"role,omitempty"`
	PID      int    `json:"pid"`
	SDK      string `json:"sdk,omitempty"`
	Contract string `json:"contract,omitempty"`
	// Ready is the time from start to its first answer to health.
	Ready time.Duration `json:"readyNs"`
}

// Progress is how far a long step has come. It is shown live and never written.
type Progress struct {
	Cell  string
	Step  string
	Role  Role
	Done  float64
	Total float64
	Unit  string
}

// OutcomeKind says how a run ended.
type OutcomeKind string

// The outcomes. OutcomeIncomplete is for readers alone: the log has no end, its
// writer was killed.
const (
	OutcomePassed      OutcomeKind = "passed"
	OutcomeFailed      OutcomeKind = "failed"
	OutcomeInterrupted OutcomeKind = "interrupted"
	OutcomeAborted     OutcomeKind = "aborted"
	OutcomeIncomplete  OutcomeKind = "incomplete"
)

// Outcome is how a run ended and why. Problems are what counts against the run
// besides its cells, one line each: a servant that would not start, an entry of
// the ledger that matches nothing.
type Outcome struct {
	Kind     OutcomeKind `json:"kind"`
	Message  string      `json:"message,omitempty"`
	Problems []string    `json:"problems,omitempty"`
	// At is when; the zero time means now.
	At time.Time `json:"at"`
}
