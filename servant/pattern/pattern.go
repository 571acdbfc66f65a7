// Package pattern is the test pattern that every language fills frames and
// metadata with, and the sizes of seeded frames, so that any process can check
// what any other wrote.
package pattern

import "fmt"

// period is after how many bytes every arithmetic progression mod 256 repeats.
const period = 256

// ramp is 0, 1, … 255 twice, so that any byte begins a whole period.
var ramp = func() (r [2 * period]byte) {
	for i := range r {
		r[i] = byte(i)
	}
	return r
}()

// Frame fills dst with the content of the frame with that sequence number: byte
// i is (i + sequence) mod 256.
func Frame(dst []byte, sequence uint64) {
	first := sequence % period
	repeat(dst, copy(dst, ramp[first:first+period]))
}

// CheckFrame checks that data is the content of the frame with that sequence
// number. The error names the first wrong byte.
func CheckFrame(data []byte, sequence uint64) error {
	first := sequence % period
	if i := firstWrong(data, ramp[first:first+period]); i >= 0 {
		return fmt.Errorf("frame %d of %d bytes: byte %d is %#02x, expected %#02x", sequence, len(data), i, data[i], byte(uint64(i)+sequence))
	}
	return nil
}

// Metadata fills dst with the content of metadata: byte i is (7·i + 3) mod 256.
func Metadata(dst []byte) {
	head := dst[:min(len(dst), period)]
	for i := range head {
		head[i] = byte(7*i + 3)
	}
	repeat(dst, len(head))
}

// CheckMetadata checks that data is the content of metadata. The error names
// the first wrong byte.
func CheckMetadata(data []byte) error {
	var want [period]byte
	Metadata(want[:])
	if i := firstWrong(data, want[:]); i >= 0 {
		return fmt.Errorf("metadata of %d bytes: byte %d is %#02x, expected %#02x", len(data), i, data[i], byte(7*i+3))
	}
	return nil
}

// repeat fills dst with its first n bytes, whole periods unless n is all,
// doubling what is there.
func repeat(dst []byte, n int) {
	for ; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// firstWrong gives the index of the first byte of data that differs from want,
// one period, repeated; -1 if there is none.
func firstWrong(data, want []byte) int {
	for at := 0; at < len(data); at += period {
		part := data[at:min(at+period, len(data))]
		if string(part) == string(want[:len(part)]) {
			continue
		}
		for i := range part {
			if part[i] != want[i] {
				return at + i
			}
		}
	}
	return -1
}
