// Package runlogtest makes up runs for tests of the run log and of the reports:
// real features, parsed, with invented results at invented times.
package runlogtest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"parley.dev/parley/harness/runlog"
)

// Start is when every made-up run starts.
func Start() time.Time { return time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC) }

// NewIDs returns an id generator; all features of a run need the same one.
func NewIDs() func() string { return (&messages.Incrementing{}).NewId }

// Parse parses a feature file.
func Parse(tb testing.TB, newID func() string, uri, text string) runlog.Feature {
	tb.Helper()
	doc, err := gherkin.ParseGherkinDocument(strings.NewReader(text), newID)
	if err != nil {
		tb.Fatalf("%s: %v", uri, err)
	}
	doc.Uri = uri
	pickles := gherkin.Pickles(*doc, uri, newID)
	return runlog.Feature{URI: uri, Source: []byte(text), Document: doc, Pickles: pickles}
}

// Cells plans every pickle of the feature in every cast; roles are the names of
// the scenario's roles, in order. Steps that name no role go to the first.
func Cells(f runlog.Feature, roles []string, casts ...string) []runlog.Cell {
	nodes := astNodes(f.Document)
	var cells []runlog.Cell
	for _, cast := range casts {
		rows := map[string]int{}
		for _, p := range f.Pickles {
			c := runlog.Cell{Name: p.Name, Feature: f.Document.Feature.Name, URI: f.URI, Cast: cast, Pickle: p.Id,
				Line: nodes[p.AstNodeIds[0]].line}
			if m := regexp.MustCompile(`^Test (\d+\.\d+)`).FindStringSubmatch(p.Name); m != nil {
				c.Number = m[1]
			}
			if len(p.AstNodeIds) > 1 {
				rows[p.AstNodeIds[0]]++
				c.Row = fmt.Sprintf("#%d", rows[p.AstNodeIds[0]])
			}
			for _, tag := range p.Tags {
				c.Tags = append(c.Tags, tag.Name)
			}
			platforms := strings.Split(cast, "_")
			for i, role := range roles {
				c.Roles = append(c.Roles, runlog.Role{Name: role, Platform: platforms[min(i, len(platforms)-1)]})
			}
			for _, s := range p.Steps {
				c.Steps = append(c.Steps, step(s, nodes[s.AstNodeIds[0]], c.Roles))
			}
			c.ID = c.Label() + "/" + cast
			c.Rerun = "./test.sh " + cast + " " + c.Label()
			cells = append(cells, c)
		}
	}
	return cells
}

func step(s *messages.PickleStep, node astNode, roles []runlog.Role) runlog.Step {
	out := runlog.Step{ID: s.Id, Text: s.Text, Keyword: node.keyword, Line: node.line}
	role := roles[0]
	for _, r := range roles {
		if strings.Contains(s.Text, "'"+r.Name+"'") {
			role = r
		}
	}
	out.Target, out.Platform = role.Name, role.Platform
	out.PatternSource = regexp.MustCompile(`'[^']*'`).ReplaceAllString(regexp.QuoteMeta(s.Text), `'([^']*)'`)
	out.DefinedAt = "steps/" + role.Platform + ".txt:" + fmt.Sprint(node.line)
	return out
}

type astNode struct {
	line    int
	keyword string
}

func astNodes(doc *messages.GherkinDocument) map[string]astNode {
	nodes := map[string]astNode{}
	addSteps := func(steps []*messages.Step) {
		for _, s := range steps {
			nodes[s.Id] = astNode{int(s.Location.Line), strings.TrimSpace(s.Keyword)}
		}
	}
	for _, child := range doc.Feature.Children {
		if child.Background != nil {
			addSteps(child.Background.Steps)
		}
		if child.Scenario != nil {
			nodes[child.Scenario.Id] = astNode{line: int(child.Scenario.Location.Line)}
			addSteps(child.Scenario.Steps)
		}
	}
	return nodes
}

// Large plans features × scenarios × casts cells of two steps each.
func Large(tb testing.TB, features, scenarios int, casts ...string) ([]runlog.Feature, []runlog.Cell) {
	tb.Helper()
	newID := NewIDs()
	var parsed []runlog.Feature
	var cells []runlog.Cell
	for f := 1; f <= features; f++ {
		var text bytes.Buffer
		fmt.Fprintf(&text, "Feature: Topic number %d\n", f)
		for s := 1; s <= scenarios; s++ {
			fmt.Fprintf(&text, "\n  Scenario: Test %d.%d - What must hold in case %d of topic %d\n", f, s, s, f)
			text.WriteString("    Given the 'reader' process is ready\n    Then the 'writer' process is ready\n")
		}
		feature := Parse(tb, newID, fmt.Sprintf("features/%02d-topic.feature", f), text.String())
		parsed = append(parsed, feature)
		cells = append(cells, Cells(feature, []string{"reader", "writer"}, casts...)...)
	}
	return parsed, cells
}
