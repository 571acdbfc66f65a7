package engine

import (
	"context"
	"encoding/json"
	"sync"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// Progress takes what servants tell during a step. It is made before the stage,
// whose Handler it is, and told by the engine which cell a servant plays in.
type Progress struct {
	show func(runlog.Progress)

	mu    sync.Mutex
	parts map[*stage.Servant]part
}

type part struct {
	cell string
	role runlog.Role
}

// NewProgress returns a handler that hands progress on to show.
func NewProgress(show func(runlog.Progress)) *Progress {
	return &Progress{show: show, parts: map[*stage.Servant]part{}}
}

var _ stage.Handler = (*Progress)(nil)

func (p *Progress) enter(sv *stage.Servant, cell string, role runlog.Role) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts[sv] = part{cell, role}
}

func (p *Progress) leave(sv *stage.Servant) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parts, sv)
}

// Request implements stage.Handler: the coordinator offers no methods yet.
func (p *Progress) Request(context.Context, *stage.Servant, string, json.RawMessage) (any, error) {
	return nil, stage.ErrUnknownMethod
}

// Log implements stage.Handler: the servant's output has the line already.
func (p *Progress) Log(*stage.Servant, contract.LogEntry) {}

// Progress implements stage.Handler.
func (p *Progress) Progress(sv *stage.Servant, e contract.Progress) {
	p.mu.Lock()
	at, playing := p.parts[sv]
	p.mu.Unlock()
	if playing {
		p.show(runlog.Progress{Cell: at.cell, Step: e.StepID, Role: at.role, Done: e.Done, Total: e.Total, Unit: e.Unit})
	}
}
