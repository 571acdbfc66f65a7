package steps_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/steps"
)

// Steps of the coordinator's packs, and what it takes off before it sends.
var (
	ofPacks  = regexp.MustCompile(`^(buffer '|the state of buffer |a writer is blocked on |.* process (is killed|crashes|is paused|resumes|is restarted)$)`)
	takenOff = regexp.MustCompile(`^(meanwhile |within '\d+' seconds )`)
)

// TestEveryStepOfTheFeaturesHasOneDefinition covers the scenarios with signals
// too, and finds definitions that no feature uses.
func TestEveryStepOfTheFeaturesHasOneDefinition(t *testing.T) {
	registry := servant.NewRegistry()
	steps.Register(registry)
	used := map[int]bool{}
	files, err := filepath.Glob("../features/0[1-4]-*.feature")
	if err != nil || len(files) != 4 {
		t.Fatalf("found the features %v: %v", files, err)
	}
	for _, file := range files {
		for _, pickle := range pickles(t, file) {
			for _, step := range pickle.Steps {
				text := takenOff.ReplaceAllString(step.Text, "")
				if ofPacks.MatchString(text) {
					continue
				}
				var found []*servant.Definition
				for _, d := range registry.Definitions() {
					if _, ok := d.Match(text); ok && (d.Type == contract.Step || d.Type == stepType(step)) {
						found = append(found, d)
						used[d.ID] = true
					}
				}
				if len(found) != 1 {
					t.Errorf("%s: %s %q has %d definitions: %v", pickle.Name, stepType(step), text, len(found), found)
				}
			}
		}
	}
	for _, d := range registry.Definitions() {
		if !used[d.ID] {
			t.Errorf("no feature uses %s", d)
		}
	}
}
