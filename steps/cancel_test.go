package steps

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant"
)

// TestStepsThatAreCancelled: steps that wait, or try for long, end with their
// context, and leave nothing.
func TestStepsThatAreCancelled(t *testing.T) {
	for name, step := range map[string]func(r, w context.Context) error{
		"keeping a buffer":        func(r, _ context.Context) error { return createKeepAndDestroy(r, "", "kept", 1, 3_600_000) },
		"trying to connect":       func(_, w context.Context) error { return connectAndCloseAgain(w, "", "none", 1, "NotFound") },
		"creating without end":    func(r, _ context.Context) error { return createUntilRefused(r, "", "m", "m", "System") },
		"time stamps once an age": func(_, w context.Context) error { return writeStamps(w, "", 3600, 1) },
		"a slow reader": func(r, w context.Context) error {
			return errors.Join(writeFrame(w, "", 5), readFramesSlowly(r, "", 1, 1, 5, 3_600_000))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := parties(t)
			limited := func(ctx context.Context) context.Context {
				ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
				t.Cleanup(cancel)
				return ctx
			}
			if err := step(limited(r), limited(w)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the end of the context", err)
			}
			if _, err := os.Stat("/dev/shm/" + servant.Scenario(r).ResourceName("kept")); !os.IsNotExist(err) {
				t.Errorf("the buffer is still there: %v", err)
			}
		})
	}
}

func TestWaitsAreLongEnough(t *testing.T) {
	for _, d := range []time.Duration{0, 10 * time.Microsecond, time.Millisecond, 7 * time.Millisecond} {
		start, err := clock(unix.CLOCK_MONOTONIC)
		if err != nil {
			t.Fatal(err)
		}
		if err := pause(t.Context(), d); err != nil {
			t.Error(err)
		}
		end, err := waitUntil(t.Context(), start+2*d)
		if err != nil || end-start < 2*d {
			t.Errorf("waited %v, want at least %v: %v", end-start, 2*d, err)
		}
	}
}
