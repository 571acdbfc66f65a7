package engine

import (
	"context"
	"slices"
	"sync"

	"parley.dev/parley/harness/plan"
)

// Lanes say which cells do not simply run N at a time.
type Lanes struct {
	// Waiting are tags of scenarios that mostly wait and use no processor. They run
	// beside the others, WaitingPerJob for each of the cells at a time.
	Waiting []string
	// Alone are tags of scenarios that measure: they run after all others, one at a
	// time, so that nothing disturbs them.
	Alone []string
}

// WaitingPerJob is how many waiting cells run beside each that works.
const WaitingPerJob = 4

// lane is cells of which a number runs at a time.
type lane struct {
	cells []*plan.Cell
	jobs  int
}

// run performs the lane's cells and returns when the last one has ended. Once ctx
// is done no further cell starts.
func (l lane) run(ctx context.Context, perform func(*plan.Cell)) {
	queue := make(chan *plan.Cell)
	var workers sync.WaitGroup
	for range min(l.jobs, len(l.cells)) {
		workers.Go(func() {
			for c := range queue {
				perform(c)
			}
		})
	}
	for _, c := range l.cells {
		if ctx.Err() != nil {
			break
		}
		select {
		case queue <- c:
		case <-ctx.Done():
		}
	}
	close(queue)
	workers.Wait()
}

// WaitingJobs is how many of the cells run at a time beside the jobs others: none
// when one cell at a time is asked for.
func (l Lanes) WaitingJobs(cells []*plan.Cell, jobs int) int {
	if jobs <= 1 {
		return 0
	}
	waiting := 0
	for _, c := range cells {
		if c.Skip == "" && l.waits(c) {
			waiting++
		}
	}
	return min(waiting, jobs*WaitingPerJob)
}

func (l Lanes) waits(c *plan.Cell) bool { return hasTag(c, l.Waiting) && !hasTag(c, l.Alone) }

func hasTag(c *plan.Cell, tags []string) bool {
	return slices.ContainsFunc(c.Scenario.Tags, func(t string) bool { return slices.Contains(tags, t) })
}

// split sorts the cells into their lanes, each in the order of the cells.
func (e *Engine) split() (waiting, working, alone lane) {
	waiting.jobs, working.jobs, alone.jobs = e.Lanes.WaitingJobs(e.Cells, e.Jobs), e.Jobs, 1
	for _, c := range e.Cells {
		into := &working
		switch {
		case c.Skip != "":
			continue
		case e.Jobs == 1: // one at a time, in order
		case hasTag(c, e.Lanes.Alone):
			into = &alone
		case e.Lanes.waits(c):
			into = &waiting
		}
		into.cells = append(into.cells, c)
	}
	return waiting, working, alone
}
