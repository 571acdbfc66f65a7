// Command ring-probe puts one side of a ring buffer into a shell, to try, to
// measure and to debug any two implementations against each other. Every
// language has the same program with the same words.
//
//	ring-probe read  NAME --metadata M --payload P --frames N [--seed S --min A --max B] [--metadata-length L] [--timeout-ms 5000] [--delay-us D] [--hold K] [--batch K] [--copy]
//	ring-probe write NAME --frames N --seed S --min A --max B [--metadata-length L] [--zero-copy] [--batch K] [--timeout-ms 5000] [--die-after K] [--connect-timeout-ms 5000]
//	ring-probe pong  NAME --metadata M --payload P [--timeout-ms 5000]
//	ring-probe ping  NAME --metadata M --payload P --size B --count N --warmup W
//	ring-probe inspect NAME
//
// Sizes are bytes. read and pong print "ready" once the buffer can be connected
// to; every command ends with one line of JSON. Exit status: 0 ok, 1 a check
// failed or the peer died, 2 wrong words, 3 could not set up, 130 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	exitOK = iota
	exitFailed
	exitWords
	exitSetup
	exitInterrupted = 130
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run performs the command that args say and gives the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "ring-probe: %v\n", err)
		return exitWords
	}
	// An interrupted command ends by itself, and removes its buffer.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := c.perform(ctx, stdout)
	if err != nil && ctx.Err() != nil {
		return printJSON(stdout, stderr, failure{Error: "Interrupted", Message: err.Error()}, exitInterrupted)
	}
	if err == nil {
		return printJSON(stdout, stderr, r, exitOK)
	}
	status := exitFailed
	if setup := (*setupError)(nil); errors.As(err, &setup) {
		status = exitSetup
	}
	return printJSON(stdout, stderr, failure{Error: errorName(err), Message: err.Error()}, status)
}

// perform runs the command; its result is one of the shapes in result.go.
func (c *command) perform(ctx context.Context, stdout io.Writer) (any, error) {
	switch c.verb {
	case "read":
		return c.read(ctx, stdout)
	case "write":
		return c.write(ctx)
	case "pong":
		return c.pong(ctx, stdout)
	case "ping":
		return c.ping(ctx)
	default:
		return c.inspect()
	}
}
