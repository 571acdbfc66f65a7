package plan

import (
	"bytes"
	"slices"

	messages "github.com/cucumber/messages/go/v21"
)

// document indexes a gherkin document by node id.
type document struct {
	scenarios  map[string]*messages.Scenario
	steps      map[string]*messages.Step
	rows       map[string]*messages.TableRow
	background map[string]bool                   // ids of Background steps
	rules      map[string]*messages.Rule         // scenario id → its rule
	order      []*messages.Scenario              // as in the file
	heads      map[string][]*messages.Background // rule id ("" for the feature) → its Background
}

func indexDocument(d *messages.GherkinDocument) *document {
	x := &document{
		scenarios: map[string]*messages.Scenario{}, steps: map[string]*messages.Step{},
		rows: map[string]*messages.TableRow{}, background: map[string]bool{},
		rules: map[string]*messages.Rule{}, heads: map[string][]*messages.Background{},
	}
	for _, c := range d.Feature.Children {
		x.child(c.Background, c.Scenario, nil)
		if c.Rule != nil {
			for _, rc := range c.Rule.Children {
				x.child(rc.Background, rc.Scenario, c.Rule)
			}
		}
	}
	return x
}

func (x *document) child(b *messages.Background, s *messages.Scenario, rule *messages.Rule) {
	if b != nil {
		id := ""
		if rule != nil {
			id = rule.Id
		}
		x.heads[id] = append(x.heads[id], b)
		for _, st := range b.Steps {
			x.steps[st.Id], x.background[st.Id] = st, true
		}
	}
	if s == nil {
		return
	}
	x.scenarios[s.Id] = s
	x.order = append(x.order, s)
	if rule != nil {
		x.rules[s.Id] = rule
	}
	for _, st := range s.Steps {
		x.steps[st.Id] = st
	}
	for _, e := range s.Examples {
		for _, r := range e.TableBody {
			x.rows[r.Id] = r
		}
	}
}

func firstLine(s *messages.Scenario) int {
	first := s.Location.Line
	for _, t := range s.Tags {
		first = min(first, t.Location.Line)
	}
	return int(first)
}

// blockStarts lists the first lines of everything that ends a scenario's text.
func blockStarts(f *Feature) []int {
	var starts []int
	tagged := func(line int64, tags []*messages.Tag) {
		for _, t := range tags {
			line = min(line, t.Location.Line)
		}
		starts = append(starts, int(line))
	}
	for _, c := range f.Document.Feature.Children {
		if c.Background != nil {
			tagged(c.Background.Location.Line, nil)
		}
		if c.Scenario != nil {
			tagged(c.Scenario.Location.Line, c.Scenario.Tags)
		}
		if c.Rule == nil {
			continue
		}
		tagged(c.Rule.Location.Line, c.Rule.Tags)
		for _, rc := range c.Rule.Children {
			if rc.Background != nil {
				tagged(rc.Background.Location.Line, nil)
			}
			if rc.Scenario != nil {
				tagged(rc.Scenario.Location.Line, rc.Scenario.Tags)
			}
		}
	}
	slices.Sort(starts)
	return starts
}

// endOf returns the last line of the block that starts at line.
func endOf(f *Feature, starts []int, line int) int {
	for _, s := range starts {
		if s > line {
			return s - 1
		}
	}
	return bytes.Count(f.Source, []byte("\n")) + 1
}

func scenarioEnds(f *Feature) map[string]int {
	starts := blockStarts(f)
	ends := map[string]int{}
	for _, s := range indexDocument(f.Document).order {
		ends[s.Id] = endOf(f, starts, int(s.Location.Line))
	}
	return ends
}

// keptLines are the lines a parser needs to see one scenario as it stands in
// its feature: everything above the first block, the backgrounds that apply,
// the head of its rule, and the scenario.
func keptLines(f *Feature, ast *document, s *messages.Scenario, last int) []span {
	starts := blockStarts(f)
	kept := []span{{1, starts[0] - 1}}
	add := func(line, first int64) { kept = append(kept, span{int(first), endOf(f, starts, int(line))}) }
	for _, b := range ast.heads[""] {
		add(b.Location.Line, b.Location.Line)
	}
	if r := ast.rules[s.Id]; r != nil {
		first := r.Location.Line
		for _, t := range r.Tags {
			first = min(first, t.Location.Line)
		}
		add(r.Location.Line, first)
		for _, b := range ast.heads[r.Id] {
			add(b.Location.Line, b.Location.Line)
		}
	}
	return append(kept, span{firstLine(s), last})
}

// exampleLines narrows the lines of an outline to one row of its Examples.
func exampleLines(kept []span, s *messages.Scenario, row int) []span {
	scenario := kept[len(kept)-1]
	out := slices.Clone(kept[:len(kept)-1])
	next := scenario.first
	drop := func(first, last int) {
		if first > next {
			out = append(out, span{next, first - 1})
		}
		next = last + 1
	}
	for i, e := range s.Examples {
		first, last := examplesStart(e), scenario.last
		if i+1 < len(s.Examples) {
			last = examplesStart(s.Examples[i+1]) - 1
		}
		mine := slices.ContainsFunc(e.TableBody, func(r *messages.TableRow) bool { return int(r.Location.Line) == row })
		if !mine {
			drop(first, last)
			continue
		}
		for _, r := range e.TableBody {
			if line := int(r.Location.Line); line != row {
				drop(line, line)
			}
		}
	}
	if next <= scenario.last {
		out = append(out, span{next, scenario.last})
	}
	return out
}

func examplesStart(e *messages.Examples) int {
	first := e.Location.Line
	for _, t := range e.Tags {
		first = min(first, t.Location.Line)
	}
	return int(first)
}

// Alone returns the feature's source with every line blanked that does not
// belong to the scenario, so that a parser sees this one scenario and every
// line keeps its number.
func (s *Scenario) Alone() []byte {
	lines := bytes.SplitAfter(s.Feature.Source, []byte("\n"))
	var out bytes.Buffer
	for i, line := range lines {
		n := i + 1
		if slices.ContainsFunc(s.Kept, func(k span) bool { return k.first <= n && n <= k.last }) {
			out.Write(line)
		} else if bytes.HasSuffix(line, []byte("\n")) {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}
