package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/machine"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/packs/ring"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// project is what every command starts from.
type project struct {
	configPath string
	dir        string   // where the user is
	settings   []string // NAME=VALUE of parameters, as given
	config     *config.Config
	packs      *packs.Set
	features   []*plan.Feature
}

func newRoot() *cobra.Command {
	p := &project{}
	root := &cobra.Command{
		Use:   "parley COMMAND",
		Short: "Proves that implementations of one protocol, in different languages, work together",
		Long: `Parley runs Gherkin scenarios whose roles are played by processes in different
languages. Scenarios come from the feature files that parley.yaml names; a cast
says which platform plays which role: go_csharp gives the first role of a
scenario to Go and the second to C#.`,
		Example: `  parley run                   every scenario, every cast
  parley run go_csharp 1.1     scenario 1.1, Go in the first role, C# in the second
  parley list "4.*"            what a selection would run
  parley doctor                what is there, what is missing, how to get it`,
		SilenceUsage: true, SilenceErrors: true, DisableFlagsInUseLine: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Version:           version,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return fmt.Errorf("%w; to run a selection: parley run %s", unknownCommand(cmd, args[0]), shellWords(args))
		},
		Args: cobra.ArbitraryArgs,
	}
	root.PersistentFlags().StringVarP(&p.configPath, "config", "c", "", "configuration `FILE` (default: parley.yaml here or in the nearest folder above)")
	root.Flags().Bool("version", false, "print the version")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newRun(p), newList(p), newSteps(p), newDoctor(p), newClean())
	root.SetHelpCommand(newHelp())
	root.SetUsageTemplate(usageTemplate)
	return root
}

// load reads the configuration and the features.
func (p *project) load() error {
	if err := p.loadConfig(); err != nil {
		return err
	}
	for _, word := range p.settings {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return fmt.Errorf("--set '%s': write it as NAME=VALUE", word)
		}
		if err := p.config.Set(name, value); err != nil {
			return fmt.Errorf("--set: %w", err)
		}
	}
	p.packs = packs.NewSet(process.Pack(), ring.Pack(), machine.Pack())
	features, err := plan.Load(p.config.Root, p.config.Features, p.packs, p.config.Parameters)
	if err != nil {
		return err
	}
	p.features = features
	for _, warning := range plan.Warnings(features, p.config.Roles) {
		fmt.Fprintln(os.Stderr, "parley: warning: "+warning)
	}
	return nil
}

func (p *project) loadConfig() error {
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	p.dir = dir
	path := p.configPath
	if path == "" {
		path = os.Getenv(envConfig)
	}
	if path == "" {
		if path, err = config.Find(dir); err != nil {
			return err
		}
	}
	p.config, err = config.Load(path)
	return err
}

// Environment variables of a front script: how the user called it, for commands
// that messages print, and its configuration, for when --config is not given.
const (
	envFront  = "PARLEY_FRONT"
	envConfig = "PARLEY_CONFIG"
)

// command is how the user calls the coordinator to run something.
func (p *project) command() []string {
	words := []string{self(), "run"}
	if front := os.Getenv(envFront); front != "" {
		words = []string{front}
	}
	if p.configPath != "" {
		words = append(words, "--config", p.configPath)
	}
	return words
}

// selectCells is [plan.Select], whose errors name a command that helps as the
// user calls it.
func (p *project) selectCells(request plan.Request) (*plan.Selected, error) {
	selected, err := plan.Select(p.features, request)
	var usage *plan.UsageError
	if errors.As(err, &usage) && usage.See != "" {
		err = fmt.Errorf("%w; see: %s", err, p.other(usage.See))
	}
	return selected, err
}

// other is how the user calls another command of the coordinator.
func (p *project) other(command string) string {
	words := []string{self(), command}
	if front := os.Getenv(envFront); front != "" {
		words[0] = front
	}
	if p.configPath != "" {
		words = append(words, "--config", p.configPath)
	}
	return shellWords(words)
}

// self is the coordinator as a user can type it: by name where that finds it.
func self() string {
	name := filepath.Base(os.Args[0])
	found, err := exec.LookPath(name)
	own, ownErr := os.Executable()
	if err == nil && ownErr == nil {
		if a, err := os.Stat(found); err == nil {
			if b, err := os.Stat(own); err == nil && os.SameFile(a, b) {
				return name
			}
		}
	}
	return os.Args[0]
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

// openStage opens a stage and says on standard error what it removed of runs
// that were killed.
func (p *project) openStage(ctx context.Context, o stage.Options) (*stage.Stage, error) {
	o.StartTimeout, o.Doctor = p.config.StartTimeout, p.other("doctor")
	st, err := stage.Open(ctx, o)
	if err != nil {
		return nil, &statusError{exitBroken, err}
	}
	for _, r := range st.Recovered() {
		fmt.Fprintln(os.Stderr, "parley: a killed run had left this; removed", r)
	}
	return st, nil
}
