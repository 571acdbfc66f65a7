package plan

import (
	"fmt"
	"regexp"
	"strings"
)

func goSnippet(s StepCoverage, pattern string, params []parameter, _ string) string {
	args := []string{"ctx context.Context"}
	for _, p := range params {
		args = append(args, p.name+" "+map[bool]string{true: "int", false: "string"}[p.number])
	}
	if s.Step.Table != nil {
		args = append(args, "table *servant.Table")
	} else if s.Step.DocString != nil {
		args = append(args, "text *servant.DocString")
	}
	return fmt.Sprintf("r.Step(`%s`, func(%s) error {\n\treturn servant.ErrPending\n})\n", pattern, strings.Join(args, ", "))
}

func csharpSnippet(s StepCoverage, pattern string, params []parameter, name string) string {
	var args []string
	for _, p := range params {
		args = append(args, map[bool]string{true: "long", false: "string"}[p.number]+" "+p.name)
	}
	if s.Step.Table != nil {
		args = append(args, "Table table")
	} else if s.Step.DocString != nil {
		args = append(args, "DocString text")
	}
	return fmt.Sprintf("[StepDefinition(@\"%s\")]\npublic void %s(%s)\n{\n    throw new PendingStepException();\n}\n",
		strings.ReplaceAll(pattern, `"`, `""`), name, strings.Join(args, ", "))
}

func pythonSnippet(s StepCoverage, pattern string, params []parameter, name string) string {
	args := []string{"scenario: Scenario"}
	for _, p := range params {
		args = append(args, p.name+": "+map[bool]string{true: "int", false: "str"}[p.number])
	}
	if s.Step.Table != nil {
		args = append(args, "table: Table")
	} else if s.Step.DocString != nil {
		args = append(args, "text: DocString")
	}
	quote := `"`
	switch {
	case !strings.Contains(pattern, `"`):
	case strings.HasSuffix(pattern, `"`):
		quote = `'''`
	default:
		quote = `"""`
	}
	return fmt.Sprintf("@step(r%s%s%s)\ndef %s(%s) -> None:\n    raise Pending\n", quote, pattern, quote, snakeCase(name), strings.Join(args, ", "))
}

// cppSnippet leaves the names of parameters in comments, as the code that does not
// use them yet would not compile with warnings as errors.
func cppSnippet(s StepCoverage, pattern string, params []parameter, name string) string {
	args := []string{"Scenario& /*scenario*/"}
	for _, p := range params {
		args = append(args, map[bool]string{true: "std::int64_t", false: "const std::string&"}[p.number]+" /*"+p.name+"*/")
	}
	if s.Step.Table != nil {
		args = append(args, "const Table& /*table*/")
	} else if s.Step.DocString != nil {
		args = append(args, "const DocString& /*text*/")
	}
	return fmt.Sprintf("const Step %s{R\"re(%s)re\", [](%s) { pending(); }};\n", snakeCase(name), pattern, strings.Join(args, ", "))
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z0-9])`)

// snakeCase turns TheProcessWaits into the_process_waits.
func snakeCase(name string) string {
	return strings.ToLower(wordStart.ReplaceAllString(name, "${1}_${2}"))
}
