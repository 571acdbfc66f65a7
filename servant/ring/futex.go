package ring

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	futexWait = 0
	futexWake = 1
)

// sleepOn sleeps while the low word at addr is 0, at most d by CLOCK_MONOTONIC.
// It returns early for any reason, as a futex may.
func sleepOn(addr *uint64, d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), futexWait, 0, uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// wake wakes up to n sleepers, of any process.
func wake(addr *uint64, n int) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), futexWake, uintptr(n), 0, 0, 0)
}
