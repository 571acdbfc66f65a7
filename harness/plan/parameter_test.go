package plan

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParametersStandForTheirValuesEverywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.feature")
	text := `Feature: For {seconds} seconds
  Background:
    Given the 'reader' process has '{size}' bytes
  Scenario Outline: Test 1.1 - {seconds} of <n>
    Given the 'reader' process waits '{seconds}' and {other}
      | {seconds} | {size} |
    And the 'reader' process says
      """
      {seconds}
      """
    Examples:
      | n         |
      | {seconds} |
      | 2         |
  Scenario: Test 1.2 - plain
    Given the 'reader' process waits
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	features, err := Load(dir, []string{path}, fakePack{}, map[string]string{"seconds": "10", "size": "64", "unused": "1"})
	if err != nil {
		t.Fatal(err)
	}
	f := features[0]
	first, second, plain := f.Scenarios[0], f.Scenarios[1], f.Scenarios[2]
	for what, got := range map[string][2]string{
		"feature":    {f.Name, "For 10 seconds"},
		"name":       {first.Name, "10 of 10"},
		"background": {first.Steps[0].Text, "the 'reader' process has '64' bytes"},
		"step":       {first.Steps[1].Text, "the 'reader' process waits '10' and {other}"},
		"table":      {first.Steps[1].Table.Headers[0] + " " + first.Steps[1].Table.Headers[1], "10 64"},
		"doc string": {first.Steps[2].DocString.Content, "10"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", what, got[0], got[1])
		}
	}
	for _, s := range []*Scenario{first, second} {
		if !slices.Equal(s.Parameters, []string{"seconds", "size"}) {
			t.Errorf("%s: parameters %q", s.Key(), s.Parameters)
		}
	}
	// The name of the feature has one as well, and stands above every scenario.
	if !slices.Equal(plain.Parameters, []string{"seconds", "size"}) {
		t.Errorf("%s: parameters %q", plain.Key(), plain.Parameters)
	}
}
