package ring

import (
	"encoding/binary"
	"errors"
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	semSize    = 32
	semShared  = 128
	semMax     = 0x7fffffff
	oneWaiter  = 1 << 32
	valueMask  = oneWaiter - 1
	fieldSemW  = "sem_w_value"
	fieldSemR  = "sem_r_value"
	fieldShare = "_private"
)

var errForeignSemaphore = errors.New("not a semaphore of glibc 2.21 or later; musl's semaphores differ, so build the peer with glibc")

// semaphore is a glibc named semaphore, mapped ("glibc named semaphore").
type semaphore struct {
	mem  []byte
	data *uint64
}

// newSemaphore is the content of a semaphore's file with value 0.
func newSemaphore() []byte {
	b := make([]byte, semSize)
	binary.LittleEndian.PutUint32(b[8:], semShared)
	return b
}

// openSemaphore maps the semaphore at path; kind is "sem_w" or "sem_r" and
// begins the field's name in errors.
func openSemaphore(name, kind, path string) (*semaphore, error) {
	fd, st, err := openShared(name, path, unix.O_RDWR)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	if st.Size < semSize {
		return nil, corrupt(name, kind+"_size", uint64(st.Size), semSize)
	}
	mem, err := unix.Mmap(fd, 0, semSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, system(name, "mmap", path, err)
	}
	s := &semaphore{mem: mem, data: (*uint64)(unsafe.Pointer(unsafe.SliceData(mem)))}
	if share := binary.LittleEndian.Uint32(mem[8:]); share != semShared {
		s.unmap()
		return nil, &Error{Kind: Corrupt, Name: name, Field: kind + fieldShare, Value: uint64(share), Limit: semShared, Err: errForeignSemaphore}
	}
	return s, nil
}

func (s *semaphore) unmap() { _ = unix.Munmap(s.mem) }

func (s *semaphore) value() uint64 { return atomic.LoadUint64(s.data) & valueMask }

// take takes up to most tokens at once and returns how many it took.
func (s *semaphore) take(most uint64) uint64 {
	for {
		d := atomic.LoadUint64(s.data)
		n := min(d&valueMask, most)
		if n == 0 || atomic.CompareAndSwapUint64(s.data, d, d-n) {
			return n
		}
	}
}

// drain sets the value to 0.
func (s *semaphore) drain() { s.take(math.MaxUint64) }

// post adds n tokens and wakes a waiter, if any. It reports false, and adds
// nothing, if the value would pass SEM_VALUE_MAX.
func (s *semaphore) post(n uint64) bool {
	for {
		d := atomic.LoadUint64(s.data)
		if d&valueMask+n > semMax {
			return false
		}
		if atomic.CompareAndSwapUint64(s.data, d, d+n) {
			if d >= oneWaiter {
				wake(s.data, 1)
			}
			return true
		}
	}
}

// nudge posts one token unless one is there that nobody waits for (P6).
func (s *semaphore) nudge() {
	if d := atomic.LoadUint64(s.data); d&valueMask == 0 || d >= oneWaiter {
		s.post(1)
	}
}

// enter and leave bracket the time in which the caller may sleep.
func (s *semaphore) enter() { atomic.AddUint64(s.data, oneWaiter) }
func (s *semaphore) leave() { atomic.AddUint64(s.data, ^uint64(oneWaiter-1)) }

// sleep sleeps while the value is 0, at most d; only between enter and leave.
func (s *semaphore) sleep(d time.Duration) { sleepOn(s.data, d) }

// rouse wakes every sleeper without a token.
func (s *semaphore) rouse() { wake(s.data, math.MaxInt32) }
