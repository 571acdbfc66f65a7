package engine_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley.dev/parley/harness/stage"
)

func TestMain(m *testing.M) {
	stage.GuardMain()
	// Instrumented children would otherwise sleep a second before they end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}
