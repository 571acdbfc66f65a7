package engine

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley.dev/parley/harness/plan"
)

func tagged(id string, tags ...string) *plan.Cell {
	return &plan.Cell{ID: id, Scenario: &plan.Scenario{Tags: tags}}
}

func TestCellsAreSplitIntoLanes(t *testing.T) {
	skipped := tagged("skipped", "@slow")
	skipped.Skip = "not here"
	cells := []*plan.Cell{
		tagged("a"), tagged("measures", "@benchmark"), tagged("waits", "@slow"), skipped,
		tagged("both", "@slow", "@benchmark"), tagged("b", "@other"), tagged("waits-too", "@other", "@slow"),
	}
	lanes := Lanes{Waiting: []string{"@slow"}, Alone: []string{"@benchmark"}}
	for _, tc := range []struct {
		jobs, waitingJobs       int
		waiting, working, alone string
	}{
		{2, 2, "waits waits-too", "a b", "measures both"},
		{1, 0, "", "a measures waits both b waits-too", ""},
	} {
		e := New(Options{Cells: cells, Jobs: tc.jobs, Lanes: lanes})
		waiting, working, alone := e.split()
		for name, got := range map[string][2]string{
			"waiting": {ids(waiting.cells), tc.waiting}, "working": {ids(working.cells), tc.working}, "alone": {ids(alone.cells), tc.alone},
		} {
			if got[0] != got[1] {
				t.Errorf("%d jobs, %s: %s, want %s", tc.jobs, name, got[0], got[1])
			}
		}
		if waiting.jobs != tc.waitingJobs || working.jobs != tc.jobs || alone.jobs != 1 {
			t.Errorf("%d jobs: at a time %d, %d, %d", tc.jobs, waiting.jobs, working.jobs, alone.jobs)
		}
	}
	many := slices.Repeat([]*plan.Cell{tagged("waits", "@slow")}, 100)
	if got := lanes.WaitingJobs(many, 3); got != 3*WaitingPerJob {
		t.Errorf("of many waiting cells %d run at a time", got)
	}
}

func ids(cells []*plan.Cell) string {
	var out []string
	for _, c := range cells {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func TestALaneKeepsToItsNumberAndStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	running, most, performed := 0, 0, 0
	both := make(chan struct{})
	lane{slices.Repeat([]*plan.Cell{tagged("x")}, 6), 2}.run(ctx, func(*plan.Cell) {
		mu.Lock()
		running++
		performed++
		most = max(most, running)
		if performed == 2 {
			close(both)
		}
		if performed == 4 {
			cancel()
		}
		mu.Unlock()
		<-both // two do run at the same time
		mu.Lock()
		running--
		mu.Unlock()
	})
	if most != 2 {
		t.Errorf("%d at a time", most)
	}
	if performed < 4 || performed == 6 {
		t.Errorf("%d were performed, and the run was cancelled at the fourth", performed)
	}
}
