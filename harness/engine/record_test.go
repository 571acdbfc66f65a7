package engine

import (
	"fmt"
	"strings"
	"testing"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

const recorded = `@suite
Feature: Recorded
  Scenario Outline: Test 3.2 - sizes
    Given all are ready
    When the 'writer' process writes '<size>'
    And a second 'writer' process writes '<size>'
    And the 'reader' process jumps
    Then buffer 'x' is gone

    @low
    Examples:
      | size |
      | 1    |
`

// gonePack defines what ends with `is gone`.
type gonePack struct{}

func (gonePack) MatchPack(text string) (string, string, bool) {
	return "ring", ".* is gone", strings.HasSuffix(text, "is gone")
}

func recordedCell(t *testing.T, repeat int) (*plan.Feature, *plan.Cell) {
	t.Helper()
	f, err := plan.Parse("features/03-recorded.feature", []byte(recorded), 0, gonePack{})
	if err != nil {
		t.Fatal(err)
	}
	selected, err := plan.Select([]*plan.Feature{f}, plan.Request{Selection: plan.Selection{Words: []string{"go_csharp"}},
		Platforms: []string{"go", "csharp"}, Roles: []string{"writer", "reader"}, Repeat: repeat})
	if err != nil {
		t.Fatal(err)
	}
	return f, selected.Cells[len(selected.Cells)-1]
}

func TestPlanned(t *testing.T) {
	f, c := recordedCell(t, 1)
	definitions := map[string]*plan.Definitions{}
	for name, defs := range map[string][]contract.Definition{
		"go":     {{ID: 1, Type: "step", Pattern: ".*ready", Source: "a.go:1"}, {ID: 2, Type: "When", Pattern: ".* writes '(.*)'", Source: "a.go:2"}, {ID: 3, Type: "step", Pattern: ".* process writes.*"}},
		"csharp": {{ID: 1, Type: "step", Pattern: "all.*", Source: "A.cs:1"}},
	} {
		d, err := plan.Compile(name, false, defs)
		if err != nil {
			t.Fatal(err)
		}
		definitions[name] = d
	}
	c.Resolve(definitions)
	c.Skip = "not here"
	got := Planned(c, "parley run go_csharp 3.2", false)
	steps := got.Steps
	got.Steps = nil
	want := runlog.Cell{ID: "3.2#1/go_csharp", Number: "3.2", Row: "#1", Name: "sizes", Feature: "Recorded", URI: "features/03-recorded.feature",
		Line: 13, Cast: "go_csharp", Tags: []string{"@suite", "@low"}, Rerun: "parley run go_csharp 3.2", Skip: "not here", Pickle: f.Pickles[0].Id,
		Roles: []runlog.Role{{Name: "writer", Instance: 1, Platform: "go"}, {Name: "writer", Instance: 2, Platform: "go"}, {Name: "reader", Instance: 1, Platform: "csharp"}}}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	wantSteps := []struct {
		target, platform, matches string
		pack                      bool
	}{
		{"all", "", "go .*ready a.go:1; go .*ready a.go:1; csharp all.* A.cs:1", false},
		{"writer", "go", "go .* writes '(.*)' a.go:2; go .* process writes.* ", false},
		{"writer#2", "go", "go .* writes '(.*)' a.go:2; go .* process writes.* ", false},
		{"reader", "csharp", "", false},
		{"ring", "", "ring .* is gone ", true},
	}
	for i, w := range wantSteps {
		st := steps[i]
		var matches []string
		for _, m := range st.Matches() {
			matches = append(matches, m.Platform+" "+m.Pattern+" "+m.Source)
		}
		if st.Target != w.target || st.Platform != w.platform || st.Pack != w.pack || strings.Join(matches, "; ") != w.matches {
			t.Errorf("step %d: %s %s %v %q, want %+v", i, st.Target, st.Platform, st.Pack, strings.Join(matches, "; "), w)
		}
		if st.ID != f.Pickles[0].Steps[i].Id || st.Line != 4+i || st.Text != f.Pickles[0].Steps[i].Text {
			t.Errorf("step %d: id %s, line %d, text %q", i, st.ID, st.Line, st.Text)
		}
	}
	if keyword := steps[2].Keyword; keyword != "And" {
		t.Errorf("keyword %q", keyword)
	}
}

// Only a run that repeats counts its repetitions, and a cell that was never
// matched has its targets all the same.
func TestPlannedRepetitions(t *testing.T) {
	_, c := recordedCell(t, 3)
	if got := Planned(c, "", true); got.ID != "3.2#1/go_csharp@3" || got.Repeat != 3 {
		t.Errorf("%s is repetition %d", got.ID, got.Repeat)
	}
	if got := Planned(c, "", false); got.Repeat != 0 || got.Steps[4].Target != "ring" || got.Steps[0].Target != "all" {
		t.Errorf("%+v", got)
	}
}

func TestFeatures(t *testing.T) {
	f, _ := recordedCell(t, 1)
	got := Features([]*plan.Feature{f})
	if len(got) != 1 || got[0].URI != f.URI || string(got[0].Source) != recorded || got[0].Document != f.Document || len(got[0].Pickles) != 1 {
		t.Errorf("%+v", got)
	}
}
