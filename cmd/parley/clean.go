package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"parley.dev/parley/harness/stage"
)

func newClean() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Removes what killed runs left behind, and says what",
		Long: `Removes the processes, shared memory and lock files of runs whose coordinator is
gone. What a living run owns is never touched. Every run does the same when it
starts.`,
		Example: "  parley clean",
		Args:    noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			removed, err := stage.Clean(zap.NewNop())
			for _, r := range removed {
				fmt.Fprintln(cmd.OutOrStdout(), "removed", r)
			}
			if err != nil {
				return &statusError{exitBroken, fmt.Errorf("not everything could be removed: %w", err)}
			}
			if len(removed) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing to remove: no killed run left anything")
			}
			return nil
		},
	}
}
