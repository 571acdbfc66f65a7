package plan

import (
	"fmt"
	"slices"

	"parley.dev/parley/harness/nearest"
)

// Warnings are what is allowed in features and yet probably not meant: a role
// that is nearly a known one, a number that two scenarios have, a feature without
// scenarios. Each has its place.
func Warnings(features []*Feature, roles []string) []string {
	var out []string
	numbers := map[string]*Scenario{}
	seen := map[string]bool{}
	for _, f := range features {
		if len(f.Scenarios) == 0 {
			out = append(out, fmt.Sprintf("%s: the feature '%s' has no scenario", f.URI, f.Name))
		}
		for _, sc := range f.Scenarios {
			for _, st := range sc.Steps {
				role := st.Route.Role
				if role == "" || seen[role] || slices.Contains(roles, role) {
					continue
				}
				seen[role] = true
				if hint := nearest.Hint(role, roles); hint != "" {
					out = append(out, fmt.Sprintf("%s:%d: role '%s' is not in `roles` of parley.yaml%s", f.URI, st.Line, role, hint))
				}
			}
			first := numbers[sc.Number]
			if sc.Number == "" || sc.Row > 1 {
				continue
			}
			if first == nil {
				numbers[sc.Number] = sc
				continue
			}
			out = append(out, fmt.Sprintf("%s:%d: number %s stands at %s:%d already; each selects both", f.URI, sc.Line, sc.Number, first.Feature.URI, first.Line))
		}
	}
	return out
}
