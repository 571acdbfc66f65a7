package ring

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Connect joins the buffer called name as its writer ("Creating, connecting,
// closing").
//
// Errors: [InvalidName]; [NotFound]; [NoReader] if its reader closed or died;
// [WriterExists] with the other writer's pid; [VersionMismatch] and [Corrupt]
// for a segment that cannot be one; [System]. A failed Connect changes nothing.
func Connect(name string, opts ...Option) (*Writer, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	segPath, semWPath, semRPath, _ := Objects(name)
	fd, st, err := openShared(name, segPath, unix.O_RDWR)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	if st.Size < oiebSize || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, corrupt(name, fieldSegmentSize, uint64(st.Size), oiebSize)
	}
	o := gather(opts)
	w := &Writer{name: name, pid: uint64(unix.Getpid()), timeout: o.timeout, spin: newSpinner(o.spin)}
	if err := w.join(fd, int(st.Size), segPath, semWPath, semRPath); err != nil {
		w.unmap()
		w.reader.close()
		return nil, err
	}
	return w, nil
}

// ConnectWait is [Connect] that waits until there is a whole buffer with a live
// reader, until ctx ends: peers do not create a buffer at once, and what they
// have made of it so far looks broken. Its error then wraps both the context's
// and Connect's.
func ConnectWait(ctx context.Context, name string, opts ...Option) (*Writer, error) {
	for {
		w, err := Connect(name, opts...)
		if err == nil || !comes(err) {
			return w, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w)", err, endOf(ctx))
		case <-time.After(time.Millisecond):
		}
	}
}

// comes says whether the buffer that err says is not there may be there soon.
func comes(err error) bool {
	return errors.Is(err, NotFound) || errors.Is(err, NoReader) || errors.Is(err, Corrupt)
}

// join maps everything, then claims the buffer.
func (w *Writer) join(fd, size int, segPath, semWPath, semRPath string) error {
	var err error
	if w.seg, err = mapSegment(fd, w.name, segPath, size); err != nil {
		return err
	}
	if err = w.seg.validate(); err != nil {
		return err
	}
	if err = w.findReader(); err != nil {
		return err
	}
	if w.semW, err = openSemaphore(w.name, "sem_w", semWPath); err != nil {
		return w.unlessClosing(err)
	}
	if w.semR, err = openSemaphore(w.name, "sem_r", semRPath); err != nil {
		return w.unlessClosing(err)
	}
	if err = w.claim(); err != nil {
		return err
	}
	// A reader that closed meanwhile may have taken its semaphores with it,
	// and another may have made new ones: these would not belong together.
	if err = w.findReader(); err != nil {
		atomic.CompareAndSwapUint64(&w.seg.o.writerPID, w.pid, 0)
		return err
	}
	w.begin()
	return nil
}

// unlessClosing explains a missing semaphore by a reader that is closing.
func (w *Writer) unlessClosing(err error) error {
	if errors.Is(err, NotFound) {
		if gone := w.findReader(); gone != nil {
			return gone
		}
	}
	return err
}

// findReader checks that the reader lives and watches it from then on.
func (w *Writer) findReader() error {
	pid, err := w.seg.bounded(&w.seg.o.readerPID, fieldReaderPID, maxPID)
	if err != nil {
		return err
	}
	if w.reader != nil && w.reader.pid == int(pid) {
		if w.reader.dead() {
			return &Error{Kind: NoReader, Name: w.name, PID: int(pid)}
		}
		return nil
	}
	if pid == 0 || w.reader != nil {
		return &Error{Kind: NoReader, Name: w.name}
	}
	if w.reader, err = watch(int(pid)); err != nil {
		return &Error{Kind: NoReader, Name: w.name, PID: int(pid)}
	}
	return nil
}

// claim makes this process the writer, if there is none or a dead one.
func (w *Writer) claim() error {
	at := &w.seg.o.writerPID
	for {
		pid, err := w.seg.bounded(at, fieldWriterPID, maxPID)
		if err != nil {
			return err
		}
		if pid != 0 && !processDead(int(pid)) {
			return &Error{Kind: WriterExists, Name: w.name, PID: int(pid), Err: errors.New("close it first")}
		}
		if atomic.CompareAndSwapUint64(at, pid, w.pid) {
			if pid != 0 {
				w.resume()
			}
			return nil
		}
	}
}

// begin takes over the ring as the last writer left it.
func (w *Writer) begin() {
	o := w.seg.o
	w.count = atomic.LoadUint64(&o.payloadWritten)
	w.next = 1
	w.checked = now()
	if atomic.LoadUint64(&o.payloadFree) == w.seg.payload {
		// Tokens without frames would wake the reader in vain.
		w.semW.drain()
	}
}
