package ring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

// Sizes of the layout, in bytes (ring protocol, Segment).
const (
	oiebSize   = 128
	headerSize = 16
	alignment  = 64
)

// segment is an open segment of a buffer. The pack reads and writes the file, it
// maps nothing: what another process cuts off is an error and no SIGBUS.
type segment struct {
	*os.File
	buffer string // as the scenario calls it
}

// openSegment opens the segment of a buffer; the caller closes it.
func openSegment(c packs.Call, buffer string, flag int) (*segment, error) {
	path, _, _, _ := ring.Objects(c.Cell.Resource(buffer))
	f, err := openObject(path, flag)
	if err != nil {
		return nil, fmt.Errorf("open the segment of buffer '%s': %w", buffer, err)
	}
	return &segment{f, buffer}, nil
}

// openObject opens a regular file, without following a link or waiting for the
// other end of a FIFO.
func openObject(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file but %v", path, info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// readObject returns the content of an object.
func readObject(path string) ([]byte, error) {
	f, err := openObject(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// oieb is a copy of the first 128 bytes of a segment.
type oieb [oiebSize]byte

func (s *segment) oieb() (oieb, error) {
	var o oieb
	if _, err := s.ReadAt(o[:], 0); err != nil {
		return o, fmt.Errorf("read the OIEB of buffer '%s': %w", s.buffer, err)
	}
	return o, nil
}

// readOIEB opens a segment for its OIEB alone.
func readOIEB(c packs.Call, buffer string) (oieb, error) {
	s, err := openSegment(c, buffer, os.O_RDONLY)
	if err != nil {
		return oieb{}, err
	}
	defer s.Close()
	return s.oieb()
}

func (o oieb) u64(f field) uint64 {
	var wide [8]byte
	copy(wide[:], o[f.at:f.at+f.size])
	return binary.LittleEndian.Uint64(wide[:])
}

func (o oieb) get(name string) uint64 { return o.u64(fields[name]) }

// payload returns where the payload begins in the file and how many bytes it
// has, provided the fields that say so can be true.
func (s *segment) payload() (start, size int64, err error) {
	o, err := s.oieb()
	if err != nil {
		return 0, 0, err
	}
	info, err := s.Stat()
	if err != nil {
		return 0, 0, fmt.Errorf("look at the segment of buffer '%s': %w", s.buffer, err)
	}
	m, p, file := o.get("metadata_size"), o.get("payload_size"), uint64(info.Size())
	if m > file || p > file || oiebSize+m+p > file {
		return 0, 0, fmt.Errorf("buffer '%s' does not say where its payload is: metadata_size %d and payload_size %d in a segment of %d bytes", s.buffer, m, p, file)
	}
	return int64(oiebSize + m), int64(p), nil
}

// missing reports whether an object's name leads nowhere.
func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
