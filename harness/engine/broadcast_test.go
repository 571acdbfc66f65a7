package engine_test

import (
	"strings"
	"sync"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

const broadcast = `Feature: x
  Scenario: Test 1.1 - everybody
    Given all are ready
    When the 'writer' process works
    Then the 'reader' process works
`

func anyType(patterns ...string) []contract.Definition {
	var out []contract.Definition
	for i, p := range patterns {
		out = append(out, contract.Definition{Type: contract.Step, Pattern: p, ID: i, Source: "steps/x.go:7"})
	}
	return out
}

func TestBroadcast(t *testing.T) {
	ready := func(do func(*call)) func(*call) {
		return func(c *call) {
			if strings.Contains(c.step.Step, "all are ready") {
				do(c)
				return
			}
			c.pass()
		}
	}
	for name, tc := range map[string]struct {
		reader, writer *actor
		verdict        runlog.Verdict
		steps          string
		says           []string
	}{
		"all pass": {&actor{}, &actor{}, runlog.Passed, "passed passed passed", nil},
		"the first fails": {&actor{step: ready(func(c *call) { c.fail("no disk") })}, &actor{},
			runlog.Failed, "failed skipped skipped", []string{"no disk"}},
		"the second fails": {&actor{}, &actor{step: ready(func(c *call) { c.fail("no disk") })},
			runlog.Failed, "failed skipped skipped", []string{"no disk"}},
		"one crashes, one fails": {&actor{step: ready(func(c *call) { c.fail("no disk") })}, &actor{step: ready(func(c *call) { c.exit(6) })},
			runlog.Crashed, "crashed skipped skipped", []string{"exited with status 6"}},
		"one does not define it": {&actor{}, &actor{definitions: anyType("the '(.*)' process works")},
			runlog.Undefined, "undefined skipped skipped", []string{"no step definition of w (role writer) matches: Given all are ready"}},
		"one defines it twice": {&actor{}, &actor{definitions: anyType("the '(.*)' process works", "all are .*", ".* ready")},
			runlog.Ambiguous, "ambiguous skipped skipped", []string{"2 step definitions of w match", "steps/x.go:7"}},
		"one does not know it after all": {&actor{}, &actor{step: ready(func(c *call) { c.result(`{"success":false,"status":"undefined","error":"gone"}`) })},
			runlog.Undefined, "undefined skipped skipped", []string{"gone"}},
		"one skips it": {&actor{}, &actor{step: ready(func(c *call) { c.result(`{"success":false,"status":"skipped","error":"not root"}`) })},
			runlog.Skipped, "skipped skipped skipped", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := rig{actors: map[string]*actor{"w": tc.writer, "r": tc.reader}, words: []string{"r_w"}}.run(t, broadcast)
			s.cell("1.1/r_w", tc.verdict, tc.steps)
			r := s.step("1.1/r_w", 0)
			s.says("the step", r.Error, tc.says...)
			if len(r.Parts) > 0 && (r.Parts[0].Role.String() != "reader" || r.Parts[1].Role.String() != "writer") {
				t.Errorf("parts %+v", r.Parts)
			}
			if tc.verdict == runlog.Skipped {
				s.says("the step", r.SkipReason, "not root")
			}
			if tc.verdict != runlog.Passed {
				return
			}
			for _, a := range []*actor{tc.reader, tc.writer} {
				calls := a.came(contract.MethodExecuteStep)
				if len(calls) != 2 || !calls[0].step.IsBroadcast || calls[1].step.IsBroadcast {
					t.Errorf("calls %+v", calls)
				}
			}
			if len(r.Parts) != 2 {
				t.Errorf("parts %+v", r.Parts)
			}
		})
	}
}

func TestContextOfABroadcastInRoleOrder(t *testing.T) {
	set := func(who string) *actor {
		return &actor{step: func(c *call) {
			if c.step.IsBroadcast {
				c.say(map[string]string{"both": who, who: "1"})
				return
			}
			c.say(map[string]string{"last": c.step.Process})
		}}
	}
	reader, writer := set("r"), set("w")
	s := rig{actors: map[string]*actor{"w": writer, "r": reader}, words: []string{"writer=w,reader=r"}}.run(t, broadcast)
	c := s.cell("1.1/r_w", runlog.Passed, "")
	if notes := strings.Join(c.Result().Notes, "\n"); !strings.Contains(notes, `context "both" was set to "r" and to "w" by one step; the later role wins`) {
		t.Errorf("notes: %q", notes)
	}
	second, third := writer.came(contract.MethodExecuteStep)[1].step.Context, reader.came(contract.MethodExecuteStep)[1].step.Context
	if second["both"] != "w" || second["r"] != "1" || second["w"] != "1" || second["last"] != "" || third["last"] != "writer" {
		t.Errorf("contexts %v, %v", second, third)
	}
}

func TestTwoInstancesAtTheSameMoment(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	reader := &actor{step: func(c *call) {
		if strings.Contains(c.step.Step, "simultaneously") {
			both.Done()
			both.Wait()
			if c.launch%2 == 0 {
				c.result(`{"success":false,"error":"exists","failure":{"type":"Exists","message":"exists","expected":"nothing","actual":"a buffer"}}`)
				return
			}
		}
		c.pass()
	}}
	s := rig{actors: map[string]*actor{"r": reader}}.run(t, `Feature: x
  Scenario: Test 1.1 - a race
    Given two 'reader' processes
    When both simultaneously attempt to create the buffer
    Then the 'reader' process reads
`)
	c := s.cell("1.1/r", runlog.Failed, "passed failed skipped")
	parts := s.step("1.1/r", 1).Parts
	if len(parts) != 2 || parts[0].Role.String() != "reader" || parts[1].Role.String() != "reader#2" || parts[0].Verdict == parts[1].Verdict {
		t.Errorf("parts %+v", parts)
	}
	for _, p := range parts {
		if p.Verdict == runlog.Failed && (p.Expected != "nothing" || p.Actual != "a buffer" || p.FailureType != "Exists") {
			t.Errorf("part %+v", p)
		}
	}
	if len(c.Roles) != 2 || len(reader.came(contract.MethodInitialize)) != 2 {
		t.Errorf("roles %v", c.Roles)
	}
	for _, call := range reader.came(contract.MethodExecuteStep) {
		if call.step.Process != "reader" {
			t.Errorf("Process %q", call.step.Process)
		}
	}
}
