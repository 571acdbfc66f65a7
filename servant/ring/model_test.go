package ring

import (
	"context"
	"testing"

	"parley.dev/parley/servant/pattern"
	"pgregory.net/rapid"
)

// model is what must hold for a ring, in terms of queues.
type model struct {
	written, read int
	sizes         []int
	held          []*Frame
	slot          *Slot
}

// Any mix of writes, batches, slots, reads and releases in any order behaves as
// a queue; every held frame keeps its bytes; no frame that fits an empty ring
// is refused when it is empty; and the counters add up at every step.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		payload := rapid.SampledFrom([]int{64, 128, 192, 1024, 4096}).Draw(rt, "payload")
		name := prefix() + "model"
		r, err := Create(name, Sizes{0, payload}, WithTimeout(0))
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		w, err := Connect(name, WithTimeout(0))
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = w.Close() }()
		m := &model{}
		size := rapid.OneOf(rapid.IntRange(1, payload-16), rapid.IntRange(1, 40), rapid.IntRange(max(1, payload-40), payload-16))
		m.run(rt, r, w, size)
	})
}

func (m *model) run(rt *rapid.T, r *Reader, w *Writer, size *rapid.Generator[int]) {
	ctx := context.Background()
	// full accepts a refusal only where something is in the ring.
	full := func(err error) bool {
		if err == nil {
			return false
		}
		wantKind(rt, err, BufferFull)
		if m.written == m.read && len(m.held) == 0 {
			rt.Fatalf("an empty ring is full: %v", err)
		}
		return true
	}
	wrote := func(n int) {
		m.written++
		m.sizes = append(m.sizes, n)
	}
	took := func(f *Frame) {
		m.read++
		if f.Sequence() != uint64(m.read) || f.Size() != m.sizes[m.read-1] {
			rt.Fatalf("frame %d of %d bytes, want %d of %d", f.Sequence(), f.Size(), m.read, m.sizes[m.read-1])
		}
		m.held = append(m.held, f)
	}
	rt.Repeat(map[string]func(*rapid.T){
		"write": func(rt *rapid.T) {
			n := min(size.Draw(rt, "size"), len(w.seg.ring)-16)
			if m.slot != nil {
				rt.Skip()
			}
			if !full(w.Write(ctx, frame(n, uint64(m.written+1)))) {
				wrote(n)
			}
		},
		"write batch": func(rt *rapid.T) {
			if m.slot != nil {
				rt.Skip()
			}
			var batch [][]byte
			for i, n := range rapid.SliceOfN(size, 1, 6).Draw(rt, "sizes") {
				batch = append(batch, frame(min(n, len(w.seg.ring)-16), uint64(m.written+1+i)))
			}
			n, err := w.WriteBatch(ctx, batch)
			for _, b := range batch[:n] {
				wrote(len(b))
			}
			full(err)
		},
		"acquire": func(rt *rapid.T) {
			if m.slot != nil {
				rt.Skip()
			}
			s, err := w.Acquire(ctx, min(size.Draw(rt, "size"), len(w.seg.ring)-16))
			if !full(err) {
				m.slot = s
				pattern.Frame(s.Data(), uint64(m.written+1))
			}
		},
		"commit": func(rt *rapid.T) {
			if m.slot == nil {
				rt.Skip()
			}
			n := len(m.slot.Data())
			if err := m.slot.Commit(); err != nil {
				rt.Fatal(err)
			}
			m.slot = nil
			wrote(n)
		},
		"abandon": func(rt *rapid.T) {
			if m.slot == nil {
				rt.Skip()
			}
			m.slot.Abandon()
			m.slot = nil
		},
		"read": func(rt *rapid.T) {
			f, err := r.Read(ctx)
			if m.read == m.written {
				wantKind(rt, err, ReadTimeout)
				return
			}
			if err != nil {
				rt.Fatal(err)
			}
			took(f)
		},
		"read batch": func(rt *rapid.T) {
			if m.read == m.written {
				rt.Skip()
			}
			frames := make([]Frame, rapid.IntRange(1, 5).Draw(rt, "most"))
			n, err := r.ReadBatch(ctx, frames)
			if err != nil || n != min(len(frames), m.written-m.read) {
				rt.Fatalf("read %d of %d: %v", n, m.written-m.read, err)
			}
			for i := range frames[:n] {
				took(&frames[i])
			}
		},
		"release": func(rt *rapid.T) {
			if len(m.held) == 0 {
				rt.Skip()
			}
			i := rapid.IntRange(0, len(m.held)-1).Draw(rt, "which")
			f := m.held[i]
			m.held = append(m.held[:i:i], m.held[i+1:]...)
			for range 2 {
				if err := f.Release(); err != nil {
					rt.Fatal(err)
				}
			}
		},
		"": func(rt *rapid.T) { m.check(rt, r, w) },
	})
}

func (m *model) check(rt *rapid.T, r *Reader, w *Writer) {
	for _, f := range m.held {
		if err := pattern.CheckFrame(f.Data(), f.Sequence()); err != nil {
			rt.Fatalf("a held frame was overwritten: %v", err)
		}
	}
	o, p := r.seg.o, r.seg.payload
	if o.payloadFree > p || o.payloadWritePos > p || o.payloadReadPos >= p {
		rt.Fatalf("free %d, write_pos %d, read_pos %d of %d", o.payloadFree, o.payloadWritePos, o.payloadReadPos, p)
	}
	if tail := p - o.payloadWritePos; tail > 0 && tail < 16 && w.count > 0 && m.sizes[m.written-1] != int(p-tail)-16 {
		rt.Fatalf("a tail of %d bytes is left by a frame that is not at 0", tail)
	}
	if tokens := r.semW.value() + r.tokens; tokens != uint64(m.written-m.read) {
		rt.Fatalf("%d tokens, %d frames to read", tokens, m.written-m.read)
	}
	if m.written == m.read && len(m.held) == 0 && o.payloadFree != p {
		rt.Fatalf("%d bytes free of an empty ring of %d", o.payloadFree, p)
	}
	if v := r.semR.value(); v > 1 {
		rt.Fatalf("sem-r is %d", v)
	}
}
