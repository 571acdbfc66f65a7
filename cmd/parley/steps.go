package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

func newSteps(p *project) *cobra.Command {
	var snippets string
	cmd := &cobra.Command{
		Use:   "steps",
		Short: "Shows which step each platform defines, and what is missing",
		Long: `Asks each platform's servant for its step definitions and holds them against the
steps of the features: defined, undefined or ambiguous; definitions that no
feature uses; definitions that are nearly the same.

--snippets LANG prints ready definitions, to be filled in, for what that platform
lacks. Exit status 1 when a step is undefined or ambiguous somewhere.`,
		Example: "  parley steps                      every platform\n  parley steps --snippets csharp    what C# lacks, ready to be filled in",
		Args:    noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.load(); err != nil {
				return err
			}
			if snippets != "" {
				if _, err := plan.SnippetLanguage(snippets); err != nil {
					return err
				}
			}
			found, err := p.definitions(cmd.Context(), snippets)
			if err != nil {
				return err
			}
			coverage := plan.Cover(p.features, found.definitions)
			if snippets != "" {
				err = printSnippets(cmd.OutOrStdout(), coverage, snippets)
			} else {
				printCoverage(cmd.OutOrStdout(), coverage, found.missing)
			}
			switch {
			case err != nil:
				return err
			case len(found.broken) > 0:
				return &statusError{exitBroken, errors.Join(found.broken...)}
			case incomplete(coverage):
				return &statusError{exitFailed, nil}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&snippets, "snippets", "", "print ready definitions in `LANG` for what that platform lacks")
	return cmd
}

// asked is what came of asking the platforms for their step definitions.
type asked struct {
	definitions []*plan.Definitions
	missing     []error // platforms that are not available here
	broken      []error // servants that did not start or answer
}

// definitions asks the servants of all platforms that are available here, or of
// one.
func (p *project) definitions(ctx context.Context, only string) (*asked, error) {
	var out asked
	var names []string
	for _, c := range p.config.Platforms {
		if only != "" && c.Name != only {
			continue
		}
		if err := p.config.Available(c); err != nil {
			out.missing = append(out.missing, err)
			continue
		}
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		if only != "" && len(out.missing) == 0 {
			// No platform has that name yet: it lacks every definition.
			return &asked{definitions: []*plan.Definitions{{Platform: only}}}, nil
		}
		return nil, &statusError{exitBroken, errors.Join(out.missing...)}
	}
	signals := catchSignals(ctx)
	defer signals.stop()
	st, err := p.openStage(signals.ctx, stage.Options{RunID: newRunID(time.Now())})
	if err != nil {
		return nil, err
	}
	signals.onSecond(st.KillAll)
	found := engine.Discover(signals.ctx, st, p.commands(names))
	err = st.Close(signals.ctx)
	if signals.interrupted() {
		return nil, &statusError{exitInterrupted, nil}
	}
	if err != nil {
		return nil, &statusError{exitBroken, err}
	}
	for _, name := range names {
		if err := found[name].Err; err != nil {
			out.broken = append(out.broken, err)
			continue
		}
		out.definitions = append(out.definitions, found[name].Definitions)
	}
	if len(out.definitions) == 0 {
		return nil, &statusError{exitBroken, errors.Join(out.broken...)}
	}
	return &out, nil
}

var coverageMarks = map[plan.State]string{plan.StepDefined: "defined", plan.StepUndefined: "UNDEFINED", plan.StepAmbiguous: "AMBIGUOUS"}

// incomplete reports whether a step is undefined or ambiguous somewhere.
func incomplete(c *plan.Coverage) bool {
	return slices.ContainsFunc(c.Steps, func(s plan.StepCoverage) bool {
		return slices.ContainsFunc(s.States, func(state plan.State) bool { return state != plan.StepDefined })
	})
}

func printCoverage(w io.Writer, c *plan.Coverage, missing []error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tstep\n", strings.Join(c.Platforms, "\t"))
	for _, s := range c.Steps {
		var marks []string
		for _, state := range s.States {
			marks = append(marks, coverageMarks[state])
		}
		fmt.Fprintf(t, "%s\t%s %s\n", strings.Join(marks, "\t"), s.Type, s.Text)
	}
	_ = t.Flush() // to the same writer as the lines below
	section(w, "Definitions that no feature uses:", c.Unused)
	section(w, "Definitions that are nearly the same:", c.Similar)
	for _, err := range missing {
		fmt.Fprintf(w, "\nnot asked: %v\n", err)
	}
	undefined := slices.DeleteFunc(slices.Clone(c.Steps), func(s plan.StepCoverage) bool { return !slices.Contains(s.States, plan.StepUndefined) })
	fmt.Fprintf(w, "\n%s, %d undefined on some platform\n", counted(len(c.Steps), "step"), len(undefined))
}

func section(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\n", l)
	}
}

func printSnippets(w io.Writer, c *plan.Coverage, language string) error {
	undefined := slices.DeleteFunc(slices.Clone(c.Steps), func(s plan.StepCoverage) bool { return !slices.Contains(s.States, plan.StepUndefined) })
	snippets, err := plan.Snippets(language, undefined)
	if err != nil {
		return err
	}
	for _, text := range snippets {
		fmt.Fprintln(w, text)
	}
	if len(snippets) == 0 {
		fmt.Fprintf(w, "nothing to add: %s defines every step of the features\n", language)
	}
	return nil
}
