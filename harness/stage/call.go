package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/servant/contract"
)

// question is one request.
type question struct {
	method string
	params any           // nil: []
	limit  time.Duration // for the answer
	grace  time.Duration // on top of limit, before the servant is given up
	what   string        // in messages, the method when empty
	kind   Kind          // of a servant that does not answer; Timeout or Exited when empty
	clock  *time.Duration
}

func (q question) doing() string {
	if q.what != "" {
		return q.what
	}
	return q.method
}

// call asks the servant and decodes the answer into result, which may be nil.
// Its errors are *Failure; after all but BrokenRPC the servant is on its way to
// its end.
func (sv *Servant) call(ctx context.Context, q question, result any) error {
	if f := sv.spoilt.Load(); f != nil && f.Kind != BrokenRPC {
		return sv.failure(Killed, fmt.Sprintf("cannot do %s: it was given up before, because it %s", q.doing(), f.What), f)
	}
	if q.params == nil {
		q.params = []struct{}{}
	}
	limit := q.limit + q.grace
	deadline := time.Now().Add(limit)
	asked, err := sv.wire.ask(ctx, q.method, q.params, deadline)
	measure := func() {
		if q.clock != nil {
			*q.clock = time.Since(asked.sent)
		}
	}
	if err != nil {
		measure()
		return sv.unsent(ctx, q, err)
	}
	until, stop := context.WithDeadline(ctx, deadline)
	defer stop()
	var raw json.RawMessage
	err = asked.waiter.Wait(until, &raw)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if ctx.Err() == nil {
			measure()
			return sv.unanswered(q)
		}
		err = sv.cancelled(ctx, asked, &raw, deadline)
	}
	measure()
	if err != nil {
		return sv.explain(q, err)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return sv.spoil(Protocol, fmt.Sprintf("answered %s with something else than the contract says (%v): %s", q.doing(), err, quote(raw)), err)
	}
	return nil
}

// cancelled asks the servant to end the request early and waits a little for
// the answer. It returns what Waiter.Wait returns, or a *Failure.
func (sv *Servant) cancelled(ctx context.Context, asked pending, raw *json.RawMessage, deadline time.Time) error {
	cause := context.Cause(ctx)
	giveUp := sv.failure(Killed, "was ended because the run was cancelled", cause)
	if !sv.health.Can(contract.CapCancel) {
		return giveUp
	}
	grace := time.Now().Add(sv.stage.graces.Cancel)
	if deadline.Before(grace) {
		grace = deadline
	}
	if sv.wire.cancel(asked, grace) != nil {
		return giveUp
	}
	until, stop := context.WithDeadline(context.Background(), grace)
	defer stop()
	defer context.AfterFunc(sv.stage.hurry, stop)()
	err := asked.waiter.Wait(until, raw)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return giveUp
	}
	return err
}

// unsent explains a request that the servant did not take.
func (sv *Servant) unsent(ctx context.Context, q question, err error) error {
	var w *writeError
	switch {
	case errors.As(err, &w) && errors.Is(err, os.ErrDeadlineExceeded):
		if ctx.Err() != nil {
			return sv.spoil(Killed, "was ended because the run was cancelled", context.Cause(ctx))
		}
		return sv.spoil(Timeout, fmt.Sprintf("did not read its standard input: it took %d of the %d bytes of %s within %v",
			w.taken, w.size, q.doing(), q.limit), err)
	case errors.As(err, &w) && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed):
		return sv.spoil(Protocol, fmt.Sprintf("could not be asked for %s: %v", q.doing(), err), err)
	case errors.As(err, &w):
		if sv.waitSettled() {
			return sv.endedEarly(q)
		}
		return sv.spoil(Protocol, "closed its standard input during "+q.doing(), err)
	}
	return sv.explain(q, err)
}

// unanswered explains a request whose limit and grace have passed.
func (sv *Servant) unanswered(q question) error {
	kind := Timeout
	if q.kind != "" {
		kind = q.kind
	}
	return sv.spoil(kind, fmt.Sprintf("did not answer %s within %v", q.doing(), q.limit), context.DeadlineExceeded)
}

// explain turns an error of the connection into a Failure that names the cause.
func (sv *Servant) explain(q question, err error) error {
	var (
		given *Failure
		rpc   *jsonrpc2.Error
	)
	switch {
	case errors.As(err, &given):
		return sv.giveUp(given)
	case errors.As(err, &rpc):
		return sv.spoil(BrokenRPC, fmt.Sprintf("answered %s with the JSON-RPC error %d%s: %s", q.doing(), rpc.Code, rpcName(rpc.Code), shorten(rpc.Message, 300)), err)
	}
	var (
		bad  *violation
		half *halfFrame
	)
	reason := sv.wire.stream.reason()
	switch {
	case errors.As(reason, &bad):
		return sv.spoil(Protocol, fmt.Sprintf("broke the protocol during %s: it %v", q.doing(), bad), bad)
	case errors.As(reason, &half):
		if sv.waitSettled() && sv.exit.Signal != 0 {
			return sv.endedEarly(q)
		}
		return sv.spoil(Protocol, fmt.Sprintf("broke the protocol during %s: %v: …%s", q.doing(), half, quote(half.came)), half)
	case sv.waitSettled():
		return sv.endedEarly(q)
	case reason == nil:
		return sv.spoil(Protocol, fmt.Sprintf("could not be asked for %s: %v", q.doing(), err), err)
	}
	return sv.spoil(Protocol, fmt.Sprintf("closed its standard output during %s", q.doing()), err)
}

// endedEarly explains a servant that has ended instead of answering.
func (sv *Servant) endedEarly(q question) error {
	sv.mu.Lock()
	killed := sv.asked != 0 || sv.reason != ""
	sv.mu.Unlock()
	switch {
	case q.kind != "":
		return sv.spoil(q.kind, fmt.Sprintf("did not answer %s within %v", q.doing(), q.limit), nil)
	case killed:
		return sv.spoil(Killed, "did not answer "+q.doing(), nil)
	}
	return sv.spoil(Exited, "did not answer "+q.doing(), nil)
}

// waitSettled waits until the process has ended and its output was read, for
// as long as that takes when its pipes are already closed.
func (sv *Servant) waitSettled() bool {
	limit := time.NewTimer(sv.stage.graces.Settle)
	defer limit.Stop()
	select {
	case <-sv.settled:
		return true
	case <-limit.C:
		return false
	}
}

// spoil makes a Failure and gives the servant up.
func (sv *Servant) spoil(kind Kind, what string, err error) error {
	return sv.giveUp(sv.failure(kind, what, err))
}

// giveUp remembers that the servant cannot be used any more and, unless it
// still answers orderly, kills it.
func (sv *Servant) giveUp(f *Failure) *Failure {
	sv.spoilt.CompareAndSwap(nil, f)
	if f.Kind != BrokenRPC && sv.alive() {
		if old := sv.spoilt.Load(); old.Kind == BrokenRPC {
			sv.spoilt.CompareAndSwap(old, f)
		}
		sv.kill("by the coordinator, because it " + f.What)
	}
	return f
}

func (sv *Servant) failure(kind Kind, what string, err error) *Failure {
	f := &Failure{Kind: kind, Platform: sv.platform, Role: sv.Role(), PID: sv.proc.PID(), What: what, Err: err,
		Ended: sv.Ended(), Hint: sv.stage.hintFor(kind, sv.platform)}
	f.LastLine, f.LastFrom = sv.out.Last()
	return f
}

func rpcName(code int64) string {
	switch code {
	case jsonrpc2.CodeParseError:
		return " (unparsable)"
	case jsonrpc2.CodeInvalidRequest:
		return " (not a request)"
	case jsonrpc2.CodeMethodNotFound:
		return " (unknown method)"
	case jsonrpc2.CodeInvalidParams:
		return " (wrong params)"
	case jsonrpc2.CodeInternalError:
		return " (internal error)"
	}
	return ""
}
