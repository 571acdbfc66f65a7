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
		"python": "@step(r\"the '([^']*)' process waits '(\\d+)' times\")\ndef the_process_waits_times(scenario: Scenario, role: str, p2: int) -> None:\n    raise Pending\n" +
			"@step(r\"the '([^']*)' process waits '([^']*)' times\")\ndef the_process_waits_times_2(scenario: Scenario, role: str, p2: str) -> None:\n    raise Pending\n" +
			"@step(r\"the '([^']*)' process has\")\ndef the_process_has(scenario: Scenario, role: str, table: Table) -> None:\n    raise Pending\n",
		"cpp": "const Step the_process_waits_times{R\"re(the '([^']*)' process waits '(\\d+)' times)re\", [](Scenario& /*scenario*/, const std::string& /*role*/, std::int64_t /*p2*/) { pending(); }};\n" +
			"const Step the_process_waits_times_2{R\"re(the '([^']*)' process waits '([^']*)' times)re\", [](Scenario& /*scenario*/, const std::string& /*role*/, const std::string& /*p2*/) { pending(); }};\n" +
			"const Step the_process_has{R\"re(the '([^']*)' process has)re\", [](Scenario& /*scenario*/, const std::string& /*role*/, const Table& /*table*/) { pending(); }};\n",
	} {
		got, err := Snippets(language, lacking)
		if err != nil || strings.Join(got, "") != want {
			t.Errorf("%s, %v:\n%s\nwant\n%s", language, err, strings.Join(got, ""), want)
		}
	}
	if _, err := Snippets("cobol", lacking); err == nil || !strings.Contains(err.Error(), "there are: go, csharp, python, cpp") {
		t.Error(err)
	}
}

func TestPythonSnippetsQuoteTheirPatterns(t *testing.T) {
	for text, want := range map[string]string{
		`the 'reader' process says "a"`:            `r'''the '([^']*)' process says "([^"]*)"'''`,
		`the 'reader' process says "a" to 'b'`:     `r"""the '([^']*)' process says "([^"]*)" to '([^']*)'"""`,
		`the 'reader' process says 'a' to nobody.`: `r"the '([^']*)' process says '([^']*)' to nobody\."`,
	} {
		f := parse(t, "Feature: x\n  Scenario: y\n    Given "+text+"\n")
		got, err := Snippets("python", Cover([]*Feature{f}, []*Definitions{{Platform: "python"}}).Steps)
		if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "@step("+want+")\n") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
