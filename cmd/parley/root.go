package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/nearest"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/packs/ring"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// project is what every command starts from.
type project struct {
	configPath string
	dir        string // where the user is
	config     *config.Config
	packs      *packs.Set
	features   []*plan.Feature
}

func newRoot() *cobra.Command {
	p := &project{}
	root := &cobra.Command{
		Use:   "parley",
		Short: "Proves that implementations of one protocol, in different languages, work together",
		Long: `Parley runs Gherkin scenarios whose roles are played by processes in different
languages. Scenarios come from the feature files that parley.yaml names; a cast
says which platform plays which role: go_csharp gives the first role of a
scenario to Go and the second to C#.`,
		Example: `  parley run                   every scenario, every cast
  parley run go_csharp 1.1     scenario 1.1, Go in the first role, C# in the second
  parley list "4.*"            what a selection would run
  parley doctor                what is there, what is missing, how to get it`,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Version:           version,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return fmt.Errorf("no command '%s'%s; there are: %s; to run a selection: parley run %s",
				args[0], nearest.Hint(args[0], names), strings.Join(names, ", "), strings.Join(args, " "))
		},
		Args: cobra.ArbitraryArgs,
	}
	root.PersistentFlags().StringVarP(&p.configPath, "config", "c", "", "configuration `FILE` (default: parley.yaml here or in the nearest folder above)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see: parley help %s", err, cmd.Name())
	})
	root.AddCommand(newRun(p), newList(p), newSteps(p), newDoctor(p), newClean())
	return root
}

// load reads the configuration and the features.
func (p *project) load() error {
	if err := p.loadConfig(); err != nil {
		return err
	}
	p.packs = packs.NewSet(process.Pack(), ring.Pack())
	features, err := plan.Load(p.config.Root, p.config.Features, p.packs)
	if err != nil {
		return err
	}
	p.features = features
	return nil
}

func (p *project) loadConfig() error {
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	p.dir = dir
	if front := os.Getenv(envFrontDir); front != "" {
		p.dir = front
	}
	path := p.configPath
	if path == "" {
		if path, err = config.Find(dir); err != nil {
			return err
		}
	} else if !filepath.IsAbs(path) {
		path = filepath.Join(p.dir, path)
	}
	p.config, err = config.Load(path)
	return err
}

// Environment variables by which a front script tells how it was called, so
// that messages repeat its name and paths are relative to where the user is.
const (
	envFront    = "PARLEY_FRONT"
	envFrontDir = "PARLEY_FRONT_DIR"
)

// command is how the user calls the coordinator to run something.
func (p *project) command() string {
	if front := os.Getenv(envFront); front != "" {
		return front
	}
	if p.configPath != "" {
		return "parley run --config " + p.configPath
	}
	return "parley run"
}

// commands says how the servants of each named platform are started.
func (p *project) commands(platforms []string) map[string]stage.Command {
	out := map[string]stage.Command{}
	for _, name := range platforms {
		conf := p.config.Platform(name)
		c := stage.Command{Platform: name, Argv: conf.Command, Dir: conf.Dir}
		for k, v := range conf.Env {
			c.Env = append(c.Env, k+"="+v)
		}
		out[name] = c
	}
	return out
}
