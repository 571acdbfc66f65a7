// Package ring is the pack that works on ring buffers from outside: the
// coordinator reads the shared memory itself, so that what a servant says of a
// buffer is checked against what is there. It changes a buffer only in the steps
// that say so, to play a peer that goes wrong.
package ring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

// Name is the pack's name in plans and reports.
const Name = "ring"

const buffer = `buffer '([^']+)'`

// Pack returns the ring pack.
func Pack() packs.Pack {
	return packs.Pack{Name: Name, Steps: slices.Concat(stateSteps(), fieldSteps(), frameSteps(), blockSteps(), semaphoreSteps(),
		lockSteps(), objectSteps(), obstacleSteps(), counterSteps(), vectorSteps(), equalSteps(), fillSteps())}
}

func stateSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: buffer + ` has '(\d+)' bytes free`, Summary: "free bytes of the payload, as the writer counts them", Run: number("bytes free", payloadFree)},
		{Pattern: buffer + ` has '(\d+)' frames waiting`, Summary: "value of the data semaphore: frames written and not yet taken", Run: number("frames waiting", framesWaiting)},
		{Pattern: buffer + ` has write position '(\d+)'`, Summary: "the writer's position in the payload", Run: number("write position", writePosition)},
		{Pattern: buffer + ` has read position '(\d+)' and write position '(\d+)'`, Summary: "both positions in the payload", Run: positions},
		{Pattern: buffer + ` is empty`, Summary: "all of the payload is free and no frame waits", Run: empty},
		{Pattern: buffer + ` is gone`, Summary: "segment, semaphores and lock do not exist", Run: gone},
		{Pattern: buffer + ` still exists`, Summary: "the segment and both semaphores exist", Run: exists},
		{Pattern: `the state of ` + buffer + ` is noted`, Summary: "keeps counters and payload for a later comparison", Run: note},
		{Pattern: buffer + ` is as noted`, Summary: "counters and payload are as they were noted", Run: asNoted},
	}
}

func inspect(c packs.Call) (ring.State, error) {
	s, err := ring.Inspect(c.Cell.Resource(c.Args[0]))
	if err != nil {
		return s, fmt.Errorf("look at buffer '%s': %w", c.Args[0], err)
	}
	return s, nil
}

func payloadFree(s ring.State) uint64   { return s.PayloadFreeBytes }
func framesWaiting(s ring.State) uint64 { return uint64(s.SemW.Value) }
func writePosition(s ring.State) uint64 { return s.PayloadWritePos }

// number checks one figure of a buffer against the step's second argument.
func number(what string, of func(ring.State) uint64) func(context.Context, packs.Call) error {
	return func(_ context.Context, c packs.Call) error {
		want, err := c.Int(1)
		if err != nil {
			return err
		}
		s, err := inspect(c)
		if err != nil {
			return err
		}
		return equal(c, what, uint64(want), of(s))
	}
}

func equal(c packs.Call, what string, want, got uint64) error {
	if want == got {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("buffer '%s', %s", c.Args[0], what), Expected: fmt.Sprint(want), Actual: fmt.Sprint(got)}
}

func positions(_ context.Context, c packs.Call) error {
	read, err := c.Int(1)
	if err != nil {
		return err
	}
	write, err := c.Int(2)
	if err != nil {
		return err
	}
	s, err := inspect(c)
	if err != nil {
		return err
	}
	return errors.Join(
		equal(c, "read position", uint64(read), s.PayloadReadPos),
		equal(c, "write position", uint64(write), s.PayloadWritePos))
}

func empty(_ context.Context, c packs.Call) error {
	s, err := inspect(c)
	if err != nil {
		return err
	}
	return errors.Join(
		equal(c, "bytes free", s.PayloadSize, s.PayloadFreeBytes),
		equal(c, "frames waiting", 0, uint64(s.SemW.Value)))
}

func gone(_ context.Context, c packs.Call) error {
	var there []string
	for _, path := range objects(c) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, path)
		}
	}
	if len(there) == 0 {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("buffer '%s'", c.Args[0]), Expected: "no object of it", Actual: strings.Join(there, ", ")}
}

func exists(_ context.Context, c packs.Call) error {
	var missing []string
	for _, path := range objects(c)[:3] {
		if _, err := os.Lstat(path); err != nil {
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("buffer '%s'", c.Args[0]), Expected: "segment and both semaphores", Actual: "missing: " + strings.Join(missing, ", ")}
}

// objects are the paths of a buffer's segment, semaphores and lock.
func objects(c packs.Call) []string {
	segment, semW, semR, lock := ring.Objects(c.Cell.Resource(c.Args[0]))
	return []string{segment, semW, semR, lock}
}
