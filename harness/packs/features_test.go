package packs_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/machine"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/packs/ring"
	"parley.dev/parley/harness/plan"
)

// A step goes to the first definition that matches it, so there must be one.
func TestNoStepOfTheFeaturesHasTwoDefinitions(t *testing.T) {
	set := packs.NewSet(process.Pack(), ring.Pack(), machine.Pack())
	files, err := filepath.Glob("../../features/*.feature")
	if err != nil || len(files) == 0 {
		t.Fatalf("no features: %v", err)
	}
	features, err := plan.Load("../..", files, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []*regexp.Regexp
	for _, p := range set.Packs() {
		for _, d := range p.Steps {
			all = append(all, regexp.MustCompile(`^(?:`+d.Pattern+`)$`))
		}
	}
	found := map[string]bool{}
	for _, f := range features {
		for _, sc := range f.Scenarios {
			for _, st := range sc.Steps {
				if st.Route.Kind != plan.ToPack || found[st.Route.Text] {
					continue
				}
				found[st.Route.Text] = true
				n := 0
				for _, expr := range all {
					if expr.MatchString(st.Route.Text) {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%s: %d definitions", st.Route.Text, n)
				}
			}
		}
	}
	if len(found) == 0 {
		t.Error("no step of the features is a pack's")
	}
}
