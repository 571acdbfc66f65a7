// Package engine runs a plan. Each cell is its own godog suite; cells run in
// parallel above it. Timing, cancellation, overlap and verdicts are the
// engine's own: it takes them in step handlers and hooks and appends them to the
// run log as they happen.
package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// Recorder is where the engine reports what happens; *runlog.Log is one.
type Recorder interface {
	CellStarted(cellID string, at time.Time) error
	StepStarted(cellID, stepID string, at time.Time) error
	StepFinished(r runlog.StepResult, at time.Time) error
	CellFinished(r runlog.CellResult, at time.Time) error
	ServantStarted(s runlog.Servant, at time.Time) error
}

// Isolation says how long a servant lives.
type Isolation string

// The isolations. Contract 1.0 servants are always fresh.
const (
	PerRun      Isolation = "run"      // reused for cell after cell, with a hygiene check in between
	PerScenario Isolation = "scenario" // fresh for each cell
)

// Options are what a run needs.
type Options struct {
	Cells       []*plan.Cell             // resolved; those with a Skip reason are not run
	Commands    map[string]stage.Command // how to start a servant, by platform
	Stage       *stage.Stage
	Packs       *packs.Set
	Log         Recorder
	Jobs        int           // cells at a time, at least 1
	Lanes       Lanes         // cells that run beside those, or alone
	StepTimeout time.Duration // limit of a step
	Isolation   Isolation
	Unusable    map[string]Unusable     // platforms whose cells cannot run, and what that means
	Asked       map[*stage.Servant]bool // servants that Discover started, recorded already
	Attach      *Attach                 // nil: no debugger is waited for
	FailFast    bool                    // start no further cell after the first bad one
	Progress    *Progress               // the stage's handler; nil: progress is not shown
	WorkDir     string                  // folder for files that scenarios make
	Zap         *zap.Logger
}

// Unusable says why no cell with a platform can run.
type Unusable struct {
	Verdict runlog.Verdict
	Reason  string
}

// Engine runs the cells of one run.
type Engine struct {
	Options

	mu     sync.Mutex
	failed string // the first bad cell, for FailFast
	broken error  // the recorder's first error
	known  map[*stage.Servant]bool
}

// New returns an engine for one run.
func New(o Options) *Engine {
	if o.Zap == nil {
		o.Zap = zap.NewNop()
	}
	o.Jobs = max(o.Jobs, 1)
	return &Engine{Options: o, known: map[*stage.Servant]bool{}}
}

// Run performs all cells and returns when the last one has ended. Once ctx is
// done no further cell starts and running steps are cancelled. The error is the
// recorder's: verdicts are in the run log.
func (e *Engine) Run(ctx context.Context) error {
	perform := func(c *plan.Cell) { e.runCell(ctx, c) }
	waiting, working, alone := e.split()
	var beside sync.WaitGroup
	beside.Go(func() { waiting.run(ctx, perform) })
	working.run(ctx, perform)
	beside.Wait()
	alone.run(ctx, perform)
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

func (e *Engine) runCell(ctx context.Context, c *plan.Cell) {
	if reason := e.stopped(); reason != "" {
		e.record(e.Log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Skipped, Reason: reason}, time.Now()))
		return
	}
	for _, name := range c.Cast.Platforms() {
		if u, ok := e.Unusable[name]; ok {
			e.record(e.Log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: u.Verdict, Reason: u.Reason}, time.Now()))
			e.sawVerdict(c.ID, u.Verdict)
			return
		}
	}
	e.sawVerdict(c.ID, newCellRun(e, c).run(ctx).Verdict)
}

func (e *Engine) sawVerdict(cell string, v runlog.Verdict) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v.Bad() && e.failed == "" {
		e.failed = cell
	}
}

// Failed reports whether a cell has ended badly so far.
func (e *Engine) Failed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed != ""
}

func (e *Engine) stopped() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.FailFast && e.failed != "" {
		return fmt.Sprintf("not run: --fail-fast stopped the run at %s", e.failed)
	}
	return ""
}

func (e *Engine) record(err error) {
	if err == nil {
		return
	}
	e.Zap.Error("run log", zap.Error(err))
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		e.broken = err
	}
}

// announce records a servant that has just been lent, once. ready is when it
// was.
func (e *Engine) announce(sv *stage.Servant, ready time.Time) {
	e.mu.Lock()
	seen := e.known[sv]
	e.known[sv] = true
	e.mu.Unlock()
	if !seen && !e.Asked[sv] {
		e.record(e.Log.ServantStarted(Started(sv, ready), time.Now()))
	}
}

// Started describes a servant that was ready at a moment, for the run log.
func Started(sv *stage.Servant, ready time.Time) runlog.Servant {
	h := sv.Health()
	return runlog.Servant{
		Platform: sv.Platform(), Role: sv.Role(), PID: sv.PID(), SDK: h.SDK, Contract: h.Contract, Ready: ready.Sub(sv.Started()),
	}
}
