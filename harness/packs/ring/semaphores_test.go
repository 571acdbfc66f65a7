package ring

import (
	"context"
	"os"
	"testing"
	"time"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

func TestSemaphoresOfGlibc(t *testing.T) {
	c := newCell(t)
	c.check(t, "the semaphores of buffer 'b' are those of glibc", "open the data semaphore of buffer 'b'")
	c.create(t, "b", ring.Sizes{Payload: 64})
	c.check(t, "the semaphores of buffer 'b' are those of glibc", "")
	_, semW, semR, _ := ring.Objects(c.Resource("b"))
	for path, what := range map[string]string{semW: "data semaphore", semR: "space semaphore"} {
		for _, tc := range []struct {
			at         int64
			value, was byte
			says       string
		}{
			{3, 0x80, 0, "expected " + what + " with value 0 to 2147483647, got " + what + " with value 2147483648"},
			{8, 0, 128, "expected " + what + " with private 128, got " + what + " with private 0"},
			{12, 1, 0, "expected " + what + " from byte 12 on: byte 0 00, got " + what + " from byte 12 on: byte 0 01"},
			{31, 9, 0, "from byte 12 on: byte 19 09"},
			{0, 5, 0, ""},
		} {
			poke(t, path, tc.at, tc.value)
			c.check(t, "the semaphores of buffer 'b' are those of glibc", tc.says)
			poke(t, path, tc.at, tc.was)
		}
		must(t, os.Truncate(path, 16))
		c.check(t, "the semaphores of buffer 'b' are those of glibc", "expected "+what+" of bytes 32, got "+what+" of bytes 16")
		must(t, os.Truncate(path, 32))
		poke(t, path, 8, 128)
	}
	c.check(t, "the semaphores of buffer 'b' are those of glibc", "")
}

func TestAReaderIsWaiting(t *testing.T) {
	c := newCell(t)
	r, _ := c.create(t, "b", ring.Sizes{Payload: 1024})
	c.check(t, "a reader is waiting on buffer 'b'", "reader of buffer 'b': expected asleep on the data semaphore, got nobody waits on it")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := r.Read(ctx)
		done <- err
	}()
	limited, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	must(t, packs.Poll(limited, func(context.Context) error { return c.perform(t, "a reader is waiting on buffer 'b'") }))
	cancel()
	<-done
}

func TestLock(t *testing.T) {
	c := newCell(t)
	r, _ := c.create(t, "b", ring.Sizes{Payload: 64})
	c.check(t, "the lock of buffer 'b' is held", "")
	c.check(t, "the lock of buffer 'b' is there and not held", "lock of buffer 'b': expected there and not held, got held")
	path := pathOf(packsCall(c), "lock", "b")
	must(t, os.Rename(path, path+".aside"))
	c.check(t, "the lock of buffer 'b' is held", "expected held, got not there")
	must(t, os.WriteFile(path, nil, 0o600))
	c.check(t, "the lock of buffer 'b' is there and not held", "")
	c.check(t, "the lock of buffer 'b' is held", "expected held, got there and not held")
	must(t, os.Rename(path+".aside", path))
	must(t, r.Close())
}
