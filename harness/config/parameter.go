package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"parley.dev/parley/harness/nearest"
)

const (
	parameterNames  = "use letters, digits and dashes, starting with a letter"
	parameterValues = "a value is one line of text without | and \\, which have a meaning in tables"
)

var parameterValue = regexp.MustCompile(`^[^\x00-\x1f|\\]+$`)

// Set gives a parameter another value than the file does. The error says which
// parameters there are, or what a value may be.
func (c *Config) Set(name, value string) error {
	if _, known := c.Parameters[name]; !known {
		names := slices.Sorted(maps.Keys(c.Parameters))
		if len(names) == 0 {
			return fmt.Errorf("no parameter '%s': %s has none; add it under `parameters`", name, c.Rel(c.Path))
		}
		return fmt.Errorf("no parameter '%s'%s; there are: %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
	}
	if !parameterValue.MatchString(value) {
		return fmt.Errorf("parameter %s: %q is not allowed; %s", name, value, parameterValues)
	}
	c.Parameters[name] = value
	return nil
}
