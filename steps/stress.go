package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley.dev/parley/servant"
)

func registerStress(r *servant.Registry) {
	r.Step(role+`creates and destroys buffer `+text+` `+number+` times`, createAndDestroy)
	r.Step(role+`creates and destroys buffer `+text+` `+number+` times, keeping it for `+number+` milliseconds`, createKeepAndDestroy)
	r.Step(role+`connects to buffer `+text+` and closes it `+number+` times, told nothing but `+text+` in between`, connectAndCloseAgain)
	r.Then(role+`has nothing open`, haveNothingOpen)
	r.Step(role+`writes `+number+` frames of `+number+` to `+number+` bytes, seed `+number, writeSeeded)
	r.Step(role+`reads `+number+` frames of `+number+` to `+number+` bytes, seed `+number+`, holding up to `+number+` and pausing up to `+number+` microseconds`, readSeeded)
	r.Step(role+`reads and releases the next frame of `+number+` bytes`, readNextFrame)
	r.Step(role+`creates buffers '([^']*)1', '([^']*)2' and so on until it is refused: `+text, createUntilRefused)
	r.Then(role+`has created at least `+number+` of them, and each carries a frame`, haveCreatedAtLeast)
	r.Step(role+`closes all of them`, closeMany)
	r.Step(role+`writes frames of `+number+` to `+number+` bytes, seed `+number+`, for `+number+` seconds`, writeSeededFor)
	r.Step(role+`reads frames of `+number+` to `+number+` bytes, seed `+number+`, until the writer rests`, readSeededUntilRest)
}

// Sizes of the buffers that come and go, in bytes.
const (
	passingMetadata = 0
	passingPayload  = 1024
)

func createAndDestroy(ctx context.Context, role, name string, times int) error {
	return createKeepAndDestroy(ctx, role, name, times, 0)
}

func createKeepAndDestroy(ctx context.Context, _, name string, times int, milliseconds int64) error {
	p := of(ctx)
	for n := range times {
		doing := fmt.Sprintf("buffer '%s', time %d of %d", name, n+1, times)
		r, err := p.create(ctx, name, passingMetadata, passingPayload)
		if err != nil {
			return failed(doing+": create", err)
		}
		waited := pause(ctx, time.Duration(milliseconds)*time.Millisecond)
		if err := r.Close(); err != nil {
			return failed(doing+": close", err)
		}
		if waited != nil {
			return fmt.Errorf("%s: %w", doing, waited)
		}
	}
	return nil
}

// betweenTries is how long a process that keeps trying leaves the processor to
// others.
const betweenTries = 100 * time.Microsecond

// connectAndCloseAgain tries until it has connected as often as it is told;
// only errors of the kinds in the list told may come in between.
func connectAndCloseAgain(ctx context.Context, _, name string, times int, told string) error {
	var allowed []*expectation
	for kind := range strings.SplitSeq(told, ",") {
		e, err := expect(strings.TrimSpace(kind))
		if err != nil {
			return err
		}
		allowed = append(allowed, e)
	}
	p := of(ctx)
	for connected := 0; connected < times; {
		doing := fmt.Sprintf("connect to buffer '%s', having done so %d of %d times", name, connected, times)
		w, err := p.connect(ctx, name)
		if err == nil {
			connected++
			if err := w.Close(); err != nil {
				return failed(fmt.Sprintf("close buffer '%s'", name), err)
			}
		} else if !slices.ContainsFunc(allowed, func(e *expectation) bool { return e.check(doing, err) == nil }) {
			return servant.Mismatch(doing+": error", told, describe(err))
		}
		if err := pause(ctx, betweenTries); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return nil
}

func haveNothingOpen(ctx context.Context, _ string) error {
	p := of(ctx)
	var open []string
	note := func(what string, is bool) {
		if is {
			open = append(open, what)
		}
	}
	note("a buffer that it created", p.reader != nil)
	note("a buffer that it is connected to", p.writer != nil)
	note("an end of a channel", p.channel != nil)
	note("further buffers", len(p.others)+len(p.won)+len(p.many) > 0)
	if len(open) > 0 {
		return servant.Mismatch("open in this process", "nothing", strings.Join(open, ", "))
	}
	return nil
}
