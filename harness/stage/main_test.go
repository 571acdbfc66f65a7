package stage

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	GuardMain()
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case "fake-servant":
			os.Exit(fakeServant(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
		case "mini-coordinator":
			os.Exit(miniCoordinator(os.Args[2:]))
		}
	}
	// Instrumented children would otherwise sleep a second before they end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}
