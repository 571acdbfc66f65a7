package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

// perform runs the cell's scenario as a godog suite of its own. Steps without a
// definition are not registered and ambiguous ones are registered twice, so that
// undefined and ambiguous are godog's verdicts.
func (c *cellRun) perform(ctx context.Context) {
	sc := c.plan.Scenario
	index := map[string]int{} // godog's step id → position
	handled := map[int]bool{}
	current := 0
	suite := godog.TestSuite{
		Name: c.plan.ID,
		Options: &godog.Options{
			Strict: true, Concurrency: 1, Format: "progress", NoColors: true, Output: io.Discard, DefaultContext: ctx,
			FeatureContents: []godog.Feature{{Name: sc.Feature.URI, Contents: sc.Alone()}},
		},
		ScenarioInitializer: func(s *godog.ScenarioContext) {
			// godog's own context grows with every step; the run's is all a step needs.
			c.register(s, func(context.Context) error {
				switch c.plan.State(current) {
				case plan.StepUndefined:
					return godog.ErrUndefined
				case plan.StepAmbiguous:
					return godog.ErrAmbiguous
				}
				handled[current] = true
				return c.step(ctx, current)
			})
			s.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
				if len(pickle.Steps) != len(sc.Steps) {
					return ctx, fmt.Errorf("internal error: %s was planned with %d steps and parsed with %d", c.plan.ID, len(sc.Steps), len(pickle.Steps))
				}
				for i, st := range pickle.Steps {
					index[st.Id] = i
				}
				return ctx, nil
			})
			s.StepContext().Before(func(ctx context.Context, st *godog.Step) (context.Context, error) {
				current = index[st.Id]
				return ctx, nil
			})
			s.StepContext().After(func(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
				if i, known := index[st.Id]; known && !handled[i] {
					// godog has its own verdict of the step, and it is this one.
					_ = c.finish(i, c.unhandled(i, status, err))
				}
				return ctx, nil
			})
			s.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
				return ctx, c.joinAll()
			})
		},
	}
	status := suite.Run()
	if len(sc.Steps) == 0 {
		c.fail(runlog.Undefined, fmt.Sprintf("the scenario has no steps (%s:%d)", sc.Feature.URI, sc.Line))
		return
	}
	worst := runlog.Worst(c.verdicts...)
	if len(c.verdicts) != len(sc.Steps) || (status == 0) == worst.Bad() {
		c.fail(runlog.Failed, fmt.Sprintf("internal error: godog ends the scenario with status %d, although %d of its %d steps have a verdict and the worst is %s",
			status, len(c.verdicts), len(sc.Steps), cmp.Or(worst, "none")))
	}
}

// wording is what godog tells steps apart by: the text, and the type unless it
// is a step without one, which godog matches with definitions of any type.
type wording struct{ text, stepType string }

func (c *cellRun) wordings() map[wording][]int {
	steps := c.plan.Scenario.Steps
	untyped := map[string]bool{}
	for _, st := range steps {
		untyped[st.Pickle.Text] = untyped[st.Pickle.Text] || st.Pickle.Type == messages.PickleStepType_UNKNOWN
	}
	out := map[wording][]int{}
	for i, st := range steps {
		w := wording{st.Pickle.Text, st.Type}
		if untyped[w.text] {
			w.stepType = ""
		}
		out[w] = append(out[w], i)
	}
	return out
}

// register gives godog one exact-text step per wording that has a definition,
// and two where all steps of that wording are ambiguous. The same words may be
// defined at one place and not at another, when other servants perform them:
// then the handler tells.
func (c *cellRun) register(s *godog.ScenarioContext, handler func(context.Context) error) {
	for w, steps := range c.wordings() {
		all := func(state plan.State) bool {
			return !slices.ContainsFunc(steps, func(i int) bool { return c.plan.State(i) != state })
		}
		n := 1
		switch {
		case all(plan.StepUndefined):
			n = 0
		case all(plan.StepAmbiguous):
			n = 2
		}
		add := map[string]func(any, any){contract.Given: s.Given, contract.When: s.When, contract.Then: s.Then, "": s.Step}[w.stepType]
		expr := regexp.MustCompile(`^` + regexp.QuoteMeta(w.text) + `$`)
		for range n {
			add(expr, handler)
		}
	}
}

// unhandled is the result of a step whose handler never ran.
func (c *cellRun) unhandled(i int, status godog.StepResultStatus, err error) runlog.StepResult {
	st := c.plan.Scenario.Steps[i]
	r := runlog.StepResult{Part: runlog.Part{Role: c.roleOfStep(i)}}
	state := c.plan.State(i)
	switch {
	case state == plan.StepUndefined:
		r.Verdict, r.Error = runlog.Undefined, c.plan.Undefined(st, c.plan.Calls[i])
	case state == plan.StepAmbiguous:
		r.Verdict, r.Error = runlog.Ambiguous, c.plan.Ambiguous(c.plan.Calls[i])
	case status == godog.StepSkipped:
		r.Verdict, r.SkipReason = runlog.Skipped, "a step before it did not pass"
	default:
		r.Verdict, r.Error = runlog.Failed, fmt.Sprintf("internal error: godog says %v: %v", status, err)
	}
	return r
}

func (c *cellRun) roleOfStep(i int) runlog.Role {
	st := c.plan.Scenario.Steps[i]
	if st.Route.Kind == plan.ToPack {
		return runlog.Role{Name: st.Route.Pack}
	}
	if calls := c.plan.Calls[i]; len(calls) == 1 {
		return roleOf(calls[0].Instance)
	}
	return runlog.Role{Name: st.Route.Role}
}
