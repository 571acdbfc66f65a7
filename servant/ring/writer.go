package ring

import (
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// probing is how often a writer that does not wait asks whether the reader's
// process lives: less than it takes a process to die, and seldom enough to cost
// nothing.
const probing = 20 * time.Microsecond

// rewindAbove is the payload size in bytes above which an empty ring is always
// begun anew, to stay in the cache (P1).
const rewindAbove = 1 << 20

// Writer is the writing side of a buffer.
type Writer struct {
	name    string
	pid     uint64
	seg     *segment
	semW    *semaphore
	semR    *semaphore
	timeout time.Duration
	closed  atomic.Bool

	// mu is held by the call that writes.
	mu      sync.Mutex
	spin    spinner
	next    uint64
	count   uint64
	reader  *process
	checked time.Duration
	// slot is the serial number of the acquired slot, 0 if there is none.
	slot, slots uint64
	gone        bool
}

// Name is the buffer's name.
func (w *Writer) Name() string { return w.name }

// Sizes are the sizes of the metadata and the payload block in bytes.
func (w *Writer) Sizes() Sizes {
	return Sizes{Metadata: int(w.seg.metadata), Payload: int(w.seg.payload)}
}

func (w *Writer) fail(kind Kind) error { return &Error{Kind: kind, Name: w.name} }

// usable says whether the writer may go on.
func (w *Writer) usable() error {
	if w.closed.Load() || w.gone {
		return w.fail(Closed)
	}
	if w.slot != 0 {
		return &Error{Kind: System, Name: w.name, Call: "write", Err: errSlotOpen}
	}
	return nil
}

// WriteMetadata writes the metadata block, once per buffer; data may be empty.
//
// Errors: [NoMetadataBlock], [MetadataTooLarge], [MetadataAlreadyWritten],
// [NoReader], [ReaderDead], [Corrupt], [Closed].
func (w *Writer) WriteMetadata(data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed.Load() || w.gone {
		return w.fail(Closed)
	}
	m, o := w.seg.metadata, w.seg.o
	if m == 0 {
		return w.fail(NoMetadataBlock)
	}
	written, err := w.seg.bounded(&o.metadataWritten, fieldMetadataWritten, m)
	if err != nil {
		return err
	}
	n := metadataHeader + uint64(len(data))
	switch free := atomic.LoadUint64(&o.metadataFree); {
	case written != 0:
		return w.fail(MetadataAlreadyWritten)
	case n > m:
		return &Error{Kind: MetadataTooLarge, Name: w.name, Value: uint64(len(data)), Limit: m - metadataHeader}
	case free != m:
		return corrupt(w.name, fieldMetadataFree, free, m)
	}
	if err := w.readerState(true); err != nil {
		return err
	}
	block := w.seg.mem[oiebSize : oiebSize+m]
	binary.LittleEndian.PutUint64(block, uint64(len(data)))
	copy(block[metadataHeader:], data)
	atomic.StoreUint64(&o.metadataFree, m-n)
	atomic.StoreUint64(&o.metadataWritten, n)
	return nil
}

// Write writes data as one frame, waiting for space at most the write timeout
// ("Writing a frame").
//
// Errors: [EmptyFrame]; [FrameTooLarge]; [BufferFull]; [ReaderDead] if the
// reader's process ended; [NoReader] if it closed; [Corrupt]; [Closed]; or one
// that wraps the context's. A failed Write leaves the ring as it was.
func (w *Writer) Write(ctx context.Context, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, err := w.place(ctx, len(data))
	if err != nil {
		return err
	}
	copy(w.seg.ring[p.start+headerSize:], data)
	var b batch
	w.stage(&b, p)
	return w.publish(&b)
}

// WriteBatch writes each element of frames as one frame and publishes as many
// at once as there is space for. It returns how many were published; an error
// concerns the next one.
//
// Errors: as [Writer.Write].
func (w *Writer) WriteBatch(ctx context.Context, frames [][]byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	done := 0
	for done < len(frames) {
		p, err := w.place(ctx, len(frames[done]))
		if err != nil {
			return done, err
		}
		var b batch
		next := done
		for ok := true; ok; {
			copy(w.seg.ring[p.start+headerSize:], frames[next])
			w.stage(&b, p)
			next++
			if next == len(frames) || !w.fits(len(frames[next])) {
				break
			}
			p, ok = plan(w.seg.payload, b.pos, b.free, uint64(len(frames[next])), false)
		}
		if err := w.publish(&b); err != nil {
			return done, err
		}
		done = next
	}
	return done, nil
}

func (w *Writer) fits(size int) bool {
	return size > 0 && uint64(size) <= w.seg.payload-headerSize
}

// place checks everything and waits until there is space for a frame of size
// bytes. It changes nothing but sem-r.
func (w *Writer) place(ctx context.Context, size int) (placement, error) {
	if err := w.usable(); err != nil {
		return placement{}, err
	}
	if size == 0 {
		return placement{}, w.fail(EmptyFrame)
	}
	if !w.fits(size) {
		return placement{}, &Error{Kind: FrameTooLarge, Name: w.name, Value: uint64(size), Limit: w.seg.payload - headerSize}
	}
	if err := cancelled(ctx, w.name, "write"); err != nil {
		return placement{}, err
	}
	if now()-w.checked > probing {
		if err := w.readerState(true); err != nil {
			return placement{}, err
		}
	}
	return w.space(ctx, uint64(size))
}

// readerState says whether somebody reads; with look it asks the system whether
// the reader's process lives.
func (w *Writer) readerState(look bool) error {
	o := w.seg.o
	if me := atomic.LoadUint64(&o.writerPID); me != w.pid {
		return corrupt(w.name, fieldWriterPID, me, w.pid)
	}
	switch pid := atomic.LoadUint64(&o.readerPID); pid {
	case uint64(w.reader.pid):
	case 0:
		return w.fail(NoReader)
	default:
		return corrupt(w.name, fieldReaderPID, pid, uint64(w.reader.pid))
	}
	if look || w.reader.ended {
		w.checked = now()
		if w.reader.dead() {
			return &Error{Kind: ReaderDead, Name: w.name, PID: w.reader.pid}
		}
	}
	return nil
}

// Close ends the writer: a call that waits ends with [Closed], the reader
// learns of it at once (P7). A second Close does nothing. An acquired slot's
// memory stays until it is committed, which fails, or abandoned.
func (w *Writer) Close() error {
	if w.closed.Swap(true) {
		return nil
	}
	lockRousing(&w.mu, w.semR)
	defer w.mu.Unlock()
	w.gone = true
	w.reader.close()
	if atomic.CompareAndSwapUint64(&w.seg.o.writerPID, w.pid, 0) {
		w.semW.post(1)
	}
	if w.slot == 0 {
		w.unmap()
	}
	return nil
}

func (w *Writer) unmap() {
	if w.seg != nil {
		w.seg.unmap()
	}
	for _, s := range []*semaphore{w.semW, w.semR} {
		if s != nil {
			s.unmap()
		}
	}
}
