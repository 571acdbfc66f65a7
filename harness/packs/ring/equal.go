package ring

import (
	"context"
	"fmt"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

func equalSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `buffers '([^']+)' and '([^']+)' are equal but for their processes`, Summary: "both segments are equal byte by byte, without the pids, and so are sizes and values of the semaphores", Run: equalBuffers},
	}
}

// picture is everything of a buffer that does not depend on whose it is.
type picture struct {
	segment    []byte // with both pids zeroed
	semW, semR ring.SemState
}

func pictureOf(c packs.Call, buffer string) (picture, error) {
	state, err := ring.Inspect(c.Cell.Resource(buffer))
	if err != nil {
		return picture{}, fmt.Errorf("look at buffer '%s': %w", buffer, err)
	}
	segment, err := readObject(pathOf(c, "segment", buffer))
	if err != nil {
		return picture{}, fmt.Errorf("read the segment of buffer '%s': %w", buffer, err)
	}
	if len(segment) < oiebSize {
		return picture{}, fmt.Errorf("the segment of buffer '%s' has %d bytes, less than an OIEB", buffer, len(segment))
	}
	for _, name := range []string{"writer_pid", "reader_pid"} {
		f := fields[name]
		clear(segment[f.at : f.at+f.size])
	}
	return picture{segment, state.SemW, state.SemR}, nil
}

func equalBuffers(_ context.Context, c packs.Call) error {
	one, err := pictureOf(c, c.Args[0])
	if err != nil {
		return err
	}
	other, err := pictureOf(c, c.Args[1])
	if err != nil {
		return err
	}
	var d differences
	if len(one.segment) != len(other.segment) {
		d.compare("segment of bytes", uint64(len(one.segment)), uint64(len(other.segment)))
	} else {
		d.compareFields(one.segment, other.segment)
		d.compareBytes("segment from byte 128 on:", one.segment[oiebSize:], other.segment[oiebSize:])
	}
	d.compareSemaphore("data semaphore", one.semW, other.semW)
	d.compareSemaphore("space semaphore", one.semR, other.semR)
	return d.mismatch(fmt.Sprintf("buffer '%s' against buffer '%s'", c.Args[1], c.Args[0]))
}

func (d *differences) compareSemaphore(what string, expected, actual ring.SemState) {
	d.compare(what+" of bytes", uint64(expected.Size), uint64(actual.Size))
	d.compare(what+" with private", uint64(expected.Private), uint64(actual.Private))
	d.compare(what+" with value", uint64(expected.Value), uint64(actual.Value))
}

// compareFields names the fields of the OIEB that differ; what has no field is
// compared as bytes.
func (d *differences) compareFields(expected, actual []byte) {
	e, a := oieb(expected[:oiebSize]), oieb(actual[:oiebSize])
	for _, name := range fieldOrder() {
		f := fields[name]
		d.compare(name, e.u64(f), a.u64(f))
		clear(e[f.at : f.at+f.size])
		clear(a[f.at : f.at+f.size])
	}
	d.compareBytes("OIEB", e[:], a[:])
}
