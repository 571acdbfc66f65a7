package ring

import "sync/atomic"

// A writer that is killed while it publishes leaves some of its stores undone
// ("Writing a frame"). It stores write_pos, then the free bytes, then
// written_count, then posts; a frame counts from written_count on. What comes
// before is undone: the next writer sets write_pos back, the reader, who alone
// knows what is held, returns the space. A frame without its token is read
// without one.

// resumeAttempts bounds how often a reader that reads meanwhile makes resume
// begin anew.
const resumeAttempts = 100

// resume puts write_pos back to the end of the frames that are counted, after a
// writer that died.
func (w *Writer) resume() {
	o := w.seg.o
	for range resumeAttempts {
		read, to := atomic.LoadUint64(&o.payloadRead), atomic.LoadUint64(&o.payloadWritePos)
		end, whole := w.seg.endOfCounted(atomic.LoadUint64(&o.payloadReadPos), to, atomic.LoadUint64(&o.payloadWritten)-read)
		if atomic.LoadUint64(&o.payloadRead) != read {
			continue
		}
		if whole && end%w.seg.payload != to%w.seg.payload {
			atomic.StoreUint64(&o.payloadWritePos, end)
		}
		return
	}
}

// endOfCounted walks over count frames and markers from pos on, but not past
// to, and gives where they end; whole is false if they do not end by then, or
// if something there does not look like a frame.
func (s *segment) endOfCounted(pos, to, count uint64) (end uint64, whole bool) {
	p := s.payload
	if pos > p || to > p || count > mostPending(p) {
		return 0, false
	}
	for count > 0 && pos%p != to%p {
		pos %= p
		if p-pos < headerSize {
			pos = 0
			continue
		}
		size, sequence := s.header(pos)
		switch {
		case size == 0 && sequence == 0 && pos > 0:
			pos = 0
		case size == 0 || size > p-headerSize-pos:
			return 0, false
		default:
			pos += headerSize + size
		}
		count--
	}
	return pos, count == 0
}

// mostPending is how far written_count can be ahead: each of the smallest
// frames can have a marker before it.
func mostPending(payload uint64) uint64 { return 2 * (payload / (headerSize + 1)) }

// whole says whether the next frame is there, whatever the tokens say.
func (r *Reader) whole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.next()
	if err != nil || c.pending == 0 {
		return false
	}
	at, err := r.locate(c)
	if err != nil {
		return false
	}
	free := atomic.LoadUint64(&r.seg.o.payloadFree)
	return free <= r.seg.payload-r.held.bytes-at.wasted-headerSize-at.size
}

// reclaim returns the space that a dead writer took for a frame it never
// counted. While a writer lives, it may be publishing, and shows it by a
// write_pos that is ahead, unless the frame takes the whole ring.
func (r *Reader) reclaim() {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.seg.o
	free, all := atomic.LoadUint64(&o.payloadFree), r.seg.payload-r.held.bytes
	if r.pending() != 0 || atomic.LoadUint64(&o.payloadWritePos) != atomic.LoadUint64(&o.payloadReadPos) || free > all {
		return
	}
	if free == all {
		r.unclaimed = false
		return
	}
	// A writer that connects after the look at the free bytes changes them
	// before it counts, and the swap fails.
	claimable := free > 0 || r.writerState() != nil
	if claimable && r.pending() == 0 && atomic.CompareAndSwapUint64(&o.payloadFree, free, all) {
		r.unclaimed = false
		r.semR.nudge()
	}
}

// more says whether another frame follows those of a batch, which are held, so
// that write_pos has not passed them.
func (r *Reader) more(c cursor) bool {
	if c.pending == 0 || r.unmarked == 0 {
		return c.pending > 0
	}
	p := r.seg.payload
	return c.pos%p != atomic.LoadUint64(&r.seg.o.payloadWritePos)%p
}

// recount believes written_count once the ring is empty. Peers count a wrap
// without a marker, and a reader cannot see whether they did.
func (r *Reader) recount() {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.seg.o
	written := atomic.LoadUint64(&o.payloadWritten)
	if r.bytesPending() || atomic.LoadUint64(&o.payloadFree) != r.seg.payload-r.held.bytes {
		return
	}
	if ahead := written - r.count; ahead <= r.unmarked {
		r.count, r.unmarked = written, 0
		atomic.StoreUint64(&o.payloadRead, written)
	}
}
