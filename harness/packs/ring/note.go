package ring

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

// noted is a buffer at one moment. The space semaphore is left out: a writer may
// take stale tokens from it without anything having happened.
type noted struct {
	state   ring.State
	segment []byte
}

func take(c packs.Call) (noted, error) {
	s, err := inspect(c)
	if err != nil {
		return noted{}, err
	}
	segment, err := os.ReadFile(objects(c)[0])
	if err != nil {
		return noted{}, fmt.Errorf("look at buffer '%s': %w", c.Args[0], err)
	}
	s.SemR, s.SemW.Waiters = ring.SemState{}, 0
	return noted{s, segment}, nil
}

func noteKey(c packs.Call) string { return Name + ":" + c.Args[0] }

func note(_ context.Context, c packs.Call) error {
	n, err := take(c)
	if err != nil {
		return err
	}
	c.Cell.Notes().Store(noteKey(c), n)
	return nil
}

func asNoted(_ context.Context, c packs.Call) error {
	kept, ok := c.Cell.Notes().Load(noteKey(c))
	before, _ := kept.(noted)
	if !ok {
		return fmt.Errorf("the state of buffer '%s' was never noted; put a step before this one: the state of buffer '%[1]s' is noted", c.Args[0])
	}
	now, err := take(c)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("buffer '%s'", c.Args[0])
	if before.state != now.state {
		return &packs.Mismatch{What: what, Expected: fmt.Sprintf("%+v", before.state), Actual: fmt.Sprintf("%+v", now.state)}
	}
	if len(before.segment) != len(now.segment) {
		return &packs.Mismatch{What: what, Expected: fmt.Sprintf("a segment of %d bytes", len(before.segment)), Actual: fmt.Sprintf("%d bytes", len(now.segment))}
	}
	if !bytes.Equal(before.segment, now.segment) {
		at := firstDifference(before.segment, now.segment)
		return &packs.Mismatch{What: what, Expected: fmt.Sprintf("byte %#02x at %d of the segment", before.segment[at], at),
			Actual: fmt.Sprintf("byte %#02x", now.segment[at])}
	}
	return nil
}

// firstDifference returns where a and b, which have the same length and are not
// equal, begin to differ.
func firstDifference(a, b []byte) int {
	at := 0
	for a[at] == b[at] {
		at++
	}
	return at
}
