package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley.dev/parley/harness/runlog"
)

// site is a project in a folder of its own, whose runs have a home of their own:
// whatever carries that home belongs to them.
type site struct {
	t    *testing.T
	dir  string
	home string
}

// newSite makes a project with one scenario of the reader's steps, or those of
// the writer where a step begins with that word.
func newSite(t *testing.T, servant string, steps ...string) *site {
	t.Helper()
	t.Parallel()
	s := &site{t: t, dir: t.TempDir()}
	s.home = filepath.Join(s.dir, "home")
	var feature strings.Builder
	feature.WriteString("Feature: Signals\n  Scenario: Test 1.1 - One\n")
	for _, step := range steps {
		role := "reader"
		if rest, ok := strings.CutPrefix(step, "writer "); ok {
			role, step = "writer", rest
		}
		feature.WriteString("    * the '" + role + "' process " + step + "\n")
	}
	for name, content := range map[string]string{
		"parley.yaml":      "version: 1\nplatforms:\n  go:\n    command: [fake-servant" + servant + "]\n",
		"features/feature": "", "home/x": "", "runtime/x": "",
		"features/1.feature": feature.String(),
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, line := range processesOf(s.home) {
			pid, _ := strconv.Atoi(strings.Fields(line)[0])
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		for _, path := range s.made() {
			_ = os.Remove(path)
		}
	})
	return s
}

// running is a coordinator that was started.
type running struct {
	*exec.Cmd
	out, err bytes.Buffer
	ended    chan struct{}
	status   int
}

func (s *site) command(args ...string) *exec.Cmd {
	c := exec.Command("parley", args...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "HOME="+s.home, "XDG_RUNTIME_DIR="+filepath.Join(s.dir, "runtime"), "LANG=C.UTF-8")
	return c
}

func (s *site) start(args ...string) *running {
	s.t.Helper()
	r := &running{Cmd: s.command(args...), ended: make(chan struct{})}
	r.Stdout, r.Stderr = &r.out, &r.err
	// A servant that outlives the coordinator must not hold Wait.
	r.WaitDelay = patience
	if err := r.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.Wait()
		r.status = r.ProcessState.ExitCode()
	}()
	return r
}

// awaits waits for a file that a servant touches.
func (s *site) awaits(name string) {
	s.t.Helper()
	s.eventually(name, func() bool {
		_, err := os.Stat(filepath.Join(s.dir, name))
		return err == nil
	})
}

func (s *site) eventually(what string, ok func() bool) {
	s.t.Helper()
	if until(ok) != nil {
		s.t.Fatalf("never happened: %s; processes: %v; files: %v", what, processesOf(s.home), s.there())
	}
}

// made are the files that servants have made in shared memory and as locks.
func (s *site) made() []string {
	list, _ := os.ReadFile(filepath.Join(s.dir, "made"))
	return strings.Fields(string(list))
}

// there are those of them that exist.
func (s *site) there() []string {
	var found []string
	for _, path := range s.made() {
		if _, err := os.Lstat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}

// registered are the runs that have not been cleaned up.
func (s *site) registered() []string {
	found, _ := filepath.Glob(filepath.Join(s.dir, "runtime/parley-*/runs/*"))
	return found
}

// clear reports whether nothing of any run is left.
func (s *site) clear() bool {
	return len(processesOf(s.home))+len(s.there())+len(s.registered()) == 0
}

// assertClear checks it for a coordinator that has ended in order.
func (s *site) assertClear() {
	s.t.Helper()
	if !s.clear() {
		s.t.Errorf("left behind: processes %v, files %v, registrations %v", processesOf(s.home), s.there(), s.registered())
	}
}

func (s *site) signal(r *running, sig syscall.Signal) {
	s.t.Helper()
	if err := r.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) assertEnded(r *running, status int) {
	s.t.Helper()
	<-r.ended
	if r.status != status {
		s.t.Errorf("exit status %d, want %d\nstdout: %s\nstderr: %s", r.status, status, &r.out, &r.err)
	}
}

func (s *site) log() *runlog.Run {
	s.t.Helper()
	run, err := runlog.Read(filepath.Join(s.dir, ".parley/last", logFile))
	if err != nil {
		s.t.Fatal(err)
	}
	return run
}

// guards are the guards of the site's coordinators.
func (s *site) guards() []int {
	var found []int
	for _, p := range processesOf(s.home) {
		pid, command, _ := strings.Cut(p, " ")
		if strings.HasPrefix(command, "parley-guard ") {
			n, _ := strconv.Atoi(pid)
			found = append(found, n)
		}
	}
	return found
}

// killWithGuard ends the coordinator and its guard, as the kernel does when
// memory runs out.
func (s *site) killWithGuard(r *running) {
	s.t.Helper()
	guards := s.guards()
	if len(guards) != 1 {
		s.t.Fatalf("%d guards: %v", len(guards), processesOf(s.home))
	}
	if err := syscall.Kill(guards[0], syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	s.eventually("the guard is dead", func() bool { return len(s.guards()) == 0 })
	s.signal(r, syscall.SIGKILL)
	<-r.ended
}
