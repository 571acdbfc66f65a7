package ring

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

var errSlotOpen = fmt.Errorf("an acquired slot is neither committed nor abandoned: %w", unix.EBUSY)

// Slot is space in the ring for one frame, to be filled in place. The zero Slot
// holds nothing.
type Slot struct {
	writer *Writer
	serial uint64
	at     placement
	data   []byte
}

// Acquire gives space for a frame of size bytes, waiting like [Writer.Write].
// Nothing is visible to the reader, and no sequence number is taken, before
// [Slot.Commit] (P3). A writer has one slot at a time; until it is committed or
// abandoned, writing gives [System] with EBUSY.
//
// Errors: as [Writer.Write].
func (w *Writer) Acquire(ctx context.Context, size int) (*Slot, error) {
	return w.acquire(ctx, size, new(Slot))
}

// AcquireInto is [Writer.Acquire] into a Slot of the caller's. It never
// allocates.
func (w *Writer) AcquireInto(ctx context.Context, size int, s *Slot) error {
	_, err := w.acquire(ctx, size, s)
	return err
}

// acquire gives s back, filled, so that Acquire is small enough to be inlined
// and its Slot can live on the caller's stack.
func (w *Writer) acquire(ctx context.Context, size int, s *Slot) (*Slot, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, err := w.place(ctx, size)
	if err != nil {
		return nil, err
	}
	w.slots++
	w.slot = w.slots
	data := p.start + headerSize
	*s = Slot{writer: w, serial: w.slot, at: p, data: w.seg.ring[data : data+p.size : data+p.size]}
	return s, nil
}

// Data is the frame's content in shared memory, to be filled; nil once the slot
// is committed or abandoned. Its bytes are undefined at first.
func (s *Slot) Data() []byte { return s.data }

// Commit makes the frame visible. After a failure, and after Abandon, the slot
// is gone and the ring as it was before Acquire.
//
// Errors: [ReaderDead], [NoReader], [Corrupt], [Closed]; [System] with EINVAL
// for a slot that was committed or abandoned.
func (s *Slot) Commit() error {
	w := s.writer
	if w == nil {
		return &Error{Kind: System, Call: "commit", Err: fmt.Errorf("the slot was committed or abandoned: %w", unix.EINVAL)}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !s.give() {
		return w.fail(Closed)
	}
	if err := w.readerState(true); err != nil {
		return err
	}
	var b batch
	w.stage(&b, s.at)
	return w.publish(&b)
}

// Abandon gives the space up. A second Abandon, or one after Commit, does
// nothing.
func (s *Slot) Abandon() {
	if s.writer == nil {
		return
	}
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	s.give()
}

// give takes the slot from the writer and reports whether the writer can go on.
// The caller holds the writer's mu.
func (s *Slot) give() bool {
	w := s.writer
	s.writer, s.data = nil, nil
	if w.slot != s.serial {
		return false
	}
	w.slot = 0
	if w.gone {
		w.unmap()
	}
	return !w.closed.Load()
}
