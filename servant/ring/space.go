package ring

import (
	"context"
	"sync/atomic"
)

// space waits until there is a place for a frame of size bytes.
func (w *Writer) space(ctx context.Context, size uint64) (placement, error) {
	p, ok, err := w.fit(size)
	if ok || err != nil {
		return p, err
	}
	start := now()
	ready := func() bool {
		p, ok, err = w.fit(size)
		return ok || err != nil || w.closed.Load() || atomic.LoadUint64(&w.seg.o.readerPID) == 0
	}
	if w.timeout > 0 && w.spin.until(start, ready) && (ok || err != nil) {
		w.spin.woke()
		return p, err
	}
	// Tokens of earlier releases would wake us in vain; what they announced is
	// looked at again below, after the drain (P6).
	w.semR.drain()
	w.semR.enter()
	defer w.semR.leave()
	for {
		if w.closed.Load() {
			return placement{}, w.fail(Closed)
		}
		if p, ok, err = w.fit(size); ok || err != nil {
			w.spin.slept(start)
			return p, err
		}
		if err := cancelled(ctx, w.name, "write"); err != nil {
			return placement{}, err
		}
		if err := w.readerState(true); err != nil {
			return placement{}, err
		}
		left := w.timeout - (now() - start)
		if left <= 0 {
			return placement{}, &Error{Kind: BufferFull, Name: w.name, Timeout: w.timeout}
		}
		w.semR.sleep(min(left, slice))
		w.semR.drain()
	}
}

// fit finds a place for a frame of size bytes in the ring as it is now.
func (w *Writer) fit(size uint64) (placement, bool, error) {
	o, payload := w.seg.o, w.seg.payload
	pos, err := w.seg.bounded(&o.payloadWritePos, fieldWritePos, payload)
	if err != nil {
		return placement{}, false, err
	}
	free, err := w.seg.bounded(&o.payloadFree, fieldPayloadFree, payload)
	if err != nil {
		return placement{}, false, err
	}
	// The first frame of a writer stays where the reader expects it, which is
	// how a reader tells a new stream from a damaged one.
	eager := payload > rewindAbove && w.next > 1
	p, ok := plan(payload, pos, free, size, eager)
	return p, ok, nil
}

// placement is where a frame will be.
type placement struct {
	start, size uint64
	// from is the write position before. The wasted bytes from there to the
	// end are skipped, and marked.
	from, wasted uint64
	// free is the free space before.
	free uint64
	// rewind: both positions go to 0 first.
	rewind bool
}

// plan places a frame of size bytes, at most payload-16, in a ring whose write
// position is pos and that has free bytes of free space; ok is false while
// there is no place. An eager plan rewinds an empty ring without need.
func plan(payload, pos, free, size uint64, eager bool) (p placement, ok bool) {
	t, tail := headerSize+size, payload-pos
	p = placement{start: pos, size: size, from: pos, free: free}
	empty := free == payload
	switch {
	case tail == 0:
		p.start = 0
	case tail < headerSize:
		// No marker fits here (P2).
		p.rewind = true
	case tail < t, pos != 0 && tail > t && tail < t+headerSize:
		p.start, p.wasted = 0, tail
		p.rewind = tail+t > payload
	case pos != 0 && empty && eager:
		p.rewind = true
	}
	if p.rewind {
		p.start, p.wasted = 0, 0
		return p, empty
	}
	return p, free >= p.wasted+t
}

// batch is what was written and is not published.
type batch struct {
	frames, counts, bytes uint64
	// pos and free are the write position and the free space afterwards.
	pos, free uint64
	rewind    bool
}

// stage writes the frame's header, and the marker before it if it wraps. Its
// data is there already. The reader sees none of it before publish.
func (w *Writer) stage(b *batch, p placement) {
	t := headerSize + p.size
	if p.wasted > 0 {
		w.seg.setHeader(p.from, 0, 0)
		b.counts++
	}
	w.seg.setHeader(p.start, p.size, w.next+b.frames)
	b.frames++
	b.counts++
	b.bytes += p.wasted + t
	b.pos, b.free = p.start+t, p.free-p.wasted-t
	b.rewind = b.rewind || p.rewind
}

// publish makes the batch visible. The counter grows last, so that a reader
// never sees a frame whose space counts as free, and write_pos moves first, so
// that space which is taken without a frame shows (repair.go).
func (w *Writer) publish(b *batch) error {
	o := w.seg.o
	if err := w.readerState(false); err != nil {
		return err
	}
	if n := atomic.LoadUint64(&o.payloadWritten); n != w.count {
		return corrupt(w.name, fieldWrittenCount, n, w.count)
	}
	if v := w.semW.value(); v > semMax-b.frames {
		return corrupt(w.name, fieldSemW, v, semMax-b.frames)
	}
	if b.rewind {
		atomic.StoreUint64(&o.payloadReadPos, 0)
	}
	atomic.StoreUint64(&o.payloadWritePos, b.pos)
	atomic.AddUint64(&o.payloadFree, -b.bytes)
	w.count += b.counts
	w.next += b.frames
	atomic.StoreUint64(&o.payloadWritten, w.count)
	w.semW.post(b.frames)
	return nil
}
