package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley.dev/parley/harness/nearest"
)

const usageTemplate = `Usage: {{.UseLine}}
{{- if .HasExample}}

Examples:
{{.Example}}
{{- end}}
{{- if .HasAvailableSubCommands}}

Commands:
{{- range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}
{{- end}}{{end}}
{{- end}}

Flags:{{/* the first merges what the second shows */}}{{with .LocalFlags}}{{end}}
{{.Flags.FlagUsages | trimTrailingWhitespaces}}
{{- if .HasAvailableSubCommands}}

parley help COMMAND says more about a command.
{{- end}}
`

// flagError names the flags that may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	hint := ""
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		hint = nearest.Hint("--"+unknown.GetSpecifiedName(), names)
	}
	return fmt.Errorf("%w%s; see: %s", err, hint, helpOn(cmd))
}

// helpOn is the command that explains cmd.
func helpOn(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return "parley help"
	}
	return "parley help " + cmd.Name()
}

// noWords refuses arguments.
func noWords(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no words, and '%s' is one; see: %s", cmd.Name(), args[0], helpOn(cmd))
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explains a command, with examples",
		Example: "  parley help         the commands\n  parley help run     one of them",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			about := cmd.Root()
			if len(args) > 0 {
				i := slices.IndexFunc(about.Commands(), func(c *cobra.Command) bool { return c.Name() == args[0] })
				if i < 0 {
					return unknownCommand(about, args[0])
				}
				about = about.Commands()[i]
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// unknownCommand names the commands that there are.
func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("no command '%s'%s; there are: %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
}
