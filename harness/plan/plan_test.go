package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley.dev/parley/servant/contract"
)

// fakePack defines what starts with `buffer ` or says `is killed`, as a pack
// with role and a pack without one.
type fakePack struct{}

func (fakePack) MatchPack(text string) (string, string, bool) {
	if strings.HasPrefix(text, "buffer ") || strings.HasPrefix(text, "wait ") || strings.HasSuffix(text, " process is killed") {
		return "fake", ".*", true
	}
	return "", "", false
}

func parse(t *testing.T, text string) *Feature {
	t.Helper()
	f, err := Parse("features/x.feature", []byte(text), 0, fakePack{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func routeOf(r Route) string {
	s := map[Kind]string{ToRole: "role", ToAll: "all", ToPack: "pack"}[r.Kind]
	if r.Role != "" {
		s += " " + r.Role
	}
	if len(r.Instances) > 0 {
		s += fmt.Sprint(r.Instances)
	}
	if r.Meanwhile {
		s += " meanwhile"
	}
	if r.Within > 0 {
		s += " within " + r.Within.String()
	}
	return s
}

func TestRouting(t *testing.T) {
	for name, tc := range map[string]struct {
		background, steps []string
		want              []string
	}{
		"a role is inherited": {
			steps: []string{"Given the 'reader' process creates", "And it waits", "When 'writer' connects", "Then frames flow"},
			want:  []string{"role reader[1]", "role reader[1]", "role writer[1]", "role writer[1]"},
		},
		"without a role to inherit everybody": {
			steps: []string{"Given the system is ready", "When a 'writer' process connects", "And it writes"},
			want:  []string{"all", "role writer[1]", "role writer[1]"},
		},
		"background and scenario inherit separately": {
			background: []string{"Given the 'reader' process creates", "And it waits"},
			steps:      []string{"And everybody is ready", "When the 'writer' process connects"},
			want:       []string{"role reader[1]", "role reader[1]", "all", "role writer[1]"},
		},
		"a pack's step stays with the pack and names a role for the next": {
			steps: []string{"Given the 'reader' process creates", "When the 'writer' process is killed", "Then buffer 'x' is gone", "And it is told"},
			want:  []string{"role reader[1]", "pack writer[1]", "pack", "role writer[1]"},
		},
		"a pack's step may name a process behind its first words": {
			steps: []string{"Given a new 'reader' process creates", "When buffer 'x' of the 'reader' process is noted", "And buffer 'x' of a second 'writer' process is noted", "Then it is told"},
			want:  []string{"role reader[1]", "pack reader[1]", "pack writer[2]", "role reader[1]"},
		},
		"a new instance takes the role over": {
			steps: []string{"Given the 'reader' process creates", "When a new 'reader' process creates", "Then the new reader is told", "And the 'reader' process reads"},
			want:  []string{"role reader[1]", "role reader[2]", "role reader[2]", "role reader[2]"},
		},
		"a new one may be the first": {
			steps: []string{"Given a new 'reader' process creates", "Then the 'reader' process reads"},
			want:  []string{"role reader[1]", "role reader[1]"},
		},
		"a second one does not": {
			steps: []string{"Given the 'writer' process connects", "When a second 'writer' process connects", "Then it fails", "And the 'writer' process writes"},
			want:  []string{"role writer[1]", "role writer[2]", "role writer[2]", "role writer[1]"},
		},
		"two at once": {
			steps: []string{"Given two 'reader' processes", "When both create", "Then the 'reader' process reads"},
			want:  []string{"role reader[1 2]", "role reader[1 2]", "role reader[1]"},
		},
		"prefixes": {
			steps: []string{"When meanwhile the 'writer' process writes", "Then within '2' seconds buffer 'x' is full", "And within '0.5' seconds the 'reader' process reads"},
			want:  []string{"role writer[1] meanwhile", "pack within 2s", "role reader[1] within 500ms"},
		},
		"a quoted word inside is no role": {
			steps: []string{"Given '90%' of the ring is full", "When the buffer 'x' of the 'reader' process is read"},
			want:  []string{"all", "all"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := "Feature: x\n"
			if tc.background != nil {
				text += "  Background:\n    " + strings.Join(tc.background, "\n    ") + "\n"
			}
			text += "  Scenario: y\n    " + strings.Join(tc.steps, "\n    ") + "\n"
			var got []string
			for _, st := range parse(t, text).Scenarios[0].Steps {
				got = append(got, routeOf(st.Route))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestStepTypes(t *testing.T) {
	for _, tc := range []struct{ steps, want string }{
		{"Given a/And b/When c/But d/* e/And f/Then g/* h", "Given Given When When When When Then Then"},
		{"And a/* b/When c/* d", "- - When When"},
	} {
		var got []string
		for _, st := range parse(t, "Feature: x\n  Scenario: y\n    "+strings.ReplaceAll(tc.steps, "/", "\n    ")+"\n").Scenarios[0].Steps {
			got = append(got, cmp.Or(st.Type, "-"))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %v, want %s", tc.steps, got, tc.want)
		}
	}
}

func TestForeignFeatureFiles(t *testing.T) {
	f := parse(t, "Feature: Duplex\n\tTests\n\n\tBackground:\n\n\tScenario: Test 13.1 - Echo\n\t\tAnd the 'server' process starts;\n\t\tWhen the 'client' process sends\n\t\t| size |\n\t\t| 1 |\n\t\t| 2 |\n\t\tThen responses match\n")
	s := f.Scenarios[0]
	if s.Number != "13.1" || s.Name != "Echo" || len(s.Steps) != 3 {
		t.Fatalf("scenario %+v", s)
	}
	if s.Steps[0].Type != "" {
		t.Errorf("an And with nothing before it has no type, got %q", s.Steps[0].Type)
	}
	if tb := s.Steps[1].Table; tb == nil || tb.Headers[0] != "size" || len(tb.Rows) != 2 || tb.Rows[1]["size"] != "2" {
		t.Errorf("table %+v", tb)
	}
	d, err := Compile("py", true, []contract.Definition{{Type: "given", Pattern: "the 'server' process starts"}, {Type: "then", Pattern: "responses match"}})
	if err != nil {
		t.Fatal(err)
	}
	hits := d.Match(s.Steps[0].Type, s.Steps[0].Route.Text)
	if len(hits) != 1 || hits[0].Text != "the 'server' process starts" || hits[0].Type != "Given" {
		t.Errorf("hits %+v", hits)
	}
}

const outline = `@suite
Feature: Tails
  Background:
    Given the 'reader' process creates

  Scenario: Test 4.1 - first
    When the 'writer' process writes

  # about the outline
  @wrap
  Scenario Outline: Test 4.13 - a tail of <tail>
    When the 'writer' process writes '<tail>'

    @low
    Examples:
      | tail |
      | 0    |
      | 1    |

    Examples: high
      | tail |
      | 16   |

  Rule: more
    Background:
      Given the 'reader' process waits
    Scenario: Test 4.10 - last
      Then the 'writer' process ends
`

func TestAScenarioAloneIsTheSamePickle(t *testing.T) {
	f := parse(t, outline)
	if len(f.Scenarios) != 5 {
		t.Fatalf("%d scenarios", len(f.Scenarios))
	}
	for _, s := range f.Scenarios {
		alone, err := Parse(f.URI, s.Alone(), 0, fakePack{})
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.Key(), err, s.Alone())
		}
		if len(alone.Pickles) != 1 {
			t.Fatalf("%s alone gives %d pickles:\n%s", s.Key(), len(alone.Pickles), s.Alone())
		}
		got := alone.Scenarios[0]
		if got.Pickle.Name != s.Pickle.Name || got.Line != s.Line || !slices.Equal(got.Tags, s.Tags) || len(got.Steps) != len(s.Steps) {
			t.Errorf("%s: got %q:%d %v %d steps, want %q:%d %v %d steps", s.Key(),
				got.Pickle.Name, got.Line, got.Tags, len(got.Steps), s.Pickle.Name, s.Line, s.Tags, len(s.Steps))
		}
		for i := range got.Steps {
			if got.Steps[i].Text != s.Steps[i].Text || got.Steps[i].Line != s.Steps[i].Line {
				t.Errorf("%s step %d: %q:%d, want %q:%d", s.Key(), i, got.Steps[i].Text, got.Steps[i].Line, s.Steps[i].Text, s.Steps[i].Line)
			}
		}
	}
}

func cellIDs(cells []*Cell) string {
	var ids []string
	for _, c := range cells {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

func TestSelection(t *testing.T) {
	f := parse(t, outline)
	ask := func(words ...string) Request {
		return Request{Selection: Selection{Words: words}, Platforms: []string{"go", "csharp"}, Roles: []string{"reader", "writer"}, Dir: "/p", Root: "/p"}
	}
	for _, tc := range []struct {
		words, want string
	}{
		{"4.1", "4.1/go_go 4.1/go_csharp 4.1/csharp_go 4.1/csharp_csharp"},
		{"go_csharp 4.1", "4.1/go_csharp"},
		{"go 4.1 4.10", "4.1/go_go 4.10/go_go"},
		{"go_* 4.1", "4.1/go_go 4.1/go_csharp"},
		{"*_go 4.1", "4.1/go_go 4.1/csharp_go"},
		{"reader=go,writer=csharp 4.1", "4.1/go_csharp"},
		{"writer=go 4.1", "4.1/go_go 4.1/csharp_go"},
		{"go 4.13#2", "4.13#2/go_go"},
		{"go 4.*", "4.1/go_go 4.13#1/go_go 4.13#2/go_go 4.13#3/go_go 4.10/go_go"},
		{"go a-tail", "4.13#1/go_go 4.13#2/go_go 4.13#3/go_go"},
		{"go TAILS 4.1", "4.1/go_go 4.13#1/go_go 4.13#2/go_go 4.13#3/go_go 4.10/go_go"},
		{"go features/x.feature:18", "4.13#2/go_go"},
		{"go features/x.feature:11", "4.13#1/go_go 4.13#2/go_go 4.13#3/go_go"},
		{"go go_go 4.1", "4.1/go_go"},
		{"all 4.1", "4.1/go_go 4.1/go_csharp 4.1/csharp_go 4.1/csharp_csharp"},
	} {
		selected, err := Select([]*Feature{f}, ask(strings.Fields(tc.words)...))
		if err != nil {
			t.Errorf("%s: %v", tc.words, err)
			continue
		}
		if got := cellIDs(selected.Cells); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.words, got, tc.want)
		}
	}
	for _, tc := range []struct{ words, want string }{
		{"go_cshrp 4.1", "no platform 'cshrp' in 'go_cshrp' (did you mean 'csharp'?); there are: go, csharp"},
		{"go_csharp_go 4.1", "cast 'go_csharp_go' names 3 platforms; no scenario has more than 2 roles"},
		{"9.9", "'9.9' matches no scenario, feature or platform"},
		{"4.11", "did you mean '4.1' or '4.13' or '4.10'?"},
		{"cshrp", "did you mean 'csharp'?"},
		{"raeder=go", "no role 'raeder' in 'raeder=go' (did you mean 'reader'?)"},
		{"reader=rust", "no platform 'rust' in 'reader=rust'"},
		{"reader=", "write a cast by role as reader=go,writer=cpp"},
		{"features/y.feature", "no feature file 'features/y.feature' (did you mean 'features/x.feature'?)"},
		{"features/x.feature:2", "no scenario at line 2; the first one is at line 6"},
	} {
		_, err := Select([]*Feature{f}, ask(strings.Fields(tc.words)...))
		var u *UsageError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", tc.words, err, tc.want)
		}
	}
}

func TestTags(t *testing.T) {
	f := parse(t, outline)
	ask := Request{Platforms: []string{"go"}, Roles: []string{"reader"}}
	for expr, want := range map[string]string{
		"@wrap and not @low":   "4.13#3/go_go",
		"@low":                 "4.13#1/go_go 4.13#2/go_go",
		"@suite and not @wrap": "4.1/go_go 4.10/go_go",
	} {
		ask.Selection = Selection{Tags: expr}
		if selected, err := Select([]*Feature{f}, ask); err != nil || cellIDs(selected.Cells) != want {
			t.Errorf("%s: %+v, %v", expr, selected, err)
		}
	}
	for expr, want := range map[string]string{
		"@warp":     "no scenario has the tag '@warp' (did you mean '@wrap'?)",
		"@wrap and": "write it like",
		"@wrap and @suite and @low and not @suite": "no cell matches all of",
	} {
		ask.Selection = Selection{Tags: expr}
		if _, err := Select([]*Feature{f}, ask); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestMoreRolesThanNames(t *testing.T) {
	f := parse(t, "Feature: x\n  Scenario: Test 1.1 - y\n    Given the 'reader' process a\n    And the 'writer' process b\n    And the 'proxy' process c\n")
	_, err := Select([]*Feature{f}, Request{Selection: Selection{Words: []string{"go_csharp"}}, Platforms: []string{"go", "csharp"}, Roles: []string{"reader", "writer"}})
	if err == nil || !strings.Contains(err.Error(), "names 2 platforms for 3 roles (reader, writer, proxy)") {
		t.Error(err)
	}
}

func TestShuffleAndRepeat(t *testing.T) {
	f := parse(t, outline)
	seed := uint64(7)
	ask := Request{Platforms: []string{"go"}, Roles: []string{"reader"}, Repeat: 3, Shuffle: &seed}
	order := func() string {
		selected, err := Select([]*Feature{f}, ask)
		if err != nil {
			t.Fatal(err)
		}
		return cellIDs(selected.Cells)
	}
	a := order()
	if b := order(); len(strings.Fields(a)) != 15 || a != b {
		t.Errorf("the same seed gives the same order: %s / %s", a, b)
	}
	seed = 8
	if a == order() {
		t.Error("another seed gives another order")
	}
}

func TestBrokenFeatures(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"stray line":   {"Feature: x\n  Scenario: y\n    Given a\n    Wehn b\n", "f.feature:4:5: this line cannot stand here: 'Wehn b'; expected "},
		"no feature":   {"# nothing\n", "f.feature:1:1: there is no Feature in this file"},
		"uneven table": {"Feature: x\n  Scenario: y\n    Given a\n      | a | b |\n      | 1 |\n", "f.feature:5:7: inconsistent cell count within the table"},
		"no rows": {"Feature: x\n  Scenario Outline: y\n    Given '<a>'\n    Examples:\n      | a |\n    Examples:\n",
			"f.feature:2:3: 'y' has Examples without a row, so nothing of it would run; add a row"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.feature", []byte(tc.text), 0, fakePack{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestAByteOrderMarkIsNoText(t *testing.T) {
	f := parse(t, "\ufeffFeature: x\r\n  Scenario: Test 1.1 - y\r\n    Given a\r\n")
	if len(f.Scenarios) != 1 || f.Scenarios[0].Steps[0].Text != "a" || f.Scenarios[0].Number != "1.1" {
		t.Errorf("scenarios %+v", f.Scenarios)
	}
	if alone := f.Scenarios[0].Alone(); !strings.HasPrefix(string(alone), "Feature: x") {
		t.Errorf("alone: %q", alone)
	}
}
