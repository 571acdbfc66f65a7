package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// does is a pack with one step.
func does(pattern string, run func(context.Context, packs.Call) error) []packs.Pack {
	return []packs.Pack{{Name: "odd", Steps: []packs.Definition{{Pattern: pattern, Summary: "as the test wants", Run: run}}}}
}

func TestAPackSkipsAScenario(t *testing.T) {
	tries := 0
	s := rig{actors: map[string]*actor{"w": {}}, packs: does("the moon is full", func(context.Context, packs.Call) error {
		tries++
		return packs.Skipf("needs a full moon, tonight it is %s", "new")
	})}.run(t, `Feature: x
  Scenario: Test 1.1 - at once
    Given the moon is full
    Then the 'writer' process howls
  Scenario: Test 1.2 - it is not waited for
    Given within '60' seconds the moon is full
    Then the 'writer' process howls
`)
	for _, id := range []string{"1.1/w", "1.2/w"} {
		c := s.cell(id, runlog.Skipped, "skipped skipped")
		s.says(id, c.Reason(), "needs a full moon, tonight it is new")
	}
	if tries != 2 {
		t.Errorf("%d tries", tries)
	}
}

func TestAPackReports(t *testing.T) {
	tries := 0
	s := rig{actors: map[string]*actor{"w": {}}, packs: does("the table is laid", func(_ context.Context, c packs.Call) error {
		c.Report.Log("try %d", tries)
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		if c.Table == nil || !slices.Equal(c.Table.Headers, []string{"plates"}) || c.Table.Rows[0]["plates"] != "4" {
			return errors.New("not this table")
		}
		c.Report.Measured(packs.Figures{Title: "dinner", Figures: []packs.Figure{{Name: "time", Value: 12.345678, Unit: "s"}, {Name: "ratio", Value: 2}}})
		return nil
	})}.run(t, `Feature: x
  Scenario: Test 1.1 - with figures
    Given the 'writer' process waits
    Then within '60' seconds the table is laid
      | plates |
      | 4      |
`)
	s.cell("1.1/w", runlog.Passed, "passed passed")
	r := s.step("1.1/w", 1)
	if len(r.Logs) != 2 || r.Logs[0].Text != "try 2" || r.Logs[1].Text != "dinner: time 12.35 s, ratio 2" || r.Logs[1].Role != "odd" {
		t.Errorf("logs %+v", r.Logs)
	}
	if len(r.Attachments) != 1 {
		t.Fatalf("attachments %+v", r.Attachments)
	}
	want := `{"title":"dinner","figures":[{"name":"time","value":12.345678,"unit":"s"},{"name":"ratio","value":2,"unit":""}]}`
	if a := r.Attachments[0]; a.Name != "figures.json" || a.MediaType != runlog.MediaFigures || string(a.Body) != want {
		t.Errorf("attached %+v: %s", a, a.Body)
	}
}

// What packs change is undone in reverse, however the cell ends, and before the
// servants clean up.
func TestWhatPacksUndo(t *testing.T) {
	var order []string
	note := func(what string) { order = append(order, what) }
	writer := &actor{step: func(c *call) {
		if strings.Contains(c.step.Step, "fails") {
			c.fail("as it should")
			return
		}
		c.pass()
	}, every: func(c *call) bool {
		if c.method == "cleanup" {
			note("cleanup")
		}
		return false
	}}
	pack := does("thing '(.*)' is changed(, which stays)?", func(_ context.Context, c packs.Call) error {
		c.Cell.AtEnd(func() error {
			note(c.Args[0])
			if c.Args[1] != "" {
				return errors.New(c.Args[0] + " stays changed")
			}
			return nil
		})
		return nil
	})
	s := rig{actors: map[string]*actor{"w": writer}, packs: pack, change: func(o *engine.Options) { o.Isolation = engine.PerScenario }}.run(t, `Feature: x
  Scenario: Test 1.1 - in order
    Given thing 'one' is changed
    And thing 'two' is changed
    Then the 'writer' process waits
  Scenario: Test 1.2 - after a failure
    Given thing 'three' is changed
    Then the 'writer' process fails
  Scenario: Test 1.3 - in vain
    Given thing 'four' is changed, which stays
    Then the 'writer' process waits
`)
	if got, want := strings.Join(order, " "), "two one cleanup three cleanup four cleanup"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.cell("1.1/w", runlog.Passed, "passed passed passed")
	s.cell("1.2/w", runlog.Failed, "passed failed")
	c := s.cell("1.3/w", runlog.Failed, "passed passed")
	s.says("the cell", c.Reason(), "at the end of the cell: four stays changed")
}

func TestWhatPacksUndoAfterAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	undone := false
	rig{actors: map[string]*actor{"w": {}}, ctx: ctx, packs: does("it is changed", func(_ context.Context, c packs.Call) error {
		c.Cell.AtEnd(func() error { undone = true; return nil })
		cancel()
		return nil
	})}.run(t, `Feature: x
  Scenario: Test 1.1 - interrupted
    Given it is changed
    Then the 'writer' process waits
`)
	if !undone {
		t.Error("it was not undone")
	}
}

func TestPacksKnowWhatTheCellOwns(t *testing.T) {
	s := rig{actors: map[string]*actor{"w": {}}, packs: does("names are looked at", func(_ context.Context, c packs.Call) error {
		for name, want := range map[string]bool{"sem.sem-w-" + c.Cell.Resource("x"): true, c.Cell.Resource("") + "any": true, "x": false} {
			if c.Cell.Owns(name) != want {
				return errors.New(name)
			}
		}
		return nil
	})}.run(t, "Feature: x\n  Scenario: Test 1.1 - a\n    Given the 'writer' process waits\n    Then names are looked at\n")
	s.cell("1.1/w", runlog.Passed, "passed passed")
}

func TestRunAsIsSkippedInProcess(t *testing.T) {
	s := rig{actors: map[string]*actor{"w": {}}, packs: does("another user", func(ctx context.Context, c packs.Call) error {
		return c.Cell.RunAs(ctx, "writer", 1, "nobody")
	})}.run(t, "Feature: x\n  Scenario: Test 1.1 - a\n    Given the 'writer' process waits\n    Then another user\n")
	c := s.cell("1.1/w", runlog.Skipped, "passed skipped")
	s.says("the cell", c.Reason(), "writer cannot run as user nobody: servants inside the coordinator run as the coordinator's user")
}

// openCopy is this program where every user may run it.
func openCopy(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	program, err := os.ReadFile(exe)
	must(t, err)
	dir := t.TempDir()
	for at := dir; at != filepath.Clean(os.TempDir()) && at != "/"; at = filepath.Dir(at) {
		must(t, os.Chmod(at, 0o755))
	}
	path := filepath.Join(dir, "servant")
	must(t, os.WriteFile(path, program, 0o755))
	return path
}

// A servant of another user plays in one cell alone; the one whose place it takes
// goes on in the next.
func TestRunAs(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root can start a process as another user")
	}
	type process struct {
		pid int
		uid string
	}
	var seen []process
	look := func(c packs.Call) error {
		p, err := c.Cell.Process("writer", 1)
		if err != nil {
			return err
		}
		status, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/status")
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(status), "Uid:\t")
		uid, _, _ := strings.Cut(rest, "\t")
		seen = append(seen, process{p.PID(), uid})
		return nil
	}
	command := stage.Command{Platform: "self", Argv: []string{openCopy(t), "actor"}}
	s := rig{commands: map[string]stage.Command{"self": command}, packs: does("(everybody|nobody) is seen", func(ctx context.Context, c packs.Call) error {
		if c.Args[0] == "nobody" {
			if err := c.Cell.RunAs(ctx, "writer", 1, "nobody"); err != nil {
				return err
			}
		}
		return look(c)
	}), change: func(o *engine.Options) { o.Jobs, o.StepTimeout = 1, time.Minute }}.run(t, `Feature: x
  Scenario: Test 1.1 - the pool's
    Given the 'writer' process waits
    Then everybody is seen
  Scenario: Test 1.2 - another user's
    Given nobody is seen
    When the 'writer' process waits
    Then everybody is seen
  Scenario: Test 1.3 - the pool's
    Given the 'writer' process waits
    Then everybody is seen
`)
	for _, id := range []string{"1.1/self", "1.2/self", "1.3/self"} {
		s.cell(id, runlog.Passed, "")
	}
	if len(seen) != 4 || seen[0].uid != "0" || seen[1].uid == "0" || seen[1] != seen[2] || seen[3] != seen[0] {
		t.Errorf("processes %+v", seen)
	}
}
