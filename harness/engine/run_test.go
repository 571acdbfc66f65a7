package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

const four = `Feature: x
  Scenario: Test 1.1 - first
    Given the 'writer' process performs 'one'
  Scenario: Test 1.2 - second
    Given the 'writer' process performs 'two'
    Then the 'writer' process is content
  Scenario: Test 1.3 - third
    Given the 'writer' process performs 'three'
  Scenario: Test 1.4 - fourth
    Given the 'writer' process performs 'four'
`

// performing makes an actor that does something in the step that performs a word.
func performing(word string, do func(*call)) *actor {
	return &actor{capabilities: []string{contract.CapReset, contract.CapCancel}, step: func(c *call) {
		if strings.Contains(c.step.Step, "'"+word+"'") {
			do(c)
			return
		}
		c.pass()
	}}
}

func TestFailFast(t *testing.T) {
	writer := performing("two", func(c *call) { c.fail("no") })
	s := rig{actors: map[string]*actor{"w": writer}, change: func(o *engine.Options) { o.FailFast = true }}.run(t, four)
	s.cell("1.1/w", runlog.Passed, "passed")
	s.cell("1.2/w", runlog.Failed, "failed skipped")
	for _, id := range []string{"1.3/w", "1.4/w"} {
		s.says(id, s.cell(id, runlog.Skipped, "skipped").Reason(), "not run: --fail-fast stopped the run at 1.2/w")
	}
	if s.Passed() {
		t.Error("the run passed")
	}
}

func TestInterruptionInAStep(t *testing.T) {
	for name, tc := range map[string]struct {
		step         func(*call, context.CancelFunc)
		capabilities []string
	}{
		"that can be cancelled": {func(c *call, cancel context.CancelFunc) { cancel(); c.untilCancelled() }, []string{contract.CapCancel, contract.CapReset}},
		"that cannot":           {func(c *call, cancel context.CancelFunc) { cancel(); c.hang() }, nil},
		"that ends all the same": {func(c *call, cancel context.CancelFunc) { cancel(); c.pass() },
			[]string{contract.CapCancel}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			writer := performing("two", func(c *call) { tc.step(c, cancel) })
			writer.capabilities = tc.capabilities
			s := rig{actors: map[string]*actor{"w": writer}, ctx: ctx}.run(t, four)
			s.cell("1.1/w", runlog.Passed, "passed")
			c := s.cell("1.2/w", runlog.Skipped, "")
			s.says("the cell", c.Reason(), "the run was interrupted")
			if v := s.step("1.2/w", 1).Verdict; v != runlog.Skipped {
				t.Errorf("the next step is %s", v)
			}
			for _, id := range []string{"1.3/w", "1.4/w"} {
				s.says(id, s.cell(id, runlog.Skipped, "skipped").Reason(), "interrupted")
			}
			if s.Passed() || s.Outcome.Kind != runlog.OutcomeInterrupted {
				t.Errorf("outcome %+v", s.Outcome)
			}
			if n := len(writer.texts()); n != 2 {
				t.Errorf("%d steps were sent", n)
			}
		})
	}
}

func TestInterruptionElsewhere(t *testing.T) {
	t.Run("while servants start", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		writer := &actor{}
		writer.every = func(c *call) bool {
			if c.method == contract.MethodInitialize {
				cancel()
				c.hang()
			}
			return false
		}
		s := rig{actors: map[string]*actor{"w": writer}, ctx: ctx}.run(t, four)
		s.cell("1.1/w", runlog.Skipped, "skipped")
	})
	t.Run("in cleanup", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		writer := &actor{}
		writer.every = func(c *call) bool {
			if c.method == contract.MethodCleanup {
				cancel()
				c.hang()
			}
			return false
		}
		s := rig{actors: map[string]*actor{"w": writer}, ctx: ctx}.run(t, four)
		s.cell("1.1/w", runlog.Skipped, "passed")
	})
	t.Run("while a step overlaps", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		busy := make(chan struct{})
		writer := &actor{capabilities: []string{contract.CapCancel}, step: func(c *call) { close(busy); c.untilCancelled() }}
		reader := &actor{step: func(c *call) { <-busy; cancel(); c.hang() }}
		s := rig{actors: map[string]*actor{"w": writer, "r": reader}, ctx: ctx, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - both
    When meanwhile the 'writer' process fills
    And the 'reader' process reads
    Then the 'writer' process is content
`)
		s.cell("1.1/r_w", runlog.Skipped, "skipped skipped skipped")
	})
	t.Run("after a step that failed", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		writer := performing("one", func(c *call) { c.fail("no"); cancel() })
		s := rig{actors: map[string]*actor{"w": writer}, ctx: ctx}.run(t, four)
		// What was answered before the interruption counts, whichever came first.
		if v := s.CellByID("1.1/w").Verdict(); v != runlog.Failed && v != runlog.Skipped {
			t.Errorf("the cell is %s", v)
		}
		s.cell("1.3/w", runlog.Skipped, "skipped")
	})
}

// Two cells meet in the middle of their steps, which only works side by side.
func TestCellsRunSideBySide(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	writer := &actor{capabilities: []string{contract.CapReset}, step: func(c *call) {
		if strings.Contains(c.step.Step, "'one'") || strings.Contains(c.step.Step, "'two'") {
			both.Done()
			both.Wait()
		}
		c.say(map[string]string{c.scenario: "seen"})
	}}
	s := rig{actors: map[string]*actor{"w": writer}, change: func(o *engine.Options) { o.Jobs = 2 }}.run(t, four)
	for _, id := range []string{"1.1/w", "1.2/w", "1.3/w", "1.4/w"} {
		s.cell(id, runlog.Passed, "")
	}
	for _, c := range writer.came(contract.MethodExecuteStep) {
		for k := range c.step.Context {
			if k != c.scenario {
				t.Errorf("%s sees the context of %s", c.scenario, k)
			}
		}
	}
	numbers := map[string]bool{}
	for _, c := range writer.came(contract.MethodInitialize) {
		numbers[string(c.params["HostPid"])+" "+string(c.params["FeatureId"])] = true
		numbers[string(c.params["ResourcePrefix"])] = true
	}
	if len(numbers) != 8 {
		t.Errorf("the numbers of four cells: %v", numbers)
	}
}

func TestIsolation(t *testing.T) {
	for name, tc := range map[string]struct {
		isolation    engine.Isolation
		capabilities []string
		legacy       bool
		launches     int // of the platform, the one that was asked for its definitions included
	}{
		"run":                    {engine.PerRun, []string{contract.CapReset}, false, 1},
		"run, without reset":     {engine.PerRun, nil, false, 5},
		"run, contract 1.0":      {engine.PerRun, nil, true, 5},
		"scenario":               {engine.PerScenario, []string{contract.CapReset}, false, 4},
		"scenario, contract 1.0": {engine.PerScenario, nil, true, 5},
	} {
		t.Run(name, func(t *testing.T) {
			writer := &actor{capabilities: tc.capabilities, legacy: tc.legacy}
			s := rig{actors: map[string]*actor{"w": writer}, change: func(o *engine.Options) { o.Isolation = tc.isolation }}.run(t, four)
			if writer.launches != tc.launches {
				t.Errorf("%d launches, want %d", writer.launches, tc.launches)
			}
			if len(s.Servants) != tc.launches {
				t.Errorf("the log has %d servants", len(s.Servants))
			}
			if n := len(writer.came(contract.MethodCleanup)); n != 4 {
				t.Errorf("cleanup was asked %d times of 4 cells", n)
			}
			for _, c := range s.Cells {
				if len(c.Result().Notes) > 0 {
					t.Errorf("%s: %v", c.ID, c.Result().Notes)
				}
			}
		})
	}
}

func TestRepeat(t *testing.T) {
	n := 0
	writer := performing("one", func(c *call) {
		if n++; n == 2 {
			c.fail("the second time")
			return
		}
		c.pass()
	})
	s := rig{actors: map[string]*actor{"w": writer}, repeat: 3, words: []string{"1.1"}}.run(t, four)
	for i, v := range []runlog.Verdict{runlog.Passed, runlog.Failed, runlog.Passed} {
		c := s.cell(fmt.Sprintf("1.1/w@%d", i+1), v, string(v))
		if c.Repeat != i+1 {
			t.Errorf("%s is repetition %d", c.ID, c.Repeat)
		}
	}
	if len(s.Cells) != 3 {
		t.Errorf("%d cells", len(s.Cells))
	}
}

func TestSkippedAndUnusableCells(t *testing.T) {
	writer := &actor{}
	s := rig{actors: map[string]*actor{"w": writer, "x": {}}, change: func(o *engine.Options) {
		o.Unusable["x"] = engine.Unusable{Verdict: runlog.Skipped, Reason: "x is not here"}
	}}.run(t, four)
	s.cell("1.1/w", runlog.Passed, "passed")
	s.says("1.1/x", s.cell("1.1/x", runlog.Skipped, "skipped").Reason(), "x is not here")
	if !s.Passed() {
		t.Errorf("outcome %+v", s.Outcome)
	}
}

func TestARecorderThatFails(t *testing.T) {
	writer := &actor{}
	r := rig{actors: map[string]*actor{"w": writer}}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	r.ctx = t.Context()
	st := r.stage(t)
	_, cells := r.plan(t, four, noPacks())
	found := engine.Discover(t.Context(), st, r.commands)
	for _, c := range cells {
		c.Resolve(definitionsOf(found))
	}
	log, err := runlog.Create(t.TempDir() + "/never-begun.ndjson")
	must(t, err)
	t.Cleanup(func() { _ = log.End(runlog.Outcome{Kind: runlog.OutcomeAborted}) })
	err = engine.New(engine.Options{Cells: cells, Commands: r.commands, Stage: st, Packs: noPacks(), Log: log,
		StepTimeout: patience, Asked: map[*stage.Servant]bool{}}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the run has not begun") {
		t.Errorf("the recorder's error is lost: %v", err)
	}
}
