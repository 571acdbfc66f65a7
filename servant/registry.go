package servant

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"parley.dev/parley/servant/contract"
)

// Definition is one registered step definition.
type Definition struct {
	// ID is the definition's number in its registry, from 1.
	ID int
	// Type is one of contract.Given, When, Then and Step; Step matches any.
	Type string
	// Pattern is the regular expression as it was registered.
	Pattern string
	// Source is file:line of the registration, relative to the module's root.
	Source string
	// Summary is a sentence for people; may be empty.
	Summary string
	// Func is the step function, for binding it to another runner.
	Func any

	matcher *regexp.Regexp
	fn      reflect.Value
	params  []reflect.Type // after the context
	block   blockKind
}

// String names the definition in messages: its pattern and where it stands.
func (d *Definition) String() string {
	return fmt.Sprintf("%s `%s` (%s)", d.Type, d.Pattern, d.Source)
}

// Match returns the captured strings when the whole of text matches the
// pattern; a group that took no part captures "".
func (d *Definition) Match(text string) (captures []string, ok bool) {
	m := d.matcher.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	return m[1:], true
}

func (d *Definition) accepts(stepType string) bool {
	return d.Type == stepType || d.Type == contract.Step || d.Type == contract.Unknown
}

// Registry holds the step definitions of a servant. Fill it before it is
// served; it is safe for concurrent reading after that.
type Registry struct {
	definitions []*Definition
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{} }

// Option adds to a definition.
type Option func(*Definition)

// Summary describes the definition in one sentence for people.
func Summary(text string) Option { return func(d *Definition) { d.Summary = text } }

// Given registers fn for steps of type Given whose whole text matches pattern,
// a regular expression in RE2 syntax. fn is
//
//	func(ctx context.Context, captures…, [*Table | *DocString]) error
//
// with one parameter per capturing group: string, bool, any integer or float
// type, or time.Duration (in the syntax of time.ParseDuration). A pattern that
// does not compile, or a function of another form, panics with the pattern and
// its place: a registration is code.
func (r *Registry) Given(pattern string, fn any, options ...Option) {
	r.add(contract.Given, pattern, fn, options)
}

// When registers fn for steps of type When, as Given does.
func (r *Registry) When(pattern string, fn any, options ...Option) {
	r.add(contract.When, pattern, fn, options)
}

// Then registers fn for steps of type Then, as Given does.
func (r *Registry) Then(pattern string, fn any, options ...Option) {
	r.add(contract.Then, pattern, fn, options)
}

// Step registers fn for steps of any type, as Given does.
func (r *Registry) Step(pattern string, fn any, options ...Option) {
	r.add(contract.Step, pattern, fn, options)
}

// Definitions returns the definitions in the order of their registration.
func (r *Registry) Definitions() []*Definition { return slices.Clone(r.definitions) }

// callerDepth is the number of frames from source up to the code that called
// Given, When, Then or Step.
const callerDepth = 3

func (r *Registry) add(stepType, pattern string, fn any, options []Option) {
	d := &Definition{ID: len(r.definitions) + 1, Type: stepType, Pattern: pattern,
		Source: source(callerDepth), Func: fn}
	for _, option := range options {
		option(d)
	}
	if err := d.compile(); err != nil {
		panic(&definitionError{fmt.Sprintf("step definition %s: %v", d, err)})
	}
	for _, other := range r.definitions {
		if other.Pattern == pattern && other.Type == stepType {
			panic(&definitionError{fmt.Sprintf("step definition %s: it is registered already, at %s", d, other.Source)})
		}
	}
	r.definitions = append(r.definitions, d)
}

// definitionError is a step definition that cannot be registered. It is an error
// so that a panic with it reads well where nobody recovers.
type definitionError struct{ message string }

func (e *definitionError) Error() string { return e.message }

func (r *Registry) byID(id int) *Definition {
	if id < 1 || id > len(r.definitions) {
		return nil
	}
	return r.definitions[id-1]
}

// match is one definition that a step's text matches.
type match struct {
	definition *Definition
	arguments  []string
}

// matches finds every definition for a step by its text: the fall-back for a
// coordinator of contract 1.0, which does not match itself.
func (r *Registry) matches(stepType, text string) []match {
	var found []match
	for _, d := range r.definitions {
		if !d.accepts(stepType) {
			continue
		}
		if captures, ok := d.Match(text); ok {
			found = append(found, match{d, captures})
		}
	}
	return found
}

func (r *Registry) discovery() contract.Discovery {
	steps := make([]contract.Definition, 0, len(r.definitions))
	for _, d := range r.definitions {
		steps = append(steps, contract.Definition{Type: d.Type, Pattern: d.Pattern,
			ID: d.ID, Source: d.Source, Summary: d.Summary})
	}
	return contract.Discovery{Steps: steps}
}
