package steps

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// timerSlack is how much later than asked a timer may fire.
	timerSlack = 2 * time.Millisecond
	// sleepSlack is how much later than asked a sleeping thread may wake.
	sleepSlack = 100 * time.Microsecond
)

// clock reads a clock of the system.
func clock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0, fmt.Errorf("clock_gettime of clock %d: %w", id, err)
	}
	return time.Duration(ts.Nano()), nil
}

// pause waits for d, or until ctx ends. Short waits are the thread's own sleep,
// as a timer is late by up to a millisecond.
func pause(ctx context.Context, d time.Duration) error {
	for end := time.Now().Add(d); ; {
		if ctx.Err() != nil {
			return fmt.Errorf("waiting %v: %w", d, context.Cause(ctx))
		}
		left := time.Until(end)
		switch {
		case left <= 0:
			return nil
		case left > 2*timerSlack:
			if err := wait(ctx, left-timerSlack); err != nil {
				return fmt.Errorf("waiting %v: %w", d, err)
			}
		default:
			sleep(left)
		}
	}
}

// waitUntil waits until CLOCK_MONOTONIC has reached due, and gives the time then.
// The last part it spins.
func waitUntil(ctx context.Context, due time.Duration) (time.Duration, error) {
	for {
		now, err := clock(unix.CLOCK_MONOTONIC)
		if err != nil || now >= due {
			return now, err
		}
		if left := due - now; left <= sleepSlack {
			runtime.Gosched()
		} else if err := pause(ctx, left-sleepSlack); err != nil {
			return 0, err
		}
	}
}

// wait waits for d by a timer, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sleep sleeps for d at most: a signal ends it early.
func sleep(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&ts, nil)
}
