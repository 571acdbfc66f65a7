// Package pattern is the test pattern that every language fills frames and
// metadata with, and the sizes of seeded frames, so that any process can check
// what any other wrote.
package pattern

import "fmt"

// Frame fills dst with the content of the frame with that sequence number: byte
// i is (i + sequence) mod 256.
func Frame(dst []byte, sequence uint64) { fill(dst, byte(sequence), 1) }

// CheckFrame checks that data is the content of the frame with that sequence
// number. The error names the first wrong byte.
func CheckFrame(data []byte, sequence uint64) error {
	if i := firstWrong(data, byte(sequence), 1); i >= 0 {
		return fmt.Errorf("frame %d of %d bytes: byte %d is %#02x, expected %#02x", sequence, len(data), i, data[i], byte(uint64(i)+sequence))
	}
	return nil
}

// Metadata fills dst with the content of metadata: byte i is (7·i + 3) mod 256.
func Metadata(dst []byte) { fill(dst, 3, 7) }

// CheckMetadata checks that data is the content of metadata. The error names
// the first wrong byte.
func CheckMetadata(data []byte) error {
	if i := firstWrong(data, 3, 7); i >= 0 {
		return fmt.Errorf("metadata of %d bytes: byte %d is %#02x, expected %#02x", len(data), i, data[i], byte(7*i+3))
	}
	return nil
}

// period is after how many bytes every arithmetic progression mod 256 repeats.
const period = 256

// fill writes first, first+step, … mod 256.
func fill(dst []byte, first, step byte) {
	head := dst[:min(len(dst), period)]
	for i := range head {
		head[i] = first + byte(i)*step
	}
	// What is there is a whole number of periods: repeat it, doubling.
	for n := len(head); n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// firstWrong gives the index of the first byte that fill would not have
// written, -1 if there is none.
func firstWrong(data []byte, first, step byte) int {
	var want [period]byte
	fill(want[:], first, step)
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
