package packs

import (
	"context"
	"errors"
	"time"
)

// Poll repeats check until it passes, skips or ctx ends, and returns its last
// error then. The pause between two checks grows from 1 to 20 ms.
func Poll(ctx context.Context, check func(context.Context) error) error {
	pause := time.Millisecond
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		err := check(ctx)
		var skip *Skip
		if err == nil || errors.As(err, &skip) {
			return err
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
