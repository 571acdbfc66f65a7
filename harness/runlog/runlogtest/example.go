package runlogtest

import (
	"path/filepath"
	"testing"
	"time"

	"parley.dev/parley/harness/runlog"
)

const basics = `Feature: Basic communication
  One writer and one reader share a ring of frames.

  Background:
    Given the 'reader' process creates buffer 'frames' of '10240' bytes
    And the 'writer' process connects to buffer 'frames'

  @smoke
  Scenario: Test 1.1 - One cycle of metadata and a frame
    When the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads frame '1' of '1024' bytes

  Scenario: Test 1.2 - Three frames arrive in the order they were written
    When the 'writer' process writes these frames:
      | size | fill |
      | 512  | <a>  |
      | 2048 | b&c  |
    Then the 'reader' process reads frames '1' to '3'

  Scenario: Test 1.3 - A write into a full ring times out and changes nothing
    When meanwhile the 'writer' process writes frames until the buffer is full
    And the 'reader' process waits for '9' frames
    Then the 'writer' process fails to write: 'BufferFull'
`

const edges = `Feature: Edge cases
  @wrap
  Scenario Outline: Test 4.8 - A frame of <size> bytes wraps
    Given the 'writer' process writes a frame of '<size>' bytes
    Then the 'reader' process finds:
      """json
      {"size": <size>}
      """

    Examples:
      | size |
      | 6144 |
      | 7168 |

  Scenario: Test 4.12 - Connecting to a buffer that is not there
    When the 'writer' process connects to buffer 'nowhere'
    Then all processes agree
`

// Example writes a run in which every verdict occurs and returns the path of its
// log: two features, five casts, an outline, steps that overlap, a step of two
// processes, a retry, an expected failure, a leak and a platform that is not there.
func Example(tb testing.TB, sinks ...runlog.Sink) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "run.ndjson")
	log, err := runlog.Create(path, sinks...)
	if err != nil {
		tb.Fatal(err)
	}
	newID := NewIDs()
	first := Parse(tb, newID, "features/01-basic-communication.feature", basics)
	second := Parse(tb, newID, "features/04-edge-cases.feature", edges)
	roles := []string{"reader", "writer"}
	casts := []string{"go_csharp", "csharp_go", "go_go", "cpp_go", "python_go"}
	cells := append(Cells(first, roles, casts...), Cells(second, roles, casts...)...)
	for i := range cells {
		if cells[i].Cast == "python_go" {
			cells[i].Skip = "platform 'python' is not available: python3 was not found; try: ./test.sh doctor python"
		}
	}
	seed := uint64(42)
	w := &writer{tb: tb, log: log, at: Start()}
	w.check(log.Begin(runlog.RunInfo{RunID: "20260304-093000-7f3a", Version: "0.1.0", Started: w.at, Args: []string{"run", "all"},
		Seed: &seed, Jobs: 2, Folder: ".parley/runs/20260304-093000-7f3a",
		Platforms: map[string]string{"go": "parley-go 0.1.0", "csharp": "parley-csharp 0.1.0", "cpp": "parley-cpp 0.1.0"},
		Machine:   runlog.Machine{Host: "host.example", OS: "linux", Arch: "amd64", CPUs: 2}},
		[]runlog.Feature{first, second}, cells))
	w.check(log.ServantStarted(runlog.Servant{Platform: "go", Role: "reader", PID: 101, SDK: "parley-go 0.1.0", Contract: "1.1", Ready: 9 * time.Millisecond}, w.at))
	w.check(log.ServantStarted(runlog.Servant{Platform: "csharp", Role: "writer", PID: 102, SDK: "parley-csharp 0.1.0", Contract: "1.1", Ready: 80 * time.Millisecond}, w.at))
	for _, c := range cells {
		if c.Skip == "" {
			w.cell(c)
		}
	}
	w.check(log.End(runlog.Outcome{Kind: runlog.OutcomeFailed, At: w.at,
		Problems: []string{"expected.yaml:7: the entry for 'java_*' matches no cell; remove it"}}))
	return path
}

// writer tells the story of each cell; time passes by a fixed amount per message.
type writer struct {
	tb  testing.TB
	log *runlog.Log
	at  time.Time
}

func (w *writer) check(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

func (w *writer) pass(d time.Duration) time.Time {
	w.at = w.at.Add(d)
	return w.at
}

func (w *writer) cell(c runlog.Cell) {
	w.check(w.log.CellStarted(c.ID, w.pass(time.Millisecond)))
	result := runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed, Resources: []runlog.ProcessUse{
		{Role: c.Roles[0], PID: 101, CPU: 12 * time.Millisecond, PeakRSS: 9 << 20, Descriptors: 11, Threads: 7},
		{Role: c.Roles[1], PID: 102, CPU: 31 * time.Millisecond, PeakRSS: 48 << 20, Descriptors: 23, Threads: 19}}}
	switch c.Label() + " " + c.Cast {
	case "1.1 csharp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{3: {Part: runlog.Part{Verdict: runlog.Failed, FailureType: "SequenceGap",
			Error:    "frame 1 of 1024 bytes was expected, frame 2 came",
			Expected: "sequence 1\nsize 1024", Actual: "sequence 2\nsize 1024",
			Stack: "at Reader.Next(Reader.cs:88)\nat Steps.ReadsFrame(Basic.cs:41)", Stray: "Hello from a stray print\n"},
			Logs: []runlog.LogLine{
				{Time: w.at, Level: "info", Source: runlog.SourceLog, Role: "reader", Text: "waiting for a frame"},
				{Time: w.at, Level: "warn", Source: runlog.SourceLog, Role: "reader", Text: "sequence jumped from 0 to 2"},
				{Time: w.at, Source: runlog.SourceStderr, Role: "reader", Text: "dump: \x1b[31m00 ff\x1b[0m \x00"}},
			Attachments: []runlog.Attachment{
				{Name: "oieb.bin", MediaType: "application/octet-stream", Body: []byte{1, 2, 0xff}, Role: "reader"},
				{Name: "note.txt", MediaType: "text/plain", Body: []byte("<&>"), Role: "reader"}}}})
	case "1.2 csharp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{2: {Part: runlog.Part{Verdict: runlog.Undefined, Error: "no step definition of csharp matches"}}})
	case "1.2 cpp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{2: {Part: runlog.Part{Verdict: runlog.Ambiguous, Error: "two step definitions of go match: steps/a.go:3, steps/b.go:9"}}})
	case "1.1 cpp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{3: {Part: runlog.Part{Verdict: runlog.Pending, Error: "pending: not written yet"}}})
	case "1.3 csharp_go":
		result.Verdict = w.overlapping(c, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Timeout, FailureType: "STEP_EXECUTION_TIMEOUT", Error: "Step execution timeout after 30s"}})
	case "1.3 cpp_go":
		result.Verdict = w.overlapping(c, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Crashed, Error: "servant cpp (role writer) ended with signal SIGSEGV (core dumped)"}})
	case "1.3 go_csharp", "1.3 go_go":
		result.Verdict = w.overlapping(c, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Passed}})
	case "4.8#1 csharp_go":
		w.steps(c, nil)
		result.Verdict, result.Reason = runlog.Leaked, "2 things were left behind"
		result.Leaks = []string{"/dev/shm/frames-7f3a (10304 bytes) of reader (csharp)", "descriptor 17 of writer (go): socket"}
	case "4.8#2 go_csharp":
		retried := result
		retried.Verdict, retried.WillBeRetried = w.steps(c, map[int]runlog.StepResult{1: {Part: runlog.Part{Verdict: runlog.Failed, Error: "not yet"}}}), true
		w.check(w.log.CellFinished(retried, w.pass(time.Millisecond)))
		w.check(w.log.CellStarted(c.ID, w.pass(time.Millisecond)))
		result.Verdict = w.steps(c, nil)
	case "4.8#2 cpp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{1: {Part: runlog.Part{Verdict: runlog.Failed, Error: "size 0 came"}}})
		result.Expected = "known: cpp reads the size before the marker"
	case "4.12 csharp_go":
		result.Verdict = w.steps(c, map[int]runlog.StepResult{1: {Parts: []runlog.Part{
			{Role: c.Roles[0], Verdict: runlog.Passed, Coordinator: 2 * time.Millisecond, Servant: time.Millisecond, Wire: time.Millisecond},
			{Role: c.Roles[1], Verdict: runlog.Failed, Error: "they do not agree", Expected: "3", Actual: "4", Coordinator: 5 * time.Millisecond, Servant: 3 * time.Millisecond, Wire: 2 * time.Millisecond}}}})
	default:
		result.Verdict = w.steps(c, nil)
	}
	w.check(w.log.CellFinished(result, w.pass(time.Millisecond)))
}

// steps performs the cell's steps one after the other; special results by
// position, the others pass until one does not. It returns the worst verdict.
func (w *writer) steps(c runlog.Cell, special map[int]runlog.StepResult) runlog.Verdict {
	verdict := runlog.Passed
	for i, s := range c.Steps {
		r, named := special[i]
		switch {
		case verdict.Bad():
			r = runlog.StepResult{Part: runlog.Part{Verdict: runlog.Skipped}, SkipReason: "a step before it did not pass"}
		case !named:
			r.Verdict = runlog.Passed
			r.Logs = []runlog.LogLine{{Time: w.at, Level: "debug", Source: runlog.SourceLog, Role: s.Target, Text: "done"}}
		}
		if r.Verdict != runlog.Skipped {
			w.check(w.log.StepStarted(c.ID, s.ID, w.pass(time.Millisecond)))
		}
		w.finish(c, i, r)
		verdict = runlog.Worst(verdict, r.Verdict)
		for _, p := range r.Parts {
			verdict = runlog.Worst(verdict, p.Verdict)
		}
	}
	return verdict
}

// overlapping lets step 3 of the cell run while step 4 does; it ends with the result.
func (w *writer) overlapping(c runlog.Cell, slow runlog.StepResult) runlog.Verdict {
	for i := range 2 {
		w.check(w.log.StepStarted(c.ID, c.Steps[i].ID, w.pass(time.Millisecond)))
		w.finish(c, i, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Passed}})
	}
	w.check(w.log.StepStarted(c.ID, c.Steps[2].ID, w.pass(time.Millisecond)))
	w.check(w.log.StepStarted(c.ID, c.Steps[3].ID, w.pass(time.Millisecond)))
	w.finish(c, 3, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Passed}})
	w.finish(c, 2, slow)
	last := runlog.StepResult{Part: runlog.Part{Verdict: runlog.Passed}}
	if slow.Verdict.Bad() {
		last = runlog.StepResult{Part: runlog.Part{Verdict: runlog.Skipped}, SkipReason: "a step before it did not pass"}
	}
	w.finish(c, 4, last)
	return slow.Verdict
}

func (w *writer) finish(c runlog.Cell, i int, r runlog.StepResult) {
	r.Cell, r.Step = c.ID, c.Steps[i].ID
	if len(r.Parts) == 0 {
		r.Role = runlog.Role{Name: c.Steps[i].Target, Platform: c.Steps[i].Platform}
	}
	if len(r.Parts) == 0 && r.Verdict != runlog.Skipped {
		r.Coordinator, r.Servant, r.Wire = 3*time.Millisecond, 2500*time.Microsecond, 500*time.Microsecond
	}
	w.check(w.log.StepFinished(r, w.pass(3*time.Millisecond)))
}
