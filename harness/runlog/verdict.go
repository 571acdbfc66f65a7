package runlog

import (
	"fmt"
	"slices"

	messages "github.com/cucumber/messages/go/v21"
)

// Verdict says how a step or a cell ended. The empty verdict means that it has
// not ended yet.
type Verdict string

// The verdicts. Flaky is for cells alone: passed, but not at the first attempt.
const (
	Passed    Verdict = "passed"
	Skipped   Verdict = "skipped"
	Flaky     Verdict = "flaky"
	Pending   Verdict = "pending"
	Undefined Verdict = "undefined"
	Ambiguous Verdict = "ambiguous"
	Leaked    Verdict = "leaked"
	Failed    Verdict = "failed"
	Timeout   Verdict = "timeout"
	Crashed   Verdict = "crashed"
)

// ordered holds the verdicts, the mildest first.
var ordered = [...]Verdict{Passed, Skipped, Flaky, Pending, Undefined, Ambiguous, Leaked, Failed, Timeout, Crashed}

// Verdicts returns every verdict, the mildest first.
func Verdicts() []Verdict { return slices.Clone(ordered[:]) }

// severity orders verdicts; the empty verdict is below all, an unknown one above.
func (v Verdict) severity() int {
	if v == "" {
		return -1
	}
	if i := slices.Index(ordered[:], v); i >= 0 {
		return i
	}
	return len(ordered)
}

// Worse reports whether v is worse than other.
func (v Verdict) Worse(other Verdict) bool { return v.severity() > other.severity() }

// Worst returns the worst of the verdicts, the empty one when there are none.
func Worst(verdicts ...Verdict) Verdict {
	var worst Verdict
	for _, v := range verdicts {
		if v.Worse(worst) {
			worst = v
		}
	}
	return worst
}

// Bad reports whether the verdict counts against a run: everything but passed,
// flaky, skipped and not ended.
func (v Verdict) Bad() bool { return v.Worse(Flaky) }

func (v Verdict) check() error {
	if slices.Contains(Verdicts(), v) {
		return nil
	}
	return fmt.Errorf("verdict %q is not one of %v", string(v), Verdicts())
}

// status is the nearest verdict that Cucumber knows.
func (v Verdict) status() messages.TestStepResultStatus {
	switch v {
	case "":
		return messages.TestStepResultStatus_UNKNOWN
	case Passed, Flaky:
		return messages.TestStepResultStatus_PASSED
	case Skipped:
		return messages.TestStepResultStatus_SKIPPED
	case Pending:
		return messages.TestStepResultStatus_PENDING
	case Undefined:
		return messages.TestStepResultStatus_UNDEFINED
	case Ambiguous:
		return messages.TestStepResultStatus_AMBIGUOUS
	}
	return messages.TestStepResultStatus_FAILED
}
