package engine

import (
	"context"
	"fmt"
	"time"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// Unlimited stands for no limit. It is the longest time, in whole days, whose
// milliseconds fit the signed 32 bits of some languages' timers.
const Unlimited = 24 * 24 * time.Hour

// Attach lets a debugger come to the servants of one role before the scenario
// begins. While it is set no step has a limit: somebody may stand at a breakpoint.
type Attach struct {
	Role string
	Env  []string // added to the environment of the role's servants
	// Await returns once the servant may go on. It is called for each instance of
	// the role, also for one that a restart puts in another's place, and gives up
	// when ctx is done or the servant has ended.
	Await func(ctx context.Context, who plan.Instance, sv *stage.Servant) error
}

// wants reports whether the servants of a role are waited for.
func (a *Attach) wants(role string) bool { return a != nil && a.Role == role }

// awaitDebugger waits until a player's servant may go on.
func (c *cellRun) awaitDebugger(ctx context.Context, p *player) error {
	if !c.Attach.wants(p.Role) {
		return nil
	}
	if err := c.Attach.Await(ctx, p.Instance, p.servant); err != nil {
		return fmt.Errorf("attach to %s: %w", p.Instance, err)
	}
	return nil
}
