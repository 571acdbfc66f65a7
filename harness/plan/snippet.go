package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var snippetLanguages = []string{"go", "csharp", "python", "cpp"}

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

// Snippets returns step definitions for the steps, ready to be filled in, in the
// idiom of a language: one for each pattern, for steps of any type.
func Snippets(language string, steps []StepCoverage) ([]string, error) {
	if _, err := SnippetLanguage(language); err != nil {
		return nil, err
	}
	write := map[string]func(StepCoverage, string, []parameter, string) string{
		"go": goSnippet, "csharp": csharpSnippet, "python": pythonSnippet, "cpp": cppSnippet,
	}[language]
	var out []string
	patterns, names := map[string]bool{}, map[string]int{}
	for _, s := range steps {
		pattern, params := snippetPattern(s.Text)
		if patterns[pattern] {
			continue
		}
		patterns[pattern] = true
		name := methodName(s.Text)
		if names[name]++; names[name] > 1 {
			name += strconv.Itoa(names[name])
		}
		out = append(out, write(s, pattern, params, name))
	}
	return out, nil
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
		runes := []rune(word)
		out.WriteString(string(unicode.ToUpper(runes[0])) + string(runes[1:]))
	}
	return out.String()
}
