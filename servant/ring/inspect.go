package ring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// State is a buffer as seen from outside at one moment. The fields of the OIEB
// are as found, whether or not they can be true.
type State struct {
	// SegmentSize is the size of the segment's file in bytes.
	SegmentSize int64  `json:"segment_size"`
	OIEBSize    uint32 `json:"oieb_size"`
	// Version is major, minor, patch and the reserved byte.
	Version              [4]int    `json:"version"`
	MetadataSize         uint64    `json:"metadata_size"`
	MetadataFreeBytes    uint64    `json:"metadata_free_bytes"`
	MetadataWrittenBytes uint64    `json:"metadata_written_bytes"`
	PayloadSize          uint64    `json:"payload_size"`
	PayloadFreeBytes     uint64    `json:"payload_free_bytes"`
	PayloadWritePos      uint64    `json:"payload_write_pos"`
	PayloadReadPos       uint64    `json:"payload_read_pos"`
	PayloadWrittenCount  uint64    `json:"payload_written_count"`
	PayloadReadCount     uint64    `json:"payload_read_count"`
	WriterPID            uint64    `json:"writer_pid"`
	ReaderPID            uint64    `json:"reader_pid"`
	SemW                 SemState  `json:"sem_w"`
	SemR                 SemState  `json:"sem_r"`
	Lock                 LockState `json:"lock"`
}

// SemState is a named semaphore as seen from outside.
type SemState struct {
	Exists bool `json:"exists"`
	// Size is the size of its file in bytes.
	Size    int64  `json:"size"`
	Value   uint32 `json:"value"`
	Waiters uint32 `json:"waiters"`
	// Private is 128 for glibc's semaphores between processes.
	Private uint32 `json:"private"`
}

// LockState is the reader's lock as seen from outside.
type LockState struct {
	Exists bool `json:"exists"`
	// Held says whether a process has it locked.
	Held bool `json:"held"`
}

// Inspect gives the state of the buffer called name. It maps nothing and
// changes nothing, and what it finds need not be a buffer: a segment that is
// too short gives the fields it has, the others 0.
//
// Errors: [InvalidName]; [NotFound] without a segment; [System].
func Inspect(name string) (State, error) {
	if err := CheckName(name); err != nil {
		return State{}, err
	}
	segPath, semWPath, semRPath, lockPath := Objects(name)
	var b [oiebSize]byte
	var s State
	exists, size, err := peek(name, segPath, b[:])
	if err != nil {
		return State{}, err
	}
	if !exists {
		return State{}, &Error{Kind: NotFound, Name: name, Err: errors.New(segPath + " does not exist")}
	}
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	s.SegmentSize = size
	s.OIEBSize = binary.LittleEndian.Uint32(b[:])
	for i := range s.Version {
		s.Version[i] = int(b[4+i])
	}
	for i, field := range []*uint64{
		&s.MetadataSize, &s.MetadataFreeBytes, &s.MetadataWrittenBytes,
		&s.PayloadSize, &s.PayloadFreeBytes, &s.PayloadWritePos, &s.PayloadReadPos,
		&s.PayloadWrittenCount, &s.PayloadReadCount, &s.WriterPID, &s.ReaderPID,
	} {
		*field = u64(8 + 8*i)
	}
	if s.SemW, err = inspectSemaphore(name, semWPath); err != nil {
		return State{}, err
	}
	if s.SemR, err = inspectSemaphore(name, semRPath); err != nil {
		return State{}, err
	}
	s.Lock, err = inspectLock(name, lockPath, s.ReaderPID)
	return s, err
}

func inspectSemaphore(name, path string) (SemState, error) {
	var b [semSize]byte
	exists, size, err := peek(name, path, b[:])
	if err != nil || !exists {
		return SemState{}, err
	}
	return SemState{
		Exists: true, Size: size,
		Value:   binary.LittleEndian.Uint32(b[0:]),
		Waiters: binary.LittleEndian.Uint32(b[4:]),
		Private: binary.LittleEndian.Uint32(b[8:]),
	}, nil
}

// inspectLock asks the kernel's table of locks: taking the lock, even shared and
// for a moment, would make a creation fail.
func inspectLock(name, path string, reader uint64) (LockState, error) {
	fd, st, err := openShared(name, path, unix.O_RDONLY)
	if errors.Is(err, NotFound) {
		return LockState{}, nil
	}
	if err != nil {
		return LockState{}, err
	}
	defer func() { _ = unix.Close(fd) }()
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return LockState{}, &Error{Kind: System, Name: name, Call: "read", Err: err}
	}
	return LockState{Exists: true, Held: lockedIn(string(table), st, reader)}, nil
}

// lockedIn says whether a table of locks has a flock of the file st. Some file
// systems have another device number there than in stat; the reader's pid then
// tells.
func lockedIn(table string, st unix.Stat_t, reader uint64) bool {
	inode := ":" + strconv.FormatUint(st.Ino, 10)
	file := fmt.Sprintf("%02x:%02x", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev))) + inode
	pid := strconv.FormatUint(reader, 10)
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) < 6 || words[1] != "FLOCK" {
			continue
		}
		if words[5] == file || words[4] == pid && strings.HasSuffix(words[5], inode) {
			return true
		}
	}
	return false
}

// peek reads the beginning of the file at path into b.
func peek(name, path string, b []byte) (exists bool, size int64, err error) {
	fd, st, err := openShared(name, path, unix.O_RDONLY)
	if errors.Is(err, NotFound) {
		return false, 0, nil
	}
	if err != nil {
		return false, 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return false, 0, system(name, "open", path, errNotRegular)
	}
	if _, err := unix.Pread(fd, b, 0); err != nil {
		return false, 0, system(name, "pread", path, err)
	}
	return true, st.Size, nil
}
