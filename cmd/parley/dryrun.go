package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.uber.org/zap"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// dryRun plans and matches, and shows what would not work.
func (s *session) dryRun(ctx context.Context) (err error) {
	signals := catchSignals(ctx)
	defer signals.stop()
	s.zap = zap.NewNop()
	if s.stage, err = stage.Open(signals.ctx, stage.Options{RunID: s.id, StartTimeout: s.project.config.StartTimeout}); err != nil {
		return &statusError{exitBroken, err}
	}
	signals.onSecond(s.stage.KillAll)
	s.discover(signals.ctx)
	if err := s.stage.Close(signals.ctx); err != nil {
		return &statusError{exitBroken, err}
	}
	if signals.interrupted() {
		return &statusError{exitInterrupted, nil}
	}
	bad, skipped := 0, 0
	for _, c := range s.cells {
		switch problems := problems(c); {
		case c.Skip != "":
			skipped++
			fmt.Fprintf(os.Stdout, "%s would be skipped: %s\n", c.ID, c.Skip)
		case len(problems) > 0:
			bad++
			for _, problem := range problems {
				fmt.Fprintf(os.Stdout, "%s %s\n", c.ID, problem)
			}
		default:
			fmt.Fprintln(os.Stdout, c.ID)
		}
	}
	fmt.Fprintf(os.Stdout, "dry run: %d cells would run, %d of them with undefined or ambiguous steps, %d would be skipped\n", len(s.cells)-skipped, bad, skipped)
	switch {
	case len(s.broken) > 0:
		return &statusError{exitBroken, errors.New(s.broken[0])}
	case bad > 0:
		return &statusError{exitFailed, nil}
	}
	return nil
}

// problems are the steps of a cell that would not run.
func problems(c *plan.Cell) []string {
	var out []string
	for i, st := range c.Scenario.Steps {
		if st.Route.Kind == plan.ToPack {
			continue
		}
		place := fmt.Sprintf("%s:%d", c.Scenario.Feature.URI, st.Line)
		switch c.State(i) {
		case plan.StepUndefined:
			out = append(out, fmt.Sprintf("%s: %s", place, c.Undefined(st, c.Calls[i])))
		case plan.StepAmbiguous:
			out = append(out, fmt.Sprintf("%s: %s", place, c.Ambiguous(c.Calls[i])))
		}
	}
	return out
}
