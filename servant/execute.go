package servant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"parley.dev/parley/servant/contract"
)

// abandonGrace is how long a step may take to return once it has been
// cancelled or has exceeded its limit; then it is answered without it.
const abandonGrace = 100 * time.Millisecond

var (
	errStepTimeout = errors.New("the step exceeded its limit")
	errGoexit      = errors.New("the step function ended its goroutine (runtime.Goexit) instead of returning")
)

// stepRun is one step being performed.
type stepRun struct {
	scenario *scenario
	params   contract.ExecuteStep
	limit    time.Duration
	recorder *recorder
	found    []match // the definitions for it
	view     *ScenarioContext
	ended    bool // its function returned; guarded by scenario.mu
}

func (r *stepRun) name() string { return fmt.Sprintf("%q", r.params.Step) }

// perform runs the step and always returns in time, whatever the step does.
// release is called once the step's function has returned.
func (r *stepRun) perform(ctx context.Context, release func()) contract.StepResult {
	r.view = &ScenarioContext{scenario: r.scenario, recorder: r.recorder, shared: r.params.Context}
	start := time.Now()
	status, failure, message := r.attempt(ctx, release)
	logs, attachments := r.recorder.collected()
	result := contract.StepResult{
		Success: status == contract.StatusPassed,
		Context: r.view.changes(), Logs: logs,
		Status: status, ElapsedNs: max(1, time.Since(start).Nanoseconds()),
		Attachments: attachments, Failure: failure,
	}
	if status != contract.StatusPassed {
		result.Error = &message
	}
	return result
}

func (r *stepRun) attempt(ctx context.Context, release func()) (contract.Status, *contract.Failure, string) {
	if refusal := r.refusal(); refusal != nil {
		release()
		return refusal.status, &contract.Failure{Type: refusal.kind, Message: refusal.message}, refusal.message
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.scenario.ctx, func() { cancel(context.Cause(r.scenario.ctx)) })()
	ctx, stopTimer := context.WithTimeoutCause(ctx, r.limit, errStepTimeout)
	defer stopTimer()

	definition := r.found[0].definition
	in, err := definition.bind(context.WithValue(ctx, contextKey{}, r.view), r.found[0].arguments, r.params.Table, r.params.DocString)
	if err != nil {
		release()
		status, failure := verdict(&argumentsError{err})
		return status, failure, err.Error()
	}

	done := make(chan error, 1)
	goroutine := make(chan string, 1)
	go func() {
		defer r.returned(release)
		goroutine <- goroutineHeader()
		definition.invoke(in, done)
	}()
	select {
	case err := <-done:
		return r.conclude(ctx, err, "")
	case <-ctx.Done():
	}
	stack := stackOf(<-goroutine)
	grace := time.NewTimer(abandonGrace)
	defer grace.Stop()
	select {
	case err := <-done:
		return r.conclude(ctx, err, stack)
	case <-grace.C:
		return r.abandon(ctx, stack)
	}
}

type refusal struct {
	status        contract.Status
	kind, message string
}

// refusal says why the step cannot even start, or is nil.
func (r *stepRun) refusal() *refusal {
	if other := r.scenario.stuck(); other != nil {
		return &refusal{contract.StatusFailed, FailureStuck, fmt.Sprintf(
			"step %s still runs after its end; this servant performs no further step of the scenario", other.name())}
	}
	switch len(r.found) {
	case 0:
		return &refusal{contract.StatusUndefined, FailureUndefined, fmt.Sprintf(
			"No matching step definition for %s %s", r.params.StepType, r.name())}
	case 1:
		return nil
	}
	names := make([]string, len(r.found))
	for i, m := range r.found {
		names[i] = m.definition.String()
	}
	return &refusal{contract.StatusAmbiguous, FailureAmbiguous, fmt.Sprintf(
		"Ambiguous step %s: %d definitions match: %s", r.name(), len(names), strings.Join(names, "; "))}
}

// conclude judges a step whose function returned err. stack is where it was
// after its context had ended, "" if it had returned by then.
func (r *stepRun) conclude(ctx context.Context, err error, stack string) (contract.Status, *contract.Failure, string) {
	if cause := context.Cause(ctx); cause != nil {
		switch {
		case errors.Is(cause, errStepTimeout):
			message := fmt.Sprintf("Step execution timeout: %s took longer than its limit of %v", r.name(), r.limit)
			if err != nil {
				message += fmt.Sprintf("; it ended with: %v", err)
			}
			return contract.StatusTimeout, &contract.Failure{Type: contract.FailureTimeout, Message: message, Stack: stack}, message
		case err != nil:
			message := fmt.Sprintf("%v; the step ended with: %v", cause, err)
			return contract.StatusCancelled, nil, message
		}
	}
	if err == nil {
		return contract.StatusPassed, nil, ""
	}
	status, failure := verdict(err)
	message := err.Error()
	if failure == nil {
		// A verdict of its own need not be said again by its reason.
		message = strings.TrimPrefix(message, string(status)+": ")
	}
	return status, failure, message
}

// abandon judges a step that does not return.
func (r *stepRun) abandon(ctx context.Context, stack string) (contract.Status, *contract.Failure, string) {
	r.scenario.mu.Lock()
	if !r.ended {
		r.scenario.abandoned[r] = struct{}{}
	}
	r.scenario.mu.Unlock()
	cause := context.Cause(ctx)
	if errors.Is(cause, errStepTimeout) {
		message := fmt.Sprintf("Step execution timeout: %s took longer than its limit of %v and still runs", r.name(), r.limit)
		return contract.StatusTimeout, &contract.Failure{Type: contract.FailureTimeout, Message: message, Stack: stack}, message
	}
	message := fmt.Sprintf("%v; %s still runs", cause, r.name())
	return contract.StatusCancelled, &contract.Failure{Type: FailureStuck, Message: message, Stack: stack}, message
}

func (r *stepRun) returned(release func()) {
	r.scenario.mu.Lock()
	r.ended = true
	delete(r.scenario.abandoned, r)
	r.scenario.mu.Unlock()
	release()
}

// invoke calls the function and sends what it returned. A panic, and the end of
// the goroutine by runtime.Goexit, are errors.
func (d *Definition) invoke(in []reflect.Value, done chan<- error) {
	returned := false
	var err error
	defer func() {
		if !returned {
			if p := recover(); p != nil {
				err = &panicError{value: p, stack: panicStack(string(debug.Stack()))}
			} else {
				err = errGoexit
			}
		}
		done <- err
	}()
	if out := d.fn.Call(in)[0]; !out.IsNil() {
		err = out.Interface().(error)
	}
	returned = true
}

// panicStack leaves out of a recovered panic's stack what recovered it: the
// frames above and with the runtime's own panic.
func panicStack(stack string) string {
	header, frames, _ := strings.Cut(stack, "\n")
	if _, rest, ok := strings.Cut(frames, "\npanic("); ok {
		_, rest, _ = strings.Cut(rest, "\n") // the call's arguments
		_, rest, _ = strings.Cut(rest, "\n") // its place
		frames = rest
	}
	return header + "\n" + frames
}

// goroutineHeader is how the calling goroutine's section of a full stack dump
// begins: "goroutine 12 ".
func goroutineHeader() string {
	var b [40]byte
	line := b[:runtime.Stack(b[:], false)]
	if at := bytes.IndexByte(line, '['); at > 0 {
		line = line[:at]
	}
	return string(line)
}

// maxStacks bounds the dump of all goroutines that stackOf searches, in bytes.
const maxStacks = 1 << 20

// stackOf returns the stack of the goroutine whose section begins with header,
// or "" when it has ended.
func stackOf(header string) string {
	dump := make([]byte, maxStacks)
	dump = dump[:runtime.Stack(dump, true)]
	for section := range bytes.SplitSeq(dump, []byte("\n\n")) {
		if bytes.HasPrefix(section, []byte(header)) {
			return string(section)
		}
	}
	return ""
}
