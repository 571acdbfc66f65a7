package servant_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant/contract"
)

// A servant goes on when there is no descriptor left for it, which scenarios
// bring about.
func TestAServantWithoutDescriptors(t *testing.T) {
	c := startServant(t)
	c.initialize()
	var limit unix.Rlimit
	if err := unix.Prlimit(c.cmd.Process.Pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = 0
	if err := unix.Prlimit(c.cmd.Process.Pid, unix.RLIMIT_NOFILE, &limit, nil); err != nil {
		t.Fatal(err)
	}
	if result := c.step("When", "passes"); result.Status != contract.StatusPassed {
		t.Errorf("%s: %v", result.Status, *result.Error)
	}
	call[any](c.peer, "9", contract.MethodShutdown, nil)
	if status := c.exit(t); status != 0 {
		t.Errorf("exit status %d: %s", status, c.stderr)
	}
}
