package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/plan"
)

// runFlags are the flags of run as given.
type runFlags struct {
	selection   plan.Selection
	jobs        int
	failed      bool
	repeat      int
	shuffle     uint64
	failFast    bool
	stepTimeout time.Duration
	isolation   string
	out         string
	metrics     string
	strict      bool
	dryRun      bool
	noColor     bool
	verbose     bool
	attach      string
}

func newRun(p *project) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [SELECTOR …]",
		Short: "Runs cells: scenarios in casts",
		Long: `Runs the selected scenarios in the selected casts, says what failed and why, and
keeps a log, a JUnit file and metrics of the run.

A SELECTOR is
  a number        1.1, "4.*", 4.13#2 (a row of an outline)
  a name          BasicCommunication: a feature's or scenario's, in whole or part;
                  case, blanks, dashes and underscores do not matter
  a place         features/04-edge-cases.feature:31
  a cast          go_csharp, "go_*", "*_csharp", python (the same as
                  python_python), all
  a cast by role  reader=go,writer=csharp
Scenarios add up, casts add up; a cell runs when its scenario and its cast are
both selected. Scenarios with a tag of onDemand in parley.yaml run only when a
number, place, name or --tags asks for them.

Exit status: 0 all passed · 1 something failed, leaked or was undefined · 2 the
command line, the configuration or a feature file is wrong, nothing was run ·
3 the harness could not do its work · 130 interrupted.`,
		Example: `  parley run                          every scenario, every cast
  parley run go_csharp 1.1            one cell
  parley run -v csharp "4.*"          feature 4, C# in all roles, each step as it runs
  parley run --failed                 what failed last time
  parley run --repeat 20 --shuffle 1  everything twenty times, in a repeatable random order`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.selection.Words = args
			if err := f.check(cmd); err != nil {
				return err
			}
			if err := p.load(); err != nil {
				return err
			}
			return p.run(cmd.Context(), cmd.OutOrStdout(), f, seedOf(cmd, f))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.selection.Tags, "tags", "", "run only scenarios whose tags fit the `EXPRESSION`, like \"@wrap and not @slow\"")
	setFlag(cmd, p)
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show each step as it runs, with its role, platform, times and the servants' logs")
	flags.IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "`N` cells at a time")
	flags.BoolVar(&f.failed, "failed", false, "run only what failed in the last run")
	flags.IntVar(&f.repeat, "repeat", 1, "run each cell `N` times")
	flags.Uint64Var(&f.shuffle, "shuffle", 0, "run in a random order made from `SEED`")
	flags.BoolVar(&f.failFast, "fail-fast", false, "start no further cell after the first one that fails")
	flags.DurationVar(&f.stepTimeout, "step-timeout", 0, "limit of a step, a `DURATION` like 5s (default: stepTimeout of parley.yaml)")
	flags.StringVar(&f.isolation, "isolation", string(engine.PerRun), "`KIND` is run: reuse servants for cell after cell; or scenario: fresh ones for each")
	flags.StringVar(&f.out, "out", "", "keep the run's files in `DIR` (default: a new folder under out of parley.yaml)")
	flags.StringVar(&f.metrics, "metrics", "", "serve the run's metrics at http://`ADDR`/metrics while it lasts, like 127.0.0.1:9464")
	flags.BoolVar(&f.strict, "strict", false, "fail the cells of a platform that is not available here instead of skipping them")
	flags.StringVar(&f.attach, "attach", "", "wait for a debugger at the servants of `ROLE`, of exactly one cell, and let no step time out")
	flags.BoolVar(&f.dryRun, "dry-run", false, "plan, ask the servants for their steps and match, but run nothing")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also: NO_COLOR in the environment)")
	return cmd
}

// setFlag gives a command the flag for parameters.
func setFlag(cmd *cobra.Command, p *project) {
	cmd.Flags().StringArrayVar(&p.settings, "set", nil, "give the parameter NAME of parley.yaml another value: `NAME=VALUE`; may be repeated")
}

func seedOf(cmd *cobra.Command, f runFlags) *uint64 {
	if !cmd.Flags().Changed("shuffle") {
		return nil
	}
	return &f.shuffle
}

func (f runFlags) check(cmd *cobra.Command) error {
	switch {
	case f.jobs < 1:
		return fmt.Errorf("-j %d: at least 1 cell at a time", f.jobs)
	case f.repeat < 1:
		return fmt.Errorf("--repeat %d: at least once", f.repeat)
	case cmd.Flags().Changed("step-timeout") && f.stepTimeout < time.Millisecond:
		return fmt.Errorf("--step-timeout %v: at least 1ms", f.stepTimeout)
	case f.isolation != string(engine.PerRun) && f.isolation != string(engine.PerScenario):
		return fmt.Errorf("--isolation '%s': there are run and scenario", f.isolation)
	case cmd.Flags().Changed("out") && f.out == "":
		return errors.New("--out needs a folder")
	case cmd.Flags().Changed("attach") && f.attach == "":
		return errors.New("--attach needs a role, like writer")
	case cmd.Flags().Changed("tags") && strings.TrimSpace(f.selection.Tags) == "":
		return errors.New("--tags needs an expression, like \"@wrap and not @slow\"")
	}
	if f.metrics != "" && !strings.Contains(f.metrics, ":") {
		return fmt.Errorf("--metrics '%s': give host and port, like 127.0.0.1:9464", f.metrics)
	}
	return nil
}

// plannedCells selects the cells of the run and marks those that cannot run here.
func (p *project) plannedCells(f runFlags, seed *uint64) (*plan.Selected, map[string]error, error) {
	request := p.request(f.selection)
	request.Repeat, request.Shuffle = f.repeat, seed
	if f.failed {
		request.OnDemand = nil // what failed was asked for when it ran
	}
	selected, err := p.selectCells(request)
	if err != nil {
		return nil, nil, err
	}
	if f.failed {
		if selected.Cells, err = p.onlyFailed(selected.Cells); err != nil {
			return nil, nil, err
		}
	}
	cells := selected.Cells
	missing := map[string]error{}
	for _, name := range plan.Platforms(cells, p.config.PlatformNames()) {
		if err := p.config.Available(*p.config.Platform(name)); err != nil {
			missing[name] = err
		}
	}
	runnable := 0
	for _, c := range cells {
		reason := unavailable(c, missing)
		if reason == "" || f.strict {
			runnable++
			continue
		}
		c.Skip = reason
	}
	if runnable == 0 {
		var reasons []string
		for _, name := range p.config.PlatformNames() {
			if err := missing[name]; err != nil {
				reasons = append(reasons, err.Error())
			}
		}
		return nil, nil, &statusError{exitBroken, errors.New(strings.Join(reasons, "\nparley: "))}
	}
	return selected, missing, nil
}

func unavailable(c *plan.Cell, missing map[string]error) string {
	for _, name := range c.Cast.Platforms() {
		if err := missing[name]; err != nil {
			return err.Error()
		}
	}
	return ""
}
