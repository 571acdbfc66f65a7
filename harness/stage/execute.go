package stage

import (
	"context"
	"fmt"
	"time"

	"parley.dev/parley/servant/contract"
)

// Clocks are the three clocks of a step. Servant is the servant's own
// measurement, 0 when it gives none; Wire is what remains of Coordinator (from
// sending to the answer), never negative.
type Clocks struct {
	Coordinator, Servant, Wire time.Duration
}

// Execute performs one step. limit is the step's, contract.DefaultStepTimeoutMs
// when 0; a servant that has not answered a grace after it is killed with its
// group and the Failure is a Timeout. When ctx is cancelled, the servant is
// asked to cancel, has a short grace to answer, and is killed then. A contract
// 1.0 servant gets the keys of 1.0 alone, and its answer gets the Status that the
// contract's rules give it: Status is never empty. Undefined, failed and the
// like are results, not errors; errors are *Failure.
func (sv *Servant) Execute(ctx context.Context, p contract.ExecuteStep, limit time.Duration) (*contract.StepResult, Clocks, error) {
	if limit <= 0 {
		limit = contract.DefaultStepTimeoutMs * time.Millisecond
	}
	if p.Context == nil {
		p.Context = map[string]string{}
	}
	if p.Parameters == nil {
		p.Parameters = map[string]any{}
	}
	if sv.health.Legacy() {
		p = p.Legacy()
	} else if p.TimeoutMs == 0 {
		p.TimeoutMs = max(1, limit.Milliseconds())
	}
	var (
		clocks Clocks
		result contract.StepResult
	)
	err := sv.call(ctx, question{
		method: contract.MethodExecuteStep,
		params: []contract.ExecuteStep{p},
		what:   fmt.Sprintf("step %q", shorten(p.Step, 160)),
		limit:  limit,
		grace:  sv.stage.graces.Answer,
		clock:  &clocks.Coordinator,
	}, &result)
	if err != nil {
		return nil, clocks, err
	}
	clocks.Servant = max(0, time.Duration(result.ElapsedNs))
	clocks.Wire = clocks.Coordinator
	if clocks.Servant > 0 {
		clocks.Wire = max(0, clocks.Coordinator-clocks.Servant)
	}
	if err := normalise(&result); err != nil {
		return nil, clocks, sv.spoil(Protocol, fmt.Sprintf("answered step %q with %v", shorten(p.Step, 160), err), err)
	}
	return &result, clocks, nil
}
