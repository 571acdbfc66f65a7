package ring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reader is the reading side of a buffer; it owns the buffer.
type Reader struct {
	name    string
	pid     uint64
	own     *creation
	lock    *lock
	seg     *segment
	semW    *semaphore
	semR    *semaphore
	timeout time.Duration
	closed  atomic.Bool

	// reading is held by the call that reads; before mu, when both.
	reading sync.Mutex
	spin    spinner
	// expected is the next sequence number, from the writer stream.
	expected uint64
	stream   uint64
	// pos and count are what read_pos and read_count must be, unless the
	// writer rewinds.
	pos, count uint64
	// tokens were taken and their frames not read yet.
	tokens uint64
	// joined: there has been a writer. departed: the writer of stream closed.
	joined, departed bool
	writer           *process
	// unmarked is how many wraps without a marker the writer may have counted.
	unmarked uint64
	// unclaimed: a writer may have died with space that no frame takes.
	unclaimed bool
	// suspected is since when the counters contradict a token.
	suspected time.Duration

	mu   sync.Mutex
	held ledger
	gone bool
}

func newReader(c *creation, l *lock, o options) *Reader {
	return &Reader{
		name: c.name, pid: uint64(unix.Getpid()), own: c, lock: l, seg: c.seg, semW: c.semW, semR: c.semR,
		timeout: o.timeout, spin: newSpinner(o.spin), expected: 1,
	}
}

// Name is the buffer's name.
func (r *Reader) Name() string { return r.name }

// Sizes are the sizes of the metadata and the payload block in bytes, rounded
// up.
func (r *Reader) Sizes() Sizes {
	return Sizes{Metadata: int(r.seg.metadata), Payload: int(r.seg.payload)}
}

func (r *Reader) fail(kind Kind) error { return &Error{Kind: kind, Name: r.name} }

// Metadata gives a copy of the metadata. It is nil, without an error, while
// none is written; written metadata of 0 bytes is not nil.
//
// Errors: [NoMetadataBlock], [Corrupt], [Closed].
func (r *Reader) Metadata() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return nil, r.fail(Closed)
	}
	m, o := r.seg.metadata, r.seg.o
	if m == 0 {
		return nil, r.fail(NoMetadataBlock)
	}
	written, err := r.seg.bounded(&o.metadataWritten, fieldMetadataWritten, m)
	if err != nil {
		return nil, err
	}
	free, err := r.seg.bounded(&o.metadataFree, fieldMetadataFree, m)
	if err != nil || written == 0 {
		return nil, err
	}
	// Peers store the written bytes first.
	for seen := now(); free != m-written; free = atomic.LoadUint64(&o.metadataFree) {
		if now()-seen > suspicion {
			return nil, corrupt(r.name, fieldMetadataFree, free, m-written)
		}
		time.Sleep(time.Millisecond)
	}
	block := r.seg.mem[oiebSize : oiebSize+m]
	n := binary.LittleEndian.Uint64(block)
	if n > m-metadataHeader {
		return nil, corrupt(r.name, fieldMetadataLength, n, m-metadataHeader)
	}
	if written != metadataHeader+n {
		return nil, corrupt(r.name, fieldMetadataWritten, written, metadataHeader+n)
	}
	return append(make([]byte, 0, n), block[metadataHeader:metadataHeader+n]...), nil
}

// Read gives the next frame, in place, waiting for it at most the read timeout
// ("Reading a frame"). The frame stays valid until it is released.
//
// Errors: [ReadTimeout]; [WriterDead] or [WriterGone] once every complete frame
// is read, until another writer connects; [SequenceGap]; [Corrupt]; [Closed];
// or one that wraps the context's.
func (r *Reader) Read(ctx context.Context) (*Frame, error) {
	return r.read(ctx, new(Frame))
}

// ReadInto is [Reader.Read] into a Frame of the caller's, which must not be
// held. It never allocates.
func (r *Reader) ReadInto(ctx context.Context, f *Frame) error {
	_, err := r.read(ctx, f)
	return err
}

// read gives f back, filled, so that Read is small enough to be inlined and its
// Frame can live on the caller's stack.
func (r *Reader) read(ctx context.Context, f *Frame) (*Frame, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if err := r.await(ctx, 1); err != nil {
		return nil, err
	}
	if _, err := r.takeFrames(unsafe.Slice(f, 1)); err != nil {
		return nil, err
	}
	return f, nil
}

// ReadBatch waits like [Reader.Read] for one frame, then reads as many as are
// there, at most len(frames). It returns how many it read; an error of a later
// frame is reported by the call that begins with it. Release the frames with
// [Reader.ReleaseBatch], or one by one.
func (r *Reader) ReadBatch(ctx context.Context, frames []Frame) (int, error) {
	if len(frames) == 0 {
		return 0, nil
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	if err := r.await(ctx, uint64(len(frames))); err != nil {
		return 0, err
	}
	return r.takeFrames(frames)
}

// takeFrames takes the next frames, as many as there are tokens for, and shows
// the writer the new position once.
func (r *Reader) takeFrames(frames []Frame) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, err := r.next()
	if err != nil {
		return 0, err
	}
	for n < len(frames) && r.tokens > 0 && (n == 0 || r.more(next)) {
		var at located
		if at, err = r.locate(next); err == nil {
			err = r.hold(&frames[n], at)
		}
		if err != nil {
			break
		}
		n++
		next = at.after(next, r.seg.payload)
	}
	if n == 0 {
		return 0, err
	}
	r.pos = next.pos
	// Plain stores: the writer acts on the free bytes alone, whose atomic
	// addition at release comes after these.
	r.seg.o.payloadReadPos = r.pos
	r.seg.o.payloadRead = r.count
	return n, nil
}

// hold takes the frame that was located. The caller holds mu.
func (r *Reader) hold(f *Frame, at located) error {
	if at.wasted > 0 {
		// The tail before the wrap is free now, unless earlier frames are held.
		r.held.add(at.wasted, true)
		if _, err := r.returnSpace(); err != nil {
			r.held.undo()
			return err
		}
	}
	f.reader, f.ticket, f.sequence = r, r.held.add(headerSize+at.size, false), at.sequence
	data := at.start + headerSize
	f.data = r.seg.ring[data : data+at.size : data+at.size]
	r.tokens--
	r.count += at.counts()
	if at.unmarked || data+at.size == r.seg.payload {
		r.unmarked++
	}
	r.expected = at.sequence + 1
	if at.sequence == 1 {
		r.stream, r.departed, r.unclaimed = atomic.LoadUint64(&r.seg.o.writerPID), false, true
	}
	return nil
}

// Close ends the reader and removes the buffer: a call that waits ends with
// [Closed], the writer learns of it at once (P7), the objects are unlinked.
// Held frames stay readable until they are released. A second Close does
// nothing.
func (r *Reader) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	lockRousing(&r.reading, r.semW)
	defer r.reading.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	r.writer.close()
	atomic.StoreUint64(&r.seg.o.readerPID, 0)
	r.semR.post(1)
	r.own.remove()
	r.lock.remove()
	if r.held.open == 0 {
		r.own.unmap()
	}
	return nil
}

// lockRousing takes mu from calls that are about to see that their side is
// closed, waking the one that sleeps on s.
func lockRousing(mu *sync.Mutex, s *semaphore) {
	for !mu.TryLock() {
		s.rouse()
		time.Sleep(100 * time.Microsecond)
	}
}

// cancelled gives the error of a call that is given up because ctx ended.
func cancelled(ctx context.Context, name, doing string) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("ring %q: %s: %w", name, doing, endOf(ctx))
}

// endOf says why ctx ended: its error, and the cause if there is another.
func endOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
