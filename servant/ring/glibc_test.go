package ring

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

// newPeer starts the C program.
func newPeer(t *testing.T) *play {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skipf("no C compiler: %v", err)
	}
	exe := filepath.Join(t.TempDir(), "peer")
	if out, err := exec.Command(cc, "-O1", "-Wall", "-Werror", "-o", exe, "testdata/peer.c", "-pthread", "-lrt").CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	return start(t, exec.Command(exe))
}

// Semaphores and segment of ours, used by glibc.
func TestGlibcOpensOurs(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{64, 1024}, WithTimeout(limit), WithSpin(0))
	c := newPeer(t)
	c.do("connect", name)
	// Tokens in both directions.
	r.semW.post(3)
	if a := c.do("value", "w"); a != "ok 3" {
		t.Errorf("glibc sees %s", a)
	}
	for range 3 {
		c.do("wait", "w", 0)
	}
	if a := c.ask("wait", "w", 1); a != "timeout" {
		t.Errorf("glibc's wait on 0: %s", a)
	}
	if v := *r.semW.data; v != 0 {
		t.Errorf("after glibc's timeout the semaphore is %#x", v)
	}
	c.do("post", "r")
	if v := *r.semR.data; v != 1 {
		t.Errorf("after glibc's post the semaphore is %#x", v)
	}
	// glibc sleeps, we post.
	for range 20 {
		c.send("wait", "w", limit.Milliseconds())
		eventually(t, "glibc sleeps", func() bool { return *r.semW.data>>32 == 1 })
		r.semW.post(1)
		if a := c.answer(); a != "ok" {
			t.Fatal(a)
		}
	}
	r.semR.drain()
	// We sleep, glibc writes; glibc sleeps for space, we release.
	ctx := within(t)
	for seq := uint64(1); seq <= 60; seq += 3 {
		type read struct {
			f   *Frame
			err error
		}
		result := make(chan read, 1)
		go func() { f, err := r.Read(ctx); result <- read{f, err} }()
		eventually(t, "the reader sleeps", func() bool { return *r.semW.data>>32 == 1 })
		c.do("write", 496)
		got := <-result
		must(t, got.err)
		must(t, pattern.CheckFrame(got.f.Data(), seq))
		// Two frames fill the ring.
		c.do("write", 496)
		c.send("write", 496)
		eventually(t, "glibc sleeps", func() bool { return *r.semR.data>>32 == 1 })
		must(t, got.f.Release())
		if a := c.answer(); a != "ok" {
			t.Fatal(a)
		}
		for next := seq + 1; next < seq+3; next++ {
			f, err := r.Read(ctx)
			must(t, err)
			must(t, pattern.CheckFrame(f.Data(), next))
			must(t, f.Release())
		}
	}
	c.do("close")
	_, err := r.Read(ctx)
	wantKind(t, err, WriterGone)
}

// Semaphores and segment of glibc's making, used by us.
func TestWeOpenGlibcs(t *testing.T) {
	name := unique(t)
	c := newPeer(t)
	c.do("create", name, 64, 1024)
	w := mustConnect(t, name, WithTimeout(limit), WithSpin(0))
	ctx := within(t)
	must(t, w.WriteMetadata([]byte("metadata")))
	sequence := uint64(0)
	for range 20 {
		// glibc sleeps for a frame.
		c.send("read", limit.Milliseconds())
		eventually(t, "glibc sleeps", func() bool { return *w.semW.data>>32 == 1 })
		sequence++
		must(t, w.Write(ctx, frame(300, sequence)))
		if a := c.answer(); a != fmt.Sprintf("ok %d 300", sequence) {
			t.Fatalf("frame %d: %s", sequence, a)
		}
		// We sleep for space.
		sequence++
		must(t, w.Write(ctx, frame(800, sequence)))
		result := make(chan error, 1)
		next := frame(800, sequence+1)
		go func() { result <- w.Write(ctx, next) }()
		eventually(t, "the writer sleeps", func() bool { return *w.semR.data>>32 == 1 })
		for range 2 {
			if a := c.do("read", limit.Milliseconds()); a != fmt.Sprintf("ok %d 800", sequence) {
				t.Fatalf("frame %d: %s", sequence, a)
			}
			sequence++
		}
		must(t, <-result)
		sequence--
	}
	s := state(t, name)
	if s.SemW.Value != 0 || s.SemW.Waiters != 0 || s.SemR.Waiters != 0 || s.PayloadFreeBytes != 1024 {
		t.Errorf("%+v", s)
	}
	c.do("close")
	wantKind(t, w.Write(ctx, []byte{1}), NoReader)
}

// A glibc waiter that is killed asleep leaves its count; nothing else happens.
func TestGlibcWaiterKilledAsleep(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 1024}, WithTimeout(limit))
	c := newPeer(t)
	c.do("connect", name)
	c.send("wait", "r", limit.Milliseconds())
	eventually(t, "glibc sleeps", func() bool { return *r.semR.data>>32 == 1 })
	c.kill()
	w := mustConnect(t, name)
	for seq := uint64(1); seq <= 20; seq++ {
		exchange(t, r, w, 700, seq)
	}
	if s := state(t, name); s.SemR.Waiters != 1 {
		t.Errorf("sem-r is %+v", s.SemR)
	}
}

// The sliced wait keeps its count of waiters over many slices.
func TestLongSleepIsOneWaiter(t *testing.T) {
	r := mustCreate(t, unique(t), Sizes{0, 64}, WithTimeout(6*slice))
	done := make(chan error, 1)
	go func() { _, err := r.Read(within(t)); done <- err }()
	for {
		select {
		case err := <-done:
			wantKind(t, err, ReadTimeout)
			if v := *r.semW.data; v != 0 {
				t.Errorf("after the timeout the semaphore is %#x", v)
			}
			return
		case <-time.After(time.Millisecond):
			if n := *r.semW.data >> 32; n > 1 {
				t.Fatalf("one reader counts as %d waiters", n)
			}
		}
	}
}
