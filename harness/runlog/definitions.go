package runlog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	messages "github.com/cucumber/messages/go/v21"
)

// definitions are the step definitions that the steps of a plan match, each once.
type definitions struct {
	all      []*messages.StepDefinition
	ids      map[Definition]string
	patterns map[string]*regexp.Regexp
}

func newDefinitions(cells []Cell) *definitions {
	d := &definitions{ids: map[Definition]string{}, patterns: map[string]*regexp.Regexp{}}
	for _, c := range cells {
		for _, s := range c.Steps {
			for _, m := range s.Matches() {
				d.add(m)
			}
		}
	}
	return d
}

func (d *definitions) add(m Definition) {
	if _, known := d.ids[m]; known {
		return
	}
	id := fmt.Sprintf("definition:%d", len(d.all)+1)
	d.ids[m] = id
	d.all = append(d.all, &messages.StepDefinition{
		Id: id,
		Pattern: &messages.StepDefinitionPattern{Source: m.Pattern,
			Type: messages.StepDefinitionPatternType_REGULAR_EXPRESSION},
		SourceReference: sourceReference(m.Source),
	})
	if _, known := d.patterns[m.Pattern]; !known {
		// A pattern outside of the common subset is still a definition; only the
		// places of its arguments stay unknown.
		d.patterns[m.Pattern], _ = regexp.Compile(`^(?:` + m.Pattern + `)$`)
	}
}

// match returns the ids of the definitions that match the step, and where their
// arguments are in its text.
func (d *definitions) match(step Step) (ids []string, lists []*messages.StepMatchArgumentsList) {
	for _, m := range step.Matches() {
		// Two processes of one platform match the same definition.
		if slices.Contains(ids, d.ids[m]) {
			continue
		}
		ids = append(ids, d.ids[m])
		lists = append(lists, &messages.StepMatchArgumentsList{
			StepMatchArguments: arguments(d.patterns[m.Pattern], step.Text)})
	}
	return ids, lists
}

// arguments finds the outermost captures of the pattern. Offsets count UTF-16
// units, as Cucumber's readers do. The Go message type cannot say "offset 0", so
// a capture at the very start is left out.
func arguments(pattern *regexp.Regexp, text string) []*messages.StepMatchArgument {
	found := []*messages.StepMatchArgument{}
	if pattern == nil {
		return found
	}
	m := pattern.FindStringSubmatchIndex(text)
	end := 0
	for i := 2; i+1 < len(m); i += 2 {
		if m[i] < max(end, 1) {
			continue
		}
		end = m[i+1]
		found = append(found, &messages.StepMatchArgument{Group: &messages.Group{
			Children: []*messages.Group{},
			Start:    int64(len(utf16.Encode([]rune(text[:m[i]])))),
			Value:    text[m[i]:m[i+1]],
		}})
	}
	return found
}

// sourceReference reads path:line; what is not of that form is a path.
func sourceReference(source string) *messages.SourceReference {
	if i := strings.LastIndexByte(source, ':'); i > 0 {
		if line, err := strconv.ParseInt(source[i+1:], 10, 64); err == nil && line > 0 {
			return &messages.SourceReference{Uri: source[:i], Location: &messages.Location{Line: line}}
		}
	}
	return &messages.SourceReference{Uri: source}
}
