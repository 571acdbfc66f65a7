package plan

import (
	"slices"
	"testing"
)

func TestWarnings(t *testing.T) {
	f := parse(t, `Feature: x
  Scenario: Test 1.1 - one
    Given the 'raeder' process waits
    And the 'proxy' process waits
  Scenario Outline: Test 1.2 - two <n>
    Given the 'reader' process waits
    Examples:
      | n |
      | 1 |
      | 2 |
  Scenario: Test 1.1 - again
    Given the 'raeder' process waits
`)
	empty := parse(t, "Feature: nothing yet\n")
	got := Warnings([]*Feature{f, empty}, []string{"reader", "writer"})
	want := []string{
		"features/x.feature:3: role 'raeder' is not in `roles` of parley.yaml (did you mean 'reader'?)",
		"features/x.feature:11: number 1.1 stands at features/x.feature:2 already; each selects both",
		"features/x.feature: the feature 'nothing yet' has no scenario",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
