package packs

import (
	"context"
	"time"
)

// Poll repeats check until it passes or ctx ends, and returns its last error
// then. The pause between two checks grows from 1 to 20 ms.
func Poll(ctx context.Context, check func(context.Context) error) error {
	pause := time.Millisecond
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-timer.C:
		}
		pause = min(2*pause, 20*time.Millisecond)
		timer.Reset(pause)
	}
}
