package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

func (c *command) write(ctx context.Context) (any, error) {
	wait, cancel := context.WithTimeout(ctx, c.connect)
	defer cancel()
	w, err := ring.ConnectWait(wait, c.name, ring.WithTimeout(c.timeout))
	if err != nil {
		return nil, &setupError{err}
	}
	defer func() { _ = w.Close() }()
	var result transfer
	if c.checkMetadata {
		m := make([]byte, c.metadataLength)
		pattern.Metadata(m)
		if err := w.WriteMetadata(m); err != nil {
			return nil, err
		}
		result.MetadataLength = len(m)
	}
	start := time.Now()
	if err := c.writeFrames(ctx, w, &result); err != nil {
		return nil, fmt.Errorf("after %d frames: %w", result.Frames, err)
	}
	return result.finish(time.Since(start)), nil
}

func (c *command) writeFrames(ctx context.Context, w *ring.Writer, result *transfer) error {
	sizes := pattern.NewSizes(c.seed, c.min, c.max)
	batch := make([][]byte, max(c.batch, 1))
	for result.Frames < c.frames {
		n := min(len(batch), c.frames-result.Frames)
		if c.dieAfter > result.Frames {
			n = min(n, c.dieAfter-result.Frames)
		}
		for i := range batch[:n] {
			size := sizes.Next()
			if c.zeroCopy {
				if err := writeInPlace(ctx, w, size, uint64(result.Frames+1)); err != nil {
					return err
				}
			} else {
				batch[i] = resize(batch[i], size)
				pattern.Frame(batch[i], uint64(result.Frames+i+1))
			}
			result.Bytes += size
		}
		if !c.zeroCopy {
			if _, err := w.WriteBatch(ctx, batch[:n]); err != nil {
				return err
			}
		}
		result.Frames += n
		if result.Frames == c.dieAfter {
			die()
		}
	}
	return nil
}

func writeInPlace(ctx context.Context, w *ring.Writer, size int, sequence uint64) error {
	s, err := w.Acquire(ctx, size)
	if err != nil {
		return err
	}
	pattern.Frame(s.Data(), sequence)
	return s.Commit()
}

// resize gives b, or a larger one in its place, with a length of size.
func resize(b []byte, size int) []byte {
	if cap(b) < size {
		b = make([]byte, size)
	}
	return b[:size]
}

// die ends this process as a crash would, without any clean-up.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
