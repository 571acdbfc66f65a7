package engine_test

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

func TestMain(m *testing.M) {
	stage.GuardMain()
	if len(os.Args) == 2 && os.Args[1] == "actor" {
		a := &actor{capabilities: []string{contract.CapReset}}
		os.Exit(a.main(context.Background(), stage.Command{}, os.Stdin, os.Stdout, os.Stderr))
	}
	// Instrumented children would otherwise sleep a second before they end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}
