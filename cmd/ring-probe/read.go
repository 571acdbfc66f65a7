package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

// reading is a read in progress.
type reading struct {
	*command
	ring    *ring.Reader
	sizes   *pattern.Sizes
	result  transfer
	scratch []byte
	held    []ring.Frame
}

func (c *command) read(ctx context.Context, stdout io.Writer) (any, error) {
	r, err := ring.Create(c.name, ring.Sizes{Metadata: c.metadata, Payload: c.payload}, ring.WithTimeout(c.timeout))
	if err != nil {
		return nil, &setupError{err}
	}
	defer func() { _ = r.Close() }()
	fmt.Fprintln(stdout, "ready")
	rd := &reading{command: c, ring: r}
	if c.seeded {
		rd.sizes = pattern.NewSizes(c.seed, c.min, c.max)
	}
	took, err := rd.frames(ctx)
	if err != nil {
		return nil, err
	}
	if err := rd.metadata(); err != nil {
		return nil, err
	}
	return rd.result.finish(took), nil
}

// frames reads and checks all frames and gives the time from the first to the
// last.
func (rd *reading) frames(ctx context.Context) (time.Duration, error) {
	batch := make([]ring.Frame, max(rd.batch, 1))
	var start time.Time
	for rd.result.Frames < rd.command.frames {
		n, err := rd.ring.ReadBatch(ctx, batch[:min(len(batch), rd.command.frames-rd.result.Frames)])
		if err != nil {
			return 0, fmt.Errorf("after %d frames: %w", rd.result.Frames, err)
		}
		if start.IsZero() {
			start = time.Now()
		}
		for i := range batch[:n] {
			if err := rd.check(&batch[i]); err != nil {
				return 0, fmt.Errorf("after %d frames: %w", rd.result.Frames, err)
			}
		}
		if err := rd.release(batch[:n]); err != nil {
			return 0, err
		}
	}
	if err := rd.releaseHeld(); err != nil {
		return 0, err
	}
	if start.IsZero() {
		return 0, nil
	}
	return time.Since(start), nil
}

func (rd *reading) check(f *ring.Frame) error {
	i, data := uint64(rd.result.Frames)+1, f.Data()
	if f.Sequence() != i {
		return mismatchf("SequenceGap", "frame %d has sequence %d", i, f.Sequence())
	}
	if rd.sizes != nil {
		if want := rd.sizes.Next(); f.Size() != want {
			return mismatchf("SizeMismatch", "frame %d has %d bytes, expected %d", i, f.Size(), want)
		}
	}
	if rd.copy {
		rd.scratch = append(rd.scratch[:0], data...)
		data = rd.scratch
	}
	if err := pattern.CheckFrame(data, i); err != nil {
		return &mismatch{name: "DataMismatch", err: err}
	}
	rd.result.Frames++
	rd.result.Bytes += f.Size()
	if rd.delay > 0 {
		time.Sleep(rd.delay)
	}
	return nil
}

// release releases what was read, or keeps it until there is enough to be
// released in reverse order.
func (rd *reading) release(frames []ring.Frame) error {
	if rd.hold == 0 {
		return rd.ring.ReleaseBatch(frames)
	}
	rd.held = append(rd.held, frames...)
	if len(rd.held) < rd.hold {
		return nil
	}
	return rd.releaseHeld()
}

func (rd *reading) releaseHeld() error {
	for i := len(rd.held) - 1; i >= 0; i-- {
		if err := rd.held[i].Release(); err != nil {
			return err
		}
	}
	rd.held = rd.held[:0]
	return nil
}

// metadata reports the metadata's length and checks it, if it is to be checked.
func (rd *reading) metadata() error {
	if rd.command.metadata == 0 && !rd.checkMetadata {
		return nil
	}
	m, err := rd.ring.Metadata()
	// Without a frame to wait for, the metadata may still be on its way.
	for start := time.Now(); err == nil && m == nil && rd.metadataLength > 0 && rd.result.Frames == 0 && time.Since(start) < rd.timeout; {
		time.Sleep(time.Millisecond)
		m, err = rd.ring.Metadata()
	}
	if err != nil {
		return err
	}
	rd.result.MetadataLength = len(m)
	if !rd.checkMetadata {
		return nil
	}
	if len(m) != rd.metadataLength {
		return mismatchf("MetadataMismatch", "metadata has %d bytes, expected %d", len(m), rd.metadataLength)
	}
	if err := pattern.CheckMetadata(m); err != nil {
		return &mismatch{name: "MetadataMismatch", err: err}
	}
	return nil
}
