package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v21"

	"parley.dev/parley/servant/contract"
)

// Scenario is one runnable scenario: a pickle, with its steps routed. The rows
// of an outline are scenarios of their own.
type Scenario struct {
	Feature *Feature
	Pickle  *messages.Pickle
	Number  string // "1.1", or "" when the name has none
	Row     int    // 1-based row of an outline, 0 for a plain scenario
	Name    string
	Line    int    // of the scenario, or of the row in its Examples
	First   int    // first line of the text that belongs to it, tags included
	Last    int    // last line of it
	Kept    []span // lines of the file that a parser needs to see this scenario alone
	Tags    []string
	Steps   []*Step
	Roles   []string // in order of first appearance

	Parameters []string // names of those that its text has, sorted
}

// span is a range of lines, both ends included.
type span struct{ first, last int }

// Key is the scenario's short name in reports: its number, with the row of an
// outline, or its place when it has no number.
func (s *Scenario) Key() string {
	if s.Number == "" {
		return fmt.Sprintf("%s:%d", s.Feature.URI, s.Line)
	}
	if s.Row > 0 {
		return fmt.Sprintf("%s#%d", s.Number, s.Row)
	}
	return s.Number
}

// Step is one step of a scenario with its route.
type Step struct {
	Pickle    *messages.PickleStep
	Keyword   string // as written: Given, And, *
	Text      string // as written, without the keyword
	Line      int
	Type      string // Given, When, Then; "" when nothing in front of it says
	Route     Route
	Table     *contract.Table
	DocString *contract.DocString
}

var testName = regexp.MustCompile(`^Test\s+(\d+(?:\.\d+)+)\s*(?:[-–—:]\s*)?(.*)$`)

func scenarios(f *Feature, packs PackMatcher) []*Scenario {
	ast := indexDocument(f.Document)
	ends := scenarioEnds(f)
	rows := map[string]int{}
	var out []*Scenario
	for _, p := range f.Pickles {
		node := ast.scenarios[p.AstNodeIds[0]]
		s := &Scenario{
			Feature: f, Pickle: p, Name: p.Name,
			Line: int(node.Location.Line), First: firstLine(node), Last: ends[node.Id],
		}
		s.Kept = keptLines(f, ast, node, ends[node.Id])
		if m := testName.FindStringSubmatch(p.Name); m != nil {
			s.Number, s.Name = m[1], m[2]
		}
		if len(p.AstNodeIds) > 1 {
			rows[node.Id]++
			s.Row = rows[node.Id]
			s.Line = int(ast.rows[p.AstNodeIds[1]].Location.Line)
			s.Kept = exampleLines(s.Kept, node, s.Line)
		}
		for _, t := range p.Tags {
			s.Tags = append(s.Tags, t.Name)
		}
		s.Steps = routeSteps(p, ast, packs)
		for _, st := range s.Steps {
			if r := st.Route.Role; r != "" && !slices.Contains(s.Roles, r) {
				s.Roles = append(s.Roles, r)
			}
		}
		out = append(out, s)
	}
	return out
}

func routeSteps(p *messages.Pickle, ast *document, packs PackMatcher) []*Step {
	router := newRouter(packs)
	var steps []*Step
	inBackground, lastType := true, ""
	for _, ps := range p.Steps {
		node := ast.steps[ps.AstNodeIds[0]]
		if inBackground && !ast.background[node.Id] {
			inBackground = false
			router.startScenario()
		}
		// `*` says nothing of its own: like And it goes on with what it follows.
		if t := stepType(ps.Type); t != "" {
			lastType = t
		}
		st := &Step{
			Pickle: ps, Keyword: strings.TrimSpace(node.Keyword), Text: ps.Text,
			Line: int(node.Location.Line), Type: lastType, Route: router.route(ps.Text),
		}
		if a := ps.Argument; a != nil {
			st.Table, st.DocString = argument(a)
		}
		steps = append(steps, st)
	}
	return steps
}

func stepType(t messages.PickleStepType) string {
	switch t {
	case messages.PickleStepType_CONTEXT:
		return contract.Given
	case messages.PickleStepType_ACTION:
		return contract.When
	case messages.PickleStepType_OUTCOME:
		return contract.Then
	default:
		return ""
	}
}

func argument(a *messages.PickleStepArgument) (*contract.Table, *contract.DocString) {
	if a.DocString != nil {
		return nil, &contract.DocString{Content: a.DocString.Content, MediaType: a.DocString.MediaType}
	}
	if a.DataTable == nil || len(a.DataTable.Rows) == 0 {
		return nil, nil
	}
	t := &contract.Table{Rows: []map[string]string{}}
	for _, c := range a.DataTable.Rows[0].Cells {
		t.Headers = append(t.Headers, c.Value)
	}
	for _, r := range a.DataTable.Rows[1:] {
		row := make(map[string]string, len(r.Cells))
		for i, c := range r.Cells {
			row[t.Headers[i]] = c.Value
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}
