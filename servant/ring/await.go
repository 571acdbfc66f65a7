package ring

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// suspicion is how long the counters may contradict a token before they count
// as corrupt: a writer updates them one after the other.
const suspicion = 10 * time.Millisecond

// await waits until at least one token is there whose frame is, and takes up to
// most. Tokens without a frame, such as the one a closing writer posts, are
// dropped on the way.
func (r *Reader) await(ctx context.Context, most uint64) error {
	if r.closed.Load() {
		return r.fail(Closed)
	}
	if err := cancelled(ctx, r.name, "read"); err != nil {
		return err
	}
	if r.tokens > 0 && r.empty() {
		r.tokens, r.joined = 0, true
	}
	if r.tokens > 0 || r.arrived(most) {
		return nil
	}
	start := now()
	ready := func() bool { return r.arrived(most) || r.closed.Load() }
	if r.timeout > 0 && r.spin.until(start, ready) {
		r.spin.woke()
		if r.closed.Load() {
			return r.fail(Closed)
		}
		return nil
	}
	r.semW.enter()
	defer r.semW.leave()
	for {
		if r.closed.Load() {
			return r.fail(Closed)
		}
		if err := cancelled(ctx, r.name, "read"); err != nil {
			return err
		}
		// The writer's state comes first: it posts before it goes.
		state := r.writerState()
		if r.arrived(most) {
			r.spin.slept(start)
			return nil
		}
		if (state != nil || now()-start > slice) && r.whole() {
			r.tokens = 1
			return nil
		}
		if r.unclaimed {
			r.reclaim()
		}
		if state != nil {
			return state
		}
		if err := r.contradiction(); err != nil {
			return err
		}
		left := r.timeout - (now() - start)
		if left <= 0 {
			return &Error{Kind: ReadTimeout, Name: r.name, Timeout: r.timeout}
		}
		r.semW.sleep(min(left, slice))
	}
}

// empty says whether every frame that is counted was read.
func (r *Reader) empty() bool {
	if r.unmarked > 0 && !r.bytesPending() {
		r.recount()
	}
	return r.pending() == 0
}

// arrived takes up to most tokens that have frames.
func (r *Reader) arrived(most uint64) bool {
	data := atomic.LoadUint64(r.semW.data)
	if data&valueMask == 0 {
		return false
	}
	if r.empty() {
		r.surplus(data)
		return false
	}
	r.tokens = r.semW.take(most)
	return r.tokens > 0
}

// surplus drops the tokens of data, which was loaded before the counters said
// that no frame is pending: a token posted since makes the swap fail. While
// bytes are pending the counters lag or lie, and the tokens are kept.
func (r *Reader) surplus(data uint64) {
	if r.bytesPending() {
		return
	}
	if atomic.CompareAndSwapUint64(r.semW.data, data, data&^uint64(valueMask)) {
		r.joined = true
	}
}

// bytesPending says whether the positions differ; P means 0.
func (r *Reader) bytesPending() bool {
	o, p := r.seg.o, r.seg.payload
	write, read := atomic.LoadUint64(&o.payloadWritePos), atomic.LoadUint64(&o.payloadReadPos)
	return write != read && (write != p || read != 0)
}

// contradiction reports a written_count that denies a frame for which both a
// token and bytes are there, once it has done so for too long.
func (r *Reader) contradiction() error {
	if r.semW.value() == 0 || r.pending() > 0 || !r.bytesPending() {
		r.suspected = 0
		return nil
	}
	if r.suspected == 0 {
		r.suspected = now()
	}
	if now()-r.suspected > suspicion {
		o, p := r.seg.o, r.seg.payload
		if _, err := r.seg.bounded(&o.payloadWritePos, fieldWritePos, p); err != nil {
			return err
		}
		if _, err := r.seg.bounded(&o.payloadReadPos, fieldReadPos, p); err != nil {
			return err
		}
		return corrupt(r.name, fieldWrittenCount, atomic.LoadUint64(&o.payloadWritten), r.count+1)
	}
	time.Sleep(time.Millisecond)
	return nil
}

// writerState is nil while a frame may still come: from a writer that lives, or
// as long as there never was one.
func (r *Reader) writerState() error {
	o := r.seg.o
	pid, err := r.seg.bounded(&o.writerPID, fieldWriterPID, maxPID)
	if err != nil {
		return err
	}
	if pid == 0 {
		r.departed = true
		r.joined = r.joined || atomic.LoadUint64(&o.payloadWritten) > 0 || atomic.LoadUint64(&o.metadataWritten) > 0
		if r.joined {
			return r.fail(WriterGone)
		}
		return nil
	}
	r.joined = true
	if r.writer == nil || r.writer.pid != int(pid) {
		// Its place may be that of one that was killed.
		r.unclaimed = true
		r.writer.close()
		if r.writer, err = watch(int(pid)); err != nil {
			return &Error{Kind: WriterDead, Name: r.name, PID: int(pid)}
		}
	}
	if r.writer.dead() {
		r.unclaimed = true
		return &Error{Kind: WriterDead, Name: r.name, PID: int(pid)}
	}
	return nil
}

// WaitWriter waits until a live writer is connected, at most the read timeout.
//
// Errors: [ReadTimeout], [Corrupt], [Closed], or one that wraps the context's.
func (r *Reader) WaitWriter(ctx context.Context) error {
	for start := now(); ; time.Sleep(time.Millisecond) {
		if err := cancelled(ctx, r.name, "wait for a writer"); err != nil {
			return err
		}
		if err := r.hasWriter(); err == nil || errors.Is(err, Corrupt) || errors.Is(err, Closed) {
			return err
		}
		if now()-start >= r.timeout {
			return &Error{Kind: ReadTimeout, Name: r.name, Timeout: r.timeout, Err: errors.New("no writer connected")}
		}
	}
}

func (r *Reader) hasWriter() error {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.closed.Load() {
		return r.fail(Closed)
	}
	if err := r.writerState(); err != nil {
		return err
	}
	if atomic.LoadUint64(&r.seg.o.writerPID) == 0 {
		return r.fail(WriterGone)
	}
	return nil
}
