package plan

import (
	"strings"
	"testing"
)

func TestWhatToDoAboutAnUndefinedStep(t *testing.T) {
	for _, tc := range []struct{ reader, writer, want string }{
		{"go", "py", "; print one to fill in: parley steps --snippets go"},
		{"py", "go", "; add one to its servant; what other platforms define: parley steps"},
	} {
		f := parse(t, "Feature: x\n  Scenario: y\n    Given two 'writer' processes pass\n    And the 'reader' process fails\n")
		c := &Cell{Scenario: f.Scenarios[0], Cast: Cast{{"reader", tc.reader}, {"writer", tc.writer}}}
		c.Resolve(nil)
		if got := c.Undefined(c.Scenario.Steps[1], c.Calls[1]); !strings.HasSuffix(got, tc.want) {
			t.Errorf("%s: %s", tc.reader, got)
		}
	}
	// The advice names the first platform that lacks the step, not the first one.
	st := &Step{Route: Route{Text: "x"}}
	calls := []Call{{Instance: Instance{"reader", 1, "csharp"}, Hits: make([]Hit, 1)}, {Instance: Instance{"writer", 1, "go"}}}
	if got := (&Cell{}).Undefined(st, calls); !strings.HasSuffix(got, "--snippets go") {
		t.Error(got)
	}
}
