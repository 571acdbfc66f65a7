package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/probe"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// cellRun is one cell while it runs. Its steps are performed one after the
// other on one goroutine; only the calls to servants run beside it.
type cellRun struct {
	*Engine
	plan     *plan.Cell
	identity stage.Identity
	players  []*player
	legacy   bool              // a servant of contract 1.0 plays
	shared   map[string]string // the scenario's context map
	notes    sync.Map          // of packs
	verdicts []runlog.Verdict  // of the steps that have ended
	skipped  string            // why the first skipped step was
	result   runlog.CellResult

	// mu guards what a pack's step may touch while it overlaps: the following,
	// and the servants of players.
	mu       sync.Mutex
	overlaps []*overlap // sent and not yet joined, in order
	leaks    []string   // processes that outlived servants which ended in order
	left     []string   // processes that outlived the others
	undo     []func() error
	ended    bool // a process of the cell was ended on purpose or failed: what it made may remain
}

// player is one servant in its part.
type player struct {
	plan.Instance
	user     *stage.User    // as whom its servants run; nil: the coordinator's
	servant  *stage.Servant // nil when it could not be started
	ready    time.Time      // when it was lent
	before   probe.Sample
	reported atomic.Pointer[stage.Servant] // the servant whose failure is in a step's result, or in that of the cell
}

func newCellRun(e *Engine, c *plan.Cell) *cellRun {
	return &cellRun{
		Engine: e, plan: c, identity: e.Stage.NewIdentity(c.ID),
		shared: map[string]string{},
		result: runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed},
	}
}

// run performs the cell from its servants' start to their release.
func (c *cellRun) run(ctx context.Context) runlog.CellResult {
	start := time.Now()
	c.record(c.Log.CellStarted(c.plan.ID, start))
	if err := c.enter(ctx); err != nil {
		c.notEntered(ctx, err)
	} else {
		c.perform(ctx)
	}
	c.leave(ctx)
	for _, v := range c.verdicts {
		c.result.Verdict = runlog.Worst(c.result.Verdict, v)
	}
	switch {
	case c.result.Verdict.Bad():
	case ctx.Err() != nil:
		c.result.Verdict, c.result.Reason = runlog.Skipped, interrupted
	case c.result.Verdict == runlog.Skipped && c.result.Reason == "":
		c.result.Reason = c.skipped
	}
	c.result.Duration = time.Since(start)
	c.record(c.Log.CellFinished(c.result, time.Now()))
	return c.result
}

const interrupted = "the run was interrupted"

// fail makes the cell's verdict at least v, for a reason that no step says.
func (c *cellRun) fail(v runlog.Verdict, reason string) {
	if v.Worse(c.result.Verdict) || c.result.Reason == "" {
		c.result.Reason = reason
	}
	c.result.Verdict = runlog.Worst(c.result.Verdict, v)
}

// notEntered records that no step was performed because err kept the servants
// from being ready.
func (c *cellRun) notEntered(ctx context.Context, err error) {
	reason := "the servants of the scenario were not ready"
	if ctx.Err() != nil {
		reason = interrupted
	} else {
		c.fail(verdictOf(err), err.Error())
	}
	for i := range c.plan.Scenario.Steps {
		// There is no godog run that has to see it.
		_ = c.finish(i, runlog.StepResult{Part: runlog.Part{Role: c.roleOfStep(i), Verdict: runlog.Skipped}, SkipReason: reason})
	}
}

// enter gives every instance of the cell a servant, then initializes them: only
// when all are there is it known by which rule they name what they make.
func (c *cellRun) enter(ctx context.Context) error {
	for _, inst := range c.plan.Instances() {
		c.players = append(c.players, &player{Instance: inst})
	}
	defer func() {
		for _, p := range c.players {
			if p.servant != nil {
				c.announce(p.servant, p.ready)
			}
		}
	}()
	err := c.forAll(func(p *player) error { return c.acquire(ctx, p) })
	c.legacy = slices.ContainsFunc(c.players, func(p *player) bool { return p.servant != nil && p.servant.Health().Legacy() })
	if err != nil {
		return err
	}
	return c.forAll(func(p *player) error { return c.initialize(ctx, p) })
}

// forAll performs f for every player at the same time.
func (c *cellRun) forAll(f func(*player) error) error {
	errs := make([]error, len(c.players))
	var all sync.WaitGroup
	for i, p := range c.players {
		all.Go(func() { errs[i] = f(p) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (c *cellRun) acquire(ctx context.Context, p *player) error {
	command := c.Commands[p.Platform]
	command.Role, command.User = p.Role, p.user
	if c.Attach.wants(p.Role) {
		command.Env = append(slices.Clone(command.Env), c.Attach.Env...)
	}
	sv, err := c.Stage.Acquire(ctx, command, c.identity)
	if err != nil {
		return err
	}
	sv.Assign(p.Role, p.Number)
	c.Progress.enter(sv, c.plan.ID, roleOf(p.Instance))
	c.mu.Lock()
	defer c.mu.Unlock()
	p.servant, p.ready = sv, time.Now()
	p.before = probe.Start(sv.PID())
	return nil
}

func (c *cellRun) initialize(ctx context.Context, p *player) error {
	if err := c.awaitDebugger(ctx, p); err != nil {
		return err
	}
	request := contract.Initialize{
		Role: p.Role, Platform: p.Platform, Scenario: c.plan.Scenario.Pickle.Name,
		HostPid: c.identity.HostPid, FeatureId: c.identity.FeatureId, TestRunId: c.Stage.RunID(),
		ScenarioId: c.plan.ID, ResourcePrefix: c.identity.ResourcePrefix,
		StepTimeoutMs: c.stepTimeout().Milliseconds(), WorkDir: c.WorkDir,
	}
	if c.legacy {
		// A servant of contract 1.0 knows no prefix, and all must use the same names.
		request.ResourcePrefix = ""
	}
	if err := p.servant.Initialize(ctx, request); err != nil {
		p.reported.Store(p.servant)
		return err
	}
	return nil
}

// leave cleans up, samples and releases the servants, and looks at what remains.
func (c *cellRun) leave(ctx context.Context) {
	c.undoAll()
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, p := range c.players {
		if p.servant == nil {
			continue
		}
		all.Go(func() {
			left := c.release(ctx, p)
			mu.Lock()
			defer mu.Unlock()
			c.note(p, left)
		})
	}
	all.Wait()
	left := append(c.left, c.Stage.Sweep(c.identity)...)
	switch {
	case len(left) == 0:
	case c.ended || c.legacy || c.Attach != nil || ctx.Err() != nil:
		// Who was ended before it could clean up has leaked nothing, and debuggers
		// leave processes of their own.
		c.result.Notes = append(c.result.Notes, "removed what an ended process left: "+strings.Join(left, ", "))
	default:
		c.leaks = append(c.leaks, left...)
	}
	if len(c.leaks) > 0 {
		c.result.Leaks = c.leaks
		c.fail(runlog.Leaked, "left behind after cleanup: "+few(c.leaks))
	}
}

// outlived takes what outlived a servant. A process is traced to the servant that
// started it: one that cleaned up and ended in order is not excused by the end of
// another, as it is for files.
func (c *cellRun) outlived(processes []stage.LeftProcess, inOrder bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, process := range processes {
		if inOrder && c.Attach == nil {
			c.leaks = append(c.leaks, process.String())
		} else {
			c.left = append(c.left, process.String())
		}
	}
}

// departure is what became of a servant when it was released.
type departure struct {
	use     runlog.ProcessUse
	crashed string // how it ended, when nobody wanted it to and no step says so
	cleanup error
	inOrder bool // it cleaned up, and nobody ended it before
	left    stage.Leftovers
}

func (c *cellRun) release(ctx context.Context, p *player) departure {
	d := departure{use: runlog.ProcessUse{Role: roleOf(p.Instance), PID: p.servant.PID()}}
	usable := ctx.Err() == nil && running(p.servant)
	if !running(p.servant) && !p.servant.EndExpected() && p.reported.Load() != p.servant && ctx.Err() == nil {
		d.crashed = p.servant.Ended()
	}
	if usable {
		if d.cleanup = p.servant.Cleanup(ctx); d.cleanup != nil && ctx.Err() != nil {
			usable, d.cleanup = false, nil
		}
		d.use = withUse(d.use, p.before.Until(p.servant.PID()))
	}
	c.Progress.leave(p.servant)
	d.left = c.Stage.Release(ctx, p.servant, usable && d.cleanup == nil && c.reusable(p, p.servant))
	d.inOrder = usable && d.cleanup == nil && ctx.Err() == nil
	return d
}

// reusable reports whether a servant may serve a further cell once this one is
// done with it.
func (c *cellRun) reusable(p *player, sv *stage.Servant) bool {
	return c.Isolation != PerScenario && p.user == nil && !sv.Health().Legacy() && sv.Health().Can(contract.CapReset)
}

func (c *cellRun) note(p *player, d departure) {
	if d.use.Threads > 0 {
		c.result.Resources = append(c.result.Resources, d.use)
	}
	if d.crashed != "" {
		c.fail(runlog.Crashed, fmt.Sprintf("servant %s (role %s) %s while it had nothing to do%s", p.Platform, p.Instance, d.crashed, lastWords(p.servant)))
	}
	c.ended = c.ended || d.crashed != "" || p.reported.Load() == p.servant || p.servant.EndExpected()
	if d.cleanup != nil {
		c.ended = true
		c.fail(verdictOf(d.cleanup), d.cleanup.Error())
	}
	c.outlived(d.left.Processes, d.inOrder)
	if d.left.Reason != "" {
		c.result.Notes = append(c.result.Notes, fmt.Sprintf("servant %s (role %s) was replaced after the cell: %s", p.Platform, p.Instance,
			d.left.Reason))
	}
	if d.left.Err != nil {
		c.fail(runlog.Leaked, d.left.Err.Error())
	}
}

// few lists what would be too long in full; reports have all of it.
func few(list []string) string {
	const shown = 3
	if len(list) <= shown {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), len(list)-shown)
}

func lastWords(sv *stage.Servant) string {
	if line, _ := sv.Output().Last(); line != "" {
		return "; its last line on stderr: " + line
	}
	return ""
}

func running(sv *stage.Servant) bool {
	select {
	case <-sv.Exited():
		return false
	default:
		return true
	}
}

// player returns who plays an instance of a role, and the servant of the moment:
// a restart replaces it.
func (c *cellRun) player(role string, instance int) (*player, *stage.Servant, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.players {
		if p.Role == role && p.Number == instance {
			if p.servant == nil {
				return nil, nil, fmt.Errorf("role %s has no servant: it could not be started", p.Instance)
			}
			return p, p.servant, nil
		}
	}
	return nil, nil, fmt.Errorf("no process plays '%s'", plan.Instance{Role: role, Number: instance})
}
