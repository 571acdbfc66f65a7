package ring

import (
	"context"
	"fmt"
	"os"

	"parley.dev/parley/harness/packs"
)

func blockSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the blocks of ` + buffer + ` begin at '(\d+)', '(\d+)' and '(\d+)' of '(\d+)' bytes`,
			Summary: "OIEB, metadata and payload begin there, at multiples of 64, and end with the segment", Run: blocksBegin},
	}
}

// blocksBegin checks ring protocol, Segment: 128 + M + P bytes, M and P multiples
// of 64.
func blocksBegin(_ context.Context, c packs.Call) error {
	var want [4]uint64
	for i := range want {
		var err error
		if want[i], err = c.Uint(1 + i); err != nil {
			return err
		}
	}
	s, err := openSegment(c, c.Args[0], os.O_RDONLY)
	if err != nil {
		return err
	}
	defer s.Close()
	info, err := s.Stat()
	if err != nil {
		return fmt.Errorf("look at the segment of buffer '%s': %w", s.buffer, err)
	}
	o, err := s.oieb()
	if err != nil {
		return err
	}
	metadata := o.get("oieb_size")
	payload := metadata + o.get("metadata_size")
	end := payload + o.get("payload_size")
	var d differences
	d.compare("OIEB at", want[0], 0)
	d.compare("metadata at", want[1], metadata)
	d.compare("payload at", want[2], payload)
	d.compare("end of the payload at", want[3], end)
	d.compare("size of the segment", want[3], uint64(info.Size()))
	for _, block := range []struct {
		what string
		at   uint64
	}{{"metadata", metadata}, {"payload", payload}, {"end of the payload", end}} {
		if block.at%alignment != 0 {
			d.add(block.what, fmt.Sprintf("at a multiple of %d", alignment), fmt.Sprintf("at %d", block.at))
		}
	}
	return d.mismatch(fmt.Sprintf("buffer '%s'", s.buffer))
}
