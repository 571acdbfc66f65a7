package steps

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

// stampSize is the size of a time stamp in bytes: when it was written, in
// nanoseconds of CLOCK_MONOTONIC, and its number from 1; both u64, little endian.
const stampSize = 16

// writeStamps writes the first stamp at once and the others at the times that
// the rate gives; a stamp that is late does not delay the next.
func writeStamps(ctx context.Context, _ string, stamps, rate uint64) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	if rate == 0 {
		return servant.Failf("0 time stamps a second are none; the rate must be at least 1")
	}
	start, err := clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		return err
	}
	var data [stampSize]byte
	for n := range stamps {
		due := start + time.Duration(float64(n)*float64(time.Second)/float64(rate))
		at, err := waitUntil(ctx, due)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(data[:], uint64(at))
		binary.LittleEndian.PutUint64(data[8:], n+1)
		if err := w.Write(ctx, data[:]); err != nil {
			return failed(fmt.Sprintf("write time stamp %d", n+1), err)
		}
		w.written++
	}
	return nil
}

func readStamps(ctx context.Context, _ string, stamps uint64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	if stamps == 0 {
		return servant.Failf("0 time stamps are none; read at least 1")
	}
	delays := make([]time.Duration, 0, stamps)
	for n := range stamps {
		frame, err := r.take(ctx)
		if err != nil {
			return failed(fmt.Sprintf("read time stamp %d", n+1), err)
		}
		now, err := clock(unix.CLOCK_MONOTONIC)
		if err != nil {
			return err
		}
		written, err := stampOf(frame, n+1)
		if err != nil {
			return err
		}
		if now < written {
			return servant.Mismatch(fmt.Sprintf("time stamp %d was written", n+1), "before it was read", fmt.Sprintf("%v after", written-now))
		}
		delays = append(delays, now-written)
		if err := r.release(frame.Sequence()); err != nil {
			return err
		}
	}
	return report(ctx, fmt.Sprintf("%d time stamps on their way", stamps), distribution(delays)...)
}

// stampOf checks a frame that is a time stamp and gives when it was written.
func stampOf(frame *ring.Frame, number uint64) (time.Duration, error) {
	if frame.Size() != stampSize {
		return 0, servant.Mismatch(fmt.Sprintf("bytes of time stamp %d", number), stampSize, frame.Size())
	}
	if got := binary.LittleEndian.Uint64(frame.Data()[8:]); got != number {
		return 0, servant.Mismatch("number of the time stamp", number, got)
	}
	return time.Duration(binary.LittleEndian.Uint64(frame.Data())), nil
}
