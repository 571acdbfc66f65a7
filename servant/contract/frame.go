package contract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxFrame is the largest body a receiver accepts, in bytes.
const MaxFrame = 64 << 20

const (
	lengthHeader = "content-length"
	maxHeaders   = 16 << 10
)

// ErrFrameTooLarge means that a header announced more than MaxFrame bytes.
var ErrFrameTooLarge = errors.New("frame above 64 MiB")

// PartialFrameError means that the stream ended inside a frame.
type PartialFrameError struct {
	Got, Want int // bytes of the body
}

func (e *PartialFrameError) Error() string {
	return fmt.Sprintf("the stream ended in the middle of a frame (%d of %d bytes came)", e.Got, e.Want)
}

// AppendFrame appends body to dst as one frame.
func AppendFrame(dst, body []byte) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}

// FrameReader reads frames from a stream that may also carry bytes that belong
// to no frame. Those are handed to Stray and the reader goes on at the next
// `Content-Length:`. It is not safe for concurrent use.
type FrameReader struct {
	r     *bufio.Reader
	stray func([]byte)
	body  func(got, want int)
	buf   []byte
	carry []byte // end of a line's piece that may begin a header
}

// NewFrameReader reads from r. stray receives bytes outside of frames, in the
// order they came; progress is told how much of a frame's body has arrived
// (got, want in bytes). Either may be nil.
func NewFrameReader(r io.Reader, stray func([]byte), progress func(got, want int)) *FrameReader {
	if stray == nil {
		stray = func([]byte) {}
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	return &FrameReader{r: bufio.NewReaderSize(r, 64<<10), stray: stray, body: progress}
}

// Read returns the body of the next frame; the slice is valid until the next
// call. io.EOF means that the stream ended between frames.
func (f *FrameReader) Read() ([]byte, error) {
	length, err := f.header()
	if err != nil {
		return nil, err
	}
	if cap(f.buf) < length {
		// Grown as bytes arrive: a header alone must not cost its announced size.
		f.buf = make([]byte, 0, min(length, 1<<20))
	}
	f.buf = f.buf[:0]
	f.body(0, length)
	for len(f.buf) < length {
		if len(f.buf) == cap(f.buf) {
			grown := make([]byte, len(f.buf), min(length, 2*cap(f.buf)))
			copy(grown, f.buf)
			f.buf = grown
		}
		n, err := f.r.Read(f.buf[len(f.buf):min(length, cap(f.buf))])
		f.buf = f.buf[:len(f.buf)+n]
		f.body(len(f.buf), length)
		if err != nil && len(f.buf) < length {
			if errors.Is(err, io.EOF) {
				return nil, &PartialFrameError{Got: len(f.buf), Want: length}
			}
			return nil, fmt.Errorf("read frame body: %w", err)
		}
	}
	return f.buf, nil
}

// header reads lines until a complete block of headers with a length has come.
// Lines in front of it that are no headers of a frame are stray.
func (f *FrameReader) header() (int, error) {
	var (
		block  []byte // the current block's raw bytes, in case it turns out stray
		length = -1
	)
	for {
		line, err := f.line()
		if err != nil {
			if len(block)+len(line) > 0 {
				f.stray(append(block, line...))
				if length >= 0 && errors.Is(err, io.EOF) {
					return 0, &PartialFrameError{Want: length}
				}
			}
			return 0, err
		}
		if length < 0 {
			// Stray text without a line end may stand right before the header.
			if at := indexFold(line, lengthHeader+":"); at > 0 {
				f.stray(line[:at])
				line = line[at:]
			}
		}
		name, value, isHeader := splitHeader(line)
		switch {
		case isHeader && name == lengthHeader:
			n, err := strconv.ParseUint(value, 10, 63)
			if errors.Is(err, strconv.ErrRange) {
				return 0, fmt.Errorf("%w: Content-Length %.40s", ErrFrameTooLarge, value)
			}
			if err != nil {
				f.stray(append(block, line...))
				block, length = nil, -1
				continue
			}
			if n > MaxFrame {
				return 0, fmt.Errorf("%w: Content-Length %d", ErrFrameTooLarge, n)
			}
			length = int(n)
			block = append(block, line...)
		case length >= 0 && len(bytes.TrimRight(line, "\r\n")) == 0:
			return length, nil
		case isHeader && len(block) < maxHeaders && (length >= 0 || bytes.HasSuffix(line, []byte("\r\n"))):
			// Without a length yet, a line is a header only if it ends as one:
			// a print of "key: value" ends with a bare line feed.
			block = append(block, line...)
		default:
			f.stray(append(block, line...))
			block, length = nil, -1
		}
	}
}

// line returns the next line with its end; very long ones come in pieces, none
// of which ends inside the name of the length header.
func (f *FrameReader) line() ([]byte, error) {
	piece, err := f.r.ReadSlice('\n')
	line := append(f.carry, piece...)
	f.carry = nil
	if errors.Is(err, bufio.ErrBufferFull) {
		cut := len(line) - len(lengthHeader)
		f.carry = bytes.Clone(line[cut:])
		line, err = line[:cut:cut], nil
	}
	return line, err
}

func splitHeader(line []byte) (name, value string, ok bool) {
	n, v, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
	if !found || len(n) == 0 || bytes.ContainsAny(n, " \t") {
		return "", "", false
	}
	return strings.ToLower(string(n)), strings.TrimSpace(string(v)), true
}

// indexFold finds lower, which is ASCII in lower case, in any case. Stray bytes
// need not be text, so only ASCII letters are folded.
func indexFold(line []byte, lower string) int {
	for at := 0; at+len(lower) <= len(line); at++ {
		i := 0
		for i < len(lower) && (line[at+i] == lower[i] || line[at+i] == lower[i]&^0x20 && 'a' <= lower[i] && lower[i] <= 'z') {
			i++
		}
		if i == len(lower) {
			return at
		}
	}
	return -1
}
