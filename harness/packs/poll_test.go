package packs

import (
	"context"
	"errors"
	"testing"
)

func TestPollRepeatsUntilTheCheckPasses(t *testing.T) {
	n := 0
	err := Poll(t.Context(), func(context.Context) error {
		if n++; n < 5 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || n != 5 {
		t.Errorf("%d checks, %v", n, err)
	}
}

func TestPollChecksAtLeastOnce(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Poll(ended, func(context.Context) error { return nil }); err != nil {
		t.Errorf("what holds already: %v", err)
	}
	no := errors.New("no")
	if err := Poll(ended, func(context.Context) error { return no }); !errors.Is(err, no) {
		t.Errorf("what does not hold: %v", err)
	}
}

// The reason of the last check says more than that the time is over.
func TestPollReturnsTheLastReason(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	last := errors.New("last")
	n := 0
	err := Poll(ctx, func(context.Context) error {
		if n++; n < 3 {
			return errors.New("earlier")
		}
		cancel()
		return last
	})
	if !errors.Is(err, last) {
		t.Errorf("%d checks, %v", n, err)
	}
}
