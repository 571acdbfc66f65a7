package stage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

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

func TestTheEnvironmentIsExplicit(t *testing.T) {
	t.Setenv("SECRET_OF_THE_COORDINATOR", "1")
	s := open(t)
	id := s.NewIdentity("cell")
	c := self(t, "obeys")
	c.Env = []string{"EXTRA=yes", contract.EnvRunID + "=forged"}
	sv, err := s.Acquire(t.Context(), c, id)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := sv.Execute(t.Context(), step("environment"), 0)
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(r.Context["env"], "\n")
	want := s.environment(c, id, sv.number)
	slices.Sort(env)
	if !slices.Equal(env, want) {
		t.Errorf("got  %v\nwant %v", env, want)
	}
	for _, kv := range []string{"PARLEY_RUN_ID=" + s.RunID(), "PARLEY_PLATFORM=fake", "PARLEY_ROLE=writer", "EXTRA=yes"} {
		if !slices.Contains(env, kv) {
			t.Errorf("%s is missing", kv)
		}
	}
	if strings.Contains(r.Context["env"], "SECRET") {
		t.Error("the coordinator's own variables were passed on")
	}
	c.Role = ""
	if env := s.environment(c, id, 1); !slices.Contains(env, "PARLEY_ROLE=discover") {
		t.Errorf("for no role: %v", env)
	}
}

func TestAServantThatExits(t *testing.T) {
	s := open(t)
	t.Run("at once", func(t *testing.T) {
		_, err := s.Acquire(t.Context(), self(t, "exits-at-once"), s.NewIdentity("cell"))
		failure(t, err, HandshakeFailed, "servant fake (role writer) did not answer health within 20s: it exited with status 134",
			"its last line on stderr: cannot load libring.so", "try: ./test.sh doctor fake")
	})
	t.Run("in a step", func(t *testing.T) {
		sv := acquire(t, s, self(t, "obeys"))
		_, _, err := sv.Execute(t.Context(), step("exit now"), 0)
		failure(t, err, Exited, `did not answer step "exit now": it exited with status 3`, "assertion failed: ring is full")
		if sv.EndExpected() {
			t.Error("nobody asked it to end")
		}
		_, _, err = sv.Execute(t.Context(), step("pass"), 0)
		failure(t, err, Killed, `cannot do step "pass": it was given up before`)
		s.Release(t.Context(), sv, true)
	})
	t.Run("between steps", func(t *testing.T) {
		sv := acquire(t, s, self(t, "obeys"))
		if err := syscall.Kill(sv.PID(), syscall.SIGABRT); err != nil {
			t.Fatal(err)
		}
		<-sv.Exited()
		_, _, err := sv.Execute(t.Context(), step("pass"), 0)
		failure(t, err, Exited, `did not answer step "pass"`)
	})
}

func TestAServantThatHangs(t *testing.T) {
	t.Run("on health", func(t *testing.T) {
		s := open(t, func(o *Options) { o.StartTimeout = 200 * time.Millisecond })
		_, err := s.Acquire(t.Context(), self(t, "hangs-on-health"), s.NewIdentity("cell"))
		failure(t, err, HandshakeFailed, "did not answer health within 200ms", "doctor fake")
	})
	t.Run("in a step", func(t *testing.T) {
		s := open(t)
		sv := acquire(t, s, self(t, "obeys"))
		_, clocks, err := sv.Execute(t.Context(), step("hang"), 100*time.Millisecond)
		failure(t, err, Timeout, `did not answer step "hang" within 100ms`)
		if clocks.Coordinator < 100*time.Millisecond {
			t.Errorf("clock %v", clocks.Coordinator)
		}
		<-sv.Exited()
		if !strings.Contains(sv.Ended(), "was killed by SIGKILL (by the coordinator, because it did not answer") {
			t.Errorf("it %s", sv.Ended())
		}
		if left := s.Release(t.Context(), sv, true); left.Reused || !strings.Contains(left.Reason, "did not answer step") {
			t.Errorf("leftovers %+v", left)
		}
	})
}

func TestAServantThatNeverReadsItsInput(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "never-reads"))
	large := step("large")
	large.DocString = &contract.DocString{Content: strings.Repeat("x", 8<<20)}
	_, _, err := sv.Execute(t.Context(), large, 100*time.Millisecond)
	failure(t, err, Timeout, "did not read its standard input", `bytes of step "large" within 100ms`)
	<-sv.Exited()
}

func TestAServantThatClosesItsOutput(t *testing.T) {
	s := open(t, func(o *Options) { o.Graces.Settle = 50 * time.Millisecond })
	sv := acquire(t, s, self(t, "closes-stdout"))
	_, _, err := sv.Execute(t.Context(), step("x"), time.Minute)
	failure(t, err, Protocol, `closed its standard output during step "x"`)
	<-sv.Exited()
}

func TestCancellation(t *testing.T) {
	s := open(t)
	t.Run("of a step that can be cancelled", func(t *testing.T) {
		sv := acquire(t, s, self(t, "obeys"))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for line, _ := sv.Output().Last(); line != "waiting"; line, _ = sv.Output().Last() {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		r, _, err := sv.Execute(ctx, step("until-cancelled"), time.Minute)
		if err != nil || r.Status != contract.StatusCancelled {
			t.Fatalf("%+v, %v", r, err)
		}
		if !sv.alive() {
			t.Error("it was killed although it cancelled the step")
		}
	})
	t.Run("of a step that does not listen", func(t *testing.T) {
		s := open(t, func(o *Options) { o.Graces.Cancel = 50 * time.Millisecond })
		sv := acquire(t, s, self(t, "obeys"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, _, err := sv.Execute(ctx, step("hang"), time.Minute)
		f := failure(t, err, Killed, "was ended because the run was cancelled")
		if !errors.Is(f, context.Canceled) {
			t.Error("the cause is not the cancelled context")
		}
		<-sv.Exited()
	})
	t.Run("of a message that is not read", func(t *testing.T) {
		sv := acquire(t, s, self(t, "never-reads"))
		large := step("large")
		large.DocString = &contract.DocString{Content: strings.Repeat("x", 8<<20)}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, _, err := sv.Execute(ctx, large, time.Minute)
		failure(t, err, Killed, "was ended because the run was cancelled")
	})
	t.Run("before the start", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Acquire(ctx, self(t, "obeys"), s.NewIdentity("cell"))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestSignalsOfTheScenario(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		sig  syscall.Signal
		ends string
	}{
		{syscall.SIGKILL, "was killed by SIGKILL (as the scenario asked)"},
		{syscall.SIGSEGV, "exited with status 2 (after the SIGSEGV that the scenario asked for)"}, // Go's own handler
	} {
		t.Run(signalName(c.sig), func(t *testing.T) {
			sv := acquire(t, s, self(t, "obeys"))
			if err := sv.Signal(c.sig); err != nil {
				t.Fatal(err)
			}
			<-sv.Exited()
			if sv.Ended() != c.ends || !sv.EndExpected() {
				t.Errorf("it %s", sv.Ended())
			}
			_, _, err := sv.Execute(t.Context(), step("pass"), 0)
			failure(t, err, Killed, "it "+c.ends)
			if err := sv.Signal(syscall.SIGSTOP); err == nil || !strings.Contains(err.Error(), c.ends) {
				t.Errorf("a signal to the dead: %v", err)
			}
			if left := s.Release(t.Context(), sv, false); left.Forced != 0 || left.Err != nil || len(left.Processes) > 0 {
				t.Errorf("leftovers %+v", left)
			}
		})
	}
	t.Run("stop and continue", func(t *testing.T) {
		sv := acquire(t, s, self(t, "obeys"))
		if err := sv.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it stops", func() bool { st, _ := readStat(sv.PID()); return st.state == 'T' })
		if err := sv.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if _, _, err := sv.Execute(t.Context(), step("pass"), 0); err != nil {
			t.Fatal(err)
		}
		if err := sv.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if left := s.Release(t.Context(), sv, true); left.Reused || left.Forced != 0 || left.Reason != "it is paused" {
			t.Errorf("a paused servant: %+v", left)
		}
	})
}
