package ring

import "sync/atomic"

// pending is how many counts the writer is ahead: frames and wrap markers.
func (r *Reader) pending() uint64 {
	return atomic.LoadUint64(&r.seg.o.payloadWritten) - r.count
}

// located is the frame that comes next, checked, before it is taken.
type located struct {
	start, size, sequence uint64
	// wasted is the tail before a wrap, marked if a marker says so.
	wasted uint64
	marked bool
	moved  bool
}

// locate finds and checks the next frame and changes nothing.
func (r *Reader) locate() (located, error) {
	o, p := r.seg.o, r.seg.payload
	if me := atomic.LoadUint64(&o.readerPID); me != r.pid {
		return located{}, corrupt(r.name, fieldReaderPID, me, r.pid)
	}
	if n := atomic.LoadUint64(&o.payloadRead); n != r.count {
		return located{}, corrupt(r.name, fieldReadCount, n, r.count)
	}
	pending := r.pending()
	if most := 2 * p / (headerSize + 1); pending > most {
		return located{}, corrupt(r.name, fieldWrittenCount, r.count+pending, r.count+most)
	}
	pos, err := r.seg.bounded(&o.payloadReadPos, fieldReadPos, p)
	if err != nil {
		return located{}, err
	}
	at := located{start: pos, moved: pos != r.pos}
	if tail := p - pos; tail < headerSize {
		at.start, at.wasted = 0, tail
	}
	at.size, at.sequence = r.seg.header(at.start)
	if at.size == 0 && at.sequence == 0 && at.start > 0 && pending >= 2 {
		at.start, at.wasted, at.marked = 0, p-pos, true
		at.size, at.sequence = r.seg.header(0)
	}
	return at, r.check(at, pos)
}

// check says whether what was located can be the next frame.
func (r *Reader) check(at located, pos uint64) error {
	limit := r.seg.payload - headerSize - at.start
	badSize := at.size == 0 || at.size > limit
	if !badSize && (at.sequence == r.next || r.restarted(at)) {
		return nil
	}
	switch {
	case at.moved && pos != 0:
		// Only a rewind to 0 moves it; so the position is the culprit.
		return corrupt(r.name, fieldReadPos, pos, r.pos)
	case badSize:
		return corrupt(r.name, fieldFrameSize, at.size, limit)
	case at.moved:
		return corrupt(r.name, fieldReadPos, pos, r.pos)
	}
	return &Error{Kind: SequenceGap, Name: r.name, Expected: r.next, Actual: at.sequence}
}

// restarted says whether the frame is the first of another writer (P5). A
// writer that reconnects under the same pid shows in nothing but its sequence
// numbers, which are believed where the next frame was expected.
func (r *Reader) restarted(at located) bool {
	if at.sequence != 1 {
		return false
	}
	return !at.moved || r.departed || atomic.LoadUint64(&r.seg.o.writerPID) != r.stream
}
