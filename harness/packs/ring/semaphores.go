package ring

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"parley.dev/parley/harness/packs"
)

func semaphoreSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the semaphores of ` + buffer + ` are those of glibc`, Summary: "both have 32 bytes, are shared between processes and have nothing in unused bytes", Run: ofGlibc},
		{Pattern: `a reader is waiting on ` + buffer, Summary: "somebody sleeps on the data semaphore", Run: readerWaiting},
		{Pattern: `a writer is blocked on ` + buffer, Summary: "somebody sleeps on the space semaphore", Run: writerBlocked},
	}
}

// A semaphore of glibc in its file (ring protocol, glibc named semaphore).
const (
	semSize     = 32
	semPrivate  = 8 // offset of the field
	semUnused   = 12
	semShared   = 128
	semValueMax = math.MaxInt32
)

func ofGlibc(_ context.Context, c packs.Call) error {
	var d differences
	for _, p := range places(c, c.Args[0])[1:3] {
		b, err := readObject(p.path)
		if err != nil {
			return fmt.Errorf("open the %s of buffer '%s': %w", p.object, c.Args[0], err)
		}
		d.compare(p.object+" of bytes", semSize, uint64(len(b)))
		if len(b) != semSize {
			continue
		}
		if value := binary.LittleEndian.Uint32(b); value > semValueMax {
			d.add(p.object+" with value", fmt.Sprintf("0 to %d", semValueMax), value)
		}
		d.compare(p.object+" with private", semShared, uint64(binary.LittleEndian.Uint32(b[semPrivate:])))
		d.compareBytes(p.object+" from byte 12 on:", make([]byte, semSize-semUnused), b[semUnused:])
	}
	return d.mismatch(fmt.Sprintf("buffer '%s'", c.Args[0]))
}

func readerWaiting(_ context.Context, c packs.Call) error {
	s, err := inspect(c)
	if err != nil {
		return err
	}
	return waiting(c, "reader", "data", s.SemW.Waiters)
}

func writerBlocked(_ context.Context, c packs.Call) error {
	s, err := inspect(c)
	if err != nil {
		return err
	}
	return waiting(c, "writer", "space", s.SemR.Waiters)
}

func waiting(c packs.Call, side, semaphore string, waiters uint32) error {
	if waiters > 0 {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("%s of buffer '%s'", side, c.Args[0]), Expected: fmt.Sprintf("asleep on the %s semaphore", semaphore), Actual: "nobody waits on it"}
}
