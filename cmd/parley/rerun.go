package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/plan"
)

// rerun is the command that repeats one cell, ready for a shell. It carries the
// flags that decide about the verdict.
func (p *project) rerun(c *plan.Cell, f runFlags) string {
	words := p.command()
	if f.stepTimeout > 0 {
		words = append(words, "--step-timeout", f.stepTimeout.String())
	}
	if f.isolation != string(engine.PerRun) {
		words = append(words, "--isolation", f.isolation)
	}
	for _, word := range p.settings {
		if name, _, _ := strings.Cut(word, "="); slices.Contains(c.Scenario.Parameters, name) {
			words = append(words, "--set", word)
		}
	}
	if cast := castWord(c.Cast); cast != "" {
		words = append(words, cast)
	}
	// A number that several scenarios share would select them all.
	if c.Scenario.Number != "" && strings.HasPrefix(c.ID, c.Scenario.Key()) {
		words = append(words, c.Scenario.Key())
	} else {
		words = append(words, fmt.Sprintf("%s:%d", c.Scenario.Feature.URI, c.Scenario.Line))
	}
	return shellWords(words)
}

func castWord(c plan.Cast) string {
	if platforms := c.Platforms(); len(platforms) == 1 {
		return platforms[0]
	}
	return c.String()
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+-][A-Za-z0-9_./:=,@%+#-]*$`)

// shellWords joins words so that a POSIX shell reads them back.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if !plainWord.MatchString(w) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
