package engine_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

const leaking = `Feature: x
  Scenario: Test 1.1 - leaves something
    Given the 'writer' process performs 'one'
    Then the 'writer' process is content
  Scenario: Test 1.2 - leaves it and is ended
    Given the 'writer' process performs 'one'
    When the 'writer' process is killed
  Scenario: Test 1.3 - leaves nothing
    Given the 'writer' process performs 'two'
`

// A file under the cell's names that is there after cleanup is a leak, unless a
// process that could have removed it was ended on purpose.
func TestAFileThatACellLeaves(t *testing.T) {
	for name, legacy := range map[string]bool{"contract 1.1": false, "contract 1.0": true} {
		t.Run(name, func(t *testing.T) {
			var files []string
			resource := ""
			writer := &actor{legacy: legacy, capabilities: []string{contract.CapReset}, every: func(c *call) bool {
				if c.method == contract.MethodInitialize {
					var prefix string
					_ = json.Unmarshal(c.params["ResourcePrefix"], &prefix)
					resource = "/dev/shm/" + prefix + "left"
					if legacy {
						resource = "/dev/shm/left_" + string(c.params["HostPid"]) + "_" + string(c.params["FeatureId"])
					}
				}
				return false
			}}
			writer.step = func(c *call) {
				if strings.Contains(c.step.Step, "'one'") {
					files = append(files, resource)
					if err := os.WriteFile(resource, nil, 0o600); err != nil {
						c.fail(err.Error())
						return
					}
				}
				c.pass()
			}
			s := rig{actors: map[string]*actor{"w": writer}}.run(t, leaking)
			if len(files) != 2 {
				t.Fatalf("files %q", files)
			}
			for _, file := range files {
				if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is still there: %v", file, err)
					_ = os.Remove(file)
				}
			}
			first, second := s.CellByID("1.1/w"), s.cell("1.2/w", runlog.Passed, "passed passed")
			s.says("the note", strings.Join(second.Result().Notes, "; "), "removed what an ended process left: "+files[1])
			if legacy {
				// Servants of contract 1.0 may leave what the coordinator removes.
				s.cell("1.1/w", runlog.Passed, "passed passed")
				s.says("the note", strings.Join(first.Result().Notes, "; "), files[0])
			} else {
				s.cell("1.1/w", runlog.Leaked, "passed passed")
				s.says("the cell", first.Reason(), "left behind after cleanup: "+files[0])
				if leaks := first.Result().Leaks; len(leaks) != 1 || leaks[0] != files[0] {
					t.Errorf("leaks %q", leaks)
				}
			}
			s.cell("1.3/w", runlog.Passed, "passed")
		})
	}
}

// A process that outlives a servant which ended in order is a leak: also when the
// scenario ended another one, and when it replaced that servant long before.
func TestAProcessThatACellLeaves(t *testing.T) {
	commands, _ := foreign(t)
	delete(commands, "snake")
	s := rig{commands: commands}.run(t, `Feature: x
  Scenario: Test 1.1 - until the end
    Given the 'server' process leaves a process behind
  Scenario: Test 1.2 - until a restart
    Given the 'server' process leaves a process behind
    When the 'server' process is restarted
    Given the 'server' process starts listening
  Scenario: Test 1.3 - until the end, and another is killed
    Given the 'server' process leaves a process behind
    And the 'client' process starts listening
    When the 'client' process is killed
  Scenario: Test 1.4 - until it is killed itself
    Given the 'server' process leaves a process behind
    When the 'server' process is killed
  Scenario: Test 1.5 - none
    Given the 'server' process starts listening
    When the 'server' process is restarted
`)
	s.cell("1.1/py", runlog.Leaked, "passed")
	s.cell("1.2/py", runlog.Leaked, "passed passed passed")
	s.cell("1.3/py_py", runlog.Leaked, "passed passed passed")
	for _, id := range []string{"1.1/py", "1.2/py", "1.3/py_py"} {
		if leaks := s.CellByID(id).Result().Leaks; len(leaks) != 1 || !strings.Contains(leaks[0], "sleep") {
			t.Errorf("%s leaves %q", id, leaks)
		}
	}
	killed := s.cell("1.4/py", runlog.Passed, "passed passed")
	s.says("the note", strings.Join(killed.Result().Notes, "; "), "removed what an ended process left: ", "sleep")
	s.cell("1.5/py", runlog.Passed, "passed passed")
}
