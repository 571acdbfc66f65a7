package plan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PackMatcher tells whether a pack defines a step, and which.
type PackMatcher interface {
	// MatchPack returns the pack's name and the definition's pattern. text has no
	// `meanwhile` or `within` in front of it.
	MatchPack(text string) (pack, pattern string, ok bool)
}

// Kind says who performs a step.
type Kind int

// The kinds of routes.
const (
	ToRole Kind = iota // the instances of one role
	ToAll              // every servant of the cell: all must define it, all must pass
	ToPack             // the coordinator itself
)

// Route says who performs a step and how it is sent.
type Route struct {
	Kind      Kind
	Text      string        // what is sent: the step without `meanwhile` and `within`
	Role      string        // the role it names or inherits; for a pack the one it names, if any
	Instances []int         // 1-based instances of the role
	Pack      string        // name of the pack
	Pattern   string        // of the pack's definition
	Meanwhile bool          // sent without waiting for its answer
	Within    time.Duration // limit set by `within 'N' seconds`, 0 if none
}

const roleName = `['"]([A-Za-z][\w-]*)['"]`

var (
	meanwhilePrefix = regexp.MustCompile(`^(?i:meanwhile),?\s+`)
	withinPrefix    = regexp.MustCompile(`^(?i:within)\s+['"]?(\d+(?:\.\d+)?)['"]?\s+seconds?,?\s+`)

	newRole    = regexp.MustCompile(`^(?i:(?:an?|the)\s+new)\s+` + roleName + `\s+process\b`)
	secondRole = regexp.MustCompile(`^(?i:(?:an?|the)\s+second)\s+` + roleName + `\s+process\b`)
	twoRoles   = regexp.MustCompile(`^(?i:two)\s+` + roleName + `\s+processes\b`)
	oneRole    = regexp.MustCompile(`^(?i:(?:the|an?)\s+)` + roleName + `\s+process\b`)
	bareRole   = regexp.MustCompile(`^` + roleName + `(?:\s|$)`)

	// insideRole finds the process that a pack's step names behind its first words.
	insideRole = regexp.MustCompile(`\b(?i:an?|the|two)\s+(?:(?i:new|second)\s+)?` + roleName + `\s+process(?:es)?\b`)
)

// router carries what a step inherits from the one before it. Background and
// scenario inherit separately; instances are counted through both.
type router struct {
	packs   PackMatcher
	last    target
	current map[string]int // role → the instance that "the 'x' process" means
	count   map[string]int // role → instances so far
}

type target struct {
	role      string
	instances []int
}

func newRouter(packs PackMatcher) *router {
	return &router{packs: packs, current: map[string]int{}, count: map[string]int{}}
}

func (r *router) startScenario() { r.last = target{} }

func (r *router) route(text string) Route {
	var out Route
	rest := text
	if m := meanwhilePrefix.FindString(rest); m != "" {
		out.Meanwhile, rest = true, rest[len(m):]
	}
	if m := withinPrefix.FindStringSubmatch(rest); m != nil {
		seconds, _ := strconv.ParseFloat(m[1], 64)
		out.Within, rest = time.Duration(seconds*float64(time.Second)), rest[len(m[0]):]
	}
	out.Text = rest
	named := r.named(rest)
	if named.role != "" {
		r.last = named
	}
	if pack, pattern, ok := r.packs.MatchPack(rest); ok {
		if at := insideRole.FindStringIndex(rest); named.role == "" && at != nil {
			named = r.named(rest[at[0]:])
		}
		out.Pack, out.Pattern = pack, pattern
		out.Kind, out.Role, out.Instances = ToPack, named.role, named.instances
		return out
	}
	if r.last.role == "" {
		out.Kind = ToAll
		return out
	}
	out.Kind, out.Role, out.Instances = ToRole, r.last.role, slices.Clone(r.last.instances)
	return out
}

// named returns the target a step names itself. `a new 'x'` starts an instance
// that `the 'x'` means from then on; `a second 'x'` and `two 'x'` leave the
// meaning of `the 'x'` as it is.
func (r *router) named(text string) target {
	if m := newRole.FindStringSubmatch(text); m != nil {
		n := r.count[m[1]] + 1
		r.count[m[1]], r.current[m[1]] = n, n
		return target{m[1], []int{n}}
	}
	if m := secondRole.FindStringSubmatch(text); m != nil {
		r.count[m[1]] = max(r.count[m[1]], 2)
		return target{m[1], []int{2}}
	}
	if m := twoRoles.FindStringSubmatch(text); m != nil {
		r.count[m[1]] = max(r.count[m[1]], 2)
		return target{m[1], []int{1, 2}}
	}
	for _, expr := range []*regexp.Regexp{oneRole, bareRole} {
		if m := expr.FindStringSubmatch(text); m != nil {
			r.count[m[1]] = max(r.count[m[1]], 1)
			return target{m[1], []int{max(r.current[m[1]], 1)}}
		}
	}
	return target{}
}

// Forms are the texts under which a step is looked up: as written, then without
// the punctuation some feature files end their steps with.
func Forms(text string) []string {
	trimmed := strings.TrimRight(text, "; \t")
	if trimmed == text || trimmed == "" {
		return []string{text}
	}
	return []string{text, trimmed}
}
