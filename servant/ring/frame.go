package ring

import "sync/atomic"

// Frame is a frame that was read, in place. The zero Frame holds nothing.
type Frame struct {
	reader   *Reader
	ticket   uint64
	sequence uint64
	data     []byte
}

// Data is the frame's content in shared memory, nil once it is released. The
// slice, and copies of it, must not be used after Release.
func (f *Frame) Data() []byte { return f.data }

// Sequence is the frame's number, from 1 on for each writer.
func (f *Frame) Sequence() uint64 { return f.sequence }

// Size is the number of bytes of the content.
func (f *Frame) Size() int { return len(f.data) }

// Release gives the frame's space back. Frames may be released in any order;
// space returns to the writer once every earlier frame is released too (P4). A
// second Release does nothing.
//
// Errors: [Corrupt] if more space would be free than there is; the next release
// tries again.
func (f *Frame) Release() error {
	r := f.reader
	if r == nil {
		return nil
	}
	f.reader, f.data = nil, nil
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.settle(r.held.release(f.ticket))
}

// ReleaseBatch releases all frames and returns their space at once.
//
// Errors: as [Frame.Release].
func (r *Reader) ReleaseBatch(frames []Frame) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	released := false
	for i := range frames {
		f := &frames[i]
		if f.reader == r {
			released = r.held.release(f.ticket) || released
			f.reader, f.data = nil, nil
		}
	}
	return r.settle(released)
}

// settle returns the space that releases made free, and tells the writer; after
// Close it unmaps with the last frame. The caller holds mu.
func (r *Reader) settle(released bool) error {
	if !released {
		return nil
	}
	if r.gone {
		if r.held.open == 0 {
			r.own.unmap()
		}
		return nil
	}
	n, err := r.returnSpace()
	if n > 0 {
		r.semR.nudge()
	}
	return err
}

// returnSpace adds what releases made free to the free bytes and gives how much
// that was. What damage keeps it from adding stays in the ledger for the next
// call.
func (r *Reader) returnSpace() (uint64, error) {
	n, end := r.held.settled()
	if n == 0 {
		return 0, nil
	}
	at := &r.seg.o.payloadFree
	if free := atomic.LoadUint64(at); free > r.seg.payload-n {
		return 0, corrupt(r.name, fieldPayloadFree, free, r.seg.payload-n)
	}
	r.held.drop(n, end)
	atomic.AddUint64(at, n)
	return n, nil
}

// ledger keeps the frames that were read, in order, until their space is
// returned.
type ledger struct {
	// entries is a queue of head…tail, a power of two long; an entry is
	// size<<1, plus 1 once released.
	entries    []uint64
	head, tail uint64
	// open is how many frames are held.
	open int
	// bytes is the space that is not returned.
	bytes uint64
}

func (l *ledger) at(ticket uint64) *uint64 { return &l.entries[ticket&uint64(len(l.entries)-1)] }

// add appends an entry and gives its ticket.
func (l *ledger) add(size uint64, released bool) uint64 {
	if l.tail-l.head == uint64(len(l.entries)) {
		l.grow()
	}
	ticket := l.tail
	l.tail++
	*l.at(ticket) = size << 1
	l.bytes += size
	if released {
		*l.at(ticket) |= 1
	} else {
		l.open++
	}
	return ticket
}

func (l *ledger) grow() {
	old := *l
	l.entries = make([]uint64, max(16, 2*len(old.entries)))
	for t := old.head; t != old.tail; t++ {
		*l.at(t) = *old.at(t)
	}
}

// release marks an entry and reports whether it was held until now.
func (l *ledger) release(ticket uint64) bool {
	if ticket-l.head >= l.tail-l.head || *l.at(ticket)&1 != 0 {
		return false
	}
	*l.at(ticket) |= 1
	l.open--
	return true
}

// undo removes the entry that was added last, a released one.
func (l *ledger) undo() {
	l.tail--
	l.bytes -= *l.at(l.tail) >> 1
}

// settled gives the bytes of the released entries before the first held one,
// and the ticket of that.
func (l *ledger) settled() (bytes, end uint64) {
	for end = l.head; end != l.tail && *l.at(end)&1 != 0; end++ {
		bytes += *l.at(end) >> 1
	}
	return bytes, end
}

// drop removes the entries before end, which have so many bytes.
func (l *ledger) drop(bytes, end uint64) {
	l.head = end
	l.bytes -= bytes
}
