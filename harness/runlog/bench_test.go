package runlog_test

import (
	"path/filepath"
	"testing"
	"time"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

// BenchmarkStep is what the log costs per step: part of the coordinator's own time.
func BenchmarkStep(b *testing.B) {
	features, cells := runlogtest.Large(b, 1, 1, "go_cpp")
	log, err := runlog.Create(filepath.Join(b.TempDir(), "run.ndjson"))
	if err != nil {
		b.Fatal(err)
	}
	c := cells[0]
	if err := log.Begin(runlog.RunInfo{Started: runlogtest.Start()}, features, cells); err != nil {
		b.Fatal(err)
	}
	result := runlog.StepResult{Cell: c.ID, Part: runlog.Part{Verdict: runlog.Passed, Role: c.Roles[0], Servant: time.Millisecond},
		Logs: []runlog.LogLine{{Level: "info", Source: runlog.SourceLog, Role: "reader", Text: "one line"}}}
	var spent time.Duration
	for b.Loop() {
		// A step finishes once per attempt, so each round is an attempt with two steps.
		if err := log.CellStarted(c.ID, time.Now()); err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		for _, s := range c.Steps {
			result.Step = s.ID
			if err := log.StepStarted(c.ID, s.ID, time.Now()); err != nil {
				b.Fatal(err)
			}
			if err := log.StepFinished(result, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		spent += time.Since(started)
		if err := log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed, WillBeRetried: true}, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*len(c.Steps)), "ns/step")
	if err := log.End(runlog.Outcome{Kind: runlog.OutcomeAborted}); err != nil {
		b.Fatal(err)
	}
}
