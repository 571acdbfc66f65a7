package stage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"parley.dev/parley/servant/contract"
)

// violation is something that the contract does not allow on the wire.
type violation struct{ what string }

func (v *violation) Error() string { return v.what }

func violationf(format string, args ...any) *violation {
	return &violation{fmt.Sprintf(format, args...)}
}

// quote shows bytes from the wire inside a message.
func quote(raw []byte) string {
	const limit = 120
	if len(raw) > limit {
		return fmt.Sprintf("%q… (%d bytes in all)", raw[:limit], len(raw))
	}
	return fmt.Sprintf("%q", raw)
}

// stream is the jsonrpc2.ObjectStream of one servant: frames in the contract's
// form over its pipes. It owns neither pipe; Close only stops it.
type stream struct {
	in     io.Writer
	frames *contract.FrameReader
	recent recentReader

	body []byte // of the frame that was read last; valid until the next
	out  []byte // reused; writes are serialised by jsonrpc2

	mu       sync.Mutex
	cause    error     // why reading ended, first one wins
	round    uint64    // counts limitWrites, so that an interrupt meets its own write
	deadline time.Time // of the present and the next write
}

type deadliner interface{ SetWriteDeadline(time.Time) error }

func newStream(in io.Writer, out io.Reader, stray func([]byte)) *stream {
	s := &stream{in: in, recent: recentReader{r: out}}
	s.frames = contract.NewFrameReader(&s.recent, stray, nil)
	return s
}

// ReadObject implements jsonrpc2.ObjectStream.
func (s *stream) ReadObject(v any) error {
	if s.reason() != nil {
		return io.EOF
	}
	body, err := s.frames.Read()
	if err != nil {
		var half *contract.PartialFrameError
		switch {
		case errors.As(err, &half):
			err = &halfFrame{half, bytes.Clone(s.recent.tail)}
		case errors.Is(err, contract.ErrFrameTooLarge):
			err = violationf("announced a %v", err)
		}
		s.stop(err)
		return io.EOF
	}
	s.body = body
	if err := json.Unmarshal(body, v); err != nil {
		s.stop(violationf("sent a frame that is no JSON-RPC message (%v): %s", err, quote(body)))
		return io.EOF
	}
	return nil
}

// halfFrame is an end of file inside a frame: a violation, unless the process
// was killed while it wrote.
type halfFrame struct {
	*contract.PartialFrameError
	came []byte
}

// WriteObject implements jsonrpc2.ObjectStream.
func (s *stream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	s.out = contract.AppendFrame(s.out[:0], body)
	s.mu.Lock()
	if d, ok := s.in.(deadliner); ok {
		err = d.SetWriteDeadline(s.deadline)
	}
	s.mu.Unlock()
	n := 0
	if err == nil {
		n, err = s.in.Write(s.out)
	}
	if err != nil {
		return &writeError{n, len(s.out), err}
	}
	if cap(s.out) > 1<<20 {
		s.out = nil
	}
	return nil
}

type writeError struct {
	taken, size int
	err         error
}

func (e *writeError) Error() string {
	return fmt.Sprintf("%d of %d bytes written: %v", e.taken, e.size, e.err)
}
func (e *writeError) Unwrap() error { return e.err }

// Close implements jsonrpc2.ObjectStream.
func (s *stream) Close() error {
	s.stop(io.EOF)
	return nil
}

func (s *stream) stop(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		s.cause = cause
	}
}

// reason returns why reading ended, nil while it goes on.
func (s *stream) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// limitWrites sets the deadline of the next writes and returns a number for
// interruptWrite.
func (s *stream) limitWrites(at time.Time) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.round++
	s.deadline = at
	return s.round
}

// interruptWrite ends the writes that limitWrites numbered round, and no later
// ones.
func (s *stream) interruptWrite(round uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.round != round {
		return
	}
	s.deadline = time.Unix(1, 0)
	if d, ok := s.in.(deadliner); ok {
		_ = d.SetWriteDeadline(s.deadline)
	}
}

// recentReader remembers the last bytes that passed, for messages.
type recentReader struct {
	r    io.Reader
	tail []byte
}

func (r *recentReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	const keep = 100
	if n >= keep {
		r.tail = append(r.tail[:0], p[n-keep:n]...)
	} else if n > 0 {
		r.tail = append(r.tail, p[:n]...)
		if over := len(r.tail) - keep; over > 0 {
			r.tail = append(r.tail[:0], r.tail[over:]...)
		}
	}
	return n, err
}
