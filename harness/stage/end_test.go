package stage

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/servant/contract"
)

func TestAServantThatDoesNotEnd(t *testing.T) {
	patient := func(*Options) {}
	for _, c := range []struct {
		mode   string
		graces func(*Options)
		forced syscall.Signal
		ended  string
	}{
		{"slow-shutdown", patient, 0, "exited with status 0"},
		{"never-reads", func(o *Options) { impatient(o); o.Graces.Term = 20 * time.Second }, syscall.SIGTERM, "was killed by SIGTERM"},
		{"ignores-term", impatient, syscall.SIGKILL, "was killed by SIGKILL"},
	} {
		t.Run(c.mode, func(t *testing.T) {
			s := open(t, c.graces)
			sv := acquire(t, s, self(t, c.mode))
			left := s.Release(t.Context(), sv, false)
			if left.Forced != c.forced || left.Err != nil || sv.Ended() != c.ended {
				t.Errorf("%+v; it %s", left, sv.Ended())
			}
		})
	}
}

// forked makes the servant start a process that outlives it.
func forked(t *testing.T, sv *Servant, how string) int {
	t.Helper()
	r, _, err := sv.Execute(t.Context(), step("fork "+how), 0)
	if err != nil || r.Status != contract.StatusPassed {
		t.Fatalf("%+v, %v", r, err)
	}
	pid, err := strconv.Atoi(r.Context["pid"])
	if err != nil || !alive(pid) {
		t.Fatalf("process %d does not live (%v)", pid, err)
	}
	return pid
}

func TestWhatOutlivesItsServantIsKilledAndReported(t *testing.T) {
	for _, how := range []string{"group", "session", "session-without-environment"} {
		t.Run(how, func(t *testing.T) {
			s := open(t)
			other := acquire(t, s, self(t, "obeys"))
			spared := forked(t, other, "session")
			sv := acquire(t, s, self(t, "obeys"))
			pid := forked(t, sv, how)
			left := s.Release(t.Context(), sv, false)
			if len(left.Processes) != 1 || left.Processes[0].PID != pid || !strings.Contains(left.Processes[0].Command, "sleep 1000") {
				t.Errorf("reported: %v", left.Processes)
			} else if left.Processes[0].Escaped != (how != "group") {
				t.Errorf("escaped: %+v", left.Processes[0])
			}
			if _, there := readStat(pid); there {
				t.Errorf("process %d is still there", pid)
			}
			if !alive(spared) {
				t.Error("the process of another servant was killed")
			}
		})
	}
}

func TestAServantThatForksIsNotReused(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	pid := forked(t, sv, "session")
	left := s.Release(t.Context(), sv, true)
	if left.Reused || !strings.Contains(left.Reason, "child processes: 0 before, 1 now") {
		t.Errorf("%+v", left)
	}
	if alive(pid) {
		t.Error("its child lives")
	}
}

func TestTheGroupOfAKilledServantIsNoLeftover(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	pid := forked(t, sv, "group")
	if err := sv.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-sv.Exited()
	eventually(t, "the signal reaches the whole group", func() bool { return !alive(pid) })
	if left := s.Release(t.Context(), sv, false); len(left.Processes) > 0 || left.Err != nil {
		t.Errorf("%+v", left)
	}
}

func TestAnOrphanThatHoldsThePipesDoesNotHideTheEnd(t *testing.T) {
	s := open(t, func(o *Options) { o.Graces.Drain = 50 * time.Millisecond })
	sv := acquire(t, s, self(t, "obeys"))
	pid := forked(t, sv, "with-pipes")
	_, _, err := sv.Execute(t.Context(), step("exit"), time.Minute)
	failure(t, err, Exited, "it exited with status 3", "ring is full")
	left := s.Release(t.Context(), sv, false)
	if len(left.Processes) != 1 || left.Processes[0].PID != pid {
		t.Errorf("%+v", left)
	}
}

func TestCloseAfterInterrupt(t *testing.T) {
	s := open(t, impatient)
	for range 3 {
		acquire(t, s, self(t, "obeys"))
	}
	stubborn := acquire(t, s, self(t, "ignores-term"))
	orphan := forked(t, acquire(t, s, self(t, "obeys")), "session")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if alive(orphan) || alive(stubborn.PID()) {
		t.Error("something lives")
	}
	if _, err := s.Acquire(t.Context(), self(t, "obeys"), s.NewIdentity("cell")); err == nil || !strings.Contains(err.Error(), "the stage is closed") {
		t.Errorf("after Close: %v", err)
	}
}

func TestKillAllCutsTheGracesShort(t *testing.T) {
	s := open(t, func(o *Options) { o.Graces.Stdin, o.Graces.Term = time.Hour, time.Hour })
	sv := acquire(t, s, self(t, "ignores-term"))
	closed := make(chan error, 1)
	go func() { closed <- s.Close(context.Background()) }()
	select {
	case err := <-closed:
		t.Fatalf("closed although the servant ignores everything: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.KillAll()
	select {
	case err := <-closed:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Close still waits for its graces")
	}
	if !strings.HasPrefix(sv.Ended(), "was killed by SIGKILL") {
		t.Errorf("it %s", sv.Ended())
	}
}

func TestAServiceIsEndedWithItsGroup(t *testing.T) {
	s := open(t)
	v, err := s.Start(t.Context(), Command{Platform: "chat", Argv: []string{"sh", "-c", "echo up; echo trouble >&2; sleep 1000 & sleep 1000"}}, s.NewIdentity("cell"))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "both lines come", func() bool { return len(v.Output().Since(0)) == 2 })
	if err := v.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	left := s.End(v)
	if left.Forced != syscall.SIGTERM || left.Err != nil {
		t.Errorf("%+v", left)
	}
	_, err = s.Start(t.Context(), Command{Platform: "chat", Argv: []string{"/none"}}, s.NewIdentity("cell"))
	failure(t, err, StartFailed, "service chat could not be started: program /none does not exist")
}
