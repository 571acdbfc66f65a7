package servant

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"parley.dev/parley/servant/contract"
)

// Verdicts of their own, alone or wrapped with a reason:
// fmt.Errorf("%w: needs a second disk", ErrSkipped).
var (
	// ErrPending ends a step as pending: defined, and yet to be written.
	ErrPending = errors.New("pending")
	// ErrSkipped ends a step as skipped: it cannot be performed here.
	ErrSkipped = errors.New("skipped")
)

// Types of failures that the SDK itself finds; see contract.Failure.
const (
	FailureAssertion = "AssertionFailed"
	FailureArguments = "InvalidArguments"
	FailurePanic     = "Panic"
	FailureStuck     = "StepStillRunning"
	FailureUndefined = "UndefinedStep"
	FailureAmbiguous = "AmbiguousStep"
)

// Failure is an error that says what a step expected and what came instead.
type Failure struct {
	// Type names the kind of failure; FailureAssertion when empty.
	Type string
	// Message is the sentence that people read.
	Message string
	// Expected and Actual are shown beside each other; both may be empty.
	Expected, Actual string
	// Err is the error behind the failure, if there is one.
	Err error

	stack []uintptr
}

// Error returns the message with expected and actual values.
func (f *Failure) Error() string {
	if f.Expected == "" && f.Actual == "" {
		return f.Message
	}
	return fmt.Sprintf("%s: expected %s, got %s", f.Message, f.Expected, f.Actual)
}

// Unwrap returns the error behind the failure.
func (f *Failure) Unwrap() error { return f.Err }

// Failf fails a step with a message in the manner of fmt.Errorf, %w included.
func Failf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Failure{Type: FailureAssertion, Message: err.Error(), Err: errors.Unwrap(err), stack: callers()}
}

// Mismatch fails a step that compared something: message says what it looked
// at; expected and actual are formatted as fmt.Sprint does.
func Mismatch(message string, expected, actual any) error {
	return &Failure{Type: FailureAssertion, Message: message,
		Expected: fmt.Sprint(expected), Actual: fmt.Sprint(actual), stack: callers()}
}

func callers() []uintptr {
	pcs := make([]uintptr, 16)
	return pcs[:runtime.Callers(3, pcs)]
}

// formatStack lists frames up to the SDK's own call of the step function.
func formatStack(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var b strings.Builder
	for frames := runtime.CallersFrames(pcs); ; {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "reflect.") {
			break
		}
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		if !more {
			break
		}
	}
	return b.String()
}

// panicError is a panic of a step function.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// argumentsError is a step whose arguments do not fit its definition.
type argumentsError struct{ err error }

func (e *argumentsError) Error() string { return e.err.Error() }
func (e *argumentsError) Unwrap() error { return e.err }

// verdict translates a step function's error to the contract.
func verdict(err error) (contract.Status, *contract.Failure) {
	var (
		failure   *Failure
		panicked  *panicError
		arguments *argumentsError
	)
	switch {
	case err == nil:
		return contract.StatusPassed, nil
	case errors.Is(err, ErrPending):
		return contract.StatusPending, nil
	case errors.Is(err, ErrSkipped):
		return contract.StatusSkipped, nil
	case errors.As(err, &failure):
		kind := failure.Type
		if kind == "" {
			kind = FailureAssertion
		}
		return contract.StatusFailed, &contract.Failure{Type: kind, Message: err.Error(),
			Stack: formatStack(failure.stack), Expected: failure.Expected, Actual: failure.Actual}
	case errors.As(err, &panicked):
		return contract.StatusFailed, &contract.Failure{Type: FailurePanic, Message: err.Error(), Stack: panicked.stack}
	case errors.As(err, &arguments):
		return contract.StatusFailed, &contract.Failure{Type: FailureArguments, Message: err.Error()}
	default:
		return contract.StatusFailed, &contract.Failure{Type: typeName(err), Message: err.Error()}
	}
}

// typeName names a foreign error by the type of its innermost cause, which
// says more than the wrappers of fmt and errors do.
func typeName(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "ContextEnded"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
		}
		err = inner
	}
}
