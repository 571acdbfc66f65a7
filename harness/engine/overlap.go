package engine

import (
	"context"
	"maps"
	"slices"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
)

// overlap is a `meanwhile` step that has been sent and not been waited for.
type overlap struct {
	index int
	done  chan struct{}

	// Valid once done is closed.
	result  runlog.StepResult
	answers []map[string]string
}

// start sends step i without waiting for its answer.
func (c *cellRun) start(ctx context.Context, i int) {
	o := &overlap{index: i, done: make(chan struct{})}
	c.overlaps = append(c.overlaps, o)
	shared := maps.Clone(c.shared)
	st := c.plan.Scenario.Steps[i]
	go func() {
		defer close(o.done)
		if st.Route.Kind == plan.ToPack {
			o.result = c.performPack(ctx, st)
			return
		}
		o.result, o.answers = c.ask(ctx, i, shared)
	}()
}

// joinBefore waits for the overlapping steps of the servants that st needs, and
// returns the text of one that did not pass. A pack's step waits for none: it
// acts on processes while they are busy.
func (c *cellRun) joinBefore(ctx context.Context, st *plan.Step) string {
	if st.Route.Kind == plan.ToPack {
		return ""
	}
	wanted := c.plan.Targets(st)
	return c.join(ctx, func(o *overlap) bool {
		return slices.ContainsFunc(c.plan.Targets(c.plan.Scenario.Steps[o.index]), func(t plan.Instance) bool {
			return slices.Contains(wanted, t)
		})
	})
}

// joinAll waits for every overlapping step that is still running.
func (c *cellRun) joinAll(ctx context.Context) {
	c.join(ctx, func(*overlap) bool { return true })
}

// join waits for the overlapping steps that match and records them; every step
// has a limit, so the wait ends. It returns the text of the first that did not
// pass.
func (c *cellRun) join(_ context.Context, match func(*overlap) bool) string {
	failed := ""
	var rest []*overlap
	for _, o := range c.overlaps {
		if !match(o) {
			rest = append(rest, o)
			continue
		}
		<-o.done
		c.merge(o.answers)
		c.finish(o.index, o.result)
		if o.result.Verdict.Bad() && failed == "" {
			failed = c.plan.Scenario.Steps[o.index].Text
		}
	}
	c.overlaps = rest
	return failed
}
