package ring

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"
	"testing"
)

// FuzzOIEB lets both sides, and one that connects, meet any block.
func FuzzOIEB(f *testing.F) {
	valid := newOIEB(Sizes{64, 192})
	f.Add(valid)
	for _, at := range oiebFields {
		for _, v := range []uint64{0, 1, 200, math.MaxUint64} {
			b := slices.Clone(valid)
			binary.LittleEndian.PutUint64(b[at:], v)
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		name := unique(t)
		r := mustCreate(t, name, Sizes{64, 192}, WithTimeout(0), WithSpin(0))
		w := mustConnect(t, name, WithTimeout(0), WithSpin(0))
		use(t, r, w)
		copy(r.seg.mem[:oiebSize], b)
		other, err := Connect(name, WithTimeout(0), WithSpin(0))
		survived(t, err)
		if err == nil {
			use(t, r, other)
			must(t, other.Close())
		}
		use(t, r, w)
		_, err = Inspect(name)
		must(t, err)
	})
}

// FuzzRing lets a reader meet any content of the ring, any positions and any
// number of tokens.
func FuzzRing(f *testing.F) {
	frames := make([]byte, 192)
	binary.LittleEndian.PutUint64(frames, 20)
	frames[8] = 1
	f.Add(frames, uint64(36), uint64(0), uint64(156), uint64(1), uint64(1))
	f.Add(frames, uint64(0), uint64(36), uint64(156), uint64(2), uint64(2))
	f.Add(frames, uint64(192), uint64(180), uint64(0), uint64(9), uint64(semMax))
	f.Add(frames[:0], uint64(192), uint64(192), uint64(192), uint64(1), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, content []byte, writePos, readPos, free, written, tokens uint64) {
		name := unique(t)
		r := mustCreate(t, name, Sizes{64, 192}, WithTimeout(0), WithSpin(0))
		w := mustConnect(t, name, WithTimeout(0), WithSpin(0))
		copy(r.seg.ring, content)
		o := r.seg.o
		o.payloadWritePos, o.payloadReadPos, o.payloadFree, o.payloadWritten = writePos, readPos, free, written
		// The waiters are the semaphore's own business.
		atomic.StoreUint64(r.semW.data, tokens&valueMask)
		use(t, r, w)
	})
}

// use exercises every call of both sides.
func use(t *testing.T, r *Reader, w *Writer) {
	t.Helper()
	ctx := context.Background()
	survived(t, w.WriteMetadata([]byte{1, 2, 3}))
	_, err := r.Metadata()
	survived(t, err)
	survived(t, w.Write(ctx, frame(30, 1)))
	if s, err := w.Acquire(ctx, 100); err == nil {
		clear(s.Data())
		survived(t, s.Commit())
	} else {
		survived(t, err)
	}
	frames := make([]Frame, 3)
	n, err := r.ReadBatch(ctx, frames)
	survived(t, err)
	for range 5 {
		var one Frame
		err := r.ReadInto(ctx, &one)
		survived(t, err)
		if err == nil {
			sum(one.Data())
			survived(t, one.Release())
		}
	}
	for i := range frames[:n] {
		sum(frames[i].Data())
	}
	survived(t, r.ReleaseBatch(frames[:n]))
}

// sum touches every byte.
func sum(b []byte) (s byte) {
	for _, c := range b {
		s += c
	}
	return s
}
