package plan

import (
	"fmt"
	"slices"
	"strings"

	"parley.dev/parley/harness/nearest"
)

// Cast assigns a platform to each role of a scenario.
type Cast []Assignment

// Assignment is one role played by one platform.
type Assignment struct{ Role, Platform string }

// Platform returns the platform that plays role.
func (c Cast) Platform(role string) string {
	for _, a := range c {
		if a.Role == role {
			return a.Platform
		}
	}
	return ""
}

// String returns the platforms in role order: go_csharp.
func (c Cast) String() string {
	names := make([]string, len(c))
	for i, a := range c {
		names[i] = a.Platform
	}
	return strings.Join(names, "_")
}

// Platforms returns each platform of the cast once.
func (c Cast) Platforms() []string {
	var names []string
	for _, a := range c {
		if !slices.Contains(names, a.Platform) {
			names = append(names, a.Platform)
		}
	}
	return names
}

// orderRoles puts roles into canonical order: that of the configuration, then
// of first appearance.
func orderRoles(roles, canonical []string) []string {
	out := slices.Clone(roles)
	rank := func(r string) int {
		if i := slices.Index(canonical, r); i >= 0 {
			return i
		}
		return len(canonical)
	}
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

// allCasts returns every cast of platforms over roles, the last role changing
// fastest.
func allCasts(roles, platforms []string) []Cast {
	casts := []Cast{{}}
	for _, r := range roles {
		var next []Cast
		for _, c := range casts {
			for _, p := range platforms {
				next = append(next, append(slices.Clone(c), Assignment{r, p}))
			}
		}
		casts = next
	}
	return casts
}

const anyPlatform = "*"

// castPattern is one cast on the command line: positional (go_csharp, go_*,
// python, all) or by role (reader=go,writer=cpp).
type castPattern struct {
	word       string
	positional []string
	byRole     []Assignment
}

// isCastWord reports whether word can only be meant as a cast: every part of it
// is a platform or a star.
func isCastWord(word string, platforms []string) bool {
	if word == "all" {
		return true
	}
	for _, part := range strings.Split(word, "_") {
		if part != anyPlatform && !slices.Contains(platforms, part) {
			return false
		}
	}
	return true
}

// looksLikeCast reports whether word has at least one platform among its parts,
// so that an unknown part is a misspelt platform and no scenario's name.
func looksLikeCast(word string, platforms []string) bool {
	parts := strings.Split(word, "_")
	return len(parts) > 1 && slices.ContainsFunc(parts, func(p string) bool {
		return p == anyPlatform || slices.Contains(platforms, p)
	})
}

func parseCast(word string, platforms, roles []string) (castPattern, error) {
	if strings.Contains(word, "=") {
		return parseRoleCast(word, platforms, roles)
	}
	if word == "all" {
		return castPattern{word: word, positional: []string{anyPlatform}}, nil
	}
	parts := strings.Split(word, "_")
	for _, p := range parts {
		if p != anyPlatform && !slices.Contains(platforms, p) {
			return castPattern{}, unknown("platform", p, word, platforms)
		}
	}
	return castPattern{word: word, positional: parts}, nil
}

func parseRoleCast(word string, platforms, roles []string) (castPattern, error) {
	c := castPattern{word: word}
	for _, pair := range strings.Split(word, ",") {
		role, platform, ok := strings.Cut(pair, "=")
		if !ok || role == "" || platform == "" {
			return c, usage("'%s': write a cast by role as reader=go,writer=cpp", word)
		}
		if !slices.Contains(roles, role) {
			return c, unknown("role", role, word, roles)
		}
		if platform != anyPlatform && !slices.Contains(platforms, platform) {
			return c, unknown("platform", platform, word, platforms)
		}
		c.byRole = append(c.byRole, Assignment{role, platform})
	}
	return c, nil
}

func unknown(what, name, word string, known []string) error {
	in := ""
	if name != word {
		in = fmt.Sprintf(" in '%s'", word)
	}
	return usage("no %s '%s'%s%s; there are: %s", what, name, in, nearest.Hint(name, known), strings.Join(known, ", "))
}

// UnknownPlatform is the *UsageError for a platform that the configuration lacks.
func UnknownPlatform(name string, known []string) error {
	return unknown("platform", name, name, known)
}

// matches reports whether the cast fits the pattern. A single name plays every
// role; several names fit the roles in order, and there must be enough of them.
func (p castPattern) matches(c Cast) (bool, error) {
	for _, a := range p.byRole {
		if got := c.Platform(a.Role); got == "" || (a.Platform != anyPlatform && got != a.Platform) {
			return false, nil
		}
	}
	if len(p.positional) > 1 && len(p.positional) < len(c) {
		return false, usage("cast '%s' names %d platforms for %d roles (%s); give one for each, or a single one for all",
			p.word, len(p.positional), len(c), strings.Join(roleNames(c), ", "))
	}
	for i, a := range c {
		want := anyPlatform
		switch {
		case len(p.positional) == 1:
			want = p.positional[0]
		case len(p.positional) > 1:
			want = p.positional[i]
		}
		if want != anyPlatform && want != a.Platform {
			return false, nil
		}
	}
	return true, nil
}

// checkLengths refuses a cast with more names than any scenario has roles.
func (s *selection) checkLengths(features []*Feature) error {
	most := 0
	for _, sc := range allScenarios(features) {
		most = max(most, len(sc.Roles))
	}
	for _, p := range s.casts {
		if n := len(p.positional); n > max(most, 1) {
			return usage("cast '%s' names %d platforms; no scenario has more than %d roles", p.word, n, most)
		}
	}
	return nil
}

func roleNames(c Cast) []string {
	names := make([]string, len(c))
	for i, a := range c {
		names[i] = a.Role
	}
	return names
}
