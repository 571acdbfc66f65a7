package ring

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Kind names what went wrong, with the names that all languages share
// ("Errors"). A Kind is itself an error, so that errors.Is(err, ring.BufferFull)
// asks for it.
type Kind int

const (
	// InvalidName: the buffer's name is not allowed.
	InvalidName Kind = iota + 1
	// InUse: the name belongs to a buffer that is alive.
	InUse
	// NotFound: there is no buffer of that name.
	NotFound
	// NoReader: the buffer has no reader, or its reader closed it.
	NoReader
	// WriterExists: another writer is connected.
	WriterExists
	// VersionMismatch: the layout's major version is not 1.
	VersionMismatch
	// Corrupt: shared memory holds what cannot be true.
	Corrupt
	// MetadataTooLarge: the metadata does not fit into the metadata block.
	MetadataTooLarge
	// MetadataAlreadyWritten: metadata is written once per buffer.
	MetadataAlreadyWritten
	// NoMetadataBlock: the buffer was created with a metadata size of 0.
	NoMetadataBlock
	// FrameTooLarge: the frame could never fit into this ring.
	FrameTooLarge
	// EmptyFrame: a frame has at least one byte.
	EmptyFrame
	// BufferFull: the reader did not make room within the write timeout.
	BufferFull
	// ReadTimeout: no frame came within the read timeout.
	ReadTimeout
	// ReaderDead: the reader's process ended without closing.
	ReaderDead
	// WriterDead: the writer's process ended without closing.
	WriterDead
	// WriterGone: the writer closed in order.
	WriterGone
	// SequenceGap: a frame does not have the sequence number that is next.
	SequenceGap
	// Closed: this side was closed by its own process.
	Closed
	// System: a system call failed.
	System
)

var kinds = [...]string{
	InvalidName: "InvalidName", InUse: "InUse", NotFound: "NotFound", NoReader: "NoReader",
	WriterExists: "WriterExists", VersionMismatch: "VersionMismatch", Corrupt: "Corrupt",
	MetadataTooLarge: "MetadataTooLarge", MetadataAlreadyWritten: "MetadataAlreadyWritten",
	NoMetadataBlock: "NoMetadataBlock", FrameTooLarge: "FrameTooLarge", EmptyFrame: "EmptyFrame",
	BufferFull: "BufferFull", ReadTimeout: "ReadTimeout", ReaderDead: "ReaderDead",
	WriterDead: "WriterDead", WriterGone: "WriterGone", SequenceGap: "SequenceGap",
	Closed: "Closed", System: "System",
}

// String is the name that all languages share.
func (k Kind) String() string {
	if k < InvalidName || int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return kinds[k]
}

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return "ring: " + k.String() }

// Error is the error of every call of this package, except that a cancelled
// context gives an error that wraps the context's.
type Error struct {
	Kind Kind
	// Name is the buffer's name.
	Name string
	// Field names what is wrong in shared memory (Corrupt, VersionMismatch).
	Field string
	// Value is what was found: the field's value (Corrupt, VersionMismatch)
	// or the size asked for in bytes (FrameTooLarge, MetadataTooLarge).
	Value uint64
	// Limit is what Value must not exceed, or must be.
	Limit uint64
	// Expected and Actual are sequence numbers (SequenceGap).
	Expected, Actual uint64
	// Timeout is how long the call waited (BufferFull, ReadTimeout).
	Timeout time.Duration
	// PID is the process that owns the buffer, writes it or died; 0 if unknown.
	PID int
	// Call is the system call that failed (System).
	Call string
	// Err is the cause, if there is one; for System it wraps the errno.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ring %q: ", e.Name)
	switch e.Kind {
	case InvalidName:
		b.WriteString("invalid name")
	case InUse:
		b.WriteString("already in use")
		e.writePID(&b, " by")
	case NotFound:
		b.WriteString("not found: no reader has created it")
	case NoReader:
		b.WriteString("no reader: it was closed or died")
		e.writePID(&b, ",")
	case WriterExists:
		b.WriteString("another writer is connected")
		e.writePID(&b, ",")
	case VersionMismatch:
		fmt.Fprintf(&b, "layout version %d, only version %d is understood", e.Value, e.Limit)
	case Corrupt:
		fmt.Fprintf(&b, "corrupt: %s is %d, limit %d", e.Field, e.Value, e.Limit)
	case MetadataTooLarge:
		fmt.Fprintf(&b, "metadata of %d bytes is too large, at most %d fit", e.Value, e.Limit)
	case MetadataAlreadyWritten:
		b.WriteString("metadata is already written and can be written once")
	case NoMetadataBlock:
		b.WriteString("it has no metadata block; create it with a metadata size above 0")
	case FrameTooLarge:
		fmt.Fprintf(&b, "frame of %d bytes is too large for this ring, at most %d fit", e.Value, e.Limit)
	case EmptyFrame:
		b.WriteString("a frame has at least 1 byte")
	case BufferFull:
		fmt.Fprintf(&b, "buffer full: the reader made no room within %v", e.Timeout)
	case ReadTimeout:
		fmt.Fprintf(&b, "no frame within %v", e.Timeout)
	case ReaderDead:
		b.WriteString("reader dead")
		e.writePID(&b, ",")
	case WriterDead:
		b.WriteString("writer dead")
		e.writePID(&b, ",")
	case WriterGone:
		b.WriteString("writer gone: it closed and every frame was read")
	case SequenceGap:
		fmt.Fprintf(&b, "sequence gap: expected %d, got %d", e.Expected, e.Actual)
	case Closed:
		b.WriteString("closed")
	case System:
		b.WriteString(e.Call)
	default:
		b.WriteString(e.Kind.String())
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *Error) writePID(b *strings.Builder, before string) {
	if e.PID != 0 {
		fmt.Fprintf(b, "%s pid %d", before, e.PID)
	}
}

// Unwrap gives the Kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Details are the values that the kind carries, under the names that all
// languages share: field, value, limit, size, largest, timeout (in
// milliseconds), expected, actual, call, errno.
func (e *Error) Details() map[string]any {
	switch e.Kind {
	case Corrupt:
		return map[string]any{"field": e.Field, "value": e.Value, "limit": e.Limit}
	case FrameTooLarge:
		return map[string]any{"size": e.Value, "largest": e.Limit}
	case BufferFull:
		return map[string]any{"timeout": e.Timeout.Milliseconds()}
	case SequenceGap:
		return map[string]any{"expected": e.Expected, "actual": e.Actual}
	case System:
		var errno unix.Errno
		errors.As(e.Err, &errno)
		return map[string]any{"call": e.Call, "errno": int(errno)}
	default:
		return map[string]any{}
	}
}

func corrupt(name, field string, value, limit uint64) error {
	return &Error{Kind: Corrupt, Name: name, Field: field, Value: value, Limit: limit}
}

// system reports a failed system call on path. Full shared memory, the most
// frequent cause, gets a word on what to do.
func system(name, call, path string, err error) error {
	if errors.Is(err, unix.ENOSPC) {
		err = fmt.Errorf("%s: %w; free space there or ask for smaller sizes", path, err)
	} else {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return &Error{Kind: System, Name: name, Call: call, Err: err}
}
