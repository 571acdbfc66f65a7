package steps

import (
	"time"

	"parley.dev/parley/servant/pattern"
)

// holds draws what a reader does with each frame that it has read, the same in
// every language: how long it holds which ones, and how long it pauses.
type holds struct {
	random   pattern.SplitMix64
	most     uint64
	maxPause uint64 // in microseconds
	held     []uint64
}

// newHolds draws from the output of splitmix64 started at seed. At most most
// frames are held while another one is read.
func newHolds(seed, most, maxPause uint64) *holds {
	return &holds{random: pattern.SplitMix64(seed), most: most, maxPause: maxPause}
}

// next is told that the frame with that sequence number was read. It gives the
// frames to release then, in this order, and the pause after.
//
// With x the next output: frames that were read most frames ago or earlier are
// released first, the oldest first, because space returns to the writer in
// order only, and what is held must not fill the ring. Then x mod (most + 1)
// frames may stay; the others are released, the oldest first if bit 8 of x is 0,
// the newest first otherwise. The pause is (x >> 16) mod (maxPause + 1)
// microseconds.
func (h *holds) next(sequence uint64) (release []uint64, pause time.Duration) {
	x := h.random.Next()
	h.held = append(h.held, sequence)
	for len(h.held) > 0 && h.held[0]+h.most <= sequence {
		release = append(release, h.oldest())
	}
	for uint64(len(h.held)) > x%(h.most+1) {
		if x>>8&1 == 0 {
			release = append(release, h.oldest())
		} else {
			release = append(release, h.newest())
		}
	}
	return release, time.Duration(x>>16%(h.maxPause+1)) * time.Microsecond
}

// rest gives the frames that are still held, the oldest first; none is after.
func (h *holds) rest() []uint64 {
	rest := h.held
	h.held = nil
	return rest
}

func (h *holds) oldest() uint64 {
	first := h.held[0]
	h.held = h.held[1:]
	return first
}

func (h *holds) newest() uint64 {
	end := len(h.held) - 1
	last := h.held[end]
	h.held = h.held[:end]
	return last
}
