package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
)

// Feature is one parsed feature file. URI is its path relative to the root that
// it was loaded under, with slashes.
type Feature struct {
	URI       string
	Name      string
	Source    []byte
	Document  *messages.GherkinDocument
	Pickles   []*messages.Pickle
	Scenarios []*Scenario
}

// Load parses the feature files at paths; folders are searched for *.feature.
// The order is that of paths, and by name inside a folder. Where a file says
// {name}, the value that parameters has for it is read instead.
func Load(root string, paths []string, packs PackMatcher, parameters map[string]string) ([]*Feature, error) {
	var files []string
	for _, p := range paths {
		found, err := featureFiles(p)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no *.feature file in %s; name the folder under `features` in parley.yaml", strings.Join(paths, ", "))
	}
	features := make([]*Feature, 0, len(files))
	var broken []error
	for i, path := range files {
		f, err := parseFile(root, path, i, packs, parameters)
		if err != nil {
			broken = append(broken, err)
			continue
		}
		features = append(features, f)
	}
	if len(broken) > 0 {
		return nil, errors.Join(broken...)
	}
	return features, nil
}

func featureFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("features: %s does not exist; correct `features` in parley.yaml", path)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("features: read %s: %w", p, err)
		}
		if !d.IsDir() && strings.HasSuffix(p, ".feature") {
			files = append(files, p)
		}
		return nil
	})
	return files, err
}

func parseFile(root, path string, index int, packs PackMatcher, parameters map[string]string) (*Feature, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	uri := filepath.ToSlash(path)
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		uri = filepath.ToSlash(rel)
	}
	source, used := fill(source, parameters)
	f, err := Parse(uri, source, index, packs)
	if err != nil {
		return nil, err
	}
	for _, s := range f.Scenarios {
		s.Parameters = parametersOf(s, used)
	}
	return f, nil
}

// Parse parses one feature and routes its steps. index makes the ids of its
// pickles and steps unique among the features of a run.
func Parse(uri string, source []byte, index int, packs PackMatcher) (*Feature, error) {
	source = bytes.TrimPrefix(source, byteOrderMark)
	counter := &messages.Incrementing{}
	newID := func() string { return fmt.Sprintf("f%d-%s", index, counter.NewId()) }
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(source), newID)
	if err != nil {
		return nil, syntaxError(uri, err)
	}
	if document.Feature == nil {
		return nil, &SyntaxError{URI: uri, Line: 1, Column: 1, Detail: "there is no Feature in this file"}
	}
	if err := rowless(uri, document); err != nil {
		return nil, err
	}
	document.Uri = uri
	f := &Feature{
		URI: uri, Name: document.Feature.Name, Source: source, Document: document,
		Pickles: gherkin.Pickles(*document, uri, newID),
	}
	f.Scenarios = scenarios(f, packs)
	return f, nil
}

// rowless refuses an outline whose Examples have no row at all: it would run
// nothing and be in no report.
func rowless(uri string, document *messages.GherkinDocument) error {
	for _, s := range indexDocument(document).order {
		rows := 0
		for _, e := range s.Examples {
			rows += len(e.TableBody)
		}
		if len(s.Examples) > 0 && rows == 0 {
			return &SyntaxError{URI: uri, Line: int(s.Location.Line), Column: int(s.Location.Column),
				Detail: fmt.Sprintf("'%s' has Examples without a row, so nothing of it would run; add a row", s.Name)}
		}
	}
	return nil
}

// byteOrderMark is what some editors put in front of UTF-8. Parsers take it for
// a part of the first keyword.
var byteOrderMark = []byte("\ufeff")

// SyntaxError is a mistake in a feature file, with its place.
type SyntaxError struct {
	URI          string
	Line, Column int
	Detail       string
	More         int // further mistakes in the same file
}

func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.URI, e.Line, e.Column, e.Detail)
	if e.More > 0 {
		s += fmt.Sprintf(" (and %d more in this file)", e.More)
	}
	return s
}

var parserError = regexp.MustCompile(`\((\d+):(\d+)\): (.*)`)

// syntaxError takes the place out of gherkin's message and puts its list of
// parser tokens into words.
func syntaxError(uri string, err error) error {
	found := parserError.FindAllStringSubmatch(err.Error(), -1)
	if len(found) == 0 {
		return fmt.Errorf("%s: %w", uri, err)
	}
	e := &SyntaxError{URI: uri, Detail: readable(found[0][3]), More: len(found) - 1}
	fmt.Sscan(found[0][1], &e.Line)   //nolint:errcheck // digits by the expression
	fmt.Sscan(found[0][2], &e.Column) //nolint:errcheck // digits by the expression
	e.Column = max(e.Column, 1)
	return e
}

var tokenWords = []struct{ token, word string }{
	{"#FeatureLine", "Feature:"}, {"#BackgroundLine", "Background:"}, {"#ScenarioLine", "Scenario:"},
	{"#ExamplesLine", "Examples:"}, {"#RuleLine", "Rule:"}, {"#StepLine", "a step (Given, When, Then, And, But)"},
	{"#TableRow", "a table row"}, {"#DocStringSeparator", `a doc string (""")`}, {"#TagLine", "a tag"},
}

func readable(detail string) string {
	expected, got, ok := strings.Cut(strings.TrimPrefix(detail, "expected: "), ", got ")
	if !ok || !strings.HasPrefix(detail, "expected: ") {
		return detail
	}
	var words []string
	for _, t := range tokenWords {
		if strings.Contains(expected, t.token) {
			words = append(words, t.word)
		}
	}
	return fmt.Sprintf("this line cannot stand here: '%s'; expected %s", strings.Trim(got, "' \t"), strings.Join(words, ", "))
}
