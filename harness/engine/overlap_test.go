package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

// lamp is a pack with one thing that can be switched and looked at.
type lamp struct {
	lit  chan struct{} // closed by the step that lights it
	once sync.Once

	mu    sync.Mutex
	looks int
}

func newLamp() *lamp { return &lamp{lit: make(chan struct{})} }

func (l *lamp) pack() packs.Pack {
	return packs.Pack{Name: "lamp", Steps: []packs.Definition{
		{Pattern: `the lamp is lit`, Changes: true, Run: func(context.Context, packs.Call) error {
			l.once.Do(func() { close(l.lit) })
			return nil
		}},
		{Pattern: `the lamp has been seen '(\d+)' times`, Run: func(_ context.Context, c packs.Call) error {
			want, err := c.Int(0)
			if err != nil {
				return err
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.looks++; int64(l.looks) < want {
				return &packs.Mismatch{What: "the lamp", Expected: c.Args[0] + " times", Actual: "fewer"}
			}
			return nil
		}},
		{Pattern: `the lamp breaks`, Run: func(context.Context, packs.Call) error { panic("glass everywhere") }},
		{Pattern: `the lamp waits`, Changes: true, Run: func(ctx context.Context, _ packs.Call) error {
			<-ctx.Done()
			return ctx.Err()
		}},
	}}
}

// waits performs the step that says so once the channel is closed; other steps pass.
func waits(until <-chan struct{}, text string, then func(*call)) func(*call) {
	return func(c *call) {
		if !strings.Contains(c.step.Step, text) {
			c.pass()
			return
		}
		<-until
		then(c)
	}
}

// order checks that the steps of a cell ended in this order.
func (s story) order(id string, steps ...int) {
	s.Helper()
	all := s.CellByID(id).Last().Steps
	for n := 1; n < len(steps); n++ {
		first, second := all[steps[n-1]], all[steps[n]]
		if second.Finished.Before(first.Finished) {
			s.Errorf("%s: %q ended before %q", id, second.Text, first.Text)
		}
	}
}

func TestAStepOverlapsWithTheOtherRoles(t *testing.T) {
	read := make(chan struct{})
	writer := &actor{step: waits(read, "fills", (*call).pass)}
	reader := &actor{step: func(c *call) { close(read); c.pass() }}
	s := rig{actors: map[string]*actor{"w": writer, "r": reader}, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - overlap
    When meanwhile the 'writer' process fills the ring
    And the 'reader' process reads
    Then the 'writer' process has filled it
`)
	s.cell("1.1/r_w", runlog.Passed, "passed passed passed")
	s.order("1.1/r_w", 1, 0, 2)
	steps := s.CellByID("1.1/r_w").Last().Steps
	if steps[1].Started.Before(steps[0].Started) || steps[2].Started.Before(steps[0].Finished) {
		t.Error("the next step of the same role was sent before the overlapping one had ended")
	}
	if got := strings.Join(writer.texts(), "; "); got != "When the 'writer' process fills the ring; Then the 'writer' process has filled it" {
		t.Errorf("sent: %s", got)
	}
}

func TestAnOverlappingStepIsJoinedByAllThatNeedItsServant(t *testing.T) {
	lamp := newLamp()
	writer := &actor{step: waits(lamp.lit, "fills", (*call).pass)}
	s := rig{actors: map[string]*actor{"w": writer, "r": {}}, words: []string{"r_w"}, packs: []packs.Pack{lamp.pack()}}.run(t, `Feature: x
  Background:
    Given meanwhile the 'writer' process fills the ring
    And the lamp is lit

  Scenario: Test 1.1 - a broadcast waits
    Given everything is settled
    Then the 'reader' process is content
`)
	s.cell("1.1/r_w", runlog.Passed, "passed passed passed passed")
	steps := s.CellByID("1.1/r_w").Last().Steps
	if steps[2].Started.Before(steps[0].Finished) {
		t.Error("the broadcast was sent before the overlapping step had ended")
	}
	s.order("1.1/r_w", 1, 0, 2, 3)
}

func TestTheEndOfTheScenarioJoins(t *testing.T) {
	lamp := newLamp()
	for name, tc := range map[string]struct {
		then    func(*call)
		verdict runlog.Verdict
		steps   string
	}{
		"passes": {(*call).pass, runlog.Passed, "passed passed passed"},
		"fails":  {func(c *call) { c.fail("the ring is full") }, runlog.Failed, "passed failed passed"},
		"is skipped": {func(c *call) { c.result(`{"success":false,"status":"skipped","error":"not here"}`) },
			runlog.Skipped, "passed skipped passed"},
		"crashes": {func(c *call) { c.exit(3) }, runlog.Crashed, "passed crashed passed"},
	} {
		t.Run(name, func(t *testing.T) {
			writer := &actor{step: waits(lamp.lit, "fills", tc.then)}
			s := rig{actors: map[string]*actor{"w": writer, "r": {}}, words: []string{"r_w"}, packs: []packs.Pack{lamp.pack()}}.run(t, `Feature: x
  Scenario: Test 1.1 - end
    Given the 'reader' process is ready
    When meanwhile the 'writer' process fills the ring
    Then the lamp is lit
`)
			s.cell("1.1/r_w", tc.verdict, tc.steps)
			s.order("1.1/r_w", 0, 2, 1)
		})
	}
}

func TestAnOverlappingStepThatFails(t *testing.T) {
	writer := &actor{step: func(c *call) { c.fail("the ring is full") }}
	s := rig{actors: map[string]*actor{"w": writer, "r": {}}, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - joined by the next step
    When meanwhile the 'writer' process fills the ring
    And the 'reader' process reads
    And the 'writer' process goes on
    Then the 'reader' process is content

  Scenario: Test 1.2 - another step fails first
    When meanwhile the 'writer' process fills the ring
    And the 'reader' process reads
    Then the 'reader' process is content
`)
	s.cell("1.1/r_w", runlog.Failed, "failed passed skipped skipped")
	s.says("the step that waited", s.step("1.1/r_w", 2).SkipReason, "the overlapping step before it did not pass: meanwhile the 'writer' process fills the ring")
	s.says("the overlapping step", s.step("1.1/r_w", 0).Error, "the ring is full")
	if len(writer.texts()) != 2 {
		t.Errorf("the step after it was sent: %v", writer.texts())
	}
	s.cell("1.2/r_w", runlog.Failed, "failed passed passed")
}

func TestAnOverlappingStepWhoseProcessTheScenarioEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		end, steps string
		verdict    runlog.Verdict
	}{
		"killed":                 {"is killed", "passed passed passed passed", runlog.Passed},
		"restarted":              {"is restarted", "passed passed passed passed", runlog.Passed},
		"killed and asked again": {"is killed\n    And the 'writer' process goes on", "passed passed passed failed skipped", runlog.Failed},
		"restarted and asked":    {"is restarted\n    And the 'writer' process goes on", "passed passed passed passed passed", runlog.Passed},
	} {
		t.Run(name, func(t *testing.T) {
			busy := make(chan struct{}, 1)
			writer := &actor{step: func(c *call) {
				if strings.Contains(c.step.Step, "fills") {
					busy <- struct{}{}
					c.hang()
				}
				c.pass()
			}}
			reader := &actor{step: waits(busy, "sees it busy", (*call).pass)}
			s := rig{actors: map[string]*actor{"w": writer, "r": reader}, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - end
    When meanwhile the 'writer' process fills the ring
    And the 'reader' process sees it busy
    And the 'writer' process `+tc.end+`
    Then the 'reader' process is content
`)
			s.cell("1.1/r_w", tc.verdict, tc.steps)
			logs := s.step("1.1/r_w", 0).Logs
			if len(logs) != 1 || !strings.Contains(logs[0].Text, "the scenario ended this process") {
				t.Errorf("the log of the overlapping step: %+v", logs)
			}
			if tc.verdict == runlog.Failed {
				s.says("the step for a dead process", s.step("1.1/r_w", 3).Error, "the 'writer' process is gone: it was killed by SIGKILL (as the scenario asked)")
			}
		})
	}
}

// A servant returns the whole context map; what it was sent must not undo what
// others have set since.
func TestAnOverlappingStepDoesNotUndoTheContext(t *testing.T) {
	lamp := newLamp()
	writer := &actor{step: func(c *call) {
		if strings.Contains(c.step.Step, "fills") {
			<-lamp.lit
			c.step.Context["writer"] = "done"
		}
		c.say(c.step.Context)
	}}
	reader := &actor{step: func(c *call) {
		if strings.Contains(c.step.Step, "sets") {
			c.step.Context["k"] = c.step.Step[len(c.step.Step)-2 : len(c.step.Step)-1]
		}
		c.say(c.step.Context)
	}}
	s := rig{actors: map[string]*actor{"w": writer, "r": reader}, words: []string{"r_w"}, packs: []packs.Pack{lamp.pack()}}.run(t, `Feature: x
  Scenario: Test 1.1 - context
    Given the 'reader' process sets '1'
    When meanwhile the 'writer' process fills the ring
    And the 'reader' process sets '2'
    And the lamp is lit
    Then the 'writer' process is asked
    And the 'reader' process is asked
`)
	c := s.cell("1.1/r_w", runlog.Passed, "")
	if len(c.Result().Notes) != 0 {
		t.Errorf("notes: %v", c.Result().Notes)
	}
	last := reader.came(contract.MethodExecuteStep)[2].step.Context
	if last["k"] != "2" || last["writer"] != "done" {
		t.Errorf("context %v", last)
	}
}

func TestOverlappingStepsOfAPack(t *testing.T) {
	lamp := newLamp()
	writer := &actor{step: waits(lamp.lit, "waits for light", (*call).pass)}
	s := rig{actors: map[string]*actor{"w": writer}, packs: []packs.Pack{lamp.pack()}}.run(t, `Feature: x
  Scenario: Test 1.1 - a pack beside a servant
    When meanwhile within '20' seconds the lamp has been seen '5' times
    And meanwhile the lamp is lit
    And the 'writer' process waits for light
    And meanwhile the 'writer' process is restarted
    Then the lamp is lit
`)
	s.cell("1.1/w", runlog.Passed, "passed passed passed passed passed")
}

func TestOverlappingStepsDoNotOutliveAFailedScenario(t *testing.T) {
	reader := &actor{step: func(c *call) { c.fail("a byte is wrong") }}
	writer := &actor{step: (*call).untilCancelled}
	s := rig{actors: map[string]*actor{"r": reader, "w": writer}, packs: []packs.Pack{newLamp().pack()}, words: []string{"r_w"}}.run(t, `Feature: x
  Scenario: Test 1.1 - the end does not wait for what cannot matter any more
    When meanwhile the 'writer' process waits for space
    And meanwhile the lamp waits
    Then the 'reader' process reads
`)
	s.cell("1.1/r_w", runlog.Failed, "skipped skipped failed")
	for i := range 2 {
		s.says("the overlapping step", s.step("1.1/r_w", i).SkipReason, "the scenario had failed already")
	}
}

func TestWithin(t *testing.T) {
	for version, legacy := range map[string]bool{"1.0": true, "1.1": false} {
		t.Run(version, func(t *testing.T) {
			lamp := newLamp()
			writer := &actor{legacy: legacy, step: func(c *call) {
				if strings.Contains(c.step.Step, "sleeps") {
					c.hang()
				}
				c.pass()
			}}
			s := rig{actors: map[string]*actor{"w": writer}, packs: []packs.Pack{lamp.pack()}}.run(t, `Feature: x
  Scenario: Test 1.1 - a pack's step is repeated
    Then within '20' seconds the lamp has been seen '3' times

  Scenario: Test 1.2 - and fails with its last state
    Then within '0.05' seconds the lamp has been seen '1000000' times

  Scenario: Test 1.3 - a step that does something is not repeated
    Then within '0.05' seconds the lamp waits

  Scenario: Test 1.4 - a servant's step has the limit
    When within '15' seconds the 'writer' process works
    Then within '0.05' seconds the 'writer' process sleeps

  Scenario: Test 1.5 - a pack that breaks
    Then the lamp breaks
`)
			s.cell("1.1", runlog.Passed, "passed")
			s.cell("1.2", runlog.Failed, "failed")
			r := s.step("1.2", 0)
			s.says("1.2", r.Error, "not within 50ms: the lamp: expected 1000000 times, got fewer")
			if r.Expected != "1000000 times" || r.Actual != "fewer" {
				t.Errorf("%+v", r)
			}
			s.cell("1.3", runlog.Timeout, "timeout")
			s.says("1.3", s.step("1.3", 0).Error, "did not end within its limit of 50ms")
			s.cell("1.4/w", runlog.Timeout, "passed timeout")
			s.says("1.4", s.step("1.4/w", 1).Error, `did not answer step "the 'writer' process sleeps" within 50ms`)
			limit := writer.came(contract.MethodExecuteStep)[0].step.TimeoutMs
			if want := map[bool]int64{true: 0, false: 15_000}[legacy]; limit != want {
				t.Errorf("TimeoutMs %d, want %d", limit, want)
			}
			s.cell("1.5", runlog.Failed, "failed")
			s.says("1.5", s.step("1.5", 0).Error, "the pack lamp panicked: glass everywhere")
		})
	}
}

// A servant that the scenario has ended performs nothing that is sent after.
func TestAStepSentAfterTheScenarioEndedItsProcess(t *testing.T) {
	dooms := packs.Pack{Name: "dooms", Steps: []packs.Definition{{Pattern: "the 'writer' process is doomed", Changes: true,
		Run: func(_ context.Context, c packs.Call) error {
			p, err := c.Cell.Process("writer", 1)
			if err == nil {
				// In process it cannot be sent, but counts as wanted: the servant lives on for a while.
				_ = p.Signal(syscall.SIGSEGV)
			}
			return err
		}}}}
	writer := &actor{step: func(c *call) { c.exit(3) }}
	s := rig{actors: map[string]*actor{"w": writer}, packs: []packs.Pack{dooms}}.run(t, `Feature: x
  Scenario: Test 1.1 - doomed
    Given the 'writer' process is doomed
    Then the 'writer' process has written all
`)
	s.cell("1.1/w", runlog.Failed, "passed failed")
	s.says("the step", s.step("1.1/w", 1).Error, "did not answer step")
}

// What changes something is done once, whatever its limit.
func TestWithinDoesNotRepeatAStepThatChanges(t *testing.T) {
	times := 0
	breaks := packs.Pack{Name: "breaks", Steps: []packs.Definition{{Pattern: "something breaks", Changes: true,
		Run: func(context.Context, packs.Call) error {
			times++
			return errors.New("it is broken")
		}}}}
	s := rig{actors: map[string]*actor{"w": {}}, packs: []packs.Pack{breaks}}.run(t, `Feature: x
  Scenario: Test 1.1 - once
    When within '0.2' seconds something breaks
`)
	s.cell("1.1", runlog.Failed, "failed")
	if times != 1 {
		t.Errorf("it was done %d times", times)
	}
}
