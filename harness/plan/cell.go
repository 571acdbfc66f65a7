package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Cell is one scenario in one cast: the unit that runs, passes or fails, and
// can be repeated by name.
type Cell struct {
	ID       string // unique in the run
	Scenario *Scenario
	Cast     Cast
	Repeat   int // 1-based, of --repeat
	Skip     string
	Calls    [][]Call // per step; filled by Resolve

	steps string // command that shows what is defined
}

// Call is one servant's part of a step.
type Call struct {
	Instance
	Hits   []Hit // one: defined; none: undefined; several: ambiguous
	Opaque bool  // no hit, but the servant may define it all the same

	OtherType []Hit // when undefined: what would match if the step had another type
}

// Instance is one servant of a cell.
type Instance struct {
	Role     string
	Number   int
	Platform string
}

func (i Instance) String() string {
	if i.Number > 1 {
		return fmt.Sprintf("%s#%d", i.Role, i.Number)
	}
	return i.Role
}

// Request says which cells to make.
type Request struct {
	Selection Selection
	Platforms []string // all that the configuration names, in its order
	Roles     []string // canonical order
	OnDemand  []string // tags of scenarios that run only when the selection names them
	Dir, Root string   // where the user is; where the configuration is
	Repeat    int      // how often each cell runs, at least 1
	Steps     string   // command that shows what is defined, named in messages; empty: parley steps
	Shuffle   *uint64  // seed of the order, nil for that of the features
}

// Select returns the cells that the request selects, in order. A selection that
// selects nothing is a *UsageError.
func Select(features []*Feature, r Request) (*Selected, error) {
	sel, err := r.Selection.parse(features, r.Platforms, rolesOf(features, r.Roles), r.Dir, r.Root)
	if err != nil {
		return nil, err
	}
	if err := sel.checkLengths(features); err != nil {
		return nil, err
	}
	keys := uniqueKeys(features)
	out := &Selected{}
	for _, sc := range allScenarios(features) {
		if !sel.wantsScenario(sc) {
			continue
		}
		into := &out.Cells
		if len(sc.OnDemand(r.OnDemand)) > 0 && !sel.asksFor(sc, r.OnDemand) {
			into = &out.LeftOut
		}
		for _, cast := range allCasts(orderRoles(sc.Roles, r.Roles), r.Platforms) {
			ok, err := sel.wantsCast(cast)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", sc.Key(), err)
			}
			if ok {
				*into = append(*into, &Cell{Scenario: sc, Cast: cast, ID: cellID(keys[sc], cast), steps: r.Steps})
			}
		}
	}
	if len(out.Cells) == 0 {
		return nil, nothingSelected(r.Selection, out.CountLeftOut(r.OnDemand))
	}
	out.Cells = repeat(out.Cells, max(r.Repeat, 1))
	if r.Shuffle != nil {
		rng := rand.New(rand.NewPCG(*r.Shuffle, 0))
		rng.Shuffle(len(out.Cells), func(i, j int) { out.Cells[i], out.Cells[j] = out.Cells[j], out.Cells[i] })
	}
	return out, nil
}

func nothingSelected(s Selection, left LeftOut) error {
	if left.Scenarios > 0 {
		return usage("nothing else is selected, and %v", left)
	}
	words := slices.Clone(s.Words)
	if s.Tags != "" {
		words = append(words, "--tags '"+s.Tags+"'")
	}
	if len(words) == 0 {
		return usage("the features have no scenario to run")
	}
	return usageList("no cell matches all of: %s", strings.Join(words, " "))
}

func cellID(key string, cast Cast) string {
	if len(cast) == 0 {
		return key
	}
	return key + "/" + cast.String()
}

func repeat(cells []*Cell, times int) []*Cell {
	if times == 1 {
		for _, c := range cells {
			c.Repeat = 1
		}
		return cells
	}
	var out []*Cell
	for n := 1; n <= times; n++ {
		for _, c := range cells {
			again := *c
			again.Repeat = n
			again.ID = fmt.Sprintf("%s@%d", c.ID, n)
			out = append(out, &again)
		}
	}
	return out
}

// uniqueKeys returns each scenario's key; where two share one, their places.
func uniqueKeys(features []*Feature) map[*Scenario]string {
	seen := map[string]int{}
	for _, s := range allScenarios(features) {
		seen[s.Key()]++
	}
	keys := map[*Scenario]string{}
	for _, s := range allScenarios(features) {
		keys[s] = s.Key()
		if seen[s.Key()] > 1 {
			keys[s] = fmt.Sprintf("%s:%d", s.Feature.URI, s.Line)
		}
	}
	return keys
}

func rolesOf(features []*Feature, canonical []string) []string {
	roles := slices.Clone(canonical)
	for _, s := range allScenarios(features) {
		for _, r := range s.Roles {
			if !slices.Contains(roles, r) {
				roles = append(roles, r)
			}
		}
	}
	return roles
}

// Instances returns the servants that the cell needs, in canonical role order.
func (c *Cell) Instances() []Instance {
	highest := map[string]int{}
	for _, st := range c.Scenario.Steps {
		for _, n := range st.Route.Instances {
			highest[st.Route.Role] = max(highest[st.Route.Role], n)
		}
	}
	var out []Instance
	for _, a := range c.Cast {
		for n := 1; n <= highest[a.Role]; n++ {
			out = append(out, Instance{a.Role, n, a.Platform})
		}
	}
	return out
}

// Targets returns the servants that perform a step; none for a pack's step.
func (c *Cell) Targets(st *Step) []Instance {
	switch st.Route.Kind {
	case ToAll:
		return c.Instances()
	case ToPack:
		return nil
	}
	var out []Instance
	for _, n := range st.Route.Instances {
		out = append(out, Instance{st.Route.Role, n, c.Cast.Platform(st.Route.Role)})
	}
	return out
}

// Resolve matches every step of the cell against the definitions of the
// platforms that perform it.
func (c *Cell) Resolve(definitions map[string]*Definitions) {
	c.Calls = make([][]Call, len(c.Scenario.Steps))
	for i, st := range c.Scenario.Steps {
		for _, t := range c.Targets(st) {
			call := Call{Instance: t}
			if d := definitions[t.Platform]; d != nil {
				call.Hits, call.Opaque = d.Match(st.Type, st.Route.Text), d.Opaque()
				if len(call.Hits) == 0 {
					call.OtherType = d.Match("", st.Route.Text)
				}
			}
			c.Calls[i] = append(c.Calls[i], call)
		}
	}
}

// Platforms returns every platform that the cells need, in the order given.
func Platforms(cells []*Cell, order []string) []string {
	var out []string
	for _, name := range order {
		if slices.ContainsFunc(cells, func(c *Cell) bool { return slices.Contains(c.Cast.Platforms(), name) }) {
			out = append(out, name)
		}
	}
	return out
}
