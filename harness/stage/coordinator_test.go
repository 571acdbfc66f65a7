package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley.dev/parley/servant/contract"
)

// mini is what a mini coordinator tells about itself.
type mini struct {
	RunID   string
	Guard   int
	Servant int
	Deaf    int // a servant that does not see the end of its input
	Orphan  int // in a session of its own
	Files   []string
	Dir     string
}

// miniCoordinator opens a stage, makes its servant leave things behind, tells
// what they are, and waits to be killed.
func miniCoordinator(args []string) int {
	ctx := context.Background()
	s, err := Open(ctx, Options{RunID: args[0]})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	exe, err := os.Executable()
	if err != nil {
		return 1
	}
	id := s.NewIdentity("cell")
	sv, err := s.Acquire(ctx, Command{Platform: "fake", Argv: []string{exe, "fake-servant", "obeys"}}, id)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	deaf, err := s.Acquire(ctx, Command{Platform: "fake", Argv: []string{exe, "fake-servant", "never-reads"}}, id)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	m := mini{Deaf: deaf.PID(), RunID: s.runID, Guard: s.guard.pid, Servant: sv.PID(), Dir: s.ownership.dir}
	r, _, err := sv.Execute(ctx, contract.ExecuteStep{Step: "fork session"}, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	m.Orphan, _ = strconv.Atoi(r.Context["pid"])
	for _, name := range []string{id.ResourcePrefix + "frames", fmt.Sprintf("sem.sem-w-frames_%d_%d", id.HostPid, id.FeatureId)} {
		if _, _, err := sv.Execute(ctx, contract.ExecuteStep{Step: "shm " + name}, 0); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		m.Files = append(m.Files, "/dev/shm/"+name)
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		return 1
	}
	select {}
}

// startMini returns a running mini coordinator.
func startMini(t *testing.T, runID string) (*exec.Cmd, mini) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, "mini-coordinator", runID)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the mini coordinator said %q: %v", line, err)
	}
	var m mini
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pid := range []int{m.Guard, m.Servant, m.Deaf, m.Orphan} {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			// They are ours if an earlier stage made the tests a subreaper.
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
		for _, path := range m.Files {
			os.Remove(path)
		}
	})
	for _, pid := range []int{m.Guard, m.Servant, m.Deaf, m.Orphan} {
		if !alive(pid) {
			t.Fatalf("process %d of %+v does not live", pid, m)
		}
	}
	return c, m
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestAKilledCoordinatorLeavesNothing(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	c, m := startMini(t, "killed")
	// Signals to the coordinator's group do not reach the guard, and TERM does
	// not end it.
	if err := syscall.Kill(m.Guard, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []int{m.Servant, m.Deaf, m.Orphan, m.Guard} {
		eventually(t, fmt.Sprintf("process %d ends", pid), func() bool { return !alive(pid) })
	}
	for _, path := range append(m.Files, m.Dir) {
		if exists(path) {
			t.Errorf("%s is left", path)
		}
	}
}

func TestCleanTouchesOnlyDeadRuns(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	id := s.NewIdentity("live")
	mine := "/dev/shm/" + id.ResourcePrefix + "frames"
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, m := startMini(t, "dead")
	if removed, err := Clean(nil); err != nil || len(removed) > 0 {
		t.Fatalf("two live runs: %v, %v", removed, err)
	}
	// Without its guard, a killed coordinator leaves what is in other sessions
	// and in shared memory.
	if err := syscall.Kill(m.Guard, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the guard ends", func() bool { return !alive(m.Guard) })
	_ = c.Process.Kill()
	_ = c.Wait()
	eventually(t, "the servant ends", func() bool { return !alive(m.Servant) })
	eventually(t, "the servant that reads nothing ends", func() bool { return !alive(m.Deaf) })
	if !alive(m.Orphan) || !exists(m.Files[0]) || !exists(m.Files[1]) || !exists(m.Dir) {
		t.Fatal("there is nothing to clean")
	}
	removed, err := Clean(nil)
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, r := range removed {
		what = append(what, r.String())
	}
	all := strings.Join(what, "\n")
	for _, name := range append(m.Files, m.Dir, strconv.Itoa(m.Orphan), "of run dead") {
		if !strings.Contains(all, name) {
			t.Errorf("%s is not named in:\n%s", name, all)
		}
	}
	if len(removed) != 4 || alive(m.Orphan) || exists(m.Files[0]) || exists(m.Files[1]) || exists(m.Dir) {
		t.Errorf("after Clean:\n%s", all)
	}
	if !sv.alive() || !exists(mine) || !exists(s.ownership.dir) {
		t.Error("Clean touched a live run")
	}
	if got := s.Sweep(id); len(got) != 1 || got[0] != mine {
		t.Errorf("swept %v", got)
	}
}

func TestOpenRemovesWhatDeadRunsLeft(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	root, err := runsDir()
	if err != nil {
		t.Fatal(err)
	}
	o, err := register(root, "earlier")
	if err != nil {
		t.Fatal(err)
	}
	left := "/dev/shm/" + o.facts.Prefix + "1-frames"
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(left) })
	o.lock.Close() // as the kernel does when the coordinator dies
	s := openHere(t)
	if exists(left) || exists(o.dir) || len(s.Recovered()) != 2 {
		t.Errorf("recovered %v", s.Recovered())
	}
}

func TestTheGuardWaitsForTheCoordinatorsDeath(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	root, err := runsDir()
	if err != nil {
		t.Fatal(err)
	}
	o, err := register(root, "guarded")
	if err != nil {
		t.Fatal(err)
	}
	mine := "/dev/shm/" + o.facts.Prefix + "1-frames"
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(mine) })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	guard := exec.Command(exe, guardArg, o.dir)
	guard.Stdin = strings.NewReader("") // the end of file comes while the coordinator lives
	out, err := guard.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := guard.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != guardReady {
		t.Fatalf("it said %q: %v", said, err)
	}
	eventually(t, "the guard tries the lock", func() bool {
		return readsOf(guard.Process.Pid) > 3
	})
	if !exists(mine) || !exists(o.dir) {
		t.Fatal("the guard acted while the coordinator lived")
	}
	o.lock.Close()
	if err := guard.Wait(); err != nil {
		t.Fatal(err)
	}
	if exists(mine) || exists(o.dir) {
		t.Error("the guard left something")
	}
}

// readsOf counts how often pid has slept voluntarily, which the guard does
// between two tries.
func readsOf(pid int) int {
	raw, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	_, rest, _ := strings.Cut(string(raw), "\nvoluntary_ctxt_switches:")
	n, _ := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
	return n
}

func TestTwoStagesAtOnce(t *testing.T) {
	a := open(t)
	b := openHere(t)
	inA, inB := acquire(t, a, self(t, "obeys")), acquire(t, b, self(t, "obeys"))
	orphan := forked(t, inB, "session")
	idB := b.NewIdentity("cell")
	file := "/dev/shm/" + idB.ResourcePrefix + "x"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.Release(t.Context(), inA, false)
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !inB.alive() || !alive(orphan) || !exists(file) || !alive(b.guard.pid) {
		t.Fatal("closing one stage touched the other")
	}
	if _, _, err := inB.Execute(t.Context(), step("pass"), 0); err != nil {
		t.Error(err)
	}
}

// A name that a scenario gave to a directory is taken back like any other.
func TestSweepTakesDirectoriesToo(t *testing.T) {
	s := open(t)
	id := s.NewIdentity("cell")
	taken := "/dev/shm/" + id.ResourcePrefix + "frames"
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(taken) })
	if got := s.Sweep(id); len(got) != 1 || got[0] != taken || exists(taken) {
		t.Errorf("swept %v", got)
	}
}
