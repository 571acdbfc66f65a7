package steps_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/machine"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/packs/ring"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant"
	"parley.dev/parley/steps"
)

func TestMain(m *testing.M) {
	stage.GuardMain()
	goleak.VerifyTestMain(m)
}

// serve is the Go servant as a goroutine of this process: breakpoints and the
// race detector see both sides of a scenario at once.
func serve(ctx context.Context, _ stage.Command, stdin io.Reader, stdout, stderr io.Writer) int {
	registry := servant.NewRegistry()
	steps.Register(registry)
	pipe := struct {
		io.Reader
		io.Writer
		io.Closer
	}{stdin, stdout, io.NopCloser(nil)}
	if err := servant.Serve(ctx, registry, pipe, servant.Info{Platform: "go", Diagnostics: stderr}); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// load parses the project's features.
func load(t *testing.T) (*config.Config, []*plan.Feature, *packs.Set) {
	t.Helper()
	project, err := config.Load("../parley.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set := packs.NewSet(process.Pack(), ring.Pack(), machine.Pack())
	features, err := plan.Load(project.Root, project.Features, set, project.Parameters)
	if err != nil {
		t.Fatal(err)
	}
	return project, features, set
}

// apart are words of steps that act on one process, or measure it: the roles need
// processes of their own for them. Scenarios with these words are left to
// ./test.sh, as are those with signals.
var apart = []string{
	"may open '",           // limits the files of the whole process
	"runs as user",         // changes the user of the whole process
	"percent of a process", // measures the whole process, other tests included
	"the resources of the", // as before
}

func needsProcesses(c *plan.Cell) bool {
	return slices.ContainsFunc(c.Scenario.Steps, func(s *plan.Step) bool {
		return slices.ContainsFunc(apart, func(words string) bool { return strings.Contains(s.Text, words) })
	})
}

// TestFeatures runs every scenario that a default run has, and for which one
// process is enough, through the coordinator's engine and godog.
func TestFeatures(t *testing.T) {
	project, features, set := load(t)
	selected, err := plan.Select(features, plan.Request{
		Selection: plan.Selection{Tags: "not @signals"}, Platforms: []string{"go"},
		Roles: project.Roles, OnDemand: project.OnDemand,
	})
	if err != nil {
		t.Fatal(err)
	}
	runID := fmt.Sprintf("steps-%d", time.Now().UnixNano())
	st, err := stage.Open(t.Context(), stage.Options{RunID: runID, Launcher: stage.InProcess(serve)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	commands := map[string]stage.Command{"go": {Platform: "go"}}
	found := engine.Discover(t.Context(), st, commands)
	if err := found["go"].Err; err != nil {
		t.Fatal(err)
	}
	cells := slices.DeleteFunc(selected.Cells, needsProcesses)
	for _, c := range cells {
		c.Resolve(map[string]*plan.Definitions{"go": found["go"].Definitions})
	}
	for _, c := range cells {
		t.Run(c.ID, func(t *testing.T) { runCell(t, st, set, features, commands, c) })
	}
}

func runCell(t *testing.T, st *stage.Stage, set *packs.Set, features []*plan.Feature, commands map[string]stage.Command, c *plan.Cell) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	log, err := runlog.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Begin(runlog.RunInfo{RunID: t.Name(), Started: time.Now()}, engine.Features(features), []runlog.Cell{engine.Planned(c, "", false)}); err != nil {
		t.Fatal(err)
	}
	err = engine.New(engine.Options{
		Cells: []*plan.Cell{c}, Commands: commands, Stage: st, Packs: set, Log: log,
		Jobs: 1, StepTimeout: time.Minute, Isolation: engine.PerRun, WorkDir: t.TempDir(),
	}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := log.End(runlog.Outcome{Kind: runlog.OutcomePassed}); err != nil {
		t.Fatal(err)
	}
	run, err := runlog.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range run.Cells {
		if cell.Verdict() == runlog.Skipped {
			t.Skip(cell.Reason())
		}
		for _, step := range cell.Last().Steps {
			if v := step.Verdict(); v != runlog.Passed {
				t.Errorf("%s:%d: %s %s: %s %s", cell.URI, step.Line, step.Keyword, step.Text, v, step.Result.Error)
			} else if strings.Contains(step.Text, "measures") || strings.Contains(step.Text, "report") {
				checkFigures(t, step)
			}
		}
		if cell.Verdict() != runlog.Passed {
			t.Errorf("%s: %s %s", cell.Cell.ID, cell.Verdict(), cell.Reason())
		}
	}
}
