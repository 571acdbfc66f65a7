// Command parley is the coordinator: it runs scenarios whose roles are played by
// servants in several languages, and says what passed. `parley help` lists its
// commands; docs/ has the guide.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// version is set by the build.
var version = "dev"

// Exit statuses.
const (
	exitPassed      = 0   // all passed, or failed as expected
	exitFailed      = 1   // something failed, leaked or was undefined
	exitUsage       = 2   // usage, configuration or a feature file is wrong; nothing was run
	exitBroken      = 3   // the harness could not do its work
	exitInterrupted = 130 // ended by a signal
)

// statusError is an error with the exit status it leads to. An empty message
// means that everything has been said already.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

func main() {
	stage.GuardMain()
	os.Exit(Main(context.Background(), os.Args[1:]))
}

// Main runs the command line and returns the exit status.
func Main(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitPassed
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintln(os.Stderr, "parley: "+msg)
	}
	return statusOf(err)
}

func statusOf(err error) int {
	var (
		status *statusError
		usage  *plan.UsageError
		conf   *config.Error
		syntax *plan.SyntaxError
	)
	switch {
	case errors.As(err, &status):
		return status.status
	case errors.As(err, &usage), errors.As(err, &conf), errors.As(err, &syntax):
		return exitUsage
	}
	return exitUsage
}
