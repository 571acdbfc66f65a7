package ring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// oiebFields are the offsets of the fields of 8 bytes.
var oiebFields = map[string]int{
	fieldMetadataSize: 0x08, fieldMetadataFree: 0x10, fieldMetadataWritten: 0x18,
	fieldPayloadSize: 0x20, fieldPayloadFree: 0x28, fieldWritePos: 0x30, fieldReadPos: 0x38,
	fieldWrittenCount: 0x40, fieldReadCount: 0x48, fieldWriterPID: 0x50, fieldReaderPID: 0x58,
}

// survived fails unless err is one that damage may cause.
func survived(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if err == nil {
		return
	}
	if !errors.As(err, &e) || e.Kind == System {
		t.Fatalf("error is %v", err)
	}
}

// Each field, set to each odd value, while a frame is pending and both sides
// are connected: a new writer, the writer and the reader survive, and what
// cannot be true is an error that names the field.
func TestDamagedFields(t *testing.T) {
	// Sizes are taken from the snapshot, so a side that is connected does not
	// notice them; both pids have values that can be true.
	values := []uint64{0, 1, math.MaxInt64, math.MaxUint64, math.MaxUint32, 1 << 40, 10240 + 64, 10240 + 1}
	for field, offset := range oiebFields {
		for _, value := range values {
			t.Run(fmt.Sprintf("%s=%d", field, value), func(t *testing.T) {
				r, w := pair(t, Sizes{64, 10240}, WithTimeout(5*time.Millisecond), WithSpin(0))
				ctx := within(t)
				exchange(t, r, w, 1000, 1)
				must(t, w.Write(ctx, frame(1000, 2)))
				must(t, w.Write(ctx, frame(1000, 3)))
				held, err := r.Read(ctx)
				must(t, err)
				binary.LittleEndian.PutUint64(r.seg.mem[offset:], value)
				other, connectErr := Connect(r.name)
				survived(t, connectErr)
				if connectErr == nil {
					if field != fieldWriterPID {
						t.Fatal("a second writer connected")
					}
					must(t, other.Close())
				}
				metadataErr := w.WriteMetadata([]byte{1})
				_, readMetadataErr := r.Metadata()
				writeErr := w.Write(ctx, frame(1000, 4))
				f, readErr := r.Read(ctx)
				if readErr == nil {
					if f.Sequence() != 3 {
						t.Errorf("frame %d was read, want 3", f.Sequence())
					}
					readErr = f.Release()
				}
				releaseErr := held.Release()
				all := []error{connectErr, metadataErr, readMetadataErr, writeErr, readErr, releaseErr}
				named := false
				for _, err := range all {
					survived(t, err)
					var e *Error
					if errors.As(err, &e) && e.Kind == Corrupt && e.Field == field {
						named = true
						if e.Value == e.Limit {
							t.Errorf("%v: value and limit are the same", err)
						}
					}
				}
				possible := map[string][]uint64{
					fieldMetadataSize: {0}, fieldMetadataWritten: {0, 1}, fieldPayloadFree: {0, 1},
					fieldWritePos: {0, 1}, fieldReaderPID: {0}, fieldMetadataFree: {},
				}
				if !named && !slices.Contains(possible[field], value) {
					t.Errorf("no error names %s: %v", field, all)
				}
			})
		}
	}
}

func TestDamagedHeaders(t *testing.T) {
	for _, c := range []struct {
		what           string
		size, sequence uint64
		check          func(t *testing.T, e *Error)
	}{
		{"size 0", 0, 2, isField(fieldFrameSize, 0)},
		{"all 0", 0, 0, isField(fieldFrameSize, 0)},
		{"one byte past the end", 1024 - 116 - 16 + 1, 2, isField(fieldFrameSize, 893)},
		{"overflow", math.MaxUint64, 2, isField(fieldFrameSize, math.MaxUint64)},
		{"overflow of the sum", math.MaxUint64 - 15, 2, isField(fieldFrameSize, math.MaxUint64-15)},
		{"sequence ahead", 100, 7, isGap(2, 7)},
		{"sequence 0", 100, 0, isGap(2, 0)},
		{"sequence maximal", 100, math.MaxUint64, isGap(2, math.MaxUint64)},
	} {
		t.Run(c.what, func(t *testing.T) {
			r, w := pair(t, Sizes{0, 1024})
			ctx := within(t)
			exchange(t, r, w, 100, 1)
			must(t, w.Write(ctx, frame(100, 2)))
			r.seg.setHeader(116, c.size, c.sequence)
			before := state(t, r.name)
			for range 2 {
				_, err := r.Read(ctx)
				var e *Error
				if !errors.As(err, &e) {
					t.Fatalf("error is %v", err)
				}
				c.check(t, e)
			}
			after := state(t, r.name)
			after.SemW = before.SemW
			if before != after {
				t.Errorf("a failed read changed %+v to %+v", before, after)
			}
			// Repaired, the frame is there.
			r.seg.setHeader(116, 100, 2)
			f, err := r.Read(ctx)
			must(t, err)
			must(t, f.Release())
		})
	}
}

func isField(field string, value uint64) func(*testing.T, *Error) {
	return func(t *testing.T, e *Error) {
		t.Helper()
		if e.Kind != Corrupt || e.Field != field || e.Value != value {
			t.Errorf("error is %v, want %s %d", e, field, value)
		}
	}
}

func isGap(expected, actual uint64) func(*testing.T, *Error) {
	return func(t *testing.T, e *Error) {
		t.Helper()
		if e.Kind != SequenceGap || e.Expected != expected || e.Actual != actual {
			t.Errorf("error is %v, want a gap %d, %d", e, expected, actual)
		}
	}
}

// A position that goes back to a frame that was read is not a rewind, be the
// frame a first one or not.
func TestReadPositionAtAnOldFrame(t *testing.T) {
	for _, old := range []uint64{1, 2} {
		r, w := pair(t, Sizes{0, 1024})
		ctx := within(t)
		for seq := uint64(1); seq <= old; seq++ {
			exchange(t, r, w, 100, seq)
		}
		must(t, w.Write(ctx, frame(100, old+1)))
		right := atomic.SwapUint64(&r.seg.o.payloadReadPos, 0)
		for range 2 {
			_, err := r.Read(ctx)
			isField(fieldReadPos, 0)(t, wantKind(t, err, Corrupt))
		}
		atomic.StoreUint64(&r.seg.o.payloadReadPos, right)
		readOne(t, r, old+1)
	}
}

// A writer that goes on over frames that are held is found out, and no sum of
// what is held passes the ring.
func TestFrameOverHeldFrames(t *testing.T) {
	for _, c := range []struct {
		held, pos, limit uint64
	}{
		{4, 0, 0},        // the ring is full
		{1, 0, 256 - 80}, // at 0, where it was rewound to
	} {
		t.Run(fmt.Sprintf("%d held", c.held), func(t *testing.T) {
			r, w := pair(t, Sizes{0, 256}, WithTimeout(limit))
			ctx, o := within(t), r.seg.o
			held := make([]*Frame, 0, 4)
			for seq := uint64(1); seq <= c.held; seq++ {
				must(t, w.Write(ctx, frame(48, seq)))
				f, err := r.Read(ctx)
				must(t, err)
				held = append(held, f)
			}
			r.seg.setHeader(c.pos, c.limit+1, c.held+1)
			o.payloadReadPos = c.pos
			o.payloadWritePos = (c.pos + headerSize + c.limit + 1) % 256
			o.payloadWritten++
			w.semW.post(1)
			for range 2 {
				_, err := r.Read(ctx)
				isField(fieldFrameSize, c.limit+1)(t, wantKind(t, err, Corrupt))
			}
			for _, f := range held {
				must(t, f.Release())
			}
			if o.payloadFree != 256 {
				t.Errorf("%d bytes free, want 256", o.payloadFree)
			}
		})
	}
}

// Space that damage kept from being returned is returned once the memory is
// whole again: by the next release, or with the tail before a wrap.
func TestSpaceIsReturnedLater(t *testing.T) {
	t.Run("with a release", func(t *testing.T) {
		r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
		ctx, o := within(t), r.seg.o
		must(t, w.Write(ctx, frame(100, 1)))
		f, err := r.Read(ctx)
		must(t, err)
		free := atomic.SwapUint64(&o.payloadFree, math.MaxUint64)
		isField(fieldPayloadFree, math.MaxUint64)(t, wantKind(t, f.Release(), Corrupt))
		atomic.StoreUint64(&o.payloadFree, free)
		exchange(t, r, w, 100, 2)
		if o.payloadFree != 1024 {
			t.Errorf("%d bytes free, want 1024", o.payloadFree)
		}
	})
	t.Run("with a wrap", func(t *testing.T) {
		r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
		ctx, o := within(t), r.seg.o
		exchange(t, r, w, 500, 1)
		must(t, w.Write(ctx, frame(300, 2)))
		f, err := r.Read(ctx)
		must(t, err)
		must(t, w.Write(ctx, frame(400, 3)))
		free := atomic.SwapUint64(&o.payloadFree, math.MaxUint64)
		isField(fieldPayloadFree, math.MaxUint64)(t, wantKind(t, f.Release(), Corrupt))
		for range 2 {
			_, err = r.Read(ctx)
			isField(fieldPayloadFree, math.MaxUint64)(t, wantKind(t, err, Corrupt))
		}
		atomic.StoreUint64(&o.payloadFree, free)
		readOne(t, r, 3)
		if o.payloadFree != 1024 {
			t.Errorf("%d bytes free, want 1024", o.payloadFree)
		}
	})
}

// The counter denies a frame for which there are a token and bytes.
func TestCounterThatDeniesAFrame(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(limit))
	ctx := within(t)
	must(t, w.Write(ctx, frame(100, 1)))
	atomic.StoreUint64(&r.seg.o.payloadWritten, 0)
	_, err := r.Read(ctx)
	isField(fieldWrittenCount, 0)(t, wantKind(t, err, Corrupt))
}

// However many tokens there are without frames, a read ends in its time.
func TestTokensWithoutFrames(t *testing.T) {
	r, w := pair(t, Sizes{0, 1024}, WithTimeout(20*time.Millisecond))
	ctx := within(t)
	for _, tokens := range []uint64{1, semMax, math.MaxUint32} {
		atomic.StoreUint64(r.semW.data, tokens)
		_, err := r.Read(ctx)
		wantKind(t, err, ReadTimeout)
	}
	exchange(t, r, w, 100, 1)
	atomic.StoreUint64(r.semW.data, semMax)
	isField(fieldSemW, semMax)(t, wantKind(t, w.Write(ctx, frame(100, 2)), Corrupt))
}

func TestSemaphoreOverflow(t *testing.T) {
	data := uint64(semMax)
	s := &semaphore{data: &data}
	if s.post(1) || data != semMax {
		t.Errorf("a post beyond SEM_VALUE_MAX: %d", data)
	}
	s.nudge()
	if data != semMax {
		t.Errorf("a nudge beyond SEM_VALUE_MAX: %d", data)
	}
	if s.drain(); data != 0 {
		t.Errorf("drained: %d", data)
	}
}

func TestVersions(t *testing.T) {
	r := mustCreate(t, unique(t), Sizes{0, 64})
	r.seg.o.version[0] = 2
	_, err := Connect(r.name)
	if e := wantKind(t, err, VersionMismatch); e.Value != 2 || e.Limit != 1 {
		t.Errorf("error is %v", err)
	}
	r.seg.o.version = [4]uint8{1, 7, 9, 3}
	mustConnect(t, r.name)
}

func TestTruncatedSegment(t *testing.T) {
	for _, size := range []int64{0, 1, 127, 128, 191, 255} {
		name := unique(t)
		r := mustCreate(t, name, Sizes{64, 64})
		path, _, _, _ := Objects(name)
		b, err := os.ReadFile(path)
		must(t, err)
		must(t, r.Close())
		must(t, os.WriteFile(path, b[:size], 0o600))
		_, err = Connect(name)
		wantKind(t, err, Corrupt)
		s := state(t, name)
		if s.SegmentSize != size {
			t.Errorf("%d bytes, want %d", s.SegmentSize, size)
		}
		must(t, os.Remove(path))
	}
}
