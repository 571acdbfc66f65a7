package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

func TestUndefinedAndAmbiguous(t *testing.T) {
	writer := &actor{definitions: []contract.Definition{
		{Type: contract.Given, Pattern: "the 'writer' process is ready", ID: 1, Source: "steps/a.go:3"},
		{Type: contract.Then, Pattern: "the 'writer' process ends", ID: 2, Source: "steps/a.go:7"},
		{Type: contract.When, Pattern: `the '(\w+)' process writes`, ID: 3, Source: "steps/a.go:9"},
		{Type: contract.When, Pattern: "the 'writer' process w.*", ID: 4, Source: "steps/b.go:4"},
	}}
	s := rig{actors: map[string]*actor{"w": writer}}.run(t, `Feature: x
  Scenario: Test 1.1 - undefined
    Given the 'writer' process is ready
    When the 'writer' process jumps
    And the 'writer' process is ready

  Scenario: Test 1.2 - another type
    Given the 'writer' process is ready
    When the 'writer' process ends

  Scenario: Test 1.3 - ambiguous
    Given the 'writer' process is ready
    When the 'writer' process writes
    Then the 'writer' process ends

  Scenario: Test 1.4 - after a step that did not pass
    When the 'writer' process jumps
    And the 'writer' process writes
    Then the 'writer' process ends

  Scenario: Test 1.5 - nobody to send it to
    Given everything is ready
`)
	s.cell("1.1/w", runlog.Undefined, "passed undefined undefined")
	s.says("1.1", s.step("1.1/w", 1).Error, "no step definition of w (role writer) matches: When the 'writer' process jumps", "add one to its servant", "parley steps")
	s.says("1.1", s.step("1.1/w", 2).Error, "w has it as a Given step (steps/a.go:3), and this is a When step")
	s.cell("1.2/w", runlog.Undefined, "passed undefined")
	s.says("1.2", s.step("1.2/w", 1).Error, "w has it as a Then step (steps/a.go:7), and this is a When step")
	s.cell("1.3/w", runlog.Ambiguous, "passed ambiguous skipped")
	s.says("1.3", s.step("1.3/w", 1).Error, "2 step definitions of w match", "steps/a.go:9", "steps/b.go:4")
	s.says("1.3", s.step("1.3/w", 2).SkipReason, "a step before it did not pass")
	s.cell("1.4/w", runlog.Ambiguous, "undefined ambiguous skipped")
	s.cell("1.5", runlog.Undefined, "undefined")
	s.says("1.5", s.step("1.5", 0).Error, "the step names no role, and the scenario has none to send it to")
	for _, text := range writer.texts() {
		if !strings.HasSuffix(text, "is ready") {
			t.Errorf("a step that is not defined was sent: %s", text)
		}
	}
}

func TestAScenarioWithoutSteps(t *testing.T) {
	s := rig{actors: map[string]*actor{"w": {}}}.run(t, `Feature: x
  Background:
    Given the 'writer' process is ready

  Scenario: Test 1.1 - empty

  Scenario: Test 1.2 - not empty
    When the 'writer' process writes
`)
	c := s.cell("1.1", runlog.Undefined, "")
	s.says("the cell", c.Reason(), "the scenario has no steps (x.feature:5)")
	s.cell("1.2/w", runlog.Passed, "passed passed")
}

// The same words go to whoever inherits them, and only one of the two defines
// them.
func TestTheSameWordsAtSeveralPlaces(t *testing.T) {
	feature := `Feature: x
  Scenario: Test 1.1 - words
    Given the 'reader' process is ready
    And it goes on
    Given the 'writer' process is ready
    And it goes on
    When it goes on
    * it goes on
`
	all := anyType(".*")
	without := anyType("the '.*' process is ready")
	twice := anyType("the '.*' process is ready", "it goes on", "it goes .*")
	for name, tc := range map[string]struct {
		reader, writer []contract.Definition
		verdict        runlog.Verdict
		steps          string
	}{
		"all defined":        {all, all, runlog.Passed, "passed passed passed passed passed passed"},
		"the second is not":  {all, without, runlog.Undefined, "passed passed passed undefined undefined undefined"},
		"the first is not":   {without, all, runlog.Undefined, "passed undefined skipped skipped skipped skipped"},
		"none is":            {without, without, runlog.Undefined, "passed undefined skipped undefined undefined undefined"},
		"one is ambiguous":   {all, twice, runlog.Ambiguous, "passed passed passed ambiguous ambiguous ambiguous"},
		"both are ambiguous": {twice, twice, runlog.Ambiguous, "passed ambiguous skipped ambiguous ambiguous ambiguous"},
		"undefined and ambiguous": {without, twice, runlog.Ambiguous,
			"passed undefined skipped ambiguous ambiguous ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := &actor{definitions: tc.reader}, &actor{definitions: tc.writer}
			s := rig{actors: map[string]*actor{"w": writer, "r": reader}, words: []string{"r_w"}}.run(t, feature)
			s.cell("1.1/r_w", tc.verdict, tc.steps)
			if tc.verdict == runlog.Passed {
				got := strings.Join(append(reader.texts(), writer.texts()...), "; ")
				want := "Given the 'reader' process is ready; Given it goes on; " +
					"Given the 'writer' process is ready; Given it goes on; When it goes on; When it goes on"
				if got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestWordsThatAreExpressions(t *testing.T) {
	texts := []string{`costs $5 (or 4.50?) [net] ^ {int} \d+ | a*b+c`, `costs $5 `, `ends with a backslash \`, `$`, `ünï cödé 日本`, `says "hi" to 'you'`, `50% <of> it`}
	var feature strings.Builder
	feature.WriteString("Feature: x\n  Scenario: Test 1.1 - words\n    Given the 'writer' process is ready\n")
	for _, text := range texts {
		feature.WriteString("    And " + text + "\n")
	}
	writer := &actor{}
	s := rig{actors: map[string]*actor{"w": writer}}.run(t, feature.String())
	s.cell("1.1/w", runlog.Passed, "passed"+strings.Repeat(" passed", len(texts)))
	for i, text := range texts {
		if got := writer.texts()[i+1]; got != "Given "+strings.TrimSpace(text) {
			t.Errorf("sent %q, want %q", got, text)
		}
	}
}

func TestAFirstStepWithoutAType(t *testing.T) {
	writer := &actor{definitions: []contract.Definition{
		{Type: contract.When, Pattern: "the 'writer' process writes", ID: 5},
		{Type: contract.Then, Pattern: "the 'writer' process is content", ID: 6},
		{Type: contract.Given, Pattern: "it is told", ID: 7}, {Type: contract.Then, Pattern: "it is told", ID: 8},
	}}
	s := rig{actors: map[string]*actor{"w": writer}}.run(t, `Feature: x
  Scenario: Test 1.1 - and
    And the 'writer' process writes
    * the 'writer' process is content
    Then it is told
  Scenario: Test 1.2 - any type is too many
    * the 'writer' process writes
    * it is told
`)
	s.cell("1.1/w", runlog.Passed, "passed passed passed")
	if got := strings.Join(writer.texts()[:3], "; "); got != "When the 'writer' process writes; Then the 'writer' process is content; Then it is told" {
		t.Errorf("sent: %s", got)
	}
	if id := writer.came(contract.MethodExecuteStep)[2].step.Definition; id == nil || *id != 8 {
		t.Errorf("definition %v", id)
	}
	s.cell("1.2/w", runlog.Ambiguous, "passed ambiguous")
}

func TestTablesDocStringsAndArguments(t *testing.T) {
	writer := &actor{definitions: anyType(`the '([^']*)' process writes '(\d+)'( bytes)?`, `the 'writer' process says:`)}
	s := rig{actors: map[string]*actor{"w": writer}}.run(t, `Feature: x
  Scenario Outline: Test 1.1 - <size>
    When the 'writer' process writes '<size>'
      | size   | fill |
      | <size> | a\|b |
    Then the 'writer' process says:
      """json
      {"size": <size>}

        indented
      """

    Examples:
      | size |
      | 16   |
`)
	s.cell("1.1#1/w", runlog.Passed, "passed passed")
	calls := writer.came(contract.MethodExecuteStep)
	first, second := calls[0].step, calls[1].step
	if first.Table == nil || fmt.Sprint(*first.Table) != "{[size fill] [map[fill:a|b size:16]]}" || first.DocString != nil {
		t.Errorf("table %+v", first.Table)
	}
	if fmt.Sprintf("%q", first.Arguments) != `["writer" "16" ""]` || *first.Definition != 0 {
		t.Errorf("arguments %q of definition %v", first.Arguments, first.Definition)
	}
	if second.DocString == nil || second.DocString.Content != "{\"size\": 16}\n\n  indented" || second.DocString.MediaType != "json" {
		t.Errorf("doc string %+v", second.DocString)
	}
	if first.StepId == "" || first.StepId == second.StepId || first.TimeoutMs != patience.Milliseconds() {
		t.Errorf("step ids %q, %q; limit %d", first.StepId, second.StepId, first.TimeoutMs)
	}
	const keys = "Arguments Context Definition IsBroadcast Parameters Process Step StepId StepType Table TimeoutMs"
	if got := calls[0].keys(); got != keys {
		t.Errorf("keys %s", got)
	}
}

func TestPlannedStepsNameTheirTargets(t *testing.T) {
	s := rig{actors: map[string]*actor{"w": {}, "r": {}}, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - targets
    Given all are ready
    When a new 'reader' process starts
    And a second 'reader' process starts
    And the 'writer' process is killed
`)
	var got []string
	for _, st := range s.CellByID("1.1/r_w").Steps {
		got = append(got, strings.TrimSpace(st.Target+" "+st.Platform))
	}
	if strings.Join(got, "; ") != "all; reader r; reader#2 r; process" {
		t.Errorf("targets %q", got)
	}
	if (plan.Instance{Role: "reader", Number: 2}).String() != "reader#2" {
		t.Error("instances are named otherwise")
	}
	s.cell("1.1/r_w", runlog.Passed, "passed passed passed passed")
}
