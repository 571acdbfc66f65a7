package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var snippetLanguages = []string{"go", "csharp"}

// SnippetLanguage checks that ready definitions can be printed for a language;
// the error is a *UsageError.
func SnippetLanguage(name string) (string, error) {
	if !slices.Contains(snippetLanguages, name) {
		return "", unknown("language for snippets", name, name, snippetLanguages)
	}
	return name, nil
}

// parameter is one captured value of a snippet.
type parameter struct {
	name   string
	number bool
}

// Snippet returns a step definition for a step, ready to be filled in, in the
// idiom of a language.
func Snippet(language string, s StepCoverage) (string, error) {
	pattern, params := snippetPattern(s.Text)
	extra := ""
	switch language {
	case "go":
		var args []string
		for _, p := range params {
			args = append(args, p.name+" "+map[bool]string{true: "int", false: "string"}[p.number])
		}
		if s.Step.Table != nil {
			extra = ", table *servant.Table"
		} else if s.Step.DocString != nil {
			extra = ", text *servant.DocString"
		}
		list := ""
		if len(args) > 0 {
			list = ", " + strings.Join(args, ", ")
		}
		return fmt.Sprintf("s.%s(`%s`, func(ctx context.Context%s%s) error {\n\treturn servant.ErrPending\n})\n", s.Type, pattern, list, extra), nil
	case "csharp":
		var args []string
		for _, p := range params {
			args = append(args, map[bool]string{true: "long", false: "string"}[p.number]+" "+p.name)
		}
		if s.Step.Table != nil {
			args = append(args, "Table table")
		} else if s.Step.DocString != nil {
			args = append(args, "DocString text")
		}
		return fmt.Sprintf("[%s(@\"%s\")]\npublic void %s(%s)\n{\n    throw new PendingStepException();\n}\n",
			s.Type, strings.ReplaceAll(pattern, `"`, `""`), methodName(s.Text), strings.Join(args, ", ")), nil
	}
	_, err := SnippetLanguage(language)
	return "", err
}

var quotedOnly = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// snippetPattern turns quoted values into captures: the first is the role where
// the step begins with one.
func snippetPattern(text string) (string, []parameter) {
	var (
		pattern strings.Builder
		params  []parameter
	)
	last := 0
	named := (&router{current: map[string]int{}, count: map[string]int{}}).named(text)
	for _, at := range quotedOnly.FindAllStringIndex(text, -1) {
		pattern.WriteString(regexp.QuoteMeta(text[last:at[0]]))
		quote, value := text[at[0]:at[0]+1], text[at[0]+1:at[1]-1]
		p := parameter{name: fmt.Sprintf("p%d", len(params)+1)}
		if len(params) == 0 && value == named.role {
			p.name = "role"
		}
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			p.number = true
			pattern.WriteString(quote + `(\d+)` + quote)
		} else {
			pattern.WriteString(quote + `([^` + quote + `]*)` + quote)
		}
		params = append(params, p)
		last = at[1]
	}
	pattern.WriteString(regexp.QuoteMeta(text[last:]))
	return pattern.String(), params
}

func methodName(text string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(quotedOnly.ReplaceAllString(text, " "), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}
