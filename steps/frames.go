package steps

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

// write writes the next frame of size bytes.
func (w *writer) write(ctx context.Context, size int) error {
	if cap(w.scratch) < size {
		w.scratch = make([]byte, size)
	}
	data := w.scratch[:size]
	pattern.Frame(data, w.written+1)
	if err := w.Write(ctx, data); err != nil {
		return err
	}
	w.written++
	return nil
}

// commit makes the acquired frame visible; it is acquired no more, also when that
// fails.
func (w *writer) commit() error {
	slot := w.slot
	w.slot = nil
	if err := slot.Commit(); err != nil {
		return err
	}
	w.written++
	return nil
}

// writeNext is write with the frame in its error.
func (w *writer) writeNext(ctx context.Context, size int) error {
	doing := w.next(size)
	if err := w.write(ctx, size); err != nil {
		return failed(doing, err)
	}
	return nil
}

// next describes the frame that write would write.
func (w *writer) next(size int) string {
	return fmt.Sprintf("write frame %d of %d bytes", w.written+1, size)
}

// take reads the next frame, whatever it is, and holds it.
func (r *reader) take(ctx context.Context) (*ring.Frame, error) {
	frame, err := r.Read(ctx)
	if err != nil {
		return nil, err
	}
	r.held[frame.Sequence()] = frame
	r.last = frame.Sequence()
	return frame, nil
}

// read reads the next frame and checks it, every byte. The frame is held, also
// when a check has failed.
func (r *reader) read(ctx context.Context, sequence uint64, size int) (*ring.Frame, error) {
	frame, err := r.expectFrame(ctx, sequence, size)
	if err != nil {
		return nil, err
	}
	return frame, checkFrame(frame)
}

// expectFrame reads the next frame and checks its number and size. The frame is
// held, also when a check has failed.
func (r *reader) expectFrame(ctx context.Context, sequence uint64, size int) (*ring.Frame, error) {
	frame, err := r.take(ctx)
	if err != nil {
		return nil, failed(fmt.Sprintf("read frame %d of %d bytes", sequence, size), err)
	}
	return frame, judge(frame, sequence, size)
}

// judge checks number and size of a frame.
func judge(frame *ring.Frame, sequence uint64, size int) error {
	if frame.Sequence() != sequence {
		return servant.Mismatch("sequence number of the frame", sequence, frame.Sequence())
	}
	if frame.Size() != size {
		return servant.Mismatch(fmt.Sprintf("bytes of frame %d", sequence), size, frame.Size())
	}
	return nil
}

// readAndRelease reads, checks and releases a frame; it keeps the frame for
// delay before it releases it.
func (r *reader) readAndRelease(ctx context.Context, sequence uint64, size int, delay time.Duration) error {
	if _, err := r.read(ctx, sequence, size); err != nil {
		return err
	}
	if delay > 0 {
		if err := pause(ctx, delay); err != nil {
			return err
		}
	}
	return r.release(sequence)
}

func (r *reader) release(sequence uint64) error {
	frame, err := r.holding(sequence)
	if err != nil {
		return err
	}
	delete(r.held, sequence)
	if err := frame.Release(); err != nil {
		return failed(fmt.Sprintf("release frame %d", sequence), err)
	}
	return nil
}

func (r *reader) holding(sequence uint64) (*ring.Frame, error) {
	frame, ok := r.held[sequence]
	if !ok {
		return nil, servant.Failf("this process does not hold frame %d; a step that reads it must come first", sequence)
	}
	return frame, nil
}

func checkFrame(frame *ring.Frame) error {
	return checkPattern("frame", frame.Data(), frame.Sequence())
}

// checkPattern checks content that is the test pattern of the frame with that
// sequence number; what names it in errors.
func checkPattern(what string, data []byte, sequence uint64) error {
	if pattern.CheckFrame(data, sequence) == nil {
		return nil
	}
	want := make([]byte, len(data))
	pattern.Frame(want, sequence)
	return compare(fmt.Sprintf("%s %d", what, sequence), want, data)
}

// compare checks content byte by byte; both have the same length.
func compare(what string, want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	for i := range want {
		if want[i] != got[i] {
			return servant.Mismatch(fmt.Sprintf("byte %d of %s", i, what),
				fmt.Sprintf("0x%02x", want[i]), fmt.Sprintf("0x%02x", got[i]))
		}
	}
	return nil
}
