package ring

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

// Close while calls wait, read, write and hold: each ends with Closed, and no
// memory is unmapped under it.
func TestCloseWhileBusy(t *testing.T) {
	for range 200 {
		r, w := pair(t, Sizes{64, 4096}, WithTimeout(limit))
		var wg sync.WaitGroup
		ctx := within(t)
		wg.Go(func() {
			for {
				f, err := r.Read(ctx)
				if err != nil {
					if !errors.Is(err, Closed) && !errors.Is(err, WriterGone) {
						t.Errorf("read: %v", err)
					}
					return
				}
				if err := pattern.CheckFrame(f.Data(), f.Sequence()); err != nil {
					t.Error(err)
				}
				must(t, f.Release())
				_, _ = r.Metadata()
			}
		})
		wg.Go(func() {
			for seq := uint64(1); ; seq++ {
				if err := w.Write(ctx, frame(700, seq)); err != nil {
					if !errors.Is(err, Closed) && !errors.Is(err, NoReader) {
						t.Errorf("write: %v", err)
					}
					return
				}
			}
		})
		wg.Go(func() { must(t, r.Close()) })
		wg.Go(func() { must(t, w.Close()) })
		wg.Wait()
	}
}

func TestCloseEndsSleepingCalls(t *testing.T) {
	r, w := pair(t, Sizes{0, 64}, WithTimeout(limit))
	ctx := within(t)
	result := make(chan error, 1)
	must(t, w.Write(ctx, frame(48, 1)))
	go func() { result <- w.Write(ctx, frame(48, 2)) }()
	eventually(t, "the writer sleeps", func() bool { return *w.semR.data >= oneWaiter })
	must(t, w.Close())
	wantKind(t, <-result, Closed)
	f, err := r.Read(ctx)
	must(t, err)
	must(t, f.Release())
	_, err = r.Read(ctx)
	wantKind(t, err, WriterGone)
	w = mustConnect(t, r.name)
	go func() { _, err := r.Read(ctx); result <- err }()
	eventually(t, "the reader sleeps", func() bool { return *r.semW.data >= oneWaiter })
	w.semR.drain()
	must(t, r.Close())
	wantKind(t, <-result, Closed)
	if w.semR.value() == 0 {
		t.Error("the reader closed without a post for its writer")
	}
	_, err = r.Read(ctx)
	wantKind(t, err, Closed)
	_, err = r.Metadata()
	wantKind(t, err, Closed)
	wantKind(t, w.Write(ctx, []byte{1}), NoReader)
}

// What is held when a side closes stays readable and writable.
func TestHeldMemoryOutlivesClose(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024})
	ctx := within(t)
	must(t, w.Write(ctx, frame(100, 1)))
	f, err := r.Read(ctx)
	must(t, err)
	s, err := w.Acquire(ctx, 100)
	must(t, err)
	must(t, r.Close())
	must(t, w.Close())
	must(t, pattern.CheckFrame(f.Data(), 1))
	pattern.Frame(s.Data(), 2)
	must(t, f.Release())
	wantKind(t, s.Commit(), Closed)
	wantKind(t, w.Write(ctx, []byte{1}), Closed)
	wantKind(t, w.WriteMetadata(nil), Closed)
}

// P5 and P7: a writer that closes is noticed after its last frame; the next one
// begins at sequence 1, on an empty and on a full ring.
func TestReconnect(t *testing.T) {
	r, w := pair(t, Sizes{0, 4096})
	ctx := within(t)
	exchange(t, r, w, 100, 1)
	exchange(t, r, w, 100, 2)
	must(t, w.Close())
	w = mustConnect(t, r.name)
	if v := r.semW.value(); v != 0 {
		t.Errorf("sem-w is %d after a reconnect to an empty ring", v)
	}
	exchange(t, r, w, 100, 1)
	must(t, w.Write(ctx, frame(100, 2)))
	must(t, w.Close())
	w = mustConnect(t, r.name)
	must(t, w.Write(ctx, frame(100, 1)))
	must(t, w.Close())
	for _, want := range []uint64{2, 1} {
		f, err := r.Read(ctx)
		must(t, err)
		if f.Sequence() != want {
			t.Errorf("sequence %d, want %d", f.Sequence(), want)
		}
		must(t, f.Release())
	}
	for range 2 {
		_, err := r.Read(ctx)
		wantKind(t, err, WriterGone)
	}
}

// P5: the reader sees nothing of the change of writers but a first frame at 0,
// where it did not expect it.
func TestReconnectWithARewind(t *testing.T) {
	for _, c := range []struct {
		what string
		// size is that of the first frames of both writers.
		size       int
		eager      bool
		readBefore bool
	}{
		{"only 0 has room, the old frame is read before", 1000, false, true},
		{"only 0 has room, the old frame is read after", 1000, false, false},
		{"there was room behind the old frame", 100, true, true},
		{"the frame takes the whole ring", 1008, false, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
			ctx := within(t)
			must(t, w.Write(ctx, frame(c.size-8, 1)))
			if c.readBefore {
				readOne(t, r, 1)
			}
			must(t, w.Close())
			w = mustConnect(t, r.name, WithTimeout(limit))
			if !c.readBefore {
				readOne(t, r, 1)
			}
			if c.eager {
				rewindAndWrite(t, w, c.size)
			} else {
				must(t, w.Write(ctx, frame(c.size, 1)))
			}
			readOne(t, r, 1)
			exchange(t, r, w, c.size, 2)
			must(t, w.Close())
			_, err := r.Read(ctx)
			wantKind(t, err, WriterGone)
		})
	}
}

// rewindAndWrite writes the first frame to 0, as P1 lets a writer do whenever
// the ring is empty.
func rewindAndWrite(t *testing.T, w *Writer, size int) {
	t.Helper()
	copy(w.seg.ring[headerSize:], frame(size, 1))
	var b batch
	w.stage(&b, placement{size: uint64(size), free: w.seg.payload, rewind: true})
	must(t, w.publish(&b))
}

// The reader tells the rewind also while the writer publishes the next frames.
func TestReconnectWithARewindAndABurst(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
	ctx := within(t)
	exchange(t, r, w, 100, 1)
	for range 200 {
		must(t, w.Close())
		w = mustConnect(t, r.name, WithTimeout(limit))
		done := make(chan error, 1)
		go func() {
			rewindAndWrite(t, w, 100)
			var err error
			for seq := uint64(2); seq <= 6 && err == nil; seq++ {
				err = w.Write(ctx, frame(100, seq))
			}
			done <- err
		}()
		for seq := uint64(1); seq <= 6; seq++ {
			readOne(t, r, seq)
		}
		must(t, <-done)
	}
}

func TestWriterThatNeverWroteIsGoneAfterClose(t *testing.T) {
	r, w := pair(t, Sizes{0, 64}, WithTimeout(limit))
	must(t, w.Close())
	_, err := r.Read(within(t))
	wantKind(t, err, WriterGone)
}

func TestWaitWriter(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 64}, WithTimeout(20*time.Millisecond))
	wantKind(t, r.WaitWriter(within(t)), ReadTimeout)
	r.timeout = limit
	done := make(chan error, 1)
	go func() { done <- r.WaitWriter(within(t)) }()
	mustConnect(t, name)
	must(t, <-done)
}

func TestCancellation(t *testing.T) {
	r, w := pair(t, Sizes{0, 64}, WithTimeout(limit))
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := r.Read(done)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	reason := errors.New("the reason")
	for _, c := range []struct {
		name string
		call func(context.Context) error
		sem  *semaphore
	}{
		{"read", func(ctx context.Context) error { _, err := r.Read(ctx); return err }, r.semW},
		{"write", func(ctx context.Context) error { return w.Write(ctx, frame(48, 1)) }, w.semR},
	} {
		if c.name == "write" {
			must(t, w.Write(context.Background(), frame(48, 1)))
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		result := make(chan error, 1)
		go func() { result <- c.call(ctx) }()
		eventually(t, c.name+" sleeps", func() bool { return *c.sem.data >= oneWaiter })
		cancel(reason)
		err := <-result
		if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Errorf("%s: error is %v", c.name, err)
		}
		if *c.sem.data >= oneWaiter {
			t.Errorf("%s: still counted as a waiter", c.name)
		}
	}
}

// P6: tokens of earlier releases do not keep a blocked writer awake, and more
// releases than the writer waits for leave one token.
func TestStaleTokensAreDrained(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
	ctx := within(t)
	for seq := range uint64(5) {
		exchange(t, r, w, 48, seq+1)
	}
	if v := r.semR.value(); v != 1 {
		t.Errorf("sem-r is %d after five releases", v)
	}
	// Up to the end; what is free before it is too little for the next.
	must(t, w.Write(ctx, frame(1024-5*64-16, 6)))
	result := make(chan error, 1)
	go func() { result <- w.Write(ctx, frame(400, 7)) }()
	eventually(t, "the writer sleeps on no token", func() bool { return atomic.LoadUint64(r.semR.data) == oneWaiter })
	f, err := r.Read(ctx)
	must(t, err)
	must(t, f.Release())
	must(t, <-result)
}
