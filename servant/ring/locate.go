package ring

import (
	"sync/atomic"
	"time"
)

// pending is how many counts the writer is ahead: frames and wrap markers.
func (r *Reader) pending() uint64 {
	return atomic.LoadUint64(&r.seg.o.payloadWritten) - r.count
}

// cursor is where the next frame is sought.
type cursor struct {
	pos, pending uint64
	// moved: the position is 0, which is not where the frame before ended.
	moved bool
}

// next loads the cursor and checks what only the reader writes. A position that
// moved to 0 is the writer's rewind, or damage.
func (r *Reader) next() (cursor, error) {
	o, p := r.seg.o, r.seg.payload
	if me := atomic.LoadUint64(&o.readerPID); me != r.pid {
		return cursor{}, corrupt(r.name, fieldReaderPID, me, r.pid)
	}
	if n := atomic.LoadUint64(&o.payloadRead); n != r.count {
		return cursor{}, corrupt(r.name, fieldReadCount, n, r.count)
	}
	pending := r.pending()
	if most := mostPending(p) + r.unmarked; pending > most {
		return cursor{}, corrupt(r.name, fieldWrittenCount, r.count+pending, r.count+most)
	}
	pos, err := r.seg.bounded(&o.payloadReadPos, fieldReadPos, p)
	if err == nil && pos != r.pos && pos != 0 {
		err = corrupt(r.name, fieldReadPos, pos, r.pos)
	}
	return cursor{pos: pos, pending: pending, moved: pos != r.pos}, err
}

// located is the next frame, checked.
type located struct {
	start, size, sequence uint64
	// wasted is the tail before a wrap, marked if a marker says so.
	wasted uint64
	marked bool
	// unmarked: the frame follows a wrap without a marker.
	unmarked bool
}

func (l located) counts() uint64 {
	if l.marked {
		return 2
	}
	return 1
}

// after is the cursor behind the frame; the end of the ring is its beginning.
func (l located) after(c cursor, payload uint64) cursor {
	end := l.start + headerSize + l.size
	if end == payload {
		end = 0
	}
	return cursor{pos: end, pending: c.pending - l.counts()}
}

// locate finds and checks the frame at the cursor and changes nothing.
func (r *Reader) locate(c cursor) (located, error) {
	p := r.seg.payload
	at := located{start: c.pos}
	if tail := p - c.pos; tail < headerSize {
		at.start, at.wasted, at.unmarked = 0, tail, true
	}
	at.size, at.sequence = r.seg.header(at.start)
	if at.size == 0 && at.sequence == 0 && at.start > 0 && c.pending >= 2 {
		at.start, at.wasted, at.marked = 0, p-c.pos, true
		at.size, at.sequence = r.seg.header(0)
	}
	if at.size-1 < r.largest(at) && (at.sequence == r.expected || r.restarted(at, c)) {
		return at, nil
	}
	return located{}, r.explain(at, c)
}

// largest is how many bytes the frame may have: it ends with the ring, and was
// not written over frames that are held. The caller holds mu.
func (r *Reader) largest(at located) uint64 {
	p := r.seg.payload
	before := r.held.bytes + at.wasted + headerSize
	return min(p-headerSize-at.start, p-min(before, p))
}

// restarted says whether the frame is the first of another writer (P5). A
// writer that reconnects under the same pid shows in nothing but its sequence
// numbers, which are believed where the next frame was expected, and at 0 where
// the writer rewound to.
func (r *Reader) restarted(at located, c cursor) bool {
	if at.sequence != 1 || !c.moved {
		return at.sequence == 1
	}
	return r.departed || atomic.LoadUint64(&r.seg.o.writerPID) != r.stream || r.rewound(at)
}

// rewound says whether nothing was unread when the position went back to the
// frame at 0: all that is counted then lies between 0 and write_pos. A writer
// that publishes meanwhile updates the two one after the other.
func (r *Reader) rewound(at located) bool {
	for start := now(); ; time.Sleep(time.Millisecond) {
		to := atomic.LoadUint64(&r.seg.o.payloadWritePos)
		end, whole := r.seg.endOfCounted(headerSize+at.size, to, r.pending()-1)
		if whole && end%r.seg.payload == to%r.seg.payload {
			return true
		}
		if now()-start > suspicion {
			return false
		}
	}
}

// explain says why what was located cannot be the next frame.
func (r *Reader) explain(at located, c cursor) error {
	limit := r.largest(at)
	badSize := at.size == 0 || at.size > limit
	if c.moved && !badSize {
		// The header is as good as any where no frame begins.
		return corrupt(r.name, fieldReadPos, c.pos, r.pos)
	}
	if badSize {
		return corrupt(r.name, fieldFrameSize, at.size, limit)
	}
	return &Error{Kind: SequenceGap, Name: r.name, Expected: r.expected, Actual: at.sequence}
}
