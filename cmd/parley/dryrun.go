package main

import (
	"errors"
	"fmt"
	"io"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// dryRun plans and matches, and shows what would not work.
func (s *session) dryRun(signals *signals, out io.Writer) (err error) {
	if s.stage, err = s.project.openStage(signals.ctx, stage.Options{RunID: s.id}); err != nil {
		return err
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
			fmt.Fprintf(out, "%s would be skipped: %s\n", c.ID, c.Skip)
		case len(problems) > 0:
			bad++
			for _, problem := range problems {
				fmt.Fprintf(out, "%s %s\n", c.ID, problem)
			}
		default:
			fmt.Fprintln(out, c.ID)
		}
	}
	fmt.Fprintf(out, "dry run: %s would run, %d with undefined or ambiguous steps; %d would be skipped\n", counted(len(s.cells)-skipped, "cell"), bad, skipped)
	if s.leftOut.Scenarios > 0 {
		fmt.Fprintln(out, s.leftOut)
	}
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
