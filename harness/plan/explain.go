package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parley.dev/parley/servant/contract"
)

// State says whether a step can be performed.
type State int

// The states of a step.
const (
	StepDefined State = iota
	StepUndefined
	StepAmbiguous
)

// State returns whether step i of a resolved cell can be performed by all that
// have to: undefined when one of its servants lacks a definition, ambiguous when
// one has several.
func (c *Cell) State(i int) State {
	if c.Scenario.Steps[i].Route.Kind == ToPack {
		return StepDefined
	}
	if len(c.Calls[i]) == 0 {
		return StepUndefined
	}
	state := StepDefined
	for _, call := range c.Calls[i] {
		switch stateOf(call.Hits, call.Opaque) {
		case StepUndefined:
			return StepUndefined
		case StepAmbiguous:
			state = StepAmbiguous
		}
	}
	return state
}

// stateOf is the state of a step for one servant. An opaque servant may define
// what nothing matches.
func stateOf(hits []Hit, opaque bool) State {
	switch {
	case len(hits) == 0 && !opaque:
		return StepUndefined
	case len(hits) > 1:
		return StepAmbiguous
	}
	return StepDefined
}

// Undefined says which platforms lack a definition of the step and what to do.
func (c *Cell) Undefined(st *Step, calls []Call) string {
	if len(calls) == 0 {
		return "the step names no role, and the scenario has none to send it to; begin it with: the 'reader' process …"
	}
	var missing []string
	first := ""
	for _, call := range calls {
		if stateOf(call.Hits, call.Opaque) == StepUndefined {
			first = cmp.Or(first, call.Platform)
			missing = append(missing, fmt.Sprintf("%s (role %s)", call.Platform, call.Instance))
		}
	}
	s := fmt.Sprintf("no step definition of %s matches: %s", strings.Join(missing, ", "), sentence(st))
	for _, call := range calls {
		if len(call.OtherType) > 0 {
			d := call.OtherType[0].Definition
			return s + fmt.Sprintf("; %s has it as a %s step%s, and this is a %s step", call.Platform, d.Type, at(d.Source), typeName(st))
		}
	}
	if !slices.Contains(snippetLanguages, first) {
		return s + "; add one to its servant; what other platforms define: " + c.stepsCommand()
	}
	return s + "; print one to fill in: " + c.stepsCommand() + " --snippets " + first
}

func (c *Cell) stepsCommand() string { return cmp.Or(c.steps, "parley steps") }

// Ambiguous lists the definitions that match the step.
func (c *Cell) Ambiguous(calls []Call) string {
	for _, call := range calls {
		if len(call.Hits) < 2 {
			continue
		}
		var found []string
		for _, h := range call.Hits {
			found = append(found, h.Definition.Pattern+at(h.Definition.Source))
		}
		return fmt.Sprintf("%d step definitions of %s match; make the patterns exclude each other: %s",
			len(found), call.Platform, strings.Join(found, " and "))
	}
	return "several step definitions match"
}

func typeName(st *Step) string {
	if st.Type == "" {
		return contract.Given
	}
	return st.Type
}

func sentence(st *Step) string { return typeName(st) + " " + st.Route.Text }
