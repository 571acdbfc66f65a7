package ring

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parley.dev/parley/servant/pattern"
)

// deadPID is the id of a process that has just ended.
func deadPID(t *testing.T) uint64 {
	t.Helper()
	c := newChild(t)
	c.kill()
	return uint64(c.cmd.Process.Pid)
}

// A writer can be killed between any two stores of a publication. The next one
// finds all of the ring, and the reader nothing but whole frames.
func TestWriterKilledWhilePublishing(t *testing.T) {
	const payload, size = 1024, 100
	stores := []string{"header", "write_pos", "free", "written_count"}
	for done, last := range stores {
		for _, noticed := range []bool{true, false} {
			t.Run(fmt.Sprintf("after %s, noticed %t", last, noticed), func(t *testing.T) {
				r, w := pair(t, Sizes{0, payload}, WithTimeout(limit))
				exchange(t, r, w, 200, 1)
				exchange(t, r, w, 200, 2)
				ctx, o := within(t), w.seg.o
				p, ok, err := w.fit(size)
				must(t, err)
				if !ok {
					t.Fatal("no space")
				}
				pattern.Frame(w.seg.ring[p.start+headerSize:][:size], 3)
				var b batch
				w.stage(&b, p)
				if done >= 1 {
					o.payloadWritePos = b.pos
				}
				if done >= 2 {
					atomic.AddUint64(&o.payloadFree, -b.bytes)
				}
				if done >= 3 {
					atomic.AddUint64(&o.payloadWritten, 1)
				}
				atomic.StoreUint64(&o.writerPID, deadPID(t))
				expected := []uint64{1, 2, 3}
				if done == 3 {
					expected = append([]uint64{3}, expected...)
				}
				if noticed {
					if done == 3 {
						readOne(t, r, 3)
						expected = expected[1:]
					}
					_, err := r.Read(ctx)
					wantKind(t, err, WriterDead)
				}
				next := mustConnect(t, r.Name(), WithTimeout(limit))
				for seq := uint64(1); seq <= 3; seq++ {
					must(t, next.Write(ctx, frame(50, seq)))
				}
				for _, seq := range expected {
					readOne(t, r, seq)
				}
				result := make(chan error, 1)
				go func() { result <- next.Write(ctx, frame(payload-headerSize, 4)) }()
				readOne(t, r, 4)
				must(t, <-result)
				if o.payloadFree != payload {
					t.Errorf("%d bytes free, want %d", o.payloadFree, payload)
				}
			})
		}
	}
}

// Also the first frame of the next writer finds all of the ring: its space
// cannot wait until it came.
func TestHeirsFirstFrameTakesTheWholeRing(t *testing.T) {
	const payload = 1024
	for _, c := range []struct {
		counted uint64
		// waited: the reader saw the writer before it died. noticed: it saw
		// the death.
		waited, noticed bool
	}{
		{counted: 0}, {counted: 0, noticed: true}, {counted: 0, waited: true},
		{counted: 2}, {counted: 2, noticed: true}, {counted: 2, waited: true},
		{counted: 2, waited: true, noticed: true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			name := unique(t)
			r := mustCreate(t, name, Sizes{0, payload}, WithTimeout(limit))
			o := r.seg.o
			dying := newChild(t)
			dying.do("connect", name)
			for seq := uint64(1); seq <= c.counted; seq++ {
				dying.do("write", 200, seq)
				readOne(t, r, seq)
			}
			if c.waited {
				must(t, r.WaitWriter(within(t)))
				r.reading.Lock()
				r.reclaim()
				r.reading.Unlock()
			}
			dying.kill()
			// It had taken space for a frame of 100 bytes and not counted it.
			atomic.AddUint64(&o.payloadWritePos, headerSize+100)
			atomic.AddUint64(&o.payloadFree, ^uint64(headerSize+100-1))
			if c.noticed {
				_, err := r.Read(within(t))
				wantKind(t, err, WriterDead)
			}
			heir := newChild(t)
			heir.do("connect", name)
			heir.send("write", payload-headerSize, 1)
			readOne(t, r, 1)
			if a := heir.answer(); a != "ok" {
				t.Fatal(a)
			}
			if o.payloadFree != payload {
				t.Errorf("%d bytes free, want %d", o.payloadFree, payload)
			}
		})
	}
}

// A writer connects, and takes the whole ring, after the reader saw none: a
// frame in the making keeps its space.
func TestReclaimLooksAgainForAWriter(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
	o := r.seg.o
	exchange(t, r, w, 200, 1)
	must(t, w.Close())
	_, err := r.Read(within(t))
	wantKind(t, err, WriterGone)
	mustConnect(t, r.Name())
	atomic.StoreUint64(&o.payloadFree, 0)
	r.reading.Lock()
	defer r.reading.Unlock()
	r.unclaimed = true
	if r.reclaim(); o.payloadFree != 0 {
		t.Errorf("%d bytes of a living writer's were given away", o.payloadFree)
	}
	atomic.StoreUint64(&o.writerPID, deadPID(t))
	if r.reclaim(); o.payloadFree != 1024 {
		t.Errorf("%d bytes free of a dead writer's ring", o.payloadFree)
	}
}

func readOne(t *testing.T, r *Reader, sequence uint64) {
	t.Helper()
	f, err := r.Read(within(t))
	must(t, err)
	if f.Sequence() != sequence {
		t.Fatalf("sequence %d, want %d", f.Sequence(), sequence)
	}
	must(t, pattern.CheckFrame(f.Data(), sequence))
	must(t, f.Release())
}

// peerWrite writes as peers do: a wrap is counted, and marked only where a
// marker fits.
func peerWrite(w *Writer, size, sequence uint64) {
	o, p := w.seg.o, w.seg.payload
	if tail := p - o.payloadWritePos; tail < headerSize+size {
		if tail >= headerSize {
			w.seg.setHeader(o.payloadWritePos, 0, 0)
		}
		atomic.AddUint64(&o.payloadFree, -tail)
		o.payloadWritePos = 0
		o.payloadWritten++
	}
	pos := o.payloadWritePos
	w.seg.setHeader(pos, size, sequence)
	pattern.Frame(w.seg.ring[pos+headerSize:][:size], sequence)
	o.payloadWritePos += headerSize + size
	atomic.AddUint64(&o.payloadFree, -(headerSize + size))
	atomic.AddUint64(&o.payloadWritten, 1)
	w.semW.post(1)
}

// Peers count wraps that leave no trace. However many there were, frames keep
// coming, and the next writer's close is seen as what it is.
func TestPeersCountWrapsWithoutAMarker(t *testing.T) {
	const payload = 1024
	for _, tail := range []uint64{0, 1, 8, 15, 16, 17} {
		t.Run(fmt.Sprint("tail ", tail), func(t *testing.T) {
			r, w := pair(t, Sizes{0, payload}, WithTimeout(limit))
			size := (payload-tail)/2 - headerSize
			w.seg.o.writerPID = deadPID(t)
			for seq := uint64(1); seq <= 1000; seq++ {
				peerWrite(w, size, seq)
				readOne(t, r, seq)
			}
			atomic.StoreUint64(&w.seg.o.writerPID, 0)
			next := mustConnect(t, r.Name(), WithTimeout(limit))
			exchange(t, r, next, 10, 1)
			must(t, next.Close())
			_, err := r.Read(within(t))
			wantKind(t, err, WriterGone)
			if read, written := r.seg.o.payloadRead, r.seg.o.payloadWritten; read != written {
				t.Errorf("%d read of %d written", read, written)
			}
		})
	}
}
