package plan

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	tagexpressions "github.com/cucumber/tag-expressions/go/v6"

	"parley.dev/parley/harness/nearest"
)

// UsageError is a selection that means nothing here. Nothing was run.
type UsageError struct {
	msg string
	// See is the coordinator's command that shows what there is; empty if none
	// does.
	See string
}

func (e *UsageError) Error() string { return e.msg }

func usage(format string, args ...any) error { return &UsageError{msg: fmt.Sprintf(format, args...)} }

// usageList is usage where the command list helps.
func usageList(format string, args ...any) error {
	return &UsageError{msg: fmt.Sprintf(format, args...), See: "list"}
}

// Selection is what a user asked for: words from the command line, and a tag
// expression. The zero value selects everything.
type Selection struct {
	Words []string
	Tags  string
}

// selection is a parsed Selection. Scenarios add up, casts add up; a cell runs
// when both its scenario and its cast are wanted.
type selection struct {
	scenarios []scenarioPattern
	casts     []castPattern
	tags      tagexpressions.Evaluatable
	named     []string // tags that the expression names without negating them
}

type scenarioPattern struct {
	word  string
	match func(*Scenario) bool
}

var (
	numberWord = regexp.MustCompile(`^(?:\d+|\*)(?:\.(?:\d+|\*))*(?:#\d+)?$`)
	fileWord   = regexp.MustCompile(`^(.*\.feature)(?::(\d+))?$`)
)

// parse sorts the words into casts and scenarios.
func (s Selection) parse(features []*Feature, platforms, roles []string, dir, root string) (*selection, error) {
	sel := &selection{}
	for _, word := range s.Words {
		switch {
		case word == "":
			return nil, usage("an empty selector selects nothing; leave it out to select everything")
		case fileWord.MatchString(word):
			p, err := filePattern(word, features, dir, root)
			if err != nil {
				return nil, err
			}
			sel.scenarios = append(sel.scenarios, p)
		case word != anyPlatform && numberWord.MatchString(word):
			sel.scenarios = append(sel.scenarios, numberPattern(word))
		case strings.Contains(word, "="), isCastWord(word, platforms), looksLikeCast(word, platforms):
			c, err := parseCast(word, platforms, roles)
			if err != nil {
				return nil, err
			}
			sel.casts = append(sel.casts, c)
		default:
			sel.scenarios = append(sel.scenarios, namePattern(word))
		}
	}
	for _, p := range sel.scenarios {
		if !slices.ContainsFunc(allScenarios(features), p.match) {
			return nil, nothingMatches(p.word, features, platforms)
		}
	}
	if s.Tags != "" {
		if err := sel.parseTags(s.Tags, features); err != nil {
			return nil, err
		}
	}
	return sel, nil
}

func (s *selection) parseTags(expr string, features []*Feature) error {
	e, err := parseTagExpression(expr)
	if err != nil {
		return usage("--tags '%s': %v; write it like \"@wrap and not @slow\"", expr, err)
	}
	var known []string
	for _, sc := range allScenarios(features) {
		for _, t := range sc.Tags {
			if !slices.Contains(known, t) {
				known = append(known, t)
			}
		}
	}
	slices.Sort(known)
	for _, tag := range regexp.MustCompile(`@[^\s()]+`).FindAllString(expr, -1) {
		if !slices.Contains(known, tag) {
			return usage("--tags: no scenario has the tag '%s'%s; there are: %s", tag, nearest.Hint(tag, known), strings.Join(known, ", "))
		}
	}
	s.tags, s.named = e, namedTags(expr)
	return nil
}

// parseTagExpression turns the library's panic on an incomplete expression into
// an error.
func parseTagExpression(expr string) (e tagexpressions.Evaluatable, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the expression is incomplete")
		}
	}()
	return tagexpressions.Parse(expr)
}

func (s *selection) wantsScenario(sc *Scenario) bool {
	if s.tags != nil && !s.tags.Evaluate(sc.Tags) {
		return false
	}
	return len(s.scenarios) == 0 || slices.ContainsFunc(s.scenarios, func(p scenarioPattern) bool { return p.match(sc) })
}

func (s *selection) wantsCast(c Cast) (bool, error) {
	if len(s.casts) == 0 {
		return true, nil
	}
	var tooFew error
	for _, p := range s.casts {
		ok, err := p.matches(c)
		if ok {
			return true, nil
		}
		if err != nil {
			tooFew = err
		}
	}
	return false, tooFew
}

func allScenarios(features []*Feature) []*Scenario {
	var all []*Scenario
	for _, f := range features {
		all = append(all, f.Scenarios...)
	}
	return all
}

// numberPattern matches 4.2, 4, 4.* and 4.13#2; 1.1 does not match 1.10.
func numberPattern(word string) scenarioPattern {
	number, row, _ := strings.Cut(word, "#")
	parts := strings.Split(number, ".")
	return scenarioPattern{word, func(s *Scenario) bool {
		if s.Number == "" || (row != "" && row != strconv.Itoa(s.Row)) {
			return false
		}
		own := strings.Split(s.Number, ".")
		if len(parts) > len(own) {
			return false
		}
		for i, p := range parts {
			if p != "*" && p != own[i] {
				return false
			}
		}
		return true
	}}
}

var leadingNumber = regexp.MustCompile(`^\d+[-_. ]*`)

// namePattern matches a feature by its name or its file's, and a scenario by its
// name, whole or in part.
func namePattern(word string) scenarioPattern {
	folded := nearest.Fold(word)
	return scenarioPattern{word, func(s *Scenario) bool {
		return slices.ContainsFunc(namesOf(s), func(n string) bool { return strings.Contains(nearest.Fold(n), folded) })
	}}
}

func namesOf(s *Scenario) []string {
	stem := strings.TrimSuffix(filepath.Base(s.Feature.URI), ".feature")
	return []string{s.Feature.Name, stem, leadingNumber.ReplaceAllString(stem, ""), s.Name, s.Pickle.Name}
}

// filePattern matches features/x.feature and features/x.feature:31, relative to
// where the user is or to the configuration.
func filePattern(word string, features []*Feature, dir, root string) (scenarioPattern, error) {
	m := fileWord.FindStringSubmatch(word)
	var feature *Feature
	for _, f := range features {
		path := filepath.Join(root, f.URI)
		if filepath.IsAbs(f.URI) {
			path = f.URI
		}
		if path == filepath.Join(dir, m[1]) || path == filepath.Clean(m[1]) || f.URI == filepath.ToSlash(filepath.Clean(m[1])) {
			feature = f
		}
	}
	if feature == nil {
		var uris []string
		for _, f := range features {
			uris = append(uris, f.URI)
		}
		return scenarioPattern{}, unknown("feature file", m[1], word, uris)
	}
	if m[2] == "" {
		return scenarioPattern{word, func(s *Scenario) bool { return s.Feature == feature }}, nil
	}
	line, err := strconv.Atoi(m[2])
	if err != nil {
		return scenarioPattern{}, usage("'%s': %s is no line number", word, m[2])
	}
	var at []*Scenario
	for _, s := range feature.Scenarios {
		if s.Line == line {
			at = []*Scenario{s}
			break
		}
		if s.First <= line && line <= s.Last {
			at = append(at, s)
		}
	}
	if len(at) == 0 {
		return scenarioPattern{}, usage("'%s': no scenario at line %d; the first one is at line %d", word, line, firstScenarioLine(feature))
	}
	return scenarioPattern{word, func(s *Scenario) bool { return slices.Contains(at, s) }}, nil
}

func firstScenarioLine(f *Feature) int {
	if len(f.Scenarios) == 0 {
		return 0
	}
	return f.Scenarios[0].Line
}

func nothingMatches(word string, features []*Feature, platforms []string) error {
	candidates := slices.Clone(platforms)
	for _, f := range features {
		candidates = append(candidates, f.Name)
	}
	for _, s := range allScenarios(features) {
		if s.Number != "" && !slices.Contains(candidates, s.Number) {
			candidates = append(candidates, s.Number)
		}
		candidates = append(candidates, s.Name)
	}
	return usageList("'%s' matches no scenario, feature or platform%s", word, nearest.Hint(word, candidates))
}
