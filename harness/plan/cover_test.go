package plan

import (
	"slices"
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestDefinitionsThatAreNearlyTheSame(t *testing.T) {
	d, err := Compile("go", false, []contract.Definition{
		{Pattern: `the '(\w+)' process writes '(\d+)' frames`, Source: "a.go:1"},
		{Pattern: `the '(\w+)' process writes '(\d+)' frame`, Source: "a.go:2"},
		{Pattern: `the '(\w+)' process writes '(\d+)' bytes`},
		{Pattern: `the '(\w+)' processes write '(\d+)' bytes`},
		{Pattern: `it ends`}, {Pattern: `it end`},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`go: the '(\w+)' process writes '(\d+)' frames (a.go:1) and the '(\w+)' process writes '(\d+)' frame (a.go:2)`}
	if got := Cover(nil, []*Definitions{d}).Similar; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
