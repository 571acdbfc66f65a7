package machine

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"parley.dev/parley/harness/packs"
)

// perform returns why a step skips, "" when it passes, and what it logs.
func perform(t *testing.T, text string) (skip string, lines []string) {
	t.Helper()
	def, args, ok := packs.NewSet(Pack()).Match(text)
	if !ok {
		t.Fatalf("%q is no step of the pack", text)
	}
	report := &packs.Report{}
	return reason(t, def.Run(t.Context(), packs.Call{Args: args, Report: report})), report.Lines()
}

func reason(t *testing.T, err error) string {
	t.Helper()
	var skip *packs.Skip
	if err != nil && !errors.As(err, &skip) {
		t.Fatalf("it fails: %v", err)
	}
	if skip == nil {
		return ""
	}
	return skip.Reason
}

func TestTheMachineRuns(t *testing.T) {
	if skip, _ := perform(t, "this machine runs '"+runtime.GOOS+"'"); skip != "" {
		t.Errorf("skipped: %s", skip)
	}
	if skip, _ := perform(t, "this machine runs 'windows 3.1'"); skip != "needs windows 3.1, this machine runs "+runtime.GOOS {
		t.Errorf("skipped: %s", skip)
	}
}

func TestSharedMemoryHasALimit(t *testing.T) {
	skip, lines := perform(t, "shared memory has a limit")
	switch {
	case skip == "":
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "/dev/shm has ") {
			t.Errorf("logs %q", lines)
		}
	case skip != "needs shared memory with a limit, /dev/shm has none here":
		t.Errorf("skipped: %s", skip)
	}
	// /proc is a file system without a size.
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Fatal(err)
	}
	if got := reason(t, limited("/proc")(t.Context(), packs.Call{})); got != "needs shared memory with a limit, /proc has none here" {
		t.Errorf("skipped: %s", got)
	}
	if got := reason(t, limited("/proc/nothing")(t.Context(), packs.Call{})); !strings.Contains(got, "no such file") {
		t.Errorf("skipped: %s", got)
	}
}
