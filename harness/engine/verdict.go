package engine

import (
	"context"
	"errors"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/probe"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

func roleOf(i plan.Instance) runlog.Role {
	return runlog.Role{Name: i.Role, Instance: i.Number, Platform: i.Platform}
}

// verdictOf says what a servant's failure means for its cell.
func verdictOf(err error) runlog.Verdict {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		worst := runlog.Failed
		for _, e := range several.Unwrap() {
			worst = runlog.Worst(worst, verdictOf(e))
		}
		return worst
	}
	var f *stage.Failure
	if !errors.As(err, &f) {
		return runlog.Failed
	}
	switch {
	case f.Kind == stage.Exited, f.Kind == stage.StartFailed:
		return runlog.Crashed
	case f.Kind == stage.Timeout, f.Kind == stage.HandshakeFailed && errors.Is(err, context.DeadlineExceeded):
		return runlog.Timeout
	case f.Kind == stage.HandshakeFailed && f.Ended != "":
		return runlog.Crashed
	default:
		return runlog.Failed
	}
}

// failedPart records a call without a result. A step whose process the scenario
// itself ends while the step is performed has passed: its end is what the
// scenario wants.
func failedPart(p *runlog.Part, err error, cancelled string, endExpected bool) {
	var f *stage.Failure
	errors.As(err, &f)
	switch {
	case cancelled != "":
		p.Verdict, p.Error = runlog.Skipped, cancelled
	case f != nil && f.Kind == stage.Killed && endExpected:
		p.Verdict = runlog.Passed
	default:
		p.Verdict, p.Error = verdictOf(err), err.Error()
		if f != nil {
			p.FailureType = string(f.Kind)
		}
	}
}

// resultPart records a servant's answer.
func resultPart(p *runlog.Part, r *contract.StepResult, cancelled string) {
	switch r.Status {
	case contract.StatusPassed:
		p.Verdict = runlog.Passed
	case contract.StatusUndefined:
		p.Verdict = runlog.Undefined
	case contract.StatusAmbiguous:
		p.Verdict = runlog.Ambiguous
	case contract.StatusPending:
		p.Verdict = runlog.Pending
	case contract.StatusSkipped:
		p.Verdict = runlog.Skipped
	case contract.StatusTimeout:
		p.Verdict = runlog.Timeout
	case contract.StatusCancelled:
		if cancelled != "" {
			p.Verdict, p.Error = runlog.Skipped, cancelled
			return
		}
		p.Verdict, p.Error = runlog.Failed, "the servant says that the step was cancelled, which nobody asked for"
	default:
		p.Verdict = runlog.Failed
	}
	if r.Error != nil {
		p.Error = *r.Error
	}
	if f := r.Failure; f != nil {
		p.FailureType, p.Expected, p.Actual, p.Stack = f.Type, f.Expected, f.Actual, f.Stack
		if p.Error == "" {
			p.Error = f.Message
		}
	}
	if p.Verdict != runlog.Passed && p.Error == "" {
		p.Error = "the servant gives no reason"
	}
}

func withUse(u runlog.ProcessUse, s probe.Use) runlog.ProcessUse {
	u.CPU, u.PeakRSS, u.Descriptors, u.Threads = s.CPU, s.PeakRSS, s.Descriptors, s.Threads
	return u
}
