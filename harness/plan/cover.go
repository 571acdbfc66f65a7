package plan

import (
	"fmt"
	"regexp"
	"strings"

	"parley.dev/parley/servant/contract"
)

// Coverage holds the steps of the features against the definitions of the
// platforms.
type Coverage struct {
	Platforms []string
	Steps     []StepCoverage
	Unused    []string // definitions that no step matches, one line each
	Similar   []string // definitions of one platform that differ in little, one line each
}

// StepCoverage is one kind of step: texts that differ in quoted values alone
// count as one.
type StepCoverage struct {
	Type, Text string // the first one found
	Step       *Step
	States     []State // by platform
}

var quotedValue = regexp.MustCompile(`'[^']*'|"[^"]*"|\b\d+\b`)

// Cover matches every step that servants perform against all definitions.
func Cover(features []*Feature, definitions []*Definitions) *Coverage {
	c := &Coverage{}
	for _, d := range definitions {
		c.Platforms = append(c.Platforms, d.Platform)
	}
	used := map[string]bool{}
	kinds := map[string]int{}
	for _, sc := range allScenarios(features) {
		for _, st := range sc.Steps {
			if st.Route.Kind == ToPack {
				continue
			}
			states := make([]State, len(definitions))
			for i, d := range definitions {
				hits := d.Match(st.Type, st.Route.Text)
				for _, h := range hits {
					used[definitionKey(d.Platform, h.Definition)] = true
				}
				states[i] = stateOf(hits, d.Opaque())
			}
			key := typeName(st) + " " + quotedValue.ReplaceAllString(st.Route.Text, "'…'") + fmt.Sprint(states)
			if _, seen := kinds[key]; !seen {
				kinds[key] = len(c.Steps)
				c.Steps = append(c.Steps, StepCoverage{Type: typeName(st), Text: st.Route.Text, Step: st, States: states})
			}
		}
	}
	for _, d := range definitions {
		for _, def := range d.All() {
			if !used[definitionKey(d.Platform, def)] {
				c.Unused = append(c.Unused, fmt.Sprintf("%s: %s %s%s", d.Platform, def.Type, def.Pattern, at(def.Source)))
			}
		}
		c.Similar = append(c.Similar, similar(d)...)
	}
	return c
}

func definitionKey(platform string, d contract.Definition) string {
	return platform + "\x00" + d.Type + "\x00" + d.Pattern
}

var patternGroup = regexp.MustCompile(`\([^()]*\)`)

// similar finds pairs of definitions that nearly have the same words, captured
// groups aside.
func similar(d *Definitions) []string {
	var out []string
	all := d.All()
	words := make([][]string, len(all))
	for i, def := range all {
		words[i] = strings.Fields(patternGroup.ReplaceAllString(def.Pattern, "·"))
	}
	for i := range all {
		for j := i + 1; j < len(all); j++ {
			if all[i].Pattern != all[j].Pattern && len(words[i]) >= 4 && nearlySame(words[i], words[j]) {
				out = append(out, fmt.Sprintf("%s: %s%s and %s%s", d.Platform, all[i].Pattern, at(all[i].Source), all[j].Pattern, at(all[j].Source)))
			}
		}
	}
	return out
}

// nearlySame reports whether a and b have the same words but for the ending of
// one, such as a plural: pairs that differ in a whole word are different steps.
func nearlySame(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	different := 0
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		short, long := a[i], b[i]
		if len(short) > len(long) {
			short, long = long, short
		}
		if !strings.HasPrefix(long, short) || len(long)-len(short) > 2 {
			return false
		}
		different++
	}
	return different <= 1
}
