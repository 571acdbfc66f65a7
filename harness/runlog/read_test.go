package runlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

// Wherever the writer is killed, what is left is read, and never as passed.
func TestLogCutAnywhereIsReadAndNeverPassed(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_go")
	log := begin(t, features, cells)
	for _, s := range append([]runlog.Step{}, cells[0].Steps...) {
		if s.ID == cells[0].Steps[0].ID {
			must(t, log.CellStarted(cells[0].ID, runlogtest.Start()))
		}
		must(t, log.StepFinished(runlog.StepResult{Cell: cells[0].ID, Step: s.ID, Part: runlog.Part{Verdict: runlog.Passed}}, runlogtest.Start()))
	}
	must(t, log.CellFinished(runlog.CellResult{Cell: cells[0].ID, Verdict: runlog.Passed}, runlogtest.Start()))
	must(t, log.End(runlog.Outcome{Kind: runlog.OutcomePassed}))
	whole, err := os.ReadFile(log.Path())
	must(t, err)
	if !read(t, log.Path()).Passed() {
		t.Fatal("the whole log is not read as passed")
	}
	first := bytes.IndexByte(whole, '\n')
	path := filepath.Join(t.TempDir(), "cut.ndjson")
	// Without its last line end the log still holds every message.
	for n := first + 1; n < len(whole)-1; n++ {
		if n%11 != 0 && whole[n] != '\n' && whole[n-1] != '\n' {
			continue
		}
		must(t, os.WriteFile(path, whole[:n], 0o600))
		run, err := runlog.Read(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if run.Passed() || run.Outcome.Kind != runlog.OutcomeIncomplete {
			t.Fatalf("cut at %d: outcome %+v", n, run.Outcome)
		}
		atLineEnd := whole[n-1] == '\n' || whole[n] == '\n'
		if (run.Torn == nil) != atLineEnd {
			t.Fatalf("cut at %d: torn %v", n, run.Torn)
		}
		if run.Torn != nil && run.Torn.Line != bytes.Count(whole[:n], []byte{'\n'})+1 {
			t.Fatalf("cut at %d: torn %v", n, run.Torn)
		}
	}
}

func TestUnreadableLogs(t *testing.T) {
	const meta = `{"meta":{"protocolVersion":"21.0.1","implementation":{"name":"parley"},"runtime":{"name":"go"},"os":{"name":"linux"},"cpu":{"name":"amd64"}}}` + "\n"
	tests := []struct{ name, content, want string }{
		{"empty", "", "it is empty"},
		{"broken in the middle", meta + "{\n" + meta, "line 2 is not a Cucumber message"},
		{"not a log", `{"source":{}}` + "\n", "does not begin with the message meta"},
		{"of another tool", strings.Replace(meta, `"parley"`, `"cucumber-js"`, 1), "was not written by parley"},
		{"unknown reference", meta + `{"testCaseFinished":{"testCaseStartedId":"x","timestamp":{"seconds":1,"nanos":0},"willBeRetried":false}}` + "\n", `line 2: testCaseFinished: testCaseStarted "x" is not in the log`},
		{"success without Parley's outcome", meta + `{"testRunFinished":{"success":true,"timestamp":{"seconds":1,"nanos":0}}}` + "\n", "without Parley's outcome"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "run.ndjson")
			must(t, os.WriteFile(path, []byte(tt.content), 0o600))
			if _, err := runlog.Read(path); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := runlog.Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}
