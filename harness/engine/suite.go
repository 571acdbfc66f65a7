package engine

import (
	"context"
	"fmt"
	"io"
	"regexp"

	"github.com/cucumber/godog"

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
				if i := index[st.Id]; !handled[i] {
					c.finish(i, c.unhandled(i, status, err))
				}
				return ctx, nil
			})
		},
	}
	status := suite.Run()
	c.joinAll(ctx)
	if len(sc.Steps) == 0 {
		c.fail(runlog.Undefined, fmt.Sprintf("the scenario has no steps (%s:%d)", sc.Feature.URI, sc.Line))
		return
	}
	if status != 0 && runlog.Worst(c.verdicts...) == runlog.Passed {
		c.fail(runlog.Failed, fmt.Sprintf("internal error: godog says the scenario did not pass (status %d), although every step of it did", status))
	}
}

// register gives godog one exact-text step per step that has a definition.
func (c *cellRun) register(s *godog.ScenarioContext, handler func(context.Context) error) {
	types := map[string]map[string]int{} // text → step type → registrations
	for i, st := range c.plan.Scenario.Steps {
		n := c.registrations(i)
		if types[st.Pickle.Text] == nil {
			types[st.Pickle.Text] = map[string]int{}
		}
		types[st.Pickle.Text][st.Type] = n
	}
	for text, byType := range types {
		expr := regexp.MustCompile(`^` + regexp.QuoteMeta(text) + `$`)
		if n, untyped := byType[""]; untyped {
			// godog matches a step without a type with definitions of any type.
			for range n {
				s.Step(expr, handler)
			}
			continue
		}
		for stepType, n := range byType {
			add := map[string]func(any, any){contract.Given: s.Given, contract.When: s.When, contract.Then: s.Then}[stepType]
			for range n {
				add(expr, handler)
			}
		}
	}
}

// registrations is how often step i is registered, for godog to find it
// undefined, defined or ambiguous.
func (c *cellRun) registrations(i int) int {
	switch c.plan.State(i) {
	case plan.StepUndefined:
		return 0
	case plan.StepAmbiguous:
		return 2
	default:
		return 1
	}
}

// unhandled is the result of a step whose handler never ran.
func (c *cellRun) unhandled(i int, status godog.StepResultStatus, err error) runlog.StepResult {
	st := c.plan.Scenario.Steps[i]
	r := runlog.StepResult{Role: c.roleOfStep(i)}
	switch status {
	case godog.StepUndefined:
		r.Verdict, r.Error = runlog.Undefined, c.plan.Undefined(st, c.plan.Calls[i])
	case godog.StepAmbiguous:
		r.Verdict, r.Error = runlog.Ambiguous, c.plan.Ambiguous(c.plan.Calls[i])
	case godog.StepSkipped:
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
		return roleOf(plan.Instance{Role: calls[0].Role, Number: calls[0].Instance, Platform: calls[0].Platform})
	}
	return runlog.Role{Name: st.Route.Role}
}
