package steps

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant"
)

// measureAdditions adds 1 again and again to two words of shared memory that no
// other process uses, and checks the sums.
func measureAdditions(ctx context.Context, _ string, atomically, plainly uint64) error {
	if atomically == 0 || plainly == 0 {
		return servant.Failf("%d atomic and %d plain additions cannot be compared; both must be at least 1", atomically, plainly)
	}
	page, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANON)
	if err != nil {
		return fmt.Errorf("map a page of shared memory: %w", err)
	}
	each, plain := addAtomically(wordAt(page, 0), atomically), addPlainly(wordAt(page, cacheLine), plainly)
	err = errors.Join(checkSum("atomic", atomically, *wordAt(page, 0)), checkSum("plain", plainly, *wordAt(page, cacheLine)), unix.Munmap(page))
	if err != nil {
		return err
	}
	return report(ctx, fmt.Sprintf("%d atomic and %d plain additions", atomically, plainly),
		figure{"atomic", each, nanoseconds}, figure{"plain", plain, nanoseconds}, figure{"atomic of plain", each / plain, ratio})
}

// cacheLine keeps the two words apart, in bytes.
const cacheLine = 64

func wordAt(page []byte, offset int) *uint64 {
	return (*uint64)(unsafe.Pointer(&page[offset : offset+8][0]))
}

// addAtomically gives nanoseconds for each addition.
func addAtomically(word *uint64, times uint64) float64 {
	start := time.Now()
	for range times {
		atomic.AddUint64(word, 1)
	}
	return nanosecondsEach(start, times)
}

// addPlainly gives nanoseconds for each addition.
func addPlainly(word *uint64, times uint64) float64 {
	start := time.Now()
	for range times {
		*word++
	}
	return nanosecondsEach(start, times)
}

func nanosecondsEach(start time.Time, times uint64) float64 {
	return float64(max(time.Since(start), 1)) / float64(times)
}

func checkSum(what string, want, got uint64) error {
	if want != got {
		return servant.Mismatch("sum of "+what+" additions", want, got)
	}
	return nil
}
