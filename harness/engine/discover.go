package engine

import (
	"context"
	"sync"
	"time"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// Discovery is what one platform's servant says of itself.
type Discovery struct {
	Health      contract.Health
	Definitions *plan.Definitions
	Servant     *stage.Servant // nil when it would not start
	Started     runlog.Servant
	Err         error // it would not start, speak or list its definitions
}

// Discover starts one servant per platform and asks for its step definitions.
// A servant that can be reused serves the first cell.
func Discover(ctx context.Context, st *stage.Stage, commands map[string]stage.Command) map[string]Discovery {
	found := make(map[string]Discovery, len(commands))
	var mu sync.Mutex
	var all sync.WaitGroup
	identity := st.NewIdentity("discover")
	for name, command := range commands {
		all.Go(func() {
			d := discover(ctx, st, identity, name, command)
			mu.Lock()
			defer mu.Unlock()
			found[name] = d
		})
	}
	all.Wait()
	return found
}

func discover(ctx context.Context, st *stage.Stage, identity stage.Identity, name string, command stage.Command) (d Discovery) {
	command.Role = ""
	sv, err := st.Acquire(ctx, command, identity)
	if err != nil {
		return Discovery{Err: err}
	}
	d.Health, d.Servant, d.Started = sv.Health(), sv, Started(sv, time.Now())
	defer func() { st.Release(ctx, sv, d.Err == nil) }()
	definitions, err := sv.Discover(ctx)
	if err != nil {
		d.Err = err
		return d
	}
	d.Definitions, d.Err = plan.Compile(name, d.Health.Legacy(), definitions)
	return d
}
