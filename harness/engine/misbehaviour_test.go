package engine_test

import (
	"strings"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

// The reader is always healthy, the writer goes wrong in the first scenario and
// must not spoil the second.
const misbehaviour = `Feature: Misbehaviour
  Scenario: Test 1.1 - first
    Given the 'reader' process is ready
    When the 'writer' process goes wrong
    And the 'writer' process goes on
    Then the 'reader' process is content

  Scenario: Test 1.2 - second
    Given the 'reader' process is ready
    When the 'writer' process behaves
`

// wrong makes an actor that does something in the step that goes wrong.
func wrong(do func(*call)) *actor {
	return &actor{step: func(c *call) {
		if strings.Contains(c.step.Step, "goes wrong") {
			do(c)
			return
		}
		c.pass()
	}}
}

// during makes an actor that does something when the first scenario's servant
// gets a message of a method.
func during(method string, do func(*call)) *actor {
	return &actor{every: func(c *call) bool {
		if c.method != method || !strings.Contains(c.scenario, "first") {
			return false
		}
		do(c)
		return true
	}}
}

func TestServantsThatMisbehave(t *testing.T) {
	for name, tc := range map[string]struct {
		actor   func() *actor
		verdict runlog.Verdict
		steps   string
		says    []string // the second step, or the cell when no step says it
		feature func(string) string
	}{
		"exits before health": {
			actor: func() *actor {
				return &actor{every: func(c *call) bool {
					if c.method == contract.MethodHealth && c.launch == 2 {
						c.print("no licence")
						c.exit(7)
					}
					return false
				}}
			},
			verdict: runlog.Crashed, steps: "skipped skipped skipped skipped",
			says: []string{"servant bad (role writer) did not answer health", "exited with status 7", "no licence"},
		},
		"exits in a step": {
			actor:   func() *actor { return wrong(func(c *call) { c.print("assertion failed"); c.exit(3) }) },
			verdict: runlog.Crashed, steps: "passed crashed skipped skipped",
			says: []string{"servant bad (role writer)", "the 'writer' process goes wrong", "exited with status 3", "assertion failed"},
		},
		"hangs in a step": {
			actor:   func() *actor { return wrong((*call).hang) },
			feature: func(f string) string { return strings.Replace(f, "When the", "When within '0.1' seconds the", 1) },
			verdict: runlog.Timeout, steps: "passed timeout skipped skipped",
			says: []string{`did not answer step "the 'writer' process goes wrong" within 100ms`},
		},
		"answers garbage": {
			actor:   func() *actor { return wrong(func(c *call) { c.frame("<html>500</html>") }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{"no JSON-RPC message", "<html>500</html>"},
		},
		"answers another id": {
			actor:   func() *actor { return wrong(func(c *call) { c.id = []byte(`"4711"`); c.pass() }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{`answered id "4711", which was never asked`},
		},
		"answers half a frame": {
			actor:   func() *actor { return wrong(func(c *call) { c.raw("Content-Length: 100\r\n\r\n{\"id\":"); c.exit(0) }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{"in the middle of a frame (6 of 100 bytes came)"},
		},
		"answers a step with an error": {
			actor:   func() *actor { return wrong(func(c *call) { c.error(-32603, "registry is gone") }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{"JSON-RPC error -32603 (internal error): registry is gone"},
		},
		"answers initialize with an error": {
			actor: func() *actor {
				return during(contract.MethodInitialize, func(c *call) { c.error(-32603, "no memory") })
			},
			verdict: runlog.Failed, steps: "skipped skipped skipped skipped",
			says: []string{"servant bad (role writer) answered initialize with the JSON-RPC error -32603 (internal error): no memory"},
		},
		"answers initialize with false": {
			actor:   func() *actor { return during(contract.MethodInitialize, func(c *call) { c.result("false") }) },
			verdict: runlog.Failed, steps: "skipped skipped skipped skipped",
			says: []string{`answered initialize with "false"`},
		},
		"exits in initialize": {
			actor:   func() *actor { return during(contract.MethodInitialize, func(c *call) { c.exit(9) }) },
			verdict: runlog.Crashed, steps: "skipped skipped skipped skipped",
			says: []string{"did not answer initialize", "exited with status 9"},
		},
		"cannot clean up": {
			actor: func() *actor {
				return during(contract.MethodCleanup, func(c *call) { c.error(-32603, "file is busy") })
			},
			verdict: runlog.Failed, steps: "passed passed passed passed",
			says: []string{"servant bad (role writer) answered cleanup", "file is busy"},
		},
		"exits in cleanup": {
			actor: func() *actor {
				return during(contract.MethodCleanup, func(c *call) { c.print("double free"); c.exit(134) })
			},
			verdict: runlog.Crashed, steps: "passed passed passed passed",
			says: []string{"exited with status 134", "double free"},
		},
		"exits after its last step": {
			actor: func() *actor {
				return &actor{step: func(c *call) {
					c.pass()
					if strings.Contains(c.step.Step, "goes on") {
						c.print("lost its licence")
						c.exit(4)
					}
				}}
			},
			verdict: runlog.Crashed, steps: "passed passed passed passed",
			says: []string{"servant bad (role writer)", "exited with status 4", "lost its licence"},
		},
		"does not know the step that it reported": {
			actor: func() *actor {
				return wrong(func(c *call) { c.fail("No matching step definition found for: " + c.step.Step) })
			},
			verdict: runlog.Undefined, steps: "passed undefined skipped skipped",
			says: []string{"No matching step definition found for: the 'writer' process goes wrong"},
		},
		"answers a status that nobody knows": {
			actor:   func() *actor { return wrong(func(c *call) { c.result(`{"success":true,"status":"green"}`) }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{`the status "green", which the contract does not know`},
		},
		"says cancelled although nobody asked": {
			actor:   func() *actor { return wrong(func(c *call) { c.result(`{"success":false,"status":"cancelled"}`) }) },
			verdict: runlog.Failed, steps: "passed failed skipped skipped",
			says: []string{"cancelled"},
		},
		"skips a step": {
			actor: func() *actor {
				return wrong(func(c *call) { c.result(`{"success":false,"status":"skipped","error":"no second user here"}`) })
			},
			verdict: runlog.Skipped, steps: "passed skipped skipped skipped",
			says: []string{"no second user here"},
		},
		"has a step that is not written yet": {
			actor: func() *actor {
				return wrong(func(c *call) { c.result(`{"success":false,"status":"pending","error":"later"}`) })
			},
			verdict: runlog.Pending, steps: "passed pending skipped skipped",
			says: []string{"later"},
		},
	} {
		for version, legacy := range map[string]bool{"1.0": true, "1.1": false} {
			t.Run(name+" "+version, func(t *testing.T) {
				bad := tc.actor()
				bad.legacy = legacy
				feature := misbehaviour
				if tc.feature != nil {
					feature = tc.feature(feature)
				}
				s := rig{actors: map[string]*actor{"good": {capabilities: []string{contract.CapReset}}, "bad": bad}, words: []string{"good_bad"}}.run(t, feature)
				c := s.cell("1.1/good_bad", tc.verdict, tc.steps)
				text := s.step("1.1/good_bad", 1).Error + s.step("1.1/good_bad", 1).SkipReason
				if !s.step("1.1/good_bad", 1).Verdict.Bad() {
					text = c.Reason()
				}
				s.says("the reason", text, tc.says...)
				s.cell("1.2/good_bad", runlog.Passed, "passed passed")
			})
		}
	}
}

func TestAServantThatExitsBetweenTwoSteps(t *testing.T) {
	bad := wrong(func(c *call) { c.pass(); c.print("lost its licence"); c.exit(4) })
	s := rig{actors: map[string]*actor{"good": {}, "bad": bad}, words: []string{"good_bad"}}.run(t, misbehaviour)
	s.cell("1.1/good_bad", runlog.Crashed, "passed passed crashed skipped")
	s.says("the step after it", s.step("1.1/good_bad", 2).Error, "exited with status 4", "lost its licence")
	s.cell("1.2/good_bad", runlog.Passed, "passed passed")
}

// What another servant reports must not hide that this one has crashed.
func TestACrashThatNoStepMetIsReported(t *testing.T) {
	gone := make(chan struct{})
	bad := &actor{step: func(c *call) { c.pass(); c.print("bus error"); close(gone); c.exit(135) }}
	good := &actor{step: func(c *call) { <-gone; c.fail("nothing came from the writer") }}
	s := rig{actors: map[string]*actor{"good": good, "bad": bad}, words: []string{"good_bad"}}.run(t, `Feature: x
  Scenario: Test 1.1 - crash
    Given the 'writer' process is ready
    Then the 'reader' process gets a frame
`)
	c := s.cell("1.1/good_bad", runlog.Crashed, "passed failed")
	s.says("the cell", c.Reason(), "servant bad (role writer)", "exited with status 135", "bus error")
	s.says("the step", s.step("1.1/good_bad", 1).Error, "nothing came from the writer")
}

func TestAPlatformThatCannotBeUsed(t *testing.T) {
	for name, bad := range map[string]*actor{
		"no health": {every: func(c *call) bool { c.exit(1); return true }},
		"no discovery": {every: func(c *call) bool {
			if c.method == contract.MethodDiscover {
				c.error(-32603, "no steps")
			}
			return c.method == contract.MethodDiscover
		}},
		"a pattern that is none": {definitions: []contract.Definition{{Type: contract.Given, Pattern: "a(?=b)", ID: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := rig{actors: map[string]*actor{"good": {}, "bad": bad}}.run(t, misbehaviour)
			for _, id := range []string{"1.1/bad_good", "1.1/good_bad", "1.2/bad_bad"} {
				c := s.cell(id, runlog.Crashed, "")
				s.says(id, c.Reason(), "servant bad")
				if strings.Contains(c.Reason(), "role") {
					t.Errorf("a servant that plays no role yet has one: %s", c.Reason())
				}
			}
			s.cell("1.1/good_good", runlog.Passed, "")
			s.cell("1.2/good_good", runlog.Passed, "")
		})
	}
}

func TestStrayOutput(t *testing.T) {
	bad := wrong(func(c *call) {
		c.raw("Hello from a print\nContent of the buffer: 7\n")
		c.pass()
	})
	s := rig{actors: map[string]*actor{"good": {}, "bad": bad}, words: []string{"good_bad"}}.run(t, misbehaviour)
	s.cell("1.1/good_bad", runlog.Passed, "passed passed passed passed")
	if r := s.step("1.1/good_bad", 1); r.Stray != "Hello from a print\nContent of the buffer: 7" {
		t.Errorf("stray output: %q", r.Stray)
	}
	if next := s.step("1.1/good_bad", 2); next.Stray != "" {
		t.Errorf("the next step has it too: %+v", next)
	}
}

func TestAFloodOnStandardError(t *testing.T) {
	bad := wrong(func(c *call) {
		c.print("first line")
		line := strings.Repeat("x", 99)
		for range 20_000 {
			c.print("%s", line)
		}
		c.print("last line")
		c.pass()
	})
	s := rig{actors: map[string]*actor{"good": {}, "bad": bad}, words: []string{"good_bad"}}.run(t, misbehaviour)
	s.cell("1.1/good_bad", runlog.Passed, "passed passed passed passed")
	r := s.step("1.1/good_bad", 1)
	if n := len(r.Logs); n < 100 || n > 10_000 || r.Logs[0].Text != "first line" || r.Logs[n-1].Text != "last line" {
		t.Errorf("%d lines, from %q to %q", n, r.Logs[0].Text, r.Logs[n-1].Text)
	}
	size, omitted := 0, false
	for _, l := range r.Logs {
		size += len(l.Text)
		omitted = omitted || strings.Contains(l.Text, "omitted")
		if l.Source != runlog.SourceStderr || l.Role != "writer" {
			t.Fatalf("line %+v", l)
		}
	}
	if size > 1<<20 || !omitted {
		t.Errorf("%d bytes of a flood were kept, omission told: %v", size, omitted)
	}
	if next := s.step("1.1/good_bad", 2); len(next.Logs) != 0 {
		t.Errorf("the next step has them too: %+v", next)
	}
}

func TestLogsLiveAndInTheResult(t *testing.T) {
	live := func(c *call, text string) {
		c.frame(`{"jsonrpc":"2.0","method":"log","params":[{"timestamp":"2026-01-31T10:00:00Z","level":3,"message":"` + text + `","stepId":""}]}`)
	}
	bad := &actor{step: func(c *call) {
		switch {
		case strings.Contains(c.step.Step, "goes wrong"):
			live(c, "both")
			live(c, "live")
			c.result(`{"success":true,"logs":[{"timestamp":"2026-01-31T10:00:00.5Z","level":3,"message":"both"},{"level":"Error","message":"result"}]}`)
		case strings.Contains(c.step.Step, "goes on"):
			live(c, "alone")
			c.exit(5)
		default:
			c.pass()
		}
	}}
	s := rig{actors: map[string]*actor{"good": {}, "bad": bad}, words: []string{"good_bad"}}.run(t, misbehaviour)
	s.cell("1.1/good_bad", runlog.Crashed, "passed passed crashed skipped")
	for i, want := range map[int]string{1: "warn both, error result, warn live", 2: "warn alone"} {
		var got []string
		for _, l := range s.step("1.1/good_bad", i).Logs {
			got = append(got, l.Level+" "+l.Text)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("step %d: %v, want %s", i, got, want)
		}
	}
}
