package terminal

import (
	"path/filepath"
	"strings"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

func TestAReasonIsGivenOnce(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_cpp")
	for reason, want := range map[string]string{
		"platform cpp is not here":  "  failed: platform cpp is not here\n  again",
		"platform cpp\nis not here": "  failed: platform cpp\n  reason    platform cpp\n",
		strings.Repeat("long ", 50): "…\n  reason    long long",
		string(runlog.Failed):       "  failed\n  again",
	} {
		log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		at := runlogtest.Start()
		for _, err := range []error{
			log.Begin(runlog.RunInfo{RunID: "r", Started: at}, features, cells),
			log.CellStarted(cells[0].ID, at),
			log.CellFinished(runlog.CellResult{Cell: cells[0].ID, Verdict: runlog.Failed, Reason: reason}, at),
			log.End(runlog.Outcome{Kind: runlog.OutcomeFailed, At: at}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := printed(t, log.Path(), Options{}); !strings.Contains(got, want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
}

// A peer notices a crash before the coordinator does: the headline is of the step
// that decided the verdict.
func TestHeadlineIsOfTheDecisiveStep(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_cpp")
	log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	at := runlogtest.Start()
	steps := cells[0].Steps
	if len(steps) < 2 {
		t.Fatalf("the example has %d steps", len(steps))
	}
	result := func(step int, verdict runlog.Verdict, text string) runlog.StepResult {
		return runlog.StepResult{Cell: cells[0].ID, Step: steps[step].ID, Part: runlog.Part{Verdict: verdict, Error: text}}
	}
	for _, err := range []error{
		log.Begin(runlog.RunInfo{RunID: "r", Started: at}, features, cells),
		log.CellStarted(cells[0].ID, at),
		log.StepFinished(result(0, runlog.Failed, "the reader is dead"), at),
		log.StepFinished(result(1, runlog.Crashed, "killed by SIGKILL"), at),
		log.CellFinished(runlog.CellResult{Cell: cells[0].ID, Verdict: runlog.Crashed}, at),
		log.End(runlog.Outcome{Kind: runlog.OutcomeFailed, At: at}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := printed(t, log.Path(), Options{})
	for _, want := range []string{"  crashed: killed by SIGKILL\n", "  error     the reader is dead\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
}
