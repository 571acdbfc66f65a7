package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Selected is what a request comes to.
type Selected struct {
	Cells []*Cell // to be run, in order
	// LeftOut are those that the request would select as well, were their
	// scenarios not run on demand only.
	LeftOut []*Cell
}

// OnDemand returns those of the scenario's tags that make it run on demand only.
func (s *Scenario) OnDemand(tags []string) []string {
	return slices.DeleteFunc(slices.Clone(s.Tags), func(t string) bool { return !slices.Contains(tags, t) })
}

// LeftOut counts scenarios that were not run because nobody asked for them.
// Tags are those that they run on demand for, in the order of the features.
type LeftOut struct {
	Scenarios int
	Tags      []string
}

// CountLeftOut counts the scenarios of the cells that were left out.
func (s *Selected) CountLeftOut(onDemand []string) LeftOut {
	var out LeftOut
	seen := map[*Scenario]bool{}
	for _, c := range s.LeftOut {
		if seen[c.Scenario] {
			continue
		}
		seen[c.Scenario] = true
		out.Scenarios++
		for _, tag := range c.Scenario.OnDemand(onDemand) {
			if !slices.Contains(out.Tags, tag) {
				out.Tags = append(out.Tags, tag)
			}
		}
	}
	return out
}

// String says what was left out and how to ask for it, "" for nothing.
func (l LeftOut) String() string {
	if l.Scenarios == 0 {
		return ""
	}
	scenarios, them := fmt.Sprintf("%d scenarios run", l.Scenarios), "them"
	if l.Scenarios == 1 {
		scenarios, them = "1 scenario runs", "it"
	}
	return fmt.Sprintf("%s on demand only (%s); ask for %s: --tags \"%s\", or by number, place or name",
		scenarios, strings.Join(l.Tags, ", "), them, strings.Join(l.Tags, " or "))
}

var tagTokens = regexp.MustCompile(`[()]|[^\s()]+`)

// namedTags returns the tags that a valid tag expression names without negating
// them.
func namedTags(expr string) []string {
	var (
		named   []string
		outer   []bool // of each open parenthesis: whether what is in front of it negates
		negated bool   // what the parentheses around come to
		not     bool   // what stands directly in front
	)
	for _, token := range tagTokens.FindAllString(expr, -1) {
		switch token {
		case "and", "or":
		case "not":
			not = !not
		case "(":
			outer = append(outer, negated)
			negated, not = negated != not, false
		case ")":
			negated, outer = outer[len(outer)-1], outer[:len(outer)-1]
		default:
			if negated == not {
				named = append(named, token)
			}
			not = false
		}
	}
	return named
}

// asksFor reports whether the selection names a scenario that runs on demand: by
// one of those tags, or by a word that is no star.
func (s *selection) asksFor(sc *Scenario, onDemand []string) bool {
	if slices.ContainsFunc(sc.OnDemand(onDemand), func(t string) bool { return slices.Contains(s.named, t) }) {
		return true
	}
	return slices.ContainsFunc(s.scenarios, func(p scenarioPattern) bool {
		return strings.Trim(p.word, "*.") != "" && p.match(sc)
	})
}
