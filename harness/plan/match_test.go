package plan

import (
	"slices"
	"strings"
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestMatching(t *testing.T) {
	d, err := Compile("go", false, []contract.Definition{
		{ID: 0, Type: "step", Pattern: `the '(\w+)' process writes '(\d+)' bytes`},
		{ID: 1, Type: "Then", Pattern: `the '(\w+)' process ends`},
		{ID: 2, Type: "Given", Pattern: `the '(\w+)' process ends`},
		{ID: 3, Type: "Given", Pattern: `the 'x' process ends|y`},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		stepType, text string
		want           []int
	}{
		{"When", "the 'w' process writes '10' bytes", []int{0}},
		{"When", "the 'w' process writes '10' bytes more", nil},
		{"When", "the 'w' process ends", nil},
		{"Then", "the 'w' process ends", []int{1}},
		{"Given", "the 'x' process ends", []int{2, 3}},
		{"Given", "not y", nil},
		{"", "the 'w' process ends", []int{1, 2}},
	} {
		var got []int
		for _, h := range d.Match(tc.stepType, tc.text) {
			got = append(got, h.Definition.ID)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s %s: %v, want %v", tc.stepType, tc.text, got, tc.want)
		}
	}
	if _, err := Compile("go", false, []contract.Definition{{Pattern: "a(?=b)", Source: "steps/x.go:3"}}); err == nil || !strings.Contains(err.Error(), "steps/x.go:3") {
		t.Errorf("a pattern that is no RE2: %v", err)
	}
}

func TestLegacyPatterns(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          []string
	}{
		{"the {string} process waits {int} ms (at most).", "the 'a b' process waits 12 ms (at most).", []string{"a b", "", "12"}},
		{"writes {} and {word}", "writes 1, 2 and c", []string{"1, 2", "c"}},
		{`the '([^']*)' process has {float}`, "the 'r' process has 1.5", []string{"r", "1.5"}},
	} {
		d, err := Compile("cpp", true, []contract.Definition{{Type: "unknown", Pattern: tc.pattern}})
		if err != nil {
			t.Fatal(err)
		}
		hits := d.Match("When", tc.text)
		if len(hits) != 1 || !slices.Equal(hits[0].Arguments, tc.want) {
			t.Errorf("%s: %+v", tc.pattern, hits)
		}
	}
	d, err := Compile("py", true, []contract.Definition{{Type: "given", Pattern: "a(?=b)"}})
	if err != nil || !d.Opaque() {
		t.Errorf("a 1.0 pattern that is no RE2 leaves the question to the servant: %v %v", d, err)
	}
}
