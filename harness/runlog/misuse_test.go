package runlog_test

import (
	"path/filepath"
	"strings"
	"testing"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

func TestMisuseIsRefused(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 2, "go_go")
	cells[1].Skip = "not here"
	a, b := cells[0], cells[1]
	at := runlogtest.Start()
	tests := []struct {
		name string
		call func(*runlog.Log) error
		want string
	}{
		{"unknown cell", func(l *runlog.Log) error { return l.CellStarted("x", at) }, `cell "x" is not in the plan`},
		{"skipped cell", func(l *runlog.Log) error { return l.CellStarted(b.ID, at) }, "planned as skipped (not here)"},
		{"step of an idle cell", func(l *runlog.Log) error { return l.StepStarted(a.ID, a.Steps[0].ID, at) }, "the cell is not running"},
		{"unknown step", func(l *runlog.Log) error {
			must(t, l.CellStarted(a.ID, at))
			return l.StepStarted(a.ID, "x", at)
		}, `step "x" is not in its plan`},
		{"unknown verdict", func(l *runlog.Log) error {
			must(t, l.CellStarted(a.ID, at))
			return l.StepFinished(runlog.StepResult{Cell: a.ID, Step: a.Steps[0].ID, Part: runlog.Part{Verdict: "fine"}}, at)
		}, `verdict "fine" is not one of`},
		{"step finished twice", func(l *runlog.Log) error {
			must(t, l.CellStarted(a.ID, at))
			r := runlog.StepResult{Cell: a.ID, Step: a.Steps[0].ID, Part: runlog.Part{Verdict: runlog.Passed}}
			must(t, l.StepFinished(r, at))
			return l.StepFinished(r, at)
		}, "has already finished"},
		{"cell finished twice", func(l *runlog.Log) error {
			must(t, l.CellFinished(runlog.CellResult{Cell: a.ID, Verdict: runlog.Failed}, at))
			return l.CellFinished(runlog.CellResult{Cell: a.ID, Verdict: runlog.Failed}, at)
		}, "has already finished"},
		{"begun twice", func(l *runlog.Log) error { return l.Begin(runlog.RunInfo{}, nil, nil) }, "has already begun"},
		{"unknown outcome", func(l *runlog.Log) error { return l.End(runlog.Outcome{Kind: "fine"}) }, `outcome "fine"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := begin(t, features, cells)
			if err := tt.call(log); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestBadPlansAreRefused(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_go")
	again := runlogtest.Parse(t, runlogtest.NewIDs(), "features/other.feature", "Feature: F\n  Scenario: S\n    Given the 'x' process\n")
	stranger := cells[0]
	stranger.Pickle = "nobody"
	tests := []struct {
		name     string
		features []runlog.Feature
		cells    []runlog.Cell
		want     string
	}{
		{"ids of two generators", append(features[:1:1], again), cells, "parse all features with one id generator"},
		{"two cells of one id", features, append(cells[:1:1], cells[0]), "not unique"},
		{"unknown pickle", features, []runlog.Cell{stranger}, `its pickle "nobody"`},
		{"unknown feature", nil, cells, "in none of the features"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"))
			must(t, err)
			t.Cleanup(func() { _ = log.End(runlog.Outcome{Kind: runlog.OutcomeAborted}) })
			if err := log.Begin(runlog.RunInfo{}, tt.features, tt.cells); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
