package ring

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

// exchange writes one frame and reads it back whole.
func exchange(t *testing.T, r *Reader, w *Writer, size int, sequence uint64) {
	t.Helper()
	ctx := within(t)
	must(t, w.Write(ctx, frame(size, sequence)))
	f, err := r.Read(ctx)
	must(t, err)
	if f.Sequence() != sequence || f.Size() != size {
		t.Fatalf("frame %d of %d bytes, want %d of %d", f.Sequence(), f.Size(), sequence, size)
	}
	must(t, pattern.CheckFrame(f.Data(), sequence))
	must(t, f.Release())
}

func state(t *testing.T, name string) State {
	t.Helper()
	s, err := Inspect(name)
	must(t, err)
	return s
}

func TestLargestFrame(t *testing.T) {
	r, w := pair(t, Sizes{0, 64})
	ctx := within(t)
	if Largest(64) != 48 || Largest(1) != 48 || Largest(65) != 112 {
		t.Errorf("Largest is %d, %d, %d", Largest(64), Largest(1), Largest(65))
	}
	e := wantKind(t, w.Write(ctx, make([]byte, 49)), FrameTooLarge)
	if e.Value != 49 || e.Limit != 48 {
		t.Errorf("size %d, largest %d", e.Value, e.Limit)
	}
	wantKind(t, w.Write(ctx, nil), EmptyFrame)
	_, err := w.Acquire(ctx, 0)
	wantKind(t, err, EmptyFrame)
	_, err = w.Acquire(ctx, -1)
	wantKind(t, err, FrameTooLarge)
	for i, size := range []int{48, 1, 48, 17, 48} {
		exchange(t, r, w, size, uint64(i+1))
	}
}

// P2: whatever tail a frame leaves before the end, frames stay whole, also over
// old data; and ours never leaves a tail of 1 to 15 bytes, except after a frame
// at 0.
func TestTails(t *testing.T) {
	for _, tail := range []int{0, 1, 8, 15, 16, 17} {
		t.Run(fmt.Sprint(tail), func(t *testing.T) {
			r, w := pair(t, Sizes{0, 1024})
			for i := range r.seg.ring {
				r.seg.ring[i] = 0xa5
			}
			seq := uint64(0)
			next := func(size int) { seq++; exchange(t, r, w, size, seq) }
			for range 3 {
				// The first frame fills the half, the second leaves the tail.
				next(512 - 16)
				next(512 - 16 - tail)
				pos := r.seg.o.payloadWritePos
				if left := 1024 - pos; pos > 600 && left > 0 && left < 16 {
					t.Fatalf("a tail of %d bytes is left", left)
				}
				next(100)
				next(1008)
				// A frame at 0 may leave any tail.
				next(1008 - tail)
				next(300)
				next(1008)
			}
			if free := r.seg.o.payloadFree; free != 1024 {
				t.Errorf("%d bytes are free", free)
			}
		})
	}
}

// A peer's writer leaves a tail of 1 to 15 bytes, without a marker.
func TestForeignTailIsAWrapWithoutMarker(t *testing.T) {
	for _, tail := range []uint64{1, 8, 15} {
		r, w := pair(t, Sizes{0, 1024})
		ctx := within(t)
		o := r.seg.o
		must(t, w.Write(ctx, frame(400, 1)))
		// The second frame as a peer writes it.
		size := 1024 - 416 - 16 - tail
		w.seg.setHeader(416, size, 2)
		pattern.Frame(w.seg.ring[432:432+size], 2)
		o.payloadWritePos, o.payloadWritten, o.payloadFree = 1024-tail, 2, tail
		w.semW.post(1)
		for seq := uint64(1); seq <= 2; seq++ {
			f, err := r.Read(ctx)
			must(t, err)
			must(t, pattern.CheckFrame(f.Data(), seq))
			must(t, f.Release())
		}
		// The third wraps over the tail, which no marker says.
		w.seg.setHeader(0, 50, 3)
		pattern.Frame(w.seg.ring[16:66], 3)
		o.payloadFree -= tail + 66
		o.payloadWritePos, o.payloadWritten = 66, 3
		w.semW.post(1)
		f, err := r.Read(ctx)
		must(t, err)
		must(t, pattern.CheckFrame(f.Data(), 3))
		must(t, f.Release())
		if o.payloadFree != 1024 || o.payloadReadPos != 66 || o.payloadRead != 3 {
			t.Errorf("tail %d: free %d, read_pos %d, read_count %d", tail, o.payloadFree, o.payloadReadPos, o.payloadRead)
		}
	}
}

// P1: tail + frame exceed the ring, so the frame is writable only by a rewind,
// and the write waits for the ring to be empty.
func TestRewindWaitsForEmpty(t *testing.T) {
	r, w := pair(t, Sizes{0, 10240})
	ctx := within(t)
	must(t, w.Write(ctx, frame(6144, 1)))
	f, err := r.Read(ctx)
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- w.Write(ctx, frame(7168, 2)) }()
	eventually(t, "the writer sleeps", func() bool { return *w.semR.data >= oneWaiter })
	must(t, f.Release())
	must(t, <-done)
	o := r.seg.o
	if o.payloadWritePos != 7168+16 || o.payloadReadPos != 0 || o.payloadWritten != 2 {
		t.Errorf("write_pos %d, read_pos %d, written %d", o.payloadWritePos, o.payloadReadPos, o.payloadWritten)
	}
	f, err = r.Read(ctx)
	must(t, err)
	must(t, pattern.CheckFrame(f.Data(), 2))
	must(t, f.Release())
}

func TestRewindKeepsLargeRingsHot(t *testing.T) {
	r, w := pair(t, Sizes{0, 2 << 20})
	exchange(t, r, w, 5000, 1)
	exchange(t, r, w, 5000, 2)
	if pos := r.seg.o.payloadWritePos; pos != 5016 {
		t.Errorf("write_pos is %d, want 5016: an empty ring above 1 MiB begins anew", pos)
	}
}

// P4: space grows only over frames whose predecessors are released too.
func TestReleaseInAnyOrder(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024})
	ctx := within(t)
	var f [4]*Frame
	for i := range f {
		must(t, w.Write(ctx, frame(100, uint64(i+1))))
	}
	for i := range f {
		var err error
		f[i], err = r.Read(ctx)
		must(t, err)
	}
	for _, step := range []struct {
		release int
		free    uint64
	}{{2, 560}, {1, 560}, {1, 560}, {0, 560 + 3*116}, {3, 1024}, {3, 1024}} {
		must(t, f[step.release].Release())
		if free := r.seg.o.payloadFree; free != step.free {
			t.Errorf("after releasing %d: free %d, want %d", step.release, free, step.free)
		}
	}
}

// A copy of a frame's handle, released after the original, releases nothing.
func TestReleaseOfACopyIsHarmless(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024})
	ctx := within(t)
	var a, b Frame
	must(t, w.Write(ctx, frame(100, 1)))
	must(t, w.Write(ctx, frame(100, 2)))
	must(t, r.ReadInto(ctx, &a))
	old := a
	must(t, a.Release())
	must(t, r.ReadInto(ctx, &b))
	must(t, old.Release())
	if free := r.seg.o.payloadFree; free != 1024-116 {
		t.Errorf("free %d, want %d: the held frame's space is gone", free, 1024-116)
	}
	must(t, b.Release())
}

// P3: an acquired frame is invisible, and abandoned it changes nothing.
func TestSlot(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(0))
	ctx := within(t)
	before := state(t, r.name)
	s, err := w.Acquire(ctx, 400)
	must(t, err)
	pattern.Frame(s.Data(), 1)
	if got := state(t, r.name); got != before {
		t.Errorf("acquired: %+v, want %+v", got, before)
	}
	_, err = r.Read(ctx)
	wantKind(t, err, ReadTimeout)
	for _, busy := range []error{w.Write(ctx, []byte{1}), func() error { _, err := w.Acquire(ctx, 1); return err }()} {
		if wantKind(t, busy, System); !errors.Is(busy, syscall.EBUSY) {
			t.Errorf("error is %v, want EBUSY", busy)
		}
	}
	s.Abandon()
	s.Abandon()
	if got := state(t, r.name); got != before {
		t.Errorf("abandoned: %+v, want %+v", got, before)
	}
	wantKind(t, s.Commit(), System)
	s, err = w.Acquire(ctx, 400)
	must(t, err)
	pattern.Frame(s.Data(), 1)
	must(t, s.Commit())
	f, err := r.Read(ctx)
	must(t, err)
	must(t, pattern.CheckFrame(f.Data(), 1))
	must(t, f.Release())
	// The wrap is taken at commit too.
	exchange(t, r, w, 400, 2)
	before = state(t, r.name)
	s, err = w.Acquire(ctx, 500)
	must(t, err)
	if got := state(t, r.name); got != before {
		t.Errorf("acquired over the wrap: %+v, want %+v", got, before)
	}
	pattern.Frame(s.Data(), 3)
	must(t, s.Commit())
	f, err = r.Read(ctx)
	must(t, err)
	must(t, pattern.CheckFrame(f.Data(), 3))
	must(t, f.Release())
}

func TestMetadata(t *testing.T) {
	r, w := pair(t, Sizes{1000, 64})
	m, err := r.Metadata()
	if m != nil || err != nil {
		t.Errorf("before it is written: %v, %v", m, err)
	}
	e := wantKind(t, w.WriteMetadata(make([]byte, 1024-7)), MetadataTooLarge)
	if e.Value != 1017 || e.Limit != 1016 {
		t.Errorf("size %d, limit %d", e.Value, e.Limit)
	}
	want := make([]byte, 1016)
	pattern.Metadata(want)
	must(t, w.WriteMetadata(want))
	wantKind(t, w.WriteMetadata([]byte{1}), MetadataAlreadyWritten)
	m, err = r.Metadata()
	must(t, err)
	must(t, pattern.CheckMetadata(m))
	if len(m) != 1016 {
		t.Errorf("%d bytes", len(m))
	}
	r, w = pair(t, Sizes{0, 64})
	wantKind(t, w.WriteMetadata(nil), NoMetadataBlock)
	_, err = r.Metadata()
	wantKind(t, err, NoMetadataBlock)
	exchange(t, r, w, 40, 1)
	r, w = pair(t, Sizes{8, 64})
	must(t, w.WriteMetadata(nil))
	if m, err := r.Metadata(); m == nil || len(m) != 0 || err != nil {
		t.Errorf("empty metadata: %v, %v", m, err)
	}
}

func TestBatches(t *testing.T) {
	r, w := pair(t, Sizes{0, 4096})
	ctx := within(t)
	const total = 5000
	sizes := pattern.NewSizes(3, 1, 900)
	go func() {
		batch := make([][]byte, 0, 32)
		for seq := uint64(1); seq <= total; {
			batch = batch[:0]
			for ; len(batch) < cap(batch) && seq <= total; seq++ {
				batch = append(batch, frame(sizes.Next(), seq))
			}
			if n, err := w.WriteBatch(ctx, batch); err != nil || n != len(batch) {
				t.Errorf("wrote %d of %d: %v", n, len(batch), err)
				return
			}
		}
	}()
	want := pattern.NewSizes(3, 1, 900)
	frames := make([]Frame, 7)
	for seq := uint64(1); seq <= total; {
		n, err := r.ReadBatch(ctx, frames)
		must(t, err)
		for i := range frames[:n] {
			f := &frames[i]
			if f.Sequence() != seq || f.Size() != want.Next() {
				t.Fatalf("frame %d of %d bytes, want %d", f.Sequence(), f.Size(), seq)
			}
			must(t, pattern.CheckFrame(f.Data(), seq))
			seq++
		}
		must(t, r.ReleaseBatch(frames[:n]))
	}
	if o := r.seg.o; o.payloadFree != 4096 || o.payloadRead != o.payloadWritten || r.semW.value() != 0 {
		t.Errorf("free %d, read %d, written %d, tokens %d", o.payloadFree, o.payloadRead, o.payloadWritten, r.semW.value())
	}
}

func TestWriteBatchStopsAtABadFrame(t *testing.T) {
	r, w := pair(t, Sizes{0, 256})
	n, err := w.WriteBatch(within(t), [][]byte{{1}, {2}, nil, {3}})
	wantKind(t, err, EmptyFrame)
	if n != 2 || r.seg.o.payloadWritten != 2 || r.semW.value() != 2 {
		t.Errorf("published %d, counted %d, tokens %d", n, r.seg.o.payloadWritten, r.semW.value())
	}
}

func TestTimeouts(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(30*time.Millisecond))
	ctx := within(t)
	_, err := r.Read(ctx)
	if e := wantKind(t, err, ReadTimeout); e.Timeout != 30*time.Millisecond {
		t.Errorf("timeout %v", e.Timeout)
	}
	must(t, w.Write(ctx, frame(1008, 1)))
	before, raw := state(t, r.name), bytes.Clone(r.seg.mem)
	start := time.Now()
	e := wantKind(t, w.Write(ctx, frame(1, 2)), BufferFull)
	if e.Timeout != 30*time.Millisecond || time.Since(start) < 30*time.Millisecond {
		t.Errorf("timeout %v after %v", e.Timeout, time.Since(start))
	}
	if got := state(t, r.name); got != before || !bytes.Equal(raw, r.seg.mem) {
		t.Errorf("a write that timed out changed the ring: %+v, want %+v", got, before)
	}
	f, err := r.Read(ctx)
	must(t, err)
	must(t, f.Release())
	exchange(t, r, w, 1, 2)
}

func TestSecondWriterIsRefused(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024})
	before := state(t, r.name)
	_, err := Connect(r.name)
	if e := wantKind(t, err, WriterExists); e.PID != os.Getpid() {
		t.Errorf("pid %d", e.PID)
	}
	if got := state(t, r.name); got != before {
		t.Errorf("%+v, want %+v", got, before)
	}
	exchange(t, r, w, 100, 1)
}
