package plan

import (
	"fmt"
	"regexp"
	"strings"

	"parley.dev/parley/servant/contract"
)

// Definitions are the step definitions of one platform, ready to match.
type Definitions struct {
	Platform string
	legacy   bool
	list     []definition
	opaque   bool // a 1.0 servant has patterns that are no RE2: only it can tell what it defines
}

type definition struct {
	contract.Definition
	expr *regexp.Regexp
}

// Hit is a definition that matches a step, with the captured arguments.
type Hit struct {
	Definition contract.Definition
	Arguments  []string
	Text       string // the form of the step's text that matched
	Type       string // the step type under which it matched
}

// Compile prepares what a servant of platform reported. A contract 1.1 servant
// must report RE2 patterns; 1.0 servants may use {int}, {word}, {string},
// {float} and {} in theirs, as their registries do.
func Compile(platform string, legacy bool, defs []contract.Definition) (*Definitions, error) {
	d := &Definitions{Platform: platform, legacy: legacy}
	for _, def := range defs {
		pattern := def.Pattern
		if legacy {
			pattern = legacyPattern(pattern)
		}
		expr, err := regexp.Compile(`^(?:` + pattern + `)$`)
		switch {
		case err == nil:
			d.list = append(d.list, definition{def, expr})
		case legacy:
			d.opaque = true
		default:
			return nil, fmt.Errorf("servant %s reports a pattern that is no RE2 expression: %s%s: %w; correct the step definition",
				platform, def.Pattern, at(def.Source), err)
		}
	}
	return d, nil
}

func at(source string) string {
	if source == "" {
		return ""
	}
	return " (" + source + ")"
}

// Opaque reports whether an unmatched step may still be defined: then only the
// servant can tell.
func (d *Definitions) Opaque() bool { return d.opaque }

// All returns the definitions in the order they were reported.
func (d *Definitions) All() []contract.Definition {
	all := make([]contract.Definition, len(d.list))
	for i, def := range d.list {
		all[i] = def.Definition
	}
	return all
}

// Match returns the definitions that match a step. An empty stepType (a step
// that nothing in front of it gives a type) matches definitions of any type.
// A 1.0 servant takes its first match itself, so no more than that is returned.
func (d *Definitions) Match(stepType, text string) []Hit {
	for _, form := range Forms(text) {
		var hits []Hit
		for _, def := range d.list {
			if !typeMatches(def.Type, stepType) {
				continue
			}
			m := def.expr.FindStringSubmatch(form)
			if m == nil {
				continue
			}
			hits = append(hits, Hit{Definition: def.Definition, Arguments: m[1:], Text: form, Type: wireType(def.Type, stepType)})
		}
		if len(hits) > 1 && d.legacy {
			hits = hits[:1]
		}
		if len(hits) > 0 {
			return hits
		}
	}
	return nil
}

func typeMatches(defined, stepType string) bool {
	return stepType == "" || strings.EqualFold(defined, stepType) || anyType(defined)
}

func anyType(t string) bool {
	return t == "" || strings.EqualFold(t, contract.Unknown) || strings.EqualFold(t, contract.Step)
}

// wireType is the type that is sent: the step's own, or for a step without one
// that of the definition, so that a servant that filters by type finds it too.
func wireType(defined, stepType string) string {
	if stepType != "" {
		return stepType
	}
	for _, t := range []string{contract.Given, contract.When, contract.Then} {
		if strings.EqualFold(defined, t) {
			return t
		}
	}
	return contract.Given
}

var (
	placeholder   = regexp.MustCompile(`\{(int|float|word|string|)\}`)
	regexpGroups  = regexp.MustCompile(`\(\[\^|\(\\d|\(\.\*|\(\.\+|\(\?`)
	placeholderRE = map[string]string{
		"int": `(-?\d+)`, "float": `([+-]?\d*\.?\d+)`, "word": `(\w+)`, "string": `(?:'([^']*)'|"([^"]*)")`, "": `(.*)`,
	}
)

// legacyPattern turns placeholders into groups. A pattern with placeholders and
// without groups of its own is plain text around them.
func legacyPattern(p string) string {
	if !placeholder.MatchString(p) {
		return p
	}
	literal := !regexpGroups.MatchString(p)
	var out strings.Builder
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(p, -1) {
		text := p[last:m[0]]
		if literal {
			text = regexp.QuoteMeta(text)
		}
		out.WriteString(text)
		out.WriteString(placeholderRE[p[m[2]:m[3]]])
		last = m[1]
	}
	rest := p[last:]
	if literal {
		rest = regexp.QuoteMeta(rest)
	}
	out.WriteString(rest)
	return out.String()
}
