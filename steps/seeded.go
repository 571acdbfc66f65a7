package steps

import (
	"context"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/servant/pattern"
)

// sizesOf draws sizes of frames from a seed, as every language does.
func sizesOf(seed uint64, smallest, largest int) (*pattern.Sizes, error) {
	if smallest < 1 || largest < smallest {
		return nil, servant.Failf("frames of %d to %d bytes cannot be drawn; the first size must be at least 1 and not above the second", smallest, largest)
	}
	return pattern.NewSizes(seed, smallest, largest), nil
}

func writeSeeded(ctx context.Context, _ string, frames, smallest, largest int, seed uint64) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	sizes, err := sizesOf(seed, smallest, largest)
	if err != nil {
		return err
	}
	for range frames {
		if err := w.writeNext(ctx, sizes.Next()); err != nil {
			return err
		}
	}
	return nil
}

func readSeeded(ctx context.Context, _ string, frames, smallest, largest int, seed, most, maxPause uint64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	sizes, err := sizesOf(seed, smallest, largest)
	if err != nil {
		return err
	}
	h := newHolds(seed+1, most, maxPause)
	for range frames {
		if _, err := r.read(ctx, r.last+1, sizes.Next()); err != nil {
			return err
		}
		release, delay := h.next(r.last)
		if err := r.releaseUnchanged(release); err != nil {
			return err
		}
		if err := pause(ctx, delay); err != nil {
			return err
		}
	}
	return r.releaseUnchanged(h.rest())
}

// releaseUnchanged checks held frames once more and releases them in this order.
func (r *reader) releaseUnchanged(sequences []uint64) error {
	for _, sequence := range sequences {
		frame, err := r.holding(sequence)
		if err != nil {
			return err
		}
		if err := checkFrame(frame); err != nil {
			return err
		}
		if err := r.release(sequence); err != nil {
			return err
		}
	}
	return nil
}

func readNextFrame(ctx context.Context, _ string, size int) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	return r.readAndRelease(ctx, r.last+1, size, 0)
}

// writeSeededFor ends with a frame that is one byte larger than any other, by
// which the reader knows the end.
func writeSeededFor(ctx context.Context, _ string, smallest, largest int, seed uint64, seconds int64) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	sizes, err := sizesOf(seed, smallest, largest)
	if err != nil {
		return err
	}
	before := w.written
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		if err := w.writeNext(ctx, sizes.Next()); err != nil {
			return err
		}
	}
	servant.Scenario(ctx).Logf(contract.LevelInformation, "%d frames written in %d seconds, and the closing one", w.written-before, seconds)
	return w.writeNext(ctx, largest+1)
}

// readSeededUntilRest reads until the writer's closing frame, which must not be
// the first.
func readSeededUntilRest(ctx context.Context, _ string, smallest, largest int, seed uint64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	sizes, err := sizesOf(seed, smallest, largest)
	if err != nil {
		return err
	}
	frames := 0
	for {
		sequence, size := r.last+1, sizes.Next()
		frame, err := r.take(ctx)
		if err != nil {
			return failed(fmt.Sprintf("read frame %d", sequence), err)
		}
		closing := frame.Size() == largest+1
		if closing {
			size = largest + 1
		}
		if err := judge(frame, sequence, size); err != nil {
			return err
		}
		if err := r.releaseUnchanged([]uint64{sequence}); err != nil {
			return err
		}
		if closing {
			break
		}
		frames++
	}
	if frames == 0 {
		return servant.Mismatch("frames before the closing one", "at least 1", 0)
	}
	servant.Scenario(ctx).Logf(contract.LevelInformation, "%d frames read, and the closing one", frames)
	return nil
}
