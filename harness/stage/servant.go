package stage

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"parley.dev/parley/servant/contract"
)

// Servant is a process that plays a role. Its methods may be called from
// several goroutines; the contract runs one step at a time.
type Servant struct {
	*program
	key    string // of the pool
	wire   *wire
	health contract.Health

	instance   atomic.Int64
	inScenario atomic.Bool // initialize was sent, cleanup has not answered
	spoilt     atomic.Pointer[Failure]
	discovered atomic.Pointer[[]contract.Definition]

	// Hygiene; used by Acquire and Release alone.
	level  level
	served bool        // a first cell has set the level
	played atomic.Bool // initialize was sent at least once
}

// Health is the servant's answer to health.
func (sv *Servant) Health() contract.Health { return sv.health }

// PID is the process to sample: the one that health named if it is in the
// servant's group (a wrapper script may stand in front of it), otherwise the one
// that was started; 0 in process.
func (sv *Servant) PID() int {
	pid := sv.proc.PID()
	if pid == 0 || sv.health.PID == pid || sv.health.PID <= 0 {
		return pid
	}
	if st, ok := readStat(sv.health.PID); ok && st.group == pid {
		return sv.health.PID
	}
	return pid
}

// Assign tells which role, and which instance of it (0 is the first), the
// servant plays from now on; messages name the role.
func (sv *Servant) Assign(role string, instance int) {
	sv.mu.Lock()
	sv.role = role
	sv.mu.Unlock()
	sv.instance.Store(int64(instance))
}

// Instance is the number that Assign gave.
func (sv *Servant) Instance() int { return int(sv.instance.Load()) }

// Discover returns the servant's step definitions; it asks once per process.
func (sv *Servant) Discover(ctx context.Context) ([]contract.Definition, error) {
	if known := sv.discovered.Load(); known != nil {
		return *known, nil
	}
	var found contract.Discovery
	if err := sv.call(ctx, question{method: contract.MethodDiscover, limit: sv.stage.startTimeout}, &found); err != nil {
		return nil, err
	}
	sv.discovered.Store(&found.Steps)
	return found.Steps, nil
}

// Initialize prepares the servant for a scenario. A contract 1.0 servant gets
// the keys of 1.0 alone.
func (sv *Servant) Initialize(ctx context.Context, p contract.Initialize) error {
	if sv.health.Legacy() {
		p = p.Legacy()
	}
	sv.inScenario.Store(true)
	sv.played.Store(true)
	var answer json.RawMessage
	q := question{method: contract.MethodInitialize, params: []contract.Initialize{p}, limit: sv.stage.callTimeout}
	if err := sv.call(ctx, q, &answer); err != nil {
		return err
	}
	var ok contract.Health // the same two forms: a boolean, or {"ok":…}
	if err := json.Unmarshal(answer, &ok); err != nil || !ok.OK {
		return sv.spoil(Protocol, "answered initialize with "+quote(answer)+`, not with true or {"ok":true}`, nil)
	}
	return nil
}

// Cleanup makes the servant release everything the scenario made.
func (sv *Servant) Cleanup(ctx context.Context) error {
	if err := sv.call(ctx, question{method: contract.MethodCleanup, limit: sv.stage.callTimeout}, nil); err != nil {
		return err
	}
	sv.inScenario.Store(false)
	return nil
}
