package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/harness/runlog"
)

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

func TestInterruptAtOtherMoments(t *testing.T) {
	for name, tc := range map[string]struct {
		args, steps []string
		servant     string
	}{
		"during start":          {[]string{"run"}, []string{"passes"}, ", mute"},
		"during cleanup":        {[]string{"run"}, []string{"keeps 'data' in shared memory", "will hang in cleanup"}, ""},
		"of a dry run":          {[]string{"run", "--dry-run"}, []string{"passes"}, ", mute"},
		"of the steps' listing": {[]string{"steps"}, []string{"passes"}, ", mute"},
		"of the doctor":         {[]string{"doctor"}, []string{"passes"}, ", mute"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, tc.servant, tc.steps...)
			r := s.start(tc.args...)
			s.awaits("hanging")
			s.signal(r, syscall.SIGINT)
			s.assertEnded(r, exitInterrupted)
			s.assertClear()
			if r.err.Len() > 0 {
				t.Errorf("standard error: %s", &r.err)
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
