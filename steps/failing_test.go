package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/servant/ring"
)

// parties are a reader and a writer with a ring between them, and the writer's
// handle for writing what no step writes.
func parties(t *testing.T) (reading, writing context.Context) {
	t.Helper()
	begin := func(role string) context.Context {
		ctx, end := servant.NewContext(context.Background(), contract.Initialize{Role: role,
			ResourcePrefix: fmt.Sprintf("parley-steps-%d-%s-", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))})
		t.Cleanup(func() {
			if err := end(); err != nil {
				t.Error(err)
			}
		})
		return ctx
	}
	reading, writing = begin("reader"), begin("writer")
	for _, err := range []error{
		waitAtMost(reading, "", 20), waitAtMost(writing, "", 20),
		createBuffer(reading, "", "b", 1024, 10240), connectToBuffer(writing, "", "b"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return reading, writing
}

// failing is a step that must fail.
type failing struct {
	name             string
	before           func(r, w context.Context) error
	step             func(r, w context.Context) error
	kind             string // Failure.Type
	expected, actual string // prefix of the latter
	message          string
}

func (f failing) run(t *testing.T) {
	t.Run(f.name, func(t *testing.T) {
		r, w := parties(t)
		if f.before != nil {
			if err := f.before(r, w); err != nil {
				t.Fatal(err)
			}
		}
		err := f.step(r, w)
		var failure *servant.Failure
		if !errors.As(err, &failure) {
			t.Fatalf("%v (%T), want a failure", err, err)
		}
		if failure.Type != f.kind || failure.Expected != f.expected || !strings.HasPrefix(failure.Actual, f.actual) ||
			f.actual == "" && failure.Actual != "" || !strings.Contains(err.Error(), f.message) {
			t.Errorf("%s: %v, expected %q, actual %q", failure.Type, err, failure.Expected, failure.Actual)
		}
	})
}

// TestStepsThatFail: each check notices what it is there for, and says what it
// expected and what came.
func TestStepsThatFail(t *testing.T) {
	write := func(sizes ...int) func(r, w context.Context) error {
		return func(_, w context.Context) error {
			for _, size := range sizes {
				if err := writeFrame(w, "", size); err != nil {
					return err
				}
			}
			return nil
		}
	}
	raw := func(data ...byte) func(r, w context.Context) error {
		return func(_, w context.Context) error { return of(w).writer.Write(w, data) }
	}
	tests := []failing{
		{"another size", write(100), func(r, _ context.Context) error { return readFrame(r, "", 1, 101) }, "AssertionFailed", "101", "100", "bytes of frame 1"},
		{"another sequence", write(100), func(r, _ context.Context) error { return readFrame(r, "", 2, 100) }, "AssertionFailed", "2", "1", "sequence number"},
		{"a wrong first byte", raw(0, 2, 3), func(r, _ context.Context) error { return readFrame(r, "", 1, 3) }, "AssertionFailed", "0x01", "0x00", "byte 0 of frame 1"},
		{"a wrong last byte", raw(1, 2, 4), func(r, _ context.Context) error { return readAndReleaseFrame(r, "", 1, 3) }, "AssertionFailed", "0x03", "0x04", "byte 2 of frame 1"},
		{"no frame", nil, func(r, _ context.Context) error { return readFrame(r, "", 1, 3) }, "ReadTimeout", "", "", "read frame 1 of 3 bytes"},
		{"a frame waits", write(5), func(r, _ context.Context) error { return findNoFrame(r, "") }, "AssertionFailed", "none", "frame 1 of 5 bytes", "frame waiting"},
		{"the writer has gone", func(_, w context.Context) error { return closeBuffer(w, "") }, func(r, _ context.Context) error { return findNoFrame(r, "") }, "AssertionFailed", "ReadTimeout", "WriterGone", "look for a frame"},
		{"range of frames", write(9, 9), func(r, _ context.Context) error { return readFrames(r, "", 1, 3, 9) }, "ReadTimeout", "", "", "read frame 3 of 9 bytes"},
		{"range backwards", nil, func(r, _ context.Context) error { return readFrames(r, "", 3, 1, 9) }, "AssertionFailed", "", "", "frames 3 to 1 are none"},
		{"count of written frames", write(1, 1), func(_, w context.Context) error { return hasWritten(w, "", 3) }, "AssertionFailed", "3", "2", "frames written"},
		{"the write succeeds", nil, func(_, w context.Context) error { return failToWrite(w, "", 5, "BufferFull") }, "AssertionFailed", "BufferFull", "success", "write frame 1 of 5 bytes: error"},
		{"another error", nil, func(_, w context.Context) error { return failToWrite(w, "", 0, "BufferFull") }, "AssertionFailed", "BufferFull", "EmptyFrame", "write frame 1 of 0 bytes: error"},
		{"an unknown error", nil, func(_, w context.Context) error { return failToWrite(w, "", 0, "Bufferful") }, "AssertionFailed", "", "", "no error named 'Bufferful'"},
		{"a frame too large", nil, func(_, w context.Context) error { return writeFrame(w, "", 10225) }, "FrameTooLarge", "", "", "write frame 1 of 10225 bytes"},
		{"full at once", write(10224), func(_, w context.Context) error { return writeFrameAtOnce(w, "", 1) }, "BufferFull", "", "", "no room within 0s"},
		{"until full but too large", nil, func(_, w context.Context) error { return writeUntilFull(w, "", 20000) }, "FrameTooLarge", "", "", "write frame 1 of 20000 bytes"},
		{"the connection succeeds", func(_, w context.Context) error { return closeBuffer(w, "") }, func(_, w context.Context) error { return failToConnect(w, "", "b", "WriterExists") }, "AssertionFailed", "WriterExists", "success", "connect to buffer 'b'"},
		{"the read succeeds", write(5), func(r, _ context.Context) error { return failToRead(r, "", "WriterDead") }, "AssertionFailed", "WriterDead", "frame 1 of 5 bytes", "read a frame"},
		{"created twice", nil, func(r, _ context.Context) error { return createBuffer(r, "", "b", 0, 64) }, "InUse", "", "", "create buffer 'b'"},
		{"metadata of another size", func(_, w context.Context) error { return writeMetadata(w, "", 10) }, func(r, _ context.Context) error { return findMetadata(r, "", 11) }, "AssertionFailed", "11", "10", "bytes of metadata"},
		{"no metadata yet", nil, func(r, _ context.Context) error { return findMetadata(r, "", 11) }, "AssertionFailed", "11", "none written", "bytes of metadata"},
		{"wrong metadata", func(_, w context.Context) error { return of(w).writer.WriteMetadata([]byte{3, 11}) }, func(r, _ context.Context) error { return findMetadata(r, "", 2) }, "AssertionFailed", "0x0a", "0x0b", "byte 1 of the metadata"},
		{"metadata there", func(_, w context.Context) error { return writeMetadata(w, "", 10) }, func(r, _ context.Context) error { return findNoMetadata(r, "") }, "AssertionFailed", "none", "10 bytes", "metadata"},
		{"metadata fits", nil, func(_, w context.Context) error { return failToWriteMetadata(w, "", 1, "MetadataTooLarge") }, "AssertionFailed", "MetadataTooLarge", "success", "write 1 bytes of metadata"},
		{"not held", nil, func(r, _ context.Context) error { return releaseFrame(r, "", 1) }, "AssertionFailed", "", "", "does not hold frame 1"},
		{"held and changed", func(r, w context.Context) error {
			if err := errors.Join(writeFrame(w, "", 5), readFrame(r, "", 1, 5)); err != nil {
				return err
			}
			of(r).reader.held[1].Data()[4] = 0
			return nil
		}, func(r, _ context.Context) error { return stillHolds(r, "", 1) }, "AssertionFailed", "0x05", "0x00", "byte 4 of frame 1"},
		{"nothing acquired", nil, func(_, w context.Context) error { return commitFrame(w, "") }, "AssertionFailed", "", "", "has acquired no frame"},
		{"nothing connected", nil, func(r, _ context.Context) error { return writeFrame(r, "", 1) }, "AssertionFailed", "", "", "connected to no buffer"},
		{"nothing created", nil, func(_, w context.Context) error { return readFrame(w, "", 1, 1) }, "AssertionFailed", "", "", "has created no buffer"},
		{"closed twice", func(_, w context.Context) error { return closeBuffer(w, "") }, func(_, w context.Context) error { return closeBuffer(w, "") }, "AssertionFailed", "", "", "no buffer open"},
	}
	for _, test := range tests {
		test.run(t)
	}
}

func TestReconnectingClosesTheEarlierWriter(t *testing.T) {
	r, w := parties(t)
	if err := errors.Join(writeFrame(w, "", 8), readAndReleaseFrame(r, "", 1, 8), connectToBuffer(w, "", "b"), hasWritten(w, "", 0)); err != nil {
		t.Fatal(err)
	}
	// Sequence numbers begin again with the connection.
	if err := errors.Join(writeFrame(w, "", 8), readAndReleaseFrame(r, "", 1, 8), hasWritten(w, "", 1)); err != nil {
		t.Error(err)
	}
}

func TestPatienceOfWhatIsOpenedLater(t *testing.T) {
	_, w := parties(t)
	if err := errors.Join(connectToBuffer(w, "", "b"), writeFrame(w, "", 10224)); err != nil {
		t.Fatal(err)
	}
	var full *ring.Error
	if err := writeFrame(w, "", 1); !errors.As(err, &full) || full.Timeout.Milliseconds() != 20 {
		t.Errorf("got %v, want a write that waited 20 ms", err)
	}
}

func TestTheEndReleasesWhatIsHeld(t *testing.T) {
	r, w := parties(t)
	if err := errors.Join(writeFrame(w, "", 8), readFrame(r, "", 1, 8), acquireFrame(w, "", 8)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(of(w).Close(), of(r).Close()); err != nil {
		t.Error(err)
	}
	if left := of(r).reader.held; len(left) != 0 {
		t.Errorf("still held: %v", left)
	}
	if _, err := os.Stat("/dev/shm/" + servant.Scenario(r).ResourceName("b")); !os.IsNotExist(err) {
		t.Errorf("the buffer is still there: %v", err)
	}
}
