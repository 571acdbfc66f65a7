package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/cucumber/godog"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
)

// overlap is a `meanwhile` step that has been sent and not been waited for.
type overlap struct {
	index  int
	done   chan struct{}
	cancel context.CancelCauseFunc

	sent map[string]string

	// Valid once done is closed.
	result  runlog.StepResult
	answers []map[string]string
}

// overlapGrace is how long overlapping steps may go on once their scenario has
// failed: long enough for one that is the cause to say so.
const overlapGrace = time.Second

var errScenarioFailed = errors.New("cancelled: the scenario had failed already")

// cancelReason says why ctx ended, "" while it has not.
func cancelReason(ctx context.Context) string {
	switch {
	case ctx.Err() == nil:
		return ""
	case errors.Is(context.Cause(ctx), errScenarioFailed):
		return errScenarioFailed.Error()
	default:
		return interrupted
	}
}

// start sends step i without waiting for its answer.
func (c *cellRun) start(ctx context.Context, i int) {
	o := &overlap{index: i, done: make(chan struct{}), sent: maps.Clone(c.shared)}
	ctx, o.cancel = context.WithCancelCause(ctx)
	c.mu.Lock()
	c.overlaps = append(c.overlaps, o)
	c.mu.Unlock()
	st := c.plan.Scenario.Steps[i]
	go func() {
		defer close(o.done)
		if st.Route.Kind == plan.ToPack {
			o.result = c.performPack(ctx, st)
			return
		}
		o.result, o.answers = c.ask(ctx, i, o.sent)
	}()
}

// joinBefore waits for the overlapping steps of the servants that st needs, and
// returns what join does. A pack's step waits for none: it acts on processes
// while they are busy.
func (c *cellRun) joinBefore(st *plan.Step) (string, error) {
	if st.Route.Kind == plan.ToPack {
		return "", nil
	}
	wanted := c.plan.Targets(st)
	return c.join(func(o *overlap) bool {
		return slices.ContainsFunc(c.plan.Targets(c.plan.Scenario.Steps[o.index]), func(t plan.Instance) bool {
			return slices.Contains(wanted, t)
		})
	})
}

// joinAll waits for every overlapping step that is still running; of a scenario
// that has failed, not for long.
func (c *cellRun) joinAll() error {
	if runlog.Worst(c.verdicts...).Bad() && c.Attach == nil {
		timer := time.AfterFunc(overlapGrace, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, o := range c.overlaps {
				o.cancel(errScenarioFailed)
			}
		})
		defer timer.Stop()
	}
	_, err := c.join(func(*overlap) bool { return true })
	return err
}

// busy reports whether an instance performs an overlapping step.
func (c *cellRun) busy(inst plan.Instance) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.overlaps, func(o *overlap) bool {
		select {
		case <-o.done:
			return false
		default:
			return slices.Contains(c.plan.Targets(c.plan.Scenario.Steps[o.index]), inst)
		}
	})
}

// join waits for the overlapping steps that match and records them; every step
// has a limit, so the wait ends. It returns the text of one that did not pass,
// and what godog has to see of it; a bad one before a skipped one.
func (c *cellRun) join(match func(*overlap) bool) (failed string, err error) {
	var rest []*overlap
	for _, o := range c.overlaps {
		if !match(o) {
			rest = append(rest, o)
			continue
		}
		<-o.done
		o.cancel(nil)
		c.merge(o.sent, o.answers)
		if e := c.finish(o.index, o.result); e != nil && (err == nil || errors.Is(err, godog.ErrSkip)) {
			failed, err = c.plan.Scenario.Steps[o.index].Text, e
		}
	}
	c.mu.Lock()
	c.overlaps = rest
	c.mu.Unlock()
	return failed, err
}
