// Command parley is the coordinator: it runs scenarios whose roles are played by
// servants in several languages, and says what passed. `parley help` lists its
// commands; docs/ has the guide.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"parley.dev/parley/harness/stage"
)

const version = "0.1"

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
	out := &output{w: os.Stdout}
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	err := root.ExecuteContext(ctx)
	if out.err != nil && (err == nil || errors.Is(err, out.err)) {
		err = &statusError{exitBroken, fmt.Errorf("write to standard output: %w", out.err)}
	}
	if err == nil {
		return exitPassed
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintln(os.Stderr, "parley: "+msg)
	}
	return statusOf(err)
}

// statusOf returns the status of an error. One that names none is a mistake in
// the command line, the configuration or a feature file.
func statusOf(err error) int {
	var status *statusError
	if errors.As(err, &status) {
		return status.status
	}
	return exitUsage
}

// output is standard output that remembers its first error, so that a command
// whose words did not arrive does not end as if they had.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}
