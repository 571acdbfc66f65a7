package plan

import (
	"bytes"
	"regexp"
	"slices"
)

var parameterName = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9-]*)\}`)

// fill puts values in the place of {name}, and tells which names stood in which
// line, counted from 1. Other words in braces stay as they are. Values are of
// one line, so that every line keeps its number.
func fill(source []byte, values map[string]string) ([]byte, map[int][]string) {
	used := map[int][]string{}
	if len(values) == 0 {
		return source, used
	}
	var out bytes.Buffer
	n := 0
	for line := range bytes.Lines(source) {
		n++
		out.Write(parameterName.ReplaceAllFunc(line, func(m []byte) []byte {
			name := string(m[1 : len(m)-1])
			value, known := values[name]
			if !known {
				return m
			}
			used[n] = append(used[n], name)
			return []byte(value)
		}))
	}
	return out.Bytes(), used
}

// parametersOf are the names of the parameters in a scenario's own lines, its
// steps from a Background among them.
func parametersOf(s *Scenario, used map[int][]string) []string {
	var names []string
	for line, here := range used {
		if slices.ContainsFunc(s.Kept, func(k span) bool { return k.first <= line && line <= k.last }) {
			names = append(names, here...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
