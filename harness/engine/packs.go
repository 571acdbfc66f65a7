package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// Resource implements packs.Cell: the name under which the cell's servants make
// what the scenario calls name. Servants of contract 1.0 know no prefix.
func (c *cellRun) Resource(name string) string {
	if c.legacy {
		return fmt.Sprintf("%s_%d_%d", name, c.identity.HostPid, c.identity.FeatureId)
	}
	return c.identity.ResourcePrefix + name
}

// Owns implements packs.Cell.
func (c *cellRun) Owns(file string) bool { return c.identity.Owns(file) }

// Notes implements packs.Cell.
func (c *cellRun) Notes() *sync.Map { return &c.notes }

// AtEnd implements packs.Cell.
func (c *cellRun) AtEnd(undo func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.undo = append(c.undo, undo)
}

// undoAll undoes what packs changed outside of the servants. It runs however the
// cell ends; no step is performed any more.
func (c *cellRun) undoAll() {
	for _, undo := range slices.Backward(c.undo) {
		if err := undo(); err != nil {
			c.fail(runlog.Failed, "at the end of the cell: "+err.Error())
		}
	}
}

// Process implements packs.Cell.
func (c *cellRun) Process(role string, instance int) (packs.Process, error) {
	_, sv, err := c.player(role, instance)
	if err != nil {
		return nil, err
	}
	return sv, nil
}

// Restart implements packs.Cell. A servant that is busy with an overlapping step
// is killed: it could not end in order, and that step ends as the scenario wants.
func (c *cellRun) Restart(ctx context.Context, role string, instance int) error {
	p, old, err := c.player(role, instance)
	if err != nil {
		return err
	}
	if err := c.replace(ctx, p, old, false); err != nil {
		return fmt.Errorf("restart %s: %w", p.Instance, err)
	}
	return nil
}

// RunAs implements packs.Cell. The servant that played until then goes back to
// the pool if it may; one of another user never does.
func (c *cellRun) RunAs(ctx context.Context, role string, instance int, name string) error {
	p, old, err := c.player(role, instance)
	if err != nil {
		return err
	}
	user, err := c.Stage.UserFor(c.Commands[p.Platform], name)
	if err != nil {
		return packs.Skipf("%s cannot run as user %s: %v", p.Instance, name, err)
	}
	keep := c.reusable(p, old)
	p.user = user
	if err := c.replace(ctx, p, old, keep); err != nil {
		return fmt.Errorf("run %s as user %s: %w", p.Instance, name, err)
	}
	return nil
}

// replace puts a fresh servant into a player's part. keep returns the old one to
// the pool, if it is idle and clean.
func (c *cellRun) replace(ctx context.Context, p *player, old *stage.Servant, keep bool) error {
	inOrder := running(old) && !c.busy(p.Instance)
	if !inOrder && running(old) {
		if err := old.Signal(syscall.SIGKILL); err != nil && running(old) {
			return err
		}
	}
	c.mu.Lock()
	p.servant = nil
	c.mu.Unlock()
	c.Progress.leave(old)
	left := c.Stage.Release(ctx, old, keep && inOrder)
	c.mu.Lock()
	c.ended = c.ended || !left.Reused
	c.mu.Unlock()
	c.outlived(left.Processes, inOrder && ctx.Err() == nil)
	if left.Err != nil {
		return left.Err
	}
	if err := c.acquire(ctx, p); err != nil {
		return err
	}
	if err := c.initialize(ctx, p); err != nil {
		return err
	}
	c.announce(p.servant, p.ready)
	return nil
}
