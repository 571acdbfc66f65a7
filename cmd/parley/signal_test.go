package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

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

var interruptedEnd = regexp.MustCompile(`(?s)\ninterrupted\n.*\n0 passed, \d failed, \d skipped\n$`)

func TestInterruptEndsARunInOrder(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			s := newSite(t, "", "keeps 'data' in shared memory", "leaves a child behind", "hangs")
			r := s.start("run")
			s.awaits("hanging")
			if len(s.there()) == 0 {
				t.Fatal("the servant made nothing")
			}
			s.signal(r, sig)
			s.assertEnded(r, exitInterrupted)
			s.assertClear()
			run := s.log()
			if run.Outcome == nil || run.Outcome.Kind != runlog.OutcomeInterrupted || run.Passed() {
				t.Errorf("outcome %+v", run.Outcome)
			}
			if !interruptedEnd.MatchString(r.out.String()) {
				t.Errorf("standard output: %s", &r.out)
			}
			for _, name := range []string{junitFile, metricsFile} {
				if _, err := os.Stat(filepath.Join(s.dir, ".parley/last", name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A servant that ends by SIGKILL alone gets every grace after one interrupt, and
// none after two.
func TestASecondInterruptKillsAtOnce(t *testing.T) {
	s := newSite(t, ", stubborn", "keeps 'data' in shared memory", "writer hangs")
	var took [2]time.Duration
	for i := range took {
		r := s.start("run")
		s.awaits("hanging")
		s.signal(r, syscall.SIGINT)
		s.awaits("shutting-down")
		start := time.Now()
		if i == 1 {
			s.signal(r, syscall.SIGINT)
		}
		s.assertEnded(r, exitInterrupted)
		took[i] = time.Since(start)
		s.assertClear()
		for _, name := range []string{"hanging", "shutting-down"} {
			if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if took[1] >= took[0] {
		t.Errorf("%v after one interrupt, %v after two", took[0], took[1])
	}
}

// kill -9 of the coordinator leaves nothing within seconds: the servants die with
// it, the guard removes the rest.
func TestAKilledCoordinatorLeavesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		servant string
		steps   []string
	}{
		"during start":   {", mute", []string{"passes"}},
		"during a step":  {"", []string{"keeps 'data' in shared memory", "leaves a child behind", "hangs"}},
		"during cleanup": {"", []string{"keeps 'data' in shared memory", "will hang in cleanup"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, tc.servant, tc.steps...)
			r := s.start("run")
			s.awaits("hanging")
			s.signal(r, syscall.SIGKILL)
			<-r.ended
			s.eventually("nothing is left", func() bool { return len(processesOf(s.home))+len(s.there()) == 0 })
			// A log that is empty cannot be read at all.
			run, err := runlog.Read(filepath.Join(s.dir, ".parley/last", logFile))
			if err == nil && (run.Passed() || (run.Outcome != nil && run.Outcome.Kind == runlog.OutcomePassed)) {
				t.Errorf("a killed run reads as %+v", run.Outcome)
			}
		})
	}
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

func TestCleanRemovesAndNamesWhatIsLeft(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "leaves a child behind", "hangs")
	r := s.start("run")
	s.awaits("hanging")
	s.killWithGuard(r)
	if len(s.there()) == 0 {
		t.Fatal("nothing is left to be cleaned up")
	}
	c := s.start("clean")
	s.assertEnded(c, exitPassed)
	for _, want := range append(s.made(), "removed process ", "removed shared memory ", "removed lock file ") {
		if !strings.Contains(c.out.String(), want) {
			t.Errorf("clean does not name %q: %s", want, &c.out)
		}
	}
	s.eventually("nothing is left", s.clear)
	again := s.start("clean")
	s.assertEnded(again, exitPassed)
	if want := "nothing to remove"; !strings.Contains(again.out.String(), want) {
		t.Errorf("clean has nothing to do and says: %s", &again.out)
	}
}

func TestTheNextRunCleansUpAndLeavesLivingRunsAlone(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "touches 'made-it'", "waits for 'go-on'", "passes")
	dead := s.start("run")
	s.awaits("made-it")
	s.killWithGuard(dead)
	left := s.there()
	if len(left) == 0 {
		t.Fatal("nothing is left to be cleaned up")
	}
	if err := os.Remove(filepath.Join(s.dir, "made-it")); err != nil {
		t.Fatal(err)
	}
	alive := s.start("run")
	s.awaits("made-it")
	for _, path := range left {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("the next run left %s", path)
		}
	}
	own := s.there()
	if len(own) == 0 {
		t.Fatal("the living run has made nothing")
	}
	c := s.start("clean")
	s.assertEnded(c, exitPassed)
	if len(s.there()) != len(own) {
		t.Errorf("clean touched a living run: of %v there is %v", own, s.there())
	}
	if err := os.WriteFile(filepath.Join(s.dir, "go-on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.assertEnded(alive, exitPassed)
	for _, path := range left {
		if !strings.Contains(alive.err.String(), path) {
			t.Errorf("the next run does not name %s: %s", path, &alive.err)
		}
	}
	s.assertClear()
}

func TestTwoRunsAtTheSameTime(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "waits for 'go-on'")
	runs := []*running{s.start("run"), s.start("run", "--out", "other")}
	s.eventually("both have made their files", func() bool { return len(s.there()) == 4 })
	third := s.start("run", "--out", "other")
	s.assertEnded(third, exitBroken)
	if want := "a run that has not ended keeps its files there; name another with --out DIR"; !strings.Contains(third.err.String(), want) {
		t.Errorf("standard error lacks %q: %s", want, &third.err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "go-on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		s.assertEnded(r, exitPassed)
	}
	s.assertClear()
}

// The reader of our output goes away after the first line, as in `| head -1`.
func TestAReaderThatGoesAwayEndsTheRun(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "passes")
	c := s.command("run", "--repeat", "200", "-j", "1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	out.Close()
	_ = c.Wait()
	if !strings.HasPrefix(line, "✓ 1.1 go") {
		t.Errorf("first line %q", line)
	}
	if got := c.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d: %s", got, &stderr)
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "nobody reads standard output") {
		t.Errorf("standard error: %s", got)
	}
	s.assertClear()
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	s := newSite(t, "", "passes")
	for _, args := range [][]string{{"run"}, {"run", "--dry-run"}, {"list"}, {"list", "--format", "json"}, {"steps"}, {"doctor", "go"}, {"clean"}, {"help"}, {"help", "run"}, {"--version"}} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		c := s.command(args...)
		var stderr bytes.Buffer
		c.Stdout, c.Stderr = full, &stderr
		_ = c.Run()
		full.Close()
		if got := c.ProcessState.ExitCode(); got != exitBroken {
			t.Errorf("%v: exit status %d", args, got)
		}
		if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "no space left on device") {
			t.Errorf("%v: standard error: %s", args, got)
		}
	}
	s.assertClear()
}

var metricsLine = regexp.MustCompile(`metrics: (http://(\S+)/metrics)\n`)

func TestMetricsWhileAStepHangs(t *testing.T) {
	s := newSite(t, "", "touches 'begun'", "waits for 'go-on'")
	c := s.command("run", "--metrics", "127.0.0.1:0")
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(stderr).ReadString('\n')
	m := metricsLine.FindStringSubmatch(said)
	if err != nil || m == nil {
		t.Fatalf("standard error: %q, %v", said, err)
	}
	s.awaits("begun")
	answer, err := http.Get(m[1])
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !bytes.Contains(body, []byte("parley_")) {
		t.Errorf("%v: %s", err, body)
	}

	taken := s.start("run", "--metrics", m[2], "--out", "other")
	s.assertEnded(taken, exitUsage)
	if want := "another program listens there"; !strings.Contains(taken.err.String(), want) {
		t.Errorf("standard error lacks %q: %s", want, &taken.err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "other")); err == nil {
		t.Error("a run that did not begin has made its folder")
	}

	if err := os.WriteFile(filepath.Join(s.dir, "go-on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	if l, err := net.Listen("tcp", m[2]); err != nil {
		t.Errorf("the endpoint is still open: %v", err)
	} else {
		l.Close()
	}
	s.assertClear()
}
