package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"gopkg.in/yaml.v3"

	"parley.dev/parley/harness/nearest"
)

// schemaURL names the embedded schema; a relative name would be looked up in the
// working directory.
const schemaURL = "embedded:///parley.schema.json"

// validate checks the document against the schema and returns the first
// mistake in the order of the file.
func validate(path string, root *yaml.Node) error {
	var value any
	if err := root.Decode(&value); err != nil {
		return syntaxError(path, err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		return fmt.Errorf("embedded schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaURL, doc); err != nil {
		return fmt.Errorf("embedded schema: %w", err)
	}
	schema, err := compiler.Compile(schemaURL)
	if err != nil {
		return fmt.Errorf("embedded schema: %w", err)
	}
	err = schema.Validate(value)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	mistakes := leaves(invalid, nil)
	found := make([]*Error, 0, len(mistakes))
	for _, m := range mistakes {
		found = append(found, explain(path, root, schema, m))
	}
	// A misspelt key also makes the right one missing: the former is the mistake.
	for i, m := range mistakes {
		if _, unknown := m.ErrorKind.(*kind.AdditionalProperties); unknown {
			return found[i]
		}
	}
	return slices.MinFunc(found, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

func leaves(e *jsonschema.ValidationError, into []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	// What a property's name breaks stands one level deeper, without its place.
	if _, isName := e.ErrorKind.(*kind.PropertyNames); isName || len(e.Causes) == 0 {
		return append(into, e)
	}
	for _, c := range e.Causes {
		into = leaves(c, into)
	}
	return into
}

func explain(path string, root *yaml.Node, schema *jsonschema.Schema, m *jsonschema.ValidationError) *Error {
	at := find(root, m.InstanceLocation)
	e := &Error{Path: path, Line: at.Line, Column: at.Column}
	switch k := m.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		key := keyNode(at, k.Properties[0])
		e.Line, e.Column = key.Line, key.Column
		known := knownKeys(schema, m.InstanceLocation)
		e.Detail = fmt.Sprintf("unknown key %q%s", k.Properties[0], nearest.Hint(k.Properties[0], known))
		e.Hint = "known here: " + strings.Join(known, ", ")
	case *kind.Required:
		e.Detail = fmt.Sprintf("%s is missing", strings.Join(append(slices.Clone(m.InstanceLocation), k.Missing[0]), "."))
		e.Hint = "add it (docs/configuration.md describes it)"
	case *kind.PropertyNames:
		// Its InstanceLocation cannot be relied on: the mapping is the one that has the name.
		e.Detail = fmt.Sprintf("platform name %q is not allowed", k.Property)
		e.Hint = "use letters, digits and dashes, starting with a letter, and not the word all"
		key := keyNode(find(root, []string{"platforms"}), k.Property)
		if key.Value != k.Property {
			key = keyNode(find(root, []string{"parameters"}), k.Property)
			e.Detail = fmt.Sprintf("parameter name %q is not allowed", k.Property)
			e.Hint = parameterNames
		}
		e.Line, e.Column = key.Line, key.Column
	case *kind.Type:
		var wanted []string
		for _, w := range k.Want {
			wanted = append(wanted, words(w))
		}
		e.Detail = fmt.Sprintf("%s: this is %s, and %s is wanted", place(m), words(k.Got), strings.Join(wanted, " or "))
		e.Hint = typeHints[k.Want[0]]
	case *kind.Pattern:
		e.Detail = fmt.Sprintf("%s: %q is not allowed here", place(m), k.Got)
		if strings.HasSuffix(place(m), "Timeout") {
			e.Detail = fmt.Sprintf("%s: %q is not a positive duration", place(m), k.Got)
			e.Hint = "write it like 500ms, 30s or 1m30s"
		}
		switch m.InstanceLocation[0] {
		case "parameters":
			e.Hint = parameterValues
		case "onDemand", "waiting", "alone":
			e.Hint = "a tag begins with @ and has no blank: @stress"
		}
	case *kind.MinProperties, *kind.MinItems:
		e.Detail = place(m) + " is empty"
		e.Hint = "it needs at least one entry"
	case *kind.UniqueItems:
		e.Detail = fmt.Sprintf("%s: entries %d and %d are the same", place(m), k.Duplicates[0]+1, k.Duplicates[1]+1)
		e.Hint = "take one away"
	default:
		e.Detail = m.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		if name := strings.Join(m.InstanceLocation, "."); name != "" {
			e.Detail = name + ": " + e.Detail
		}
	}
	return e
}

// place names the key that a mistake is at.
func place(m *jsonschema.ValidationError) string {
	if len(m.InstanceLocation) == 0 {
		return "the file"
	}
	return strings.Join(m.InstanceLocation, ".")
}

// words puts the schema's names of types into those of YAML.
func words(schemaType string) string {
	switch schemaType {
	case "array":
		return "a list"
	case "object":
		return "a mapping"
	case "string":
		return "a text"
	case "null":
		return "nothing"
	}
	return "a " + schemaType
}

var typeHints = map[string]string{
	"array":  "write it like [a, b]",
	"object": "write it as indented keys",
	"string": "put it in quotes",
}

// knownKeys lists the keys that the schema has at an instance location.
func knownKeys(schema *jsonschema.Schema, location []string) []string {
	at := schema
	for _, token := range location {
		for at.Ref != nil {
			at = at.Ref
		}
		if next, ok := at.Properties[token]; ok {
			at = next
		} else if next, ok := at.AdditionalProperties.(*jsonschema.Schema); ok {
			at = next
		}
	}
	for at.Ref != nil {
		at = at.Ref
	}
	var keys []string
	for k := range at.Properties {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// find returns the node at a location, or the nearest one above it.
func find(root *yaml.Node, location []string) *yaml.Node {
	at := root
	if at.Kind == yaml.DocumentNode && len(at.Content) > 0 {
		at = at.Content[0]
	}
	for _, token := range location {
		var next *yaml.Node
		switch at.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(at.Content); i += 2 {
				if at.Content[i].Value == token {
					next = at.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			var i int
			if _, err := fmt.Sscanf(token, "%d", &i); err == nil && i < len(at.Content) {
				next = at.Content[i]
			}
		}
		if next == nil {
			return at
		}
		at = next
	}
	return at
}

func keyNode(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i]
		}
	}
	return mapping
}
