package ring

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// busySpin is how long a wait keeps the processor to itself.
	busySpin = 2 * time.Microsecond
	// slice bounds one sleep, and so how late a dead peer or a cancelled
	// context is noticed.
	slice = 20 * time.Millisecond
	// longWaits is after how many sleeps in a row yielding is not worth it.
	longWaits = 3
)

// origin is the zero of now.
var origin = time.Now()

// now is CLOCK_MONOTONIC with a fixed zero.
func now() time.Duration { return time.Since(origin) }

// spinner is the part of a wait before it sleeps ("Waiting, and speed").
type spinner struct {
	yield  time.Duration
	alone  bool
	missed int
}

func newSpinner(yield time.Duration) spinner {
	return spinner{yield: yield, alone: runtime.NumCPU() == 1}
}

// until calls done again and again, first with pauses, then yielding the
// processor, and reports whether it became true. When recent waits ended
// asleep it gives up after the first phase.
func (s *spinner) until(start time.Duration, done func() bool) bool {
	if s.yield == 0 {
		return false
	}
	if !s.alone {
		for now()-start < busySpin {
			pause(4)
			if done() {
				return true
			}
		}
	}
	if s.missed >= longWaits {
		return false
	}
	for i := 1; now()-start < s.yield; i++ {
		_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		if done() {
			return true
		}
		// The peer may be a goroutine of this process that has no thread.
		if i%8 == 0 {
			runtime.Gosched()
		}
	}
	return false
}

// slept learns from a wait that began at start and had to sleep.
func (s *spinner) slept(start time.Duration) {
	if now()-start > s.yield {
		s.missed++
	} else {
		s.missed = 0
	}
}

// woke learns from a wait that did not have to sleep.
func (s *spinner) woke() { s.missed = 0 }
