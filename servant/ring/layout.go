package ring

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	oiebSize   = 128
	align      = 64
	headerSize = 16
	// metadataHeader is the length before the metadata.
	metadataHeader = 8
	major          = 1
	// maxPID is the kernel's limit of process ids on 64-bit machines.
	maxPID = 1 << 22
)

// oieb is the block at the start of the segment ("Segment").
type oieb struct {
	size            uint32
	version         [4]uint8
	metadataSize    uint64
	metadataFree    uint64
	metadataWritten uint64
	payloadSize     uint64
	payloadFree     uint64
	payloadWritePos uint64
	payloadReadPos  uint64
	payloadWritten  uint64
	payloadRead     uint64
	writerPID       uint64
	readerPID       uint64
	reserved        [4]uint64
}

// The compiler refuses a layout of any other size.
var _ [oiebSize]byte = [unsafe.Sizeof(oieb{})]byte{}

// Names of the fields, as errors give them.
const (
	fieldSegmentSize     = "segment_size"
	fieldOIEBSize        = "oieb_size"
	fieldVersion         = "version_major"
	fieldMetadataSize    = "metadata_size"
	fieldMetadataFree    = "metadata_free_bytes"
	fieldMetadataWritten = "metadata_written_bytes"
	fieldMetadataLength  = "metadata_length"
	fieldPayloadSize     = "payload_size"
	fieldPayloadFree     = "payload_free_bytes"
	fieldWritePos        = "payload_write_pos"
	fieldReadPos         = "payload_read_pos"
	fieldWrittenCount    = "payload_written_count"
	fieldReadCount       = "payload_read_count"
	fieldWriterPID       = "writer_pid"
	fieldReaderPID       = "reader_pid"
	fieldFrameSize       = "frame_size"
)

// segment is a mapped segment with the snapshot of its sizes.
type segment struct {
	name     string
	mem      []byte
	metadata uint64
	payload  uint64
	ring     []byte
	o        *oieb
}

func mapSegment(fd int, name, path string, size int) (*segment, error) {
	mem, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, system(name, "mmap", path, err)
	}
	return &segment{name: name, mem: mem, o: (*oieb)(unsafe.Pointer(unsafe.SliceData(mem)))}, nil
}

// validate takes the snapshot of the sizes and checks the whole block, in the
// order of its fields ("Hostile and broken memory").
func (s *segment) validate() error {
	o := s.o
	if size := atomic.LoadUint32(&o.size); size != oiebSize {
		return corrupt(s.name, fieldOIEBSize, uint64(size), oiebSize)
	}
	if v := uint64(o.version[0]); v != major {
		return &Error{Kind: VersionMismatch, Name: s.name, Field: fieldVersion, Value: v, Limit: major}
	}
	room := uint64(len(s.mem)) - oiebSize
	if room < align {
		return corrupt(s.name, fieldSegmentSize, uint64(len(s.mem)), oiebSize+align)
	}
	m, p := atomic.LoadUint64(&o.metadataSize), atomic.LoadUint64(&o.payloadSize)
	if m%align != 0 || m > room-align {
		return corrupt(s.name, fieldMetadataSize, m, room-align)
	}
	if p%align != 0 || p < align || p > room-m {
		return corrupt(s.name, fieldPayloadSize, p, room-m)
	}
	s.metadata, s.payload = m, p
	s.ring = s.mem[oiebSize+m : oiebSize+m+p : oiebSize+m+p]
	for _, f := range []struct {
		name  string
		at    *uint64
		limit uint64
	}{
		{fieldMetadataFree, &o.metadataFree, m},
		{fieldMetadataWritten, &o.metadataWritten, m},
		{fieldPayloadFree, &o.payloadFree, p},
		{fieldWritePos, &o.payloadWritePos, p},
		{fieldReadPos, &o.payloadReadPos, p},
		{fieldWriterPID, &o.writerPID, maxPID},
		{fieldReaderPID, &o.readerPID, maxPID},
	} {
		if v := atomic.LoadUint64(f.at); v > f.limit {
			return corrupt(s.name, f.name, v, f.limit)
		}
	}
	return nil
}

// bounded loads a field that must not exceed limit.
func (s *segment) bounded(at *uint64, field string, limit uint64) (uint64, error) {
	v := atomic.LoadUint64(at)
	if v > limit {
		return 0, corrupt(s.name, field, v, limit)
	}
	return v, nil
}

// header loads the frame header at pos, which has room for one.
func (s *segment) header(pos uint64) (size, sequence uint64) {
	p := unsafe.Pointer(&s.ring[pos : pos+headerSize][0])
	return load(p), load(unsafe.Add(p, 8))
}

func (s *segment) setHeader(pos, size, sequence uint64) {
	p := unsafe.Pointer(&s.ring[pos : pos+headerSize][0])
	*(*[2]uint64)(p) = [2]uint64{size, sequence}
}

// load reads a word that is not aligned in general: frames have no padding.
func load(p unsafe.Pointer) uint64 { return *(*uint64)(p) }

func (s *segment) unmap() { _ = unix.Munmap(s.mem) }
