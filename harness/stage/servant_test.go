package stage

import (
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestAServantFromStartToEnd(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	pid := sv.PID()
	defs, err := sv.Discover(t.Context())
	if err != nil || len(defs) != 1 || defs[0].Pattern != "it works" {
		t.Fatalf("discover: %v, %v", defs, err)
	}
	if err := sv.Initialize(t.Context(), contract.Initialize{Role: "writer"}); err != nil {
		t.Fatal(err)
	}
	r, clocks, err := sv.Execute(t.Context(), step("pass"), 0)
	if err != nil || r.Status != contract.StatusPassed {
		t.Fatalf("execute: %+v, %v", r, err)
	}
	if clocks.Servant != 1000 || clocks.Wire != clocks.Coordinator-clocks.Servant || clocks.Wire <= 0 {
		t.Errorf("clocks %+v", clocks)
	}
	left := s.Release(t.Context(), sv, false)
	if left.Forced != 0 || left.Err != nil || len(left.Processes) > 0 || left.Reused {
		t.Errorf("leftovers %+v", left)
	}
	if sv.Ended() != "exited with status 0" {
		t.Errorf("it %s", sv.Ended())
	}
	if _, there := readStat(pid); there {
		t.Errorf("process %d is still there", pid)
	}
}
