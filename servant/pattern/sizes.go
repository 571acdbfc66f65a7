package pattern

import "fmt"

// Sizes draws the sizes of frames from a seed, the same in every language.
type Sizes struct {
	random SplitMix64
	min    uint64
	span   uint64
}

// NewSizes draws sizes from min to max, both included, in bytes: min + x mod
// (max − min + 1), x the next output of splitmix64 started at seed. It panics
// unless 0 ≤ min ≤ max.
func NewSizes(seed uint64, min, max int) *Sizes {
	if min < 0 || max < min {
		panic(fmt.Sprintf("pattern: sizes from %d to %d are not a range", min, max))
	}
	return &Sizes{random: SplitMix64(seed), min: uint64(min), span: uint64(max-min) + 1}
}

// Next gives the next size in bytes.
func (s *Sizes) Next() int { return int(s.min + s.random.Next()%s.span) }

// SplitMix64 is the state of the generator of that name; its value is the seed.
type SplitMix64 uint64

// Next gives the next output.
func (s *SplitMix64) Next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
