package engine

import (
	"fmt"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
)

// Features returns the features of the cells as the run log keeps them.
func Features(features []*plan.Feature) []runlog.Feature {
	out := make([]runlog.Feature, len(features))
	for i, f := range features {
		out[i] = runlog.Feature{URI: f.URI, Source: f.Source, Document: f.Document, Pickles: f.Pickles}
	}
	return out
}

// Planned returns a cell as the run log keeps it. rerun is the command that
// repeats it.
func Planned(c *plan.Cell, rerun string, repeats bool) runlog.Cell {
	sc := c.Scenario
	out := runlog.Cell{
		ID: c.ID, Number: sc.Number, Name: sc.Name, Feature: sc.Feature.Name, URI: sc.Feature.URI, Line: sc.Line,
		Cast: c.Cast.String(), Tags: sc.Tags, Rerun: rerun, Skip: c.Skip, Pickle: sc.Pickle.Id,
	}
	if sc.Row > 0 {
		out.Row = fmt.Sprintf("#%d", sc.Row)
	}
	if repeats {
		out.Repeat = c.Repeat
	}
	for _, inst := range c.Instances() {
		out.Roles = append(out.Roles, roleOf(inst))
	}
	for i, st := range sc.Steps {
		out.Steps = append(out.Steps, plannedStep(c, i, st))
	}
	return out
}

func plannedStep(c *plan.Cell, i int, st *plan.Step) runlog.Step {
	out := runlog.Step{ID: st.Pickle.Id, Text: st.Text, Keyword: st.Keyword, Line: st.Line}
	switch st.Route.Kind {
	case plan.ToPack:
		out.Target, out.Pack = st.Route.Pack, true
		out.PatternSource = st.Route.Pattern
		return out
	case plan.ToAll:
		out.Target = "all"
	}
	if i >= len(c.Calls) {
		return out
	}
	for _, call := range c.Calls[i] {
		if out.Target == "" {
			out.Target, out.Platform = call.Instance.String(), call.Platform
		}
		for _, h := range call.Hits {
			out.Definitions = append(out.Definitions, runlog.Definition{Platform: call.Platform, Pattern: h.Definition.Pattern, Source: h.Definition.Source})
		}
	}
	return out
}
