package ring

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

func packsCall(c *cell) packs.Call { return packs.Call{Cell: c} }

func TestHeaders(t *testing.T) {
	c := newCell(t)
	r, w := c.create(t, "b", ring.Sizes{Metadata: 64, Payload: 1024})
	write(t, w, 400, 400)
	c.check(t, "the frame at '416' of buffer 'b' has the size '400' and the sequence '2'", "")
	c.check(t, "the frame at '416' of buffer 'b' has the size '400' and the sequence '1'", "buffer 'b' at 416: expected size 400, sequence 1, got size 400, sequence 2")
	c.check(t, "buffer 'b' holds a wrap marker at '416'", "expected a wrap marker, got size 400, sequence 2")
	c.check(t, "buffer 'b' holds a wrap marker at '832'", "") // nothing was written there yet

	c.check(t, "the frame at '416' of buffer 'b' is given the size '18446744073709551615' and the sequence '7'", "")
	c.check(t, "the frame at '416' of buffer 'b' has the size '18446744073709551615' and the sequence '7'", "")
	read(t, r, 1)
	var wrong *ring.Error
	if _, err := r.Read(t.Context()); !errors.As(err, &wrong) || wrong.Kind != ring.Corrupt {
		t.Errorf("the reader says %v", err)
	}
}

func TestHeadersOutsideOfThePayload(t *testing.T) {
	c := newCell(t)
	c.check(t, "the frame at '0' of buffer 'b' has the size '1' and the sequence '1'", "open the segment of buffer 'b'")
	c.create(t, "b", ring.Sizes{Payload: 1024})
	c.check(t, "the frame at '1008' of buffer 'b' has the size '0' and the sequence '0'", "")
	for _, text := range []string{
		"the frame at '1009' of buffer 'b' has the size '0' and the sequence '0'",
		"the frame at '1009' of buffer 'b' is given the size '1' and the sequence '1'",
		"buffer 'b' holds a wrap marker at '18446744073709551615'",
	} {
		c.check(t, text, "its payload has 1024 bytes, a header 16")
	}
	c.check(t, "buffer 'b' holds a wrap marker at '18446744073709551616'", "'18446744073709551616' is no number")
	c.check(t, "field 'payload_size' of buffer 'b' is set to '18446744073709551615'", "")
	c.check(t, "buffer 'b' holds a wrap marker at '0'", "buffer 'b' does not say where its payload is: metadata_size 0 and payload_size 18446744073709551615 in a segment of 1152 bytes")
}

// What is no file is not read, and nobody is waited for.
func TestASegmentThatIsNoFile(t *testing.T) {
	c := newCell(t)
	path, _, _, _ := ring.Objects(c.Resource("b"))
	must(t, syscall.Mkfifo(path, 0o600))
	t.Cleanup(func() { os.Remove(path) })
	c.check(t, "buffer 'b' holds a wrap marker at '0'", "is no regular file")
	must(t, os.Remove(path))
	must(t, os.Symlink("/dev/null", path))
	c.check(t, "buffer 'b' holds a wrap marker at '0'", "too many levels of symbolic links")
}

func TestBlocks(t *testing.T) {
	c := newCell(t)
	c.create(t, "b", ring.Sizes{Metadata: 100, Payload: 1000})
	c.check(t, "the blocks of buffer 'b' begin at '0', '128' and '256' of '1280' bytes", "")
	c.check(t, "the blocks of buffer 'b' begin at '64', '128' and '256' of '1280' bytes", "expected OIEB at 64, got OIEB at 0")
	c.check(t, "the blocks of buffer 'b' begin at '0', '127' and '256' of '1280' bytes", "expected metadata at 127, got metadata at 128")
	c.check(t, "the blocks of buffer 'b' begin at '0', '128' and '192' of '1280' bytes", "expected payload at 192, got payload at 256")
	c.check(t, "the blocks of buffer 'b' begin at '0', '128' and '256' of '1344' bytes", "expected end of the payload at 1344, size of the segment 1344, got end of the payload at 1280, size of the segment 1280")
	c.check(t, "field 'metadata_size' of buffer 'b' is set to '100'", "")
	c.check(t, "the blocks of buffer 'b' begin at '0', '128' and '228' of '1252' bytes",
		"expected size of the segment 1252, payload at a multiple of 64, end of the payload at a multiple of 64, got size of the segment 1280, payload at 228, end of the payload at 1252")
}
