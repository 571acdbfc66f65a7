package ring

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"

	"parley.dev/parley/harness/packs"
)

func frameSteps() []packs.Definition {
	const at = `the frame at '(\d+)' of ` + buffer
	return []packs.Definition{
		{Pattern: at + ` is given the size '(\d+)' and the sequence '(\d+)'`, Summary: "writes a frame's header at a position of the payload, as a peer that goes wrong would", Changes: true, Run: giveHeader},
		{Pattern: at + ` has the size '(\d+)' and the sequence '(\d+)'`, Summary: "the frame's header at a position of the payload", Run: hasHeader},
		{Pattern: buffer + ` holds a wrap marker at '(\d+)'`, Summary: "size and sequence of the header at a position of the payload are 0", Run: hasMarker},
	}
}

// header is what stands in front of a frame's data; both 0 is a wrap marker
// (ring protocol, Segment).
type header struct{ size, sequence uint64 }

func (h header) String() string {
	if h == (header{}) {
		return "a wrap marker"
	}
	return fmt.Sprintf("size %d, sequence %d", h.size, h.sequence)
}

func parseHeader(b []byte) header {
	return header{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// headerAt returns where in the file the header at a position of the payload is.
func (s *segment) headerAt(position uint64) (int64, error) {
	start, size, err := s.payload()
	if err != nil {
		return 0, err
	}
	if size < headerSize || position > uint64(size-headerSize) {
		return 0, fmt.Errorf("buffer '%s' has no header at %d: its payload has %d bytes, a header %d", s.buffer, position, size, headerSize)
	}
	return start + int64(position), nil
}

func giveHeader(_ context.Context, c packs.Call) error {
	position, err := c.Uint(0)
	if err != nil {
		return err
	}
	h, err := headerOf(c)
	if err != nil {
		return err
	}
	s, err := openSegment(c, c.Args[1], os.O_RDWR)
	if err != nil {
		return err
	}
	defer s.Close()
	at, err := s.headerAt(position)
	if err != nil {
		return err
	}
	var b [headerSize]byte
	binary.LittleEndian.PutUint64(b[:], h.size)
	binary.LittleEndian.PutUint64(b[8:], h.sequence)
	if _, err := s.WriteAt(b[:], at); err != nil {
		return fmt.Errorf("write a header into buffer '%s': %w", s.buffer, err)
	}
	return nil
}

// headerOf takes a header from the step's third and fourth argument.
func headerOf(c packs.Call) (header, error) {
	size, err := c.Uint(2)
	if err != nil {
		return header{}, err
	}
	sequence, err := c.Uint(3)
	return header{size, sequence}, err
}

func hasHeader(_ context.Context, c packs.Call) error {
	position, err := c.Uint(0)
	if err != nil {
		return err
	}
	want, err := headerOf(c)
	if err != nil {
		return err
	}
	return checkHeader(c, c.Args[1], position, want)
}

func hasMarker(_ context.Context, c packs.Call) error {
	position, err := c.Uint(1)
	if err != nil {
		return err
	}
	return checkHeader(c, c.Args[0], position, header{})
}

func checkHeader(c packs.Call, buffer string, position uint64, want header) error {
	s, err := openSegment(c, buffer, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer s.Close()
	at, err := s.headerAt(position)
	if err != nil {
		return err
	}
	var b [headerSize]byte
	if _, err := s.ReadAt(b[:], at); err != nil {
		return fmt.Errorf("read a header of buffer '%s': %w", buffer, err)
	}
	if got := parseHeader(b[:]); got != want {
		return &packs.Mismatch{What: fmt.Sprintf("buffer '%s' at %d", buffer, position), Expected: want.String(), Actual: got.String()}
	}
	return nil
}
