package stage

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant/contract"
)

func TestACleanServantServesTheNextCell(t *testing.T) {
	s := open(t)
	c := self(t, "obeys")
	sv := acquire(t, s, c)
	for cell := range 3 {
		if err := sv.Initialize(t.Context(), contract.Initialize{}); err != nil {
			t.Fatal(err)
		}
		if left := s.Release(t.Context(), sv, true); !left.Reused {
			t.Fatalf("cell %d: %+v", cell, left)
		}
		if sv.inScenario.Load() {
			t.Fatalf("cell %d: cleanup was not asked for", cell)
		}
		c.Role = "reader"
		again := acquire(t, s, c)
		if again != sv || again.Role() != "reader" {
			t.Fatalf("cell %d got another servant (%s)", cell, again.Role())
		}
	}
	other := c
	other.Env = []string{"A=1"}
	if acquire(t, s, other) == sv {
		t.Error("a servant with another environment was lent")
	}
}

func TestAServantThatIsNotCleanIsReplaced(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	if err := sv.Initialize(t.Context(), contract.Initialize{}); err != nil {
		t.Fatal(err)
	}
	if left := s.Release(t.Context(), sv, true); !left.Reused {
		t.Fatalf("%+v", left)
	}
	sv = acquire(t, s, self(t, "obeys"))
	if _, _, err := sv.Execute(t.Context(), step("leak 4"), 0); err != nil {
		t.Fatal(err)
	}
	left := s.Release(t.Context(), sv, true)
	if left.Reused || len(left.Unclean) != 1 || !strings.Contains(left.Reason, "descriptors: ") {
		t.Errorf("%+v", left)
	}
	if acquire(t, s, self(t, "obeys")) == sv {
		t.Error("it was lent again")
	}
}

// A runtime opens what it needs in its first cell, not when it is asked for its
// definitions.
func TestBeingAskedForDefinitionsIsNoFirstCell(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	if left := s.Release(t.Context(), sv, true); !left.Reused {
		t.Fatalf("%+v", left)
	}
	sv = acquire(t, s, self(t, "obeys"))
	if err := sv.Initialize(t.Context(), contract.Initialize{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sv.Execute(t.Context(), step("leak 4"), 0); err != nil {
		t.Fatal(err)
	}
	if left := s.Release(t.Context(), sv, true); !left.Reused {
		t.Errorf("after its first cell: %+v", left)
	}
}

func TestAServantThatDiedInThePoolIsReplaced(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	if left := s.Release(t.Context(), sv, true); !left.Reused {
		t.Fatalf("%+v", left)
	}
	if err := syscall.Kill(sv.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-sv.Exited()
	if acquire(t, s, self(t, "obeys")) == sv {
		t.Error("a dead servant was lent")
	}
}

func TestChildrenGetBlockingPipes(t *testing.T) {
	s := open(t)
	c := Command{Platform: "x", Argv: []string{"sh", "-c", "for i in 0 1 2; do grep flags /proc/self/fdinfo/$i; done"}}
	v, err := s.Start(t.Context(), c, s.NewIdentity("cell"))
	if err != nil {
		t.Fatal(err)
	}
	<-v.settled
	lines := v.Output().Since(0)
	if len(lines) != 3 {
		t.Fatalf("%+v", lines)
	}
	for _, l := range lines {
		if strings.HasSuffix(l.Text, "04000") || strings.HasSuffix(l.Text, "04001") {
			t.Errorf("O_NONBLOCK is set: %s", l.Text)
		}
	}
}

func TestStartFailuresAreExplained(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	foreign[18], foreign[19] = 0xf3, 0 // e_machine: RISC-V
	for _, c := range []struct {
		name string
		c    Command
		says []string
	}{
		{"empty", Command{}, []string{"its command is empty"}},
		{"missing", Command{Argv: []string{dir + "/none"}}, []string{"none does not exist: is it built?"}},
		{"not in PATH", Command{Argv: []string{"no-such-program"}}, []string{"no-such-program was not found in PATH"}},
		{"a directory", Command{Argv: []string{dir}}, []string{"is a directory"}},
		{"not executable", Command{Argv: []string{file("plain", "x", 0o644)}}, []string{"is not executable (mode 0644): chmod +x"}},
		{"no interpreter", Command{Argv: []string{file("script", "#!/no/such/python3\n", 0o755)}}, []string{"needs /no/such/python3, which is missing"}},
		{"Windows line ends", Command{Argv: []string{file("dos", "#!/bin/sh\r\n", 0o755)}}, []string{"Windows line ends"}},
		{"no format", Command{Argv: []string{file("text", "hello", 0o755)}}, []string{"neither a binary of this system nor a script"}},
		{"another machine", Command{Argv: []string{file("riscv", string(foreign), 0o755)}}, []string{"is built for RISCV, this machine is"}},
		{"no directory", Command{Argv: []string{"true"}, Dir: dir + "/none"}, []string{"its working directory cannot be used"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.Platform = "broken"
			_, err := s.Acquire(t.Context(), c.c, s.NewIdentity("cell"))
			failure(t, err, StartFailed, append(c.says, "servant broken could not be started", "try: ./test.sh doctor broken")...)
		})
	}
}

func TestPipesAreClosedOnStartFailure(t *testing.T) {
	s := open(t)
	before, err := countEntries(unix.Getpid(), "fd")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := s.Acquire(t.Context(), Command{Platform: "x", Argv: []string{"/etc"}}, s.NewIdentity("c")); err == nil {
			t.Fatal("a directory was started")
		}
		if _, err := s.Acquire(t.Context(), self(t, "exits-at-once"), s.NewIdentity("c")); err == nil {
			t.Fatal("it answered")
		}
	}
	after, err := countEntries(unix.Getpid(), "fd")
	if err != nil || after > before {
		t.Errorf("%d descriptors before, %d after (%v)", before, after, err)
	}
}
