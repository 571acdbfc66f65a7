package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"parley.dev/parley/servant/ring"
)

func TestJudgeRaces(t *testing.T) {
	for _, test := range []struct {
		name   string
		shared map[string]string
		want   string // "" passes
	}{
		{"one winner each", map[string]string{"race.1": "r-1=won,r-2=InUse", "race.2.b": "r-1=InUse,r-2=won", "other": "x"}, ""},
		{"two winners", map[string]string{"race.1": "r-1=won,r-2=won", "race.2": "r-1=InUse,r-2=won"}, "race for r-2: expected InUse, won, got won, won"},
		{"no winner", map[string]string{"race.1": "r-1=won,r-2=InUse", "race.2": "r-1=InUse,r-2=InUse"}, "expected InUse, won, got InUse, InUse"},
		{"another error", map[string]string{"race.1": "r-1=won,r-2=won", "race.2": "r-1=System,r-2=InUse"}, "race for r-1: expected InUse, won, got System, won"},
		{"one racer", map[string]string{"race.1": "r-1=won,r-2=won"}, "expected InUse, won, got won"},
		{"a race missing", map[string]string{"race.1": "r-1=won", "race.2": "r-1=InUse"}, "expected 2, got 1"},
		{"nothing reported", nil, "expected 2, got 0"},
		{"another form", map[string]string{"race.1": "r-1"}, `holds "r-1", expected name=outcome`},
	} {
		t.Run(test.name, func(t *testing.T) {
			reports, err := raceReports(test.shared)
			if err == nil {
				err = judgeRaces(reports, 2, "InUse")
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestOutcomes(t *testing.T) {
	won, _ := outcomeOf("a", nil)
	lost, _ := outcomeOf("b", &ring.Error{Kind: ring.InUse})
	if got := formatOutcomes([]outcome{won, lost}); got != "a=won,b=InUse" {
		t.Errorf("report %q", got)
	}
	if _, err := outcomeOf("c", errors.New("no ring error")); err == nil {
		t.Error("an error that is not the ring's was taken for an outcome")
	}
}

func TestNameRange(t *testing.T) {
	names, err := nameRange("race-9", "race-11")
	if err != nil || !slices.Equal(names, []string{"race-9", "race-10", "race-11"}) {
		t.Errorf("%v, %v", names, err)
	}
	for _, pair := range [][2]string{{"a-1", "b-2"}, {"a-2", "a-1"}, {"a", "b"}, {"a-1", "a"}} {
		if names, err := nameRange(pair[0], pair[1]); err == nil {
			t.Errorf("%v gave %v", pair, names)
		}
	}
}
