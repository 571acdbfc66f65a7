package ring

import (
	"context"
	"fmt"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

func lockSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the lock of ` + buffer + ` is held`, Summary: "the lock exists and a process holds it", Run: lockIs(ring.LockState{Exists: true, Held: true})},
		{Pattern: `the lock of ` + buffer + ` is there and not held`, Summary: "the lock exists and nobody holds it", Run: lockIs(ring.LockState{Exists: true})},
	}
}

func lockIs(want ring.LockState) func(context.Context, packs.Call) error {
	return func(_ context.Context, c packs.Call) error {
		s, err := inspect(c)
		if err != nil {
			return err
		}
		if s.Lock == want {
			return nil
		}
		return &packs.Mismatch{What: fmt.Sprintf("lock of buffer '%s'", c.Args[0]), Expected: inWords(want), Actual: inWords(s.Lock)}
	}
}

func inWords(l ring.LockState) string {
	switch {
	case !l.Exists:
		return "not there"
	case l.Held:
		return "held"
	default:
		return "there and not held"
	}
}
