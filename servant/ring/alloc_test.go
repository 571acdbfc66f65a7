//go:build !race

package ring

import (
	"context"
	"testing"
)

// The race detector allocates on its own account, hence the build constraint.
func TestNoAllocationPerFrame(t *testing.T) {
	r, w := pair(t, Sizes{0, 1 << 16})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	data := frame(1000, 1)
	batch := [][]byte{data, data, data, data}
	var slot Slot
	frames := make([]Frame, 8)
	one := func() {
		must(t, w.Write(ctx, data))
		f, err := r.Read(ctx)
		must(t, err)
		must(t, f.Release())
	}
	for what, call := range map[string]func(){
		"write and read": one,
		"slot": func() {
			s, err := w.Acquire(ctx, 1000)
			must(t, err)
			must(t, s.Commit())
			must(t, r.ReadInto(ctx, &frames[0]))
			must(t, frames[0].Release())
		},
		"into": func() {
			must(t, w.AcquireInto(ctx, 1000, &slot))
			must(t, slot.Commit())
			must(t, w.Write(ctx, data))
			must(t, r.ReadInto(ctx, &frames[0]))
			must(t, r.ReadInto(ctx, &frames[1]))
			must(t, frames[1].Release())
			must(t, frames[0].Release())
		},
		"batch": func() {
			_, err := w.WriteBatch(ctx, batch)
			must(t, err)
			n, err := r.ReadBatch(ctx, frames)
			must(t, err)
			must(t, r.ReleaseBatch(frames[:n]))
		},
	} {
		if n := testing.AllocsPerRun(2000, call); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

// Waiting allocates nothing either, through all its phases.
func TestNoAllocationPerWait(t *testing.T) {
	r, w := pair(t, Sizes{0, 64})
	ctx := within(t)
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		var f Frame
		for r.ReadInto(ctx, &f) == nil {
			must(t, f.Release())
		}
	}()
	data := frame(40, 1)
	if n := testing.AllocsPerRun(5000, func() { must(t, w.Write(ctx, data)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	must(t, w.Close())
	<-stop
}
