package ring

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// MaxName is the greatest length of a buffer's name in bytes.
const MaxName = 245

const (
	shmDir  = "/dev/shm"
	lockDir = "/tmp/zerobuffer"
)

// CheckName says whether name may name a buffer: 1 to 245 bytes of A-Z a-z
// 0-9 . _ -, not starting with a dot ("Objects of a buffer"). The error is of
// kind [InvalidName].
func CheckName(name string) error {
	invalid := func(why string) error {
		return &Error{Kind: InvalidName, Name: name, Err: fmt.Errorf("%s; use 1 to %d of A-Z a-z 0-9 . _ -, not starting with a dot", why, MaxName)}
	}
	switch {
	case name == "":
		return invalid("it is empty")
	case len(name) > MaxName:
		return invalid(fmt.Sprintf("it has %d bytes", len(name)))
	case name[0] == '.':
		return invalid("it starts with a dot")
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return invalid(fmt.Sprintf("byte %d is %q", i, c))
		}
	}
	return nil
}

// Objects gives the paths of the four objects of the buffer called name: the
// segment, the data semaphore, the space semaphore and the reader's lock. The
// name is not checked.
func Objects(name string) (segment, semW, semR, lock string) {
	return shmDir + "/" + name,
		shmDir + "/sem.sem-w-" + name,
		shmDir + "/sem.sem-r-" + name,
		lockDir + "/" + name + ".lock"
}

// Sizes are the sizes of a buffer in bytes, as asked. Both are rounded up to a
// multiple of 64. Metadata may be 0; Payload is at least 1.
type Sizes struct{ Metadata, Payload int }

// rounded gives the sizes of the blocks as they are in the segment.
func (s Sizes) rounded() (Sizes, error) {
	const most = math.MaxInt - oiebSize - 2*align
	switch {
	case s.Metadata < 0:
		return Sizes{}, fmt.Errorf("metadata size %d is negative: %w", s.Metadata, unix.EINVAL)
	case s.Payload < 1:
		return Sizes{}, fmt.Errorf("payload size %d is below 1: %w", s.Payload, unix.EINVAL)
	case s.Metadata > most || s.Payload > most-s.Metadata:
		return Sizes{}, fmt.Errorf("metadata size %d and payload size %d exceed the address space: %w", s.Metadata, s.Payload, unix.EFBIG)
	}
	return Sizes{Metadata: roundUp(s.Metadata), Payload: roundUp(s.Payload)}, nil
}

func roundUp(n int) int { return (n + align - 1) &^ (align - 1) }

// Largest is the size in bytes of the largest frame of a ring whose payload
// size was asked as payload.
func Largest(payload int) int { return roundUp(payload) - headerSize }
