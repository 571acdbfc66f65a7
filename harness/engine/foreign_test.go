package engine_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// The keys of contract 1.0, and no others.
const (
	initializeKeys = "FeatureId HostPid Platform Role Scenario TestRunId"
	stepKeys       = "Context IsBroadcast Parameters Process Step StepType"
)

// request is one line of the foreign servant's journal.
type request struct {
	PID                int
	Role               string
	HostPid, FeatureId string
	Method             string
	Params             []map[string]any
}

func (r request) keys() string {
	return strings.Join(slices.Sorted(maps.Keys(r.Params[0])), " ")
}

// foreign makes two platforms of the Python servant, and a way to read what was
// asked of them.
func foreign(t *testing.T) (map[string]stage.Command, func() []request) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skipf("python3 is needed as a foreign servant: %v", err)
	}
	// What is found may be a wrapper that takes its time.
	if path, err := exec.Command(python, "-c", "import sys; print(sys.executable)").Output(); err == nil {
		python = strings.TrimSpace(string(path))
	}
	script, err := filepath.Abs("testdata/foreign_servant.py")
	must(t, err)
	file := filepath.Join(t.TempDir(), "journal")
	commands := map[string]stage.Command{}
	for _, name := range []string{"py", "snake"} {
		commands[name] = stage.Command{Platform: name, Argv: []string{python, "-B", "-S", script}, Env: []string{"FOREIGN_JOURNAL=" + file}}
	}
	return commands, func() []request {
		data, err := os.Open(file)
		must(t, err)
		defer data.Close()
		var all []request
		lines := bufio.NewScanner(data)
		for lines.Scan() {
			var r request
			must(t, json.Unmarshal(lines.Bytes(), &r))
			all = append(all, r)
		}
		return all
	}
}

func TestForeignServants(t *testing.T) {
	commands, requests := foreign(t)
	feature, err := os.ReadFile("testdata/foreign.feature")
	must(t, err)
	s := rig{commands: commands, roles: []string{"reader", "writer", "server", "client"},
		words: []string{"py_snake", "server=py,client=snake", "1", "2"}, change: func(o *engine.Options) { o.Jobs = 2 }}.run(t, string(feature))
	s.cell("1.1/py_snake", runlog.Passed, "passed passed passed passed passed")
	s.cell("1.2/py", runlog.Passed, "passed passed passed")
	s.cell("1.3/py_snake", runlog.Passed, "passed passed passed passed")
	s.cell("1.4/py", runlog.Passed, "passed passed passed passed")
	s.cell("2.1/py_snake", runlog.Failed, "passed failed skipped")
	r := s.step("2.1/py_snake", 1)
	if want := "Step execution failed: AssertionError: expected 33 bytes, got 32"; r.Error != want {
		t.Errorf("the reason is %q, want %q", r.Error, want)
	}
	var logs []string
	for _, l := range r.Logs {
		logs = append(logs, l.Level+" "+l.Text)
	}
	if got := strings.Join(logs, "; "); got != "warn comparing 33 and 32; error "+r.Error+"; info done" {
		t.Errorf("logs: %s", got)
	}
	s.cell("2.2/py", runlog.Undefined, "passed undefined")
	s.cell("2.3/py", runlog.Undefined, "passed undefined")
	s.says("2.3", s.step("2.3/py", 1).Error, "No matching step definition found for step: When the 'server' process creates buffer 'none' with size '1'")
	checkRequests(t, requests())
	checkNumbers(t, requests())
}

// checkRequests checks what was sent: the keys of contract 1.0 alone, and steps
// without the punctuation that no definition has.
func checkRequests(t *testing.T, all []request) {
	t.Helper()
	counts := map[string]int{}
	for _, r := range all {
		counts[r.Method]++
		switch r.Method {
		case contract.MethodInitialize:
			if r.keys() != initializeKeys {
				t.Errorf("initialize: %s", r.keys())
			}
		case contract.MethodExecuteStep:
			if r.keys() != stepKeys || len(r.Params[0]["Parameters"].(map[string]any)) != 0 {
				t.Errorf("executeStep: %s", r.keys())
			}
			// Only the servant can tell whether it means a step whose pattern is not RE2.
			if text := r.Params[0]["Step"].(string); strings.HasSuffix(text, ";") && !strings.Contains(text, "ends in order") {
				t.Errorf("sent: %s", text)
			}
		default:
			if len(r.Params) != 0 {
				t.Errorf("%s: %v", r.Method, r.Params)
			}
		}
	}
	for _, method := range []string{contract.MethodHealth, contract.MethodDiscover, contract.MethodInitialize, contract.MethodExecuteStep,
		contract.MethodCleanup, contract.MethodShutdown} {
		if counts[method] == 0 {
			t.Errorf("%s was never asked", method)
		}
	}
	if counts[contract.MethodDiscover] != 2 {
		t.Errorf("%d times asked for definitions of 2 platforms", counts[contract.MethodDiscover])
	}
}

// checkNumbers checks that all servants of a cell have the same numbers, in the
// environment and in initialize, that no two cells share them, and that every
// cell has processes of its own.
func checkNumbers(t *testing.T, all []request) {
	t.Helper()
	scenarios := map[string]string{} // numbers → scenario
	served := map[int]string{}
	roles := map[string][]string{}
	for _, r := range all {
		if r.Method != contract.MethodInitialize {
			continue
		}
		p := r.Params[0]
		scenario, numbers := p["Scenario"].(string), r.HostPid+"_"+r.FeatureId
		if sent := fmt.Sprintf("%.0f_%.0f", p["HostPid"], p["FeatureId"]); sent != numbers || strings.Contains(numbers, "-") || strings.HasPrefix(numbers, "0") {
			t.Errorf("%s: %s in the environment, %s in initialize", scenario, numbers, sent)
		}
		if other, taken := scenarios[numbers]; taken && other != scenario {
			t.Errorf("%q and %q have the same numbers %s", scenario, other, numbers)
		}
		scenarios[numbers] = scenario
		if other, again := served[r.PID]; again {
			t.Errorf("process %d served %q and %q", r.PID, other, scenario)
		}
		served[r.PID] = scenario
		roles[scenario] = append(roles[scenario], r.Role)
		if p["Role"] != r.Role {
			t.Errorf("role %s in the environment, %v in initialize", r.Role, p["Role"])
		}
	}
	if len(scenarios) != len(roles) {
		t.Errorf("%d scenarios with %d pairs of numbers", len(roles), len(scenarios))
	}
}

func TestForeignBackground(t *testing.T) {
	commands, requests := foreign(t)
	feature, err := os.ReadFile("testdata/foreign_background.feature")
	must(t, err)
	s := rig{commands: commands}.run(t, string(feature))
	for _, cast := range []string{"py_py", "py_snake", "snake_py", "snake_snake"} {
		s.cell("3.1/"+cast, runlog.Passed, "passed passed passed")
		if parts := s.step("3.1/"+cast, 0).Parts; len(parts) != 2 {
			t.Errorf("the background of %s was performed by %+v", cast, parts)
		}
	}
	broadcasts := 0
	for _, r := range requests() {
		if r.Method == contract.MethodExecuteStep && r.Params[0]["IsBroadcast"] == true {
			broadcasts++
		}
	}
	if broadcasts != 8 {
		t.Errorf("%d broadcasts, want two in each of four cells", broadcasts)
	}
}

func TestForeignWaits(t *testing.T) {
	set := packs.NewSet(process.Pack())
	for _, text := range []string{"wait for '2' seconds", "wait for '1' second", `wait for "0.5" seconds`, "wait for 2 seconds"} {
		if pack, _, ok := set.MatchPack(text); !ok || pack != process.Name {
			t.Errorf("%s is not the process pack's", text)
		}
	}
}

// What a servant of 1.0 answers, word by word, and what the coordinator makes of it.
func TestForeignAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		answer  string
		verdict runlog.Verdict
		says    string
	}{
		"no status":              {`{"success":true,"error":null,"context":null,"logs":null}`, runlog.Passed, ""},
		"success alone":          {`{"success":true}`, runlog.Passed, ""},
		"capitals":               {`{"Success":true,"Error":null,"Context":{"k":"v"},"Logs":[],"data":{"a":[1]}}`, runlog.Passed, ""},
		"keys that nobody knows": {`{"success":true,"data":{"count":3},"extra":null}`, runlog.Passed, ""},
		"no reason":              {`{"success":false,"error":null}`, runlog.Failed, "the servant gives no reason"},
		"an empty object":        {`{}`, runlog.Failed, "the servant gives no reason"},
		"the last log line that has it": {`{"success":false,"error":"Step execution failed","logs":[
			{"level":"Error","message":"Step execution failed: first"},{"level":4,"message":"Step execution failed: second"},{"level":"info","message":"bye"}]}`,
			runlog.Failed, "Step execution failed: second"},
		"no log line has it":               {`{"success":false,"error":"Step execution failed","logs":[{"message":"bye"}]}`, runlog.Failed, "Step execution failed"},
		"not found, log":                   {`{"success":false,"error":"Step execution failed","logs":[{"level":"WARN","message":"12:00 Step not found: it"}]}`, runlog.Undefined, "Step execution failed"},
		"not found, error":                 {`{"success":false,"error":"No matching step definition for Given it"}`, runlog.Undefined, "No matching step definition for Given it"},
		"a limit of its own":               {`{"success":false,"error":"Step execution timeout after 30000ms"}`, runlog.Timeout, "Step execution timeout after 30000ms"},
		"success with an error":            {`{"success":true,"error":"but the file is missing"}`, runlog.Failed, "but the file is missing"},
		"a context that is not of strings": {`{"success":true,"context":{"n":1}}`, runlog.Failed, "something else than the contract says"},
	} {
		t.Run(name, func(t *testing.T) {
			writer := performing("one", func(c *call) { c.result(tc.answer) })
			writer.legacy = true
			s := rig{actors: map[string]*actor{"w": writer}, words: []string{"1.1", "1.2"}}.run(t, four)
			s.cell("1.1/w", tc.verdict, string(tc.verdict))
			s.says("the step", s.step("1.1/w", 0).Error, tc.says)
			s.cell("1.2/w", runlog.Passed, "passed passed")
		})
	}
}

func TestForeignPatterns(t *testing.T) {
	server := &actor{legacy: true, definitions: []contract.Definition{
		{Type: "given", Pattern: "the {string} process starts {int} threads (at most)"},
		{Type: "when", Pattern: "the 'server' process counts {word}, {} and {float}"},
		{Type: "unknown", Pattern: `the '([^']+)' process is (\w+)`},
		{Type: "unknown", Pattern: `the '([^']+)' process is .*`}, // a 1.0 servant takes its first match
	}}
	s := rig{actors: map[string]*actor{"s": server}}.run(t, `Feature: x
  Scenario: Test 1.1 - all match
    Given the 'server' process is ready
    And the "server" process starts -3 threads (at most)
    When the 'server' process counts a, b c and 1.5
    Then the 'server' process is ready;

  Scenario: Test 1.2 - no number
    Given the 'server' process starts many threads (at most)

  Scenario: Test 1.3 - another type
    When the 'server' process starts 3 threads (at most)
`)
	s.cell("1.1/s", runlog.Passed, "passed passed passed passed")
	s.cell("1.2/s", runlog.Undefined, "undefined")
	s.cell("1.3/s", runlog.Undefined, "undefined")
}

// One servant of 1.0 makes the whole cell use its names.
func TestBothContractsInOneCell(t *testing.T) {
	old, now := &actor{legacy: true}, &actor{capabilities: []string{contract.CapReset}}
	s := rig{actors: map[string]*actor{"old": old, "now": now}, words: []string{"old_now", "now_now"}}.run(t, `Feature: x
  Scenario: Test 1.1 - both
    Given all are ready
    When the 'writer' process writes
      | size |
      | 1    |
    Then the 'reader' process reads
`)
	s.cell("1.1/old_now", runlog.Passed, "passed passed passed")
	s.cell("1.1/now_now", runlog.Passed, "passed passed passed")
	init := old.came(contract.MethodInitialize)
	if len(init) != 1 || init[0].keys() != initializeKeys {
		t.Fatalf("initialize of the 1.0 servant: %+v", init)
	}
	for _, c := range old.came(contract.MethodExecuteStep) {
		if c.keys() != stepKeys {
			t.Errorf("executeStep of the 1.0 servant: %s", c.keys())
		}
	}
	mates := 0
	for _, c := range now.came(contract.MethodInitialize) {
		prefix, prefixed := c.params["ResourcePrefix"]
		if same := string(c.params["HostPid"])+string(c.params["FeatureId"]) == string(init[0].params["HostPid"])+string(init[0].params["FeatureId"]); same == prefixed {
			t.Errorf("the other servant of the cell: %v, prefix %s", same, prefix)
		} else if same {
			mates++
		}
	}
	if mates != 1 {
		t.Errorf("%d servants of 1.1 share the numbers of the 1.0 servant", mates)
	}
	for _, c := range now.came(contract.MethodExecuteStep) {
		if writes := strings.Contains(c.step.Step, "writes"); writes != (c.step.Table != nil) {
			t.Errorf("%s: table %+v", c.step.Step, c.step.Table)
		}
	}
}
