package steps_test

import (
	"testing"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/steps"
)

// TestEveryStepOfTheFeaturesHasOneDefinition covers the scenarios with signals
// too, and finds definitions that no feature uses.
func TestEveryStepOfTheFeaturesHasOneDefinition(t *testing.T) {
	registry := servant.NewRegistry()
	steps.Register(registry)
	var reported []contract.Definition
	for _, d := range registry.Definitions() {
		reported = append(reported, contract.Definition{ID: d.ID, Type: d.Type, Pattern: d.Pattern, Source: d.Source})
	}
	definitions, err := plan.Compile("go", false, reported)
	if err != nil {
		t.Fatal(err)
	}
	_, features, _ := load(t)
	coverage := plan.Cover(features, []*plan.Definitions{definitions})
	if len(coverage.Steps) == 0 {
		t.Fatal("the features have no step for a servant")
	}
	for _, s := range coverage.Steps {
		if s.States[0] != plan.StepDefined {
			t.Errorf("%s %s: not defined exactly once (state %d)", s.Type, s.Text, s.States[0])
		}
	}
	for _, line := range coverage.Unused {
		t.Errorf("no feature uses %s", line)
	}
}
