package plan

import (
	"strings"
	"testing"
)

func TestSnippets(t *testing.T) {
	f := parse(t, "Feature: x\n  Scenario: y\n    Given the 'reader' process waits '5' times\n    Then the 'reader' process waits '6' times\n"+
		"    When the 'reader' process waits 'long' times\n    And the 'reader' process has\n      | a |\n      | 1 |\n")
	lacking := Cover([]*Feature{f}, []*Definitions{{Platform: "csharp"}}).Steps
	for language, want := range map[string]string{
		"go": "r.Step(`the '([^']*)' process waits '(\\d+)' times`, func(ctx context.Context, role string, p2 int) error {\n\treturn servant.ErrPending\n})\n" +
			"r.Step(`the '([^']*)' process waits '([^']*)' times`, func(ctx context.Context, role string, p2 string) error {\n\treturn servant.ErrPending\n})\n" +
			"r.Step(`the '([^']*)' process has`, func(ctx context.Context, role string, table *servant.Table) error {\n\treturn servant.ErrPending\n})\n",
		"csharp": "[StepDefinition(@\"the '([^']*)' process waits '(\\d+)' times\")]\npublic void TheProcessWaitsTimes(string role, long p2)\n{\n    throw new PendingStepException();\n}\n" +
			"[StepDefinition(@\"the '([^']*)' process waits '([^']*)' times\")]\npublic void TheProcessWaitsTimes2(string role, string p2)\n{\n    throw new PendingStepException();\n}\n" +
			"[StepDefinition(@\"the '([^']*)' process has\")]\npublic void TheProcessHas(string role, Table table)\n{\n    throw new PendingStepException();\n}\n",
	} {
		got, err := Snippets(language, lacking)
		if err != nil || strings.Join(got, "") != want {
			t.Errorf("%s, %v:\n%s\nwant\n%s", language, err, strings.Join(got, ""), want)
		}
	}
	if _, err := Snippets("cobol", lacking); err == nil || !strings.Contains(err.Error(), "there are: go, csharp") {
		t.Error(err)
	}
}
