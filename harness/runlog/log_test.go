package runlog_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	messages "github.com/cucumber/messages/go/v21"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

// modelSink builds the model as the log is written.
type modelSink struct {
	t        *testing.T
	run      runlog.Run
	progress []runlog.Progress
}

func (s *modelSink) Observe(env *messages.Envelope) {
	if err := s.run.Apply(env); err != nil {
		s.t.Errorf("live model: %v", err)
	}
}

func (s *modelSink) ObserveProgress(p runlog.Progress) { s.progress = append(s.progress, p) }

func read(t *testing.T, path string) *runlog.Run {
	t.Helper()
	run, err := runlog.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func begin(t *testing.T, features []runlog.Feature, cells []runlog.Cell, sinks ...runlog.Sink) *runlog.Log {
	t.Helper()
	log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"), sinks...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.End(runlog.Outcome{Kind: runlog.OutcomeAborted}) })
	if err := log.Begin(runlog.RunInfo{RunID: "r", Version: "0.1", Started: runlogtest.Start()}, features, cells); err != nil {
		t.Fatal(err)
	}
	return log
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLiveModelEqualsTheOneReadBack(t *testing.T) {
	live := &modelSink{t: t}
	path := runlogtest.Example(t, live)
	ignore := cmpopts.IgnoreUnexported(runlog.Run{}, runlog.CellRun{})
	cycle := cmpopts.IgnoreFields(runlog.Attempt{}, "Cell")
	if diff := cmp.Diff(&live.run, read(t, path), ignore, cycle); diff != "" {
		t.Errorf("live model (-) and the one read back (+) differ:\n%s", diff)
	}
}

func TestExampleHoldsEveryVerdict(t *testing.T) {
	run := read(t, runlogtest.Example(t))
	n := run.Counts()
	for _, v := range runlog.Verdicts() {
		found := n.Verdicts[v]
		for _, c := range run.Cells {
			for _, a := range c.Attempts {
				for _, s := range a.Steps {
					if s.Verdict() == v {
						found++
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("no cell or step is %s", v)
		}
	}
	if n.Passed+n.Failed+n.Skipped != len(run.Cells) || n.Skipped != 6 || n.Expected != 1 || n.Verdicts[runlog.Flaky] != 1 {
		t.Errorf("counts %+v of %d cells", n, len(run.Cells))
	}
	if run.Passed() {
		t.Error("a run with failures was read as passed")
	}
}

func TestStepOfSeveralProcesses(t *testing.T) {
	run := read(t, runlogtest.Example(t))
	c := run.CellByID("4.12/csharp_go")
	bad := c.Last().Failures()
	if len(bad) != 1 {
		t.Fatalf("%d failures", len(bad))
	}
	r := bad[0].Result
	want := runlog.StepResult{Cell: c.ID, Step: bad[0].ID, Part: runlog.Part{Role: c.Roles[1], Verdict: runlog.Failed, Error: "they do not agree",
		Expected: "3", Actual: "4", Coordinator: 5 * time.Millisecond, Servant: 3 * time.Millisecond, Wire: 2 * time.Millisecond}, Parts: r.Parts}
	if diff := cmp.Diff(want, *r); diff != "" || len(r.Parts) != 2 {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestAttachmentsKeepTheirRolesAndBytes(t *testing.T) {
	run := read(t, runlogtest.Example(t))
	got := run.CellByID("1.1/csharp_go").Last().Failures()[0].Result.Attachments
	want := []runlog.Attachment{
		{Name: "oieb.bin", MediaType: "application/octet-stream", Body: []byte{1, 2, 0xff}, Role: "reader"},
		{Name: "note.txt", MediaType: "text/plain", Body: []byte("<&>"), Role: "reader"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOneEnvelopePerLineInOrder(t *testing.T) {
	data, err := os.ReadFile(runlogtest.Example(t))
	must(t, err)
	rank := map[string]int{"meta": 0, "source": 1, "gherkinDocument": 1, "pickle": 1, "stepDefinition": 2, "hook": 3, "testRunStarted": 4}
	last, ids := 0, map[string]bool{}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i, line := range lines {
		var env map[string]json.RawMessage
		must(t, json.Unmarshal([]byte(line), &env))
		if len(env) != 1 {
			t.Fatalf("line %d holds %d messages", i+1, len(env))
		}
		for name, body := range env {
			place, known := rank[name]
			if !known {
				place = 5
			}
			if place < last {
				t.Errorf("line %d: %s comes too late", i+1, name)
			}
			last = place
			var node struct{ ID string }
			must(t, json.Unmarshal(body, &node))
			if node.ID != "" && ids[node.ID] {
				t.Errorf("line %d: id %q is used twice", i+1, node.ID)
			}
			ids[node.ID] = true
		}
	}
	if !strings.HasPrefix(lines[0], `{"meta":`) || !strings.HasPrefix(lines[len(lines)-1], `{"testRunFinished":`) {
		t.Errorf("first and last line: %.30s … %.30s", lines[0], lines[len(lines)-1])
	}
}

func TestVerdictIsNeverBetterThanTheSteps(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_go")
	c := cells[0]
	step := func(i int, v runlog.Verdict) runlog.StepResult {
		return runlog.StepResult{Cell: c.ID, Step: c.Steps[i].ID, Part: runlog.Part{Verdict: v}}
	}
	tests := []struct {
		name  string
		steps []runlog.StepResult
		said  runlog.Verdict
		want  runlog.Verdict
	}{
		{"all passed", []runlog.StepResult{step(0, runlog.Passed), step(1, runlog.Passed)}, runlog.Passed, runlog.Passed},
		{"a step failed", []runlog.StepResult{step(0, runlog.Failed), step(1, runlog.Skipped)}, runlog.Passed, runlog.Failed},
		{"a step never finished", []runlog.StepResult{step(0, runlog.Passed)}, runlog.Passed, runlog.Failed},
		{"a step was skipped", []runlog.StepResult{step(0, runlog.Passed), step(1, runlog.Skipped)}, runlog.Passed, runlog.Skipped},
		{"leaked after passed steps", []runlog.StepResult{step(0, runlog.Passed), step(1, runlog.Passed)}, runlog.Leaked, runlog.Leaked},
		{"skipped before its steps", nil, runlog.Skipped, runlog.Skipped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := begin(t, features, cells)
			must(t, log.CellStarted(c.ID, runlogtest.Start()))
			for _, s := range tt.steps {
				must(t, log.StepFinished(s, runlogtest.Start()))
			}
			must(t, log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: tt.said}, runlogtest.Start()))
			must(t, log.End(runlog.Outcome{Kind: runlog.OutcomePassed}))
			run := read(t, log.Path())
			if got := run.Cells[0].Verdict(); got != tt.want {
				t.Errorf("verdict %s, want %s", got, tt.want)
			}
			if run.Passed() == tt.want.Bad() {
				t.Errorf("cell %s, run passed: %v (%+v)", tt.want, run.Passed(), run.Outcome)
			}
			if cucumberGreen(t, log.Path()) == tt.want.Bad() {
				t.Errorf("cell %s, but a reader of Cucumber's messages alone sees green: %v", tt.want, !tt.want.Bad())
			}
		})
	}
}

// cucumberGreen tells what a tool sees that knows step results alone.
func cucumberGreen(t *testing.T, path string) bool {
	green := true
	_, err := runlog.Scan(path, func(env *messages.Envelope) error {
		if f := env.TestStepFinished; f != nil {
			s := f.TestStepResult.Status
			green = green && (s == messages.TestStepResultStatus_PASSED || s == messages.TestStepResultStatus_SKIPPED)
		}
		return nil
	})
	must(t, err)
	return green
}

func TestEnd(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 3, "go_go")
	tests := []struct {
		name   string
		finish int
		kind   runlog.OutcomeKind
		want   runlog.OutcomeKind
		passed bool
		reason string
	}{
		{"passed", 3, runlog.OutcomePassed, runlog.OutcomePassed, true, ""},
		{"passed with cells that never ran", 1, runlog.OutcomePassed, runlog.OutcomeFailed, false, "not run"},
		{"interrupted", 1, runlog.OutcomeInterrupted, runlog.OutcomeInterrupted, false, "the run was interrupted"},
		{"aborted", 3, runlog.OutcomeAborted, runlog.OutcomeAborted, false, ""},
		{"failed", 3, runlog.OutcomeFailed, runlog.OutcomeFailed, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := begin(t, features, cells)
			for i, c := range cells {
				if i < tt.finish {
					must(t, log.CellStarted(c.ID, runlogtest.Start()))
					for _, s := range c.Steps {
						must(t, log.StepFinished(runlog.StepResult{Cell: c.ID, Step: s.ID, Part: runlog.Part{Verdict: runlog.Passed}}, runlogtest.Start()))
					}
					must(t, log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed}, runlogtest.Start()))
				} else if i == tt.finish {
					must(t, log.CellStarted(c.ID, runlogtest.Start()))
					must(t, log.StepStarted(c.ID, c.Steps[0].ID, runlogtest.Start()))
				}
			}
			must(t, log.End(runlog.Outcome{Kind: tt.kind}))
			run := read(t, log.Path())
			if run.Outcome.Kind != tt.want || run.Passed() != tt.passed {
				t.Errorf("outcome %+v, passed %v", run.Outcome, run.Passed())
			}
			for _, c := range run.Cells[tt.finish:] {
				if c.Verdict() != runlog.Skipped || !strings.Contains(c.Reason(), "run") {
					t.Errorf("cell %s: %s (%s)", c.ID, c.Verdict(), c.Reason())
				}
			}
			if tt.reason != "" && !strings.Contains(run.Cells[2].Reason(), tt.reason) {
				t.Errorf("reason %q lacks %q", run.Cells[2].Reason(), tt.reason)
			}
			if err := log.End(runlog.Outcome{Kind: runlog.OutcomePassed}); err == nil {
				t.Error("a second End was accepted")
			}
		})
	}
}

func TestInterruptedRetryKeepsTheFirstVerdict(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_go")
	log := begin(t, features, cells)
	must(t, log.CellFinished(runlog.CellResult{Cell: cells[0].ID, Verdict: runlog.Crashed, Reason: "would not start", WillBeRetried: true}, runlogtest.Start()))
	must(t, log.End(runlog.Outcome{Kind: runlog.OutcomeInterrupted}))
	if v := read(t, log.Path()).Cells[0].Verdict(); v != runlog.Crashed {
		t.Errorf("verdict %s", v)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	must(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := runlog.Create(path); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "precious" {
		t.Error("the file was changed")
	}
}

func TestConcurrentCells(t *testing.T) {
	features, cells := runlogtest.Large(t, 2, 10, "go_go", "go_cpp", "cpp_go")
	live := &modelSink{t: t}
	log := begin(t, features, cells, live)
	var wg sync.WaitGroup
	for _, c := range cells {
		wg.Go(func() {
			check := func(err error) {
				if err != nil {
					t.Error(err)
				}
			}
			check(log.CellStarted(c.ID, time.Now()))
			for _, s := range c.Steps {
				wg.Go(func() { log.Progress(runlog.Progress{Cell: c.ID, Step: s.ID, Done: 1, Total: 2}) })
				check(log.StepStarted(c.ID, s.ID, time.Now()))
			}
			var steps sync.WaitGroup
			for _, s := range c.Steps {
				steps.Go(func() {
					check(log.StepFinished(runlog.StepResult{Cell: c.ID, Step: s.ID, Part: runlog.Part{Verdict: runlog.Passed},
						Logs: []runlog.LogLine{{Text: strings.Repeat("x", 10_000)}}}, time.Now()))
				})
			}
			steps.Wait()
			check(log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed}, time.Now()))
		})
	}
	wg.Wait()
	must(t, log.End(runlog.Outcome{Kind: runlog.OutcomePassed}))
	if run := read(t, log.Path()); !run.Passed() || run.Counts().Passed != len(cells) {
		t.Errorf("counts %+v, outcome %+v", run.Counts(), run.Outcome)
	}
	if len(live.progress) != 2*len(cells) {
		t.Errorf("%d progress messages", len(live.progress))
	}
}

func TestTitleAndLabel(t *testing.T) {
	tests := []struct{ number, row, name, title, label string }{
		{"1.1", "", "Test 1.1 - One cycle", "One cycle", "1.1"},
		{"4.8", "#2", "Test 4.8 – A wrap", "A wrap", "4.8#2"},
		{"1.1", "", "1.1: One cycle", "One cycle", "1.1"},
		{"1.1", "", "Test 1.10 - Ten", "Test 1.10 - Ten", "1.1"},
		{"1.1", "", "Test 1.1", "Test 1.1", "1.1"},
		{"", "", "No number", "No number", "No number"},
	}
	for _, tt := range tests {
		c := runlog.Cell{Number: tt.number, Row: tt.row, Name: tt.name}
		if c.Title() != tt.title || c.Label() != tt.label {
			t.Errorf("%+v: title %q, label %q", tt, c.Title(), c.Label())
		}
	}
}

func ExampleWorst() {
	fmt.Println(runlog.Worst(runlog.Passed, runlog.Timeout, runlog.Failed))
	// Output: timeout
}
